"""The job queues of a window: requests go to worker threads, their events come back as signals."""

import itertools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Any, Protocol, TypeAlias, runtime_checkable

from PySide6.QtCore import QObject, Qt, Signal, Slot

from engine.errors import EngineError
from engine.geometry import Image
from engine.jobs.backend import Backend, JobContext
from engine.jobs.events import Event, Failed, Finished, JobCancelled, Progress, Started
from engine.jobs.requests import Priority
from engine.jobs.worker import Worker


class JobState(Enum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobQueue(Enum):
    """The queues, each with its own threads, so that a click does not wait for an export."""

    ENGINE = "engine"  # what is built in
    LOCAL = "local"  # models on this computer, with torch
    LIGHT = "light"  # small ones, without: a click does not wait for a painting
    SERVER = "server"  # the user's servers
    WORKFLOW = "workflow"  # several engines, one after the other
    MASKS = "masks"
    FILES = "files"  # opening and reading
    SAVING = "saving"  # projects and exports: never behind a file that is slow to open
    MODELS = "models"  # what is at hand, and what may be fetched
    DOWNLOADS = "downloads"  # hours of them
    HEALTH = "health"  # of the servers


MODELS_HERE = (JobQueue.LOCAL, JobQueue.LIGHT)  # each with a process of its own
ENGINES = (JobQueue.ENGINE, *MODELS_HERE, JobQueue.SERVER)
THREADS = {
    JobQueue.SERVER: 8,  # the pool there lets through what its servers can take
    JobQueue.HEALTH: 4,  # one that is silent keeps nobody waiting
}
FREEING_S = 0.5  # so long a task of a model has to end before its process is ended
MakeBackend: TypeAlias = Callable[[], Backend]


@runtime_checkable
class FreesMemory(Protocol):
    """A backend that can give its memory back; may be called from any thread."""

    def free_memory(self) -> None: ...


@runtime_checkable
class ContinuesElsewhere(Protocol):
    """A backend whose jobs go on elsewhere when this program ends."""

    def detach(self) -> None: ...


class JobWork(Protocol):
    """A job of the program itself: a frozen record that knows how it is done, without Qt."""

    def run(self, job: JobContext) -> Any: ...


@dataclass(slots=True, eq=False)
class Job:
    """A request on its way."""

    id: int
    label: str  # English name of the kind of task; app/text/errors/explain.py has the words
    queue: JobQueue
    request: Any
    priority: Priority
    on_done: Callable[[Any], None]
    on_failed: Callable[[EngineError], None] | None
    keep: object  # a lease on the arrays it reads, let go when it is over
    state: JobState = JobState.WAITING
    fraction: float = 0.0
    note: str = ""
    preview: Image | None = None  # of the crop that is worked on, small
    error: EngineError | None = field(default=None)
    is_stopped: bool = False  # the user wants no result of it, also one that is on its way

    @property
    def is_over(self) -> bool:
        return self.state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)

    @property
    def is_shown(self) -> bool:
        """No preparation and no click: they come and go in a blink."""
        return self.priority is Priority.EDIT


class Jobs(QObject):
    """All tasks of one window. What a job answers is given to its `on_done` in the UI thread."""

    changed = Signal(object)  # a Job that is shown: it waits, runs, has come on, or is over
    ended = Signal(object)  # any Job
    failed = Signal(object)  # the Job, when nobody else takes its error
    freed = Signal()  # the engines that run models here have to begin anew
    _arrived = Signal(object, object)  # JobQueue, Event: from the worker threads

    def __init__(
        self,
        execute: Callable[[Backend, Any, JobContext], Any],
        make_backends: Mapping[JobQueue, MakeBackend],
        parent: QObject | None = None,
    ) -> None:
        """Backends are made in the threads of their queues, when they are first needed."""
        super().__init__(parent)
        self._execute = execute
        self._make_backends = make_backends
        self._backends: dict[JobQueue, Backend] = {}
        self._making = threading.Lock()
        self._workers: dict[JobQueue, Worker] = {}
        self._ids = itertools.count(1)
        self._jobs: dict[int, Job] = {}
        self._by_worker_id: dict[tuple[JobQueue, int], Job] = {}
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    def ask(
        self,
        label: str,
        request: Any,
        on_done: Callable[[Any], None],
        *,
        queue: JobQueue = JobQueue.FILES,
        priority: Priority = Priority.EDIT,
        replaces: str | None = None,
        keep: object = None,
        on_failed: Callable[[EngineError], None] | None = None,
    ) -> Job:
        """Queue a job; it cancels an unfinished one that was asked with the same `replaces`."""
        job = Job(next(self._ids), label, queue, request, priority, on_done, on_failed, keep)
        self._jobs[job.id] = job
        worker_id = self.worker(queue).submit(request, priority, replaces)
        self._by_worker_id[queue, worker_id] = job
        if job.is_shown:
            self.changed.emit(job)
        return job

    def shown(self) -> list[Job]:
        """Jobs the user should see, that run or wait."""
        return [job for job in self._jobs.values() if job.is_shown]

    @property
    def is_busy(self) -> bool:
        """Whether anything at all runs or waits."""
        return bool(self._jobs)

    def is_busy_at(self, *queues: JobQueue) -> bool:
        """Whether anything runs or waits at these queues."""
        return any(job.queue in queues for job in self._jobs.values())

    def is_asked(self, label: str) -> bool:
        """Whether a job of this kind runs or waits."""
        return any(job.label == label for job in self._jobs.values())

    def running(self) -> bool:
        return any(not job.is_over for job in self.shown())

    def cancel(self, job: Job) -> None:
        for (queue, worker_id), candidate in list(self._by_worker_id.items()):
            if candidate is job:
                job.is_stopped = True
                self._workers[queue].cancel(worker_id)

    @property
    def current(self) -> Job | None:
        """The task that runs, or the first that waits; a download only if it is alone."""

        def order(job: Job) -> tuple[bool, bool]:
            return job.queue is JobQueue.DOWNLOADS, job.state is JobState.WAITING

        return min(self.shown(), key=order, default=None)

    def cancel_current(self) -> None:
        """Stop the task that the status bar names."""
        if (job := self.current) is not None:
            self.cancel(job)

    def cancel_all(self) -> None:
        for job in self.shown():
            self.cancel(job)

    def free_memory(self) -> None:
        """End the processes that hold models; what they were doing is cancelled."""
        for job in list(self._jobs.values()):
            if job.queue in MODELS_HERE:
                self.cancel(job)
        backends = [self._backends.get(queue) for queue in MODELS_HERE]
        self.freed.emit()
        for backend in backends:
            if isinstance(backend, FreesMemory):
                threading.Thread(
                    target=backend.free_memory, name="free memory", daemon=True
                ).start()

    def detach(self) -> None:
        """What is cancelled from now on goes on where it can: the program ends."""
        for backend in list(self._backends.values()):
            if isinstance(backend, ContinuesElsewhere):
                backend.detach()

    def close(self) -> None:
        """End all threads, all at once; events still under way are dropped."""
        self.detach()
        self._arrived.disconnect(self._on_arrived)
        closing = [threading.Thread(target=self._close_queue, args=[d]) for d in self._workers]
        for thread in closing:
            thread.start()
        for thread in closing:
            thread.join()
        self._workers.clear()

    def _close_queue(self, queue: JobQueue) -> None:
        """A job deep inside a network does not hear that it is cancelled: its process is ended."""
        worker = self._workers[queue]
        worker.stop()
        if queue in MODELS_HERE and not worker.join(FREEING_S):
            backend = self._backends.get(queue)
            if isinstance(backend, FreesMemory):
                backend.free_memory()
        worker.close()
        backend = self._backends.pop(queue, None)
        if backend is not None:
            backend.close()

    def _engine(self, queue: JobQueue) -> Backend:
        with self._making:
            if queue not in self._backends:
                self._backends[queue] = self._make_backends[queue]()
            return self._backends[queue]

    def worker(self, queue: JobQueue) -> Worker:
        """The thread of a queue, started when it is first needed."""
        if queue not in self._workers:
            run = partial(self._run_engine, queue) if queue in ENGINES else _run_work
            self._workers[queue] = Worker(
                run,
                lambda event: self._arrived.emit(queue, event),
                queue.value,
                threads=THREADS.get(queue, 1),
            )
        return self._workers[queue]

    def _run_engine(self, queue: JobQueue, request: Any, job: JobContext) -> Any:
        return self._execute(self._engine(queue), request, job)

    @Slot(object, object)
    def _on_arrived(self, queue: JobQueue, event: Event) -> None:
        job = self._by_worker_id.get((queue, event.job_id))
        if job is None or _is_known(job, event):
            return
        if job.is_stopped and isinstance(event, Finished):
            event = JobCancelled(event.job_id)
        _apply(job, event)
        if job.is_over:
            del self._by_worker_id[queue, event.job_id]
            del self._jobs[job.id]
            job.keep = None
        if job.is_shown:
            self.changed.emit(job)
        if job.is_over:
            self.ended.emit(job)
            self._answer(job, event)

    def _answer(self, job: Job, event: Event) -> None:
        if isinstance(event, Finished):
            job.on_done(event.result)
        elif isinstance(event, Failed):
            if job.on_failed is not None:
                job.on_failed(event.error)
            else:
                self.failed.emit(job)


def _run_work(request: Any, job: JobContext) -> Any:
    return request.run(job)


def _is_known(job: Job, event: Event) -> bool:
    """Whether the event is progress that the job stands at already."""
    if not isinstance(event, Progress) or event.preview is not None:
        return False
    return (event.fraction, event.note) == (job.fraction, job.note)


def _apply(job: Job, event: Event) -> None:
    """Write into the job what the event says."""
    match event:
        case Started():
            job.state = JobState.RUNNING
        case Progress(fraction=fraction, note=note, preview=preview):
            job.fraction, job.note = fraction, note
            job.preview = job.preview if preview is None else preview
        case Finished():
            job.state, job.fraction = JobState.DONE, 1.0
        case Failed(error=error):
            job.state, job.error = JobState.FAILED, error
        case JobCancelled():
            job.state = JobState.CANCELLED
