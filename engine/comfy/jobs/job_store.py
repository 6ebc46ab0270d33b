"""Keeps the prompts that were sent to servers on disk until their results were fetched.

A job outlives a crash that way: the same plan, run again, finds its prompt.
"""

import contextlib
import hashlib
import json
import logging
import threading
import time
from collections.abc import Generator
from dataclasses import asdict, dataclass, replace
from enum import Enum
from pathlib import Path

import msgspec

from engine.comfy.prompt_plan import Graph, Plan
from engine.errors import FileError
from engine.storage import atomic_file as atomic

logger = logging.getLogger(__name__)

KEPT_S = 14 * 24 * 3600.0  # a server that was not met for so long has forgotten the job
PART_S = 3600.0


class RemoteState(Enum):
    """The state of a job."""

    CREATED = "created"
    UPLOADING = "uploading"
    POSTED = "posted"  # sent; the server may have taken it or not
    QUEUED = "queued"
    RUNNING = "running"
    FETCHING = "fetching"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"  # of a record: to be stopped, when the server answers again
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptJob:
    """One prompt of ours. Holds what its plan holds, pictures left out, and no secret."""

    server: str
    url: str
    prompt_id: str
    client_id: str
    graph: Graph
    wanted: tuple[str, ...]
    uploads: tuple[str, ...] = ()
    state: RemoteState = RemoteState.POSTED
    created_s: float = 0.0  # since 1970

    @property
    def key(self) -> str:
        return key_of(self.url, self.graph, self.wanted)


def key_of(url: str, graph: Graph, wanted: tuple[str, ...]) -> str:
    """The same for the same work on the same server: a seed is in the graph."""
    whole = json.dumps([url, graph, wanted], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()[:40]


class KeptJobs:
    """The records in one folder, which is made when the first is written; for nobody else's eyes.

    A folder that cannot be written to is no reason to refuse a job: it is logged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._held: set[str] = set()

    @contextlib.contextmanager
    def held(self, url: str, plan: Plan) -> Generator[bool]:
        """Whether the record of this work is ours: not while a job of the same work runs here.

        Two jobs on one prompt would stop each other.
        """
        key = key_of(url, plan.graph, plan.wanted)
        with self._lock:
            is_ours = key not in self._held
            self._held.add(key)
        try:
            yield is_ours
        finally:
            if is_ours:
                with self._lock:
                    self._held.discard(key)

    def find(self, url: str, plan: Plan) -> KeptJob | None:
        """The record of this very work, if it was sent to this server before."""
        key = key_of(url, plan.graph, plan.wanted)
        kept = _read(self._path(key))
        return kept if kept and kept.key == key else None

    def put(self, kept: KeptJob) -> None:
        """Durable when this returns: before the job is sent."""
        path = self._path(kept.key)
        record = asdict(kept) | {"state": kept.state.value}
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with atomic.replace(path, private=True) as file:
                file.write(json.dumps(record).encode())
        except (FileError, OSError) as error:
            logger.warning("a job on %s is not kept on disk: %s", kept.server, error)

    def drop(self, kept: KeptJob) -> None:
        """Its results were handed over, or there will be none."""
        with contextlib.suppress(OSError):
            self._path(kept.key).unlink()

    def leave(self, url: str, plan: Plan) -> None:
        """Its results are not wanted from there any more: it is to be stopped there."""
        kept = self.find(url, plan)
        if kept is not None:
            self.put(replace(kept, state=RemoteState.CANCELLED))

    def has_wanted(self, url: str) -> bool:
        """Whether there are some on a server that nobody here is at."""
        with self._lock:
            held = frozenset(self._held)
        return any(
            kept.url == url and kept.state is not RemoteState.CANCELLED and kept.key not in held
            for kept in self._all()
        )

    @property
    def has_abandoned(self) -> bool:
        """Whether something is to be stopped, on any server."""
        return any(kept.state is RemoteState.CANCELLED for kept in self._all())

    def left(self, url: str) -> tuple[KeptJob, ...]:
        """Those that are to be stopped on a server, but for those that are wanted again."""
        with self._lock:
            held = frozenset(self._held)
        return tuple(
            kept
            for kept in self._all()
            if kept.url == url and kept.state is RemoteState.CANCELLED and kept.key not in held
        )

    def forget_old(self) -> None:
        """Throw away what no server knows any more, and what was not written to its end."""
        for kept in self._all():
            if time.time() - kept.created_s > KEPT_S:
                self.drop(kept)
        for path in self._folder.glob(".*.part"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > PART_S:
                    path.unlink()

    def _all(self) -> tuple[KeptJob, ...]:
        found = (_read(path) for path in sorted(self._folder.glob("*.json")))
        return tuple(kept for kept in found if kept is not None)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"


def _read(path: Path) -> KeptJob | None:
    """None when there is none, or no whole one."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=KeptJob)
    except (OSError, ValueError, RecursionError):
        return None
