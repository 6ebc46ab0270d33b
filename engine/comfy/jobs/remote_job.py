"""The life of one job on one server, from upload to results.

Polling is the truth and the socket is decoration. What is posted is on disk before it is sent, so
that a job outlives the line, the server's absence and this program: the same plan, run again, finds
its prompt. What a server lost is sent again; what failed there is not.
"""

import contextlib
import queue
import threading
import time
import uuid
from dataclasses import dataclass, field, replace

from engine.comfy.errors import (
    ServerBroken,
    ServerCertificate,
    ServerDenied,
    ServerError,
    ServerLost,
    ServerRefused,
)
from engine.comfy.jobs.graph_edit import renamed, varied
from engine.comfy.jobs.interrupt import stopped
from engine.comfy.jobs.job_events import JobEvents, PollSchedule
from engine.comfy.jobs.job_store import KeptJob, KeptJobs, RemoteState
from engine.comfy.jobs.retry import Retry, may_pass, whole
from engine.comfy.jobs.transfer import fetched, post_once, uploaded
from engine.comfy.prompt_plan import Graph, Plan, PlanOutputs
from engine.comfy.protocol import progress as notes
from engine.comfy.protocol.events import Message
from engine.comfy.protocol.history import (
    Answers,
    Ended,
    Running,
    ServerImage,
    Success,
    UnknownPrompt,
    Waiting,
    Whereabouts,
)
from engine.comfy.protocol.images import decode_preview
from engine.comfy.protocol.queue_api import QueueApi
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.comfy.protocol.websocket import EventSocket
from engine.comfy.server.timeouts import JobTimeouts
from engine.comfy.server.transport import Transport
from engine.errors import Cancelled
from engine.jobs.backend import JobContext


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JobSite:
    """All that a job has to know about its server."""

    name: str  # what the user calls it
    transport: Transport
    snapshot: ServerSnapshot
    kept: KeptJobs
    timeouts: JobTimeouts
    is_leaving: threading.Event = field(default_factory=threading.Event)
    """Set when the program ends: jobs are left to the server, and found again later."""

    @property
    def url(self) -> str:
        return self.transport.url

    @property
    def prompts(self) -> QueueApi:
        return QueueApi(transport=self.transport, server=self.name, has_jobs=self.snapshot.has_jobs)


_SENT = (RemoteState.POSTED, RemoteState.QUEUED, RemoteState.RUNNING)


class RemoteJob:
    """One plan on one server. `run` is called once; `state` says how far it is."""

    def __init__(self, site: JobSite, plan: Plan, job: JobContext, *, gone_s: float) -> None:
        self.state = RemoteState.CREATED
        self._site, self._plan, self._job = site, plan, job
        self._prompts, self._timeouts = site.prompts, site.timeouts
        self._asking = Retry(site.timeouts, gone_s, self._report)
        self._watch = PollSchedule(site.timeouts)
        self._course = JobEvents(plan, self._watch)
        self._heard: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._kept: KeptJob | None = None
        self._graph: Graph = plan.graph
        self._prompt_id = self._client_id = ""
        self._is_ours = self._was_taken = False
        self._before = self._reposts = 0

    def run(self) -> PlanOutputs:
        """What the wanted nodes answered. Raises ServerErrors, and Cancelled when it was stopped.

        Ctrl-C stops it there, too: nobody would come back for what it makes. When it is
        the way to the server that fails, the prompt may go on there: its record stays, and the same
        plan on the same server finds it again.
        """
        with self._site.kept.held(self._site.url, self._plan) as self._is_ours:
            try:
                outputs = self._live()
            except (Cancelled, KeyboardInterrupt):  # Ctrl-C, where there is no window
                if not self._site.is_leaving.is_set():
                    self._stop()
                raise
            except ServerError as error:
                self._fail(error)
                raise
            self._forget()
            self.state = RemoteState.DONE
            return outputs

    def _live(self) -> PlanOutputs:
        kept = self._site.kept.find(self._site.url, self._plan) if self._is_ours else None
        self._client_id = kept.client_id if kept else str(uuid.uuid4())
        transport, hear = self._site.transport, self._heard.put
        with EventSocket(transport, self._client_id, hear, self._timeouts) as self._socket:
            if kept is None or not self._is_there(kept):
                self._send()
            try:
                return self._fetch(self._follow())
            except ServerBroken as error:
                if error.reason != "gone":
                    raise
            self._graph = varied(self._graph, self._plan.wanted, self._prompt_id[:8])
            self._send()
            return self._fetch(self._follow())

    # sending

    def _is_there(self, kept: KeptJob) -> bool:
        """Whether what was sent before can be gone on with: then it is this job."""
        self._kept, self.state = kept, RemoteState.POSTED
        self._begin(kept.prompt_id)
        found, self._was_taken = self._asking.until_back(self._where), True
        was_left = kept.state is RemoteState.CANCELLED
        match found:
            case UnknownPrompt():
                return False
            case Ended(ending=ending) if was_left and not isinstance(ending, Success):
                return False
            case Waiting() | Running() if was_left:
                self._stop_there()  # it may have been told so already
                return False
            case _:
                self._keep(RemoteState.POSTED)
                self._watch.hurry()
                return True

    def _send(self) -> None:
        """Upload and post. A server that has never been met is not waited for."""
        is_first, self.state = self._kept is None, RemoteState.UPLOADING
        names = self._upload() if is_first else self._asking.until_back(self._upload)
        self._socket.wait(self._report)
        self._hear()
        self._begin(str(uuid.uuid4()))
        self._kept = self._record(tuple(names.values()))
        self._keep(RemoteState.POSTED)
        self.state = RemoteState.POSTED
        self._post(renamed(self._graph, names))
        self._was_taken = True
        self._watch.restart()

    def _begin(self, prompt_id: str) -> None:
        self._prompt_id, self._was_taken = prompt_id, False
        self._course.restart(prompt_id)

    def _upload(self) -> dict[str, str]:
        return uploaded(
            self._plan.uploads,
            self._site.transport,
            waiting=self._report,
            tell=lambda share: self._course.progress.at_least(notes.UPLOADED * share),
        )

    def _post(self, graph: Graph) -> None:
        post_once(
            self._prompts,
            graph,
            client_id=self._client_id,
            prompt_id=self._prompt_id,
            asking=self._asking,
            waiting=self._report,
        )

    # following

    def _follow(self) -> Answers:
        """Wait for the end of what was sent; what the nodes answered."""
        while True:
            self._hear(self._timeouts.tick_s)
            if self._course.broke is not None:
                raise self._course.broke.error(self._site.name)
            if self._course.is_complete:
                return self._course.answers
            self._report()
            answers = self._look() if self._watch.is_due else None
            if answers is not None:
                return answers

    def _hear(self, wait_s: float = 0.0) -> None:
        """Take in what the socket said; when there is nothing, wait for it."""
        with contextlib.suppress(queue.Empty):
            if wait_s:
                self._course.take(self._heard.get(timeout=wait_s))
            while True:
                self._course.take(self._heard.get_nowait())
        if self._course.is_running:
            self.state = RemoteState.RUNNING

    def _look(self) -> Answers | None:
        """Ask the server; the answers when it is done."""
        match self._asking.until_back(self._where):
            case Ended(ending=ending):
                if not isinstance(ending, Success):
                    raise ending.error(self._site.name)
                return {**self._course.answers, **ending.answers}
            case UnknownPrompt():
                if self._watch.missed():
                    self._send_again()
                return None
            case Running():
                self.state = RemoteState.RUNNING
            case Waiting(before=before):
                self.state, self._before = RemoteState.QUEUED, before
        self._watch.found()
        return None

    def _where(self) -> Whereabouts:
        return self._prompts.where(self._prompt_id, self._report)

    def _send_again(self) -> None:
        """The server was restarted, or somebody deleted the prompt; no node has failed."""
        if self._reposts >= self._timeouts.reposts:
            raise ServerLost(self._site.name)
        self._reposts += 1
        self._send()

    def _fetch(self, answers: Answers) -> PlanOutputs:
        self.state = RemoteState.FETCHING
        of = fetched(
            answers, self._plan.wanted, server=self._site.name, view=self._view, tell=self._fetching
        )
        return PlanOutputs(of=of, server=self._site.name, device=self._site.snapshot.device.kind)

    def _view(self, stored: ServerImage) -> bytes:
        def ask() -> bytes:
            return self._site.transport.view(*stored, self._report)

        return self._asking.until_back(lambda: whole(ask))

    def _fetching(self, share: float) -> None:
        self._course.progress.at_least(notes.RAN + (1 - notes.RAN) * share)

    # telling

    def _report(self) -> None:
        """Raises Cancelled when the user stopped."""
        content = self._course.take_preview()
        preview = decode_preview(content) if content else None
        self._job.report(self._course.progress.fraction, self._note, preview)

    @property
    def _note(self) -> str:
        if self._asking.is_gone:
            return notes.GONE
        match self.state:
            case RemoteState.UPLOADING:
                return notes.UPLOAD
            case RemoteState.QUEUED:
                return notes.queued(self._before)
            case RemoteState.RUNNING:
                return self._course.note
            case RemoteState.FETCHING:
                return notes.FETCHING
            case _:
                return notes.WORKING

    # ending

    def _fail(self, error: ServerError) -> None:
        self.state = RemoteState.LOST if isinstance(error, ServerLost) else RemoteState.FAILED
        if isinstance(error, ServerRefused):
            self._stop_there()  # a part of the graph may run all the same
        if not (may_pass(error) or isinstance(error, ServerDenied | ServerCertificate)):
            self._forget()

    def _stop(self) -> None:
        """After Cancelled. A server that is gone, or slow to stop, is told when it answers."""
        was_sent, self.state = self.state in _SENT, RemoteState.CANCELLED
        if was_sent:
            self._keep(RemoteState.CANCELLED)
        if not was_sent or (not self._asking.is_gone and self._stop_there()):
            self._forget()

    def _stop_there(self) -> bool:
        return stopped(
            self._prompts,
            self._prompt_id,
            was_taken=self._was_taken,
            timeouts=self._timeouts,
            tell=self._tell_stopping,
        )

    def _tell_stopping(self) -> None:
        with contextlib.suppress(Cancelled):  # it was heard
            self._job.report(self._course.progress.fraction, notes.STOPPING)

    # keeping

    def _record(self, uploads: tuple[str, ...]) -> KeptJob:
        return KeptJob(
            server=self._site.name,
            url=self._site.url,
            prompt_id=self._prompt_id,
            client_id=self._client_id,
            graph=self._plan.graph,
            wanted=self._plan.wanted,
            uploads=uploads,
            created_s=time.time(),
        )

    def _keep(self, state: RemoteState) -> None:
        if self._kept is not None and self._is_ours:
            self._site.kept.put(replace(self._kept, state=state))

    def _forget(self) -> None:
        if self._kept is not None and self._is_ours:
            self._site.kept.drop(self._kept)
