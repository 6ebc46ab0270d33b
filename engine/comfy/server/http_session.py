"""Requests and whole answers: connections, logins, redirects and second tries."""

import ssl
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from engine.comfy.errors import ServerCertificate, ServerDenied, ServerError, ServerUnreachable
from engine.comfy.server import tls
from engine.comfy.server.address import Server, is_loopback, usable_url
from engine.comfy.server.deadline import RequestCancel, awaited
from engine.comfy.server.error_mapping import (
    MOVED,
    HttpResponse,
    broken_line,
    distrust,
    refusal,
    target,
)
from engine.comfy.server.http_connection import HttpConnection, HttpRequest
from engine.net.http import AGENT, HttpTimeouts

if TYPE_CHECKING:
    import httpx2

_IDLE = 4  # connections that are kept for the next requests
_REDIRECTS = 3
_LOOK_S = 3.0  # for a handshake that only tells more about a fault


class HttpSession:
    """The way to one server. Threads may share it. Raises ServerAddress for an unusable address.

    Its login goes to its own origin alone, over a connection that is verified. Each request runs in
    a thread of its own, so that who waits can stop at any moment.
    """

    def __init__(
        self, server: Server, login: Callable[[], Mapping[str, str]], timeouts: HttpTimeouts
    ) -> None:
        self.url = usable_url(server)
        self._server, self._login, self._timeouts = server, login, timeouts
        self._known: dict[str, str] | None = None
        self._context: ssl.SSLContext | None = None
        self._making = threading.Lock()
        self._idle: list[HttpConnection] = []

    def ask(self, asked: HttpRequest, waiting: Callable[[], object]) -> HttpResponse:
        """An answer of 2xx, 400, 404 or 405, whole. Raises ServerError, or what `waiting` does."""
        cord = RequestCancel()
        answer = awaited(lambda: self._followed(asked, cord), waiting, cord.cut)
        error = refusal(self._server.name, answer, asked.sent_bytes)
        if isinstance(error, ServerDenied):
            self._known = None  # the user may give another one
        if error is not None:
            raise error
        return answer

    def headers(self) -> dict[str, str]:
        """Of every request: the login is among them, and may take as long as the keyring."""
        known = self._known
        if known is None:
            known = self._known = dict(self._login())
        return {"User-Agent": AGENT, **known}

    def trusted(self) -> ssl.SSLContext:
        """Whom to believe. Made once; for a pinned certificate that takes a handshake."""
        with self._making:
            if self._context is None:
                self._context = self._new_context()
            return self._context

    def close(self) -> None:
        """Hang up what is idle."""
        while self._idle:
            self._idle.pop().close()

    def _followed(self, asked: HttpRequest, cord: RequestCancel) -> HttpResponse:
        """The answer, after redirects within the server's own origin."""
        answer = self._answered(asked, cord)
        for _ in range(_REDIRECTS):
            url = target(answer)
            if answer.status not in MOVED or asked.method == "POST" or not url:
                break
            asked = HttpRequest(
                method=asked.method, url=url, headers=asked.headers, limit=asked.limit
            )
            answer = self._answered(asked, cord)
        return answer

    def _answered(self, asked: HttpRequest, cord: RequestCancel) -> HttpResponse:
        """The answer; what can be repeated is, once, when a connection that lay idle broke."""
        import httpx2

        headers = self.headers()
        line = self._line(is_new=not asked.may_repeat)
        try:
            return self._exchange(line, asked, headers, cord)
        except httpx2.HTTPError as error:
            cord.check()
            is_broken = isinstance(error, httpx2.NetworkError | httpx2.RemoteProtocolError)
            if not (asked.may_repeat and line.is_reused and is_broken):
                raise self._trouble(line, error) from error
        line = self._line(is_new=True)
        try:
            return self._exchange(line, asked, headers, cord)
        except httpx2.HTTPError as error:
            cord.check()
            raise self._trouble(line, error) from error

    def _exchange(
        self,
        line: HttpConnection,
        asked: HttpRequest,
        headers: Mapping[str, str],
        cord: RequestCancel,
    ) -> HttpResponse:
        is_whole = False
        try:
            answer = line.exchange(self._server.name, asked, headers, cord)
            is_whole = True
        finally:
            if is_whole and len(self._idle) < _IDLE:
                self._idle.append(line)
            else:
                line.close()
        return answer

    def _line(self, *, is_new: bool) -> HttpConnection:
        try:
            return HttpConnection(self._client()) if is_new else self._idle.pop()
        except IndexError:
            return HttpConnection(self._client())

    def _client(self) -> "httpx2.Client":
        import httpx2

        return httpx2.Client(
            verify=self.trusted(),
            timeout=httpx2.Timeout(self._timeouts.stall_s, connect=self._timeouts.connect_s),
            trust_env=not is_loopback(self.url),
            follow_redirects=False,
        )

    def _new_context(self) -> ssl.SSLContext:
        try:
            return tls.context_for(self._server, self.url, self._timeouts.connect_s)
        except OSError as error:
            raise broken_line(self._server.name, error) from error

    def _trouble(self, line: HttpConnection, error: Exception) -> ServerError:
        """What broke, found out by another handshake where that tells more."""
        name = self._server.name
        distrusted = distrust(error)
        if distrusted is not None:
            return ServerCertificate(name, tls.reason(self._server, distrusted), self._seen())
        trouble = broken_line(name, error, has_begun=line.has_begun)
        is_odd = isinstance(trouble, ServerUnreachable) and trouble.reason == "dropped"
        if is_odd and self.url.startswith("http:") and not line.is_reused and self._seen():
            return ServerUnreachable(name, "use_https")
        return trouble

    def _seen(self) -> str:
        """The fingerprint of the certificate that is shown there; "" if none is."""
        try:
            limit_s = min(_LOOK_S, self._timeouts.connect_s)
            return tls.fingerprint(tls.presented(self.url, limit_s))
        except OSError:
            return ""
