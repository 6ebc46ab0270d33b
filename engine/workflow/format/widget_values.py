"""Names the widget values of a node, which its file lists by position.

ComfyUI's window shifts them silently when the node has changed since; here a list that does not fit
is tried with all known versions of the node, and refused otherwise.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from engine.comfy.errors import WorkflowUnreadable
from engine.comfy.protocol.object_info import COMBO, InputSpec, NodeSpec, expanded
from engine.workflow.format.bounded_json import is_integer, is_list, is_object
from engine.workflow.format.renamed_inputs import NODE_VERSIONS, custom_combo
from engine.workflow.format.ui_graph import UiNode

InputSpecs: TypeAlias = tuple[InputSpec, ...]
_SEEDS = ("seed", "noise_seed")
_CONTROLS = ("fixed", "increment", "decrement", "randomize", "increment-wrap")
_BUTTONS = ("image", "refresh", "")  # of uploads, and of lists that a server is asked for
_CONTROL, _BUTTON, _SIDE = (
    InputSpec(name="", type=type_) for type_ in ("CONTROL", "BUTTON", "INT")
)
"""Entries that only the window needs: of seeds, of uploads, and the numbers of a region."""


class _Match(NamedTuple):
    """How well a list of values fits one version of a node; the smallest is best."""

    strays: int  # values that are not among the options
    missing: int  # values that the file lacks
    values: dict[str, Any]
    inputs: InputSpecs


def widget_values(node: UiNode, spec: NodeSpec, path: Path | None = None) -> dict[str, Any]:
    """The values of all widgets by name; missing ones have the default.

    Names are those of the version that fits best, the server's or an older one. Raises
    WorkflowUnreadable (widgets).
    """
    forms = _forms(node, spec)
    linked = {each.name for each in node.inputs if each.link is not None and not each.widget}
    knowing = [form for form in forms if linked <= {each.name for each in form}] or forms
    if node.has_names_only:
        return _by_name(node, knowing[0])
    found = [match for form in knowing for match in _matches(node, form)]
    if not found and node.values_by_name:
        return _by_name(node, knowing[0])
    if not found and _has_all_sockets(node):
        matches = _matches(node, _specs_of_sockets(node, spec))
        found = [_known(match, spec) for match in matches]
    if not found:
        raise WorkflowUnreadable(path, "widgets", node=node.title or spec.title, detail=node.id)
    best = min(found, key=lambda match: match[:2])
    return _defaults(best.inputs, best.values)


def _forms(node: UiNode, spec: NodeSpec) -> list[InputSpecs]:
    """The inputs in each version, the server's first."""
    if node.type == "CustomCombo":
        return [custom_combo(len(node.values))]
    older = NODE_VERSIONS[node.type].versions if node.type in NODE_VERSIONS else ()
    return [spec.inputs, *older]


def _has_all_sockets(node: UiNode) -> bool:
    """Whether the file lists an input for each widget, not only for linked ones."""
    return any(each.widget and each.link is None for each in node.inputs)


def _known(match: _Match, spec: NodeSpec) -> _Match:
    """The match without values that the server's version of the node has no input for."""
    known = {each.name for each in spec.inputs_with(match.values)}
    values = {name: value for name, value in match.values.items() if name in known}
    return match._replace(values=values, inputs=spec.inputs)


def _by_name(node: UiNode, inputs: InputSpecs) -> dict[str, Any]:
    """The values that the file names; nested options are called `format.codec`."""
    named = node.values_by_name
    heads = {each.name for each in expanded(inputs, named) if each.is_widget}
    return _defaults(inputs, {name: value for name, value in named.items() if name in heads})


def _defaults(inputs: InputSpecs, said: Mapping[str, Any]) -> dict[str, Any]:
    """The values, and the defaults of all other widgets, those of chosen options included."""
    usual = ((each.name, each.default) for each in expanded(inputs, said) if each.is_widget)
    return {name: value for name, value in usual if value is not None} | dict(said)


def _specs_of_sockets(node: UiNode, spec: NodeSpec) -> InputSpecs:
    """The widgets by the inputs in the file: newer files list one for each widget."""
    return tuple(
        spec.input(each.widget)
        or InputSpec(
            name=each.widget, type=each.type, is_widget=True, has_control=each.widget in _SEEDS
        )
        for each in node.inputs
        if each.widget
    )


def _matches(node: UiNode, inputs: InputSpecs) -> Iterator[_Match]:
    """Readings of the list with and without the window's own entries."""
    linked = {each.widget for each in node.inputs if each.link is not None}
    for has_controls, has_sides in product((True, False), repeat=2):
        entries = _entries(inputs, node.values, has_controls=has_controls, has_sides=has_sides)
        match = _match(node.values, entries, linked)
        if match:
            yield _Match(*match, inputs)


def _entries(
    inputs: InputSpecs, values: Sequence[Any], *, has_controls: bool, has_sides: bool
) -> list[InputSpec]:
    """The entries of a file in order, those of each chosen option after its combo.

    `has_controls`: with entries beside seeds and for uploads; `has_sides`: with those of regions.
    """
    listed: list[InputSpec] = []
    waiting = list(reversed(inputs))
    while waiting:
        each = waiting.pop()
        if not each.is_widget:
            continue
        chosen = values[len(listed)] if len(listed) < len(values) else each.default
        listed.append(each)
        listed += [_CONTROL] * (has_controls and each.has_control)
        listed += [_SIDE] * (len(each.default) if has_sides and is_object(each.default) else 0)
        waiting += reversed(each.by_option.get(str(chosen), ()))
    return listed + [_BUTTON for each in inputs if has_controls and each.is_upload]


def _match(
    values: Sequence[Any], entries: Sequence[InputSpec], linked: set[str]
) -> tuple[int, int, dict[str, Any]] | None:
    """(strays, missing, values), or None where it does not fit; linked widgets always fit."""
    if not entries:
        return 0, 0, {}  # a server sees none of the listed values
    if not all(_is_window_state(value) for value in values[len(entries) :]):
        return None
    strays, found = 0, dict[str, Any]()
    for entry, value in zip(entries, values):
        if not entry.name:
            if not _is_window_entry(entry, value):
                return None
        elif value is None:
            continue  # absent
        elif entry.name in linked or _fits(entry, value):
            strays += entry.name not in linked and _is_stray(entry, value)
            found[entry.name] = value
        else:
            return None
    return strays, max(len(entries) - len(values), 0), found


def _is_window_state(value: object) -> bool:
    """Whether a trailing entry is state of a button or preview, not a shifted value."""
    return value is None or value in _BUTTONS or is_object(value) or is_list(value)


def _is_window_entry(entry: InputSpec, value: object) -> bool:
    """Early in 2023 the entry beside a seed was true or false."""
    if entry is _SIDE:
        return _fits(entry, value)
    is_toggle = entry is _CONTROL and isinstance(value, bool)
    return value is None or value in (*_CONTROLS, *_BUTTONS) or is_object(value) or is_toggle


def _fits(entry: InputSpec, value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match entry.value_type:
        case "INT":
            return is_integer(value) or (isinstance(value, float) and value.is_integer())
        case "FLOAT":
            return is_number
        case "BOOLEAN":
            return isinstance(value, bool)
        case "STRING":
            return isinstance(value, str)
        case type_ if type_ == COMBO:
            return isinstance(value, str) or is_list(value) or (is_number and _has_numbers(entry))
        case _:
            return True


def _has_numbers(entry: InputSpec) -> bool:
    return not entry.options or any(each.lstrip("-")[:1].isdigit() for each in entry.options)


def _is_stray(entry: InputSpec, value: object) -> bool:
    """Whether the value is none of the options: a missing file, or a shifted value."""
    return entry.value_type == COMBO and bool(entry.options) and str(value) not in entry.options
