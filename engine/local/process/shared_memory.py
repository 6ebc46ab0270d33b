"""Messages between the window and the engine's process: small parts by pipe, pixels in memory.

Pickle's out-of-band buffers go into one block of shared memory, the rest is written to the pipe,
framed by its length. Blocks are named by their maker's process and a counter, so that what a killed
process left behind can be found by name and removed. Python's own tracker of a maker does the same
when both sides are killed.
"""

import contextlib
import io
import itertools
import os
import pickle
import shutil
import struct
import sys
from collections.abc import Callable, Iterator
from multiprocessing import resource_tracker, shared_memory
from typing import Any, BinaryIO, NamedTuple, cast

SMALL = 64 << 10  # bytes: below, a block is not worth its making
SPARE = 32 << 20  # bytes: the last block of up to this size is used again, its pages are there
SWEPT = 64  # names looked for behind the last one that is known
OURS = ("engine", "numpy", "pathlib", "builtins")
_LENGTH = struct.Struct(">Q")


class Frame(NamedTuple):
    """A message on its way. `block` is "" when all of it is in `content`."""

    content: bytes
    block: str
    sizes: tuple[int, ...]


class Blocks:
    """The blocks that one side has made and the other has not let go yet."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self._numbers = itertools.count(1)
        self._open: dict[str, shared_memory.SharedMemory] = {}
        self._spare: shared_memory.SharedMemory | None = None

    def pack(self, message: object) -> Frame:
        """The message, its large arrays in a block that stays until `drop`."""
        buffers: list[pickle.PickleBuffer] = []
        content = pickle.dumps(message, 5, buffer_callback=buffers.append)
        views = [buffer.raw() for buffer in buffers]
        sizes = tuple(view.nbytes for view in views)
        if sum(sizes) < SMALL or not _has_room(sum(sizes)):
            return Frame(pickle.dumps(message, 5), "", ())
        block = self._make(sum(sizes))
        memory, at = cast(memoryview, block.buf), 0
        for view in views:
            memory[at : at + view.nbytes] = view
            at += view.nbytes
        return Frame(content, block.name, sizes)

    def drop(self, name: str) -> None:
        """The other side has taken it; nothing happens for a name that is gone."""
        block = self._open.pop(name, None)
        if block is not None and block.size <= SPARE:
            block, self._spare = self._spare, block
        if block is not None:
            _remove(block)

    def drop_all(self) -> None:
        """Leave nothing behind."""
        for name in list(self._open):
            self.drop(name)
        spare, self._spare = self._spare, None
        if spare is not None:
            _remove(spare)

    def _make(self, size: int) -> shared_memory.SharedMemory:
        spare = self._spare
        if spare is not None and size <= spare.size:
            self._spare = None
            self._open[spare.name] = spare
            return spare
        for number in self._numbers:
            with contextlib.suppress(FileExistsError):  # of a process long gone
                block = shared_memory.SharedMemory(
                    name=block_name(self.owner, number), create=True, size=size
                )
                self._open[block.name] = block
                return block
        raise AssertionError("numbers do not end")


def block_name(owner: str, number: int) -> str:
    """Of the n-th block that a process makes."""
    return f"lacuna-{owner}-{number}"


def unpack(frame: Frame) -> Any:
    """The message, its arrays copied out of the block.

    Raises pickle.UnpicklingError for what is not of ours, and FileNotFoundError without the block.
    """
    if not frame.block:
        return _Ours(io.BytesIO(frame.content)).load()
    block = _attached(frame.block)
    buffers: list[bytearray] = []
    memory, at = cast(memoryview, block.buf), 0
    for size in frame.sizes:
        buffers.append(bytearray(memory[at : at + size]))
        at += size
    block.close()
    return _Ours(io.BytesIO(frame.content), buffers=buffers).load()


def _frame(data: bytes) -> Frame:
    """Raises pickle.UnpicklingError for anything but bytes, a text and a tuple of numbers."""
    found: object = _Plain(io.BytesIO(data)).load()
    if isinstance(found, tuple):
        parts = cast(tuple[object, ...], found)
        if len(parts) == 3 and isinstance(parts[0], bytes) and isinstance(parts[1], str):
            return Frame(parts[0], parts[1], _sizes(parts[2]))
    raise pickle.UnpicklingError("this is no frame")


def _sizes(found: object) -> tuple[int, ...]:
    numbers = cast(tuple[object, ...], found) if isinstance(found, tuple) else (None,)
    if not all(isinstance(each, int) for each in numbers):
        raise pickle.UnpicklingError("this is no frame")
    return cast(tuple[int, ...], numbers)


class _Plain(pickle.Unpickler):
    """Knows no class at all."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a frame")


class _Ours(pickle.Unpickler):
    """Knows our classes and numpy's: for one of torch's the window would import all of torch."""

    def find_class(self, module: str, name: str) -> Any:
        if module.partition(".")[0] not in OURS:
            raise pickle.UnpicklingError(f"{module}.{name} is not for the other side")
        return super().find_class(module, name)


def sweep(owner: str, known: int = 0) -> int:
    """Remove what a process that died has left; returns how many blocks that were."""
    return sum(unlink(block_name(owner, number)) for number in range(1, known + SWEPT + 1))


def unlink(name: str) -> bool:
    """Remove a block by name; False when there is none."""
    try:
        block = shared_memory.SharedMemory(name=name)
    except FileNotFoundError:
        return False
    _remove(block)
    return True


def _remove(block: shared_memory.SharedMemory) -> None:
    block.close()
    try:
        block.unlink()
    except FileNotFoundError:  # the maker's tracker was quicker; ours is to forget it, too
        resource_tracker.unregister(f"/{block.name}", "shared_memory")


def _has_room(size: int) -> bool:
    """Writing more than a small /dev/shm holds (containers) would kill the process."""
    try:
        return size <= shutil.disk_usage("/dev/shm").free // 2
    except OSError:
        return True  # no such folder: not Linux


def _attached(name: str) -> shared_memory.SharedMemory:
    """A block of the other side, which has its own tracker."""
    if sys.version_info >= (3, 13):
        return shared_memory.SharedMemory(name, track=False)
    block = shared_memory.SharedMemory(name)
    if os.name != "nt":
        resource_tracker.unregister(f"/{block.name}", "shared_memory")
    return block


def write_frame(stream: BinaryIO, frame: Frame) -> None:
    """Raises OSError when nobody reads any more."""
    data = pickle.dumps(tuple(frame), 5)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def frames(stream: BinaryIO, on_end: Callable[[], None] | None = None) -> Iterator[Frame]:
    """What arrives, until the other side is gone. Raises pickle.UnpicklingError."""
    while True:
        head = _exactly(stream, _LENGTH.size)
        data = _exactly(stream, _LENGTH.unpack(head)[0]) if head else b""
        if not data:
            if on_end is not None:
                on_end()
            return
        yield _frame(data)


def _exactly(stream: BinaryIO, size: int) -> bytes:
    """So many bytes, or none when the stream ended before."""
    parts: list[bytes] = []
    while size:
        try:
            part = stream.read(size)
        except (OSError, ValueError):
            return b""
        if not part:
            return b""
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
