"""The connection to one server: its health, its last snapshot, and the jobs that run there."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from engine.comfy.errors import ServerCertificate, ServerDenied, ServerError, ServerUnreachable
from engine.comfy.jobs.interrupt import stop_prompt
from engine.comfy.jobs.job_store import KeptJobs
from engine.comfy.jobs.remote_job import JobSite, RemoteJob
from engine.comfy.prompt_plan import Plan, PlanOutputs
from engine.comfy.protocol.probe import probe
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.comfy.server.address import Server
from engine.comfy.server.timeouts import JOB_TIMEOUTS, JobTimeouts
from engine.comfy.server.transport import Transport
from engine.jobs.backend import JobContext


class ConnectionState(Enum):
    """Whether a server can be asked for something."""

    UNKNOWN = "unknown"  # it was not asked yet
    READY = "ready"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConnectionHealth:
    """The health of a server at its last probe."""

    server: Server
    state: ConnectionState = ConnectionState.UNKNOWN
    error: ServerError | None = None  # of DOWN
    snapshot: ServerSnapshot | None = None  # the last one, also while it is down
    again_s: float = 0.0  # of DOWN: when it is asked again, by time.monotonic()


class Connection:
    """A server that jobs can be run on. All methods from any thread.

    `changed` is called after each change of `health`, from the thread that found out.
    """

    def __init__(
        self,
        server: Server,
        open_transport: Callable[[Server], Transport],
        kept: KeptJobs,
        *,
        changed: Callable[[], object],
        timeouts: JobTimeouts = JOB_TIMEOUTS,
    ) -> None:
        self.server = server
        self._open_transport, self._opened = open_transport, list[Transport]()
        self._store, self._changed, self._timeouts = kept, changed, timeouts
        self._health = ConnectionHealth(server=server)
        self._pauses = timeouts.pauses()
        self._lock = threading.Lock()
        self._running = 0
        self._is_closed = False
        self._is_detached = threading.Event()
        self._loaded: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        return self.server.name

    @property
    def health(self) -> ConnectionHealth:
        return self._health

    def probe(self, waiting: Callable[[], object]) -> ServerSnapshot:
        """Ask the server what it is. Raises ServerErrors, and what `waiting` does.

        An address that cannot be used is noted here, like everything that is wrong with a server.
        """
        try:
            snapshot = probe(self._transport(), waiting, self._health.snapshot)
        except ServerError as error:
            self._note_down(error)
            raise
        self._note_ready(snapshot)
        return snapshot

    def meet(self, snapshot: ServerSnapshot) -> None:
        """As `probe`, by what somebody else was told."""
        self._note_ready(snapshot)

    @property
    def has_unfetched(self) -> bool:
        """Whether there is work that was sent there before, is wanted, and waits to be fetched."""
        try:
            return self._store.has_wanted(self._transport().url)
        except ServerError:  # an address that nothing can be sent to
            return False

    def has_loaded(self, plan: Plan) -> bool:
        """Whether the models of a plan are those that were used last, or among them."""
        return set(plan.needs) <= set(self._loaded)

    def has_record(self, plan: Plan) -> bool:
        """Whether this very work was sent there before, and was not fetched."""
        return self._store.find(self._transport().url, plan) is not None

    def run(self, plan: Plan, job: JobContext, *, gone_s: float) -> PlanOutputs:
        """Do a plan; the server must have been met. For `gone_s` it may be away meanwhile.

        Raises ServerErrors and Cancelled, see RemoteJob.
        """
        site = self._site()
        with self._lock:
            self._running += 1
        try:
            self._loaded = plan.needs or self._loaded
            outputs = RemoteJob(site, plan, job, gone_s=gone_s).run()
        except (ServerUnreachable, ServerDenied, ServerCertificate) as error:
            self._note_down(error)
            raise
        finally:
            with self._lock:
                self._running -= 1
            self._hang_up()
        if self._health.state is ConnectionState.DOWN:
            self._note_ready(site.snapshot)
        return outputs

    def leave(self, plan: Plan) -> None:
        """A plan is done elsewhere: what was sent here is stopped when the server answers again."""
        self._store.leave(self._transport().url, plan)

    def stop_abandoned(self, waiting: Callable[[], object]) -> None:
        """Stop what is not wanted any more. Raises what `waiting` does."""
        self._store.forget_old()
        site = self._site()
        for kept in self._store.left(site.url):
            is_sure = stop_prompt(
                site.prompts,
                kept.prompt_id,
                was_accepted=False,
                timeouts=self._timeouts,
                on_wait=waiting,
            )
            waiting()
            if is_sure:
                self._store.drop(kept)

    def detach(self) -> None:
        """From now on who cancels a job leaves it to the server."""
        self._is_detached.set()

    def close(self) -> None:
        """Hang up, as soon as no job runs there."""
        self._is_closed = True
        self._hang_up()

    def _hang_up(self) -> None:
        with self._lock:
            if self._is_closed and not self._running:
                for transport in self._opened:
                    transport.close()

    def _transport(self) -> Transport:
        with self._lock:
            if not self._opened:
                self._opened.append(self._open_transport(self.server))
            return self._opened[0]

    def _site(self) -> JobSite:
        snapshot = self._health.snapshot
        assert snapshot is not None, "a plan is made for a snapshot"
        return JobSite(
            name=self.name,
            transport=self._transport(),
            snapshot=snapshot,
            kept=self._store,
            timeouts=self._timeouts,
            is_detached=self._is_detached,
        )

    def _note_ready(self, snapshot: ServerSnapshot) -> None:
        self._pauses = self._timeouts.pauses()
        self._set(
            ConnectionHealth(server=self.server, state=ConnectionState.READY, snapshot=snapshot)
        )

    def _note_down(self, error: ServerError) -> None:
        again_s = time.monotonic() + next(self._pauses)
        self._set(replace(self._health, state=ConnectionState.DOWN, error=error, again_s=again_s))

    def _set(self, health: ConnectionHealth) -> None:
        self._health = health
        self._changed()
