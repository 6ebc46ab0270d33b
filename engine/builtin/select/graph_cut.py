"""Graph cuts: over superpixels, in a band around an outline, and GrabCut on a crop around a box.

`cut` and `least_cut` find the minimum cut exactly (Boykov and Jolly, 2001); `grabbed` alternates
colour models and cuts (Rother, Kolmogorov and Blake, "GrabCut", 2004) as OpenCV has it.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.builtin.select.click_features import ClickSpot
from engine.builtin.select.edges import Floats
from engine.builtin.select.prepared import PreparedPicture
from engine.builtin.select.superpixels import Ints, Superpixels
from engine.geometry import Rect, Size

_SURE = 1 << 24  # stronger than all else together can be
_SCALE = 16.0  # flows are whole numbers
_EDGE_SOFTNESS = 0.15
_GRABCUT_SIDE_PX = 300
_GRABCUT_ROUNDS = 3
_GRABCUT_MARGIN = 0.4  # of the longer side of the box
_BAND = 0.055  # half its width as a share of the root of the area
_COLOUR, _STAY, _SMOOTH = 1.0, 1.0, 4.0  # weights in a band
_MOST_PULL = 3.0
_LEAST_AGREEMENT = 0.8  # of a refined mask with the one that it was made from


def cut(
    patches: Superpixels,
    chance: Floats,
    smoothness: float,
    bias: float,
    holds: Sequence[int],
    lacks: Sequence[int],
) -> NDArray[np.bool_]:
    """(n,) the patches on the object's side.

    `chance` 0..1 speaks for each patch by its area, `bias` is added to its log odds, and a border
    costs `smoothness` a pixel where there is no edge.
    """
    safe = np.clip(chance, 0.02, 0.98)
    pull = (np.log(safe / (1 - safe)) + bias) * patches.area
    pull[list(holds)], pull[list(lacks)] = np.inf, -np.inf
    bond = smoothness * 4 * patches.length * np.exp(-patches.edge / _EDGE_SOFTNESS)
    return least_cut(patches.first, patches.second, bond, pull)


def least_cut(first: Ints, second: Ints, bond: Floats, pull: Floats) -> NDArray[np.bool_]:
    """(n,) which nodes fall to the object, so that the total price is least.

    A node pays the size of its `pull` when it goes against it (above 0 is object), a pair of
    neighbours pays its `bond` when it is parted. Exact to a sixteenth.
    """
    from scipy.sparse import coo_array, csr_array
    from scipy.sparse.csgraph import breadth_first_order, maximum_flow

    n = len(pull)
    wish = np.clip(pull * _SCALE, -_SURE, _SURE).astype(np.int64)
    strength = (bond * _SCALE).astype(np.int64)
    source, sink = n, n + 1
    wants, shuns = np.flatnonzero(wish > 0), np.flatnonzero(wish < 0)
    tail = np.r_[first, second, np.full(len(wants), source), shuns]
    head = np.r_[second, first, wants, np.full(len(shuns), sink)]
    capacity = np.r_[strength, strength, wish[wants], -wish[shuns]].astype(np.int32)
    graph = csr_array(coo_array((capacity, (tail, head)), shape=(n + 2, n + 2)))
    left = csr_array(graph - maximum_flow(graph, source, sink).flow)
    left.eliminate_zeros()
    mask = np.zeros(n + 2, np.bool_)
    mask[breadth_first_order(left, source, return_predecessors=False)] = True
    return mask[:n]


def grabbed(prepared: PreparedPicture, box: Rect) -> Floats:
    """(n,) the share of each patch that belongs to the object of a box, 0..1."""
    size = Size.of(prepared.image)
    crop = box.pad(round(_GRABCUT_MARGIN * max(box.width, box.height)) + 2).clamp(size)
    scale = min(1.0, _GRABCUT_SIDE_PX / max(crop.width, crop.height))
    small = max(2, round(crop.width * scale)), max(2, round(crop.height * scale))
    picture = cv2.resize(prepared.image[crop.slices], small, interpolation=cv2.INTER_AREA)
    inner = box.moved(-crop.x, -crop.y)
    trimap = np.full(small[::-1], cv2.GC_BGD, np.uint8)
    left, top = round(inner.x * scale), round(inner.y * scale)
    right, bottom = round(inner.right * scale), round(inner.bottom * scale)
    trimap[top : max(bottom, top + 1), left : max(right, left + 1)] = cv2.GC_PR_FGD
    found = _grabcut(np.asarray(picture, np.uint8), trimap)
    soft = cv2.resize(found, (crop.width, crop.height), interpolation=cv2.INTER_LINEAR)
    labels = prepared.patches.labels[crop.slices].ravel()
    total = np.bincount(labels, soft.ravel(), prepared.patches.count)
    return total / prepared.patches.area


def _grabcut(picture: np.ndarray, trimap: np.ndarray) -> np.ndarray:
    """1 for object; the whole box where the crop is too plain or holds nothing else."""
    known = trimap == cv2.GC_BGD
    if known.any() and not known.all() and picture.std() > 0.5:
        cv2.setRNGSeed(0)
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.grabCut(picture, trimap, (0, 0, 1, 1), *models, _GRABCUT_ROUNDS, cv2.GC_INIT_WITH_MASK)
    return ((trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD)).astype(np.float32)


def refined(
    prepared: PreparedPicture, mask: NDArray[np.bool_], spots: Sequence[ClickSpot]
) -> NDArray[np.bool_]:
    """The (H, W) mask, its outline moved inside the band; as it was where that changes too much."""
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


def _band(mask: NDArray[np.bool_], radius: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """What lies deeper than the radius inside, and outside."""
    inside, outside = mask.astype(np.uint8), (~mask).astype(np.uint8)
    to_edge = cv2.distanceTransform(inside, cv2.DIST_L2, 3)
    from_edge = cv2.distanceTransform(outside, cv2.DIST_L2, 3)
    return to_edge > radius, from_edge > radius


def _pull(
    prepared: PreparedPicture,
    mask: NDArray[np.bool_],
    radius: int,
    sure_in: NDArray[np.bool_],
    sure_out: NDArray[np.bool_],
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


def _cut_band(
    pull: Floats, edge: Floats, sure_in: NDArray[np.bool_], band: NDArray[np.bool_]
) -> NDArray[np.bool_]:
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
