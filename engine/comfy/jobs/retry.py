"""Repeats calls to a server that may be unreachable for a while."""

import time
from collections.abc import Callable
from typing import TypeVar

from engine.comfy.errors import ServerBroken, ServerError, ServerUnreachable
from engine.comfy.server.timeouts import JobTimeouts

T = TypeVar("T")

_TRIES = 3


def is_temporary(error: ServerError) -> bool:
    """Whether the same question may be answered a little later.

    Also when somebody else answers, or leads elsewhere: the server was met, and trains and hotels
    put pages of their own in its place for a while.
    """
    if isinstance(error, ServerUnreachable):
        return error.reason != "old"
    return isinstance(error, ServerBroken) and error.reason in ("truncated", "format")


class Retry:
    """Questions of one job, which is not lost when its server does not answer for a while."""

    def __init__(self, timeouts: JobTimeouts, gone_s: float, waiting: Callable[[], object]) -> None:
        self._timeouts, self._gone_s, self._waiting = timeouts, gone_s, waiting
        self.is_gone = False

    def until_answered(self, call: Callable[[], T]) -> T:
        """The answer, as soon as there is one. Raises the last error when `gone_s` is over.

        Meanwhile `is_gone`, and `waiting` is called, which may stop it.
        """
        pauses, since_s = self._timeouts.pauses(), time.monotonic()
        while True:
            try:
                answer = call()
            except ServerError as error:
                if not is_temporary(error) or time.monotonic() - since_s >= self._gone_s:
                    raise
                self.is_gone = True
            else:
                self.is_gone = False
                return answer
            self.pause(next(pauses))

    def pause(self, pause_s: float) -> None:
        """Let time pass."""
        until_s = time.monotonic() + pause_s
        while (left_s := until_s - time.monotonic()) > 0:
            self._waiting()
            time.sleep(min(left_s, self._timeouts.tick_s))


def retry_truncated(call: Callable[[], T]) -> T:
    """The answer, asked for again when a file arrived in part."""
    for _ in range(_TRIES - 1):
        try:
            return call()
        except ServerBroken as error:
            if error.reason != "truncated":
                raise
    return call()
