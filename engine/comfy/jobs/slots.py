"""Gives the slots of servers to waiting jobs: first come, first served.

Jobs wait here rather than in the queues of servers, which others use too.
"""

import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

SLOTS = 2  # on each server: one runs, and the next one's pictures are on their way meanwhile


@dataclass(slots=True, eq=False)
class _Ticket:
    """A job that waits, and the servers that could do it."""

    candidates: Sequence[str]


class ServerSlots:
    """`SLOTS` of each server, in the order of asking."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._tickets: list[_Ticket] = []
        self._used: Counter[str] = Counter()

    def used(self, name: str) -> int:
        """The number of slots of a server in use."""
        return self._used[name]

    @contextlib.contextmanager
    def hold(
        self,
        candidates: Callable[[], Sequence[str]],
        best: Callable[[Sequence[str]], str],
        waiting: Callable[[int], object],
        tick_s: float,
    ) -> Generator[str]:
        """The server that a slot was taken of, held until the block ends; "" when none is left.

        `candidates` is called again and again: servers come and go. `best` chooses among those
        with a free slot. `waiting` is told how many jobs of ours come before, and may raise.
        """
        name = self._wait(candidates, best, waiting, tick_s)
        try:
            yield name
        finally:
            with self._changed:
                self._used[name] -= bool(name)
                self._changed.notify_all()

    def _wait(
        self,
        candidates: Callable[[], Sequence[str]],
        best: Callable[[Sequence[str]], str],
        waiting: Callable[[int], object],
        tick_s: float,
    ) -> str:
        ticket = _Ticket(candidates())
        with self._changed:
            self._tickets.append(ticket)
        try:
            while ticket.candidates:
                with self._changed:
                    free = self._free_for(ticket)
                    if free:
                        name = best(free)
                        self._used[name] += 1
                        return name
                    before = self._before(ticket)
                    self._changed.wait(tick_s)
                waiting(before)
                ticket.candidates = candidates()
        finally:
            with self._changed:
                self._tickets.remove(ticket)
                self._changed.notify_all()
        return ""

    def _free_for(self, ticket: _Ticket) -> Sequence[str]:
        """The servers that this job may go to: none while an earlier one could go."""
        for each in self._tickets:
            free = [name for name in each.candidates if self._used[name] < SLOTS]
            if each is ticket:
                return free
            if free:
                break
        return ()

    def _before(self, ticket: _Ticket) -> int:
        """Jobs of ours that are done first: those at the server that is least busy, and earlier."""
        busy = min((self._used[name] for name in ticket.candidates), default=0)
        return busy + self._tickets.index(ticket)
