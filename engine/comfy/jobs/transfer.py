"""Uploads a plan's pictures, posts its graph exactly once, and downloads its results."""

from collections.abc import Callable, Sequence

from engine.comfy.errors import ServerBroken
from engine.comfy.jobs.retry import Retry, retry_truncated
from engine.comfy.prompt_plan import Graph, PlanOutput, Upload
from engine.comfy.protocol.history import Answers, NodeAnswer, ServerImage, UnknownPrompt
from engine.comfy.protocol.queue_api import QueueApi
from engine.comfy.server.transport import Transport


def upload_all(
    uploads: Sequence[Upload],
    transport: Transport,
    *,
    waiting: Callable[[], object],
    on_progress: Callable[[float], object],
) -> dict[str, str]:
    """Send all pictures; the names that the server gave, by those that graphs use.

    `on_progress` is told the share of the bytes that is sent, 0..1.
    """
    total = sum(len(each.content) for each in uploads)
    names: dict[str, str] = {}
    sent = 0
    for each in uploads:
        on_progress(sent / max(1, total))
        names[each.name] = _upload(each, transport, waiting)
        sent += len(each.content)
    return names


def _upload(upload: Upload, transport: Transport, waiting: Callable[[], object]) -> str:
    return retry_truncated(lambda: transport.upload(upload, waiting))


def post_once(
    prompts: QueueApi,
    graph: Graph,
    *,
    client_id: str,
    prompt_id: str,
    retry: Retry,
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

    retry.until_answered(ask)


MAX_RESULTS = 1000
MAX_RESULT_BYTES = 1 << 30
"""Of all pictures that one prompt brings, together."""


def download_results(
    answers: Answers,
    wanted: Sequence[str],
    *,
    server: str,
    view: Callable[[ServerImage], bytes],
    on_progress: Callable[[float], object],
) -> dict[str, PlanOutput]:
    """The outputs of the wanted nodes, pictures as files.

    `on_progress` is told the share of the pictures that has arrived, 0..1.
    Raises ServerBroken: empty when one of them answered nothing, large when all together are too
    many; and what `view` raises.
    """
    for node in wanted:
        if answers.get(node, NodeAnswer()).is_empty:
            raise ServerBroken(server, "empty", node)
    count = sum(len(answers[node].images) for node in wanted)
    if count > MAX_RESULTS:
        raise ServerBroken(server, "large", wanted[0])
    outputs: dict[str, PlanOutput] = {}
    done = size_bytes = 0
    for node in wanted:
        images: list[bytes] = []
        for stored in answers[node].images:
            on_progress(done / count)
            images.append(view(stored))
            size_bytes += len(images[-1])
            if size_bytes > MAX_RESULT_BYTES:
                raise ServerBroken(server, "large", node)
            done += 1
        outputs[node] = PlanOutput(images=tuple(images), texts=answers[node].texts)
    return outputs
