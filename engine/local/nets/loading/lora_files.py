"""A LoRA's file, read into changes to modules by the names that diffusers has for them.

Layouts: kohya (diffusers' names with underscores, also sgm's and FLUX's of single files), PEFT and
ai-toolkit (`lora_A`, `lora_B`), diffusers' scripts (`lora.down`, processors). `alpha` divides by
the rank; without one the product counts as it is.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import torch

from engine.errors import LoraMisfit
from engine.local.nets.components import PipelineComponents
from engine.local.nets.loading.ldm_names import flux_modules, unet_modules
from engine.models.model_file import ModelFile

ENDINGS = (
    (".lora_down.weight", ".lora_up.weight"), (".lora_A.weight", ".lora_B.weight"),
    (".lora.down.weight", ".lora.up.weight"), ("_lora.down.weight", "_lora.up.weight"),
    (".lora_A.default.weight", ".lora_B.default.weight"),
)  # fmt: skip
BACKBONES = ("lora_unet_", "lora_transformer_", "unet.", "transformer.", "diffusion_model.",
             "model.diffusion_model.")  # fmt: skip
ENCODERS = (
    (0, ("lora_te_", "lora_te1_", "text_encoder.")),
    (1, ("lora_te2_", "text_encoder_2.")),
)
BACKBONE = -1  # beside the numbers of text encoders


class LoraDelta(NamedTuple):
    """What is added to a module: scale * up @ down."""

    down: torch.Tensor  # (r, in), or (r, in, k, k)
    up: torch.Tensor  # (out, r), or (out, r, 1, 1)
    scale: float


class LoraDeltas(NamedTuple):
    """All of a file that has a place in the networks, and how much of it there was."""

    found: dict[tuple[int, str], LoraDelta]  # by BACKBONE or the encoder's number, and module
    total: int
    unknown: tuple[str, ...]


def changes_of(
    lora: ModelFile,
    tensors: Mapping[str, torch.Tensor],
    metadata: Mapping[str, str],
    parts: PipelineComponents,
) -> LoraDeltas:
    """Each pair of matrices at its module. Raises LoraMisfit (damaged) for half a pair."""
    places = _Places(parts)
    alphas = _stated_alphas(metadata)
    found: dict[tuple[int, str], LoraDelta] = {}
    unknown: list[str] = []
    total = 0
    for stem, down, up in _pairs(lora, tensors):
        total += 1
        modules = places.of(stem)
        if not modules:
            unknown.append(stem)
            continue
        alpha = tensors.get(f"{stem}.alpha")
        stated = alphas(stem) if alpha is None else float(alpha)
        scale = 1.0 if stated is None else stated / len(down)
        found |= _split(places, modules, LoraDelta(down, up, scale))
    return LoraDeltas(found, total, tuple(unknown))


def _pairs(
    lora: ModelFile, tensors: Mapping[str, torch.Tensor]
) -> Iterator[tuple[str, torch.Tensor, torch.Tensor]]:
    for name, down in tensors.items():
        for first, second in ENDINGS:
            if name.endswith(first):
                stem = name.removesuffix(first)
                up = tensors.get(stem + second)
                if up is None or down.ndim < 2 or up.shape[1] != len(down):
                    raise LoraMisfit(lora.path, "damaged", stem)
                yield stem, down, up
                break


def _split(
    places: "_Places", modules: tuple[tuple[int, str], ...], change: LoraDelta
) -> dict[tuple[int, str], LoraDelta]:
    """One of the file's modules may be several of ours: its rows are shared out."""
    found: dict[tuple[int, str], LoraDelta] = {}
    row = 0
    for place in modules:
        out = places.rows(place)
        rows = change.up[row : row + out] if len(modules) > 1 else change.up
        found[place] = change._replace(up=rows)
        row += out
    return found


def _stated_alphas(metadata: Mapping[str, str]) -> Any:
    """diffusers keeps alpha beside the tensors: one for a component, and exceptions."""
    try:
        known = json.loads(metadata.get("lora_adapter_metadata", "{}"))
    except (ValueError, RecursionError):
        known = {}

    def alpha(stem: str) -> float | None:
        component, _, module = stem.partition(".")
        pattern = known.get(f"{component}.alpha_pattern") or {}
        value = pattern.get(module, known.get(f"{component}.lora_alpha"))
        return float(value) if isinstance(value, int | float) else None

    return alpha


class _Places:
    """Where the modules that a file may name are."""

    def __init__(self, parts: PipelineComponents) -> None:
        self._nets = {BACKBONE: parts.backbone} | dict(enumerate(parts.text_encoders))
        self._by_name: dict[str, tuple[tuple[int, str], ...]] = {}
        self._is_flux = parts.family.is_flux
        self._add_backbone(parts)
        for number, prefixes in ENCODERS:
            if number in self._nets and not (self._is_flux and number == 1):
                self._add_encoder(number, prefixes)

    def of(self, stem: str) -> tuple[tuple[int, str], ...]:
        return self._by_name.get(_flat(stem), ())

    def rows(self, place: tuple[int, str]) -> int:
        return _module(self._nets[place[0]], place[1]).weight.shape[0]

    def _add_backbone(self, parts: PipelineComponents) -> None:
        modules = trainable(parts.backbone)
        layers = getattr(parts.backbone.config, "layers_per_block", 2)
        names = {name: ((BACKBONE, name),) for name in modules}
        for alias in modules:  # of diffusers before PEFT
            if ".to_out.0" in alias:
                names[alias.replace(".to_out.0", ".to_out")] = names[alias]
            kind = alias.rpartition(".")[2].removesuffix(".0")
            names[f"{alias.rpartition('.')[0]}.processor.{kind}"] = names[alias]
        if self._is_flux:
            names |= _flux_names(modules)
        else:
            theirs = unet_modules(modules, layers)
            names |= {name: names[ours] for ours, name in theirs if name}
        for name, place in names.items():
            for prefix in (*BACKBONES, ""):
                self._by_name.setdefault(_flat(prefix + name), place)

    def _add_encoder(self, number: int, prefixes: tuple[str, ...]) -> None:
        """Published names have a level `text_model`, which transformers 5 has in one class."""
        for name in trainable(self._nets[number]):
            short = name.removeprefix("text_model.")
            for prefix in prefixes:
                for known in (short, f"text_model.{short}"):
                    self._by_name[_flat(prefix + known)] = ((number, name),)


def _flux_names(modules: list[str]) -> dict[str, tuple[tuple[int, str], ...]]:
    """Black Forest Labs' modules, of which one may be several of diffusers'."""
    numbers = {
        kind: 1
        + max((int(m.split(".")[1]) for m in modules if m.startswith(f"{kind}.")), default=-1)
        for kind in ("transformer_blocks", "single_transformer_blocks")
    }
    names = [
        f"double_blocks.{n}.{part}"
        for n in range(numbers["transformer_blocks"])
        for part in (
            "img_attn.qkv",
            "txt_attn.qkv",
            "img_attn.proj",
            "txt_attn.proj",
            "img_mlp.0",
            "img_mlp.2",
            "txt_mlp.0",
            "txt_mlp.2",
            "img_mod.lin",
            "txt_mod.lin",
        )
    ]
    names += [
        f"single_blocks.{n}.{part}"
        for n in range(numbers["single_transformer_blocks"])
        for part in ("linear1", "linear2", "modulation.lin")
    ]
    return {name: tuple((BACKBONE, ours) for ours in flux_modules(name)) for name in names}


def trainable(net: Any) -> list[str]:
    """Names of the modules that may be changed, as they are without any change to them."""
    return [
        name
        for name, module in net.named_modules()
        if ".base_layer" not in name and ".lora_" not in name and _weight(module) is not None
    ]


def _weight(module: Any) -> Any:
    base = getattr(module, "base_layer", module)
    is_kind = isinstance(base, torch.nn.Linear | torch.nn.Conv2d)
    return base.weight if is_kind else None


def _module(net: Any, name: str) -> Any:
    module = net.get_submodule(name)
    return getattr(module, "base_layer", module)


def _flat(name: str) -> str:
    return name.replace(".", "_")
