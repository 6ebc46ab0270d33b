"""Low-frequency colour match of a filled crop to the ring around it.

Two things are known. An engine that draws all of the crop shows beyond the ring how it shifts
colours: a line for each channel takes that back, inside too. And in the feather both pictures are
known, the picture itself and what the engine drew there. Their difference, smoothed, is carried
into the hole by pull and push over a pyramid (after Gortler et al., The Lumigraph, 1996), so that a
fill that came out a shade too dark meets its surroundings.
Guards: what lies beyond the ring must be the same picture, or it says nothing; where the feather
differs by texture rather than by shade the difference counts for less, so that flat areas get all
of it and busy ones little; where it changes across the feather it is what is left of the object's
soft edge, which must not be carried in; and a shade further off than LIMIT is an object, not a
shade.
"""

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.geometry import Image, Mask
from engine.jobs.requests import Hole

LIMIT = 32.0  # levels of 255
CELL_PX = 8  # the size of what is averaged before it is carried on
MIN_GAIN, MAX_GAIN = 0.8, 1.25
STRANGE = 6.0  # levels that cells beyond the ring may be off the line: else it is another picture
LEAST_CELLS = 12
ROUNDS = 6  # of weighing again; what does not fit is out by then

Plane = NDArray[np.float32]


class _Line(NamedTuple):
    """How an engine shifts colours, by channel."""

    gain: Plane
    shift: Plane
    weight: Plane  # (h, w) of each cell beyond the ring, 0..1: how well it fits


class _Known(NamedTuple):
    """What is known of the difference in each cell."""

    mean: Plane  # (h, w, 3) levels
    weight: Plane  # (h, w) 0..1


def offset_to_ring(hole: Hole, filled: Image) -> Plane:
    """What to add to `filled` (h, w, 3), in levels; 0 everywhere when the fill is the source."""
    source, drawn = hole.image.astype(np.float32), filled.astype(np.float32)
    beyond = cv2.bitwise_not(hole.mask)
    shows_all = cv2.norm(hole.image, filled, cv2.NORM_INF, beyond) > 0
    line = _line(source, drawn, np.asarray(beyond, np.uint8)) if shows_all else None
    if line is not None:
        drawn = drawn * line.gain + line.shift
    offset = drawn - filled
    if ((hole.blend > 0) & (hole.blend < 255)).any():
        known = _known(source - drawn, hole.blend, line)
        carried = _carry(np.clip(known.mean, -LIMIT, LIMIT), known.weight)
        height, width = hole.blend.shape
        offset += cv2.resize(carried, (width, height), interpolation=cv2.INTER_LINEAR)
    return offset.astype(np.float32)


def _line(source: Plane, drawn: Plane, beyond: Mask) -> _Line | None:
    """None: what was drawn beyond the ring is another picture.

    Fitted to the means of whole cells, which grain and a lost sharpness do not move.
    """
    whole = _shrunk(beyond) > 254
    if np.count_nonzero(whole) < LEAST_CELLS:
        return None
    x, y = _shrunk(drawn)[whole], _shrunk(source)[whole]
    weight, spread = np.ones_like(x), np.zeros(3, np.float32)
    gain, shift = _fitted(x, y, weight)
    for _ in range(ROUNDS):
        off = np.abs(y - gain * x - shift)
        spread = np.maximum(1.48 * np.median(off, 0), 0.5)
        weight = (1 / (1 + np.square(off / (2 * spread)))).astype(np.float32)
        gain, shift = _fitted(x, y, weight)
    if spread.max() > STRANGE:
        return None
    fits = np.zeros(whole.shape, np.float32)
    fits[whole] = weight.min(1)
    return _Line(gain, shift, fits)


def _fitted(x: Plane, y: Plane, weight: Plane) -> tuple[Plane, Plane]:
    total = weight.sum(0)
    middle_x, middle_y = (weight * x).sum(0) / total, (weight * y).sum(0) / total
    both = (weight * (x - middle_x) * (y - middle_y)).sum(0) / total
    own = (weight * np.square(x - middle_x)).sum(0) / total
    gain = np.clip((both + 4.0) / (own + 4.0), MIN_GAIN, MAX_GAIN)  # 1 where all is flat
    return gain, middle_y - gain * middle_x


def _known(off: Plane, blend: Mask, line: _Line | None) -> _Known:
    """From the feather; where its word is doubtful from what lies beyond it, or else nothing."""
    mean, doubt, share = _in_feather(off, blend)
    if line is None:
        return _Known(mean * _trust(doubt)[..., None], share)
    beyond = _beyond(off, line)
    doubt = doubt + np.square(mean - _carry(beyond.mean, beyond.weight)).mean(2)
    inside = share * _trust(doubt)
    total = inside + beyond.weight
    both = mean * inside[..., None] + beyond.mean * beyond.weight[..., None]
    joined = both / np.maximum(total, 1e-6)[..., None]
    return _Known(joined.astype(np.float32), np.minimum(1.0, total).astype(np.float32))


def _trust(doubt: Plane) -> Plane:
    """Half at two levels."""
    return (1.0 / (1.0 + doubt / 4.0)).astype(np.float32)


def _in_feather(off: Plane, blend: Mask) -> tuple[Plane, Plane, Plane]:
    """Mean difference, squared doubt in it, and covered share of each cell."""
    inner, inner_share, _ = _averaged(off, (blend >= 128) & (blend < 255))
    outer, outer_share, variance = _averaged(off, (blend > 0) & (blend < 128))
    doubt = variance / np.maximum(outer_share * (3 * CELL_PX) ** 2, 1.0)
    both = np.minimum(1.0, 50 * inner_share)[..., None]
    doubt += (np.square(inner - outer) * both).mean(2)
    return outer, doubt, np.minimum(1.0, outer_share * 12).astype(np.float32)


def _beyond(off: Plane, line: _Line) -> _Known:
    weight = _around(line.weight)
    total = _around(_shrunk(off) * line.weight[..., None])
    mean = total / np.maximum(weight, 1e-6)[..., None]
    return _Known(mean.astype(np.float32), weight)


def _averaged(off: Plane, where: NDArray[np.bool_]) -> tuple[Plane, Plane, Plane]:
    """Mean, covered share and variance around each cell, over the marked pixels alone."""
    inside = np.asarray(cv2.copyTo(off, where.view(np.uint8)), np.float32)
    share = _around(_shrunk(where.astype(np.float32)))
    safe = np.maximum(share, 1e-6)[..., None]
    mean = _around(_shrunk(inside)) / safe
    square = _around(_shrunk(np.asarray(cv2.multiply(inside, inside), np.float32))) / safe
    variance = np.maximum(square - mean * mean, 0).mean(2)
    return mean.astype(np.float32), share, variance.astype(np.float32)


def _around(plane: Plane) -> Plane:
    """Mean of 3 x 3 cells: the feather crosses more than one."""
    return np.asarray(cv2.blur(plane, (3, 3), borderType=cv2.BORDER_REFLECT), np.float32)


def _shrunk(plane: Plane | Mask) -> Plane:
    height, width = plane.shape[:2]
    size = (math.ceil(width / CELL_PX), math.ceil(height / CELL_PX))
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)


def _carry(values: Plane, weight: Plane) -> Plane:
    """Values where the weight is 1; elsewhere what coarser and coarser averages say."""
    height, width = weight.shape
    total = np.maximum(weight, 1e-6)[..., None]
    if max(height, width) <= 2:
        return np.broadcast_to((values * total).mean((0, 1)) / total.mean(), values.shape).astype(
            np.float32
        )
    size = ((width + 1) // 2, (height + 1) // 2)
    less = np.asarray(cv2.resize(weight, size, interpolation=cv2.INTER_AREA), np.float32)
    sums = np.asarray(cv2.resize(values * weight[..., None], size, interpolation=cv2.INTER_AREA))
    below = _carry(
        (sums / np.maximum(less, 1e-6)[..., None]).astype(np.float32), np.minimum(1.0, less * 2)
    )
    above = np.asarray(cv2.resize(below, (width, height), interpolation=cv2.INTER_LINEAR))
    share = weight[..., None]
    return (values * share + above * (1 - share)).astype(np.float32)
