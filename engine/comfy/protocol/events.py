"""Parses frames of the websocket into records; unknown and malformed frames are skipped.

A message without a prompt's id belongs to whoever holds the socket: we open one for each job.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from engine.comfy.protocol.history import Failure, Interrupted, NodeAnswer, read_answer
from engine.comfy.protocol.history import read_failure as _read_failure
from engine.comfy.protocol.json_fields import as_array, as_number, as_object, as_text

HELLO = json.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
"""The first message of a client: previews may come with the id of their prompt."""

_PREVIEW = 1
_PREVIEW_WITH_FACTS = 4


@dataclass(frozen=True, slots=True)
class SocketOpened:
    """The socket is open. What was said before that is lost."""


@dataclass(frozen=True, slots=True)
class SocketClosed:
    """The socket is closed, or was refused."""


@dataclass(frozen=True, slots=True)
class NodesDone:
    """Nodes that need no more work: kept from an earlier run, or finished.

    `loading` are those that run and say that they load a model (from 0.38 on).
    """

    prompt_id: str
    nodes: tuple[str, ...]
    loading: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NodeStarted:
    """A node begins."""

    prompt_id: str
    node: str


@dataclass(frozen=True, slots=True)
class PromptEnded:
    """The prompt has ended, in one way or another, and the history has it."""

    prompt_id: str


@dataclass(frozen=True, slots=True)
class NodeProgress:
    """Progress of a node."""

    prompt_id: str
    node: str
    share: float  # 0..1


@dataclass(frozen=True, slots=True)
class NodeExecuted:
    """A node has run; its pictures and texts."""

    prompt_id: str
    node: str
    answer: NodeAnswer


@dataclass(frozen=True, slots=True)
class PromptSucceeded:
    """All nodes ran; the history may not know it yet."""

    prompt_id: str


@dataclass(frozen=True, slots=True)
class PromptFailed:
    """It failed, or somebody stopped it."""

    prompt_id: str
    how: Failure | Interrupted


@dataclass(frozen=True, slots=True, eq=False)
class PreviewImage:
    """The picture as it stands."""

    prompt_id: str
    content: bytes  # of a JPEG or PNG file


Message: TypeAlias = (
    SocketOpened
    | SocketClosed
    | NodesDone
    | NodeStarted
    | PromptEnded
    | NodeProgress
    | NodeExecuted
    | PromptSucceeded
    | PromptFailed
    | PreviewImage
)


def read(frame: str | bytes) -> Message | None:
    """One frame of the socket; None: nothing that matters here. Never raises."""
    return _read_binary(frame) if isinstance(frame, bytes) else _read_text(frame)


def _read_text(frame: str) -> Message | None:
    try:
        message = as_object(json.loads(frame))
    except (ValueError, RecursionError):
        return None
    fields = as_object(message.get("data"))
    return _read_event(message.get("type"), fields, as_text(fields.get("prompt_id")))


def _read_event(kind: object, fields: Mapping[str, Any], prompt_id: str) -> Message | None:
    match kind:
        case "execution_cached":
            return NodesDone(
                prompt_id, tuple(as_text(node) for node in as_array(fields.get("nodes")))
            )
        case "progress_state":
            states = as_object(fields.get("nodes"))
            loading = _having(states, "activity", "loading")
            return NodesDone(prompt_id, _having(states, "state", "finished"), loading)
        case "executing":
            node = as_text(fields.get("node"))
            return NodeStarted(prompt_id, node) if node else PromptEnded(prompt_id)
        case "progress":
            return _steps(fields, prompt_id)
        case "executed":
            return NodeExecuted(
                prompt_id, as_text(fields.get("node")), read_answer(fields.get("output"))
            )
        case "execution_success":
            return PromptSucceeded(prompt_id)
        case "execution_error":
            return PromptFailed(prompt_id, _read_failure(fields))
        case "execution_interrupted":
            return PromptFailed(prompt_id, Interrupted())
        case _:
            return None


def _having(states: Mapping[str, Any], key: str, value: str) -> tuple[str, ...]:
    return tuple(node for node, at in states.items() if as_object(at).get(key) == value)


def _steps(fields: Mapping[str, Any], prompt_id: str) -> NodeProgress | None:
    value, top = as_number(fields.get("value")), as_number(fields.get("max"))
    if value is None or top is None or top <= 0:
        return None
    return NodeProgress(prompt_id, as_text(fields.get("node")), min(1.0, max(0.0, value / top)))


def _read_binary(frame: bytes) -> PreviewImage | None:
    if len(frame) < 8:
        return None
    kind, second = struct.unpack_from(">II", frame)
    if kind == _PREVIEW:
        return PreviewImage("", frame[8:])
    if kind == _PREVIEW_WITH_FACTS and 8 + second <= len(frame):
        try:
            facts = as_object(json.loads(frame[8 : 8 + second]))
        except (ValueError, RecursionError):
            return None
        return PreviewImage(as_text(facts.get("prompt_id")), frame[8 + second :])
    return None
