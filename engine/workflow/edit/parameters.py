"""The values of a graph that a user may set, ordered by role: pictures and prompts first."""

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
    """The meaning of a value, in the order in which a window lists them."""

    IMAGE = 0
    PROMPT = 1
    NEGATIVE_PROMPT = 2
    TEXT = 3  # a phrase to find, or a prompt that is neither only positive nor only negative
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
    """One value of one node, with the limits and options that a form field needs."""

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
    """All values of the graph that are not brought by a link."""
    sides = _prompt_roles(graph)
    found = [each for name in graph for each in _of(name, graph[name], nodes, sides)]
    return tuple(sorted(found, key=lambda each: each.role))


def _of(name: str, node: Node, nodes: Nodes, sides: dict[str, Role]) -> Iterator[Parameter]:
    class_type = node["class_type"]
    for input, value in node["inputs"].items():
        spec = nodes.input(class_type, input, node["inputs"])
        if spec is None or not spec.is_widget or link_of(value):
            continue
        yield Parameter(
            node=name,
            class_type=class_type,
            title=node_title(node, nodes),
            input=input,
            role=_role(spec, sides.get(name)),
            type=spec.value_type,
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
    """The role of each node's text: upstream of `positive` or of `negative` inputs, not of both."""
    found: dict[str, set[Role]] = {}
    for side, role in _SIDES.items():
        starts = [link_of(node["inputs"].get(side)) for node in graph.values()]
        for name in _upstream(graph, {link[0] for link in starts if link}, side):
            found.setdefault(name, set()).add(role)
    return {name: roles.pop() for name, roles in found.items() if len(roles) == 1}


def _upstream(graph: Graph, waiting: set[str], side: str) -> set[str]:
    """Nodes that these read from; a node with both inputs is followed through this side only."""
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        inputs = graph[name]["inputs"]
        ways = [inputs.get(side)] if side in inputs else list(inputs.values())
        links = [link_of(way) for way in ways]
        waiting |= {link[0] for link in links if link} - seen
    return seen
