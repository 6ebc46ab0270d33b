"""Names in a LoRA's file: the module that is meant, and the part that a tensor is of its change.

kohya, LyCORIS, PEFT with any name of the adapter, diffusers of all ages, ComfyUI's extracts.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_ADAPTER = r"(?:\.[\w-]+)?"
_ENDINGS = tuple(
    (re.compile(pattern + "$"), part)
    for pattern, part in (
        (r"\.lora_down\.weight", "down"), (r"\.lora_up\.weight", "up"),
        (rf"\.lora_A{_ADAPTER}\.weight", "down"), (rf"\.lora_B{_ADAPTER}\.weight", "up"),
        (rf"\.lora_B{_ADAPTER}\.bias", "up_bias"), (r"\.lora_up\.bias", "up_bias"),
        (r"[._]lora\.down\.weight", "down"), (r"[._]lora\.up\.weight", "up"),
        (r"\.lora_linear_layer\.down\.weight", "down"), (r"\.lora_linear_layer\.up\.weight", "up"),
        (r"\.lora_mid\.weight", "mid"), (r"\.alpha", "alpha"),
        (r"\.dora_scale", "dora_scale"),
        (rf"\.lora_magnitude_vector{_ADAPTER}(?:\.weight)?", "magnitude"),
        (r"\.(hada_(?:w[12]_[ab]|t[12]))", ""), (r"\.(lokr_(?:w[12](?:_[ab])?|t2))", ""),
        (r"\.(diff|diff_b|w_norm|b_norm)", ""),
    )
)  # fmt: skip
"""Ends of names, and the part each has; "" is the part that the end itself names."""


@dataclass(slots=True)
class ModuleNames:
    """The tensors of one module by their parts."""

    parts: dict[str, str] = field(default_factory=dict[str, str])

    def has(self, *parts: str) -> bool:
        return all(part in self.parts for part in parts)


def by_module(names: Iterable[str]) -> tuple[dict[str, ModuleNames], tuple[str, ...]]:
    """The modules of a file, and the names that no rule knows or that stand twice."""
    found: dict[str, ModuleNames] = {}
    unknown: list[str] = []
    for name in names:
        split = _split(name)
        if split is None:
            unknown.append(name)
            continue
        module = found.setdefault(split[0], ModuleNames())
        if split[1] in module.parts:
            unknown.append(name)
        else:
            module.parts[split[1]] = name
    return found, tuple(unknown)


def _split(name: str) -> tuple[str, str] | None:
    for pattern, part in _ENDINGS:
        if match := pattern.search(name):
            return name[: match.start()], part or match[1]
    return None
