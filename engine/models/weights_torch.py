"""Checks files of torch (.pt, .pth, .ckpt) without unpickling anything.

The format can hold code. What is let through unpacks to what it weighs, and its pickle names
nothing but tensors: opcodes are read by `pickletools`, which runs none of them.
"""

import itertools
import pickletools
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.errors import ModelUnreadable, ModelUnsafe
from engine.models.legacy_torch import legacy_layout
from engine.models.weights import MAX_TENSORS, Tensor, WeightHeader
from engine.storage.foreign_file import open_file

MAX_PICKLE = 8 << 20  # bytes of data.pkl; published checkpoints have some 100 kB
MAX_MEMBERS = 40_000
MAX_RATIO = 20
MAX_NOTES = 2 << 20  # bytes; torch packs its notes on source lines, which have long paths
DTYPES = {
    "FloatStorage": "F32", "HalfStorage": "F16", "BFloat16Storage": "BF16", "DoubleStorage": "F64",
    "LongStorage": "I64", "IntStorage": "I32", "ShortStorage": "I16", "CharStorage": "I8",
    "ByteStorage": "U8", "BoolStorage": "BOOL",
    "ComplexFloatStorage": "C64",  # sam3.pt keeps its rotary positions so
}  # fmt: skip
ALLOWED = {
    "collections OrderedDict",
    "torch._utils _rebuild_tensor_v2",
    "torch._utils _rebuild_parameter",
    *(f"torch {name}" for name in DTYPES),
}
"""All that a table of weights needs. Anything else is asked to be converted first."""

_CALLS = {"STACK_GLOBAL", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "EXT1", "EXT2", "EXT4"}
_TUPLES = {"EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"}
_INTEGERS = {"BININT", "BININT1", "BININT2", "LONG1", "INT", "LONG"}
_STORAGE_WORDS = {"storage", "cpu", "cuda:0", "cuda"}


def check_pickle(path: Path) -> WeightHeader:
    """What a file of torch says of its tensors, if it may be loaded with weights_only=True.

    A TorchScript archive has the layout "torchscript" and no tensors: it must never be run, and
    only one with a known checksum may be read. A file of before 2020 has the layout
    "torch-legacy". Raises ModelUnsafe (pickle, old, bomb, limit), ModelUnreadable (format, damaged,
    missing).
    """
    try:
        with open_file(path) as file, zipfile.ZipFile(file) as archive:
            return _checked(path, archive)
    except zipfile.BadZipFile as error:
        return _before_zip(path, error)
    except OSError as error:
        raise ModelUnreadable(path, "missing", error.strerror or "") from error
    except (IndexError, ValueError, NotImplementedError, RuntimeError) as error:
        raise ModelUnreadable(path, "damaged", str(error)) from error


def _before_zip(path: Path, error: Exception) -> WeightHeader:
    """The layout of before 2020 is five bare pickles."""
    try:
        with open_file(path) as file:
            start = file.read(1)
        found = legacy_layout(path)
    except OSError as trouble:
        raise ModelUnreadable(path, "missing", trouble.strerror or "") from trouble
    if found is not None:
        return WeightHeader(tensors=_tensors(path, found.table), layout="torch-legacy")
    if start in (b"\x80", b"c", b"("):
        raise ModelUnsafe(path, "old") from error
    raise ModelUnreadable(path, "format") from error


def _checked(path: Path, archive: zipfile.ZipFile) -> WeightHeader:
    members = archive.infolist()
    _check_members(path, members)
    inner = {member.filename.partition("/")[2]: member for member in members}
    if "constants.pkl" in inner or any(name.startswith("code/") for name in inner):
        return WeightHeader(tensors={}, layout="torchscript")
    pickle = inner.get("data.pkl")
    if pickle is None:
        is_package = any(name.startswith(".data/") for name in inner)
        raise ModelUnsafe(path, "pickle") if is_package else ModelUnreadable(path, "format")
    return WeightHeader(tensors=_tensors(path, archive.read(pickle)), layout="torch")


def _check_members(path: Path, members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_MEMBERS:
        raise ModelUnsafe(path, "limit", f"{len(members)} members")
    for member in members:
        if member.file_size > MAX_RATIO * max(member.compress_size, 64):
            raise ModelUnsafe(path, "bomb", member.filename)
        if member.filename.endswith("data.pkl") and member.file_size > MAX_PICKLE:
            raise ModelUnsafe(path, "limit", f"{member.file_size} bytes of pickle")
    if sum(member.file_size for member in members) > 1.1 * path.stat().st_size + MAX_NOTES:
        raise ModelUnsafe(path, "bomb")


def _tensors(path: Path, content: bytes) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    texts: list[str] = []
    dtype, names = "F32", _operations(path, content)
    for name, argument in names:
        if name == "GLOBAL":
            dtype = _allowed(path, str(argument)) or dtype
        elif name in _CALLS:
            raise ModelUnsafe(path, "pickle", name)
        elif isinstance(argument, str):
            texts.append(argument)
        elif name == "BINPERSID":
            _allowed_many(path, found)
            found[_key(texts, len(found))] = Tensor(dtype, _shape(names))
            texts.clear()
    return found


def _operations(path: Path, content: bytes) -> Iterator[tuple[str, Any]]:
    try:
        for opcode, argument, _ in pickletools.genops(content):
            yield opcode.name, argument
    except (ValueError, UnicodeDecodeError) as error:
        raise ModelUnreadable(path, "damaged", str(error)) from error


def _allowed(path: Path, wanted: str) -> str | None:
    """The element type a name stands for, or None; raises ModelUnsafe for a name not allowed."""
    if wanted not in ALLOWED:
        raise ModelUnsafe(path, "pickle", wanted[:200])
    return DTYPES.get(wanted.partition(" ")[2])


def _allowed_many(path: Path, found: dict[str, Tensor]) -> None:
    if len(found) >= MAX_TENSORS:
        raise ModelUnsafe(path, "limit", f"more than {MAX_TENSORS} tensors")


def _key(texts: list[str], number: int) -> str:
    """The tensor's name: the last text before those that describe its storage."""
    names = [text for text in texts if text not in _STORAGE_WORDS and not text.isdigit()]
    return names[-1] if names else f"#{number}"


def _shape(operations: Iterator[tuple[str, Any]]) -> tuple[int, ...]:
    """Behind the storage: its offset, then the sides, closed by a tuple."""
    whole: list[int] = []
    for name, argument in itertools.islice(operations, 40):
        if name in _TUPLES:
            break
        if name in _INTEGERS:
            whole.append(int(argument))
    return tuple(whole[1:])
