"""Jobs on servers: asking what one can do, keeping and finding its secrets."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from app.engines.server_report import ServerReport, report_on
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.comfy.server.address import Login, Server
from engine.comfy.server.logins import Secrets, keep_login, login_headers
from engine.jobs.backend import JobContext
from engine.net.tokens import Tokens

Headers: TypeAlias = Callable[[], dict[str, str]]


class ProbeServer(Protocol):
    """Asks a server what it is and has. Raises ServerErrors, and what `waiting` raises."""

    def __call__(
        self, server: Server, login: Headers, waiting: Callable[[], object]
    ) -> ServerSnapshot: ...


def look(server: Server, login: Headers, waiting: Callable[[], object]) -> ServerSnapshot:
    """The real thing."""
    from engine.comfy.protocol.probe import probe
    from engine.comfy.server.transport import Transport

    transport = Transport(server, login)
    try:
        return probe(transport, waiting)
    finally:
        transport.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class AskServer:
    """Ask one server; answered by a Report."""

    server: Server
    tokens: Tokens
    look: ProbeServer = look
    typed: Secrets = field(default_factory=dict[str, str], repr=False)  # instead of what is kept

    def run(self, job: JobContext) -> ServerReport:
        return report_on(self.look(self.server, self._login, lambda: job.report(0.0)))

    def _login(self) -> dict[str, str]:
        return login_headers(self.server, self.tokens, self.typed)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepSecret:
    """Keep what was typed for a server; answered by where. Raises ServerAddress."""

    server: Server
    tokens: Tokens
    typed: Secrets = field(repr=False)

    def run(self, _job: JobContext) -> str:
        return keep_login(self.server, self.tokens, self.typed)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetSecret:
    """Take the secret of a server out of the keyring; answered by None."""

    server: Server
    tokens: Tokens

    def run(self, _job: JobContext) -> None:
        self.tokens.forget(self.server.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookForSecret:
    """Answered by where the secret of a server is: environment, keyring, session, "" = nowhere."""

    server: Server
    tokens: Tokens

    def run(self, _job: JobContext) -> str:
        has_environment = self.server.login is Login.BEARER
        find = self.tokens.find if has_environment else self.tokens.find_kept
        return find(self.server.url)[1]
