"""Superpixels: small even patches of a picture, and the graph of neighbouring patches."""

from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.builtin.select.edges import Floats

COLOURS = 40  # words of the colour vocabulary

Ints: TypeAlias = NDArray[np.signedinteger[Any]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Superpixels:
    """n patches with labels 0..n-1, and the m pairs of neighbours."""

    labels: NDArray[np.int32]  # (H, W)
    area: Floats  # (n,) pixels
    mean: Floats  # (n, 3) Lab / 100
    texture: Floats  # (n,) spread of lightness
    centre: Floats  # (n, 2) x, y
    box: Floats  # (n, 4) left, top, right, bottom
    frame: Floats  # (n,) pixels on the border of the picture
    sides: NDArray[np.bool_]  # (n, 4) touches top, bottom, left, right
    words: Floats  # (n, COLOURS) histogram of colour words, softened, in pixels
    first: Ints  # (m,) the smaller label of a pair of neighbours
    second: Ints  # (m,) the larger
    length: Floats  # (m,) pixel pairs along the common outline
    edge: Floats  # (m,) mean edge strength there

    @property
    def count(self) -> int:
        return len(self.area)


def superpixels(lab: Floats, edge: Floats, words: Floats, codes: Ints) -> Superpixels:
    """Watershed of the (H, W) edge strength over an (H, W, 3) Lab image; see `colour_codes`."""
    labels = _watershed(edge)
    count = int(labels.max()) + 1
    first, second, length, strength = _neighbours(labels, edge, count)
    area = np.bincount(labels.ravel(), minlength=count).astype(np.float32)
    centre, box = _places(labels, area)
    frame = [np.bincount(side, minlength=count) for side in _sides(labels)]
    return Superpixels(
        labels=labels,
        area=area,
        mean=np.stack([_means(labels, lab[..., c], area) for c in range(3)], 1),
        texture=_means(labels, _local_spread(lab[..., 0]), area),
        centre=centre,
        box=box,
        frame=np.sum(frame, axis=0).astype(np.float32),
        sides=np.stack(frame, 1) > 0,
        words=_colour_words(words, codes, labels, count),
        first=first,
        second=second,
        length=length,
        edge=strength,
    )


def _watershed(edge: Floats) -> NDArray[np.int32]:
    from skimage.segmentation import watershed  # pyright: ignore[reportUnknownVariableType]

    smooth = cv2.GaussianBlur(edge, (0, 0), 1.0)
    low = smooth <= cv2.erode(smooth, np.ones((5, 5), np.uint8)) + 1e-4
    _, markers = cv2.connectedComponents(low.astype(np.uint8), connectivity=8)
    return np.asarray(watershed(smooth, markers), np.int32) - 1


def _sides(labels: NDArray[np.int32]) -> list[NDArray[np.int32]]:
    return [labels[0], labels[-1], labels[:, 0], labels[:, -1]]


def _means(labels: NDArray[np.int32], values: Floats, area: Floats) -> Floats:
    total = np.bincount(labels.ravel(), weights=values.ravel(), minlength=len(area))
    return (total / area).astype(np.float32)


def _local_spread(light: Floats) -> Floats:
    mean = cv2.blur(light, (7, 7))
    return np.sqrt(np.maximum(cv2.blur(light * light, (7, 7)) - mean * mean, 0))


def _places(labels: NDArray[np.int32], area: Floats) -> tuple[Floats, Floats]:
    """Centres and bounding boxes."""
    rows, columns = labels.shape
    y = np.repeat(np.arange(rows, dtype=np.float32)[:, None], columns, axis=1)
    x = np.repeat(np.arange(columns, dtype=np.float32)[None], rows, axis=0)
    centre = np.stack([_means(labels, x, area), _means(labels, y, area)], 1)
    box = np.empty((len(area), 4), np.float32)
    box[:, :2], box[:, 2:] = np.inf, -np.inf
    flat = labels.ravel()
    for column, values in ((0, x), (1, y)):
        np.minimum.at(box[:, column], flat, values.ravel())
        np.maximum.at(box[:, column + 2], flat, values.ravel() + 1)
    return centre, box


def _neighbours(
    labels: NDArray[np.int32], edge: Floats, count: int
) -> tuple[Ints, Ints, Floats, Floats]:
    """Pairs of touching patches with the length and mean strength of their common outline."""
    keys: list[Ints] = []
    strengths: list[Floats] = []
    for near, far in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        a, b = labels[near], labels[far]
        apart = a != b
        low, high = np.minimum(a, b)[apart], np.maximum(a, b)[apart]
        keys.append(low.astype(np.int64) * count + high)
        strengths.append(np.maximum(edge[near], edge[far])[apart])
    pairs, inverse = np.unique(np.concatenate(keys), return_inverse=True)
    length = np.bincount(inverse, minlength=len(pairs)).astype(np.float32)
    total = np.bincount(inverse, weights=np.concatenate(strengths), minlength=len(pairs))
    strength = (total / np.maximum(length, 1)).astype(np.float32)
    return pairs // count, pairs % count, length, strength


def _colour_words(words: Floats, codes: Ints, labels: NDArray[np.int32], count: int) -> Floats:
    """Histogram of each patch over a vocabulary of the picture's own colours."""
    size = len(words)
    code = labels.ravel().astype(np.int64) * size + codes.ravel()
    counts = np.bincount(code, minlength=count * size).reshape(count, size)
    gaps = ((words[:, None] - words[None]) ** 2).sum(2)
    soft = np.exp(-gaps / (2 * 0.06**2))
    soft[soft < 1e-4] = 0  # else sums over patches crawl through numbers near nothing
    return (counts @ (soft / soft.sum(1, keepdims=True))).astype(np.float32)


def colour_codes(lab: Floats) -> tuple[Floats, Ints]:
    """The vocabulary, and (H, W) the word of each pixel."""
    pixels = lab.reshape(-1, 3) * np.array([0.7, 1, 1], np.float32)
    words = _vocabulary(pixels)
    nearest = ((words**2).sum(1)[None] - 2 * pixels @ words.T).argmin(1)
    return words, nearest.reshape(lab.shape[:2])


def _vocabulary(pixels: Floats) -> Floats:
    """At most COLOURS typical colours, found by k-means; always the same for the same picture."""
    generator = np.random.default_rng(0)
    sample = pixels[generator.choice(len(pixels), min(6000, len(pixels)), replace=False)]
    sample = np.ascontiguousarray(sample, np.float32)
    different = np.unique(sample, axis=0)
    if len(different) <= COLOURS:
        return different
    cv2.setRNGSeed(1)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 8, 1e-3)
    _, _, words = cv2.kmeans(sample, COLOURS, np.empty(0), stop, 1, cv2.KMEANS_PP_CENTERS)
    return np.asarray(words, np.float32)
