"""Pickles that torch has written, walked without torch and without unpickling.

Opcodes are walked by `pickletools`; only those are known that tables of tensors and the modules of
TorchScript are made of, and what they build are plain dictionaries and records of tensors. Nothing
that a file names is ever imported or called.
"""

import math
import pickletools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, cast

from engine.errors import ModelUnsafe

MAX_PICKLE = 8 << 20  # bytes of data.pkl
MAX_STEPS = 2_000_000  # opcodes of it
MAX_DEPTH = 64  # of modules inside modules
MAX_VISITS = 200_000  # entries of all tables and modules together
MAX_ELEMENTS = 2  # of all tensors together, for each byte of the file
DTYPES = {
    "FloatStorage": "<f4", "HalfStorage": "<f2", "BFloat16Storage": "<u2", "DoubleStorage": "<f8",
    "LongStorage": "<i8", "IntStorage": "<i4", "ShortStorage": "<i2", "CharStorage": "i1",
    "ByteStorage": "u1", "BoolStorage": "?",
}  # fmt: skip
_REBUILD = ("torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_parameter")
_MADE = (*_REBUILD, "collections OrderedDict", "torch._utils _rebuild_buffer")
_MODULES = ("__torch__.", "__torch__ ")  # where TorchScript keeps its classes
_LISTS = ("build_intlist", "build_boollist", "build_doublelist", "build_tensorlist")
_SCRIPT = tuple(f"torch.jit._pickle {name}" for name in (*_LISTS, "restore_type_tag"))


class Storage(NamedTuple):
    """Numbers in a row, somewhere in the file."""

    key: str
    dtype: str  # of numpy, in the byte order of the file
    length: int


class StoredTensor(NamedTuple):
    """A view of a storage; nothing says yet that it stays within."""

    storage: Storage
    offset: int  # elements
    sides: tuple[int, ...]
    strides: tuple[int, ...]  # elements


class _Global(NamedTuple):
    """A name that the pickle mentions."""

    name: str


@dataclass(slots=True, eq=False)
class _Module:
    """An object of TorchScript: its fields, once they are set."""

    fields: dict[str, Any] = field(default_factory=dict[str, Any])


class _Mark:
    """Where a tuple, a list or the pairs of a dictionary begin."""


def stored_tensors(path: Path, pickle: bytes, size: int) -> dict[str, StoredTensor]:
    """All tensors that a pickle names, by their dotted names.

    `size` is that of the whole file at `path`, in bytes. Raises ModelUnsafe (pickle, limit), and
    LookupError, ValueError, TypeError or AttributeError where opcodes do not fit together.
    """
    return _named(_Walk(path, size).result(pickle))


def _named(root: object) -> dict[str, StoredTensor]:
    found: dict[str, StoredTensor] = {}
    waiting: list[tuple[str, object, int]] = [("", root, 0)]
    for _ in range(MAX_VISITS):
        if not waiting:
            break
        prefix, each, depth = waiting.pop()
        if isinstance(each, StoredTensor):
            found[prefix] = each
            continue
        inside = each.fields if isinstance(each, _Module) else each
        if isinstance(inside, dict) and depth < MAX_DEPTH:
            entries = cast(dict[object, object], inside)
            dot = f"{prefix}." if prefix else ""
            waiting += [(f"{dot}{name}", value, depth + 1) for name, value in entries.items()]
    return found


class _Walk:
    """The stack of the pickle, holding plain values alone."""

    def __init__(self, path: Path, size: int) -> None:
        self._path, self._size = path, size
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}
        self._elements = 0

    def result(self, pickle: bytes) -> object:
        if len(pickle) > MAX_PICKLE:
            raise ModelUnsafe(self._path, "limit", f"{len(pickle)} bytes of pickle")
        for number, (opcode, argument, _) in enumerate(pickletools.genops(pickle)):
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
        kind, storage, key, _place, count, *views = self.pop()
        if kind != "storage" or not isinstance(storage, _Global) or not str(key).isalnum():
            raise ValueError("a storage of another kind")
        if any(view is not None for view in views):
            raise ValueError("a storage within a storage")
        self.push(Storage(str(key), DTYPES[storage.name.partition(" ")[2]], int(count)))

    def reduced(self, _: object) -> None:
        given, function = self.pop(), self.pop()
        if not isinstance(function, _Global):
            raise ValueError("a call of what is no name")
        made = _made(function.name, given)
        self._elements += _size(made)
        if self._elements > MAX_ELEMENTS * self._size:
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
    return math.prod(value.sides) if isinstance(value, StoredTensor) else 0


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


def _tensor(storage: Any, offset: Any, shape: Any, strides: Any) -> StoredTensor:
    if not isinstance(storage, Storage):
        raise TypeError("a tensor without a storage")
    sides, steps = tuple(map(int, shape)), tuple(map(int, strides))
    if len(sides) != len(steps) or min((int(offset), storage.length, *sides, *steps)) < 0:
        raise ValueError("a tensor of an impossible shape")
    return StoredTensor(storage, int(offset), sides, steps)


def _pushing(make: Callable[[Any], object]) -> Callable[[_Walk, object], None]:
    return lambda walk, argument: walk.push(make(argument))


def _tuple_of(count: int) -> Callable[[_Walk, object], None]:
    return lambda walk, _: walk.push(tuple(walk.pop() for _ in range(count))[::-1])


_STORAGES = frozenset(f"torch {name}" for name in DTYPES)
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
