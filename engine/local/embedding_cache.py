"""Cache of image embeddings, in memory while they are used and on disk for the next start.

A cached picture is not encoded again, which is nearly all of the cost of a click. On disk they lie
in half precision, the oldest go first, and a damaged one is ignored.
"""

import contextlib
import hashlib
import logging
import os
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeAlias

from engine.errors import ModelError
from engine.models.model_file import ModelFile
from engine.models.safetensors_file import Arrays, packed, read_arrays

MEMORY = 256 << 20  # bytes: 8 pictures of SAM3 that were clicked on
DISK = 1 << 30  # about 100 pictures
VARIABLE = "LACUNA_CACHE"
LAYOUT = "1"  # another one when what is stored changes

logger = logging.getLogger(__name__)


class ImageEmbedding(Protocol):
    """A picture as the network sees it; lives on the device."""

    @property
    def nbytes(self) -> int: ...

    def stored(self) -> Arrays:
        """What is worth keeping on disk: in half precision."""
        ...


Restore: TypeAlias = Callable[[Arrays], ImageEmbedding]
"""Makes an embedding of what was stored; raises KeyError or ValueError when it is none."""


class Embeddings:
    """By model and picture. Without a folder nothing is kept on disk."""

    def __init__(
        self, folder: Path | None = None, *, memory: int = MEMORY, disk: int = DISK
    ) -> None:
        """`folder` None takes the one that the environment names, if it does."""
        named = os.environ.get(VARIABLE, "")
        self._folder = folder or (Path(named) / "embeddings" if named else None)
        self._memory, self._disk = memory, disk
        self._kept: OrderedDict[str, ImageEmbedding] = OrderedDict()

    def get(self, model: ModelFile, key: str, restore: Restore) -> ImageEmbedding | None:
        """The embedding, from memory or else from disk; None where it is not kept."""
        name = _name(model, key)
        found = self._kept.get(name) or self._read(name, restore)
        if found is not None:
            self._keep(name, found)
        return found

    def put(self, model: ModelFile, key: str, embedding: ImageEmbedding) -> None:
        """Keep an embedding; what was not used for longest goes for it."""
        name = _name(model, key)
        self._keep(name, embedding)
        if self._folder is not None:
            self._write(self._folder, name, embedding)

    def clear(self) -> None:
        """Free the memory; what is on disk stays."""
        self._kept.clear()

    def _keep(self, name: str, embedding: ImageEmbedding) -> None:
        self._kept[name] = embedding
        self._kept.move_to_end(name)
        while len(self._kept) > 1 and sum(e.nbytes for e in self._kept.values()) > self._memory:
            self._kept.popitem(last=False)

    def _read(self, name: str, restore: Restore) -> ImageEmbedding | None:
        if self._folder is None:
            return None
        path = self._folder / name
        try:
            found = restore(read_arrays(path))
            os.utime(path)  # used just now: it goes last
        except (ModelError, OSError, KeyError, ValueError, RuntimeError):
            return None
        return found

    def _write(self, folder: Path, name: str, embedding: ImageEmbedding) -> None:
        """A cache that cannot be written is none: the picture is looked at again next time."""
        beside = folder / f"{name}.{os.getpid()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(packed(embedding.stored()))
            beside.replace(folder / name)
            _trim(folder, self._disk)
        except OSError as error:
            logger.info("embedding not kept on disk: %s", error)
            with contextlib.suppress(OSError):
                beside.unlink()


def _trim(folder: Path, budget: int) -> None:
    """Delete the files that were not used for longest until the rest fits."""
    files = sorted(((path.stat(), path) for path in folder.iterdir()), key=lambda f: -f[0].st_mtime)
    total = 0
    for stat, path in files:
        total += stat.st_size
        if total > budget:
            path.unlink(missing_ok=True)


def _name(model: ModelFile, key: str) -> str:
    """The name of a file for one picture and one state of a model."""
    try:
        stat = _weights(model.path).stat()
        state = f"{stat.st_size} {stat.st_mtime_ns}"
    except OSError:
        state = ""
    text = "\n".join((LAYOUT, str(model.path.absolute()), state, key))
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def _weights(path: Path) -> Path:
    inside = path / "model.safetensors"
    return inside if inside.is_file() else path
