"""Prepared pictures: edges, superpixels, merge trees and distances, made ahead of clicks."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.builtin.select import spectral
from engine.builtin.select.edges import Floats, edge_strength, lab_of, working_copy
from engine.builtin.select.merge_trees import MergeTree, merge_by_colour, merge_by_edge
from engine.builtin.select.superpixels import Ints, Superpixels, colour_codes, superpixels
from engine.geometry import Image, Size
from engine.jobs.backend import JobContext

CONTEXT_SHARES = (0.004, 0.015, 0.06)
"""Regions of at least these shares of the picture are the surroundings a patch is judged in."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PreparedPicture:
    """One picture, taken apart. `memo` keeps answers to clicks; nothing else changes."""

    size: Size  # of the full picture
    image: Image  # the working copy
    lab: Floats
    edge: Floats  # (H, W) how much each pixel looks like an edge, 0..1
    codes: Ints  # (H, W) colour word of each pixel
    patches: Superpixels
    trees: tuple[MergeTree, ...]
    place: Floats  # (n, 8) spectral embedding
    gaps: Floats  # (m,) its gap at each pair of neighbours
    lengths: tuple[Floats, ...]  # (m,) what a step between neighbours costs, three ways
    from_frame: tuple[Floats, ...]  # (n,) the same as cheapest way from the frame
    alone: Floats  # (n, ...) what a patch looks like by itself
    contexts: tuple[Ints, ...]  # (n,) by tree and share: node around each patch
    frame_words: Floats  # colour words of the patches on the frame, summing to 1
    memo: dict[object, object] = field(default_factory=dict)

    @property
    def pixels(self) -> int:
        return self.image.shape[0] * self.image.shape[1]


def prepare_picture(image: Image, job: JobContext | None = None) -> PreparedPicture:
    """Edges, patches, merge trees and distances of an (H, W, 3) picture.

    It takes half a second of one core, and is stopped through `job`.
    """
    small = working_copy(image)
    lab = lab_of(small)
    report(job, 0.1)
    edge = edge_strength(lab)
    report(job, 0.5)
    words, codes = colour_codes(lab)
    patches = superpixels(lab, edge, words, codes)
    report(job, 0.7)
    place = spectral.embedding(patches)
    report(job, 0.8)
    gaps = spectral.gaps(patches, place)
    trees = (
        merge_by_edge(patches, patches.edge),
        merge_by_edge(patches, patches.edge + 0.6 * gaps * np.sqrt(patches.edge)),
        merge_by_colour(patches, edge_power=0),
        merge_by_colour(patches, edge_power=1),
    )
    report(job, 0.95)
    lengths = _step_lengths(patches, gaps)
    on_frame = np.flatnonzero(patches.frame > 0)
    from_frame = tuple(cheapest_ways(patches, length, on_frame) for length in lengths)
    frame_words = _frame_words(patches)
    return PreparedPicture(
        size=Size.of(image),
        image=small,
        lab=lab,
        edge=edge,
        codes=codes,
        patches=patches,
        trees=trees,
        place=place,
        gaps=gaps,
        lengths=lengths,
        from_frame=from_frame,
        alone=_alone(patches, frame_words, from_frame[0], lab.shape[:2]),
        contexts=_contexts(patches, trees),
        frame_words=frame_words,
    )


def report(job: JobContext | None, fraction: float) -> None:
    """Raises Cancelled when the user stopped the job."""
    if job is not None:
        job.report(fraction)


def cheapest_ways(patches: Superpixels, length: Floats, sources: Ints) -> Floats:
    """(n,) the length of the cheapest way from any of the sources."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import dijkstra

    n = patches.count
    if n == 1 or len(sources) == 0:
        return np.zeros(n, np.float32)
    graph = coo_matrix((length, (patches.first, patches.second)), shape=(n, n)).tocsr()
    return dijkstra(graph, directed=False, indices=sources, min_only=True).astype(np.float32)


def _step_lengths(patches: Superpixels, gaps: Floats) -> tuple[Floats, ...]:
    colour = patches.mean[patches.first] - patches.mean[patches.second]
    return (
        patches.edge + np.float32(0.01),
        gaps * np.sqrt(patches.edge) + np.float32(0.01),
        np.linalg.norm(colour, axis=1) + np.float32(0.005),
    )


def _frame_words(patches: Superpixels) -> Floats:
    weight = np.minimum(1, patches.frame / np.sqrt(patches.area))
    words = weight @ patches.words
    return words / max(float(words.sum()), 1e-6)


def _alone(
    patches: Superpixels, frame_words: Floats, from_frame: Floats, shape: tuple[int, int]
) -> Floats:
    height, width = shape
    n = patches.count
    around = np.bincount(patches.first, patches.length * patches.edge, n)
    around += np.bincount(patches.second, patches.length * patches.edge, n)
    reach = np.bincount(patches.first, patches.length, n) + np.bincount(
        patches.second, patches.length, n
    )
    words = patches.words / patches.area[:, None]
    x, y = patches.centre[:, 0] / width - 0.5, patches.centre[:, 1] / height - 0.5
    columns = (
        patches.frame > 0,
        np.log(patches.area / (height * width)),
        np.minimum(words, frame_words).sum(1),
        from_frame / (from_frame.mean() + 1e-6),
        np.abs(x),
        np.abs(y),
        y,
        patches.texture,
        around / np.maximum(reach, 1),
    )
    return np.stack(columns, 1).astype(np.float32)


def _contexts(patches: Superpixels, trees: tuple[MergeTree, ...]) -> tuple[Ints, ...]:
    """For each tree and share, the smallest node of at least that area around every patch."""
    found: list[Ints] = []
    for tree in trees:
        area = node_sums(tree, patches.area)
        for share in CONTEXT_SHARES:
            enough = area >= share * patches.area.sum()
            found.append(_first_enough(tree, enough)[: patches.count])
    return tuple(found)


def _first_enough(tree: MergeTree, enough: NDArray[np.bool_]) -> Ints:
    """For each node the nearest one towards the root that is marked; the root for want of one."""
    found = np.arange(len(tree.parent))
    for node in range(len(found) - 2, -1, -1):
        if not enough[node]:
            found[node] = found[tree.parent[node]]
    return found


def node_sums(tree: MergeTree, values: Floats) -> Floats:
    """(nodes,) the sum of a value per leaf over the leaves of every node."""
    ordered = np.empty(len(values) + 1)
    ordered[0] = 0
    ordered[tree.place + 1] = values
    running = np.cumsum(ordered)
    return (running[tree.stop] - running[tree.start]).astype(np.float32)
