"""Maps failed requests and refusing answers to the ServerError that they mean."""

import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from engine.comfy.errors import (
    ServerBroken,
    ServerDenied,
    ServerError,
    ServerTooLarge,
    ServerUnreachable,
)
from engine.net.http import MOVED, FailureKind, HttpResponse, RequestFailed
from engine.net.tokens import origin

PLACEHOLDER = "x-portal-placeholder"  # a proxy answers in the place of a server that is not up

_PLAIN = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE")
_HTTPS_PORT = (b"HTTP request to an HTTPS server", b"plain HTTP request was sent to HTTPS port")


def causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what led to it, as far as that is known."""
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__


def certificate_error(error: BaseException) -> ssl.SSLCertVerificationError | None:
    """The refusal of a certificate, if that is what was wrong."""
    found = (e for e in causes(error) if isinstance(e, ssl.SSLCertVerificationError))
    return next(found, None)


def connection_error(server: str, error: BaseException) -> ServerError:
    """The ServerError for a RequestFailed, or for an OSError of a handshake."""
    for cause in causes(error):
        match cause:
            case TimeoutError() | RequestFailed(kind=FailureKind.CONNECT_TIMEOUT):
                return ServerUnreachable(server, "timeout")
            case RequestFailed(kind=FailureKind.STALLED):
                return ServerUnreachable(server, "timeout")
            case RequestFailed(kind=FailureKind.DECODING):
                return ServerBroken(server, "format", str(cause))
            case ssl.SSLError() if cause.reason in _PLAIN:
                return ServerUnreachable(server, "use_http")
            case socket.gaierror():
                return ServerUnreachable(server, "name")
            case ConnectionRefusedError():
                return ServerUnreachable(server, "refused")
            case _:
                continue
    if isinstance(error, RequestFailed) and error.has_begun:
        return ServerBroken(server, "truncated", str(error))
    is_refused = isinstance(error, RequestFailed) and error.kind is FailureKind.CONNECT
    return ServerUnreachable(server, "refused" if is_refused else "dropped", str(error))


def refusal(server: str, answer: HttpResponse, sent_bytes: int = 0) -> ServerError | None:
    """The error of an answer that cannot be ComfyUI's; None for 2xx, 400, 404 and 405."""
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


def redirect_target(answer: HttpResponse) -> str:
    """The target of a redirect, or "" when it is to another origin: no login goes there."""
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
