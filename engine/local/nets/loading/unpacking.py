"""Quantised weights as plain numbers: fp8 with scales, int8, mxfp8 and nvfp4.

Formulas after comfy-kitchen 0.2.40 (Apache-2.0), `backends/eager/quantization.py`; block scales lie
in the order of cuBLAS (https://docs.nvidia.com/cuda/cublas, "1D block scaling factors layout").
"""

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor

from engine.errors import ModelUnreadable
from engine.local.nets.tensors import Tensors, read_tensors
from engine.models.identify import header_of
from engine.models.recognition import quantisation
from engine.models.recognition.quantisation import QuantisedLayer
from engine.models.weights import WeightHeader

TILE_ROWS, TILE_COLUMNS = 128, 4  # of block scales
MXFP8_BLOCK, NVFP4_BLOCK = 32, 16  # numbers that share a scale
HADAMARD = ((1.0, 1.0, 1.0, -1.0), (1.0, 1.0, -1.0, 1.0), (1.0, -1.0, 1.0, 1.0),
            (-1.0, 1.0, 1.0, 1.0))  # fmt: skip
_E2M1 = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)


def read_weights(path: Path, dtype: torch.dtype) -> dict[str, Tensor]:
    """All tensors of a .safetensors file or of a checked file of torch, unpacked.

    Raises ModelUnsafe, ModelUnreadable.
    """
    return unpacked(read_tensors(path), header_of(path), path, dtype=dtype)


def unpacked(
    tensors: Tensors, header: WeightHeader, path: Path, *, dtype: torch.dtype
) -> dict[str, Tensor]:
    """The tensors with every quantised weight in `dtype`, and without the marks.

    Each weight is copied once; what is not quantised is not copied. Raises ModelUnreadable
    (quantised) for a format that is not known, (keys) for scales of a strange shape.
    """
    name = quantisation.problem_of(header)
    if name:
        raise ModelUnreadable(path, "quantised", name)
    layers = quantisation.layers_of(header)
    made = {name: tensor for name, tensor in tensors.items() if not quantisation.is_mark(name)}
    for name, layer in layers.items():
        try:
            made[f"{name}.weight"] = _plain(name, layer, tensors).to(dtype)
        except (RuntimeError, ValueError, KeyError, IndexError) as error:
            raise ModelUnreadable(path, "keys", f"{name}: {error}"[:300]) from error
    return made


def _plain(name: str, layer: QuantisedLayer, tensors: Tensors) -> Tensor:
    return UNPACK[layer.format](tensors[f"{name}.weight"], layer, tensors)


def _scaled(packed: Tensor, layer: QuantisedLayer, tensors: Tensors) -> Tensor:
    """One scale for the whole weight, or one for each row."""
    scale = tensors[layer.scale].float()
    if scale.numel() > 1:
        scale = scale.reshape(packed.shape[0], *(1,) * (packed.ndim - 1))
    return packed.float().mul_(scale.reshape(()) if scale.numel() == 1 else scale)


def _fp8(packed: Tensor, layer: QuantisedLayer, tensors: Tensors) -> Tensor:
    """fp8 may lie in bytes."""
    known = torch.float8_e5m2 if layer.format == quantisation.FP8_E5M2 else torch.float8_e4m3fn
    return _scaled(packed.view(known) if packed.dtype is torch.uint8 else packed, layer, tensors)


def _int8(packed: Tensor, layer: QuantisedLayer, tensors: Tensors) -> Tensor:
    """Rows may have been turned by a Hadamard matrix, group by group (ConvRot)."""
    plain = _scaled(packed, layer, tensors)
    if not layer.settings.get("convrot"):
        return plain
    size = int(layer.settings.get("convrot_groupsize", 256))
    return (plain.unflatten(1, (-1, size)) @ hadamard(size)).flatten(1)


def _mxfp8(packed: Tensor, layer: QuantisedLayer, tensors: Tensors) -> Tensor:
    scales = tensors[layer.scale].view(torch.float8_e8m0fnu).float()
    values = _fp8_numbers(packed).unflatten(1, (-1, MXFP8_BLOCK))
    return (values * untiled(scales, *values.shape[:2])[..., None]).flatten(1)


def _nvfp4(packed: Tensor, layer: QuantisedLayer, tensors: Tensors) -> Tensor:
    """Two numbers a byte, the first in the upper half."""
    halves = torch.stack([packed >> 4, packed & 15], dim=-1).flatten(1).int()
    table = torch.tensor([*_E2M1, *(-value for value in _E2M1)])
    values = table[halves].unflatten(1, (-1, NVFP4_BLOCK))
    scales = untiled(tensors[layer.scale].view(torch.float8_e4m3fn).float(), *values.shape[:2])
    name = layer.scale.removesuffix(quantisation.SCALE) + quantisation.SECOND_SCALE
    whole = tensors[name].float().reshape(())
    return (values * (scales * whole)[..., None]).flatten(1)


def _fp8_numbers(packed: Tensor) -> Tensor:
    return (packed.view(torch.float8_e4m3fn) if packed.dtype is torch.uint8 else packed).float()


def untiled(scales: Tensor, rows: int, columns: int) -> Tensor:
    """(rows, columns) of block scales that lie in tiles of 128 x 4, each as 32 x (4 x 4)."""
    high, wide = math.ceil(rows / TILE_ROWS), math.ceil(columns / TILE_COLUMNS)
    tiles = scales.reshape(high, wide, 32, 4, TILE_COLUMNS)
    plain = tiles.permute(0, 3, 2, 1, 4).reshape(high * TILE_ROWS, wide * TILE_COLUMNS)
    return plain[:rows, :columns]


def hadamard(size: int) -> Tensor:
    """(size, size) the regular orthonormal Hadamard matrix; `size` is a power of four.

    It is its own inverse. Raises ValueError for other sizes.
    """
    four = torch.tensor(HADAMARD)
    made = torch.ones(1, 1)
    while len(made) < size:
        made = torch.kron(made, four)
    if len(made) != size:
        raise ValueError(f"a Hadamard matrix of {size} rows")
    return made / math.sqrt(size)


UNPACK: Mapping[str, Callable[[Tensor, QuantisedLayer, Tensors], Tensor]] = {
    quantisation.FP8_E4M3: _fp8,
    quantisation.FP8_E5M2: _fp8,
    quantisation.INT8: _int8,
    quantisation.MXFP8: _mxfp8,
    quantisation.NVFP4: _nvfp4,
}
