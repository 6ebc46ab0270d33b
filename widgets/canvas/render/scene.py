"""The content of the canvas as one frozen record, which a worker thread may read."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from widgets.canvas.render.mipmap import Mipmap, Pixels, of_part
from widgets.canvas.view import EMPTY, Box

Colour = tuple[int, int, int]


class MaskMode(StrEnum):
    """How the marked area is shown."""

    OVERLAY = "overlay"
    OUTLINE = "outline"
    ON_BLACK = "on_black"
    ON_WHITE = "on_white"
    MASK_ONLY = "mask_only"
    HIDDEN = "hidden"


class ScenePatch(NamedTuple):
    """Pixels (h, w, 3) RGB for a part of the picture; `blend` (h, w), None covers all of it."""

    x: int
    y: int
    pixels: Pixels
    blend: Pixels | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ShownPicture:
    """One version of the picture: a pyramid, and patches over it."""

    picture: Mipmap
    patches: tuple[Mipmap, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class MaskOutline:
    """The outline of a mask that covers a part of the picture."""

    mask: Mipmap
    colour: Colour
    hatched: bool = False
    source: Pixels | None = None  # what the pyramid was made of


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Everything that is resampled: pictures, mask and outlines."""

    after: ShownPicture | None = None
    before: ShownPicture | None = None
    alpha: Mipmap | None = None
    mask: Mipmap | None = None
    mask_box: Box = EMPTY
    mode: MaskMode = MaskMode.OVERLAY
    colour: Colour = (255, 64, 72)
    opacity: float = 0.5
    edges: tuple[MaskOutline, ...] = ()
    backdrop: Colour = (62, 62, 62)
    split: float | None = None
    show_before: bool = False
    line_px: int = 1

    @property
    def is_compared(self) -> bool:
        """Whether another version is seen, alone or beside: then nothing lies over the pixels."""
        return self.before is not None and (self.show_before or self.split is not None)

    @property
    def tints_all(self) -> bool:
        """Whether the mode colours what is not marked, too."""
        return self.mode in (MaskMode.ON_BLACK, MaskMode.ON_WHITE, MaskMode.MASK_ONLY)

    @property
    def has_overlay(self) -> bool:
        if self.is_compared:
            return False
        return bool(self.edges) or (self.mask is not None and self.mode != MaskMode.HIDDEN)

    @property
    def is_plain(self) -> bool:
        """One opaque picture, no patches: it can be drawn straight from its pyramid."""
        shown = self.single
        return shown is not None and not shown.patches and self.alpha is None

    @property
    def single(self) -> ShownPicture | None:
        """The one version that is seen; None when there are two."""
        if self.before is None:
            return self.after
        if self.show_before:
            return self.before
        return self.after if self.split is None else None


def patches_of(patches: Sequence[ScenePatch], depth: int) -> tuple[Mipmap, ...]:
    """Pyramids of premultiplied BGRA for patches of a picture with so many levels."""
    return tuple(of_part(_premultiplied(p), p.x, p.y, depth) for p in patches)


def _premultiplied(patch: ScenePatch) -> NDArray[np.uint8]:
    colour = np.ascontiguousarray(cv2.cvtColor(patch.pixels, cv2.COLOR_RGB2BGRA))
    if patch.blend is not None:
        weight = cv2.cvtColor(patch.blend, cv2.COLOR_GRAY2BGRA)
        weight[..., 3] = patch.blend
        colour = cv2.multiply(colour, weight, scale=1 / 255)
    return colour.astype(np.uint8, copy=False)
