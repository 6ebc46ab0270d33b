"""Tasks of servers outlive the window: kept while they are under way, taken up when it is back."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from app import pending
from app.jobs import Desk, Job
from app.pending import Kept, Lasting, LookFor
from app.session import Session
from app.session_paint import Painting
from app.session_remove import Removing
from engine.requests import InpaintRequest, RemoveRequest

FORGET_MS = 3000  # by then the journal has the variant


class TakingUp(QObject):
    """One for a window."""

    def __init__(
        self,
        session: Session,
        removing: Removing,
        painting: Painting,
        folder: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._removing, self._painting = session, removing, painting
        self._folder = folder
        removing.wrap = painting.wrap = self._wrap
        session.opened.connect(self._on_opened)
        session.jobs.changed.connect(self._on_job)

    def _wrap(self, request: Kept, desk: Desk) -> Kept | Lasting:
        document = self._session.document
        if desk is not Desk.SERVER or document is None:
            return request
        return pending.lasting(self._folder, request, document.size)

    @Slot()
    def _on_opened(self) -> None:
        document = self._session.document
        if document is None or not self._folder.is_dir():
            return
        lease = document.lease(mask=False)
        work = LookFor(
            folder=self._folder,
            view=lease.view,
            revision=lease.revision,
            busy=pending.under_way([job.request for job in self._session.jobs.shown()]),
        )
        self._session.jobs.ask(
            "take_up", work, partial(self._on_found, self._session.serial), keep=lease,
            desk=Desk.MASKS, on_failed=lambda _: None,
        )  # fmt: skip

    def _on_found(self, serial: int, found: list[Lasting]) -> None:
        if not found or serial != self._session.serial:
            return
        text = self.tr("%n task(s) of this picture went on at the server.", "", len(found))
        self._session.say(text)
        for each in found:
            match each.request:
                case InpaintRequest() as request:
                    self._painting.take_up(request, each)
                case RemoveRequest() as request:
                    self._removing.take_up(request, each)

    @Slot(object)
    def _on_job(self, job: Job) -> None:
        """What is over is forgotten, a moment later: first the journal writes what it gave."""
        if job.is_over and isinstance(job.request, Lasting):
            QTimer.singleShot(FORGET_MS, partial(pending.forget, job.request))
