"""Values of a graph addressed by name: `KSampler.seed=5`, `6.text=a red car`.

The node is named by its id, its title or its class, tried in this order, in any case.
"""

import math
from collections.abc import Iterator
from typing import Any

from engine.comfy.errors import WorkflowSetting
from engine.comfy.prompt_plan import Graph
from engine.comfy.protocol.object_info import COMBO, InputSpec, Nodes
from engine.workflow.format.bounded_json import is_integer
from engine.workflow.format.repair import node_title

_YES, _NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def parse_setting(graph: Graph, nodes: Nodes, text: str) -> tuple[tuple[str, str], Any]:
    """((node, input), value) for engine.workflow.edit.missing.mapped.

    Raises WorkflowSetting: format, node, input, several, value, range.
    """
    address, equals, value = text.partition("=")
    splits = list(_splits(address.strip()))
    if not equals or not splits:
        raise WorkflowSetting(text, "format")
    named = [(input, found) for who, input in splits if (found := _nodes_named(graph, nodes, who))]
    if not named:
        raise WorkflowSetting(text, "node", node_labels(graph, nodes, list(graph)))
    for input, found in named:
        having = [name for name in found if _is_settable(graph, nodes, name, input)]
        if len(having) > 1:
            raise WorkflowSetting(text, "several", node_labels(graph, nodes, having))
        if having:
            return (having[0], input), _value(graph, nodes, having[0], input, value, text)
    raise WorkflowSetting(text, "input", _inputs(graph, nodes, named[0][1]))


def _splits(address: str) -> Iterator[tuple[str, str]]:
    """All (node, input) readings of an address: titles and inputs may contain dots."""
    parts = address.split(".")
    for at in range(len(parts) - 1, 0, -1):
        who, input = ".".join(parts[:at]).strip(), ".".join(parts[at:]).strip()
        if who and input:
            yield who, input


def _nodes_named(graph: Graph, nodes: Nodes, who: str) -> list[str]:
    if who in graph:
        return [who]
    key = who.casefold()
    titled = [n for n, node in graph.items() if node_title(node, nodes).casefold() == key]
    return titled or [n for n, node in graph.items() if node["class_type"].casefold() == key]


def _is_settable(graph: Graph, nodes: Nodes, name: str, input: str) -> bool:
    spec = nodes.input(graph[name]["class_type"], input, graph[name]["inputs"])
    return spec.is_widget if spec else _is_plain(graph[name]["inputs"].get(input))


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float)


def node_labels(graph: Graph, nodes: Nodes, names: list[str]) -> tuple[str, ...]:
    """Nodes by id, class and title: `6 (CLIPTextEncode, Positive)`."""
    kinds = [(name, graph[name]["class_type"], node_title(graph[name], nodes)) for name in names]
    return tuple(f"{n} ({', '.join(dict.fromkeys((type_, title)))})" for n, type_, title in kinds)


def _inputs(graph: Graph, nodes: Nodes, names: list[str]) -> tuple[str, ...]:
    """The names of all inputs of these nodes that can be set."""
    found: dict[str, None] = {}
    for name in names:
        spec = nodes.get(graph[name]["class_type"])
        all_ = [
            *graph[name]["inputs"],
            *(each.name for each in (spec.inputs_with(graph[name]["inputs"]) if spec else ())),
        ]
        found |= dict.fromkeys(i for i in all_ if _is_settable(graph, nodes, name, i))
    return tuple(found)


def _value(graph: Graph, nodes: Nodes, name: str, input: str, text: str, whole: str) -> Any:
    spec = nodes.input(graph[name]["class_type"], input, graph[name]["inputs"])
    try:
        return _typed(spec, graph[name]["inputs"].get(input), text)
    except ValueError as error:
        raise _error(whole, spec) from error


def _error(whole: str, spec: InputSpec | None) -> WorkflowSetting:
    if spec is None or spec.low is spec.high is None:
        return WorkflowSetting(whole, "value", _choices(spec) if spec else ())
    return WorkflowSetting(whole, "range", _range(spec))


def _choices(spec: InputSpec) -> tuple[str, ...]:
    return (_YES[0], _NO[0]) if spec.value_type == "BOOLEAN" else spec.options


def _typed(spec: InputSpec | None, now: object, text: str) -> Any:
    """Converted to the type of the input, else to that of its present value. Raises ValueError."""
    match spec.value_type if spec else _type(now):
        case "INT":
            return _within(spec, int(text))
        case "FLOAT":
            return _within(spec, float(text))
        case "BOOLEAN":
            return _flag(text)
        case type_ if type_ == COMBO and spec:
            return _chosen(spec, text)
        case _:
            return text


def _type(now: object) -> str:
    if isinstance(now, bool):
        return "BOOLEAN"
    return "INT" if is_integer(now) else "FLOAT" if isinstance(now, float) else "STRING"


def _within(spec: InputSpec | None, number: float) -> float:
    low, high = (spec.low, spec.high) if spec else (None, None)
    is_low, is_high = low is not None and number < low, high is not None and number > high
    if is_low or is_high or not math.isfinite(number):
        raise ValueError(number)
    return number


def _range(spec: InputSpec) -> tuple[str, ...]:
    return tuple("" if each is None else f"{each}" for each in (spec.low, spec.high))


def _flag(text: str) -> bool:
    said = text.strip().lower()
    if said not in (*_YES, *_NO):
        raise ValueError(said)
    return said in _YES


def _chosen(spec: InputSpec, text: str) -> str:
    """One of the options; for an upload any text, as the picture may be sent later."""
    if text not in spec.options and spec.options and not spec.is_upload:
        raise ValueError(text)
    return text
