"""The inputs of one node: links of the right kind, and values within their range."""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from engine.comfy.errors import Absent, Unsupported
from engine.workflow.format.bounded_json import is_integer
from engine.workflow.local.origin import Origin
from engine.workflow.local.values import (
    MASKS,
    PICTURES,
    VALUES,
    Length,
    Literal,
    Masks,
    Measured,
    Pictures,
    Value,
)

V = TypeVar("V")


class UnknownValue(Exception):
    """A node that cannot be built: its problem is noted, or that of a node it reads from."""


class WorkflowProblems:
    """Everything that prevents a workflow from running, collected to be reported at once."""

    def __init__(self) -> None:
        self.unsupported: list[Unsupported] = []
        self.absent: list[Absent] = []

    def add_unsupported(self, origin: Origin, why: str, input: str = "") -> UnknownValue:
        """Note that the node cannot be run. Returns the exception for the caller to raise."""
        self.unsupported.append(Unsupported(origin.node, origin.type, origin.title, why, input))
        return UnknownValue()

    def add_absent(
        self, origin: Origin, input: str, value: str, folder: str, choices: tuple[str, ...]
    ) -> None:
        """Note a file or choice that does not exist here, once."""
        found = Absent(origin.node, origin.title, input, value, folder, choices)
        if found not in self.absent:
            self.absent.append(found)


class NodeInputs:
    """The inputs of one node. Each method notes what is wrong and raises UnknownValue."""

    def __init__(
        self,
        origin: Origin,
        raw: Mapping[str, Any],
        values: Mapping[str, tuple[Value, ...]],
        problems: WorkflowProblems,
    ) -> None:
        self.origin = origin
        self._raw, self._values, self._problems = raw, values, problems

    def linked(self, name: str, kinds: tuple[type[V], ...]) -> V:
        """The value of one of these types that a link brings."""
        link = link_of(self._raw.get(name))
        if link is None:
            raise self._problems.add_unsupported(self.origin, "link")
        if link[0] not in self._values:
            raise UnknownValue
        outputs = self._values[link[0]]
        found = outputs[link[1]] if link[1] < len(outputs) else None
        if not isinstance(found, kinds):
            raise self._problems.add_unsupported(self.origin, "link")
        return found

    def pictures(self, name: str) -> Pictures:
        return self.linked(name, PICTURES)

    def masks(self, name: str) -> Masks:
        return self.linked(name, MASKS)

    def any(self, name: str) -> Value:
        """The value that a link brings, of whatever type."""
        return self.linked(name, VALUES)

    def length(self, name: str, low: int, high: int, default: int) -> Length:
        """A number of pixels, or a measure of pictures that are not made yet."""
        if self._linked_value(name) is not None:
            measured = self.linked(name, (Measured, Literal))
            if isinstance(measured, Measured):
                return measured
        return self.integer(name, low, high, default)

    def region(self, name: str) -> tuple[int, int, int, int]:
        """x, y, width and height in pixels, of an object."""
        found = self._typed(name, {}, dict)
        usual = {"x": 0, "y": 0, "width": 512, "height": 512}
        x, y, width, height = (found.get(key, value) for key, value in usual.items())
        if not all(is_integer(each) for each in (x, y, width, height)):
            raise self._problems.add_unsupported(self.origin, "value", name)
        if min(x, y) < 0 or min(width, height) < 1:
            raise self._problems.add_unsupported(self.origin, "value", name)
        return x, y, width, height

    def is_given(self, name: str) -> bool:
        return self._raw.get(name) not in (None, "")

    def reject(self, *names: str) -> None:
        """Refuse the node where an optional input that is not supported is used."""
        for name in filter(self.is_given, names):
            raise self._problems.add_unsupported(self.origin, "value", name)

    def refuse(self, name: str) -> UnknownValue:
        """Note that the value of an input cannot be used. Returns the exception to raise."""
        return self._problems.add_unsupported(self.origin, "value", name)

    def text(self, name: str, default: str | None = None) -> str:
        return self._typed(name, default, str)

    def boolean(self, name: str, default: bool) -> bool:
        return self._typed(name, default, bool)

    def integer(self, name: str, low: int, high: int, default: int) -> int:
        found = self._typed(name, default, int)
        return self._within(name, found, low, high)

    def number(self, name: str, low: float, high: float, default: float) -> float:
        found = self._typed(name, default, (int, float))
        return float(self._within(name, found, low, high))

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """One of `allowed`; another value is noted as absent, and the default is used.

        So that later nodes are still checked, and report what they lack.
        """
        found = self.text(name, default)
        if found not in allowed:
            self._problems.add_absent(self.origin, name, found, "", allowed)
            return default
        return found

    def _linked_value(self, name: str) -> Value | None:
        """The value that a link brings; None: no link. Raises UnknownValue."""
        link = link_of(self._raw.get(name))
        return None if link is None else self.any(name)

    def _within(self, name: str, found: V, low: float, high: float) -> V:
        if not low <= found <= high:  # type: ignore[operator]
            raise self._problems.add_unsupported(self.origin, "value", name)
        return found

    def _typed(self, name: str, default: V | None, kind: type[V] | tuple[type[V], ...]) -> V:
        linked = self._linked_value(name)
        if linked is not None and not isinstance(linked, Literal):
            raise self._problems.add_unsupported(self.origin, "link")
        found: object = self._raw.get(name, default) if linked is None else linked.value
        if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
            raise self._problems.add_unsupported(self.origin, "value", name)
        return cast(V, found)


def link_of(raw: object) -> tuple[str, int] | None:
    """(node id, output slot) of a link; None for a value."""
    match raw:
        case [str() | int() as node, int() as slot] if slot >= 0:
            return str(node), slot
        case _:
            return None
