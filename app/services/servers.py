"""The user's ComfyUI servers: which there are, in what order, and how each is."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.engines.server_jobs import (
    AskServer,
    ForgetSecret,
    KeepSecret,
    LookForSecret,
    ProbeServer,
    look,
)
from app.engines.server_report import ServerHealth, ServerReport, ServerState
from app.services.jobs import Job, JobQueue, Jobs
from app.services.jobs import JobState as JobState
from app.services.preferences import Preferences
from engine.comfy.errors import ServerUnreachable
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.comfy.server.address import Login, Server
from engine.comfy.server.logins import Secrets
from engine.errors import EngineError
from engine.jobs.requests import Priority
from engine.net.tokens import Tokens, origin

FIELD = "servers"  # of the settings
LABEL = "Asking a server"
FIRST_RETRY_MS = 5_000
LONGEST_RETRY_MS = 60_000

OnFound: TypeAlias = Callable[[ServerReport], None]
OnFailed: TypeAlias = Callable[[EngineError], None]


class Servers(QObject):
    """The list in the settings, and the health of each. Nothing is asked before it is wanted.

    Emits `changed` when the list is another, or the health of one of them; `failed` when a
    secret could not be kept.
    """

    changed = Signal()
    failed = Signal(object)  # EngineError

    def __init__(
        self,
        preferences: Preferences,
        tokens: Tokens,
        parent: QObject | None = None,
        *,
        look: ProbeServer = look,
    ) -> None:
        super().__init__(parent)
        self._preferences, self._look = preferences, look
        self.tokens = tokens
        self._jobs: Jobs | None = None
        self._known = preferences.current.servers
        self._health: dict[str, ServerHealth] = {}
        self._asking: dict[str, Job] = {}
        self._test: Job | None = None
        preferences.changed.connect(self._on_preferences)

    def start(self, jobs: Jobs) -> None:
        """From now on servers can be asked, in the background."""
        self._jobs = jobs
        jobs.ended.connect(self._on_job_ended)

    def stop(self) -> None:
        """The window is about to go: nobody is asked any more."""
        self._jobs = None

    # the list

    @property
    def all(self) -> tuple[Server, ...]:
        """In the order in which they are asked."""
        return self._preferences.current.servers

    def named(self, name: str) -> Server | None:
        return next((server for server in self.all if server.name == name), None)

    def put(self, server: Server, typed: Secrets, *, instead: Server | None = None) -> None:
        """Add a server, or change one, and keep what was typed for it; then see how it is."""
        old = self._at(instead)
        listed = list(self.all)
        listed[old : old + 1] = [server]
        self._set(listed)
        if instead is not None and (instead.url != server.url or server.login is Login.NONE):
            self._forget(instead)
        if typed:
            work = KeepSecret(server=server, tokens=self.tokens, typed=typed)
            self._ask(work, lambda _: self.ask(server.name), self.failed.emit)
        else:
            self.ask(server.name)

    def remove(self, name: str) -> None:
        """Take it off the list, and its secret out of the keyring."""
        server = self.named(name)
        if server is not None:
            self._set([each for each in self.all if each is not server])
            self._forget(server)

    def switch(self, name: str, *, is_on: bool) -> None:
        """Whether it is given work; one that is off keeps its place."""
        changed = [replace(s, is_on=is_on) if s.name == name else s for s in self.all]
        if changed != list(self.all):
            self._set(changed)
            if is_on:
                self.ask(name)

    def move(self, name: str, steps: int) -> None:
        """Ask it sooner (-1) or later (1)."""
        listed = list(self.all)
        server = self.named(name)
        if server is not None:
            place = listed.index(server)
            listed.insert(min(max(0, place + steps), len(listed) - 1), listed.pop(place))
            self._set(listed)

    def _at(self, server: Server | None) -> int:
        return self.all.index(server) if server in self.all else len(self.all)

    def _set(self, servers: list[Server]) -> None:
        self._preferences.change(FIELD, tuple(servers))

    # how they are

    def health(self, name: str) -> ServerHealth:
        server = self.named(name)
        if server is not None and not server.is_on:
            return ServerHealth(state=ServerState.OFF)
        return self._health.get(name, ServerHealth())

    @property
    def ready(self) -> Mapping[str, ServerSnapshot]:
        """What those that are on and answer can do, in their order."""
        told = {server.name: self.health(server.name).report for server in self.all}
        return {name: report.snapshot for name, report in told.items() if report is not None}

    @property
    def troubles(self) -> Mapping[str, EngineError]:
        """Why others that are on do not answer."""
        told = {server.name: self.health(server.name).error for server in self.all}
        return {name: error for name, error in told.items() if error is not None}

    def ask_all(self) -> None:
        """See how all are that are on."""
        for server in self.all:
            if server.is_on:
                self.ask(server.name)

    def ask(self, name: str) -> None:
        """See how one is; `changed` tells it."""
        server = self.named(name)
        if server is None or not server.is_on:
            return
        job = self._ask(
            AskServer(server=server, tokens=self.tokens, look=self._look),
            lambda report: self._tell(server, ServerHealth(state=ServerState.READY, report=report)),
            lambda error: self._tell(server, ServerHealth(state=ServerState.DOWN, error=error)),
            replaces=f"{LABEL} {name}",
        )
        if job is not None:
            self._asking[name] = job
            before = self._health.get(name, ServerHealth())
            self._health[name] = replace(before, state=ServerState.ASKING)
            self.changed.emit()

    def _tell(self, server: Server, health: ServerHealth) -> None:
        """A server that was changed meanwhile is asked anew; what it was then is of no use."""
        if self.named(server.name) == server:
            self._health[server.name] = health
            self.changed.emit()

    # for a form

    def test(self, server: Server, typed: Secrets, found: OnFound, failed: OnFailed) -> None:
        """See how a server is that may stand in no list, with a login that may not be kept."""
        self.stop_test()
        work = AskServer(server=server, tokens=self.tokens, look=self._look, typed=typed)
        self._test = self._ask(work, found, failed, priority=Priority.CLICK)

    def stop_test(self) -> None:
        """Nobody wants to know any more."""
        if self._test is not None and self._jobs is not None:
            self._jobs.cancel(self._test)
        self._test = None

    def look_for_secret(self, server: Server, on_done: Callable[[str], None]) -> None:
        """Where the secret of a server is kept; "" = nowhere."""
        self._ask(LookForSecret(server=server, tokens=self.tokens), on_done, self.failed.emit)

    # in the background

    def _forget(self, server: Server) -> None:
        """Unless another server of the list lives at the same place."""
        site = origin(server.url)
        others = [s for s in self.all if origin(s.url) == site and s.login is not Login.NONE]
        if not others:
            work = ForgetSecret(server=server, tokens=self.tokens)
            self._ask(work, lambda _: None, self.failed.emit)

    def _ask(
        self,
        work: Any,
        on_done: Callable[[Any], None],
        on_failed: OnFailed,
        *,
        replaces: str | None = None,
        priority: Priority = Priority.PREPARE,
    ) -> Job | None:
        if self._jobs is None:
            return None
        return self._jobs.ask(
            LABEL,
            work,
            on_done,
            queue=JobQueue.HEALTH,
            priority=priority,
            replaces=replaces,
            on_failed=on_failed,
        )

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        """What was stopped leaves nobody asking."""
        for name, asking in list(self._asking.items()):
            if asking is job:
                del self._asking[name]
                health = self._health.get(name, ServerHealth())
                if job.state is JobState.CANCELLED and health.state is ServerState.ASKING:
                    self._health[name] = replace(health, state=_before(health))
                    self.changed.emit()

    @Slot(str)
    def _on_preferences(self, changed: str) -> None:
        if changed != FIELD:
            return
        before = {server.name: replace(server, is_on=True) for server in self._known}
        self._known = self.all
        for server in self.all:
            if before.get(server.name) != replace(server, is_on=True):
                self._health.pop(server.name, None)
        self.changed.emit()


def _before(health: ServerHealth) -> ServerState:
    if health.report is not None:
        return ServerState.READY
    return ServerState.DOWN if health.error is not None else ServerState.UNKNOWN


class ServerRetries(QObject):
    """Asks servers that were not reached again, less and less often.

    One that refuses a login is not asked: too many wrong logins shut people out.
    """

    def __init__(self, servers: Servers, parent: QObject, first_ms: int = FIRST_RETRY_MS) -> None:
        super().__init__(parent)
        self._servers, self._first_ms, self._pause_ms = servers, first_ms, first_ms
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_timeout)
        servers.changed.connect(self._on_changed)

    @property
    def _away(self) -> list[str]:
        troubles = self._servers.troubles.items()
        return [name for name, error in troubles if isinstance(error, ServerUnreachable)]

    @Slot()
    def _on_changed(self) -> None:
        away = self._away
        if not away:
            self._pause_ms = self._first_ms
            self._timer.stop()
        is_asking = any(self._servers.health(name).state is ServerState.ASKING for name in away)
        if away and not is_asking and not self._timer.isActive():
            self._timer.start(self._pause_ms)
            self._pause_ms = min(LONGEST_RETRY_MS, self._pause_ms * 2)

    @Slot()
    def _on_timeout(self) -> None:
        for name in self._away:
            self._servers.ask(name)
