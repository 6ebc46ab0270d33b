"""Follows one prompt by its websocket events, and decides when the server is polled instead."""

import time

from engine.comfy.prompt_plan import Plan
from engine.comfy.protocol.events import (
    Message,
    NodeExecuted,
    NodeProgress,
    NodesDone,
    NodeStarted,
    PreviewImage,
    PromptEnded,
    PromptFailed,
    PromptSucceeded,
    SocketClosed,
    SocketOpened,
)
from engine.comfy.protocol.history import Answers, Failure, Interrupted
from engine.comfy.protocol.progress import POLLING, PromptProgress
from engine.comfy.server.timeouts import JobTimeouts

_GROWTH = 1.5
_LOST_POLLS = 6  # while a job is found nowhere


class PollSchedule:
    """The time of the next look at one prompt."""

    def __init__(self, timeouts: JobTimeouts) -> None:
        self._timeouts = timeouts
        self.restart()

    def restart(self) -> None:
        """The prompt was just sent."""
        self._pause_s = self._timeouts.poll_s
        self._next_s = time.monotonic() + self._pause_s
        self._missing_since_s: float | None = None

    @property
    def is_due(self) -> bool:
        return time.monotonic() >= self._next_s

    def poll_now(self) -> None:
        """Something was heard that the server should be asked about."""
        self._next_s = time.monotonic()

    def note_event(self) -> None:
        """The socket says how it goes: nothing has to be asked for a while."""
        self._pause_s = self._timeouts.poll_s
        if not self.is_due:
            self._next_s = time.monotonic() + self._pause_s

    def note_found(self) -> None:
        """It is there, and not done yet: look less and less often."""
        self._missing_since_s = None
        self._next_s = time.monotonic() + self._pause_s
        self._pause_s = min(self._timeouts.longest_poll_s, self._pause_s * _GROWTH)

    def note_missing(self) -> bool:
        """It was not found; whether that has been so for long enough to believe it.

        A server that has just finished a job may have it nowhere for a moment.
        """
        now_s = time.monotonic()
        if self._missing_since_s is None:
            self._missing_since_s = now_s
        self._next_s = now_s + self._timeouts.lost_s / _LOST_POLLS
        return now_s - self._missing_since_s >= self._timeouts.lost_s


class JobEvents:
    """Of the prompt that was sent last; messages about others are passed over."""

    def __init__(self, plan: Plan, polls: PollSchedule) -> None:
        self._wanted, self._polls = plan.wanted, polls
        self.progress = PromptProgress(plan.graph)
        self.is_polling = True
        self.restart("")

    def restart(self, prompt_id: str) -> None:
        self._prompt_id = prompt_id
        self.progress.restart()
        self.answers: Answers = {}
        self.failure: Failure | Interrupted | None = None
        self.is_running = False
        self._has_succeeded = False
        self._preview = b""

    @property
    def is_complete(self) -> bool:
        """It is done, and all of its results are known: nothing has to be asked."""
        return self._has_succeeded and all(node in self.answers for node in self._wanted)

    @property
    def note(self) -> str:
        return POLLING if self.is_polling else self.progress.note

    def take_preview(self) -> bytes:
        """The newest, once: those in between are not worth decoding."""
        content, self._preview = self._preview, b""
        return content

    def add(self, message: Message) -> None:
        """Note what was said; what ends the prompt makes the server be asked at once."""
        match message:
            case SocketOpened():
                self.is_polling = False
                self._polls.poll_now()
            case SocketClosed():
                self.is_polling = True
            case _ if message.prompt_id in ("", self._prompt_id):
                self._add(message)
                is_over = isinstance(message, PromptEnded | PromptSucceeded)
                (self._polls.poll_now if is_over else self._polls.note_event)()
            case _:
                pass

    def _add(
        self,
        message: NodesDone
        | NodeStarted
        | PromptEnded
        | NodeProgress
        | NodeExecuted
        | PromptSucceeded
        | PromptFailed
        | PreviewImage,
    ) -> None:
        self.is_running |= isinstance(message, NodesDone | NodeStarted | NodeProgress)
        match message:
            case NodesDone(nodes=nodes, loading=loading):
                self.progress.finish(nodes)
                self.progress.load(loading)
            case NodeStarted(node=node):
                self.progress.enter(node)
            case NodeProgress(node=node, share=share):
                self.progress.step(node, share)
            case NodeExecuted(node=node, answer=answer):
                self.answers[node] = answer
            case PreviewImage(content=content):
                self._preview = content
            case PromptFailed(how=how):
                self.failure = how
            case PromptSucceeded():
                self._has_succeeded = True
            case PromptEnded():
                pass
