"""When to ask a server where a job is: polling is the truth, its socket only hurries it."""

import time

from engine.comfy.server.timeouts import JobTimeouts

_GROWTH = 1.5
_LOST_LOOKS = 6  # while a job is found nowhere


class PollSchedule:
    """The time of the next look at one prompt."""

    def __init__(self, patience: JobTimeouts) -> None:
        self._patience = patience
        self.restart()

    def restart(self) -> None:
        """The prompt was just sent."""
        self._pause_s = self._patience.look_s
        self._next_s = time.monotonic() + self._pause_s
        self._nowhere_s: float | None = None

    @property
    def is_due(self) -> bool:
        return time.monotonic() >= self._next_s

    def hurry(self) -> None:
        """Something was heard that the server should be asked about."""
        self._next_s = time.monotonic()

    def heard(self) -> None:
        """The socket says how it goes: nothing has to be asked for a while."""
        self._pause_s = self._patience.look_s
        if not self.is_due:
            self._next_s = time.monotonic() + self._pause_s

    def found(self) -> None:
        """It is there, and not done yet: look less and less often."""
        self._nowhere_s = None
        self._next_s = time.monotonic() + self._pause_s
        self._pause_s = min(self._patience.longest_look_s, self._pause_s * _GROWTH)

    def missed(self) -> bool:
        """It was not found; whether that has been so for long enough to believe it.

        A server that has just finished a job may have it nowhere for a moment.
        """
        now_s = time.monotonic()
        if self._nowhere_s is None:
            self._nowhere_s = now_s
        self._next_s = now_s + self._patience.lost_s / _LOST_LOOKS
        return now_s - self._nowhere_s >= self._patience.lost_s
