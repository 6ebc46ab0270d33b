"""Cache of the networks in memory; the least recently used goes first."""

import gc
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

import torch

from engine.local.nets import devices
from engine.models.model_file import ModelFile

Net = TypeVar("Net")


class ModelCache:
    """At most one network of a kind: a kind is what never runs beside itself."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._nets: OrderedDict[str, tuple[object, Any]] = OrderedDict()

    def get(self, kind: str, key: object, load: Callable[[], Net], needs_mb: int = 0) -> Net:
        """The network that is there under this key, or the one that `load` brings.

        Others go first, the least recently used before the rest, until `needs_mb` are free.
        """
        known = self._nets.get(kind)
        if known is not None and known[0] == key:
            self._nets.move_to_end(kind)
            return known[1]
        self.drop(kind)
        while self._nets and devices.memory_mb(self._device)[0] < needs_mb:
            self.drop(next(iter(self._nets)))
        net = load()
        self._nets[kind] = key, net
        return net

    def drop(self, *kinds: str) -> None:
        """Out of memory with them; nothing happens for what is not there."""
        there = [kind for kind in kinds if kind in self._nets]
        for kind in there:
            del self._nets[kind]
        if there:
            gc.collect()
            devices.empty(self._device)

    def free(self) -> None:
        self.drop(*list(self._nets))

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(self._nets)


def identity(model: ModelFile) -> tuple[str, int]:
    """Another file under the same name is another model."""
    try:
        return str(model.path), model.path.stat().st_mtime_ns
    except OSError:
        return str(model.path), 0
