"""Uploads a plan's pictures, posts its graph exactly once, and downloads its results."""

from collections.abc import Callable, Sequence

from engine.comfy.errors import ServerBroken
from engine.comfy.jobs.retry import Retry, whole
from engine.comfy.prompt_plan import Graph, PlanOutput, Upload
from engine.comfy.protocol.history import Answers, NodeAnswer, ServerImage, UnknownPrompt
from engine.comfy.protocol.queue_api import QueueApi
from engine.comfy.server.transport import Transport


def uploaded(
    uploads: Sequence[Upload],
    transport: Transport,
    *,
    waiting: Callable[[], object],
    tell: Callable[[float], object],
) -> dict[str, str]:
    """The names that the server gave, by those that graphs use; `tell` is told the share sent."""
    total = sum(len(each.content) for each in uploads)
    names: dict[str, str] = {}
    sent = 0
    for each in uploads:
        tell(sent / max(1, total))
        names[each.name] = _upload(each, transport, waiting)
        sent += len(each.content)
    return names


def _upload(upload: Upload, transport: Transport, waiting: Callable[[], object]) -> str:
    return whole(lambda: transport.upload(upload, waiting))


def post_once(
    prompts: QueueApi,
    graph: Graph,
    *,
    client_id: str,
    prompt_id: str,
    asking: Retry,
    waiting: Callable[[], object],
) -> None:
    """Queue a graph. When the answer was lost, the server is asked whether it has arrived."""
    was_sent = False

    def ask() -> None:
        nonlocal was_sent
        if was_sent and not isinstance(prompts.where(prompt_id, waiting), UnknownPrompt):
            return
        was_sent = True
        prompts.post(graph, client_id, prompt_id, waiting)

    asking.until_back(ask)


def fetched(
    answers: Answers,
    wanted: Sequence[str],
    *,
    server: str,
    view: Callable[[ServerImage], bytes],
    tell: Callable[[float], object],
) -> dict[str, PlanOutput]:
    """What the wanted nodes answered, pictures as files; `tell` is told the share that is here.

    Raises ServerBroken (empty) when one of them answered nothing, and what `view` raises.
    """
    for node in wanted:
        if answers.get(node, NodeAnswer()).is_empty:
            raise ServerBroken(server, "empty", node)
    count = sum(len(answers[node].images) for node in wanted)
    outputs: dict[str, PlanOutput] = {}
    seen = 0
    for node in wanted:
        images: list[bytes] = []
        for stored in answers[node].images:
            tell(seen / count)
            images.append(view(stored))
            seen += 1
        outputs[node] = PlanOutput(images=tuple(images), texts=answers[node].texts)
    return outputs
