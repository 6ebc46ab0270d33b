"""Tensors of files that torch has written, read without torch and without unpickling.

Opcodes are walked by `pickletools`; only those are known that tables of tensors and the modules of
TorchScript are made of, and what they build are plain dictionaries and views of the file. Nothing
that a file names is ever imported or called.
"""

import math
import pickletools
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelUnreadable, ModelUnsafe
from engine.models.safetensors_file import Array, from_bfloat16

MAX_PICKLE = 8 << 20  # bytes of data.pkl
MAX_STEPS = 2_000_000  # opcodes of it
MAX_DEPTH = 64  # of modules inside modules
MAX_VISITS = 200_000  # entries of all tables and modules together
MAX_ELEMENTS = 2  # of all tensors together, for each byte of the file
_LOCAL_HEADER = struct.Struct("<26xHH")  # of a zip: lengths of the name and of the extra field
_DTYPES = {
    "FloatStorage": "<f4", "HalfStorage": "<f2", "BFloat16Storage": "<u2", "DoubleStorage": "<f8",
    "LongStorage": "<i8", "IntStorage": "<i4", "ShortStorage": "<i2", "CharStorage": "i1",
    "ByteStorage": "u1", "BoolStorage": "?",
}  # fmt: skip
_REBUILD = ("torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_parameter")
_MADE = (*_REBUILD, "collections OrderedDict", "torch._utils _rebuild_buffer")
_MODULES = ("__torch__.", "__torch__ ")  # where TorchScript keeps its classes
_LISTS = ("build_intlist", "build_boollist", "build_doublelist", "build_tensorlist")
_SCRIPT = tuple(f"torch.jit._pickle {name}" for name in (*_LISTS, "restore_type_tag"))


class _Global(NamedTuple):
    """A name that the pickle mentions."""

    name: str


@dataclass(slots=True, eq=False)
class _Module:
    """An object of TorchScript: its fields, once they are set."""

    fields: dict[str, Any] = field(default_factory=dict[str, Any])


class _Mark:
    """Where a tuple, a list or the pairs of a dictionary begin."""


class _Storage(NamedTuple):
    values: Array  # flat view of the file


def read_torch(path: Path, content: NDArray[np.uint8]) -> dict[str, Array]:
    """All tensors of a checked archive by their dotted names, as views of its `content`.

    Their shapes are the file's own: (N, M), or with more sides.
    `content` are the bytes of the whole file. Raises ModelUnsafe (pickle, limit), ModelUnreadable.
    """
    try:
        return _named(_Walk(path, content).result())
    except (zipfile.BadZipFile, LookupError, ValueError, TypeError, AttributeError) as error:
        raise ModelUnreadable(path, "damaged", str(error)) from error


def _named(root: object) -> dict[str, Array]:
    found: dict[str, Array] = {}
    waiting: list[tuple[str, object, int]] = [("", root, 0)]
    for _ in range(MAX_VISITS):
        if not waiting:
            break
        prefix, each, depth = waiting.pop()
        if isinstance(each, np.ndarray):
            found[prefix] = cast(Array, each)
            continue
        inside = each.fields if isinstance(each, _Module) else each
        if isinstance(inside, dict) and depth < MAX_DEPTH:
            entries = cast(dict[object, object], inside)
            dot = f"{prefix}." if prefix else ""
            waiting += [(f"{dot}{name}", value, depth + 1) for name, value in entries.items()]
    return found


class _Archive:
    """The members of the zip, which must lie in it as they are."""

    def __init__(self, path: Path, content: NDArray[np.uint8]) -> None:
        self._path, self._content = path, content
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            self._members = {m.filename.partition("/")[2]: m for m in archive.infolist()}

    @property
    def size(self) -> int:
        return len(self._content)

    def member(self, name: str) -> NDArray[np.uint8]:
        found = self._members[name]
        if found.compress_type != zipfile.ZIP_STORED:
            raise ModelUnsafe(self._path, "bomb", found.filename)
        start = self._content[found.header_offset : found.header_offset + _LOCAL_HEADER.size]
        at = found.header_offset + _LOCAL_HEADER.size + sum(_LOCAL_HEADER.unpack(start.tobytes()))
        if at + found.file_size > len(self._content):
            raise ValueError("a member past the end of the file")
        return self._content[at : at + found.file_size]


class _Walk:
    """The stack of the pickle, holding plain values alone."""

    def __init__(self, path: Path, content: NDArray[np.uint8]) -> None:
        self._path, self._archive = path, _Archive(path, content)
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}
        self._elements = 0

    def result(self) -> object:
        pickle = self._archive.member("data.pkl")
        if len(pickle) > MAX_PICKLE:
            raise ModelUnsafe(self._path, "limit", f"{len(pickle)} bytes of pickle")
        for number, (opcode, argument, _) in enumerate(pickletools.genops(pickle.tobytes())):
            step = _STEPS.get(opcode.name)
            if step is None or number > MAX_STEPS:
                raise ModelUnsafe(self._path, "pickle", opcode.name)
            step(self, argument)
        return self._stack.pop()

    def push(self, value: object) -> None:
        self._stack.append(value)

    def pop(self) -> Any:
        return self._stack.pop()

    def since_mark(self) -> list[Any]:
        """All above the last mark, which goes with them."""
        above: list[Any] = []
        while not isinstance(top := self._stack.pop(), _Mark):
            above.append(top)
        return above[::-1]

    def name(self, argument: object) -> None:
        found = str(argument)
        is_known = found in _MADE or found in _SCRIPT or found in _STORAGES
        if not (is_known or found.startswith(_MODULES)):
            raise ModelUnsafe(self._path, "pickle", found[:200])
        self.push(_Global(found))

    def stored(self, _: object) -> None:
        kind, storage, key, _place, count = self.pop()
        if kind != "storage" or not isinstance(storage, _Global) or not str(key).isalnum():
            raise ValueError("a storage of another kind")
        values = self._archive.member(f"data/{key}").view(_DTYPES[storage.name.partition(" ")[2]])
        if len(values) != count:
            raise ValueError("a storage of another size")
        self.push(_Storage(values))

    def reduced(self, _: object) -> None:
        given, function = self.pop(), self.pop()
        if not isinstance(function, _Global):
            raise ValueError("a call of what is no name")
        made = _made(function.name, given)
        self._elements += _size(made)
        if self._elements > MAX_ELEMENTS * self._archive.size:
            raise ModelUnsafe(self._path, "limit", "tensors that share their storage")
        self.push(made)

    def made(self, _: object) -> None:
        """A module of TorchScript, without its fields."""
        self.pop()
        if not isinstance(kind := self.pop(), _Global) or not kind.name.startswith(_MODULES):
            raise ModelUnsafe(self._path, "pickle", "NEWOBJ")
        self.push(_Module())

    def built(self, _: object) -> None:
        """Set the fields of a module; what torch adds to a table of tensors is left out."""
        state, target = self.pop(), self._stack[-1]
        if isinstance(target, _Module):
            target.fields = dict(state)

    def keep(self, argument: object) -> None:
        self._memo[len(self._memo) if argument is None else cast(int, argument)] = self._stack[-1]

    def recall(self, argument: object) -> None:
        self.push(self._memo[cast(int, argument)])

    def extend(self, _: object) -> None:
        above = self.since_mark()
        self._stack[-1].extend(above)

    def set_many(self, _: object) -> None:
        above = self.since_mark()
        self._stack[-1].update(zip(above[::2], above[1::2]))

    def set_one(self, _: object) -> None:
        value, key = self.pop(), self.pop()
        self._stack[-1][key] = value

    def append(self, _: object) -> None:
        value = self.pop()
        self._stack[-1].append(value)


def _size(value: object) -> int:
    return cast(Array, value).size if isinstance(value, np.ndarray) else 0


def _made(name: str, given: Any) -> object:
    """What a known function would give for its arguments."""
    if name == "torch._utils _rebuild_tensor_v2":
        return _tensor(*given[:4])
    if name in ("torch._utils _rebuild_parameter", "torch._utils _rebuild_buffer"):
        return given[0]
    if name == "collections OrderedDict":
        return dict(given[0]) if given else {}
    if name in _SCRIPT:
        return given[0]
    raise ValueError(f"a call of {name}")


def _tensor(storage: _Storage, offset: int, shape: Any, strides: Any) -> Array:
    """A view of the storage; one that would leave it is a ValueError."""
    values, sides, steps = storage.values, tuple(map(int, shape)), tuple(map(int, strides))
    is_odd = len(sides) != len(steps) or min((int(offset), *sides, *steps)) < 0
    if is_odd or math.prod(sides) > len(values):
        raise ValueError("a tensor of an impossible shape")
    last = int(offset) + sum((side - 1) * step for side, step in zip(sides, steps))
    if 0 not in sides and last >= len(values):
        raise ValueError("a tensor past the end of its storage")
    whole = values[int(offset) :] if 0 not in sides else values[:0]
    width = values.itemsize
    found = np.ndarray(sides, values.dtype, whole, strides=tuple(step * width for step in steps))
    return from_bfloat16(found) if values.dtype == np.uint16 else found


def _pushing(make: Callable[[Any], object]) -> Callable[[_Walk, object], None]:
    return lambda walk, argument: walk.push(make(argument))


def _tuple_of(count: int) -> Callable[[_Walk, object], None]:
    return lambda walk, _: walk.push(tuple(walk.pop() for _ in range(count))[::-1])


_STORAGES = frozenset(f"torch {name}" for name in _DTYPES)
_CONSTANTS: Mapping[str, object] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_VALUES = ("BININT", "BININT1", "BININT2", "LONG1", "INT", "LONG", "BINFLOAT", "BINUNICODE",
           "SHORT_BINUNICODE", "UNICODE", "BINSTRING", "SHORT_BINSTRING")  # fmt: skip
_STEPS: dict[str, Callable[[_Walk, Any], None]] = {
    "PROTO": lambda walk, _: None,
    "FRAME": lambda walk, _: None,
    "STOP": lambda walk, _: None,
    "MARK": _pushing(lambda _: _Mark()),
    **{name: _pushing(lambda _, value=value: value) for name, value in _CONSTANTS.items()},
    **{name: _pushing(lambda value: value) for name in _VALUES},
    "EMPTY_DICT": _pushing(lambda _: {}),
    "EMPTY_LIST": _pushing(lambda _: []),
    "EMPTY_TUPLE": _tuple_of(0),
    "TUPLE1": _tuple_of(1),
    "TUPLE2": _tuple_of(2),
    "TUPLE3": _tuple_of(3),
    "TUPLE": lambda walk, _: walk.push(tuple(walk.since_mark())),
    "GLOBAL": _Walk.name,
    "BINPERSID": _Walk.stored,
    "REDUCE": _Walk.reduced,
    "NEWOBJ": _Walk.made,
    "BUILD": _Walk.built,
    "BINPUT": _Walk.keep,
    "LONG_BINPUT": _Walk.keep,
    "MEMOIZE": _Walk.keep,
    "BINGET": _Walk.recall,
    "LONG_BINGET": _Walk.recall,
    "APPEND": _Walk.append,
    "APPENDS": _Walk.extend,
    "SETITEM": _Walk.set_one,
    "SETITEMS": _Walk.set_many,
}
