"""Requests to servers, as we want them sent.

Redirects are followed by hand, a few and to https alone; a token goes to the host it was asked for
and to no other; nothing is compressed on the way. Each request runs in a thread of its own, so
that who waits for it can stop at any moment, also while the server says nothing.
"""

import contextlib
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import urljoin, urlsplit

from engine.errors import DownloadError, Gated, Offline, RemoteBroken, RemoteMissing
from engine.net.tokens import Secret, origin

if TYPE_CHECKING:
    import httpx2

MAX_REDIRECTS = 5
AGENT = "lacuna/0.1"
TRIES_OFFLINE = 2  # again, when nothing has arrived at all
LOOPBACK = ("127.0.0.1", "::1", "localhost")

T = TypeVar("T")

_MOVED = (301, 302, 303, 307, 308)
_WAIT_S = 0.1  # how often who waits is asked whether to go on


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpTimeouts:
    """How long is waited, and how often something is tried again."""

    connect_s: float = 10.0
    stall_s: float = 30.0  # without a single byte
    pauses_s: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 16.0)  # before the second try, the third...
    longest_s: float = 300.0  # of what a server may ask by Retry-After


HTTP_TIMEOUTS = HttpTimeouts()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseHead:
    """What a server said before the body: names of headers are in lower case."""

    url: str  # that answered, after redirects
    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class RetryableError(Exception):
    """Trouble that may pass: `error` is what it is when it does not."""

    def __init__(self, error: DownloadError, wait_s: float = 0.0) -> None:
        super().__init__(error, wait_s)
        self.error, self.wait_s = error, wait_s


class _Stopped(Exception):
    """Nobody waits for this transfer any more."""


class Transfer:
    """One request on its way. Ask for `answer`, then, if the body is wanted, for `chunks`."""

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        token: Secret | None = None,
        timeouts: HttpTimeouts,
    ) -> None:
        self._url, self._token, self._timeouts = url, token, timeouts
        self._headers = {"User-Agent": AGENT, "Accept-Encoding": "identity", **(headers or {})}
        self._queue: queue.Queue[ResponseHead | bytes | Exception | None] = queue.Queue(4)
        self._go_on, self._stop = threading.Event(), threading.Event()
        self._response: httpx2.Response | None = None
        self._thread = threading.Thread(target=self._run, name="transfer", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._go_on.set()
        if self._response is not None:
            _wake(self._response)
        self._thread.join(1.0)  # one that still connects ends by its own time limit

    def answer(self, waiting: Callable[[], object]) -> ResponseHead:
        """What the server says first. `waiting` is called meanwhile; what it raises ends this.

        Raises Again, or RemoteBroken for a redirect that is not allowed.
        """
        item = self._next(waiting)
        assert isinstance(item, ResponseHead)
        return item

    def chunks(self, waiting: Callable[[], object]) -> Iterator[bytes]:
        """The body, piece by piece. Raises Again when it breaks off."""
        self._go_on.set()
        while (item := self._next(waiting)) is not None:
            assert isinstance(item, bytes)
            yield item

    def _next(self, waiting: Callable[[], object]) -> ResponseHead | bytes | None:
        while True:
            try:
                item = self._queue.get(timeout=_WAIT_S)
            except queue.Empty:
                waiting()
                continue
            if isinstance(item, Exception):
                raise item
            return item

    def _run(self) -> None:
        import httpx2

        limits = httpx2.Timeout(self._timeouts.stall_s, connect=self._timeouts.connect_s)
        try:
            with httpx2.Client(timeout=limits) as client:
                self._receive(client)
        except _Stopped:
            return
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            self._tell(self._trouble(error))
        except (DownloadError, RetryableError) as error:
            self._tell(error)

    def _receive(self, client: "httpx2.Client") -> None:
        response = self._response = self._open(client)
        with contextlib.closing(response):
            headers = {name.lower(): value for name, value in response.headers.items()}
            self._put(
                ResponseHead(url=str(response.url), status=response.status_code, headers=headers)
            )
            self._go_on.wait()
            if not self._stop.is_set():
                for chunk in response.iter_raw():
                    self._put(chunk)
                self._put(None)

    def _open(self, client: "httpx2.Client") -> "httpx2.Response":
        url, ours = self._url, True
        for _ in range(MAX_REDIRECTS + 1):
            headers = dict(self._headers)
            if ours and self._token is not None:
                headers["Authorization"] = f"Bearer {self._token.reveal()}"
            response = client.send(client.build_request("GET", url, headers=headers), stream=True)
            if response.status_code not in _MOVED:
                return response
            response.close()
            url = self._moved(url, response.headers.get("Location", ""))
            ours = ours and origin(url) == origin(self._url)  # left once, never trusted again
        raise RemoteBroken(self._url, "redirect", found="too many")

    def _moved(self, url: str, location: str) -> str:
        target = urljoin(url, location)
        parts, home = urlsplit(target), urlsplit(self._url)
        local = parts.hostname in LOOPBACK and home.hostname in LOOPBACK
        if not location or (parts.scheme != "https" and not (parts.scheme == "http" and local)):
            raise RemoteBroken(self._url, "redirect", found=target)
        return target

    def _trouble(self, error: Exception) -> RetryableError:
        import httpx2

        reached = self._response is not None
        if isinstance(error, httpx2.ReadTimeout):
            return RetryableError(RemoteBroken(self._url, "stalled"))
        if reached or isinstance(error, httpx2.ReadError | httpx2.RemoteProtocolError):
            return RetryableError(RemoteBroken(self._url, "stalled", found=type(error).__name__))
        return RetryableError(Offline(urlsplit(self._url).hostname or self._url, str(error)))

    def _put(self, item: ResponseHead | bytes | None) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(queue.Full):
                self._queue.put(item, timeout=_WAIT_S)
                return
        raise _Stopped

    def _tell(self, error: Exception) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(queue.Full):
                self._queue.put(error, timeout=_WAIT_S)
                return


def persist(
    attempt: Callable[[], T],
    timeouts: HttpTimeouts,
    waiting: Callable[[], object],
    arrived: Callable[[], int] = lambda: 0,
) -> T:
    """What an attempt gives, tried again after trouble that may pass.

    Bytes that arrive earn new attempts. `waiting` is called during pauses, and may raise.
    """
    failures = 0
    while True:
        before = arrived()
        try:
            return attempt()
        except RetryableError as trouble:
            failures = 1 if arrived() > before else failures + 1
            pauses = timeouts.pauses_s
            if isinstance(trouble.error, Offline) and not arrived():
                pauses = pauses[:TRIES_OFFLINE]
            if failures > len(pauses):
                raise trouble.error from trouble
            asked_s = min(trouble.wait_s, timeouts.longest_s)
            _pause(max(pauses[failures - 1], asked_s), waiting)


def _pause(seconds: float, waiting: Callable[[], object]) -> None:
    end_s = time.monotonic() + seconds
    while (left_s := end_s - time.monotonic()) > 0:
        waiting()
        time.sleep(min(_WAIT_S, left_s))


def refusal(
    answer: ResponseHead, url: str, *, repo: str = "", page: str = ""
) -> DownloadError | None:
    """What an answer of 400 and above means. Raises Again for what may pass."""
    status, code = answer.status, answer.headers.get("x-error-code", "")
    if status < 400:
        return None
    if status in (404, 410) or code in ("RepoNotFound", "EntryNotFound", "RevisionNotFound"):
        return RemoteMissing(url)
    if status in (401, 403) and origin(answer.url) == origin(url):
        return Gated(repo or urlsplit(url).hostname or url, status, page or url)
    broken = RemoteBroken(url, "status", found=str(status))
    if status in (408, 429) or status >= 500:
        raise RetryableError(broken, _asked_wait_s(answer))
    return broken


def _asked_wait_s(answer: ResponseHead) -> float:
    """Retry-After in seconds; a date, or anything else, is left to our own pauses."""
    text = answer.headers.get("retry-after", "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0.0


def _wake(response: "httpx2.Response") -> None:
    """End a read that is under way in the transfer's thread."""
    stream = response.extensions.get("network_stream")
    if stream is None:
        return
    with contextlib.suppress(OSError):
        line = stream.get_extra_info("socket")
        if isinstance(line, socket.socket):
            line.shutdown(socket.SHUT_RDWR)
