"""Tensors of files that torch has written, as views of the file, read without torch.

A zip since 2020; before that five pickles and the storages behind them.
"""

import math
import struct
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelUnreadable, ModelUnsafe
from engine.light.torch_pickle import Storage, StoredTensor, stored_tensors
from engine.models.legacy_torch import legacy_layout
from engine.models.safetensors_file import Array, from_bfloat16

_LOCAL_HEADER = struct.Struct("<26xHH")  # of a zip: lengths of the name and of the extra field
_COUNT = struct.Struct("<q")  # before each storage of the old layout

Content = NDArray[np.uint8]


def read_torch(path: Path, content: Content) -> dict[str, Array]:
    """All tensors of a checked file by their dotted names, as views of its `content`.

    Their shapes are the file's own: (N, M), or with more sides.
    `content` are the bytes of the whole file. Raises ModelUnsafe (pickle, limit), ModelUnreadable.
    """
    try:
        layout = legacy_layout(path)
        if layout is None:
            return _read_zip(path, content)
        tensors = stored_tensors(path, layout.table, len(content))
        return _views(tensors, _legacy_storages(content, layout.start, layout.keys, tensors))
    except (zipfile.BadZipFile, LookupError, ValueError, TypeError, AttributeError) as error:
        raise ModelUnreadable(path, "damaged", str(error)) from error


def _read_zip(path: Path, content: Content) -> dict[str, Array]:
    archive = _Archive(path, content)
    tensors = stored_tensors(path, archive.member("data.pkl").tobytes(), len(content))
    found = {
        each: archive.member(f"data/{each.key}").view(each.dtype)
        for each in _storages(tensors.values())
    }
    return _views(tensors, found)


def _storages(tensors: Iterable[StoredTensor]) -> set[Storage]:
    return {tensor.storage for tensor in tensors}


def _legacy_storages(
    content: Content, start: int, keys: Iterable[str], tensors: Mapping[str, StoredTensor]
) -> dict[Storage, Array]:
    """The storages that lie one behind the other; each begins with its length.

    Raises ValueError where one is of another length, and KeyError for one that no tensor uses.
    """
    by_key = {storage.key: storage for storage in _storages(tensors.values())}
    found, at = dict[Storage, Array](), start
    for key in keys:
        storage = by_key[key]
        begin = at + _COUNT.size
        if content[at:begin].tobytes() != _COUNT.pack(storage.length):
            raise ValueError("a storage of another size")
        at = begin + storage.length * np.dtype(storage.dtype).itemsize
        found[storage] = content[begin:at].view(storage.dtype)
    return found


def _views(
    tensors: Mapping[str, StoredTensor], storages: Mapping[Storage, Array]
) -> dict[str, Array]:
    return {name: _view(each, storages[each.storage]) for name, each in tensors.items()}


def _view(tensor: StoredTensor, values: Array) -> Array:
    """A view of the storage; one that would leave it is a ValueError."""
    if len(values) != tensor.storage.length:
        raise ValueError("a storage of another size")
    sides, steps, offset = tensor.sides, tensor.strides, tensor.offset
    if math.prod(sides) > len(values):
        raise ValueError("a tensor of an impossible shape")
    last = offset + sum((side - 1) * step for side, step in zip(sides, steps))
    if 0 not in sides and last >= len(values):
        raise ValueError("a tensor past the end of its storage")
    whole = values[offset:] if 0 not in sides else values[:0]
    width = values.itemsize
    found = np.ndarray(sides, values.dtype, whole, strides=tuple(step * width for step in steps))
    return from_bfloat16(found) if values.dtype == np.uint16 else found


class _Archive:
    """The members of the zip, which must lie in it as they are."""

    def __init__(self, path: Path, content: Content) -> None:
        self._path, self._content = path, content
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            self._members = {m.filename.partition("/")[2]: m for m in archive.infolist()}

    def member(self, name: str) -> Content:
        found = self._members[name]
        if found.compress_type != zipfile.ZIP_STORED:
            raise ModelUnsafe(self._path, "bomb", found.filename)
        start = self._content[found.header_offset : found.header_offset + _LOCAL_HEADER.size]
        at = found.header_offset + _LOCAL_HEADER.size + sum(_LOCAL_HEADER.unpack(start.tobytes()))
        if at + found.file_size > len(self._content):
            raise ValueError("a member past the end of the file")
        return self._content[at : at + found.file_size]
