"""The broad tones of a fill: a mixture of simple fills, in shares found by trying them out.

Patches keep structure, a bent plate goes on with gradients, a stretched skin invents nothing.
Which of them is right differs by photo, so each also fills a wider hole, whose rim is known:
what predicts the rim best gets the largest share (stacked regressions, Breiman 1996).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky
from scipy.optimize import nnls

from engine.builtin.fill.membrane import membrane, plate
from engine.builtin.fill.patches import can_match, patch_fill
from engine.builtin.fill.pyramid import Plane, PyramidLevel, depth_px

Report = Callable[[float], None]

_RIM_SHARE = 0.35  # of the hole's depth
_LARGEST_HOLE = 0.75  # of the crop
_UNKNOWN_ERROR = 10.0
_EVENNESS = 0.02  # pull of the shares to equal ones, against the fills' own squared errors


@dataclass(frozen=True, slots=True, eq=False)
class Tone:
    """Fine detail in the plane means little; `error` is what it missed the rim by, in levels.

    `patched` is the patch fill that went into it, when there was just one.
    """

    plane: Plane
    error: float
    patched: Plane | None = None


def tone(level: PyramidLevel, seed: int, report: Report, *, variants: int) -> Tone:
    """The hole filled as near to the truth as blur may come."""
    fills = _simple_fills(level, seed * 2, variants, lambda done: report(done / 2))
    patched = fills[-1] if variants == 1 and can_match(level) else None
    wider = _widened(level)
    if wider is None:
        return Tone(_mixture(np.full(len(fills), 1 / len(fills)), fills), _UNKNOWN_ERROR, patched)
    trials = _simple_fills(wider, seed * 2 + 1, variants, lambda done: report(0.5 + done / 2))
    rim = wider.hole & ~level.hole
    truth = np.asarray(level.pixels, np.float32)[rim]
    shares = _shares([made[rim] for made in trials], truth)
    missed = _mixture(shares, [made[rim] for made in trials]) - truth
    return Tone(_mixture(shares, fills), float(np.sqrt(np.square(missed).mean())), patched)


def _simple_fills(level: PyramidLevel, seed: int, variants: int, report: Report) -> list[Plane]:
    """A plate, a skin and, where patches can be had, the mean of some patch fills."""
    fills = [plate(level), membrane(level)]
    if can_match(level):
        patched: list[Plane] = []
        for number in range(variants):
            report((number + 1) / (variants + 1))
            patched.append(patch_fill(level, seed * variants + number))
        fills.append(_mixture(np.full(variants, 1 / variants), patched))
    return fills


def _widened(level: PyramidLevel) -> PyramidLevel | None:
    """The level with a wider hole, or None when too little would be left."""
    radius = max(2, round(_RIM_SHARE * depth_px(level.hole)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    hole = cv2.dilate(level.hole.astype(np.uint8), kernel) > 0
    wider = PyramidLevel(level.pixels, hole)
    if hole.mean() > _LARGEST_HOLE or can_match(wider) != can_match(level):
        return None
    return wider


def _shares(trials: Sequence[Plane], truth: Plane) -> NDArray[np.float64]:
    """Least squares of the errors; no share negative, all together 1."""
    errors = np.stack([(made - truth).ravel() for made in trials], axis=1).astype(np.float64)
    count = errors.shape[1]
    products = errors.T @ errors
    products += np.eye(count) * (1e-6 + _EVENNESS * np.trace(products) / count)
    # the sum is held by a row that weighs far more than the errors do
    heavy = 1e3 * np.sqrt(np.trace(products))
    rows = np.full((count + 1, count), heavy)
    rows[:count] = cholesky(products)
    found = np.asarray(nnls(rows, np.append(np.zeros(count), heavy))[0], np.float64)
    return found / found.sum()


def _mixture(shares: NDArray[np.float64], planes: Sequence[Plane]) -> Plane:
    return np.tensordot(shares, np.stack(planes), 1).astype(np.float32)
