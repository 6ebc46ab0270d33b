"""Refines an outline by an exact cut of the pixels in a band around it."""

from collections.abc import Sequence

import cv2
import numpy as np

from engine.builtin.select.click_features import ClickSpot
from engine.builtin.select.edges import Floats
from engine.builtin.select.graph_cut import least_cut
from engine.builtin.select.prepared import PreparedPicture
from engine.builtin.select.proposals import Bools
from engine.builtin.select.superpixels import Ints

_BAND = 0.055  # half its width as a share of the root of the area
_COLOUR, _STAY, _SMOOTH = 1.0, 1.0, 4.0
_MOST_PULL = 3.0
_EDGE_SOFTNESS = 0.15
_LEAST_AGREEMENT = 0.8


def refined(prepared: PreparedPicture, mask: Bools, spots: Sequence[ClickSpot]) -> Bools:
    """The mask with its outline moved inside the band; as it was where that changes too much."""
    area = int(mask.sum())
    if area < 50 or area == mask.size:
        return mask
    radius = max(2, round(_BAND * np.sqrt(area)))
    sure_in, sure_out = _band(mask, radius)
    if not (sure_in.any() and sure_out.any()):
        return mask
    pull = _pull(prepared, mask, radius, sure_in, sure_out)
    for spot in spots:
        cv2.circle(pull, (spot.x, spot.y), max(1, radius // 2), 100.0 * (2 * spot.positive - 1), -1)
    found = _cut_band(pull, prepared.edge, sure_in, ~(sure_in | sure_out))
    agreement = (found & mask).sum() / max(int((found | mask).sum()), 1)
    return found if agreement >= _LEAST_AGREEMENT else mask


def _band(mask: Bools, radius: int) -> tuple[Bools, Bools]:
    """What lies deeper than the radius inside, and outside."""
    inside, outside = mask.astype(np.uint8), (~mask).astype(np.uint8)
    to_edge = cv2.distanceTransform(inside, cv2.DIST_L2, 3)
    from_edge = cv2.distanceTransform(outside, cv2.DIST_L2, 3)
    return to_edge > radius, from_edge > radius


def _pull(
    prepared: PreparedPicture, mask: Bools, radius: int, sure_in: Bools, sure_out: Bools
) -> Floats:
    """(H, W) log odds of each pixel by its colour word and by the mask it comes from."""
    near = cv2.dilate(mask.astype(np.uint8), np.ones((8 * radius + 1,) * 2, np.uint8)) > 0
    count = int(prepared.codes.max()) + 1
    inside = np.bincount(prepared.codes[sure_in], minlength=count) + 1.0
    outside = np.bincount(prepared.codes[sure_out & near], minlength=count) + 1.0
    odds = np.log((inside / inside.sum()) / (outside / outside.sum()))
    colour = np.clip(odds, -_MOST_PULL, _MOST_PULL)[prepared.codes]
    smooth = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), radius / 2)
    stay = np.asarray(smooth, np.float32) * 2 - 1
    return np.asarray(_COLOUR * colour + _STAY * _MOST_PULL * stay, np.float32)


def _cut_band(pull: Floats, edge: Floats, sure_in: Bools, band: Bools) -> Bools:
    index = np.full(pull.shape, -1, np.int64)
    count = int(band.sum())
    index[band] = np.arange(count)
    index[sure_in], index[~(sure_in | band)] = count, count + 1
    bond = _SMOOTH * np.exp(-edge / _EDGE_SOFTNESS)
    ends: list[tuple[Ints, Ints]] = []
    strengths: list[Floats] = []
    for near, far in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        one, other = index[near], index[far]
        crossed = (one != other) & ((one < count) | (other < count))
        ends.append((one[crossed], other[crossed]))
        strengths.append(np.minimum(bond[near], bond[far])[crossed])
    first, second = (np.concatenate(part) for part in zip(*ends))
    wish = np.append(pull[band], [1e6, -1e6])
    chosen = least_cut(first, second, np.concatenate(strengths), wish)
    found = sure_in.copy()
    found[band] = chosen[:count]
    return found
