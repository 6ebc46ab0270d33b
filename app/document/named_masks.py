"""Named masks: pure functions on their list, whose results go to `edit.set("named", ...)`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from app.document.tiles import PackedMask
from engine.geometry import Mask, Size
from engine.storage.text import mended


@dataclass(frozen=True, slots=True, eq=False)
class NamedMask:
    name: str
    mask: PackedMask
    visible: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", mended(self.name))


NamedMasks: TypeAlias = tuple[NamedMask, ...]


def renamed(named: NamedMasks, index: int, name: str) -> NamedMasks:
    return _with(named, index, replace(named[index], name=name))


def with_visibility(named: NamedMasks, index: int, visible: bool) -> NamedMasks:
    return _with(named, index, replace(named[index], visible=visible))


def moved(named: NamedMasks, index: int, to: int) -> NamedMasks:
    rest = without(named, index)
    return (*rest[:to], named[index], *rest[to:])


def without(named: NamedMasks, index: int) -> NamedMasks:
    return (*named[:index], *named[index + 1 :])


def union(named: Sequence[NamedMask], size: Size) -> Mask:
    """All of them in one mask, (H, W) uint8."""
    mask = np.zeros((size.height, size.width), np.uint8)
    for each in named:
        each.mask.mark(mask)
    return mask


def free_name(named: NamedMasks, pattern: str) -> str:
    """`pattern` with the first number for "{number}" above all that are taken."""
    stem = re.escape(pattern).replace(re.escape("{number}"), r"(\d+)")
    taken = [re.fullmatch(stem, entry.name) for entry in named]
    highest = max((int(match[1]) for match in taken if match), default=0)
    return pattern.replace("{number}", str(highest + 1))


def _with(named: NamedMasks, index: int, changed: NamedMask) -> NamedMasks:
    return (*named[:index], changed, *named[index + 1 :])
