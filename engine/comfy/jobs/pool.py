"""Runs each job on the server that suits it best, and moves it when that one fails."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence

from engine.comfy.errors import (
    Lack,
    ServerBroken,
    ServerCertificate,
    ServerDenied,
    ServerError,
    ServerLost,
    ServerRefused,
    ServerUnreachable,
)
from engine.comfy.jobs.attempts import PoolAttempt
from engine.comfy.jobs.connection import Connection, ConnectionHealth, ConnectionState
from engine.comfy.jobs.slots import ServerSlots
from engine.comfy.prompt_plan import Plan, PlanOutputs
from engine.comfy.protocol.progress import MonotonicProgress, queued
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.comfy.server.address import Server
from engine.comfy.server.timeouts import JOB_TIMEOUTS, JobTimeouts
from engine.errors import Cancelled
from engine.jobs.backend import JobContext

logger = logging.getLogger(__name__)

_ELSEWHERE = (ServerUnreachable, ServerLost, ServerBroken, ServerDenied, ServerCertificate)
_CHOICE = "value_not_in_list"  # a model that was there when the server was asked, or not yet


class JobPool:
    """The servers of the user. All methods from any thread.

    `connect` makes the connection of a server, which calls its second argument after each change of
    health; `changed` is called then, too, from the same thread.
    """

    def __init__(
        self,
        connect: Callable[[Server, Callable[[], object]], Connection],
        *,
        changed: Callable[[], object] = lambda: None,
        timeouts: JobTimeouts = JOB_TIMEOUTS,
    ) -> None:
        self._connect, self._announce, self._timeouts = connect, changed, timeouts
        self._connections: dict[str, Connection] = {}
        self._probing: set[str] = set()
        self._changed = threading.Condition()
        self._slots = ServerSlots()
        self._is_closed = self._is_leaving = False

    def set_servers(self, servers: Sequence[Server]) -> None:
        """Use these from now on, in this order; those that are the same stay as they are.

        Jobs that run on a server that is gone from the list run to their end.
        """
        with self._changed:
            old = self._connections
            self._connections = {
                server.name: self._connection_of(old.get(server.name), server)
                for server in servers
                if server.is_on
            }
            gone = [each for each in old.values() if each not in self._connections.values()]
            self._changed.notify_all()
        for each in gone:
            each.close()
        self._announce()

    def healths(self) -> tuple[ConnectionHealth, ...]:
        """The health of each server at its last probe, in order."""
        return tuple(each.health for each in self._all_connections())

    def meet(self, snapshot: ServerSnapshot) -> None:
        """Somebody else has just asked a server all that there is to ask."""
        connection = self._connections.get(snapshot.server)
        if connection is not None:
            connection.meet(snapshot)

    def stop_abandoned(self, waiting: Callable[[], object]) -> None:
        """Stop what is not wanted any more where it can be. Raises what `waiting` does."""
        for each in self._all_connections():
            if each.health.state is ConnectionState.READY:
                each.stop_abandoned(waiting)

    def refresh(self, only: str = "") -> None:
        """Ask all servers, or one, how they are: in threads of their own, `changed` tells."""
        for each in self._all_connections():
            if only in ("", each.name):
                self._start_probe(each)

    def run(
        self,
        make: Callable[[ServerSnapshot], Plan],
        able: Callable[[ServerSnapshot], tuple[Lack, ...]],
        job: JobContext,
        *,
        need: str,
        only: str = "",
    ) -> PlanOutputs:
        """Do a job where it can be done, moving it when a server fails twice.

        `able` says what a server lacks for it, `make` makes the plan for one that lacks nothing;
        both are called for each server once, so pictures should be encoded before. `need` is for
        ServerLacks; `only` names the one server that may do it. Blocks until it is done.

        Raises the last error when no server is left: ServerErrors, ServerMissing when there is
        none at all, and Cancelled.
        """
        attempt = PoolAttempt(make, able, need=need, only=only)
        self._ask_again()
        try:
            return self._run(attempt, MonotonicProgress(job))
        except (Cancelled, KeyboardInterrupt):
            if not self._is_leaving:
                self._abandon_others(attempt)
            raise

    def detach(self) -> None:
        """The program ends: jobs that are cancelled from now on go on at their servers."""
        self._is_leaving = True
        for each in self._all_connections():
            each.detach()

    def close(self) -> None:
        """Hang up; jobs that run are to be cancelled by who started them."""
        self._is_closed = True
        for each in self._all_connections():
            each.close()

    def _run(self, attempt: PoolAttempt, job: JobContext) -> PlanOutputs:
        while True:
            self._await_candidate(attempt, job)
            with self._slots.hold(
                lambda: [each.name for each in attempt.candidates(self._all_connections())],
                lambda names: self._best(attempt, names),
                lambda before: job.report(0.0, queued(before)),
                self._timeouts.tick_s,
            ) as name:
                outputs = self._try(attempt, name, job)
            if outputs is not None:
                return outputs

    # choosing

    def _await_candidate(self, attempt: PoolAttempt, job: JobContext) -> None:
        """Wait until a server could do it, asking those that have not been met. Raises why not.

        One that may have it already is waited for: nothing is done twice.
        """
        while True:
            is_asking, connections = self._is_probing(attempt), self._all_connections()
            if attempt.candidates(connections) and not attempt.may_run_elsewhere(connections):
                return
            if not self._ask_unmet(attempt) and not is_asking:
                raise attempt.trouble(self._all_connections())
            job.report(0.0)
            with self._changed:
                self._changed.wait(self._timeouts.tick_s)

    def _ask_again(self) -> None:
        """Meanwhile, those that were down and whose time has come."""
        for each in self._all_connections():
            health = each.health
            if health.state is ConnectionState.DOWN and time.monotonic() >= health.again_s:
                self._start_probe(each)

    def _ask_unmet(self, attempt: PoolAttempt) -> bool:
        """Whether there was one to be asked."""
        unmet = [
            each
            for each in attempt.eligible(self._all_connections())
            if each.health.state is not ConnectionState.READY and each.name not in attempt.asked
        ]
        for each in unmet:
            attempt.asked.add(each.name)
            self._start_probe(each)
        return bool(unmet)

    def _best(self, attempt: PoolAttempt, names: Sequence[str]) -> str:
        """An idle one that has the models loaded, an idle one, the one with the least to do."""

        def cost(name: str) -> tuple[bool, bool, int]:
            connection = self._connections.get(name)
            plan = attempt.plan(connection) if connection else None
            is_loaded = connection is not None and plan is not None and connection.has_loaded(plan)
            used = self._slots.used(name)
            return used > 0, not is_loaded, used

        return min(names, key=cost)

    # trying

    def _try(self, attempt: PoolAttempt, name: str, job: JobContext) -> PlanOutputs | None:
        """None: it failed there, and is to be tried again, there or elsewhere."""
        connection = self._connections.get(name)
        plan = attempt.plan(connection) if connection else None
        if connection is None or plan is None:
            return None
        if attempt.has_failed(connection):
            self._pause(job)
        self._abandon_others(attempt, but=connection)
        try:
            return connection.run(plan, job, gone_s=self._gone_s(attempt))
        except _ELSEWHERE as error:
            is_sent = isinstance(error, ServerUnreachable) and connection.has_record(plan)
            is_shut = isinstance(error, ServerDenied | ServerCertificate)
            attempt.fail(connection, error, for_good=is_sent or is_shut)
        except ServerRefused as error:
            if error.kind != _CHOICE or name in attempt.renewed:
                raise
            attempt.renewed.add(name)
            self._refresh_plan(attempt, connection, job)
        return None

    def _gone_s(self, attempt: PoolAttempt) -> float:
        """Seconds that a server may be away during a job: few when another one could do it."""
        is_alone = len(attempt.able(self._all_connections())) < 2
        return self._timeouts.gone_s if is_alone else self._timeouts.gone_elsewhere_s

    def _pause(self, job: JobContext) -> None:
        for _ in range(max(1, round(self._timeouts.again_s / self._timeouts.tick_s))):
            job.report(0.0)
            with self._changed:
                self._changed.wait(self._timeouts.tick_s)

    def _abandon_others(self, attempt: PoolAttempt, but: Connection | None = None) -> None:
        """No job is done twice: where it failed before, it is stopped."""
        for each in self._all_connections():
            plan = attempt.plan(each)
            if each is not but and plan is not None and attempt.has_failed(each):
                each.leave(plan)

    def _refresh_plan(self, attempt: PoolAttempt, connection: Connection, job: JobContext) -> None:
        """Ask what models there are now: the plan is made anew."""
        try:
            connection.probe(lambda: job.report(0.0))
        except ServerError as error:
            attempt.fail(connection, error, for_good=True)

    # asking how they are

    def _connection_of(self, old: Connection | None, server: Server) -> Connection:
        if old is not None and old.server == server:
            return old
        return self._connect(server, self._on_changed)

    def _all_connections(self) -> list[Connection]:
        return list(self._connections.values())

    def _on_changed(self) -> None:
        with self._changed:
            self._changed.notify_all()
        self._announce()

    def _is_probing(self, attempt: PoolAttempt) -> bool:
        return any(each.name in self._probing for each in attempt.eligible(self._all_connections()))

    def _start_probe(self, connection: Connection) -> None:
        with self._changed:
            if connection.name in self._probing or self._is_closed:
                return
            self._probing.add(connection.name)
        threading.Thread(
            target=self._probe, args=(connection,), name="comfyui-probe", daemon=True
        ).start()

    def _probe(self, connection: Connection) -> None:
        is_ready = False
        try:
            connection.probe(self._check)
            is_ready = True
        except (ServerError, Cancelled) as error:
            logger.info("%s: %s", connection.name, error)
        finally:
            with self._changed:
                self._probing.discard(connection.name)
                self._changed.notify_all()
        if is_ready:
            with contextlib.suppress(Cancelled):
                connection.stop_abandoned(self._check)

    def _check(self) -> None:
        if self._is_closed:
            raise Cancelled
