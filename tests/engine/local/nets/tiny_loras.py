"""LoRAs for the tiny checkpoints, in the layouts that trainers write."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import safetensors.torch
import torch

from engine.models.families import Family
from tests.engine.local.nets import ldm_layout, tiny

TRIGGER = "sks truck"
_BASES = {"sd15": "sd_v1", "sd21": "sd_v2", "sdxl": "sdxl_base_v1-0", "flux": "flux1"}
_SHORT = {"unet": "unet", "transformer": "transformer", "text_encoder": "te1",
          "text_encoder_2": "te2"}  # fmt: skip


class Delta(NamedTuple):
    """A change to one module: alpha / rank * up @ down."""

    down: torch.Tensor  # (r, in), or (r, in, k, k)
    up: torch.Tensor  # (out, r), or (out, r, 1, 1)
    alpha: float | None

    @property
    def weight(self) -> torch.Tensor:
        """As large as the module's."""
        scale = 1.0 if self.alpha is None else self.alpha / len(self.down)
        product = self.up.flatten(1).double() @ self.down.flatten(1).double()
        return scale * product.reshape(len(self.up), *self.down.shape[1:])


Deltas = dict[tuple[str, str], Delta]
"""By component, as the folders are called, and path of the module in diffusers' names."""


def deltas(
    family: Family, *, rank: int = 4, alpha: float | None = 2.0, conv: bool = False,
    encoders: bool = False, seed: int = 1, strength: float = 0.3,
) -> Deltas:  # fmt: skip
    """Changes to all modules that trainers change, large enough to be seen."""
    found: Deltas = {}
    nets = tiny.written(family, 0)
    draw = torch.Generator().manual_seed(seed)
    wanted = {"unet", "transformer"} | ({"text_encoder", "text_encoder_2"} if encoders else set())
    if family.is_flux:
        wanted.discard("text_encoder_2")
    for component, net in nets.items():
        for path, module in net.named_modules():
            if component in wanted and _is_target(component, path, module, conv):
                found[component, path] = _drawn(module.weight, rank, alpha, draw, strength)
    return found


def write_lora(path: Path, family: Family, layout: str = "kohya", **how: Any) -> Path:
    """`layout` is kohya, sgm, peft, diffusers, or for FLUX ai-toolkit, flux-kohya."""
    if layout == "flux-kohya":
        return save(path, kohya_flux(fused(**how)), family)
    return save(
        path, NAMED[layout](deltas(family, **how), family), family, **_metadata(layout, how)
    )


def save(path: Path, weights: Mapping[str, Any], family: Family, **metadata: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    known = {
        "ss_base_model_version": _BASES[family.base],
        "ss_tag_frequency": json.dumps({"10_truck": {TRIGGER: 10, "street": 3}}),
    }
    tensors = {name: torch.as_tensor(value).contiguous() for name, value in weights.items()}
    safetensors.torch.save_file(tensors, path, metadata=known | metadata)
    return path


def kohya(changes: Deltas, family: Family) -> dict[str, Any]:
    """sd-scripts and ai-toolkit for SD 1.5 and 2.1; LoCon has convolutions too."""
    return _kohya({_kohya_stem(key, family): delta for key, delta in changes.items()})


def sgm(changes: Deltas, family: Family) -> dict[str, Any]:
    """sd-scripts for SDXL: the UNet's modules as single files call them."""
    names = ldm_names(family)
    found: dict[str, Delta] = {}
    for key, delta in changes.items():
        if key[0] == "unet":
            found["lora_unet_" + names[key[1]].replace(".", "_")] = delta
        else:
            found[_kohya_stem(key, family)] = delta
    return _kohya(found)


def peft(changes: Deltas, _family: Family) -> dict[str, Any]:
    """diffusers' save_lora_weights; alpha stands in the metadata."""
    return _ab({_path(key): delta for key, delta in changes.items()})


def ai_toolkit(changes: Deltas, _family: Family) -> dict[str, Any]:
    """FLUX: as PEFT, without alpha, which is multiplied in."""
    return _ab({
        _path(key): delta._replace(up=delta.up * _scale(delta)) for key, delta in changes.items()
    })  # fmt: skip


def diffusers(changes: Deltas, _family: Family) -> dict[str, Any]:
    """diffusers' example scripts."""
    found = {}
    for key, delta in changes.items():
        found[f"{_path(key)}.lora.down.weight"] = delta.down
        found[f"{_path(key)}.lora.up.weight"] = delta.up * _scale(delta)
    return found


def fused(
    *, rank: int = 4, alpha: float | None = 2.0, seed: int = 1, strength: float = 0.3
) -> dict[str, Delta]:
    """Changes to FLUX under Black Forest Labs' names: query, key and value are one."""
    draw = torch.Generator().manual_seed(seed)
    weights = ldm_layout.flux(tiny.flux(Family.FLUX_DEV).state_dict())
    return {
        name.removesuffix(".weight"): _drawn(weight, rank, alpha, draw, strength)
        for name, weight in weights.items()
        if name.endswith(".weight") and "_blocks." in name
    }


def kohya_flux(changes: Mapping[str, Delta]) -> dict[str, Any]:
    """sd-scripts for FLUX."""
    return _kohya({"lora_unet_" + n.replace(".", "_"): delta for n, delta in changes.items()})


NAMED = {"kohya": kohya, "sgm": sgm, "peft": peft, "ai-toolkit": ai_toolkit,
         "diffusers": diffusers}  # fmt: skip


def ldm_names(family: Family) -> dict[str, str]:
    """Of each module of the UNet, what single files call it."""
    weights = tiny.unet(family).state_dict()
    renamed = ldm_layout.unet(weights, tiny.LAYERS, "")
    return {_module(old): _module(new) for old, new in zip(weights, renamed)}


def _module(name: str) -> str:
    return name.rpartition(".")[0]


def _is_target(component: str, path: str, module: torch.nn.Module, conv: bool) -> bool:
    if component == "transformer":
        return isinstance(module, torch.nn.Linear) and "transformer_blocks" in path
    if component.startswith("text_encoder"):
        return isinstance(module, torch.nn.Linear) and ".layers." in path
    if not isinstance(module, torch.nn.Linear | torch.nn.Conv2d):
        return False
    in_attention = "attentions." in path
    in_others = "resnets." in path or "samplers." in path
    return in_attention or (conv and in_others)


def _drawn(
    weight: torch.Tensor, rank: int, alpha: float | None, draw: torch.Generator, strength: float
) -> Delta:
    out, *into = weight.shape
    fan = weight[0].numel()
    down = torch.randn(rank, *into, generator=draw) * fan**-0.5
    up = torch.randn(out, rank, *[1] * (len(into) - 1), generator=draw) * strength * rank**-0.5
    return Delta(down, up, alpha)


def _scale(delta: Delta) -> float:
    return 1.0 if delta.alpha is None else delta.alpha / len(delta.down)


def _path(key: tuple[str, str]) -> str:
    """With the level of CLIP that published files have and transformers 5 has not."""
    component, path = key
    if component.startswith("text_encoder") and not path.startswith("text_model."):
        path = f"text_model.{path}"
    return f"{component}.{path}"


def _kohya_stem(key: tuple[str, str], family: Family) -> str:
    component, path = key
    if not component.startswith("text_encoder"):
        return f"lora_{_SHORT[component]}_{path.replace('.', '_')}"
    te = _SHORT[component] if family.base in ("sdxl", "flux") else "te"
    return f"lora_{te}_text_model_{path.removeprefix('text_model.').replace('.', '_')}"


def _kohya(changes: Mapping[str, Delta]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for stem, delta in changes.items():
        found[f"{stem}.lora_down.weight"] = delta.down
        found[f"{stem}.lora_up.weight"] = delta.up
        if delta.alpha is not None:
            found[f"{stem}.alpha"] = torch.tensor(delta.alpha)
    return found


def _ab(changes: Mapping[str, Delta]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for stem, delta in changes.items():
        found[f"{stem}.lora_A.weight"] = delta.down
        found[f"{stem}.lora_B.weight"] = delta.up
    return found


def _metadata(layout: str, how: Mapping[str, Any]) -> dict[str, str]:
    if layout != "peft":
        return {}
    rank, alpha = how.get("rank", 4), how.get("alpha", 2.0)
    known = {f"{part}.{key}": value for part in ("unet", "transformer", "text_encoder",
             "text_encoder_2") for key, value in (("r", rank), ("lora_alpha", alpha))}  # fmt: skip
    return {"lora_adapter_metadata": json.dumps(known)} if alpha is not None else {}
