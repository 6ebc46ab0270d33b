"""Region columns: shape, edges, colours and place of a region, as the region scorer takes them."""

from collections.abc import Sequence

import numpy as np

from engine.builtin.select.click_features import ClickSpot
from engine.builtin.select.edges import Floats
from engine.builtin.select.prepared import PreparedPicture
from engine.builtin.select.proposals import KINDS, Bools, Proposals

_TINY = 1e-6


def region_columns(
    prepared: PreparedPicture, options: Proposals, spots: Sequence[ClickSpot], chance: Floats
) -> Floats:
    """(k, columns) for a first click; `chance` is the patch scorer's opinion of each patch."""
    masks = options.masks.astype(np.float32)
    parts = (
        _outline(prepared, masks),
        _colours(prepared, masks),
        _place(prepared, masks, spots[-1]),
        _fit(prepared, masks, chance),
        np.minimum(options.lasting, 3)[:, None],
        np.eye(KINDS)[options.kinds],
    )
    return np.concatenate(parts, axis=1, dtype=np.float32)


def change_columns(
    prepared: PreparedPicture,
    options: Proposals,
    spots: Sequence[ClickSpot],
    chance: Floats,
    before: Bools,
) -> Floats:
    """(k, columns) for a later click: as above, and what changes against the last mask."""
    area = prepared.patches.area
    old = float(before @ area) + 1
    added = (options.masks & ~before) @ area
    taken = (before & ~options.masks) @ area
    changed = added + taken
    surprise = (options.masks != before) @ (area * (chance > 0.5)) / (changed + 1)
    sign = 1.0 if spots[-1].positive else -1.0
    steps = (
        np.log(added / old + 0.01),
        np.log(taken / old + 0.01),
        np.log(changed / old + 0.01),
        np.minimum((old + added - taken) / old, 4),
        sign * surprise,
        sign * np.minimum((added - taken) / old, 2),
        np.full(len(changed), sign),
        np.full(len(changed), len(spots) / 5),
    )
    looks = region_columns(prepared, options, spots, chance)
    return np.concatenate([looks, np.stack(steps, 1)], axis=1, dtype=np.float32)


def _outline(prepared: PreparedPicture, masks: Floats) -> Floats:
    """Size, compactness, and the edges along the outline against those inside."""
    patches = prepared.patches
    one, other = masks[:, patches.first], masks[:, patches.second]
    crossed, inner = np.abs(one - other), one * other
    weak = patches.length * (patches.edge < 0.12)
    strengths = np.stack(
        [patches.length, patches.length * patches.edge, patches.length * prepared.gaps, weak], 1
    )
    rim, inside = crossed @ strengths, inner @ strengths
    rim_length, inner_length = rim[:, 0] + _TINY, inside[:, 0] + _TINY
    on_frame = masks @ patches.frame
    reach = np.maximum(rim[:, 0] + on_frame, 1)
    area = masks @ patches.area + _TINY
    edge, gap = rim[:, 1] / rim_length, rim[:, 2] / rim_length
    inner_edge, inner_gap = inside[:, 1] / inner_length, inside[:, 2] / inner_length
    columns = (
        np.log(area / prepared.pixels),
        area / prepared.pixels,
        np.log(4 * np.pi * area / reach**2),
        on_frame / reach,
        (masks @ patches.sides.astype(np.float32) > 0).sum(1),
        edge,
        gap,
        rim[:, 3] / rim_length,
        np.log((edge + 0.02) / (inner_edge + 0.02)),
        np.log((gap + 0.02) / (inner_gap + 0.02)),
        inner_edge,
    )
    return np.stack(columns, 1)


def _colours(prepared: PreparedPicture, masks: Floats) -> Floats:
    """How unlike the ring around, the rest and the frame the colours inside are."""
    patches = prepared.patches
    words = masks @ patches.words
    rest = patches.words.sum(0) - words
    inside = words / (words.sum(1, keepdims=True) + _TINY)
    outside = rest / np.maximum(rest.sum(1, keepdims=True), 1)
    ring = _ring(prepared, masks, 3) @ patches.words
    ring /= ring.sum(1, keepdims=True) + _TINY
    columns = (
        _chi_square(inside, ring),
        _chi_square(inside, outside),
        np.minimum(inside, prepared.frame_words).sum(1),
        -(inside * np.log(inside + _TINY)).sum(1),
    )
    return np.stack(columns, 1)


def _ring(prepared: PreparedPicture, masks: Floats, steps: int) -> Floats:
    """(k, n) the patches outside that can be reached in so many steps."""
    from scipy.sparse import coo_matrix

    patches = prepared.patches
    n = patches.count
    ends = np.r_[patches.first, patches.second], np.r_[patches.second, patches.first]
    near = coo_matrix((np.ones(len(ends[0]), np.float32), ends), shape=(n, n)).tocsr()
    grown = masks.T
    for _ in range(steps):
        grown = ((near @ grown + grown) > 0).astype(np.float32)
    return grown.T - masks


def _chi_square(one: Floats, other: Floats) -> Floats:
    return 0.5 * ((one - other) ** 2 / (one + other + _TINY)).sum(1)


def _place(prepared: PreparedPicture, masks: Floats, spot: ClickSpot) -> Floats:
    """Where the region lies in the picture and around the click."""
    patches = prepared.patches
    height, width = prepared.image.shape[:2]
    area = masks @ patches.area + _TINY
    centre = masks @ (patches.centre * patches.area[:, None]) / area[:, None]
    inside = masks > 0
    edges = bounds(prepared, inside)
    span = np.maximum(edges[:, 2:] - edges[:, :2], 1)
    away = np.hypot(*(patches.centre - np.array([spot.x, spot.y])).T)
    depth = np.where(inside, np.inf, away).min(1)
    depth = np.minimum(depth / np.sqrt(area / np.pi), 1.2)
    columns = (
        area / span.prod(1),
        np.hypot(centre[:, 0] / width - 0.5, centre[:, 1] / height - 0.5),
        np.hypot(centre[:, 0] - spot.x, centre[:, 1] - spot.y) / np.sqrt(area),
        np.log(depth + 0.02),
    )
    return np.stack(columns, 1)


def bounds(prepared: PreparedPicture, masks: Bools) -> Floats:
    """(k, 4) left, top, right, bottom of every region; 0 for an empty one."""
    left, top, right, bottom = prepared.patches.box.T
    columns = [np.where(masks, edge, np.inf).min(1) for edge in (left, top)]
    columns += [np.where(masks, edge, -np.inf).max(1) for edge in (right, bottom)]
    return np.nan_to_num(np.stack(columns, 1), posinf=0, neginf=0)


def _fit(prepared: PreparedPicture, masks: Floats, chance: Floats) -> Floats:
    """How well the region agrees with the opinion about the patches."""
    area = prepared.patches.area
    size = masks @ area + _TINY
    mass = float(chance @ area)
    common = masks @ (area * chance)
    ring = _ring(prepared, masks, 2)
    near = (ring @ (area * chance)) / (ring @ area + 1)
    columns = (
        common / (size + mass - common),
        common / size,
        common / (mass + _TINY),
        near,
        np.log(size / (mass + 1)),
    )
    return np.stack(columns, 1)
