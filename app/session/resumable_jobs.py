"""Tasks of servers outlive the window: on disk until they are over, taken up when it is back."""

from functools import partial
from itertools import product

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.journal.pending_files import TaskFiles
from app.journal.pending_tasks import FindTasks, PendingRequest, PendingTask
from app.services.jobs import Job, JobQueue, JobState
from app.session.painter import Painter
from app.session.remover import Remover
from app.session.session import Session
from engine.comfy.errors import ServerCertificate, ServerDenied, ServerLost, ServerUnreachable
from engine.dispatch.choice import ServerOffer
from engine.errors import ServerMissing
from engine.jobs.backend import Capability
from engine.jobs.requests import InpaintRequest, Priority, RemoveRequest
from engine.models.families import Kind

ON_THE_WAY = (ServerUnreachable, ServerDenied, ServerCertificate, ServerLost, ServerMissing)
FORGET_MS = 3000  # by then the journal has the variant


class ResumableJobs(QObject):
    """One for a window."""

    waits = Signal(int)  # so many tasks of the picture, for a server

    def __init__(
        self,
        session: Session,
        removing: Remover,
        painting: Painter,
        files: TaskFiles,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._removing, self._painting = session, removing, painting
        self._files = files
        self._over: list[PendingTask] = []  # to be forgotten in a moment
        self._failed: list[PendingTask] = []  # on the way: they can be taken up another time
        self._is_leaving = False
        self._waiting: list[PendingTask] = []
        session.opened.connect(self._on_opened)
        session.jobs.changed.connect(self._on_job)
        painting.engines.changed.connect(self._go_on)

    def leave(self) -> None:
        """The window is about to go: what is cancelled from now on is taken up another time."""
        self._is_leaving = True
        self._session.jobs.detach()
        for each in list(self._over):  # whether to keep what they gave was asked
            self._forget(each)

    def close(self) -> None:
        """After the jobs have ended: wait until all is on disk."""
        self._files.close()

    @Slot()
    def _on_opened(self) -> None:
        document = self._session.document
        for each in self._waiting:
            self._files.release(each.path)
        self._waiting, self._failed = [], []
        if document is None or not self._files.folder.is_dir():
            return
        self._files.tidy()
        lease = document.lease(mask=False)
        work = FindTasks(
            folder=self._files.folder,
            view=lease.view,
            revision=lease.revision,
            claims=self._files,
        )
        self._session.jobs.ask(
            "take_up", work, partial(self._on_found, self._session.serial), keep=lease,
            queue=JobQueue.MASKS, priority=Priority.PREPARE, on_failed=lambda _: None,
        )  # fmt: skip

    def _on_found(self, serial: int, found: list[PendingTask]) -> None:
        if serial != self._session.serial:
            for each in found:
                self._files.release(each.path)
            return
        self._waiting = found
        if not found:
            return
        if not self._go_on():
            self.waits.emit(len(self._waiting))

    @Slot()
    def discard(self) -> None:
        """What waits is not wanted any more; a server that has it finishes it for nobody."""
        for each in self._waiting:
            self._files.forget(each)
        self._waiting = []

    @Slot()
    def _go_on(self) -> bool:
        """Ask for what waits, as soon as a server can do it; whether nothing waits any more."""
        there = self._painting.engines.server_offer
        ready = [each for each in self._waiting if _can_go_on(each, there)]
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
        if job.state is JobState.WAITING:
            self._replace_failed(job.request)
        if isinstance(job.request, PendingTask) and not self._is_leaving:
            self._note(job.request, job)

    def _note(self, task: PendingTask, job: Job) -> None:
        match job.state:
            case JobState.WAITING:
                self._over = [each for each in self._over if each is not task]
                self._files.keep_again(task)
            case JobState.CANCELLED:
                self._files.forget(task)
            case JobState.FAILED if isinstance(job.error, ON_THE_WAY):
                self._failed.append(task)
            case JobState.FAILED | JobState.DONE:
                self._over.append(task)
                QTimer.singleShot(FORGET_MS, self, partial(self._forget, task))
            case JobState.RUNNING:
                pass

    def _replace_failed(self, request: object) -> None:
        """Who asks anew for the same place, here or there, does not wait for what failed."""
        if isinstance(request, PendingTask) and request in self._failed:
            self._failed.remove(request)  # this very one, once more
            return
        wanted = request.request if isinstance(request, PendingTask) else request
        for each in [each for each in self._failed if _is_anew(wanted, each.request)]:
            self._failed.remove(each)
            self._files.forget(each)

    def _forget(self, task: PendingTask) -> None:
        """Unless it was asked for again meanwhile."""
        if task in self._over:
            self._over.remove(task)
            self._files.forget(task)


def _is_anew(wanted: object, before: PendingRequest) -> bool:
    """Whether both are of one kind, for places that overlap."""
    if not isinstance(wanted, RemoveRequest | InpaintRequest) or type(wanted) is not type(before):
        return False
    pairs = product(wanted.holes, before.holes)
    return any(not a.rect.intersect(b.rect).is_empty for a, b in pairs)


def _can_go_on(task: PendingTask, there: ServerOffer) -> bool:
    """Whether a server is there that has all that it needs."""
    if not isinstance(task.request, InpaintRequest):
        return Capability.REMOVE in there.capabilities
    settings = task.request.settings
    named = [(Kind.CHECKPOINT, settings.checkpoint)] if settings.checkpoint else []
    named += [(Kind.LORA, lora.name) for lora in settings.loras if lora.weight]
    is_able = Capability.INPAINT in there.capabilities
    return is_able and all(there.stock.named(kind, name) for kind, name in named)
