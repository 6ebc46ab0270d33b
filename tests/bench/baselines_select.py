"""Simple ways to select by clicks, to compare the built-in selector with.

python score_click.py tests.bench.baselines_select:wand       (also :grab_disc, :geodesic_cut)
"""

from collections.abc import Sequence

import cv2
import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow
from skimage.graph import MCP_Geometric

from engine.builtin.select.edges import edge_strength, lab_of, working_copy
from engine.geometry import Image

Points = Sequence[tuple[int, int]]
Labels = Sequence[int]
_SURE = 1 << 22


def wand(image: Image, points: Points, labels: Labels):
    """Flood fill in Lab, three tolerances; further clicks add or take away what they flood."""
    small, spots = _reduced(image, points, 640)
    lab = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), (0, 0), 1.2)
    return [_enlarged(_flooded(lab, spots, labels, step), image) for step in (14, 7, 28)]


def _flooded(lab: np.ndarray, spots: Points, labels: Labels, tolerance: float) -> np.ndarray:
    mask = np.zeros(lab.shape[:2], bool)
    limit = (tolerance * 1.5, tolerance, tolerance)
    flags = cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE | (255 << 8) | 4
    for spot, label in zip(spots, labels):
        flood = np.zeros((lab.shape[0] + 2, lab.shape[1] + 2), np.uint8)
        cv2.floodFill(lab.copy(), flood, spot, (0, 0, 0), limit, limit, flags)
        inside = flood[1:-1, 1:-1] > 0
        mask = mask | inside if label else mask & ~inside
    return cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5))) > 0


def grab_disc(image: Image, points: Points, labels: Labels):
    """GrabCut that starts from a disc around each positive click, three radii."""
    small, spots = _reduced(image, points, 288)
    radii = (0.22, 0.11, 0.4) if len(points) == 1 else (0.22,)
    return [_enlarged(_grabbed(small, spots, labels, radius), image) for radius in radii]


def _grabbed(small: Image, spots: Points, labels: Labels, radius: float) -> np.ndarray:
    side = max(small.shape)
    trimap = np.full(small.shape[:2], cv2.GC_BGD, np.uint8)
    for spot, label in zip(spots, labels):
        if label:
            cv2.circle(trimap, spot, int(radius * side), cv2.GC_PR_FGD, -1)
    for spot, label in zip(spots, labels):
        sure = cv2.GC_FGD if label else cv2.GC_BGD
        cv2.circle(trimap, spot, max(2, int(0.02 * side)), sure, -1)
    cv2.setRNGSeed(0)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(small, trimap, None, *models, 4, cv2.GC_INIT_WITH_MASK)
    return _holding((trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD), spots, labels)


def geodesic_cut(image: Image, points: Points, labels: Labels):
    """Distance along weak edges to the clicks, colour, and an exact cut; three biases."""
    small, spots = _reduced(image, points, 256)
    lab = lab_of(small)
    edge = edge_strength(lab).astype(np.float64)
    odds = _geodesic_odds(lab, edge, spots, labels)
    biases = (0.0, -0.8, 0.8) if len(points) == 1 else (0.0,)
    cuts = (_pixel_cut(odds + bias, edge, spots, labels) for bias in biases)
    return [_enlarged(_holding(mask, spots, labels), image) for mask in cuts]


def _geodesic_odds(lab: np.ndarray, edge: np.ndarray, spots: Points, labels: Labels) -> np.ndarray:
    height, width = edge.shape
    frame = [(y, x) for y in (0, height - 1) for x in range(0, width, 4)]
    frame += [(y, x) for x in (0, width - 1) for y in range(0, height, 4)]
    near = [(y, x) for (x, y), label in zip(spots, labels) if label]
    far = [(y, x) for (x, y), label in zip(spots, labels) if not label]
    to_near = MCP_Geometric(0.01 + edge).find_costs(near)[0]
    to_far = MCP_Geometric(0.01 + edge).find_costs(far + frame)[0]
    closeness = (to_far - to_near) / (to_far + to_near + 1e-6)
    words = np.floor(np.add(lab, [0, 1, 1]) * [10, 12, 12]).astype(int) @ [900, 30, 1]
    _, code = np.unique(words.ravel(), return_inverse=True)
    flat = closeness.ravel()
    inside = np.bincount(code, flat > np.quantile(flat, 0.85)) + 0.5
    outside = np.bincount(code, flat < 0) + 0.5
    colour = np.log((inside / inside.sum()) / (outside / outside.sum()))
    return 3.6 * closeness + 0.6 * np.clip(colour[code], -3, 3).reshape(edge.shape)


def _pixel_cut(odds: np.ndarray, edge: np.ndarray, spots: Points, labels: Labels) -> np.ndarray:
    pull = (odds * 256).astype(np.int64)
    for (x, y), label in zip(spots, labels):
        pull[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2] = _SURE if label else -_SURE
    index = np.arange(pull.size).reshape(pull.shape)
    bond = (np.exp(-edge / 0.15) * 1.8 * 256).astype(np.int64)
    source, sink = pull.size, pull.size + 1
    wants, shuns = np.flatnonzero(pull > 0), np.flatnonzero(pull < 0)
    tail = [np.full(len(wants), source), shuns]
    head = [wants, np.full(len(shuns), sink)]
    flow = [pull.ravel()[wants], -pull.ravel()[shuns]]
    for near, far in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        ends = index[near].ravel(), index[far].ravel()
        strength = np.minimum(bond[near], bond[far]).ravel()
        tail += [*ends]
        head += [*ends[::-1]]
        flow += [strength, strength]
    capacity = np.concatenate(flow).astype(np.int32)
    where = np.concatenate(tail), np.concatenate(head)
    graph = csr_array(coo_array((capacity, where), shape=(sink + 1, sink + 1)))
    left = csr_array(graph - maximum_flow(graph, source, sink).flow)
    left.eliminate_zeros()
    mask = np.zeros(sink + 1, bool)
    mask[breadth_first_order(left, source, return_predecessors=False)] = True
    return mask[: pull.size].reshape(pull.shape)


def _reduced(image: Image, points: Points, side_px: int) -> tuple[Image, Points]:
    small = working_copy(image, side_px)
    scale_x, scale_y = small.shape[1] / image.shape[1], small.shape[0] / image.shape[0]
    return small, [(int(x * scale_x), int(y * scale_y)) for x, y in points]


def _enlarged(mask: np.ndarray, image: Image) -> np.ndarray:
    size = image.shape[1], image.shape[0]
    return cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_LINEAR) >= 0.5


def _holding(mask: np.ndarray, spots: Points, labels: Labels) -> np.ndarray:
    """The connected parts that hold a positive click."""
    _, parts = cv2.connectedComponents(mask.astype(np.uint8))
    held = {int(parts[y, x]) for (x, y), label in zip(spots, labels) if label} - {0}
    return np.isin(parts, list(held)) if held else mask
