"""The user's servers at work: who gives them jobs, and what they can do together. No Qt."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.comfy.server.address import Server
from engine.dispatch.choice import ServerOffer
from engine.errors import EngineError
from engine.jobs.backend import Backend, JobContext
from engine.net.tokens import Tokens

if TYPE_CHECKING:
    from engine.comfy.jobs.connection import Connection
    from engine.comfy.jobs.pool import JobPool

LOOK_S = 0.1


class ServerPool:
    """Made at once, opened when it is first needed. All methods from any thread."""

    def __init__(self, servers: Sequence[Server], tokens: Tokens, folder: Path) -> None:
        """`folder` is where jobs under way are written down."""
        self._servers, self._tokens, self._folder = tuple(servers), tokens, folder
        self._lock = threading.Lock()
        self._pool: JobPool | None = None
        self._met: dict[str, ServerSnapshot] = {}
        self.there = ServerOffer()
        self.ready: tuple[ServerSnapshot, ...] = ()  # after `ask`
        self.down: tuple[EngineError, ...] = ()

    def set_servers(self, servers: Sequence[Server]) -> None:
        self._servers = tuple(servers)
        if self._pool is not None:
            self._pool.set_servers(self._servers)

    @property
    def pool(self) -> "JobPool":
        from engine.comfy.jobs.pool import JobPool

        with self._lock:
            if self._pool is None:
                self._pool = JobPool(connecting(self._tokens, self._folder))
                self._pool.set_servers(self._servers)
                for each in self._met.values():
                    self._pool.meet(each)
            return self._pool

    def meet(self, ready: Sequence[ServerSnapshot]) -> None:
        """What servers said that were asked elsewhere; it may have been long, and serves here."""
        with self._lock:
            before, self._met = self._met, {each.server: each for each in ready}
            if self._pool is not None:
                for each in ready:
                    if before.get(each.server) is not each:
                        self._pool.meet(each)

    def stop_abandoned(self, waiting: Callable[[], object]) -> None:
        """Stop on servers what was cancelled while they were away, and forget what is old."""
        from engine.comfy.jobs.job_store import KeptJobs

        kept = KeptJobs(self._folder)
        kept.forget_old()
        if kept.has_abandoned:
            self.pool.stop_abandoned(waiting)

    def backend(self, only: str = "") -> Backend:
        """All of them as one; `only` names the one that may be asked."""
        from engine.builtin.fill.fill import fill
        from engine.comfy.backend import ComfyBackend

        return ComfyBackend(
            self.pool,
            lambda: self.there.stock,
            lambda: self.there.able,
            fill_else=lambda hole, seed, job: fill(hole.image, hole.mask, seed, job.report),
            only=only,
        )

    def close(self) -> None:
        """Hang up."""
        if self._pool is not None:
            self._pool.close()

    def ask(self, waiting: Callable[[], object]) -> ServerOffer:
        """Meet all servers and wait for what they say: for who has no window."""
        from engine.comfy.jobs.connection import ConnectionState

        pool, settled = self.pool, threading.Event()
        pool.refresh()
        while any(each.state is ConnectionState.UNKNOWN for each in pool.healths()):
            waiting()
            settled.wait(LOOK_S)
        healths = pool.healths()
        answered = [h.snapshot for h in healths if h.state is ConnectionState.READY]
        self.ready = tuple(each for each in answered if each is not None)
        self.down = tuple(h.error for h in healths if h.error is not None)
        self.there = _offers(self.ready, self.down)
        return self.there


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FindOffers:
    """Work out what they can do together: graphs are built to see what is missing for them."""

    ready: tuple[ServerSnapshot, ...]
    down: tuple[EngineError, ...]

    def run(self, job: JobContext) -> ServerOffer:
        job.report(0.0)
        return _offers(self.ready, self.down)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StopLeft:
    """Tell servers that answer again what they need not do any more."""

    fleet: ServerPool

    def run(self, job: JobContext) -> None:
        self.fleet.stop_abandoned(lambda: job.report(0.0))


def _offers(ready: Sequence[ServerSnapshot], down: Sequence[EngineError]) -> ServerOffer:
    from engine.comfy.offers import offers

    return offers(ready, down)


def connecting(
    tokens: Tokens, folder: Path
) -> "Callable[[Server, Callable[[], object]], Connection]":
    """Makes connections whose secrets are looked for when they are needed."""
    from engine.comfy.jobs.connection import Connection
    from engine.comfy.jobs.job_store import KeptJobs
    from engine.comfy.server.logins import login_headers
    from engine.comfy.server.transport import Transport

    kept = KeptJobs(folder)

    def connect(server: Server, changed: Callable[[], object]) -> Connection:
        return Connection(
            server,
            lambda each: Transport(each, partial(login_headers, each, tokens)),
            kept,
            changed=changed,
        )

    return connect
