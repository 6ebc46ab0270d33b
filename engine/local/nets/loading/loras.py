"""LoRAs in loaded networks: several at once, each with a weight that changes without reading.

PEFT puts its layers around ours; what is read, where it belongs and whether it fits is decided
here, before anything is touched. All of a file is put in, or nothing of it.
"""

from collections.abc import Sequence
from typing import Any

import torch
from peft import LoraConfig, inject_adapter_in_model
from peft.tuners.lora import LoraLayer
from safetensors import SafetensorError, safe_open

from engine.errors import LoraMisfit
from engine.local.nets.components import PipelineComponents
from engine.local.nets.loading.lora_files import BACKBONE, LoraDeltas, changes_of
from engine.local.nets.model_cache import identity
from engine.local.nets.quiet import quiet
from engine.models.identify import SUPPORTED_LORAS, header_of
from engine.models.lora_header import facts_of, is_lora
from engine.models.model_file import ModelFile

ENOUGH = 0.95  # of a file's parts; below, it is said
KEPT = 8  # LoRAs that stay loaded though they are not used now


def use(parts: PipelineComponents, loras: Sequence[tuple[ModelFile, float]]) -> tuple[str, ...]:
    """Have these LoRAs in effect, with these weights, and no others.

    Returns notes (lora_partly: less than 95 % of a file has a place). Raises LoraMisfit,
    ModelUnsafe, ModelUnreadable; then the networks are as they were before.
    """
    wanted = [(adapter_name(lora), lora, weight) for lora, weight in loras if weight]
    notes: list[str] = []
    added: list[str] = []
    try:
        for name, lora, _ in wanted:
            if name not in parts.loaded_loras:
                parts.loaded_loras[name] = _load(parts, lora, name)
                added.append(name)
            if parts.loaded_loras[name] < ENOUGH:
                notes.append("lora_partly")
    except Exception:
        for name in added:
            _drop(parts, name)
        raise
    _set(parts, {name: weight for name, _, weight in wanted})
    _forget(parts)
    return tuple(dict.fromkeys(notes))


def adapter_name(lora: ModelFile) -> str:
    """One file in one state; PEFT allows no dots."""
    path, changed = identity(lora)
    return f"{lora.path.stem}_{abs(hash((path, changed))):x}".replace(".", "_")


def _load(parts: PipelineComponents, lora: ModelFile, name: str) -> float:
    """Put a file in; the share of it that has a place."""
    header = header_of(lora.path)
    if not is_lora(header):
        raise LoraMisfit(lora.path, "keys", total=0)
    facts = facts_of(header)
    if facts.kind not in SUPPORTED_LORAS or facts.kind == "dora":
        raise LoraMisfit(lora.path, "kind", facts.kind)
    base = parts.family.base
    if facts.base and facts.base != base:
        raise LoraMisfit(lora.path, "family", facts.base, base)
    found = changes_of(lora, _tensors(lora), header.metadata, parts)
    if not found.found:
        raise LoraMisfit(lora.path, "keys", facts.base, base, found.total)
    _check_shapes(parts, lora, found)
    _put(parts, name, found)
    return 1 - len(found.unknown) / found.total


def _tensors(lora: ModelFile) -> dict[str, torch.Tensor]:
    try:
        with safe_open(lora.path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 no mapping
    except SafetensorError as error:
        raise LoraMisfit(lora.path, "damaged", str(error)) from error


def _check_shapes(parts: PipelineComponents, lora: ModelFile, found: LoraDeltas) -> None:
    for (number, name), change in found.found.items():
        weight = _base(_net(parts, number).get_submodule(name)).weight
        packed = weight.ndim == 2 and weight.dtype == torch.uint8  # quantised: its shape is none
        fits = change.up.shape[0] == weight.shape[0] and change.down.shape[1] == weight.shape[1]
        if not packed and not fits:
            raise LoraMisfit(lora.path, "family", f"{tuple(change.down.shape)}", parts.family.base)


def _put(parts: PipelineComponents, name: str, found: LoraDeltas) -> None:
    """Around each module a layer of PEFT, for one network after the other."""
    for number in sorted({place[0] for place in found.found}):
        own = {module: c for (n, module), c in found.found.items() if n == number}
        ranks = {module: len(change.down) for module, change in own.items()}
        most = max(ranks.values())
        config = LoraConfig(
            r=most,
            lora_alpha=most,
            target_modules=list(own),
            rank_pattern={f"^{module}": rank for module, rank in ranks.items()},
            init_lora_weights=False,
        )
        net = _net(parts, number)
        with quiet():
            inject_adapter_in_model(config, net, adapter_name=name)
        for module, change in own.items():
            _fill(net.get_submodule(module), name, change, parts)
        net.requires_grad_(requires_grad=False)


def _fill(layer: Any, name: str, change: Any, parts: PipelineComponents) -> None:
    base = _base(layer).weight
    floating = base.is_floating_point()
    # where layers pass one by one, what is small stays on the device
    device = parts.device if base.device.type == "meta" or parts.in_layers else base.device
    dtype = base.dtype if floating and base.dtype.itemsize > 1 else parts.dtype
    layer.lora_A[name].weight.data = change.down.to(device, dtype).contiguous()
    layer.lora_B[name].weight.data = (change.up * change.scale).to(device, dtype).contiguous()


def _set(parts: PipelineComponents, weights: dict[str, float]) -> None:
    for net in _nets(parts):
        for layer in _layers(net):
            active = [name for name in weights if name in layer.lora_A]
            layer.enable_adapters(bool(active))
            if active:
                layer.set_adapter(active)
                for name in active:
                    layer.scaling[name] = weights[name]
                layer.requires_grad_(requires_grad=False)
    parts.adapters = dict(weights)


def _forget(parts: PipelineComponents) -> None:
    """Those that were not used for longest go when there are too many."""
    used = [name for name in parts.loaded_loras if name in parts.adapters]
    idle = [name for name in parts.loaded_loras if name not in parts.adapters]
    for name in idle[: max(0, len(idle) + len(used) - KEPT)]:
        _drop(parts, name)
    for name in used:  # to the end: they go last
        parts.loaded_loras[name] = parts.loaded_loras.pop(name)


def _drop(parts: PipelineComponents, name: str) -> None:
    for net in _nets(parts):
        for layer in _layers(net):
            if name in layer.lora_A:
                layer.delete_adapter(name)
    parts.loaded_loras.pop(name, None)


def _layers(net: Any) -> list[Any]:
    return [module for module in net.modules() if isinstance(module, LoraLayer)]


def _net(parts: PipelineComponents, number: int) -> Any:
    return parts.backbone if number == BACKBONE else parts.text_encoders[number]


def _nets(parts: PipelineComponents) -> tuple[Any, ...]:
    return (parts.backbone, *parts.text_encoders)


def _base(module: Any) -> Any:
    return getattr(module, "base_layer", module)
