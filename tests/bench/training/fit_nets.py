"""Fits the selector's small nets: one hidden layer of tanh units, Adam, plain numpy."""

from collections.abc import Callable, Sequence

import numpy as np

from engine.builtin.select.edges import Floats
from engine.builtin.select.scorer import PARTS, ScorerNet

_REACH = 4


def fit_patches(
    columns: Floats,
    share: Floats,
    weight: Floats,
    *,
    seed: int,
    hidden: int = 16,
    steps: int = 900,
    noise: float = 0.3,
    decay: float = 0.1,
) -> ScorerNet:
    """Weighted cross-entropy against the share of each patch that belongs to the object."""
    random = np.random.default_rng(seed)
    mean, spread = columns.mean(0), columns.std(0) + 1e-3
    running = np.cumsum(weight / weight.sum())

    def gradient(net: list[Floats]):
        rows = np.minimum(np.searchsorted(running, random.random(1024)), len(columns) - 1)
        x = scaled(columns[rows], mean, spread)
        x = x + noise * random.standard_normal(x.shape, np.float32)
        layer = np.tanh(x @ net[0] + net[1])
        odds = np.clip(layer @ net[2] + net[3][0], -30, 30)
        slope = ((1 / (1 + np.exp(-odds)) - share[rows]) / len(rows)).astype(np.float32)
        return _back(x, layer, slope, net)

    net = _start(columns.shape[1], hidden, random)
    _adam(net, gradient, steps=steps, rate=6e-3, decay=decay)
    return _member(mean, spread, net)


def fit_regions(
    lists: Sequence[tuple[Floats, Floats]],
    *,
    seed: int,
    hidden: int = 16,
    steps: int = 800,
    noise: float = 0.3,
    decay: float = 0.3,
    regression: float = 1.0,
) -> ScorerNet:
    """Listwise: what overlap the softmax of the scores may expect, and a score near the overlap.

    Each list holds the columns of the regions of one click and their overlap with the object.
    """
    random = np.random.default_rng(seed)
    x_all, y_all, there = _packed(lists, 64, random)
    values = x_all[there]
    mean, spread = values.mean(0), values.std(0) + 1e-3
    x_all = scaled(x_all, mean, spread) * there[..., None]

    def gradient(net: list[Floats]):
        rows = random.integers(0, len(x_all), 32)
        x, y, mask = x_all[rows], y_all[rows], there[rows]
        x = x + noise * random.standard_normal(x.shape, np.float32)
        layer = np.tanh(x @ net[0] + net[1])
        score = np.clip(layer @ net[2] + net[3][0], -30, 30)
        votes = np.exp(np.where(mask, score, -1e9) - np.where(mask, score, -1e9).max(1)[:, None])
        votes /= votes.sum(1)[:, None]
        slope = -votes * (y - (votes * y).sum(1)[:, None]) / len(rows)
        guess = 1 / (1 + np.exp(-score))
        slope += regression * 2 * (guess - y) * guess * (1 - guess) * mask / mask.sum()
        size = x.shape[0] * x.shape[1]
        return _back(
            x.reshape(size, -1), layer.reshape(size, -1), slope.ravel().astype(np.float32), net
        )

    net = _start(x_all.shape[2], hidden, random)
    _adam(net, gradient, steps=steps, rate=8e-3, decay=decay)
    return _member(mean, spread, net)


def scaled(columns: Floats, mean: Floats, spread: Floats) -> Floats:
    return np.clip((columns - mean) / spread, -_REACH, _REACH).astype(np.float32)


def _packed(lists: Sequence[tuple[Floats, Floats]], most: int, random: np.random.Generator):
    """Lists cut to equal length: the eight best regions and a draw of the others."""
    width = lists[0][0].shape[1]
    x = np.zeros((len(lists), most, width), np.float32)
    y = np.zeros((len(lists), most), np.float32)
    there = np.zeros((len(lists), most), bool)
    for row, (columns, overlap) in enumerate(lists):
        kept = np.arange(len(overlap))
        if len(kept) > most:
            drawn = random.choice(len(kept), most - 8, replace=False)
            kept = np.unique(np.r_[np.argsort(-overlap)[:8], drawn])
        x[row, : len(kept)], y[row, : len(kept)] = columns[kept], overlap[kept]
        there[row, : len(kept)] = True
    return x, y, there


def _start(width: int, hidden: int, random: np.random.Generator) -> list[Floats]:
    inner = random.standard_normal((width, hidden)) * width**-0.5
    outer = random.standard_normal(hidden) * hidden**-0.5
    return [part.astype(np.float32) for part in (inner, np.zeros(hidden), outer, np.zeros(1))]


def _back(x: Floats, layer: Floats, slope: Floats, net: list[Floats]) -> list[Floats]:
    inner = slope[:, None] * net[2] * (1 - layer * layer)
    return [x.T @ inner, inner.sum(0), layer.T @ slope, slope.sum(keepdims=True)]


def _adam(
    net: list[Floats],
    gradient: Callable[[list[Floats]], list[Floats]],
    *,
    steps: int,
    rate: float,
    decay: float,
) -> None:
    """Adam with weight decay on the inner layer and a rate that falls to nothing; in place."""
    first = [np.zeros_like(part) for part in net]
    second = [np.zeros_like(part) for part in net]
    for step in range(steps):
        pace = rate * (1.02 - step / steps)
        for part, slope, m, v in zip(net, gradient(net), first, second):
            m += 0.1 * (slope - m)
            v += 0.001 * (slope * slope - v)
            move = m / (1 - 0.9 ** (step + 1))
            move = move / (np.sqrt(v / (1 - 0.999 ** (step + 1))) + 1e-8)
            part -= (pace * (move + (decay * part if part.ndim == 2 else 0))).astype(np.float32)


def _member(mean: Floats, spread: Floats, net: list[Floats]) -> ScorerNet:
    arrays = (mean, spread, *net)
    return ScorerNet(**{name: part.astype(np.float32) for name, part in zip(PARTS, arrays)})
