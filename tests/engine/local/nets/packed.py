"""Packs weights as published quantised files do, by the formulas of their formats."""

import json

import torch

from engine.local.nets.loading.unpacking import hadamard
from tests.engine.local.nets.tiny import Weights

UNET = "model.diffusion_model."
E2M1 = torch.tensor([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0])


def is_packed(name: str, tensor: torch.Tensor, start: str = UNET) -> bool:
    return name.startswith(start) and name.endswith(".weight") and tensor.ndim == 2


def old_fp8(weights: Weights, start: str = UNET) -> Weights:
    """fp8 with `.scale_weight` and `scaled_fp8`, as it was until 2025."""
    made = {f"{start}scaled_fp8": torch.zeros(2, dtype=torch.float8_e4m3fn)}
    for name, tensor in weights.items():
        if is_packed(name, tensor, start):
            scale = tensor.abs().max() / 448
            made[name] = (tensor / scale).to(torch.float8_e4m3fn)
            made[name.removesuffix("weight") + "scale_weight"] = scale.float()
            made[name.removesuffix("weight") + "scale_input"] = torch.tensor(1.0)
        else:
            made[name] = tensor
    return made


def marked(weights: Weights, form: str, start: str = UNET, **more: object) -> Weights:
    """Today's: `.weight_scale` and `.comfy_quant`. `more` are entries of the marks."""
    made: Weights = {}
    for name, tensor in weights.items():
        fits = is_packed(name, tensor, start) and not tensor.shape[1] % 32
        if not fits or tensor.shape[0] % 16:
            made[name] = tensor
            continue
        mark = json.dumps({"format": form} | more).encode()
        made |= {name + end: t for end, t in _PACK[form](tensor.float(), more).items()}
        made[name.removesuffix("weight") + "comfy_quant"] = torch.tensor(
            list(mark), dtype=torch.uint8
        )
    return made


def _fp8(tensor: torch.Tensor, _more: dict[str, object]) -> Weights:
    scale = tensor.abs().max() / 448
    return {"": (tensor / scale).to(torch.float8_e4m3fn), "_scale": scale}


def _fp8_wide(tensor: torch.Tensor, _more: dict[str, object]) -> Weights:
    scale = tensor.abs().max() / 57344
    return {"": (tensor / scale).to(torch.float8_e5m2), "_scale": scale}


def _int8(tensor: torch.Tensor, more: dict[str, object]) -> Weights:
    """A scale for each row; with convrot the rows are turned first."""
    if more.get("convrot"):
        size = int(str(more["convrot_groupsize"]))
        tensor = (tensor.unflatten(1, (-1, size)) @ hadamard(size).T).flatten(1)
    scale = tensor.abs().amax(1, keepdim=True) / 127
    return {"": (tensor / scale).round().to(torch.int8), "_scale": scale}


def _mxfp8(tensor: torch.Tensor, _more: dict[str, object]) -> Weights:
    blocks = tensor.unflatten(1, (-1, 32))
    power = torch.log2(blocks.abs().amax(2) / 448).ceil()
    values = (blocks / 2.0 ** power[..., None]).flatten(1).to(torch.float8_e4m3fn)
    return {"": values, "_scale": tiled((power + 127).to(torch.uint8)).view(torch.float8_e8m0fnu)}


def _nvfp4(tensor: torch.Tensor, _more: dict[str, object]) -> Weights:
    whole = tensor.abs().max() / (448 * 6)
    blocks = tensor.unflatten(1, (-1, 16))
    scales = (blocks.abs().amax(2) / 6 / whole).to(torch.float8_e4m3fn)
    shares = (blocks / (scales.float() * whole)[..., None]).flatten(1)
    codes = (shares.abs()[..., None] - E2M1).abs().argmin(-1) + 8 * (shares < 0)
    pairs = codes.to(torch.uint8).unflatten(1, (-1, 2))
    return {"": (pairs[..., 0] << 4) | pairs[..., 1], "_scale": tiled(scales), "_scale_2": whole}


_PACK = {
    "float8_e4m3fn": _fp8, "float8_e5m2": _fp8_wide, "int8_tensorwise": _int8, "mxfp8": _mxfp8,
    "nvfp4": _nvfp4,
}  # fmt: skip


def tiled(scales: torch.Tensor) -> torch.Tensor:
    """Block scales in the order of cuBLAS: row r, column c of a tile of 128 x 4 lies at
    16 (r mod 32) + 4 (r div 32) + c.
    """
    rows, columns = scales.shape
    high, wide = -(-rows // 128), -(-columns // 4)
    flat = torch.zeros(high * wide * 512, dtype=torch.uint8)
    raw = scales.view(torch.uint8)
    for row in range(rows):
        for column in range(columns):
            tile = (row // 128) * wide + column // 4
            inside = 16 * (row % 32) + 4 * (row % 128 // 32) + column % 4
            flat[512 * tile + inside] = raw[row, column]
    return flat.view(scales.dtype).reshape(high * 128, wide * 4)
