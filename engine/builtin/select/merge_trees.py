"""Merge trees over superpixels: every node is a region that might be an object.

Leaves are 0..n-1, inner nodes n..2n-2 in the order of merging; the last one is the root. Leaves
are also listed in an order in which each node is one unbroken run, so that "all regions around a
point" is two look-ups.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.builtin.select.edges import Floats
from engine.builtin.select.superpixels import Ints, Superpixels

# for each live node, its neighbours with (outline length, length x strength)
_Links = list[dict[int, tuple[float, float]]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MergeTree:
    """One hierarchy of merges."""

    parent: Ints  # (nodes,) -1 for the root
    height: Floats  # (nodes,) cost at which the node came to be; never falls towards the root
    start: Ints  # (nodes,) the node holds the leaves at places start..stop-1
    stop: Ints
    place: Ints  # (n,) of each leaf in that order

    def path(self, leaf: int) -> Ints:
        """The nodes that hold a leaf, from itself to the root."""
        nodes = [leaf]
        while self.parent[nodes[-1]] >= 0:
            nodes.append(int(self.parent[nodes[-1]]))
        return np.array(nodes, np.int64)

    def levels(self, path: Ints) -> Ints:
        """(n,) for each leaf the index of the first node of the path that holds it."""
        below = np.searchsorted(-self.start[path], -self.place, side="left")
        above = np.searchsorted(self.stop[path], self.place, side="right")
        return np.maximum(below, above)


def merge_by_edge(patches: Superpixels, strength: Floats) -> MergeTree:
    """Joins again and again the pair with the weakest mean edge; `strength` is (m,), one a pair."""
    return _merge(patches, strength, lambda a, b, link: link[1] / link[0], None)


def merge_by_colour(patches: Superpixels, edge_power: float) -> MergeTree:
    """Ward's method on colour and texture, times the edge between to a power (0 = colour alone)."""
    total = float(patches.area.sum())
    looks = np.c_[patches.mean * [0.5**0.5, 1, 1], patches.texture].tolist()
    areas = patches.area.tolist()

    def cost(a: int, b: int, link: tuple[float, float]) -> float:
        p, q = looks[a], looks[b]
        gap = (p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2 + (p[2] - q[2]) ** 2 + (p[3] - q[3]) ** 2
        size = areas[a] * areas[b] / (areas[a] + areas[b]) / total
        edge = link[1] / link[0] + 0.02 if edge_power else 1.0
        return (gap + 2e-4) * size**0.5 * edge

    def join(a: int, b: int) -> None:
        area = areas[a] + areas[b]
        share = areas[a] / area
        looks.append([p * share + q * (1 - share) for p, q in zip(looks[a], looks[b])])
        areas.append(area)

    return _merge(patches, patches.edge, cost, join)


def _merge(
    patches: Superpixels,
    strength: Floats,
    cost: Callable[[int, int, tuple[float, float]], float],
    join: Callable[[int, int], None] | None,
) -> MergeTree:
    """Joins the cheapest pair until one node is left; a heap entry with a dead node is stale."""
    n = patches.count
    links = _links(patches, strength)
    heap = [(cost(a, b, link), a, b) for a in range(n) for b, link in links[a].items() if a < b]
    heapq.heapify(heap)
    parent = np.full(2 * n - 1, -1, np.int64)
    height = np.zeros(2 * n - 1, np.float32)
    alive = [True] * n
    top = 0.0
    while heap:
        price, a, b = heapq.heappop(heap)
        if not (alive[a] and alive[b]):
            continue
        node = len(alive)
        alive[a] = alive[b] = False
        alive.append(True)
        top = max(top, price)
        parent[a] = parent[b] = node
        height[node] = top
        if join is not None:
            join(a, b)
        links.append(_joined(links, a, b, node))
        for other, link in links[node].items():
            heapq.heappush(heap, (cost(other, node, link), other, node))
    return _ordered(parent[: len(alive)], height[: len(alive)], n)


def _links(patches: Superpixels, strength: Floats) -> _Links:
    links: _Links = [{} for _ in range(patches.count)]
    columns = (patches.first, patches.second, patches.length, patches.length * strength)
    for a, b, length, total in zip(*(column.tolist() for column in columns)):
        links[a][b] = links[b][a] = (length, total)
    return links


def _joined(links: _Links, a: int, b: int, node: int) -> dict[int, tuple[float, float]]:
    """Links of the new node; its neighbours forget the two old ones."""
    ours, theirs = links[a], links[b]
    del ours[b], theirs[a]
    if len(ours) < len(theirs):
        ours, theirs = theirs, ours
    for other, (length, total) in theirs.items():
        known = ours.get(other)
        ours[other] = (known[0] + length, known[1] + total) if known else (length, total)
    for other, link in ours.items():
        near = links[other]
        near.pop(a, None)
        near.pop(b, None)
        near[node] = link
    links[a] = links[b] = {}
    return ours


def _ordered(parent: Ints, height: Floats, n: int) -> MergeTree:
    """Adds the order of leaves in which every node is one run."""
    nodes = len(parent)
    size = np.zeros(nodes, np.int64)
    size[:n] = 1
    for node in range(nodes - 1):
        size[parent[node]] += size[node]
    start = np.zeros(nodes, np.int64)
    free = start.copy()
    for node in range(nodes - 2, -1, -1):
        above = parent[node]
        start[node] = free[node] = free[above]
        free[above] += size[node]
    return MergeTree(parent=parent, height=height, start=start, stop=start + size, place=start[:n])


def masks_of(levels: Ints, count: int) -> NDArray[np.bool_]:
    """(count, n): which leaves each of the first `count` nodes of a path holds."""
    return levels[None] <= np.arange(count)[:, None]
