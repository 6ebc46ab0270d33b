"""LoRAs in loaded networks: several at once, each with a weight that changes without reading.

What is read, where it belongs and whether it fits is decided before anything is touched. All of a
file that has a place is put in, or nothing of it.
"""

import logging
from collections.abc import Sequence
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from engine.errors import LoraMisfit
from engine.local.nets.adapters import layers
from engine.local.nets.adapters.changes import WeightChange
from engine.local.nets.adapters.places import BACKBONE
from engine.local.nets.adapters.reading import LoraReading, read_changes
from engine.local.nets.components import PipelineComponents
from engine.local.nets.model_cache import identity
from engine.models.accounting import SHOWN
from engine.models.identify import SUPPORTED_LORAS, header_of
from engine.models.lora_header import facts_of, is_lora
from engine.models.model_file import ModelFile

logger = logging.getLogger(__name__)

KEPT = 8  # LoRAs that stay loaded though they are not used now


def use(parts: PipelineComponents, loras: Sequence[tuple[ModelFile, float]]) -> tuple[str, ...]:
    """Have these LoRAs in effect, with these weights, and no others.

    Returns notes (lora_partly: not all of a file has a place). Raises LoraMisfit, ModelUnsafe,
    ModelUnreadable; then the networks are as they were before.
    """
    wanted = [(adapter_name(lora), lora, weight) for lora, weight in loras if weight]
    notes: list[str] = []
    added: list[str] = []
    try:
        for name, lora, _ in wanted:
            if name not in parts.loaded_loras:
                parts.loaded_loras[name] = _load(parts, lora, name)
                added.append(name)
            if parts.loaded_loras[name] < 1:
                notes.append("lora_partly")
    except Exception:
        for name in added:
            _drop(parts, name)
        raise
    _set(parts, {name: weight for name, _, weight in wanted})
    _forget(parts)
    return tuple(dict.fromkeys(notes))


def adapter_name(lora: ModelFile) -> str:
    """One file in one state, without dots."""
    path, changed = identity(lora)
    return f"{lora.path.stem}_{abs(hash((path, changed))):x}".replace(".", "_")


def _load(parts: PipelineComponents, lora: ModelFile, name: str) -> float:
    """Put a file in; the share of it that has a place."""
    header = header_of(lora.path)
    if not is_lora(header):
        raise LoraMisfit(lora.path, "keys", total=0)
    facts = facts_of(header)
    if facts.kind not in SUPPORTED_LORAS:
        raise LoraMisfit(lora.path, "kind", facts.kind)
    base = parts.family.base
    if facts.base and facts.base != base:
        raise LoraMisfit(lora.path, "family", facts.base, base)
    found = read_changes(lora.path, _tensors(lora), header.metadata, parts)
    if not found.changes:
        raise LoraMisfit(lora.path, "keys", facts.base, base, found.modules)
    if found.unknown:
        logger.warning("of %s not used: %s", lora.path.name, ", ".join(found.unknown[:SHOWN]))
    _put(parts, name, found)
    return found.share


def _tensors(lora: ModelFile) -> dict[str, torch.Tensor]:
    try:
        with safe_open(lora.path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 no mapping
    except SafetensorError as error:
        raise LoraMisfit(lora.path, "damaged", str(error)) from error


def _put(parts: PipelineComponents, name: str, found: LoraReading) -> None:
    for place, change in found.changes.items():
        net = _net(parts, place.net)
        base = layers.base_of(net.get_submodule(place.module))
        layers.put(net, place.module, name, _moved(change, base, parts))


def _moved(change: WeightChange, base: Any, parts: PipelineComponents) -> WeightChange:
    """To where the module computes, in the numbers it computes with."""
    weight = base.weight
    floating = weight.is_floating_point()
    # where layers pass one by one, what is small stays on the device
    device = parts.device if weight.device.type == "meta" or parts.in_layers else weight.device
    dtype = weight.dtype if floating and weight.dtype.itemsize > 1 else parts.dtype
    return change.to(device, dtype)


def _set(parts: PipelineComponents, weights: dict[str, float]) -> None:
    for net in _nets(parts):
        layers.set_strengths(net, weights)
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
        layers.drop(net, name)
    parts.loaded_loras.pop(name, None)


def _net(parts: PipelineComponents, number: int) -> Any:
    return parts.backbone if number == BACKBONE else parts.text_encoders[number]


def _nets(parts: PipelineComponents) -> tuple[Any, ...]:
    return (parts.backbone, *parts.text_encoders)
