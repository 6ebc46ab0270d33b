"""Pixels below variants, kept so that another variant of the same place can take theirs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Mask, Native, Rect
from engine.jobs.requests import Patch


class VariantOrigin(NamedTuple):
    """Variants of one origin stand for each other: cut from one picture, in the same places."""

    is_painting: bool
    revision: int
    rects: tuple[Rect, ...]


def newest_removal(known: Mapping[int, VariantOrigin]) -> VariantOrigin | None:
    """The origin of the removal with the highest number; `known` holds discarded variants, too."""
    removals = [number for number, origin in known.items() if not origin.is_painting]
    return known[max(removals)] if removals else None


class UnderlayPart(NamedTuple):
    """The pixels in the rectangle of one patch, and where variants have covered them."""

    rect: Rect
    pixels: Native  # (h, w) or (h, w, 3), as in the document; zero where nothing covered them
    inside: Mask  # (h, w) uint8, 255 where it was covered
    alpha: Native | None = None  # (h, w), as in the document; zero where nothing covered it

    def restore(self, window: Native) -> None:
        """Write the pixels into the rectangle of a picture, (h, w) or (h, w, 3)."""
        np.copyto(window, self.pixels, where=_planes(self.inside > 0, window))

    def restore_alpha(self, window: Native) -> None:
        """Write the alpha into the rectangle of that of a picture, (h, w)."""
        if self.alpha is not None:
            np.copyto(window, self.alpha, where=self.inside > 0)


@dataclass(frozen=True, slots=True, eq=False)
class Underlay:
    """The pixels under the variants of one origin, as they were before any of them was written."""

    parts: tuple[UnderlayPart, ...]

    @classmethod
    def of(cls, native: Native, alpha: Native | None, patches: tuple[Patch, ...]) -> Self:
        """Copied from the (H, W) or (H, W, 3) pixels of now, and their (H, W) alpha."""
        return cls(tuple(_part(native, alpha, patch) for patch in patches))

    def widened(
        self, native: Native, alpha: Native | None, patches: tuple[Patch, ...]
    ) -> "Underlay":
        """With what another variant is about to cover; the same where that is nothing new."""
        parts = tuple(
            _widened(known, native, alpha, patch)
            for known, patch in zip(self.parts, patches, strict=True)
        )
        is_same = all(new is known for new, known in zip(parts, self.parts, strict=True))
        return self if is_same else Underlay(parts)


Underlays: TypeAlias = Mapping[VariantOrigin, Underlay]


def _part(native: Native, alpha: Native | None, patch: Patch) -> UnderlayPart:
    inside = patch.blend > 0
    pixels = _only(native[patch.rect.slices], inside)
    below = None if alpha is None else _only(alpha[patch.rect.slices], inside)
    return UnderlayPart(patch.rect, pixels, _as_mask(inside), below)


def _widened(
    known: UnderlayPart, native: Native, alpha: Native | None, patch: Patch
) -> UnderlayPart:
    fresh = (patch.blend > 0) & (known.inside == 0)
    if not fresh.any():
        return known
    pixels = np.where(_planes(fresh, known.pixels), native[known.rect.slices], known.pixels)
    below = known.alpha
    if below is not None and alpha is not None:
        below = np.where(fresh, alpha[known.rect.slices], below)
    return UnderlayPart(known.rect, pixels, known.inside | _as_mask(fresh), below)


def _only(pixels: Native, inside: NDArray[np.bool_]) -> Native:
    return np.where(_planes(inside, pixels), pixels, pixels.dtype.type(0))


def _as_mask(inside: NDArray[np.bool_]) -> Mask:
    return np.where(inside, np.uint8(255), np.uint8(0))


def _planes(mask: NDArray[np.bool_], pixels: Native) -> NDArray[np.bool_]:
    return mask if pixels.ndim == 2 else mask[..., None]
