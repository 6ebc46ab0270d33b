"""The built-in backend: classical selection and removal in the worker's own thread, no download."""

from collections import OrderedDict

from engine.builtin.fill.fill import fill
from engine.builtin.select.select import PreparedPicture, box_candidates, candidates, draft, prepare
from engine.builtin.subject import subject
from engine.errors import CapabilityMissing, NothingFound
from engine.geometry import Image
from engine.jobs.backend import Capability, JobContext
from engine.jobs.paint_settings import Painted, PaintSettings
from engine.jobs.requests import (
    FindRequest,
    FindResult,
    Hole,
    PrepareRequest,
    SegmentRequest,
    SegmentResult,
)

KEPT = 3  # pictures: the open one, the one before an edit, and one to go back to


class BuiltinBackend:
    """Classical methods; keeps the prepared form of the last few pictures under their keys."""

    name = "builtin"

    def __init__(self) -> None:
        self._prepared: OrderedDict[str, PreparedPicture] = OrderedDict()

    def capabilities(self) -> frozenset[Capability]:
        return frozenset({Capability.CLICK, Capability.BOX, Capability.SUBJECT, Capability.REMOVE})

    def prepare(self, request: PrepareRequest, job: JobContext) -> None:
        self._prepare(request.image, request.key, job)

    def segment(self, request: SegmentRequest, job: JobContext) -> SegmentResult:
        """Raises NothingFound when neither clicks nor box lead to an object, NoSubject."""
        prepared = self._prepare(request.image, request.key, job)
        job.report(0.5, "segment")
        if request.subject:
            found = subject(prepared, request.image, job)
        elif request.box is not None and request.prior is None:
            found = box_candidates(prepared, request.image, request.box, job)
        elif request.draft and request.prior is None:
            found = [draft(prepared, request.clicks, job)]
        else:
            found = candidates(prepared, request.image, request.clicks, job, prior=request.prior)
        if not found:
            raise NothingFound
        return SegmentResult(candidates=tuple(found), engine=self.name, revision=request.revision)

    def find(self, request: FindRequest, job: JobContext) -> FindResult:
        """Raises CapabilityMissing: it knows no words."""
        raise CapabilityMissing(self.name, Capability.FIND.value)

    def inpaint(self, hole: Hole, settings: PaintSettings, seed: int, job: JobContext) -> Painted:
        """Raises CapabilityMissing: it takes no prompts."""
        raise CapabilityMissing(self.name, Capability.INPAINT.value)

    def fill(self, hole: Hole, seed: int, job: JobContext) -> Image:
        return fill(hole.image, hole.mask, seed, job.report, wanted=hole.blend)

    def close(self) -> None:
        self._prepared.clear()

    def _prepare(self, image: Image, key: str, job: JobContext) -> PreparedPicture:
        """From the cache, or anew; the least recently used picture makes room."""
        if key not in self._prepared:
            job.report(0.0, "prepare")
            self._prepared[key] = prepare(image, job)
        self._prepared.move_to_end(key)
        while len(self._prepared) > KEPT:
            self._prepared.popitem(last=False)
        return self._prepared[key]
