"""Selects the subject of a picture by a network of the engine process.

The network's plane is brought to full size as the answers to clicks are: cleaned of specks and
small holes, enlarged, and drawn to the edges of the picture.
"""

import numpy as np

from engine.errors import NoSubject
from engine.geometry import Size
from engine.jobs.backend import JobContext
from engine.jobs.operations import Floats, Perform, Salient
from engine.jobs.requests import SegmentRequest, SegmentResult
from engine.local.segment.outlines import cleaned, fine
from engine.local.segment.scaling import scale_picture, side_px
from engine.models.model_file import ModelFile

LEAST, MOST = 0.0005, 0.98  # shares of the picture that a subject may cover
_SUREST = 1e-4  # from 0 and from 1: so far a plane is trusted


def select_subject(
    ask: Perform, model: ModelFile, request: SegmentRequest, job: JobContext
) -> SegmentResult:
    """One candidate. Raises NoSubject where the network marks next to nothing, or everything."""
    pixels = scale_picture(request.image, side_px(model)).pixels
    plane = ask(Salient(model=model, pixels=pixels), job)
    assert isinstance(plane, np.ndarray)
    logits = subject_logits(np.asarray(plane, np.float32))
    job.report(0.8, "outline")
    shape = cleaned(logits, (), Size.of(request.image))
    marked = shape > 0
    if not LEAST <= float(marked.mean()) <= MOST:
        raise NoSubject
    candidate = fine(shape, float(plane[marked].mean()), request.image)
    if candidate is None:
        raise NoSubject
    engine = model.family.value if model.family is not None else model.name
    return SegmentResult(candidates=(candidate,), engine=engine, revision=request.revision)


def subject_logits(plane: Floats) -> Floats:
    """(S, S) logits of an (S, S) plane, 0..1: above 0 where more than half belongs to it."""
    share = np.clip(plane, _SUREST, 1 - _SUREST)
    return np.asarray(np.log(share / (1 - share)), np.float32)
