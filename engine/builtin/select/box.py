"""Patch and region columns for a dragged box, and the regions that may be its object."""

import numpy as np

from engine.builtin.select.click_features import ClickSpot, neighbour_mean
from engine.builtin.select.edges import Floats
from engine.builtin.select.graph_cut import grabbed
from engine.builtin.select.merge_trees import MergeTree
from engine.builtin.select.prepared import PreparedPicture, cheapest_ways, node_sums
from engine.builtin.select.proposals import Proposals, box_options
from engine.builtin.select.region_features import bounds, region_columns
from engine.geometry import Rect

_TINY = 1e-6


def box_patch_columns(prepared: PreparedPicture, box: Rect) -> Floats:
    """(n, columns) for the patch scorer; `box` on the working copy, not empty."""
    patches = prepared.patches
    share = inside_share(prepared, box)
    half = np.array([box.width, box.height], np.float32) / 2
    step = (patches.centre - (np.array([box.x, box.y]) + half)) / half
    columns = [
        share,
        np.abs(step[:, 0]),
        np.abs(step[:, 1]),
        step[:, 1],
        np.abs(step).max(1),
        np.full(len(share), np.sqrt(box.width * box.height / prepared.pixels)),
    ]
    outside = np.flatnonzero(share < 0.5)
    core = np.flatnonzero(np.abs(step).max(1) < 0.35)
    for length in prepared.lengths:
        away = cheapest_ways(patches, length, outside)
        near = cheapest_ways(patches, length, core)
        scale = away[share >= 0.5].mean() + _TINY if (share >= 0.5).any() else 1.0
        columns += [away / scale, away / (away + near + 1e-3)]
    columns += _word_odds(prepared, box, share)
    columns += [_grabbed(prepared, box), neighbour_mean(prepared, _grabbed(prepared, box))]
    for tree in prepared.trees:
        columns += _tree_fit(prepared, tree, box, share)
    return np.concatenate([prepared.alone, np.stack(columns, 1)], axis=1, dtype=np.float32)


def inside_share(prepared: PreparedPicture, box: Rect) -> Floats:
    """(n,) how much of each patch lies in the box, 0..1."""
    patches = prepared.patches
    counts = np.bincount(patches.labels[box.slices].ravel(), minlength=patches.count)
    return (counts / patches.area).astype(np.float32)


def _word_odds(prepared: PreparedPicture, box: Rect, share: Floats) -> list[Floats]:
    """Log odds of the colours of each patch: box against rest, box against the ring around."""
    patches = prepared.patches
    words = patches.words / patches.area[:, None]
    reach = max(3, round(0.25 * max(box.width, box.height)))
    height, width = prepared.image.shape[:2]
    wide = box.pad(reach).intersect(Rect(0, 0, width, height))
    ring = np.clip(inside_share(prepared, wide) - share, 0, 1)
    inside = share @ patches.words
    found: list[Floats] = []
    for other in ((1 - share) @ patches.words, ring @ patches.words):
        odds = np.log((inside / (inside.sum() + 1) + 2e-3) / (other / (other.sum() + 1) + 2e-3))
        found.append(words @ odds)
    return found


def _tree_fit(prepared: PreparedPicture, tree: MergeTree, box: Rect, share: Floats) -> list[Floats]:
    """For each patch: the largest region around it inside the box, and the best fit."""
    patches = prepared.patches
    area = node_sums(tree, patches.area)
    inside = node_sums(tree, patches.area * share)
    stays = inside >= 0.93 * area
    overlap = inside / (area + box.width * box.height - inside)
    held = np.where(stays, area / (box.width * box.height), 0)
    best = overlap.copy()
    for node in range(len(area) - 2, -1, -1):
        above = tree.parent[node]
        held[node] = max(held[node], held[above])
        best[node] = max(best[node], best[above])
    n = patches.count
    return [held[:n], best[:n]]


def box_region_columns(
    prepared: PreparedPicture, options: Proposals, box: Rect, chance: Floats
) -> Floats:
    """(k, columns) for the region scorer."""
    middle = ClickSpot(box.x + box.width // 2, box.y + box.height // 2, True)
    looks = region_columns(prepared, options, [middle], chance)
    patches = prepared.patches
    share = inside_share(prepared, box)
    masks = options.masks.astype(np.float32)
    area = masks @ patches.area + _TINY
    inside = masks @ (patches.area * share)
    edges = np.array([box.x, box.y, box.right, box.bottom], np.float32)
    span = np.array([box.width, box.height] * 2, np.float32)
    gaps = np.abs(bounds(prepared, options.masks) - edges) / span
    columns = (
        inside / area,
        inside / (box.width * box.height),
        gaps.mean(1),
        gaps.max(1),
        np.minimum(gaps, 0.1).sum(1),
        np.full(len(area), np.sqrt(box.width * box.height / prepared.pixels)),
    )
    return np.concatenate([looks, np.stack(columns, 1)], axis=1, dtype=np.float32)


def regions_in(prepared: PreparedPicture, box: Rect, chance: Floats) -> Proposals:
    """Regions that might be the object of a box; `chance` is (n,) 0..1 for each patch."""
    return box_options(prepared, inside_share(prepared, box), chance, _grabbed(prepared, box))


def _grabbed(prepared: PreparedPicture, box: Rect) -> Floats:
    key = ("grabbed", box)
    if key not in prepared.memo:
        prepared.memo[key] = grabbed(prepared, box)
    return np.asarray(prepared.memo[key], np.float32)
