"""Headers of weight files, read and checked before any library sees the file.

Nothing is unpickled, and no tensor is read here but short texts. What passes may still be refused
by the loader (torch with weights_only=True); what does not pass is never given to it.
"""

import json
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from engine.errors import ModelUnreadable, ModelUnsafe
from engine.storage.foreign_file import open_file

MAX_HEADER = 16 << 20  # bytes
MAX_TENSORS = 20_000
MAX_DIMENSIONS = 8
SIZES = {
    "C64": 64, "F64": 64, "I64": 64, "U64": 64, "F32": 32, "I32": 32, "U32": 32, "F16": 16,
    "BF16": 16, "I16": 16, "U16": 16, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "I8": 8, "U8": 8,
    "BOOL": 8,
}  # fmt: skip
"""Bits of the element types that are let in, by safetensors' names."""

MARK = ".comfy_quant"
MAX_MARK = 4096  # bytes; a mark is a line of JSON


class Tensor(NamedTuple):
    """What a header says of one tensor."""

    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightHeader:
    """All that is known of a weight file without its tensors."""

    tensors: Mapping[str, Tensor]
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    layout: str = "safetensors"  # or torch, torch-legacy (checked pickles), torchscript, gguf
    marks: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    """Contents of the tensors that are texts (MARK), by name."""


def read_header(path: Path) -> WeightHeader:
    """The header of a .safetensors file.

    Raises ModelUnsafe (header, limit), ModelUnreadable (format, damaged, missing). Takes well under
    100 ms, however wrong the file is.
    """
    try:
        with open_file(path) as file:
            size = os.fstat(file.fileno()).st_size
            raw = _raw_header(path, file, size)
            return _parsed(path, file, raw, size - 8 - len(raw))
    except OSError as error:
        raise ModelUnreadable(path, "missing", error.strerror or "") from error


def _raw_header(path: Path, file: BinaryIO, size: int) -> bytes:
    start = file.read(8)
    if len(start) < 8:
        raise ModelUnreadable(path, "format")
    (length,) = struct.unpack("<Q", start)
    if length > MAX_HEADER:
        raise ModelUnsafe(path, "header", f"{length} bytes of header")
    if length > size - 8:
        raise ModelUnreadable(path, "damaged", "cut off within the header")
    return file.read(length)


def _parsed(path: Path, file: BinaryIO, raw: bytes, room: int) -> WeightHeader:
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ModelUnreadable(path, "format") from error
    if not isinstance(content, dict):
        raise ModelUnreadable(path, "format")
    entries = cast(dict[str, Any], content)
    metadata: Any = entries.pop("__metadata__", None)
    if len(entries) > MAX_TENSORS:
        raise ModelUnsafe(path, "limit", f"{len(entries)} tensors")
    try:
        places = [_place(entry) for entry in entries.values()]
        tensors = {name: _tensor(entry) for name, entry in entries.items()}
        texts = {} if metadata is None else _texts(metadata)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ModelUnsafe(path, "header", str(error)) from error
    _check_places(path, places, list(tensors.values()), room)
    start = 8 + len(raw)
    marks = {
        name: _content(file, start + first, last - first)
        for name, (first, last) in zip(tensors, places)
        if name.endswith(MARK) and last - first <= MAX_MARK
    }
    return WeightHeader(tensors=tensors, metadata=texts, marks=marks)


def _content(file: BinaryIO, start: int, length: int) -> bytes:
    file.seek(start)
    return file.read(length)


def _tensor(entry: Any) -> Tensor:
    shape = entry["shape"]
    if len(shape) > MAX_DIMENSIONS or any(type(side) is not int or side < 0 for side in shape):
        raise ValueError("a tensor of an impossible shape")
    if entry["dtype"] not in SIZES:
        raise ValueError(f"tensors of the type {str(entry['dtype'])[:20]!r}")
    return Tensor(entry["dtype"], tuple(shape))


def _place(entry: Any) -> tuple[int, int]:
    start, end = entry["data_offsets"]
    if type(start) is not int or type(end) is not int or not 0 <= start <= end:
        raise ValueError("a tensor at an impossible place")
    return start, end


def _texts(metadata: Any) -> dict[str, str]:
    if not isinstance(metadata, dict):
        raise TypeError("metadata that is no table")
    table = cast(dict[Any, Any], metadata)
    if any(not isinstance(value, str) for pair in table.items() for value in pair):
        raise TypeError("metadata that is no text")
    return cast(dict[str, str], table)


def _check_places(
    path: Path, places: list[tuple[int, int]], tensors: list[Tensor], room: int
) -> None:
    """Tensors lie one behind the other without holes, and end where the file ends."""
    for (start, end), tensor in zip(places, tensors):
        elements = 1
        for side in tensor.shape:
            elements *= side
        if elements * SIZES[tensor.dtype] != 8 * (end - start):
            raise ModelUnsafe(path, "header", "a tensor that is larger or smaller than its place")
    at = 0
    for start, end in sorted(places):
        if start != at:
            raise ModelUnsafe(path, "header", "tensors that overlap, or bytes that nobody owns")
        at = end
    if at > room:
        raise ModelUnreadable(path, "damaged", f"{at - room} bytes are missing at the end")
    if at < room:
        raise ModelUnsafe(path, "header", f"{room - at} bytes behind the last tensor")
