"""The painting as it stands while it is under way, in its place in the picture."""

import cv2
import numpy as np
from PySide6.QtCore import QElapsedTimer, QObject, Signal, Slot

from app.services.jobs import Job, JobState
from app.session.session import Session
from engine.geometry import Image
from engine.jobs.requests import Hole, InpaintRequest, Patch
from engine.selection import masks

PIXELS_PER_MS = 4000  # large crops are shown less often: the window comes first


class StepPreview(QObject):
    """Patches of the job that paints now, none between two jobs."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._job: Job | None = None
        self._patches: dict[int, Patch] = {}
        self._clock = QElapsedTimer()
        self._pause_ms = 0
        session.jobs.changed.connect(self._on_job)
        session.opened.connect(self._clear)

    @property
    def patches(self) -> tuple[Patch, ...]:
        return tuple(self._patches.values())

    @Slot(object)
    def _on_job(self, job: Job) -> None:
        if not isinstance(job.request, InpaintRequest):
            return
        if job.is_over:
            if job is self._job:
                self._clear()
        elif job.state is JobState.RUNNING and job.preview is not None:
            self._show(job, job.request, job.preview)

    def _show(self, job: Job, request: InpaintRequest, preview: Image) -> None:
        document = self._session.document
        fits = document and all(h.rect.clamp(document.size) == h.rect for h in request.holes)
        if not fits or (job is self._job and self._clock.elapsed() < self._pause_ms):
            return
        if job is not self._job:
            self._job, self._patches = job, {}
        index = hole_at(request, job.fraction)
        hole = request.holes[index]
        self._patches[index] = in_place(hole, preview)
        self._pause_ms = hole.rect.size.pixels // PIXELS_PER_MS
        self._clock.start()
        self.changed.emit()

    @Slot()
    def _clear(self) -> None:
        if self._patches:
            self._job, self._patches = None, {}
            self.changed.emit()


def hole_at(request: InpaintRequest, fraction: float) -> int:
    """Which hole is worked on: each takes a part of the progress as large as its crop."""
    sizes = [hole.rect.size.pixels for hole in request.holes]
    ends = np.cumsum(sizes) / sum(sizes)
    return min(int(np.searchsorted(ends, fraction, side="right")), len(sizes) - 1)


def in_place(hole: Hole, preview: Image) -> Patch:
    """A small picture of the crop, enlarged, where the hole is."""
    inside = masks.bounds(hole.blend)
    size = (hole.rect.width, hole.rect.height)
    large = cv2.resize(preview, size, interpolation=cv2.INTER_LINEAR)
    return Patch(
        rect=inside.moved(hole.rect.x, hole.rect.y),
        pixels=np.ascontiguousarray(np.asarray(large, np.uint8)[inside.slices]),
        blend=np.ascontiguousarray(hole.blend[inside.slices]),
    )
