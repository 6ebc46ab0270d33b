"""A plan on its way to a server: pictures first, then the graph, which must arrive once."""

from collections.abc import Callable, Sequence

from engine.comfy.jobs.retry import Retry, whole
from engine.comfy.prompt_plan import Graph, Upload
from engine.comfy.protocol.history import UnknownPrompt
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
