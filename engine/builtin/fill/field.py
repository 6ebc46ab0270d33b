"""PatchMatch offset fields: for each pixel of the hole, the place that its texture comes from."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.builtin.fill.pyramid import Hole, Plane

Indices = NDArray[np.int32]

_COHERENCE = 1.08  # a neighbour's offset may be this much worse
_BASE_WEIGHT = 4.0  # squared: as much as this many pixels of the patch
_PATCH = [
    (dy, dx) for dy in (-4, -2, 0, 2, 4) for dx in (-4, -2, 0, 2, 4) if abs(dy) + abs(dx) <= 6
]
_REACH_PX = 4


@dataclass(frozen=True, slots=True, eq=False)
class OffsetField:
    """An offset for each pixel of a hole, in the order of `np.nonzero(hole)`."""

    dy: Indices
    dx: Indices


def _wide(plane: Plane) -> Plane:
    return np.pad(plane, ((_REACH_PX, _REACH_PX), (_REACH_PX, _REACH_PX), (0, 0)), mode="symmetric")


def _patches(plane: Plane, base: Plane) -> Plane:
    """(H * W, n) float32: each pixel's patch and base in a row."""
    height, width = plane.shape[:2]
    pad, wide = _REACH_PX, _wide(plane)
    parts = [wide[pad + dy : pad + dy + height, pad + dx : pad + dx + width] for dy, dx in _PATCH]
    parts.append(base * np.float32(_BASE_WEIGHT))
    return np.concatenate(parts, axis=-1).reshape(height * width, -1)


def _patches_at(plane: Plane, base: Plane, ys: Indices, xs: Indices) -> Plane:
    """(len(ys), n) float32: the same for these pixels alone."""
    wide = _wide(plane)
    flat = wide.reshape(-1, 3)
    row_px = wide.shape[1]
    steps = np.array([dy * row_px + dx for dy, dx in _PATCH])
    at = (ys + _REACH_PX).astype(np.intp) * row_px + xs + _REACH_PX
    patches = flat[at[:, None] + steps].reshape(len(ys), -1)
    return np.concatenate([patches, base[ys, xs] * np.float32(_BASE_WEIGHT)], axis=1)


class Matcher:
    """PatchMatch of all pixels of the hole at once: jumps over 8, 4, 2, 1 px, then chance."""

    def __init__(
        self, target: Plane, source: Plane, base: Plane, hole: Hole, valid: Hole, seed: int
    ) -> None:
        """Patches of `target` in the hole are sought among those of `source` where `valid`.

        A pixel's `base` has to agree as well: what is broader than a patch shows only there.
        """
        self._shape = hole.shape
        self._hole = hole
        self._ys, self._xs = (axis.astype(np.int32) for axis in np.nonzero(hole))
        self._valid = valid.ravel()
        self._target = _patches_at(target, base, self._ys, self._xs)
        self._source = _patches(source, base)
        self._chance = np.random.default_rng(seed)
        start = self._chance.choice(np.flatnonzero(self._valid), len(self._ys))
        self._dy = (start // self._shape[1] - self._ys).astype(np.int32)
        self._dx = (start % self._shape[1] - self._xs).astype(np.int32)
        everything = np.arange(len(self._ys))
        self._cost = self._costs(everything, start)

    def field(self) -> OffsetField:
        """The best offsets so far."""
        return OffsetField(self._dy, self._dx)

    def improve(self, report: Callable[[float], None], rounds: int = 4) -> None:
        """Look for better offsets; `report` gets the fraction done."""
        for done in range(rounds):
            for jump in (8, 4, 2, 1):
                report((done + 1 / jump) / rounds)
                for step in ((0, jump), (0, -jump), (jump, 0), (-jump, 0)):
                    self._follow(*step)
            self._guess()

    def _costs(self, which: NDArray[np.intp], at: NDArray[np.intp]) -> Plane:
        difference = self._source[at] - self._target[which]
        return np.einsum("ij,ij->i", difference, difference)

    def _follow(self, step_y: int, step_x: int) -> None:
        """Try what the pixel a step away uses."""
        maps = np.zeros((2, *self._shape), np.int32)
        maps[:, self._ys, self._xs] = self._dy, self._dx
        ny, nx = self._ys + step_y, self._xs + step_x
        inside = self._within(ny, nx)
        inside[inside] = self._hole[ny[inside], nx[inside]]
        which = np.flatnonzero(inside)
        dy, dx = maps[:, ny[which], nx[which]]
        new = (dy != self._dy[which]) | (dx != self._dx[which])
        self._try(which[new], dy[new], dx[new], _COHERENCE)

    def _guess(self) -> None:
        """Try places around the present ones, ever nearer."""
        count = len(self._ys)
        which = np.arange(count)
        reach = max(self._shape) / 2
        while reach >= 1:
            dy, dx = self._chance.integers(-int(reach), int(reach) + 1, (2, count), np.int32)
            self._try(which, self._dy + dy, self._dx + dx, 1.0)
            reach /= 2

    def _try(self, which: NDArray[np.intp], dy: Indices, dx: Indices, bonus: float) -> None:
        y, x = self._ys[which] + dy, self._xs[which] + dx
        fit = self._within(y, x)
        at = y.astype(np.intp) * self._shape[1] + x
        fit[fit] = self._valid[at[fit]]
        which, at, dy, dx = which[fit], at[fit], dy[fit], dx[fit]
        cost = self._costs(which, at)
        better = cost < self._cost[which] * bonus
        chosen = which[better]
        self._cost[chosen] = cost[better]
        self._dy[chosen], self._dx[chosen] = dy[better], dx[better]

    def _within(self, y: Indices, x: Indices) -> Hole:
        return (y >= 0) & (y < self._shape[0]) & (x >= 0) & (x < self._shape[1])


def usable(hole: Hole, margin_px: int) -> Hole:
    """Pixels far enough from the hole to copy from; any known ones when none are."""
    kernel = np.ones((2 * margin_px + 1, 2 * margin_px + 1), np.uint8)
    valid = cv2.dilate(hole.astype(np.uint8), kernel) == 0
    return valid if valid.sum() >= 50 else ~hole


def spread(field: OffsetField, hole: Hole) -> NDArray[np.int32]:
    """(H, W, 2) offsets (dy, dx) everywhere: those of the nearest pixel of the hole."""
    offsets = np.zeros((*hole.shape, 2), np.int32)
    offsets[hole] = np.stack([field.dy, field.dx], axis=-1)
    _, labels = cv2.distanceTransformWithLabels(
        (~hole).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    nearest = np.asarray(labels, np.int32)
    of_label = np.zeros((int(nearest.max()) + 1, 2), np.int32)
    of_label[nearest[hole]] = offsets[hole]
    return of_label[nearest]
