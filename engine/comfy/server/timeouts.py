"""The timeouts and polling intervals of jobs on servers."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTimeouts:
    """All pauses of the life of a job, in one place."""

    tick_s: float = 0.1  # how often the user is asked whether to go on
    poll_s: float = 0.5  # before the first look after the socket fell silent
    longest_poll_s: float = 10.0  # between looks, after they have grown
    lost_s: float = 3.0  # between the two looks that find a job nowhere
    gone_s: float = 120.0  # for a server that does not answer any more
    gone_elsewhere_s: float = 15.0  # the same, when another one could do the job
    again_s: float = 1.0  # before the second try; doubled each time
    longest_again_s: float = 30.0
    stop_again_s: float = 1.0  # an interrupt can get lost: it is repeated
    stop_s: float = 20.0  # for a job to stop; then it is left to stop by itself
    stop_poll_s: float = 0.25
    reposts: int = 2  # of a job that a server lost
    socket_s: float = 1.0  # for the socket, before the job is posted without one
    open_s: float = 10.0  # for the socket to open
    ping_s: float = 20.0  # the server never asks whether we are there
    pong_s: float = 60.0
    close_s: float = 1.0  # for the farewell of a socket

    def pauses(self) -> Iterator[float]:
        """Seconds between tries: doubled up to the longest, and uneven.

        Many clients of a server that comes back should not ask at the same moment.
        """
        for power in itertools.count():
            pause_s = min(self.longest_again_s, self.again_s * 2 ** min(power, 16))
            yield pause_s * random.uniform(0.75, 1.25)


JOB_TIMEOUTS = JobTimeouts()
