"""Requests to one server and its whole answers: connections, login, redirects and second tries."""

import io
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace

from engine.comfy.errors import (
    ServerBroken,
    ServerCertificate,
    ServerDenied,
    ServerError,
    ServerUnreachable,
)
from engine.comfy.server import tls
from engine.comfy.server.address import Server, is_loopback, usable_url
from engine.comfy.server.error_mapping import (
    certificate_error,
    connection_error,
    redirect_target,
    refusal,
)
from engine.net.cancellable import RequestCancel, run_cancellable
from engine.net.http import (
    AGENT,
    MOVED,
    FailureKind,
    HttpConnection,
    HttpRequest,
    HttpResponse,
    HttpTimeouts,
    OpenResponse,
    RequestFailed,
)
from engine.net.inflate import UnpacksTooFar

_IDLE = 4  # connections that are kept for the next requests
_REDIRECTS = 3
_HANDSHAKE_S = 3.0  # for a handshake that only tells more about a fault


class HttpSession:
    """The way to one server. Threads may share it. Raises ServerAddress for an unusable address.

    Its login goes to its own origin alone, over a connection that is verified. Each request runs in
    a thread of its own, so that its caller can stop at any moment.
    """

    def __init__(
        self, server: Server, login: Callable[[], Mapping[str, str]], timeouts: HttpTimeouts
    ) -> None:
        self.url = usable_url(server)
        self._server, self._login, self._timeouts = server, login, timeouts
        self._login_headers: dict[str, str] | None = None
        self._context: ssl.SSLContext | None = None
        self._making_context = threading.Lock()
        self._idle: list[HttpConnection] = []

    def send(
        self,
        request: HttpRequest,
        waiting: Callable[[], object],
        *,
        limit: int,
        may_repeat: bool = True,
    ) -> HttpResponse:
        """An answer of 2xx, 400, 404 or 405, whole. Raises ServerError, or what `waiting` does.

        `limit`: bytes that its body may have. `may_repeat`: sent twice, it is the same as sent
        once; else it goes by a new connection.
        """
        exchange = _Exchange(self, limit=limit, may_repeat=may_repeat)
        cancel = exchange.cancel
        response = run_cancellable(lambda: exchange.follow(request), waiting, cancel.cancel)
        error = refusal(self._server.name, response, request.sent_bytes)
        if isinstance(error, ServerDenied):
            self._login_headers = None  # the user may give another one
        if error is not None:
            raise error
        return response

    def headers(self) -> dict[str, str]:
        """Of every request: the login is among them, and may take as long as the keyring."""
        known = self._login_headers
        if known is None:
            known = self._login_headers = dict(self._login())
        return {"User-Agent": AGENT, **known}

    def context(self) -> ssl.SSLContext:
        """For requests and socket. Made once; for a pinned certificate that takes a handshake."""
        with self._making_context:
            if self._context is None:
                self._context = self._new_context()
            return self._context

    def close(self) -> None:
        """Hang up what is idle."""
        while self._idle:
            self._idle.pop().close()

    def connection(self, *, is_new: bool) -> HttpConnection:
        """An idle connection where there is one and it will do, or a new one."""
        try:
            return self._connect() if is_new else self._idle.pop()
        except IndexError:
            return self._connect()

    def give_back(self, connection: HttpConnection) -> None:
        """Keep a connection whose answer was read to its end."""
        if len(self._idle) < _IDLE:
            self._idle.append(connection)
        else:
            connection.close()

    def explain(self, error: RequestFailed) -> ServerError:
        """The ServerError of a failed request, by another handshake where that tells more."""
        name = self._server.name
        distrusted = certificate_error(error)
        if distrusted is not None:
            reason = tls.reason(self._server, distrusted)
            return ServerCertificate(name, reason, self._shown_fingerprint())
        found = connection_error(name, error)
        is_odd = isinstance(found, ServerUnreachable) and found.reason == "dropped"
        is_plain = self.url.startswith("http:") and not error.is_reused
        if is_odd and is_plain and self._shown_fingerprint():
            return ServerUnreachable(name, "use_https")
        return found

    def read(self, response: OpenResponse, method: str, limit: int) -> HttpResponse:
        """The answer with its body. Raises ServerBroken (large) above `limit` bytes."""
        head, body = response.head, io.BytesIO()  # which gives its bytes away without a copy
        if (head.length or 0) > limit and method != "HEAD":
            raise ServerBroken(self._server.name, "large", str(head.length))
        try:
            for chunk in response.chunks():
                body.write(chunk)
                if body.tell() > limit:
                    raise ServerBroken(self._server.name, "large", str(body.tell()))
        except UnpacksTooFar as error:
            raise ServerBroken(self._server.name, "large", str(error)) from error
        return replace(head, content=body.getvalue())

    def _connect(self) -> HttpConnection:
        uses_proxies = not is_loopback(self.url)
        return HttpConnection(self._timeouts, context=self.context(), uses_proxies=uses_proxies)

    def _new_context(self) -> ssl.SSLContext:
        try:
            return tls.context_for(self._server, self.url, self._timeouts.connect_s)
        except OSError as error:
            raise connection_error(self._server.name, error) from error

    def _shown_fingerprint(self) -> str:
        """Of the certificate that is shown there; "" if none is."""
        try:
            limit_s = min(_HANDSHAKE_S, self._timeouts.connect_s)
            return tls.fingerprint(tls.presented(self.url, limit_s))
        except OSError:
            return ""


class _Exchange:
    """One call of `HttpSession.send`, in a thread of its own."""

    def __init__(self, session: HttpSession, *, limit: int, may_repeat: bool) -> None:
        self._session, self._limit, self._may_repeat = session, limit, may_repeat
        self.cancel = RequestCancel()

    def follow(self, request: HttpRequest) -> HttpResponse:
        """The answer, after redirects within the server's own origin."""
        response = self._answer(request)
        for _ in range(_REDIRECTS):
            url = redirect_target(response)
            if response.status not in MOVED or request.method == "POST" or not url:
                break
            request = HttpRequest(method=request.method, url=url, headers=request.headers)
            response = self._answer(request)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        """The answer; what can be repeated is, once, when a connection that lay idle broke."""
        headers = self._session.headers()
        try:
            return self._once(request, headers, is_new=not self._may_repeat)
        except RequestFailed as error:
            is_broken = error.kind in (FailureKind.CONNECT, FailureKind.BROKEN)
            if not (self._may_repeat and error.is_reused and is_broken):
                raise self._session.explain(error) from error
        try:
            return self._once(request, headers, is_new=True)
        except RequestFailed as error:
            raise self._session.explain(error) from error

    def _once(
        self, request: HttpRequest, headers: Mapping[str, str], *, is_new: bool
    ) -> HttpResponse:
        connection = self._session.connection(is_new=is_new)
        try:
            with connection.open(request, self.cancel, headers) as open_response:
                response = self._session.read(open_response, request.method, self._limit)
        except BaseException:
            connection.close()
            raise
        self._session.give_back(connection)
        return response
