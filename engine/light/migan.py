"""MI-GAN on onnxruntime: its generator alone, at the size it was trained for.

The pipeline that its authors publish as ONNX crops, blends and pastes inside the graph, and writes
beside the hole; here the caller does all of that.
"""

import cv2
import numpy as np

from engine.geometry import Image, Mask
from engine.jobs.backend import JobContext
from engine.light.assembly import assembled, skeleton
from engine.light.lama import levels
from engine.light.sessions import LightSession
from engine.light.weights import read_weights
from engine.models.families import Family
from engine.models.model_file import ModelFile

SIDE_PX = 512


class LightMigan:
    """The network, loaded."""

    def __init__(self, session: LightSession) -> None:
        self._session = session

    def fill(self, image: Image, mask: Mask, job: JobContext) -> Image:
        """(h, w, 3): new where the (h, w) mask is above 0, else the image. Sides of any length."""
        size = mask.shape[::-1]
        pixels = _scaled(image, (SIDE_PX, SIDE_PX)).astype(np.float32) / np.float32(127.5) - 1
        hole = (_scaled(mask, (SIDE_PX, SIDE_PX)) > 0).astype(np.float32)
        canvas = np.concatenate([0.5 - hole[None], pixels.transpose(2, 0, 1) * (1 - hole)])
        inputs = {"canvas": np.ascontiguousarray(canvas[None], np.float32)}
        (drawn,) = self._session.run(inputs, job, "fill")
        job.report(1.0, "fill")
        fresh = _scaled(levels((drawn[0].transpose(1, 2, 0) + 1) * 127.5), size)
        return np.where(mask[..., None] > 0, fresh, image).astype(np.uint8)


def load(model: ModelFile) -> LightMigan:
    """Raises ModelUnreadable, ModelUnsafe, OutOfMemory."""
    weights = read_weights(model.path, Family.MIGAN)
    return LightMigan(LightSession(assembled(skeleton("migan"), weights, model.path)))


def _scaled(array: Image | Mask, size: tuple[int, ...]) -> Image:
    """A picture or mask at another width and height; the same where it has them."""
    if array.shape[1::-1] == size:
        return array
    is_smaller = size[0] * size[1] < array.shape[0] * array.shape[1]
    how = cv2.INTER_AREA if is_smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(array, size, interpolation=how), np.uint8)
