"""Modules of loaded networks by the names that LoRA files have for them.

Layouts: kohya (diffusers' names with underscores, also sgm's and FLUX's of single files), PEFT and
ai-toolkit, LyCORIS, diffusers' scripts of all ages, OneTrainer, ComfyUI's extracts.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from diffusers.models.normalization import RMSNorm

from engine.local.nets.adapters.layers import AdaptedLayer, base_of
from engine.local.nets.components import PipelineComponents
from engine.local.nets.loading.ldm_names import (
    FLUX_DOUBLE,
    FLUX_SINGLE,
    FLUX_TOP,
    SWAPPED,
    flux_modules,
    unet_modules,
)

WRAPPERS = ("base_model.model.", "lycoris_", "base_model_model_")
BACKBONES = ("lora_unet_", "lora_transformer_", "unet.", "transformer.", "diffusion_model.",
             "model.diffusion_model.")  # fmt: skip
ENCODERS = (
    (0, ("lora_te_", "lora_te1_", "text_encoder.", "clip_l.", "text_encoders.clip_l.transformer.",
         "clip_l.transformer.")),
    (1, ("lora_te2_", "text_encoder_2.", "clip_g.", "text_encoders.clip_g.transformer.",
         "clip_g.transformer.")),
)  # fmt: skip
T5 = ("lora_te2_", "lora_te3_", "text_encoder_2.", "t5xxl.", "text_encoders.t5xxl.transformer.")
BACKBONE = -1  # beside the numbers of text encoders
NORMS = (torch.nn.LayerNorm, torch.nn.GroupNorm, torch.nn.RMSNorm, RMSNorm)
_OLD_ATTENTION = {"q_proj": "to_q", "k_proj": "to_k", "v_proj": "to_v", "out_proj": "to_out"}


class ModulePlace(NamedTuple):
    """One module: BACKBONE or the encoder's number, and its path."""

    net: int
    module: str


class Target(NamedTuple):
    """The modules that one of a file's is, row after row; swapped: the halves change places."""

    places: tuple[ModulePlace, ...]
    is_swapped: bool = False

    @property
    def is_split(self) -> bool:
        """Whether the file's rows are not ours as they lie there."""
        return len(self.places) > 1 or self.is_swapped


class ModulePlaces:
    """Where the modules that a file may name are."""

    def __init__(self, parts: PipelineComponents) -> None:
        self._nets = {BACKBONE: parts.backbone} | dict(enumerate(parts.text_encoders))
        self._by_name: dict[str, Target] = {}
        self._is_flux = parts.family.is_flux
        self._add_backbone(parts)
        for number, prefixes in ENCODERS:
            if number in self._nets:
                is_t5 = self._is_flux and number == 1
                self._add_encoder(number, T5 if is_t5 else prefixes)

    def of(self, stem: str) -> Target | None:
        for wrapper in ("", *WRAPPERS):
            if stem.startswith(wrapper):
                name = _flat(stem.removeprefix(wrapper))
                if name in self._by_name:
                    return self._by_name[name]
        return None

    def modules(self, target: Target) -> list[Any]:
        """Without what is around them."""
        return [
            base_of(self._nets[place.net].get_submodule(place.module)) for place in target.places
        ]

    def pieces(self, target: Target) -> list[tuple[slice, ...]]:
        """The rows of the file's module that each of ours has."""
        heights = [height_of(module) for module in self.modules(target)]
        if target.is_swapped:
            half = heights[0] // 2
            return [(slice(half, None), slice(0, half))]
        found: list[tuple[slice, ...]] = []
        row = 0
        for height in heights:
            found.append((slice(row, row + height),))
            row += height
        return found

    def _add_backbone(self, parts: PipelineComponents) -> None:
        modules = changeable(parts.backbone)
        layers = getattr(parts.backbone.config, "layers_per_block", 2)
        names: dict[str, Target] = {
            name: Target((ModulePlace(BACKBONE, name),)) for name in modules
        }
        for alias in modules:  # of diffusers before PEFT
            block, _, kind = alias.removesuffix(".0").rpartition(".")
            if alias.endswith(".to_out.0"):
                names[f"{block}.to_out"] = names[alias]
            names[f"{block}.processor.{kind}"] = names[alias]
        if self._is_flux:
            self._add_flux(names, modules)
        else:
            theirs = unet_modules(modules, layers)
            names |= {name: names[ours] for ours, name in theirs if name}
        for name, place in names.items():
            for prefix in (*BACKBONES, ""):
                self._by_name.setdefault(_flat(prefix + name), place)

    def _add_flux(self, names: dict[str, Target], modules: list[str]) -> None:
        known = set(modules)
        for name in _flux_names(modules):
            places = tuple(ModulePlace(BACKBONE, ours) for ours in flux_modules(name))
            if places and all(place.module in known for place in places):
                names[name] = Target(places, is_swapped=name == SWAPPED)

    def _add_encoder(self, number: int, prefixes: Sequence[str]) -> None:
        """Published names have a level `text_model`, which transformers 5 has in one class."""
        for name in changeable(self._nets[number]):
            short = name.removeprefix("text_model.")
            block, _, kind = short.rpartition(".")
            spelled = [short, f"{block}.{_OLD_ATTENTION.get(kind, kind)}"]
            for prefix in prefixes:
                for known in spelled:
                    for level in ("", "text_model."):
                        self._by_name.setdefault(
                            _flat(prefix + level + known), Target((ModulePlace(number, name),))
                        )


def _flux_names(modules: list[str]) -> Iterator[str]:
    """Black Forest Labs' modules, of which one may be several of diffusers'."""
    yield from FLUX_TOP
    for kind, ours, parts in (
        ("double_blocks", "transformer_blocks", FLUX_DOUBLE),
        ("single_blocks", "single_transformer_blocks", FLUX_SINGLE),
    ):
        for number in sorted({m.split(".")[1] for m in modules if m.startswith(f"{ours}.")}):
            yield from (f"{kind}.{number}.{part}" for part in parts)


def changeable(net: Any) -> list[str]:
    """Names of the modules that may be changed, as they are without any change to them."""
    return [
        name
        for name, module in net.named_modules()
        if ".base_layer" not in name and ".changes" not in name and _is_kind(module)
    ]


def height_of(module: Any) -> int:
    """Rows of a module's weight."""
    if isinstance(module, torch.nn.Linear):
        return module.out_features
    return module.out_channels if isinstance(module, torch.nn.Conv2d) else module.weight.shape[0]


def shape_of(modules: Sequence[Any]) -> tuple[int, ...]:
    """Of the weights of some modules, one upon the other; a packed weight has none of its own."""
    first, rows = modules[0], sum(map(height_of, modules))
    if isinstance(first, torch.nn.Linear):
        return rows, first.in_features
    return rows, *first.weight.shape[1:]


def _is_kind(module: Any) -> bool:
    base = module.base_layer if isinstance(module, AdaptedLayer) else module
    return isinstance(base, torch.nn.Linear | torch.nn.Conv2d) or (
        isinstance(base, NORMS) and getattr(base, "weight", None) is not None
    )


def _flat(name: str) -> str:
    return name.replace(".", "_")
