"""HTTP requests that can be cancelled from another thread: the only user of httpx2.

An `HttpConnection` sends one request after the other; what the library raises becomes a
`RequestFailed`. Redirects, logins, retries and threads are up to the caller; see
`engine.net.cancellable`.
"""

import socket
import ssl
from collections.abc import Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.net.cancellable import RequestCancel, RequestCancelled
from engine.net.inflate import NotInflatable, inflated

if TYPE_CHECKING:
    import httpx2

AGENT = "lacuna/0.1"
UNPACKED = {"Accept-Encoding": "gzip, deflate"}  # what engine.net.inflate knows
MOVED = (301, 302, 303, 307, 308)  # statuses of redirects that name a Location
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpTimeouts:
    """Timeouts of a request, and the pauses before it is tried again."""

    connect_s: float = 10.0
    stall_s: float = 30.0  # without a single byte
    pauses_s: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 16.0)  # before the second try, the third...
    longest_s: float = 300.0  # of what a server may ask by Retry-After


HTTP_TIMEOUTS = HttpTimeouts()


class UploadFile(NamedTuple):
    """A file for one field of a form."""

    field: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HttpRequest:
    """One request. Headers of the connection's own, and a User-Agent, are added to these."""

    method: str = "GET"
    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content: bytes | None = None
    form: Mapping[str, str] = field(default_factory=dict[str, str])
    file: UploadFile | None = None

    @property
    def sent_bytes(self) -> int:
        """Bytes of the body, at least."""
        return len(self.content or b"") + (len(self.file.content) if self.file else 0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HttpResponse:
    """An answer; names of headers are in lower case. `content` is b"" until it was read."""

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content: bytes = b""

    @property
    def media_type(self) -> str:
        """In lower case, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_json(self) -> bool:
        return self.media_type == "application/json" or self.media_type.endswith("+json")

    @property
    def length(self) -> int | None:
        """Bytes that were announced."""
        text = self.headers.get("content-length", "")
        return int(text) if text.isascii() and text.isdigit() else None


class FailureKind(Enum):
    """The kind of a failed request."""

    CONNECT = "connect"  # no connection, or no address that one could be made to
    CONNECT_TIMEOUT = "connect timeout"
    STALLED = "stalled"  # no byte within `stall_s`
    BROKEN = "broken"  # the connection ended, or something else than HTTP was spoken
    DECODING = "decoding"  # a compressed body is damaged


class RequestFailed(Exception):
    """A request without a whole answer; its cause is what the library raised.

    `has_begun`: the headers of the answer had arrived. `is_reused`: the connection had been used
    before, or was not made at all.
    """

    def __init__(self, kind: FailureKind, detail: str, *, has_begun: bool, is_reused: bool) -> None:
        super().__init__(detail)
        self.kind, self.has_begun, self.is_reused = kind, has_begun, is_reused


class HttpConnection:
    """A client with a single connection, so that it is known which socket a request uses.

    One request at a time. `context` verifies https; None: the system's
    authorities do. `uses_proxies`: those of the environment.
    """

    def __init__(
        self,
        timeouts: HttpTimeouts,
        *,
        context: ssl.SSLContext | None = None,
        uses_proxies: bool = True,
    ) -> None:
        import httpx2

        self._client = httpx2.Client(
            verify=True if context is None else context,
            timeout=httpx2.Timeout(timeouts.stall_s, connect=timeouts.connect_s),
            trust_env=uses_proxies,
            follow_redirects=False,
        )
        self._socket: socket.socket | None = None
        self._is_reused = False

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    @contextmanager
    def open(
        self, request: HttpRequest, cancel: RequestCancel, headers: Mapping[str, str] | None = None
    ) -> Generator["OpenResponse"]:
        """The answer to a request, of which the body is still to be read inside the block.

        Raises RequestFailed, also while the body is read, and RequestCancelled after
        `cancel.cancel()`.
        """
        import httpx2

        self._is_reused, has_begun = True, False
        try:
            cancel.attach(self._socket)
            with self._stream(request, cancel, headers or {}) as response:
                has_begun = True
                yield OpenResponse(response)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, NotInflatable) as error:
            cancel.check()
            raise RequestFailed(
                _kind_of(error), str(error), has_begun=has_begun, is_reused=self._is_reused
            ) from error

    def _stream(
        self, request: HttpRequest, cancel: RequestCancel, headers: Mapping[str, str]
    ) -> AbstractContextManager["httpx2.Response"]:
        def trace(event: str, about: dict[str, Any]) -> None:
            self._trace(event, about, cancel)

        file = request.file
        return self._client.stream(
            request.method,
            request.url,
            headers={"User-Agent": AGENT, **UNPACKED, **request.headers, **headers},
            content=request.content,
            data=request.form or None,
            files={file.field: (file.name, file.content)} if file else None,
            extensions={"trace": trace},
        )

    def _trace(self, event: str, about: dict[str, Any], cancel: RequestCancel) -> None:
        """Called by the library at each step of a request, in the thread that sends it."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._connected(about["return_value"], cancel)
        elif ".send_request_" in event:  # nothing is sent once the request is cancelled
            cancel.check()

    def _connected(self, stream: Any, cancel: RequestCancel) -> None:
        self._socket, self._is_reused = stream.get_extra_info("socket"), False
        try:
            cancel.attach(self._socket)
        except RequestCancelled:
            stream.close()  # the library does not know of it yet
            raise


class OpenResponse:
    """An answer whose body is still on its way."""

    def __init__(self, response: "httpx2.Response") -> None:
        self._response = response
        headers = {name.lower(): value for name, value in response.headers.items()}
        self.head = HttpResponse(
            url=str(response.url), status=response.status_code, headers=headers
        )

    def chunks(self) -> Iterator[bytes]:
        """The body in pieces of bounded size, unpacked where it is compressed."""
        return inflated(self._response.iter_raw(), self.head.headers.get("content-encoding", ""))

    def raw_chunks(self) -> Iterator[bytes]:
        """The body as it is sent."""
        return self._response.iter_raw()


def system_context() -> ssl.SSLContext:
    """A new context that verifies by the system's authorities."""
    import httpx2

    return httpx2.create_ssl_context()


def _kind_of(error: Exception) -> FailureKind:
    import httpx2

    match error:
        case httpx2.ConnectTimeout():
            return FailureKind.CONNECT_TIMEOUT
        case httpx2.TimeoutException():
            return FailureKind.STALLED
        case NotInflatable():
            return FailureKind.DECODING
        case httpx2.ConnectError() | httpx2.ProxyError() | httpx2.UnsupportedProtocol():
            return FailureKind.CONNECT
        case httpx2.HTTPError():
            return FailureKind.BROKEN
        case _:  # InvalidURL, or the system's own
            return FailureKind.CONNECT
