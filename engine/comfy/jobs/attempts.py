"""One job of a pool: its plan for each server, and the servers where it failed."""

from collections import Counter
from collections.abc import Callable, Sequence

from engine.comfy.errors import Lack, ServerError, ServerLacks
from engine.comfy.jobs.connection import Connection, ConnectionState
from engine.comfy.prompt_plan import Plan
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.errors import EngineError, ServerMissing

_TRIES = 2  # on one server, before another one is asked


class PoolAttempt:
    """The servers that could do a job, as far as is known; asked anew after each change."""

    def __init__(
        self,
        make: Callable[[ServerSnapshot], Plan],
        able: Callable[[ServerSnapshot], tuple[Lack, ...]],
        *,
        need: str,
        only: str,
    ) -> None:
        self._make, self._able = make, able
        self._need, self._only = need, only
        self._plans: dict[str, tuple[ServerSnapshot, Plan | tuple[Lack, ...]]] = {}
        self._failed: Counter[str] = Counter()
        self._error: ServerError | None = None
        self.asked: set[str] = set()  # servers that were probed for this job
        self.renewed: set[str] = set()  # servers whose lists were asked for again

    def eligible(self, connections: Sequence[Connection]) -> list[Connection]:
        """Those that may be asked at all."""
        return [
            each
            for each in connections
            if self._only in ("", each.name) and self._failed[each.name] < _TRIES
        ]

    def able(self, connections: Sequence[Connection]) -> list[Connection]:
        """Those that could do it now."""
        return [
            each
            for each in self.eligible(connections)
            if self._is_up(each) and self.plan(each) is not None
        ]

    def candidates(self, connections: Sequence[Connection]) -> list[Connection]:
        """Those that should do it now: one that was sent this very work before, or any."""
        able = self.able(connections)
        plans = ((each, self.plan(each)) for each in able)
        return [each for each, plan in plans if plan is not None and each.has_record(plan)] or able

    def _is_up(self, connection: Connection) -> bool:
        """One that failed this job once is asked again, whatever it was."""
        return connection.health.state is ConnectionState.READY or self.has_failed(connection)

    def plan(self, connection: Connection) -> Plan | None:
        """The job, made for a server as it was seen last; None when it lacks something."""
        made = self._made(connection)
        return made if isinstance(made, Plan) else None

    def fail(self, connection: Connection, error: ServerError, *, for_good: bool) -> None:
        self._error = error
        self._failed[connection.name] += _TRIES if for_good else 1

    def has_failed(self, connection: Connection) -> bool:
        return self._failed[connection.name] > 0

    def may_run_elsewhere(self, connections: Sequence[Connection]) -> bool:
        """Whether one that was not met yet may be at this very work, and none of the others is."""
        unmet = [
            each
            for each in self.eligible(connections)
            if each.health.state is ConnectionState.UNKNOWN and each.has_unfetched
        ]
        plans = ((each, self.plan(each)) for each in self.able(connections))
        return bool(unmet) and not any(plan and each.has_record(plan) for each, plan in plans)

    def trouble(self, connections: Sequence[Connection]) -> EngineError:
        """The error to raise when no server is left."""
        if self._error is not None:
            return self._error
        if not (self._only or self.eligible(connections)):
            return ServerMissing(self._need)
        lacking = [
            (len(lacks), each.name, lacks)
            for each in self.eligible(connections)
            if isinstance(lacks := self._made(each), tuple)
        ]
        errors = [
            (each.health.snapshot is None, each.health.error)
            for each in self.eligible(connections)
            if each.health.error is not None and not isinstance(self._made(each), tuple)
        ]
        for was_never_met, error in errors:
            if not was_never_met or not lacking:
                return error
        _, name, lacks = min(lacking, default=(0, self._only, ()))
        return ServerLacks(name, self._need, lacks)

    def _made(self, connection: Connection) -> Plan | tuple[Lack, ...] | None:
        snapshot = connection.health.snapshot
        if snapshot is None:
            return None
        seen, made = self._plans.get(connection.name, (None, None))
        if made is None or seen is not snapshot:
            made = self._make_for(snapshot)
            self._plans[connection.name] = (snapshot, made)
        return made

    def _make_for(self, snapshot: ServerSnapshot) -> Plan | tuple[Lack, ...]:
        lacks = self._able(snapshot)
        if lacks:
            return lacks
        try:
            return self._make(snapshot)
        except ServerLacks as error:
            return error.lacks
