"""What went wrong between us and a server, in our own words."""

import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from engine.comfy.errors import (
    ServerBroken,
    ServerDenied,
    ServerError,
    ServerTooLarge,
    ServerUnreachable,
)
from engine.net.tokens import origin

MOVED = (301, 302, 303, 307, 308)
PLACEHOLDER = "x-portal-placeholder"  # a proxy answers in the place of a server that is not up

_PLAIN = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE")
_HTTPS_PORT = (b"HTTP request to an HTTPS server", b"plain HTTP request was sent to HTTPS port")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HttpResponse:
    """What a server said: names of headers are in lower case."""

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content: bytes = b""

    @property
    def kind(self) -> str:
        """The media type, in lower case, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_json(self) -> bool:
        return self.kind == "application/json" or self.kind.endswith("+json")

    @property
    def length(self) -> int | None:
        """Bytes that were announced."""
        text = self.headers.get("content-length", "")
        return int(text) if text.isascii() and text.isdigit() else None


def causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what led to it, as far as that is known."""
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__


def distrust(error: BaseException) -> ssl.SSLCertVerificationError | None:
    """The refusal of a certificate, if that is what was wrong."""
    found = (e for e in causes(error) if isinstance(e, ssl.SSLCertVerificationError))
    return next(found, None)


def broken_line(server: str, error: BaseException, *, has_begun: bool = False) -> ServerError:
    """What a broken connection means; `has_begun`: after the answer's headers had arrived."""
    import httpx2

    for cause in causes(error):
        match cause:
            case TimeoutError() | httpx2.TimeoutException():
                return ServerUnreachable(server, "timeout")
            case ssl.SSLError() if cause.reason in _PLAIN:
                return ServerUnreachable(server, "use_http")
            case socket.gaierror():
                return ServerUnreachable(server, "name")
            case ConnectionRefusedError():
                return ServerUnreachable(server, "refused")
            case httpx2.DecodingError():
                return ServerBroken(server, "format", str(cause))
            case _:
                continue
    if has_begun:
        return ServerBroken(server, "truncated", str(error))
    is_there = not isinstance(error, httpx2.ConnectError | httpx2.ProxyError)
    return ServerUnreachable(server, "dropped" if is_there else "refused", str(error))


def refusal(server: str, answer: HttpResponse, sent_bytes: int = 0) -> ServerError | None:
    """What an answer means that is none of ours; None if it may be one. 400, 404, 405 may."""
    status = answer.status
    if PLACEHOLDER in answer.headers or status in (502, 503):
        return ServerUnreachable(server, "starting")
    if status in MOVED:
        return _moved(server, answer)
    if status in (401, 403):
        return ServerDenied(server, status)
    if status == 413:
        return ServerTooLarge(server, sent_bytes / 1e6)
    if status == 400 and any(words in answer.content for words in _HTTPS_PORT):
        return ServerUnreachable(server, "use_https")
    if status == 504:
        return ServerUnreachable(server, "timeout")
    is_known = 200 <= status < 300 or status in (400, 404, 405)
    return None if is_known else ServerUnreachable(server, "status", str(status))


def target(answer: HttpResponse) -> str:
    """Where a redirect leads, or "" when it is to another origin: no login goes there."""
    url = _led_to(answer)
    return url if url and origin(url) == origin(answer.url) else ""


def _moved(server: str, answer: HttpResponse) -> ServerError:
    url = _led_to(answer)
    there, here = urlsplit(url), urlsplit(answer.url)
    if (here.scheme, there.scheme) == ("http", "https") and here.hostname == there.hostname:
        return ServerUnreachable(server, "use_https")
    return ServerUnreachable(server, "redirect", origin(url))


def _led_to(answer: HttpResponse) -> str:
    """The whole address, or "" when it is none."""
    location = answer.headers.get("location", "")
    try:
        url = urljoin(answer.url, location)
        origin(url)
    except ValueError:
        return ""
    return url if location else ""
