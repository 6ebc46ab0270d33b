"""Writes a class and its inputs as a server sends them."""

from collections.abc import Mapping, Sequence
from typing import Any

Spec = list[Any]
Inputs = Mapping[str, Spec]


def node(
    title: str,
    required: Inputs,
    *,
    optional: Inputs | None = None,
    hidden: Inputs | None = None,
    out: str = "",
    names: str = "",
    module: str = "nodes",
    category: str = "",
    is_output: bool = False,
) -> dict[str, Any]:
    inputs = {"required": required, "optional": optional, "hidden": hidden}
    inputs = {part: dict(of) for part, of in inputs.items() if of is not None}
    return {
        "input": inputs,
        "input_order": {part: list(of) for part, of in inputs.items()},
        "is_input_list": False,
        "output": out.split(),
        "output_is_list": [False] * len(out.split()),
        "output_name": (names or out).split(),
        "name": "",
        "display_name": title,
        "description": "",
        "python_module": module,
        "category": category,
        "output_node": is_output,
    }


def whole(default: int, low: int, high: int, **more: Any) -> Spec:
    return ["INT", {"default": default, "min": low, "max": high, **more}]


def number(default: float, low: float, high: float, step: float = 0.01, **more: Any) -> Spec:
    return ["FLOAT", {"default": default, "min": low, "max": high, "step": step, **more}]


def switch(default: bool) -> Spec:
    return ["BOOLEAN", {"default": default}]


def combo(options: Sequence[str], **more: Any) -> Spec:
    return ["COMBO", {**more, "multiselect": False, "options": list(options)}]


def plain(kind: str, is_new: bool = True) -> Spec:
    """A socket; classes of the newer interface carry an empty record along."""
    return [kind, {}] if is_new else [kind]
