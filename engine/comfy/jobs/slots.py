"""Whose turn it is: jobs wait here, in order, rather than on servers that others use too."""

import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

PLACES = 2  # on each server: one runs, and the next one's pictures are on their way meanwhile


@dataclass(slots=True, eq=False)
class _Ticket:
    """A job that waits; `names` are the servers that would do."""

    names: Sequence[str]


class ServerSlots:
    """First come, first served, at `PLACES` of each server."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._tickets: list[_Ticket] = []
        self._taken: Counter[str] = Counter()

    def taken(self, name: str) -> int:
        """How many places of a server are in use."""
        return self._taken[name]

    @contextlib.contextmanager
    def place(
        self,
        names: Callable[[], Sequence[str]],
        best: Callable[[Sequence[str]], str],
        waiting: Callable[[int], object],
        tick_s: float,
    ) -> Generator[str]:
        """The server whose turn it is to do this job, held until the block ends; "" if none will.

        `names` are asked for again and again: servers come and go. `best` chooses among those with
        a place. `waiting` is told how many jobs of ours are done before, and may raise.
        """
        name = self._wait(names, best, waiting, tick_s)
        try:
            yield name
        finally:
            with self._changed:
                self._taken[name] -= bool(name)
                self._changed.notify_all()

    def _wait(
        self,
        names: Callable[[], Sequence[str]],
        best: Callable[[Sequence[str]], str],
        waiting: Callable[[int], object],
        tick_s: float,
    ) -> str:
        ticket = _Ticket(names())
        with self._changed:
            self._tickets.append(ticket)
        try:
            while ticket.names:
                with self._changed:
                    free = self._free_for(ticket)
                    if free:
                        name = best(free)
                        self._taken[name] += 1
                        return name
                    before = self._before(ticket)
                    self._changed.wait(tick_s)
                waiting(before)
                ticket.names = names()
        finally:
            with self._changed:
                self._tickets.remove(ticket)
                self._changed.notify_all()
        return ""

    def _free_for(self, ticket: _Ticket) -> Sequence[str]:
        """The servers that this job may go to: none while an earlier one could go."""
        for each in self._tickets:
            free = [name for name in each.names if self._taken[name] < PLACES]
            if each is ticket:
                return free
            if free:
                break
        return ()

    def _before(self, ticket: _Ticket) -> int:
        """Jobs of ours that are done first: those at the server that is least busy, and earlier."""
        busy = min((self._taken[name] for name in ticket.names), default=0)
        return busy + self._tickets.index(ticket)
