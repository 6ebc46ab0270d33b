"""Reads the state of a prompt from /history, /queue and /api/jobs: place, ending, answers.

All of it is foreign text: fields that are not as they should be are left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from engine.comfy.errors import ServerError, ServerFailed, ServerStopped
from engine.comfy.protocol.json_fields import as_array, as_number, as_object, as_text

_MEMORY = ("OutOfMemory", "out of memory", "MemoryError")
_UPLOAD = ("UnidentifiedImageError",)
_MODEL = ("Safetensor", "Unpickling", "PytorchStreamReader", "HeaderTooLarge", "size mismatch")


class ServerImage(NamedTuple):
    """A picture that lies on the server, as /view wants it named."""

    filename: str
    subfolder: str
    type: str  # temp, output, input


class NodeAnswer(NamedTuple):
    """The answer of one node."""

    images: tuple[ServerImage, ...] = ()
    texts: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.images and not self.texts


Answers: TypeAlias = dict[str, NodeAnswer]
"""By node id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A node failed while it ran."""

    node: str  # its class
    detail: str
    exception: str = ""  # type of what was raised there

    def error(self, server: str) -> ServerError:
        return ServerFailed(server, self.node, self.detail, self._kind())

    def _kind(self) -> str:
        fields = f"{self.exception} {self.detail}"
        for kind, signs in (("memory", _MEMORY), ("upload", _UPLOAD), ("model", _MODEL)):
            if any(sign in fields for sign in signs):
                return kind
        return ""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Somebody stopped it."""

    def error(self, server: str) -> ServerError:
        return ServerStopped(server)


@dataclass(frozen=True, slots=True, eq=False)
class Success:
    """It ran to its end."""

    answers: Answers


Ending: TypeAlias = Success | Failure | Interrupted


@dataclass(frozen=True, slots=True)
class UnknownPrompt:
    """Neither waiting nor running nor done, as far as the server knows."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """In the queue."""

    before: int  # prompts that are done first, of anybody; the running one counts


@dataclass(frozen=True, slots=True)
class Running:
    """At work."""


@dataclass(frozen=True, slots=True, eq=False)
class Ended:
    """In the history."""

    ending: Ending


Whereabouts: TypeAlias = UnknownPrompt | Waiting | Running | Ended


def read_answer(output: object) -> NodeAnswer:
    """From the `output` of one node."""
    fields = as_object(output)
    images = (as_object(each) for each in as_array(fields.get("images")))
    return NodeAnswer(
        tuple(_stored(each) for each in images if as_text(each.get("filename"))),
        tuple(each for each in as_array(fields.get("text")) if isinstance(each, str)),
    )


def _stored(image: Mapping[str, Any]) -> ServerImage:
    return ServerImage(
        as_text(image["filename"]),
        as_text(image.get("subfolder")),
        as_text(image.get("type")) or "output",
    )


def read_failure(fields: Mapping[str, Any]) -> Failure:
    """From the data of `execution_error`."""
    return Failure(
        node=as_text(fields.get("node_type")),
        detail=as_text(fields.get("exception_message")).strip(),
        exception=as_text(fields.get("exception_type")),
    )


def _ending(outputs: object, status: object) -> Ending:
    """Of one entry of the history, or of /api/jobs."""
    fields = _last_messages(as_object(status).get("messages"))
    if "execution_error" in fields:
        return read_failure(fields["execution_error"])
    if "execution_interrupted" in fields:
        return Interrupted()
    if as_object(status).get("status_str") == "error":
        return Failure(node="", detail="")
    return Success({node: read_answer(each) for node, each in as_object(outputs).items()})


def _last_messages(messages: object) -> dict[str, Mapping[str, Any]]:
    """The last message of each kind."""
    pairs = (as_array(each) for each in as_array(messages))
    return {as_text(pair[0]): as_object(pair[1]) for pair in pairs if len(pair) == 2}


def read_history(answer: object, prompt_id: str) -> Whereabouts:
    """From /history/{id}: Ended or UnknownPrompt."""
    entry = as_object(as_object(answer).get(prompt_id))
    if not entry:
        return UnknownPrompt()
    return Ended(_ending(entry.get("outputs"), entry.get("status")))


def read_queue(answer: object, prompt_id: str) -> Whereabouts:
    """From /queue: Running, Waiting or UnknownPrompt. Of others' prompts the id alone is read."""
    fields = as_object(answer)
    running = [_queued(each) for each in as_array(fields.get("queue_running"))]
    if any(queued == prompt_id for _, queued in running):
        return Running()
    pending = [_queued(each) for each in as_array(fields.get("queue_pending"))]
    ours = [number for number, queued in pending if queued == prompt_id]
    if not ours:
        return UnknownPrompt()
    return Waiting(len(running) + sum(number < ours[0] for number, _ in pending))


def _queued(entry: object) -> tuple[float, str]:
    parts = as_array(entry)
    return (_number(parts[0]), as_text(parts[1])) if len(parts) > 1 else (0.0, "")


def _number(value: object) -> float:
    return as_number(value) or 0.0


def read_job(answer: object) -> Ended | Running | None:
    """From /api/jobs/{id}; None: it waits, and /api/jobs knows its place."""
    fields = as_object(answer)
    match fields.get("status"):
        case "pending":
            return None
        case "in_progress":
            return Running()
        case _:
            return Ended(_ending(fields.get("outputs"), fields.get("execution_status")))


def read_place(answer: object, prompt_id: str) -> int:
    """The number of prompts before it, from /api/jobs of those that wait or run."""
    jobs = [as_object(each) for each in as_array(as_object(answer).get("jobs"))]
    ours = [_number(job.get("priority")) for job in jobs if job.get("id") == prompt_id]
    running = sum(job.get("status") == "in_progress" for job in jobs)
    waiting = [_number(job.get("priority")) for job in jobs if job.get("status") == "pending"]
    return running + sum(number < ours[0] for number in waiting) if ours else running
