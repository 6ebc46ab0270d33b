"""The queue of one server, asked over HTTP: post, find, stop."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from engine.comfy.errors import ServerRefused, ServerUnreachable
from engine.comfy.prompt_plan import Graph
from engine.comfy.protocol.history import (
    Running,
    UnknownPrompt,
    Waiting,
    Whereabouts,
    read_history,
    read_job,
    read_place,
    read_queue,
)
from engine.comfy.protocol.json_fields import as_array, as_object, as_text
from engine.comfy.server.transport import Transport

T = TypeVar("T")

_PREVIEWS = "latent2rgb"  # rough, and costs nothing
_MANY = 1000
_NO_SUCH_CALL = ("404", "405")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QueueApi:
    """The calls about prompts. All of them raise what the transport raises.

    With `has_jobs` the newer calls are used: /queue sends the whole graphs of everybody.
    """

    transport: Transport
    server: str  # its name, for errors
    has_jobs: bool

    def post(
        self, graph: Graph, client_id: str, prompt_id: str, waiting: Callable[[], object]
    ) -> None:
        """Queue a graph under an id of ours.

        Raises ServerRefused when it is not taken whole: of a graph with several outputs a server
        runs the ones that it can, which nobody asked for and who calls should stop.
        ServerUnreachable (old) when the server gave it an id of its own.
        """
        body = {
            "prompt": graph,
            "client_id": client_id,
            "prompt_id": prompt_id,
            "extra_data": {"preview_method": _PREVIEWS},
        }
        status, answer = self.transport.post_json("/prompt", body, waiting)
        answer_fields = as_object(answer)
        given = as_text(answer_fields.get("prompt_id"))
        if status != 200:
            _refuse(self.server, graph, answer_fields)
        if given and given != prompt_id:
            self.delete(given, waiting)
            raise ServerUnreachable(self.server, "old")
        if as_object(answer_fields.get("node_errors")):
            _refuse(self.server, graph, answer_fields)

    def where(self, prompt_id: str, waiting: Callable[[], object]) -> Whereabouts:
        """The state of a prompt; for a moment between Running and Ended it may be UnknownPrompt."""
        if self.has_jobs:
            return self._where_by_jobs(prompt_id, waiting)
        history = self.transport.get_json(f"/history/{prompt_id}", waiting)
        found = read_history(history, prompt_id)
        if not isinstance(found, UnknownPrompt):
            return found
        return read_queue(self.transport.get_json("/queue", waiting), prompt_id)

    def stop(self, prompt_id: str, found: Whereabouts, waiting: Callable[[], object]) -> None:
        """Ask for the end of one prompt, and of no other one's; `found`: where it was just now.

        An interrupt takes effect before the next node, and one at the very start can get lost: ask
        again until `where` says that it is so. Servers before 0.3.58 interrupt whatever runs: it
        is sent only when that is ours.
        """
        if self.has_jobs and self._cancel(prompt_id, waiting):
            return
        self.delete(prompt_id, waiting)
        if isinstance(found, Running):
            self.transport.post_json("/interrupt", {"prompt_id": prompt_id}, waiting)

    def delete(self, prompt_id: str, waiting: Callable[[], object]) -> None:
        """Take a prompt out of the queue, if it still waits there."""
        self.transport.post_json("/queue", {"delete": [prompt_id]}, waiting)

    def _where_by_jobs(self, prompt_id: str, waiting: Callable[[], object]) -> Whereabouts:
        job = none_if_missing(lambda: self.transport.get_json(f"/api/jobs/{prompt_id}", waiting))
        if job is None:
            return UnknownPrompt()
        found = read_job(job)
        if found is not None:
            return found
        path = f"/api/jobs?status=pending,in_progress&limit={_MANY}"
        return Waiting(read_place(self.transport.get_json(path, waiting), prompt_id))

    def _cancel(self, prompt_id: str, waiting: Callable[[], object]) -> bool:
        """False on servers that list jobs and cannot cancel them, 0.6 to 0.25."""
        path = f"/api/jobs/{prompt_id}/cancel"
        answer = none_if_missing(lambda: self.transport.post_json(path, {}, waiting))
        return answer is not None and answer[0] == 200


def none_if_missing(ask: Callable[[], T]) -> T | None:
    """What `ask` gives, or None when the server has no such thing or call."""
    try:
        return ask()
    except ServerUnreachable as error:
        if error.reason == "status" and error.detail in _NO_SUCH_CALL:
            return None
        raise


def _refuse(server: str, graph: Graph, answer_fields: Mapping[str, Any]) -> NoReturn:
    """Raise the fault of a graph in the server's words: of the first node that it names."""
    general = as_object(answer_fields.get("error"))
    for node, trouble in as_object(answer_fields.get("node_errors")).items():
        of_node = as_object(trouble)
        for error in map(as_object, as_array(of_node.get("errors"))):
            class_type = as_text(of_node.get("class_type")) or _class_of(graph, node)
            raise ServerRefused(server, class_type, _words(error), as_text(error.get("type")))
    extra = as_object(general.get("extra_info"))
    class_type = as_text(extra.get("class_type")) or _class_of(graph, as_text(extra.get("node_id")))
    raise ServerRefused(server, class_type, _words(general), as_text(general.get("type")))


def _class_of(graph: Graph, node: str) -> str:
    return str(graph[node]["class_type"]) if node in graph else ""


def _words(error: Mapping[str, Any]) -> str:
    parts = (as_text(error.get("message")), as_text(error.get("details")))
    return ": ".join(part for part in parts if part)
