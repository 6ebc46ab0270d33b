"""Downloads by GET: redirects, tokens and retries.

Redirects are followed a few times and to https alone; a token goes to the host it is for and to no
other; bodies are not compressed on the way. A transfer can be cancelled at any moment, also while
the server says nothing.
"""

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Self, TypeVar
from urllib.parse import urljoin, urlsplit

from engine.errors import DownloadError, Gated, Offline, RemoteBroken, RemoteMissing
from engine.net.cancellable import TICK_S, BackgroundStream, RequestCancel
from engine.net.http import (
    LOOPBACK,
    MOVED,
    FailureKind,
    HttpConnection,
    HttpRequest,
    HttpResponse,
    HttpTimeouts,
    OpenResponse,
    RequestFailed,
)
from engine.net.tokens import Secret, origin

MAX_REDIRECTS = 5
TRIES_OFFLINE = 2  # again, when nothing has arrived at all

T = TypeVar("T")


class RetryableError(Exception):
    """Trouble that may pass: `error` is what it is when it does not."""

    def __init__(self, error: DownloadError, wait_s: float = 0.0) -> None:
        super().__init__(error, wait_s)
        self.error, self.wait_s = error, wait_s


class Transfer:
    """One request on its way. Ask for `answer`, then, if the body is wanted, for `chunks`.

    To be used as a context manager: at its end the connection is cut.
    """

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        token: Secret | None = None,
        timeouts: HttpTimeouts,
    ) -> None:
        self._url, self._token, self._timeouts = url, token, timeouts
        self._headers = {"Accept-Encoding": "identity", **(headers or {})}
        self._cancel = RequestCancel()
        self._stream = BackgroundStream[HttpResponse | bytes](self._receive, self._cancel.cancel)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stream.close()

    def answer(self, waiting: Callable[[], object]) -> HttpResponse:
        """The head of the answer. `waiting` is called meanwhile; what it raises ends this.

        Raises RetryableError, or RemoteBroken for a redirect that is not allowed.
        """
        item = self._stream.next(waiting)
        assert isinstance(item, HttpResponse)
        return item

    def chunks(self, waiting: Callable[[], object]) -> Iterator[bytes]:
        """The body, piece by piece. Raises RetryableError when it breaks off."""
        while (item := self._stream.next(waiting)) is not None:
            assert isinstance(item, bytes)
            yield item

    def _receive(self, put: Callable[[HttpResponse | bytes], None]) -> None:
        connection = HttpConnection(self._timeouts)
        try:
            with self._open(connection) as response:
                put(response.head)
                for chunk in response.raw_chunks():
                    put(chunk)
        except RequestFailed as error:
            raise self._retryable(error) from error
        finally:
            connection.close()

    @contextmanager
    def _open(self, connection: HttpConnection) -> Generator[OpenResponse]:
        url, is_trusted = self._url, True
        for _ in range(MAX_REDIRECTS + 1):
            headers = dict(self._headers)
            if is_trusted and self._token is not None:
                headers["Authorization"] = f"Bearer {self._token.reveal()}"
            request = HttpRequest(url=url, headers=headers)
            with connection.open(request, self._cancel) as response:
                if response.head.status not in MOVED:
                    yield response
                    return
                location = response.head.headers.get("location", "")
            url = self._redirected(url, location)
            # a token never comes back once the origin was left
            is_trusted = is_trusted and origin(url) == origin(self._url)
        raise RemoteBroken(self._url, "redirect", found="too many")

    def _redirected(self, url: str, location: str) -> str:
        try:
            target = urljoin(url, location)
            origin(target)
        except ValueError:  # an address that is none
            raise RemoteBroken(self._url, "redirect", found=location) from None
        parts, home = urlsplit(target), urlsplit(self._url)
        is_local = parts.hostname in LOOPBACK and home.hostname in LOOPBACK
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_local)
        if not location or not is_safe:
            raise RemoteBroken(self._url, "redirect", found=target)
        return target

    def _retryable(self, error: RequestFailed) -> RetryableError:
        if error.kind is FailureKind.STALLED:
            return RetryableError(RemoteBroken(self._url, "stalled"))
        if error.has_begun or error.kind is FailureKind.BROKEN:
            cause = type(error.__cause__).__name__
            return RetryableError(RemoteBroken(self._url, "stalled", found=cause))
        return RetryableError(Offline(urlsplit(self._url).hostname or self._url, str(error)))


def persist(
    attempt: Callable[[], T],
    timeouts: HttpTimeouts,
    waiting: Callable[[], object],
    arrived: Callable[[], int] = lambda: 0,
) -> T:
    """The result of `attempt`, repeated after each RetryableError, as often as `timeouts` says.

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
        time.sleep(min(TICK_S, left_s))


def refusal(
    answer: HttpResponse, url: str, *, repo: str = "", page: str = ""
) -> DownloadError | None:
    """The error of an answer of 400 and above, else None. Raises RetryableError if it may pass."""
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


def _asked_wait_s(answer: HttpResponse) -> float:
    """Retry-After in seconds; a date, or anything else, is left to our own pauses."""
    text = answer.headers.get("retry-after", "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0.0
