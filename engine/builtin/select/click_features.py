"""Patch columns: how far each patch is from the clicks, as the patch scorer takes it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.builtin.select.edges import Floats
from engine.builtin.select.prepared import CONTEXT_SHARES, PreparedPicture, cheapest_ways, node_sums


class ClickSpot(NamedTuple):
    """A click on the working copy."""

    x: int
    y: int
    positive: bool


def ties(prepared: PreparedPicture, spots: Sequence[ClickSpot]) -> Floats:
    """(n, TIES) the closest of the given clicks in each sense; smaller is closer."""
    return np.min([_ties_of(prepared, spot.x, spot.y) for spot in spots], axis=0)


def patch_columns(
    prepared: PreparedPicture, spots: Sequence[ClickSpot], before: Floats | None
) -> Floats:
    """(n, columns) for the patch scorer.

    `before` is how much of each patch was marked (0..1) until the last click; None at the first.
    """
    positive = [spot for spot in spots if spot.positive]
    columns = [prepared.alone, ties(prepared, positive)]
    if before is not None:
        columns += _later_columns(prepared, spots, before)
    return np.concatenate(columns, axis=1)


def _later_columns(
    prepared: PreparedPicture, spots: Sequence[ClickSpot], before: Floats
) -> list[Floats]:
    last = spots[-1]
    negative = [spot for spot in spots if not spot.positive]
    near = ties(prepared, [last])
    sign = np.float32(1 if last.positive else -1)
    n = len(before)
    away = ties(prepared, negative) if negative else np.full_like(near, 3)
    others = spots[:-1]
    ratio = near / (ties(prepared, others) + near + np.float32(1e-3))
    extra = (
        before,
        np.full(n, sign),
        np.full(n, len(spots) / 5),
        np.full(n, np.sqrt((before @ prepared.patches.area) / prepared.pixels)),
        sign * np.exp(-near[:, 0]),
    )
    return [away, near, sign * ratio, np.stack(extra, 1).astype(np.float32)]


def _ties_of(prepared: PreparedPicture, x: int, y: int) -> Floats:
    key = ("ties", x, y)
    if key not in prepared.memo:
        prepared.memo[key] = _measure(prepared, x, y)
    return np.asarray(prepared.memo[key], np.float32)


def _measure(prepared: PreparedPicture, x: int, y: int) -> Floats:
    patches = prepared.patches
    leaf = int(patches.labels[y, x])
    columns: list[Floats] = []
    for length, frame in zip(prepared.lengths, prepared.from_frame):
        way = cheapest_ways(patches, length, np.array([leaf]))
        columns += [way / (way.mean() + 1e-6), way / (way + frame + 1e-3)]
    regions: list[Floats] = []
    for tree in prepared.trees:
        path = tree.path(leaf)
        levels = tree.levels(path)
        area = node_sums(tree, patches.area)[path] / prepared.pixels
        height = np.log((tree.height[path] + 1e-3) / (tree.height[path[-1]] + 1e-3))
        columns += [np.log(area + 1e-4)[levels], height[levels]]
        regions.append(area)
    gap = patches.mean - patches.mean[leaf]
    place = prepared.place - prepared.place[leaf]
    height, width = prepared.image.shape[:2]
    step = (patches.centre - np.array([x, y], np.float32)) / np.float32(np.hypot(height, width))
    columns += [
        np.abs(gap[:, 0]),
        np.hypot(gap[:, 1], gap[:, 2]),
        np.linalg.norm(place, axis=1),
        np.hypot(step[:, 0], step[:, 1]),
        np.abs(patches.texture - patches.texture[leaf]),
    ]
    columns += _word_gaps(prepared, leaf)
    return np.stack(columns, 1).astype(np.float32)


def _word_gaps(prepared: PreparedPicture, leaf: int) -> list[Floats]:
    """Chi-square distance of colours to the regions of two sizes around the click."""
    patches = prepared.patches
    words = patches.words / patches.area[:, None]
    found: list[Floats] = []
    for share in (0, 1):
        context = prepared.contexts[3 * len(CONTEXT_SHARES) + share]
        region = patches.words[context == context[leaf]].sum(0)
        region = region / region.sum()
        found.append(((words - region) ** 2 / (words + region + 1e-6)).sum(1) / 2)
    return found


def context_columns(prepared: PreparedPicture, chance: Floats) -> Floats:
    """(n, columns) a first opinion seen in its surroundings, for the second opinion.

    `chance` is 0..1 for each patch: its mean over the regions around, over the neighbours, and
    how well the colours of a patch tell object from rest under it.
    """
    patches = prepared.patches
    columns = [_logit(chance), neighbour_mean(prepared, chance)]
    for index, node in enumerate(prepared.contexts):
        tree = prepared.trees[index // len(CONTEXT_SHARES)]
        mass = node_sums(tree, chance * patches.area) / node_sums(tree, patches.area)
        columns.append(mass[node])
    inside = chance @ patches.words
    outside = (1 - chance) @ patches.words
    ratio = np.log((inside / inside.sum() + 1e-3) / (outside / outside.sum() + 1e-3))
    columns.append((patches.words / patches.area[:, None]) @ ratio)
    columns.append(np.full(len(chance), chance @ patches.area / prepared.pixels))
    return np.stack(columns, 1).astype(np.float32)


def neighbour_mean(prepared: PreparedPicture, chance: Floats) -> Floats:
    """(n,) the mean over the neighbours of each patch, those behind a strong edge counting less."""
    patches = prepared.patches
    weight = patches.length * np.exp(-patches.edge / 0.15)
    n = patches.count
    total = np.bincount(patches.first, weight * chance[patches.second], n)
    total += np.bincount(patches.second, weight * chance[patches.first], n)
    norm = np.bincount(patches.first, weight, n) + np.bincount(patches.second, weight, n)
    return ((total + 1e-3 * chance) / (norm + 1e-3)).astype(np.float32)


def _logit(chance: Floats) -> Floats:
    safe = np.clip(chance, 0.01, 0.99)
    return np.log(safe / (1 - safe))
