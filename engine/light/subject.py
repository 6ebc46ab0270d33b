"""U-2-Net's small form and IS-Net on onnxruntime: how much each pixel belongs to the subject.

The plane is what the network says. Its authors stretch it to its own extremes, which turns a
picture without a subject into noise; here nothing is stretched.
"""

import cv2
import numpy as np

from engine.geometry import Image
from engine.jobs.backend import JobContext
from engine.jobs.operations import Floats
from engine.light.assembly import assembled, skeleton
from engine.light.sessions import LightSession
from engine.light.weights import read_weights
from engine.models.families import Family
from engine.models.model_file import ModelFile

SIDES_PX = {Family.U2NETP: 320, Family.ISNET: 1024}
_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


class LightSubject:
    """The network, loaded."""

    def __init__(self, session: LightSession, family: Family) -> None:
        self._session, self._family = session, family

    def plane(self, pixels: Image, job: JobContext) -> Floats:
        """(S, S) float32, 0..1, of an (S, S, 3) picture; what is no number is 0."""
        pixels = _scaled(pixels, SIDES_PX[self._family])
        (found,) = self._session.run({"pixels": normalised(pixels, self._family)}, job, "subject")
        job.report(1.0, "subject")
        plane = np.nan_to_num(found[0, 0], nan=0.0, posinf=1.0, neginf=0.0)
        return np.ascontiguousarray(np.clip(plane, 0, 1), np.float32)


def load(model: ModelFile) -> LightSubject:
    """Raises ModelUnreadable, ModelUnsafe, OutOfMemory."""
    family = model.family or Family.U2NETP
    weights = read_weights(model.path, family)
    graph = skeleton(family.value)
    return LightSubject(LightSession(assembled(graph, weights, model.path)), family)


def normalised(pixels: Image, family: Family) -> Floats:
    """(1, 3, S, S) of (S, S, 3) levels, as each network was trained.

    U-2-Net takes the lightest level as 1, then the means and deviations of ImageNet; IS-Net half of
    the range as 0.
    """
    if family is Family.ISNET:
        values = pixels.astype(np.float32) / np.float32(255) - np.float32(0.5)
    else:
        lightest = np.float32(max(int(pixels.max(initial=0)), 1))
        values = (pixels.astype(np.float32) / lightest - _MEAN) / _DEVIATION
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None], np.float32)


def _scaled(pixels: Image, side: int) -> Image:
    if pixels.shape[:2] == (side, side):
        return pixels
    return np.asarray(cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
