"""Validates a graph before it runs: answers to mistakes, order, caching."""

import hashlib
import json
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Graph = dict[str, dict[str, Any]]
Nodes = Mapping[str, Mapping[str, Any]]
Trouble = dict[str, Any]

CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "INT": int,
    "FLOAT": float,
    "STRING": str,
    "BOOLEAN": bool,
}


def trouble(kind: str, message: str, details: str = "", **more: Any) -> Trouble:
    return {"type": kind, "message": message, "details": details, "extra_info": more}


def is_link(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)


def links(node: Mapping[str, Any]) -> list[str]:
    """Ids of the nodes that this one reads, in order."""
    return [value[0] for value in node.get("inputs", {}).values() if is_link(value)]


class Validation:
    """Everything that is wrong with one graph, as the server words it.

    `outputs` are the ids of the output nodes that can run; `error` is set where none can, or where
    the graph is refused as a whole; `node_errors` may be there without it.
    """

    def __init__(
        self,
        graph: Graph,
        nodes: Nodes,
        *,
        has_file: Callable[[str], bool],
        targets: Sequence[str] | None = None,  # the outputs that are wanted; None = all
        checks_combos: bool = True,  # of the newer kind
        names_missing: bool = True,  # missing_node_type rather than invalid_prompt
        names_cycles: bool = True,
    ) -> None:
        self.graph, self.nodes = graph, nodes
        self.has_file, self.checks_combos, self.targets = has_file, checks_combos, targets
        self.names_missing, self.names_cycles = names_missing, names_cycles
        self.error: Trouble | None = None
        self.node_errors: dict[str, dict[str, Any]] = {}
        self.outputs: list[str] = []
        self.reasons: dict[str, list[Trouble]] = {}
        self.error = self.refusal() or self.failures()

    def refusal(self) -> Trouble | None:
        """Why nothing of it is even looked at."""
        for name, node in self.graph.items():
            if wrong := self.unknown(name, node):
                return wrong
        if not self.ends():
            return trouble("prompt_no_outputs", "Prompt has no outputs")
        if not self.names_cycles and has_cycle(self.graph):
            return trouble("prompt_outputs_failed_validation", "Prompt outputs failed validation")
        return None

    def unknown(self, name: str, node: Any) -> Trouble | None:
        where = f"Node ID '#{name}'"
        if not isinstance(node, dict) or "class_type" not in node:
            message = "Cannot execute because a node is missing the class_type property."
            return trouble("invalid_prompt", message, where)
        kind = node["class_type"]
        if kind in self.nodes:
            return None
        if self.names_missing:
            more = {"node_id": name, "class_type": kind, "node_title": kind}
            return trouble("missing_node_type", f"Node '{kind}' not found.", where, **more)
        return trouble(
            "invalid_prompt", f"Cannot execute because node {kind} does not exist.", where
        )

    def ends(self) -> list[str]:
        ends = [name for name in self.graph if self.spec(name)["output_node"]]
        return ends if self.targets is None else [name for name in ends if name in self.targets]

    def spec(self, name: str) -> Mapping[str, Any]:
        return self.nodes[self.graph[name]["class_type"]]

    def failures(self) -> Trouble | None:
        """Looks at all branches; an error only where no output node can run."""
        said: list[str] = []
        for end in self.ends():
            try:
                is_valid = self.is_valid(end, ())
            except (KeyError, TypeError, IndexError) as error:
                is_valid, self.reasons[end] = False, [exception(error)]
            if is_valid:
                self.outputs.append(end)
            else:
                said += [f"{one['message']}: {one['details']}" for one in self.reasons[end]]
                self.report(end)
        if self.outputs:
            return None
        message = "Prompt outputs failed validation"
        return trouble("prompt_outputs_failed_validation", message, "\n".join(said))

    def report(self, end: str) -> None:
        for name, reasons in self.reasons.items():
            if reasons and (name == end or name in ancestors(self.graph, end)):
                entry = self.node_errors.setdefault(
                    name,
                    {
                        "errors": reasons,
                        "dependent_outputs": [],
                        "class_type": self.graph[name]["class_type"],
                    },
                )
                entry["dependent_outputs"].append(end)

    def is_valid(self, name: str, path: tuple[str, ...]) -> bool:
        """Whether it and all before it can run; what is wrong is kept in `reasons`."""
        if name in path:
            self.reasons[name] = [trouble("dependency_cycle", "Dependency cycle detected", name)]
            return False
        self.reasons[name] = []
        fine = True
        for key, spec, part in inputs_of(self.spec(name)):
            fine = self.is_input_valid(name, key, spec, part, (*path, name)) and fine
        return fine

    def is_input_valid(
        self, name: str, key: str, spec: list[Any], part: str, path: tuple[str, ...]
    ) -> bool:
        values = self.graph[name].setdefault("inputs", {})
        if key not in values:
            return part != "required" or self.wrong(
                name, "required_input_missing", "Required input is missing", key, input_name=key
            )
        if isinstance(values[key], list):
            return self.is_link_valid(name, key, spec, path)
        return self.is_value_valid(name, key, spec)

    def wrong(self, name: str, kind: str, message: str, details: str, **more: Any) -> bool:
        self.reasons[name].append(trouble(kind, message, details, **more))
        return False

    def is_link_valid(self, name: str, key: str, spec: list[Any], path: tuple[str, ...]) -> bool:
        link = self.graph[name]["inputs"][key]
        more = {"input_name": key, "input_config": spec}
        if len(link) != 2:
            message = "Bad linked input, must be a length-2 list of [node_id, slot_index]"
            return self.wrong(name, "bad_linked_input", message, key, received_value=link, **more)
        source, slot = link
        given = self.nodes[self.graph[source]["class_type"]]["output"][slot]
        if not fits(given, spec[0]):
            details = f"{key}, received_type({given}) mismatch input_type({spec[0]})"
            message = "Return type mismatch between linked nodes"
            more |= {"received_type": given, "linked_node": link}
            return self.wrong(name, "return_type_mismatch", message, details, **more)
        return self.is_source_valid(source, path)

    def is_source_valid(self, source: str, path: tuple[str, ...]) -> bool:
        try:
            return self.is_valid(source, path)
        except (KeyError, TypeError, IndexError) as error:
            self.reasons[source] = [exception(error, "exception_during_inner_validation")]
            return False

    def is_value_valid(self, name: str, key: str, spec: list[Any]) -> bool:
        values = self.graph[name]["inputs"]
        value = values[key]
        if isinstance(value, dict) and "__value__" in value:
            value = values[key] = value["__value__"]
        more = {"input_name": key, "input_config": spec, "received_value": value}
        convert = CONVERSIONS.get(spec[0]) if isinstance(spec[0], str) else None
        try:
            value = values[key] = convert(value) if convert else value
        except (TypeError, ValueError) as error:
            message = f"Failed to convert an input value to a {spec[0]} value"
            details = f"{key}, {value}, {error}"
            more["exception_message"] = str(error)
            return self.wrong(name, "invalid_input_type", message, details, **more)
        if is_upload(spec):
            return self.has_file(value) or self.wrong(
                name,
                "custom_validation_failed",
                "Custom validation failed for node",
                f"{key} - Invalid image file: {value}",
                **more,
            )
        return self.is_in_range(name, key, spec, value, more)

    def is_in_range(
        self, name: str, key: str, spec: list[Any], value: Any, more: dict[str, Any]
    ) -> bool:
        limits = spec[1] if len(spec) > 1 else {}
        if "min" in limits and value < limits["min"]:
            message = f"Value {value} smaller than min of {limits['min']}"
            return self.wrong(name, "value_smaller_than_min", message, key, **more)
        if "max" in limits and value > limits["max"]:
            message = f"Value {value} bigger than max of {limits['max']}"
            return self.wrong(name, "value_bigger_than_max", message, key, **more)
        choices = self.choices(spec)
        if choices is None or value in choices:
            return True
        is_long = len(choices) > 20
        listed = f"(list of length {len(choices)})" if is_long else str(choices)
        more["input_config"] = None if is_long else spec
        details = f"{key}: '{value}' not in {listed}"
        return self.wrong(name, "value_not_in_list", "Value not in list", details, **more)

    def choices(self, spec: list[Any]) -> list[Any] | None:
        if isinstance(spec[0], list):
            return spec[0]
        return spec[1].get("options", []) if spec[0] == "COMBO" and self.checks_combos else None


def inputs_of(spec: Mapping[str, Any]) -> list[tuple[str, list[Any], str]]:
    parts = ("required", "optional")
    return [(key, of, part) for part in parts for key, of in spec["input"].get(part, {}).items()]


def is_upload(spec: list[Any]) -> bool:
    return len(spec) > 1 and bool(spec[1].get("image_upload"))


def fits(given: str, wanted: Any) -> bool:
    return given == wanted or "*" in (given, wanted)


def exception(error: Exception, kind: str = "exception_during_validation") -> Trouble:
    lines = traceback.format_tb(error.__traceback__)
    message = "Exception when validating node"
    name = type(error).__name__
    return trouble(kind, message, str(error), exception_type=name, traceback=lines)


def ancestors(graph: Graph, name: str) -> set[str]:
    """Ids of everything that this node needs, without itself."""
    found: set[str] = set()
    waiting = links(graph[name])
    while waiting:
        source = waiting.pop()
        if source in graph and source not in found:
            found.add(source)
            waiting += links(graph[source])
    return found


def has_cycle(graph: Graph) -> bool:
    return any(name in ancestors(graph, name) for name in graph)


def signatures(graph: Graph, stamp: Callable[[Mapping[str, Any]], str]) -> dict[str, str]:
    """By node: equal for those that would answer the same: class, values, and all that they read.

    `stamp` says of a node what is not in its values, as the content of the file it loads.
    """
    found: dict[str, str] = {}

    def of(name: str) -> str:
        if name not in found:
            node = graph[name]
            values = [
                (key, [of(value[0]), value[1]] if is_link(value) else value)
                for key, value in sorted(node["inputs"].items())
            ]
            text = json.dumps([node["class_type"], stamp(node), values], default=str)
            found[name] = hashlib.sha256(text.encode()).hexdigest()
        return found[name]

    return {name: of(name) for name in graph}


def next_node(graph: Graph, waiting: set[str], outputs: set[str]) -> str:
    """What runs next of `waiting`: an output that can, else what is nearest to one."""
    ready = [name for name in graph if name in waiting and not waiting & set(links(graph[name]))]
    return min(ready, key=lambda name: distance(graph, name, waiting, outputs))


def distance(graph: Graph, name: str, waiting: set[str], outputs: set[str]) -> int:
    steps, reached = 0, {name}
    while not reached & outputs and steps < 3:
        reached = {each for each in waiting if reached & set(links(graph[each]))}
        steps += 1
    return steps
