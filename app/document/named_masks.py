"""The list of named masks: each operation gives a new list, for `edit.set("named", ...)`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from app.document.tiles import PackedMask
from engine.geometry import Mask, Size


@dataclass(frozen=True, slots=True, eq=False)
class NamedMask:
    name: str
    mask: PackedMask
    visible: bool = True


Named: TypeAlias = tuple[NamedMask, ...]


def renamed(named: Named, index: int, name: str) -> Named:
    return _with(named, index, replace(named[index], name=name))


def shown(named: Named, index: int, visible: bool) -> Named:
    return _with(named, index, replace(named[index], visible=visible))


def moved(named: Named, index: int, to: int) -> Named:
    rest = without(named, index)
    return (*rest[:to], named[index], *rest[to:])


def without(named: Named, index: int) -> Named:
    return (*named[:index], *named[index + 1 :])


def union(named: Sequence[NamedMask], size: Size) -> Mask:
    """Everything that any of them marks, in one mask."""
    mask = np.zeros((size.height, size.width), np.uint8)
    for each in named:
        each.mask.mark(mask)
    return mask


def free_name(named: Named, pattern: str) -> str:
    """`pattern` with the first number for "{number}" above all that are taken."""
    stem = re.escape(pattern).replace(re.escape("{number}"), r"(\d+)")
    taken = [re.fullmatch(stem, entry.name) for entry in named]
    highest = max((int(match[1]) for match in taken if match), default=0)
    return pattern.replace("{number}", str(highest + 1))


def _with(named: Named, index: int, changed: NamedMask) -> Named:
    return (*named[:index], changed, *named[index + 1 :])
