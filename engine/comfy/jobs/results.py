"""The results of a prompt, brought here."""

from collections.abc import Callable, Sequence

from engine.comfy.errors import ServerBroken
from engine.comfy.prompt_plan import PlanOutput
from engine.comfy.protocol.history import Answers, NodeAnswer, ServerImage


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
