"""What of a graph a person may want to change, the interesting things first."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from engine.comfy.prompt_plan import Graph, Node
from engine.comfy.protocol.object_info import InputSpec, Nodes
from engine.workflow.edit.missing import folder_of
from engine.workflow.format.reader import link_of
from engine.workflow.format.repair import node_title


class Role(IntEnum):
    """What a value is, in the order in which a window shows them."""

    IMAGE = 0
    PROMPT = 1
    NEGATIVE_PROMPT = 2
    TEXT = 3  # what to find, or a prompt of which it is not clear what for
    SEED = 4
    STEPS = 5
    GUIDANCE = 6
    STRENGTH = 7
    CHECKPOINT = 8
    LORA = 9
    LORA_WEIGHT = 10
    THRESHOLD = 11
    OTHER = 12


_ROLES = {
    "text": Role.TEXT,
    "text_prompt": Role.TEXT,
    "seed": Role.SEED,
    "noise_seed": Role.SEED,
    "steps": Role.STEPS,
    "cfg": Role.GUIDANCE,
    "guidance": Role.GUIDANCE,
    "denoise": Role.STRENGTH,
    "ckpt_name": Role.CHECKPOINT,
    "unet_name": Role.CHECKPOINT,
    "lora_name": Role.LORA,
    "strength_model": Role.LORA_WEIGHT,
    "strength_clip": Role.LORA_WEIGHT,
    "threshold": Role.THRESHOLD,
    "confidence_threshold": Role.THRESHOLD,
    "mask_threshold": Role.THRESHOLD,
}
_SIDES = {"positive": Role.PROMPT, "negative": Role.NEGATIVE_PROMPT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One value of one node, with all that a form field needs."""

    node: str
    class_type: str
    title: str
    input: str
    role: Role
    type: str  # INT, FLOAT, STRING, BOOLEAN, COMBO, or one that a pack made up
    value: Any
    low: float | None = None
    high: float | None = None
    options: tuple[str, ...] = ()  # () = anything
    folder: str = ""  # where its files lie: checkpoints, loras, input...


def parameters(graph: Graph, nodes: Nodes) -> tuple[Parameter, ...]:
    """All values that stand in the graph; what a link brings is none."""
    sides = _prompt_roles(graph)
    found = [each for name in graph for each in _of(name, graph[name], nodes, sides)]
    return tuple(sorted(found, key=lambda each: each.role))


def _of(name: str, node: Node, nodes: Nodes, sides: dict[str, Role]) -> Iterator[Parameter]:
    class_type = node["class_type"]
    for input, value in node["inputs"].items():
        spec = nodes.input(class_type, input)
        if spec is None or not spec.is_widget or link_of(value):
            continue
        yield Parameter(
            node=name,
            class_type=class_type,
            title=node_title(node, nodes),
            input=input,
            role=_role(spec, sides.get(name)),
            type=spec.type,
            value=value,
            low=spec.low,
            high=spec.high,
            options=spec.options,
            folder=folder_of(class_type, input, spec),
        )


def _role(spec: InputSpec, side: Role | None) -> Role:
    if spec.is_upload:
        return Role.IMAGE
    role = _ROLES.get(spec.name, Role.OTHER)
    return side if side is not None and spec.name == "text" else role


def _prompt_roles(graph: Graph) -> dict[str, Role]:
    """Which nodes say what shall be there, and which what shall not; of those that say both none.

    Followed upstream from every `positive` and `negative` socket.
    """
    found: dict[str, set[Role]] = {}
    for side, role in _SIDES.items():
        starts = [link_of(node["inputs"].get(side)) for node in graph.values()]
        for name in _upstream(graph, {link[0] for link in starts if link}, side):
            found.setdefault(name, set()).add(role)
    return {name: roles.pop() for name, roles in found.items() if len(roles) == 1}


def _upstream(graph: Graph, waiting: set[str], side: str) -> set[str]:
    """Through nodes with both sockets only by the one of this side."""
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        inputs = graph[name]["inputs"]
        ways = [inputs.get(side)] if side in inputs else list(inputs.values())
        links = [link_of(way) for way in ways]
        waiting |= {link[0] for link in links if link} - seen
    return seen
