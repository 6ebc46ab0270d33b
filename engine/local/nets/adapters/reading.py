"""A LoRA's file, read into changes at modules of loaded networks, with an account of its names."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from engine.errors import LoraMisfit, ModelUnreadable
from engine.local.nets.adapters.changes import (
    Hadamard,
    Kronecker,
    LowRank,
    Magnitude,
    Norm,
    WeightChange,
    Whole,
)
from engine.local.nets.adapters.layers import base_of
from engine.local.nets.adapters.names import ModuleNames, by_module
from engine.local.nets.adapters.places import NORMS, ModulePlace, ModulePlaces, Target, shape_of
from engine.local.nets.adapters.scales import Scales
from engine.local.nets.components import PipelineComponents
from engine.models.accounting import WeightAccount, account

PROBED = 1024  # rows at a time, where a packed weight is asked for


@dataclass(slots=True, eq=False)
class LoraReading:
    """All of a file that has a place in the networks, and how much of it there was."""

    changes: dict[ModulePlace, WeightChange] = field(
        default_factory=dict[ModulePlace, WeightChange]
    )
    modules: int = 0  # of the file
    share: float = 0.0  # of its tensors and of its modules, the smaller, that are used
    unknown: tuple[str, ...] = ()  # names of tensors


def read_changes(
    path: Path,
    tensors: Mapping[str, torch.Tensor],
    metadata: Mapping[str, str],
    parts: PipelineComponents,
) -> LoraReading:
    """Each module of the file at its place.

    Raises LoraMisfit (family, damaged, kind), ModelUnreadable (nan).
    """
    return _Reader(path, tensors, metadata, parts).read()


class _Reader:
    def __init__(
        self,
        path: Path,
        tensors: Mapping[str, torch.Tensor],
        metadata: Mapping[str, str],
        parts: PipelineComponents,
    ) -> None:
        self._path, self._tensors = path, tensors
        self._places, self._base = ModulePlaces(parts), parts.family.base
        self._scales = Scales(path, metadata)

    def read(self) -> LoraReading:
        modules, _ = by_module(self._tensors)
        found = LoraReading(modules=len(modules))
        used: set[str] = set()
        for stem, names in modules.items():
            target = self._places.of(stem)
            if target is None:
                continue
            found.changes |= self._placed(stem, names, target)
            used.update(names.parts.values())
        own = {name: stem for stem, names in modules.items() for name in names.parts.values()}
        counted = account(self._tensors, used.__contains__)
        found.share = min(counted.tensor_share, _module_share(counted, own))
        found.unknown = counted.unknown
        return found

    def _placed(
        self, stem: str, names: ModuleNames, target: Target
    ) -> dict[ModulePlace, WeightChange]:
        modules = self._places.modules(target)
        shape = shape_of(modules)
        change = self._change(stem, names, modules, shape)
        self._check(stem, change, modules, shape)
        if not target.is_split:
            return {target.places[0]: change}
        pieces = self._places.pieces(target)
        return {place: change.rows(rows) for place, rows in zip(target.places, pieces)}

    def _change(
        self, stem: str, names: ModuleNames, modules: list[Any], shape: tuple[int, ...]
    ) -> WeightChange:
        found = {part: self._tensor(name) for part, name in names.parts.items()}
        if isinstance(modules[0], NORMS):
            if not found.keys() & {"w_norm", "b_norm", "diff", "diff_b"}:
                raise LoraMisfit(self._path, "damaged", stem)
            return Norm(found.get("w_norm", found.get("diff")),
                        found.get("b_norm", found.get("diff_b")))  # fmt: skip
        change = self._product(stem, found, shape)
        if names.has("dora_scale") or names.has("magnitude"):
            length = found.get("dora_scale", found.get("magnitude"))
            assert length is not None
            return self._with_magnitude(stem, change, length, modules)
        return change

    def _product(
        self, stem: str, found: dict[str, torch.Tensor], shape: tuple[int, ...]
    ) -> WeightChange:
        alpha, bias = found.get("alpha"), found.get("diff_b")
        if "down" in found or "up" in found:
            return self._low_rank(stem, found, shape)
        if "hada_w1_a" in found:
            rank = len(found["hada_w1_b"]) if "hada_w1_b" in found else None
            return Hadamard(found, self._scales.of(stem, alpha, rank), shape)
        if "lokr_w1" in found or "lokr_w1_a" in found:
            inner = found.get("lokr_w1_b", found.get("lokr_w2_b"))
            rank = None if inner is None else len(inner)
            return Kronecker(found, self._scales.of(stem, alpha, rank), shape)
        if "diff" in found or bias is not None:
            return Whole(found.get("diff"), bias)
        raise LoraMisfit(self._path, "damaged", stem)

    def _low_rank(
        self, stem: str, found: dict[str, torch.Tensor], shape: tuple[int, ...]
    ) -> WeightChange:
        down, up, mid = found.get("down"), found.get("up"), found.get("mid")
        if down is None or up is None or down.ndim < 2 or up.ndim < 2 or up.shape[1] != len(down):
            raise LoraMisfit(self._path, "damaged", stem)
        scale = self._scales.of(stem, found.get("alpha"), len(down))
        bias = found.get("diff_b")
        if "up_bias" in found:
            bias = found["up_bias"] * scale + (0 if bias is None else bias)
        if mid is None and len(shape) != down.ndim:
            down = down.reshape(len(down), *shape[1:]) if _fits(down, shape) else down
            up = up.flatten(1) if len(shape) == 2 else up.reshape(*up.shape[:2], 1, 1)
        return LowRank(down, up * scale, mid, bias)

    def _with_magnitude(
        self, stem: str, change: WeightChange, length: torch.Tensor, modules: list[Any]
    ) -> WeightChange:
        """PEFT's and LyCORIS' of rows is (out,) or (out, 1...); LyCORIS' of columns (1, in...)."""
        if any(module.weight.device.type == "meta" for module in modules):
            raise LoraMisfit(self._path, "kind", "dora")  # the base is on the disk alone
        weight = torch.cat([weight_of(module) for module in modules])
        try:
            whole = weight + change.delta().reshape(weight.shape)
        except (RuntimeError, ValueError) as error:
            raise LoraMisfit(self._path, "damaged", stem) from error
        by_input = length.ndim > 1 and length.shape[0] == 1 and length.shape[1] == weight.shape[1]
        apart = whole.transpose(0, 1) if by_input else whole
        norms = apart.flatten(1).norm(dim=1)
        if length.numel() != norms.numel():
            raise LoraMisfit(self._path, "damaged", stem)
        gain = length.flatten() / norms.clamp_min(torch.finfo(torch.float32).eps)
        biases = [module.bias for module in modules]
        known = [b.detach().float().cpu() for b in biases if b is not None]
        bias = torch.cat(known) if len(known) == len(biases) else None
        return Magnitude(change, gain, bias, by_input=by_input)

    def _tensor(self, name: str) -> torch.Tensor:
        tensor = self._tensors[name]
        tensor = tensor.float() if tensor.is_floating_point() else tensor
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise ModelUnreadable(self._path, "nan", name)
        return tensor

    def _check(
        self, stem: str, change: WeightChange, modules: list[Any], shape: tuple[int, ...]
    ) -> None:
        """Whether it is as large as the module: nothing fails later, while painting."""
        if isinstance(change, Norm):
            found = [t for t in change.buffers() if t.shape != modules[0].weight.shape]
            if found:
                raise LoraMisfit(self._path, "family", "", self._base)
            return
        inner = change.inner if isinstance(change, Magnitude) else change
        if isinstance(inner, Whole) and inner.diff is None:
            return
        try:
            made = tuple(copy.deepcopy(inner).to("meta").delta().shape)
        except (RuntimeError, ValueError, TypeError) as error:
            raise LoraMisfit(self._path, "damaged", stem) from error
        if made != shape:
            is_control = made[1:2] == (2 * shape[1],) if len(shape) > 1 else False
            raise LoraMisfit(self._path, "kind" if is_control else "family",
                             "control" if is_control else "", self._base)  # fmt: skip


def weight_of(module: Any) -> torch.Tensor:
    """(out, in) or (out, in, k, k) on the CPU; a packed one by what the module makes of ones."""
    base = base_of(module)
    weight = base.weight
    if weight.is_floating_point() and tuple(weight.shape) == shape_of([base]):
        return weight.detach().float().cpu()
    bias = base.bias
    columns: list[torch.Tensor] = []
    with torch.no_grad():
        for start in range(0, base.in_features, PROBED):
            count = min(PROBED, base.in_features - start)
            ones = torch.zeros(count, base.in_features, device=weight.device)
            ones[torch.arange(count), start + torch.arange(count)] = 1
            made = base(ones).float()
            columns.append((made if bias is None else made - bias.float()).T.cpu())
    return torch.cat(columns, dim=1)


def _module_share(counted: WeightAccount, own: Mapping[str, str]) -> float:
    return counted.module_share(lambda name: own.get(name, name))


def _fits(down: torch.Tensor, shape: tuple[int, ...]) -> bool:
    return down[0].numel() == torch.Size(shape[1:]).numel()
