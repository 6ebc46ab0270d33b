"""What one node is given: links of the right kind, and values in their range."""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from engine.comfy.errors import Absent, Unsupported
from engine.workflow.local.values import MASKS, PICTURES, Masks, Origin, Pictures, Value

V = TypeVar("V")


class UnknownValue(Exception):
    """A node whose trouble has been noted, or that needs such a one."""


class WorkflowProblems:
    """All that stands in the way of a workflow: it is told at once, rather than one by one."""

    def __init__(self) -> None:
        self.unsupported: list[Unsupported] = []
        self.absent: list[Absent] = []

    def add_unsupported(self, origin: Origin, why: str, input: str = "") -> UnknownValue:
        """Note that the node cannot be run; to be raised."""
        self.unsupported.append(Unsupported(origin.node, origin.type, origin.title, why, input))
        return UnknownValue()

    def add_absent(
        self, origin: Origin, input: str, value: str, folder: str, choices: tuple[str, ...]
    ) -> None:
        """Note a value that is not there."""
        found = Absent(origin.node, origin.title, input, value, folder, choices)
        if found not in self.absent:
            self.absent.append(found)


class NodeInputs:
    """The inputs of one node. What is wrong with them is noted, then Unknown is raised."""

    def __init__(
        self,
        origin: Origin,
        raw: Mapping[str, Any],
        values: Mapping[str, tuple[Value, ...]],
        trouble: WorkflowProblems,
    ) -> None:
        self.origin = origin
        self._raw, self._values, self._problems = raw, values, trouble

    def linked(self, name: str, kinds: tuple[type[V], ...]) -> V:
        """What a link brings."""
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

    def is_given(self, name: str) -> bool:
        return self._raw.get(name) not in (None, "")

    def reject(self, *names: str) -> None:
        """For optional inputs that we know nothing to do with."""
        for name in filter(self.is_given, names):
            raise self._problems.add_unsupported(self.origin, "value", name)

    def text(self, name: str, usual: str | None = None) -> str:
        return self._typed(name, usual, str)

    def boolean(self, name: str, usual: bool) -> bool:
        return self._typed(name, usual, bool)

    def integer(self, name: str, low: int, high: int, usual: int) -> int:
        found = self._typed(name, usual, int)
        return self._within(name, found, low, high)

    def number(self, name: str, low: float, high: float, usual: float) -> float:
        found = self._typed(name, usual, (int, float))
        return float(self._within(name, found, low, high))

    def choice(self, name: str, allowed: tuple[str, ...], usual: str) -> str:
        """One of these, else the value counts as absent, with them as its choices.

        What is built on it is looked at all the same: it may want more that is not there.
        """
        found = self.text(name, usual)
        if found not in allowed:
            self._problems.add_absent(self.origin, name, found, "", allowed)
            return usual
        return found

    def _within(self, name: str, found: V, low: float, high: float) -> V:
        if not low <= found <= high:  # type: ignore[operator]
            raise self._problems.add_unsupported(self.origin, "value", name)
        return found

    def _typed(self, name: str, usual: V | None, kind: type[V] | tuple[type[V], ...]) -> V:
        found: object = self._raw.get(name, usual)
        if link_of(found) is not None:
            raise self._problems.add_unsupported(self.origin, "link")
        if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
            raise self._problems.add_unsupported(self.origin, "value", name)
        return cast(V, found)


def link_of(raw: object) -> tuple[str, int] | None:
    """The node and the output that an input leads to; None: it is a value."""
    match raw:
        case [str() | int() as node, int() as slot] if slot >= 0:
            return str(node), slot
        case _:
            return None
