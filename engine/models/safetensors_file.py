"""Arrays of .safetensors files, read and written with numpy alone."""

import json
import mmap
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.models.weights import read_header

Array = NDArray[Any]
Arrays = Mapping[str, Array]

_DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4",
    "I16": "<i2", "I8": "i1", "U8": "u1", "BOOL": "?",
}  # fmt: skip
_NAMES = {np.dtype(code): name for name, code in _DTYPES.items() if name != "BF16"}


def read_arrays(path: Path) -> dict[str, Array]:
    """All tensors as read-only views of the file, bfloat16 as float32.

    Raises ModelUnsafe, ModelUnreadable as `read_header` does; ValueError for other element types.
    """
    header = read_header(path)
    whole = np.memmap(path, np.uint8, "r")
    length = int(whole[:8].view("<u8")[0])
    entries: dict[str, Any] = json.loads(whole[8 : 8 + length].tobytes())
    found: dict[str, Array] = {}
    for name, tensor in header.tensors.items():
        if tensor.dtype not in _DTYPES:
            raise ValueError(f"elements of the type {tensor.dtype}")
        start, end = (8 + length + at for at in entries[name]["data_offsets"])
        values = whole[start:end].view(_DTYPES[tensor.dtype]).reshape(tensor.shape)
        found[name] = from_bfloat16(values) if tensor.dtype == "BF16" else values
    return found


def from_bfloat16(values: Array) -> NDArray[np.float32]:
    """The float32 numbers whose upper halves the uint16 `values` are; (N, M) or any shape."""
    return (values.astype(np.uint32) << 16).view(np.float32)


def packed(arrays: Arrays) -> bytes:
    """The bytes of a .safetensors file that holds the arrays."""
    entries: dict[str, Any] = {}
    parts: list[bytes] = []
    at = 0
    for name, array in arrays.items():
        content = np.ascontiguousarray(array).tobytes()
        entries[name] = {
            "dtype": _NAMES[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [at, at + len(content)],
        }
        parts.append(content)
        at += len(content)
    raw = json.dumps(entries).encode()
    raw += b" " * (-len(raw) % 8)
    return b"".join((struct.pack("<Q", len(raw)), raw, *parts))


def return_pages(weights: Arrays) -> None:
    """Take what is mapped of the files out of memory; a later reader gets it from there again.

    Nothing where the system knows no such thing (Windows).
    """
    if hasattr(mmap, "MADV_DONTNEED"):
        mappings = {id(found): found for found in map(_mapping, weights.values()) if found}
        for mapping in mappings.values():
            mapping.madvise(mmap.MADV_DONTNEED)


def _mapping(array: object) -> mmap.mmap | None:
    """The mapped file that an array of any shape is a view of."""
    while isinstance(array, np.ndarray):
        array = array.base
    return array if isinstance(array, mmap.mmap) else None
