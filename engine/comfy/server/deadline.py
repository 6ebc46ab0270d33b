"""Waiting for a thread that may hang, and letting go of it."""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

TICK_S = 0.1  # how often who waits is asked whether to go on

T = TypeVar("T")


def awaited(
    call: Callable[[], T], waiting: Callable[[], object], give_up: Callable[[], object]
) -> T:
    """What `call` returns or raises, in a thread of its own.

    `waiting` is called before it starts and ten times a second; what it raises ends the wait at
    once, after `give_up`, which should make the thread end soon.
    """
    waiting()
    work = _Work(call)
    threading.Thread(target=work.run, name="comfyui", daemon=True).start()
    try:
        while not work.is_done.wait(TICK_S):
            waiting()
    except BaseException:
        give_up()
        raise
    return work.outcome()


class _Work(Generic[T]):
    """A call, and how it ended."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._results: list[T] = []
        self._error: BaseException | None = None
        self.is_done = threading.Event()

    def run(self) -> None:
        try:
            self._results.append(self._call())
        except BaseException as error:  # noqa: BLE001 raised again by who waits
            self._error = error
        finally:
            self.is_done.set()

    def outcome(self) -> T:
        if self._error is not None:
            raise self._error
        return self._results[0]


class RequestCancelled(Exception):
    """Nobody waits for this request any more."""


class RequestCancel:
    """Ties a request to who waits for it, in another thread."""

    def __init__(self) -> None:
        self._is_cut = False
        self._socket: socket.socket | None = None

    def hold(self, line: socket.socket | None) -> None:
        """Say by what the request goes. Raises Cut, as `check` does."""
        self._socket = line
        self.check()

    def check(self) -> None:
        """Raises Cut when nobody waits any more."""
        if self._is_cut:
            raise RequestCancelled

    def cut(self) -> None:
        """End the read or write that is under way, and let no other begin."""
        self._is_cut = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
