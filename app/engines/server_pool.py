"""The user's servers as one backend: their job pool, and what they can do together."""

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

POLL_S = 0.1


class ServerPool:
    """Opens connections when they are first needed. All methods may be called from any thread."""

    def __init__(self, servers: Sequence[Server], tokens: Tokens, folder: Path) -> None:
        """`folder` keeps the records of jobs under way."""
        self._servers, self._tokens, self._folder = tuple(servers), tokens, folder
        self._lock = threading.Lock()
        self._pool: JobPool | None = None
        self._met: dict[str, ServerSnapshot] = {}
        self.offer = ServerOffer()
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
        """Take over snapshots of servers that were asked elsewhere: asking may take long."""
        with self._lock:
            before, self._met = self._met, {each.server: each for each in ready}
            if self._pool is not None:
                for each in ready:
                    if before.get(each.server) is not each:
                        self._pool.meet(each)

    def stop_abandoned(self, waiting: Callable[[], object]) -> None:
        """Stop jobs that were cancelled while their server was away; drop old records."""
        from engine.comfy.jobs.job_store import KeptJobs

        kept = KeptJobs(self._folder)
        kept.forget_old()
        if kept.has_abandoned:
            self.pool.stop_abandoned(waiting)

    def backend(self, only: str = "") -> Backend:
        """All servers as one backend; `only` names the one that may be used."""
        from engine.builtin.fill.fill import fill
        from engine.comfy.backend import ComfyBackend

        return ComfyBackend(
            self.pool,
            lambda: self.offer.stock,
            lambda: self.offer.capabilities,
            fill_else=lambda hole, seed, job: fill(hole.image, hole.mask, seed, job.report),
            only=only,
        )

    def close(self) -> None:
        """Close all connections."""
        if self._pool is not None:
            self._pool.close()

    def ask(self, waiting: Callable[[], object]) -> ServerOffer:
        """Ask all servers and wait for their answers; `waiting` is called meanwhile."""
        from engine.comfy.jobs.connection import ConnectionState

        pool, settled = self.pool, threading.Event()
        pool.refresh()
        while any(each.state is ConnectionState.UNKNOWN for each in pool.healths()):
            waiting()
            settled.wait(POLL_S)
        healths = pool.healths()
        answered = [h.snapshot for h in healths if h.state is ConnectionState.READY]
        self.ready = tuple(each for each in answered if each is not None)
        self.down = tuple(h.error for h in healths if h.error is not None)
        self.offer = _offer_of(self.ready, self.down)
        return self.offer


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FindOffers:
    """Job: what the servers can do together; builds graphs to see what is missing."""

    ready: tuple[ServerSnapshot, ...]
    down: tuple[EngineError, ...]

    def run(self, job: JobContext) -> ServerOffer:
        job.report(0.0)
        return _offer_of(self.ready, self.down)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StopLeft:
    """Job: stop cancelled jobs on servers that answer again."""

    pool: ServerPool

    def run(self, job: JobContext) -> None:
        self.pool.stop_abandoned(lambda: job.report(0.0))


def _offer_of(ready: Sequence[ServerSnapshot], down: Sequence[EngineError]) -> ServerOffer:
    from engine.comfy.offers import offers

    return offers(ready, down)


def connecting(
    tokens: Tokens, folder: Path
) -> "Callable[[Server, Callable[[], object]], Connection]":
    """A factory of connections, whose secrets are looked up when they are needed."""
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
