"""Tasks of servers outlive the window: kept while they are under way, taken up when it is back."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from app import pending
from app.jobs import Desk, Job, State
from app.pending import Kept, Lasting, LookFor
from app.session import Level, Session
from app.session_paint import Painting
from app.session_remove import Removing
from engine.backend import Capability
from engine.comfy.errors import ServerCertificate, ServerDenied, ServerLost, ServerUnreachable
from engine.requests import InpaintRequest, RemoveRequest

ON_THE_WAY = (ServerUnreachable, ServerDenied, ServerCertificate, ServerLost)
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
        self._waiting: list[Lasting] = []
        removing.wrap = painting.wrap = self._wrap
        session.opened.connect(self._on_opened)
        session.jobs.changed.connect(self._on_job)
        painting.engines.changed.connect(self._go_on)

    def _wrap(self, request: Kept, desk: Desk) -> Kept | Lasting:
        document = self._session.document
        if desk is not Desk.SERVER or document is None:
            return request
        return pending.lasting(self._folder, request, document.size)

    @Slot()
    def _on_opened(self) -> None:
        document = self._session.document
        self._waiting = []
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
        self._waiting = found
        if not self._go_on():
            count = len(self._waiting)
            text = self.tr("%n task(s) of this picture wait for the server.", "", count)
            self._session.say(text, Level.WARNING)

    @Slot()
    def _go_on(self) -> bool:
        """Ask for what waits, as soon as a server can do it; whether nothing waits any more."""
        able = self._painting.engines.there.able
        ready = [each for each in self._waiting if _need(each) in able]
        self._waiting = [each for each in self._waiting if each not in ready]
        if ready:
            text = self.tr("%n task(s) of this picture went on at the server.", "", len(ready))
            self._session.say(text)
        for each in ready:
            match each.request:
                case InpaintRequest() as request:
                    self._painting.take_up(request, each)
                case RemoveRequest() as request:
                    self._removing.take_up(request, each)
        return not self._waiting

    @Slot(object)
    def _on_job(self, job: Job) -> None:
        """What is over is forgotten, a moment later: first the journal writes what it gave.

        What failed on the way to a server goes on there, or can: it is taken up another time.
        """
        if not job.is_over or not isinstance(job.request, Lasting):
            return
        if not (job.state is State.FAILED and isinstance(job.error, ON_THE_WAY)):
            QTimer.singleShot(FORGET_MS, self, partial(self._forget, job.request))

    def _forget(self, lasting: Lasting) -> None:
        """Unless it was asked for again meanwhile."""
        if not any(job.request is lasting for job in self._session.jobs.shown()):
            pending.forget(lasting)


def _need(lasting: Lasting) -> Capability:
    is_painting = isinstance(lasting.request, InpaintRequest)
    return Capability.INPAINT if is_painting else Capability.REMOVE
