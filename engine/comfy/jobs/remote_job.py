"""The life of one job on one server, from upload to results.

Polling decides, the websocket only speeds it up. A prompt is on disk before it is sent, so that
a job survives a broken connection, an absent server and the end of this program: the same plan,
run again, finds its prompt. A prompt that a server lost is sent again; one that failed is not.
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
from engine.comfy.jobs.graph_edit import with_fresh_outputs, with_upload_names
from engine.comfy.jobs.interrupt import stop_prompt
from engine.comfy.jobs.job_events import JobEvents, PollSchedule
from engine.comfy.jobs.job_store import KeptJob, KeptJobs, RemoteState
from engine.comfy.jobs.retry import Retry, is_temporary, retry_truncated
from engine.comfy.jobs.transfer import download_results, post_once, upload_all
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
    is_detached: threading.Event = field(default_factory=threading.Event)
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
        self._retry = Retry(site.timeouts, gone_s, self._report)
        self._polls = PollSchedule(site.timeouts)
        self._events = JobEvents(plan, self._polls)
        self._messages: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._record: KeptJob | None = None
        self._graph: Graph = plan.graph
        self._prompt_id = self._client_id = ""
        self._is_ours = self._was_accepted = False
        self._queue_position = self._reposts = 0

    def run(self) -> PlanOutputs:
        """The outputs of the wanted nodes. Raises ServerErrors, and Cancelled when it was stopped.

        Ctrl-C stops it there, too: nobody would come back for what it makes. When it is
        the way to the server that fails, the prompt may go on there: its record stays, and the same
        plan on the same server finds it again.
        """
        with self._site.kept.held(self._site.url, self._plan) as self._is_ours:
            try:
                outputs = self._run_plan()
            except (Cancelled, KeyboardInterrupt):  # Ctrl-C, where there is no window
                if not self._site.is_detached.is_set():
                    self._stop()
                raise
            except ServerError as error:
                self._on_error(error)
                raise
            self._drop_record()
            self.state = RemoteState.DONE
            return outputs

    def _run_plan(self) -> PlanOutputs:
        kept = self._site.kept.find(self._site.url, self._plan) if self._is_ours else None
        self._client_id = kept.client_id if kept else str(uuid.uuid4())
        transport, on_message = self._site.transport, self._messages.put
        with EventSocket(transport, self._client_id, on_message, self._timeouts) as self._socket:
            if kept is None or not self._resume(kept):
                self._send()
            try:
                return self._fetch(self._follow())
            except ServerBroken as error:
                if error.reason != "gone":
                    raise
            self._graph = with_fresh_outputs(self._graph, self._plan.wanted, self._prompt_id[:8])
            self._send()
            return self._fetch(self._follow())

    # sending

    def _resume(self, kept: KeptJob) -> bool:
        """Whether what was sent before can be gone on with: then it is this job."""
        self._record, self.state = kept, RemoteState.POSTED
        self._start_prompt(kept.prompt_id)
        found, self._was_accepted = self._retry.until_answered(self._where), True
        was_abandoned = kept.state is RemoteState.CANCELLED
        match found:
            case UnknownPrompt():
                return False
            case Ended(ending=ending) if was_abandoned and not isinstance(ending, Success):
                return False
            case Waiting() | Running() if was_abandoned:
                self._stop_prompt()  # it may have been told so already
                return False
            case _:
                self._save(RemoteState.POSTED)
                self._polls.poll_now()
                return True

    def _send(self) -> None:
        """Upload and post. A server that has never been met is not waited for."""
        is_first, self.state = self._record is None, RemoteState.UPLOADING
        names = self._upload() if is_first else self._retry.until_answered(self._upload)
        self._socket.wait(self._report)
        self._take_messages()
        self._start_prompt(str(uuid.uuid4()))
        self._record = self._new_record(tuple(names.values()))
        self._save(RemoteState.POSTED)
        self.state = RemoteState.POSTED
        self._post(with_upload_names(self._graph, names))
        self._was_accepted = True
        self._polls.restart()

    def _start_prompt(self, prompt_id: str) -> None:
        self._prompt_id, self._was_accepted = prompt_id, False
        self._events.restart(prompt_id)

    def _upload(self) -> dict[str, str]:
        return upload_all(
            self._plan.uploads,
            self._site.transport,
            waiting=self._report,
            on_progress=lambda share: self._events.progress.at_least(notes.UPLOADED * share),
        )

    def _post(self, graph: Graph) -> None:
        post_once(
            self._prompts,
            graph,
            client_id=self._client_id,
            prompt_id=self._prompt_id,
            retry=self._retry,
            waiting=self._report,
        )

    # following

    def _follow(self) -> Answers:
        """Wait for the end of what was sent; what the nodes answered."""
        while True:
            self._take_messages(self._timeouts.tick_s)
            if self._events.failure is not None:
                raise self._events.failure.error(self._site.name)
            if self._events.is_complete:
                return self._events.answers
            self._report()
            answers = self._poll() if self._polls.is_due else None
            if answers is not None:
                return answers

    def _take_messages(self, wait_s: float = 0.0) -> None:
        """Take in what the socket said; when there is nothing, wait for it."""
        with contextlib.suppress(queue.Empty):
            if wait_s:
                self._events.add(self._messages.get(timeout=wait_s))
            while True:
                self._events.add(self._messages.get_nowait())
        if self._events.is_running:
            self.state = RemoteState.RUNNING

    def _poll(self) -> Answers | None:
        """Ask the server; the answers when it is done."""
        match self._retry.until_answered(self._where):
            case Ended(ending=ending):
                if not isinstance(ending, Success):
                    raise ending.error(self._site.name)
                return {**self._events.answers, **ending.answers}
            case UnknownPrompt():
                if self._polls.note_missing():
                    self._send_again()
                return None
            case Running():
                self.state = RemoteState.RUNNING
            case Waiting(before=before):
                self.state, self._queue_position = RemoteState.QUEUED, before
        self._polls.note_found()
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
        of = download_results(
            answers,
            self._plan.wanted,
            server=self._site.name,
            view=self._view,
            on_progress=self._on_download,
        )
        return PlanOutputs(of=of, server=self._site.name, device=self._site.snapshot.device.kind)

    def _view(self, stored: ServerImage) -> bytes:
        def ask() -> bytes:
            return self._site.transport.view(*stored, self._report)

        return self._retry.until_answered(lambda: retry_truncated(ask))

    def _on_download(self, share: float) -> None:
        self._events.progress.at_least(notes.RAN + (1 - notes.RAN) * share)

    # reporting

    def _report(self) -> None:
        """Raises Cancelled when the user stopped."""
        content = self._events.take_preview()
        preview = decode_preview(content) if content else None
        self._job.report(self._events.progress.fraction, self._note, preview)

    @property
    def _note(self) -> str:
        if self._retry.is_gone:
            return notes.GONE
        match self.state:
            case RemoteState.UPLOADING:
                return notes.UPLOAD
            case RemoteState.QUEUED:
                return notes.queued(self._queue_position)
            case RemoteState.RUNNING:
                return self._events.note
            case RemoteState.FETCHING:
                return notes.FETCHING
            case _:
                return notes.WORKING

    # ending

    def _on_error(self, error: ServerError) -> None:
        self.state = RemoteState.LOST if isinstance(error, ServerLost) else RemoteState.FAILED
        if isinstance(error, ServerRefused):
            self._stop_prompt()  # a part of the graph may run all the same
        if not (is_temporary(error) or isinstance(error, ServerDenied | ServerCertificate)):
            self._drop_record()

    def _stop(self) -> None:
        """After Cancelled. A server that is gone, or slow to stop, is told when it answers."""
        was_sent, self.state = self.state in _SENT, RemoteState.CANCELLED
        if was_sent:
            self._save(RemoteState.CANCELLED)
        if not was_sent or (not self._retry.is_gone and self._stop_prompt()):
            self._drop_record()

    def _stop_prompt(self) -> bool:
        return stop_prompt(
            self._prompts,
            self._prompt_id,
            was_accepted=self._was_accepted,
            timeouts=self._timeouts,
            on_wait=self._report_stopping,
        )

    def _report_stopping(self) -> None:
        with contextlib.suppress(Cancelled):  # it was heard
            self._job.report(self._events.progress.fraction, notes.STOPPING)

    # keeping

    def _new_record(self, uploads: tuple[str, ...]) -> KeptJob:
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

    def _save(self, state: RemoteState) -> None:
        if self._record is not None and self._is_ours:
            self._site.kept.put(replace(self._record, state=state))

    def _drop_record(self) -> None:
        if self._record is not None and self._is_ours:
            self._site.kept.drop(self._record)
