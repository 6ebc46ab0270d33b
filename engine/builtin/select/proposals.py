"""Proposals of regions: tree nodes, edits of the last mask, level sets and graph cuts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.builtin.select.click_features import ClickSpot
from engine.builtin.select.edges import Floats
from engine.builtin.select.graph_cut import cut
from engine.builtin.select.merge_trees import masks_of
from engine.builtin.select.prepared import PreparedPicture, node_sums
from engine.builtin.select.superpixels import Superpixels

Bools = NDArray[np.bool_]

KINDS = 7  # four trees, level set, graph cut, edit
_LEVEL, _CUT, _EDIT = 4, 5, 6
_SMALLEST_SHARE, _LARGEST_SHARE = 0.0006, 0.9
_LEVELS = (0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75)
_GAPS = tuple(0.03 * step for step in range(1, 15))  # of colour, Lab / 100
_SAME_AREA = 1.35  # a region that has grown by less is the same one
_CUTS = (
    (0.5, -1.5),
    (0.5, -0.75),
    (0.5, 0.0),
    (0.5, 0.75),
    (0.5, 1.5),
    (2.0, -0.75),
    (2.0, 0.0),
    (2.0, 0.75),
)
"""(smoothness, bias) of each cut; the bias is added to every patch's log odds."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proposals:
    """k regions over n patches."""

    masks: Bools  # (k, n)
    lasting: Floats  # (k,) how long a tree node outlives its parent's price; 0 for others
    kinds: NDArray[np.int64]  # (k,) which of KINDS made it


def options_for(
    prepared: PreparedPicture,
    spots: Sequence[ClickSpot],
    chance: Floats,
    before: Bools | None,
    *,
    only_helps: bool = False,
) -> Proposals:
    """All regions that obey the clicks, without repeats; at least one. `chance` is (n,) 0..1.

    With `only_helps` a negative click adds nothing to `before`, and a positive one keeps it.
    """
    patches = prepared.patches
    holds, lacks = click_patches(patches, spots)
    parts = [_nodes(prepared, spot) for spot in spots if spot.positive]
    parts += [_levels(patches, chance, holds), _cuts(prepared, chance, holds, lacks)]
    if before is not None:
        parts.append(_edits(_nodes(prepared, spots[-1]), before, spots[-1].positive))
    everything = _joined(parts)
    if before is not None and only_helps:
        masks = everything.masks | before if spots[-1].positive else everything.masks & before
        everything = replace(everything, masks=masks)
    obeys = everything.masks[:, holds].all(1) & ~everything.masks[:, lacks].any(1)
    kept = np.flatnonzero(obeys)
    if len(kept) == 0:
        return _last_resort(chance, holds, lacks, before)
    return _without_repeats(_taken(everything, kept))


def click_patches(patches: Superpixels, spots: Sequence[ClickSpot]) -> tuple[list[int], list[int]]:
    """Patches that must be in and that must be out; one with both kinds of clicks is in."""
    holds = {int(patches.labels[spot.y, spot.x]) for spot in spots if spot.positive}
    lacks = {int(patches.labels[spot.y, spot.x]) for spot in spots if not spot.positive}
    return sorted(holds), sorted(lacks - holds)


def _nodes(prepared: PreparedPicture, spot: ClickSpot) -> Proposals:
    """The nodes of all trees that hold a click."""
    leaf = int(prepared.patches.labels[spot.y, spot.x])
    parts: list[Proposals] = []
    for kind, tree in enumerate(prepared.trees):
        path = tree.path(leaf)
        area = node_sums(tree, prepared.patches.area)[path] / prepared.pixels
        # leaves differ in scale between trees of edges (0..1) and of colours
        height = np.log(tree.height[path] + (1e-3 if kind < 2 else 1e-6))
        kept = np.flatnonzero((area <= _LARGEST_SHARE) & (area >= _SMALLEST_SHARE))
        parts.append(
            Proposals(
                masks=masks_of(tree.levels(path), len(path))[kept],
                lasting=np.append(np.diff(height), 0)[kept],
                kinds=np.full(len(kept), kind),
            )
        )
    return _joined(parts)


def _levels(patches: Superpixels, chance: Floats, holds: list[int]) -> Proposals:
    masks = [connected(patches, chance > level, holds) for level in _LEVELS]
    return _plain(np.array(masks), _LEVEL)


def _cuts(
    prepared: PreparedPicture, chance: Floats, holds: list[int], lacks: list[int]
) -> Proposals:
    masks: list[Bools] = []
    for smoothness, bias in _CUTS:
        found = cut(prepared.patches, chance, smoothness, bias, holds, lacks)
        masks.append(connected(prepared.patches, found, holds))
    return _plain(np.array(masks), _CUT)


class OwnRegion(NamedTuple):
    """What hangs together with a click and is like it in colour."""

    mask: Bools  # (n,)
    lasting: int  # over so many of the gaps, 1 to 14, it stays the same


def own_region(prepared: PreparedPicture, spot: ClickSpot) -> OwnRegion:
    """The region of a click alone.

    How like is decided by the picture: of the regions that grow with the permitted gap of colour,
    the one that stays the same over the widest range of gaps.
    """
    patches = prepared.patches
    leaf = int(patches.labels[spot.y, spot.x])
    away = np.linalg.norm(patches.mean - patches.mean[leaf], axis=1)
    regions = [connected(patches, away < gap, [leaf]) for gap in _GAPS]
    area = np.array([region @ patches.area for region in regions])
    enough = area >= _SMALLEST_SHARE * prepared.pixels
    lasting = np.where(
        enough, (area <= _SAME_AREA * area[:, None]).sum(1) - np.arange(len(area)), 0
    )
    chosen = int(np.flatnonzero(lasting == lasting.max())[-1])
    return OwnRegion(regions[chosen], int(lasting[chosen]))


def connected(patches: Superpixels, mask: Bools, holds: Sequence[int]) -> Bools:
    """The part of a region that hangs together with the patches that must be in."""
    mask = mask.copy()
    mask[list(holds)] = True
    label = _parts(patches, mask)
    return mask & np.isin(label, label[list(holds)])


def _parts(patches: Superpixels, mask: Bools) -> NDArray[np.int32]:
    """(n,) number of the connected part of the region that each patch belongs to."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    inside = mask[patches.first] & mask[patches.second]
    ends = patches.first[inside], patches.second[inside]
    graph = coo_matrix((np.ones(int(inside.sum()), np.int8), ends), shape=(len(mask), len(mask)))
    return connected_components(graph, directed=False)[1]


def box_options(
    prepared: PreparedPicture, share: Floats, chance: Floats, grabbed: Floats
) -> Proposals:
    """Regions for a box: nodes inside, level sets and cuts; all arrays are (n,) 0..1, one a patch.

    `share` says how much of each patch lies in the box, `grabbed` how much of it the colours claim.
    """
    patches = prepared.patches
    inside = share > 0.5
    if not inside.any():
        inside = share == share.max()
    lacks = np.flatnonzero(share < 0.02).tolist()
    parts = [_nodes_inside(prepared, kind, share) for kind in range(len(prepared.trees))]
    masks = [inside & (chance > level) for level in _LEVELS]
    for smoothness, bias in _CUTS:
        masks.append(cut(patches, chance, smoothness, bias, [], lacks))
    masks += [grabbed > 0.5, inside & (chance + grabbed > 1), inside & (chance + grabbed > 0.6)]
    parts.append(_plain(np.array([*masks, *(_main_parts(patches, mask) for mask in masks)]), _CUT))
    parts.append(_plain(inside[None], _LEVEL))
    everything = _joined(parts)
    kept = np.flatnonzero(everything.masks.any(1))
    return _without_repeats(_taken(everything, kept))


def _nodes_inside(prepared: PreparedPicture, kind: int, share: Floats) -> Proposals:
    """The nodes of one tree that lie mostly in the box and fill a fair part of it."""
    tree, area = prepared.trees[kind], prepared.patches.area
    size, held = node_sums(tree, area), node_sums(tree, area * share)
    wanted = (held >= 0.8 * size) & (held >= 0.15 * float(area @ share))
    nodes = np.flatnonzero(wanted)
    masks = (tree.place >= tree.start[nodes, None]) & (tree.place < tree.stop[nodes, None])
    return Proposals(
        masks=masks, lasting=np.zeros(len(nodes), np.float32), kinds=np.full(len(nodes), kind)
    )


def _main_parts(patches: Superpixels, mask: Bools) -> Bools:
    """The largest connected part of a region, and those at least a tenth of it."""
    if not mask.any():
        return mask
    label = _parts(patches, mask)
    area = np.bincount(label, patches.area * mask)
    return mask & (area >= 0.1 * area.max())[label]


def _edits(nodes: Proposals, before: Bools, positive: bool) -> Proposals:
    """The last mask with each node added or taken away."""
    masks = before | nodes.masks if positive else before & ~nodes.masks
    return Proposals(masks=masks, lasting=nodes.lasting, kinds=np.full(len(masks), _EDIT))


def _plain(masks: Bools, kind: int) -> Proposals:
    return Proposals(
        masks=masks, lasting=np.zeros(len(masks), np.float32), kinds=np.full(len(masks), kind)
    )


def _last_resort(
    chance: Floats, holds: list[int], lacks: list[int], before: Bools | None
) -> Proposals:
    mask = (chance > 0.5) if before is None else before.copy()
    mask[holds], mask[lacks] = True, False
    return _plain(mask[None], _EDIT)


def _joined(parts: Sequence[Proposals]) -> Proposals:
    return Proposals(
        masks=np.concatenate([part.masks for part in parts]),
        lasting=np.concatenate([part.lasting for part in parts]).astype(np.float32),
        kinds=np.concatenate([part.kinds for part in parts]),
    )


def _taken(options: Proposals, index: NDArray[np.int64]) -> Proposals:
    return Proposals(
        masks=options.masks[index], lasting=options.lasting[index], kinds=options.kinds[index]
    )


def _without_repeats(options: Proposals) -> Proposals:
    """Of equal regions the first."""
    packed = np.packbits(options.masks, axis=1)
    found: dict[bytes, int] = {}
    for index, row in enumerate(packed):
        found.setdefault(row.tobytes(), index)
    return _taken(options, np.array(list(found.values())))
