"""Reads the nodes of a server from its /object_info: foreign text, every type of it is checked.

Two encodings of choices are about, `[["a", "b"], {}]` and `["COMBO", {"options": ["a", "b"]}]`.
Inputs of version 3 bring others with them: each option of a dynamic combo its own, an input that
grows as many as are linked. What has an unknown form is left out rather than refused: one odd pack
must not hide the others.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, TypeGuard

from engine.comfy.protocol.json_fields import as_array, as_object

MAX_NODES = 50_000
MAX_INPUTS = 1_000  # of one node
MAX_OPTIONS = 100_000  # of one input: a folder of models
MAX_TEXT = 4_096  # characters of a name
MAX_NESTED = 4  # dynamic combos inside of each other

COMBO = "COMBO"
ANY = "*"
_DYNAMIC = "COMFY_DYNAMICCOMBO_V3"
_GROWING = "COMFY_AUTOGROW_V3"
_MATCHED = "COMFY_MATCHTYPE_V3"
_WIDGETS = frozenset({"INT", "FLOAT", "STRING", "BOOLEAN", COMBO, _DYNAMIC})
_SEEDS = ("seed", "noise_seed")
_UPLOADS = ("image_upload", "video_upload", "animated_image_upload")
_EMPTY: Mapping[str, object] = {"INT": 0, "FLOAT": 0.0, "STRING": "", "BOOLEAN": False}

Form: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSpec:
    """One input of a node: a widget, or a socket that wants a link."""

    name: str
    type: str  # INT, FLOAT, STRING, BOOLEAN, COMBO; else a socket's, several parted by commas
    options: tuple[str, ...] = ()  # of a COMBO, numbers as text; () = not known: anything may do
    default: object = None  # what a new node has; None: a socket
    required: bool = True
    low: float | None = None  # whole numbers are kept exactly: seeds reach 2**64 - 1
    high: float | None = None
    is_widget: bool = False
    has_control: bool = False  # one more entry follows in a UI file: "fixed", "randomize"...
    is_upload: bool = False  # one more entry comes last in a UI file
    widget_type: str = ""  # of its values, where a link may be of several types or of any
    by_option: Mapping[str, tuple["InputSpec", ...]] = field(
        default_factory=dict[str, tuple["InputSpec", ...]]
    )  # of a dynamic combo: the inputs that each option adds, named `combo.input`
    grown: tuple["InputSpec", ...] = ()  # of an input that grows: its like, named `input.any`

    @property
    def value_type(self) -> str:
        """The type of the values of a widget."""
        return self.widget_type or self.type

    def accepts(self, type_: str) -> bool:
        """Whether a link of this type may end here."""
        return ANY in (self.type, type_) or bool(_types(self.type) & _types(type_))


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputSpec:
    """One output of a node."""

    name: str
    type: str
    is_list: bool = False  # what follows runs once for each


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSpec:
    """One class of nodes."""

    name: str
    title: str  # for people
    pack: str  # folder of the pack that it comes from; "" = ComfyUI itself
    inputs: tuple[InputSpec, ...]  # in the order in which a UI file lists their values
    outputs: tuple[OutputSpec, ...]
    is_output: bool = False

    def input(self, name: str, values: Mapping[str, Any] | None = None) -> InputSpec | None:
        """The input of this name, also one that an option among `values` brings."""
        return next((each for each in self.inputs_with(values or {}) if each.name == name), None)

    def inputs_with(self, values: Mapping[str, Any]) -> tuple[InputSpec, ...]:
        """All inputs of a node with these values, in the order of a UI file."""
        return tuple(expanded(self.inputs, values))


def expanded(inputs: Iterable[InputSpec], values: Mapping[str, Any]) -> Iterator[InputSpec]:
    """Each input, followed by those that its value brings, or that grew from it."""
    for each in inputs:
        yield each
        if each.by_option:
            chosen = values.get(each.name, each.default)
            yield from expanded(each.by_option.get(str(chosen), ()), values)
        for like in each.grown:
            grown = [name for name in values if name.startswith(f"{each.name}.")]
            yield from (replace(like, name=name, required=False) for name in grown)


class Nodes(Mapping[str, NodeSpec]):
    """All classes of a server, by name."""

    def __init__(self, specs: Mapping[str, NodeSpec]) -> None:
        self._specs = dict(specs)

    @classmethod
    def read(cls, object_info: object) -> "Nodes":
        """From the parsed answer of /object_info. Never raises: what is odd is left out."""
        listed = list(as_object(object_info).items())[:MAX_NODES]
        forms = {name: as_object(form) for name, form in listed if _is_text(name)}
        return cls({name: _node(name, form) for name, form in forms.items() if form})

    def __getitem__(self, name: str) -> NodeSpec:
        return self._specs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._specs)

    def __len__(self) -> int:
        return len(self._specs)

    def input(
        self, node: str, name: str, values: Mapping[str, Any] | None = None
    ) -> InputSpec | None:
        """None: no such node, or it has no such input with these values."""
        spec = self._specs.get(node)
        return spec.input(name, values) if spec else None

    def options(self, node: str, name: str) -> tuple[str, ...]:
        """The choices of an input; () also where there is no such input."""
        found = self.input(node, name)
        return found.options if found else ()


def _node(name: str, form: Form) -> NodeSpec:
    title = form.get("display_name")
    return NodeSpec(
        name=name,
        title=title if _is_text(title) else name,
        pack=_pack(form.get("python_module")),
        inputs=tuple(_inputs(form))[:MAX_INPUTS],
        outputs=tuple(_outputs(form))[:MAX_INPUTS],
        is_output=form.get("output_node") is True,
    )


def _pack(module: object) -> str:
    head, _, rest = module.partition(".") if isinstance(module, str) else ("", "", "")
    return rest[:MAX_TEXT] if head == "custom_nodes" else ""


def _inputs(form: Form) -> Iterator[InputSpec]:
    orders = as_object(form.get("input_order"))
    yield from _grouped(as_object(form.get("input")), orders, "", 0)


def _grouped(groups: Form, orders: Form, prefix: str, depth: int) -> Iterator[InputSpec]:
    """The required inputs, then the optional ones; `prefix` begins the names of nested ones."""
    for group in ("required", "optional"):
        listed = as_object(groups.get(group))
        for name in _ordered(listed, orders.get(group)):
            spec = _input(prefix + name, listed[name], required=group == "required", depth=depth)
            if spec:
                yield spec


def _ordered(listed: Form, order: object) -> Sequence[str]:
    """The names as `input_order` has them, what it forgets after them."""
    wanted = [name for name in as_array(order) if isinstance(name, str) and name in listed]
    return [name for name in dict.fromkeys([*wanted, *listed]) if _is_text(name)]


def _input(name: str, form: object, *, required: bool, depth: int) -> InputSpec | None:
    listed = as_array(form)
    if not listed:
        return None
    more = as_object(listed[1] if len(listed) > 1 else None)
    options = _options(as_array(listed[0]) or more.get("options"))
    type_ = COMBO if isinstance(listed[0], list) else _link_type(listed[0], more)
    if not _is_text(type_):
        return None
    is_widget = _is_widget(type_, more)
    return InputSpec(
        name=name,
        type=type_,
        options=options,
        default=_default(type_, more, options) if is_widget else None,
        required=required,
        low=_number(more.get("min")),
        high=_number(more.get("max")),
        is_widget=is_widget,
        has_control=is_widget and _has_control(name, type_, more),
        is_upload=is_widget and any(more.get(key) is True for key in _UPLOADS),
        widget_type=_widget_type(type_, more) if is_widget else "",
        by_option=dict(_by_option(name, more, depth)) if type_ == _DYNAMIC else {},
        grown=tuple(_grown(name, more, depth)) if type_ == _GROWING else (),
    )


def _link_type(type_: object, more: Form) -> object:
    """Of an input whose type is that of its link: the types that it takes."""
    if type_ != _MATCHED:
        return type_
    return as_object(more.get("template")).get("allowed_types", ANY)


def _widget_type(type_: str, more: Form) -> str:
    said = more.get("widgetType")
    return COMBO if type_ == _DYNAMIC else said if _is_text(said) else ""


def _by_option(name: str, more: Form, depth: int) -> Iterator[tuple[str, tuple[InputSpec, ...]]]:
    for option in map(as_object, as_array(more.get("options"))[:MAX_INPUTS]):
        key, groups = option.get("key"), as_object(option.get("inputs"))
        if isinstance(key, str) and depth < MAX_NESTED:
            yield key, tuple(_grouped(groups, {}, f"{name}.", depth + 1))[:MAX_INPUTS]


def _grown(name: str, more: Form, depth: int) -> Iterator[InputSpec]:
    groups = as_object(as_object(more.get("template")).get("input"))
    if depth < MAX_NESTED:
        yield from tuple(_grouped(groups, {}, f"{name}.", depth + 1))[:1]


def _is_widget(type_: str, more: Form) -> bool:
    """`socketless` and `widgetType` are said of widgets only, of whatever type."""
    is_said = "socketless" in more or _is_text(more.get("widgetType"))
    return (type_ in _WIDGETS or is_said) and more.get("forceInput") is not True


def _has_control(name: str, type_: str, more: Form) -> bool:
    control = more.get("control_after_generate")
    if control is None:
        return type_ == "INT" and name in _SEEDS
    return control is True or (isinstance(control, str) and control != "")


def _default(type_: str, more: Form, options: Sequence[str]) -> object:
    """The value that the front end puts into a new node."""
    given = more.get("default")
    type_ = _widget_type(type_, more) or type_
    if type_ == COMBO:
        is_there = isinstance(given, str | int | float) and str(given) in options
        return given if is_there or not options else options[0]
    if given is None and type_ in ("INT", "FLOAT"):
        return max(_number(more.get("min")) or 0, 0)
    return _EMPTY.get(type_) if given is None else given


def _options(listed: object) -> tuple[str, ...]:
    """Texts and numbers; those of a combo of combos are forms with a `key`."""
    found = [as_object(each).get("key", each) for each in as_array(listed)[:MAX_OPTIONS]]
    return tuple(str(each) for each in found if isinstance(each, str | int | float))


def _outputs(form: Form) -> Iterator[OutputSpec]:
    names, are_lists = as_array(form.get("output_name")), as_array(form.get("output_is_list"))
    for slot, type_ in enumerate(as_array(form.get("output"))):
        known = type_ if _is_text(type_) else COMBO if isinstance(type_, list) else ANY
        named = names[slot] if slot < len(names) and _is_text(names[slot]) else known
        is_list = slot < len(are_lists) and are_lists[slot] is True
        yield OutputSpec(name=named, type=known, is_list=is_list)


def _types(type_: str) -> frozenset[str]:
    return frozenset(each.strip() for each in type_.split(","))


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT
