"""Runs blocking calls in a thread of their own, so that the caller can stop waiting any time.

`run_cancellable` gives the result of one call, `BackgroundStream` what a call produces piece by
piece. A `RequestCancel` ends the socket that such a call is blocked on.
"""

import contextlib
import queue
import socket
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

TICK_S = 0.1  # how often the waiting side is asked whether to go on

T = TypeVar("T")

_MAX_QUEUED = 4  # items that are produced ahead of the reader
_JOIN_S = 1.0  # for the thread of a closed stream; one that still connects ends by its own timeout


class RequestCancelled(Exception):
    """The request was cancelled from another thread."""


class RequestCancel:
    """Cancels a request that runs in another thread, by shutting its socket down."""

    def __init__(self) -> None:
        self._is_cancelled = False
        self._socket: socket.socket | None = None

    def attach(self, connection: socket.socket | None) -> None:
        """Name the socket that the request uses. Raises RequestCancelled, as `check` does."""
        self._socket = connection
        self.check()

    def check(self) -> None:
        """Raises RequestCancelled after `cancel`."""
        if self._is_cancelled:
            raise RequestCancelled

    def cancel(self) -> None:
        """End the read or write that is under way, and let no other begin."""
        self._is_cancelled = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


class BackgroundStream(Generic[T]):
    """The items that `produce` hands to its argument, in order, from a thread that starts at once.

    `cancel` should make that thread end soon. The producer is held back when the reader is slow.
    """

    def __init__(
        self, produce: Callable[[Callable[[T], None]], object], cancel: Callable[[], object]
    ) -> None:
        self._produce, self._cancel = produce, cancel
        self._items: queue.Queue[T | _End] = queue.Queue(_MAX_QUEUED)
        self._is_cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)
        self._thread.start()

    def next(self, waiting: Callable[[], object]) -> T | None:
        """The next item, None after the last; raises what `produce` raised.

        `waiting` is called ten times a second until there is one, and may raise.
        """
        while True:
            try:
                item = self._items.get(timeout=TICK_S)
            except queue.Empty:
                waiting()
                continue
            if not isinstance(item, _End):
                return item
            if item.error is not None:
                raise item.error
            return None

    def cancel(self) -> None:
        """Let go of the thread; it is not waited for."""
        self._is_cancelled.set()
        self._cancel()

    def close(self) -> None:
        """As `cancel`, and give the thread a moment to end."""
        self.cancel()
        self._thread.join(_JOIN_S)

    def _run(self) -> None:
        error: BaseException | None = None
        try:
            self._produce(self._put)
        except BaseException as raised:  # noqa: BLE001 raised again in `next`
            error = raised
        with contextlib.suppress(RequestCancelled):
            self._put(_End(error))

    def _put(self, item: "T | _End") -> None:
        while not self._is_cancelled.is_set():
            with contextlib.suppress(queue.Full):
                self._items.put(item, timeout=TICK_S)
                return
        raise RequestCancelled


class _End:
    """The last item of a stream, with what its producer raised."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def run_cancellable(
    call: Callable[[], T], waiting: Callable[[], object], cancel: Callable[[], object]
) -> T:
    """Run `call` in a thread of its own; its result, or what it raises.

    `waiting` is called before it starts and ten times a second; what it raises ends the wait at
    once, after `cancel`, which should make the thread end soon.
    """
    waiting()
    stream = BackgroundStream[tuple[T]](lambda put: put((call(),)), cancel)
    try:
        item = stream.next(waiting)
    except BaseException:
        stream.cancel()
        raise
    assert item is not None  # the one that was put
    return item[0]
