"""Soft global grouping of superpixels: the eigenvectors of the normalised cut.

After Shi and Malik, "Normalized cuts and image segmentation" (2000): patches that are joined by
many weak edges lie close together in the space of the first eigenvectors.
"""

from typing import TYPE_CHECKING

import numpy as np

from engine.builtin.select.edges import Floats
from engine.builtin.select.superpixels import Superpixels

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

VECTORS = 8


def embedding(patches: Superpixels) -> Floats:
    """(n, VECTORS) coordinates in which a strong global boundary is a wide gap.

    All zero where the picture has too few patches for it. Scaled so that the gap between
    neighbours is about 1 at the strongest boundaries.
    """
    n = patches.count
    found = np.zeros((n, VECTORS), np.float32)
    if n >= VECTORS + 4:
        vectors = _eigenvectors(patches)
        found[:, : vectors.shape[1]] = vectors
        gaps = np.linalg.norm(found[patches.first] - found[patches.second], axis=1)
        found /= max(float(np.percentile(gaps, 98)), 1e-9)
    return found


def gaps(patches: Superpixels, place: Floats) -> Floats:
    """(m,) distance of neighbours in the embedding, 0..1.5."""
    return np.minimum(np.linalg.norm(place[patches.first] - place[patches.second], axis=1), 1.5)


def _eigenvectors(patches: Superpixels) -> Floats:
    from scipy import sparse

    n = patches.count
    weight = np.exp(-patches.edge.astype(np.float64) / 0.12) * np.sqrt(patches.length)
    ends = np.r_[patches.first, patches.second], np.r_[patches.second, patches.first]
    near = sparse.coo_matrix((np.r_[weight, weight], ends), shape=(n, n)).tocsr()
    far = (near @ near).tolil()
    far.setdiag(0)
    far = far.tocsr()
    near = near + 0.15 * near.max() / max(far.max(), 1e-9) * far
    degree = np.asarray(near.sum(1)).ravel() + 1e-9
    scale = sparse.diags(1 / np.sqrt(degree))
    values, vectors = _largest(scale @ near @ scale)
    order = np.argsort(-values)[1:]
    spread = vectors[:, order] / np.sqrt(degree)[:, None]
    spread /= spread.std(0) + 1e-12
    return (spread / np.sqrt(np.maximum(1 - values[order], 1e-3))).astype(np.float32)


def _largest(matrix: "csr_matrix[np.float64]") -> tuple[Floats, Floats]:
    """The largest eigenvalues and their vectors, the same in every run; those that converged."""
    from scipy.sparse.linalg import ArpackNoConvergence, eigsh

    start = np.random.default_rng(0).standard_normal(matrix.shape[0])
    try:
        values, vectors = eigsh(matrix, VECTORS + 1, which="LA", v0=start, tol=1e-3, maxiter=400)  # pyright: ignore[reportUnknownVariableType]
    except ArpackNoConvergence as partial:
        values, vectors = partial.eigenvalues, partial.eigenvectors
    return np.asarray(values, np.float64), np.asarray(vectors, np.float64)
