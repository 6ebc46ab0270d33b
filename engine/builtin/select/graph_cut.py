"""The cheapest border between object and rest, exactly (Boykov and Jolly, 2001)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.builtin.select.edges import Floats
from engine.builtin.select.superpixels import Ints, Superpixels

_SURE = 1 << 24  # stronger than all else together can be
_SCALE = 16.0  # flows are whole numbers
_EDGE_SOFTNESS = 0.15


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
