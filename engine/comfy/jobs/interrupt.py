"""Stops one prompt on a server, and waits until that is certain."""

import time
from collections.abc import Callable

from engine.comfy.errors import ServerError
from engine.comfy.protocol.history import Ended, UnknownPrompt
from engine.comfy.protocol.queue_api import QueueApi
from engine.comfy.server.timeouts import JobTimeouts
from engine.errors import Cancelled


def stop_prompt(
    prompts: QueueApi,
    prompt_id: str,
    *,
    was_accepted: bool,
    timeouts: JobTimeouts,
    on_wait: Callable[[], object],
) -> bool:
    """Stop one prompt and wait until that is certain; False when it is not, after `stop_s`.

    A node that does not ask whether to go on runs to its end first. `was_accepted`: the server said
    that it has the prompt; else it may still be on its way, and one look is not enough.
    `on_wait` is called ten times a second; it does not raise.
    """
    return _PromptStop(prompts, prompt_id, timeouts, on_wait).run(checks=1 if was_accepted else 2)


class _PromptStop:
    """Asks again and again, until the time is over."""

    def __init__(
        self,
        prompts: QueueApi,
        prompt_id: str,
        timeouts: JobTimeouts,
        on_wait: Callable[[], object],
    ) -> None:
        self._prompts, self._prompt_id = prompts, prompt_id
        self._timeouts, self._on_wait = timeouts, on_wait
        self._ends_s = time.monotonic() + timeouts.stop_s

    def run(self, checks: int) -> bool:
        """`checks`: so many have to find it nowhere."""
        asked_s = float("-inf")
        try:
            while True:
                found = self._prompts.where(self._prompt_id, self._waiting)
                checks -= isinstance(found, UnknownPrompt)
                if isinstance(found, Ended) or checks <= 0:
                    return True
                if time.monotonic() - asked_s >= self._timeouts.stop_again_s:
                    asked_s = time.monotonic()
                    self._prompts.stop(self._prompt_id, found, self._waiting)
                self._pause()
        except (Cancelled, ServerError):
            return False

    def _waiting(self) -> None:
        self._on_wait()
        if time.monotonic() > self._ends_s:
            raise Cancelled

    def _pause(self) -> None:
        until_s = time.monotonic() + self._timeouts.stop_poll_s
        while time.monotonic() < until_s:
            self._waiting()
            time.sleep(min(self._timeouts.tick_s, self._timeouts.stop_poll_s))
