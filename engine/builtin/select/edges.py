"""Edge strength of each pixel: a light "probability of boundary".

After Martin, Fowlkes and Malik, "Learning to detect natural image boundaries" (2004): at eight
directions and three radii the two halves of a disc are compared in lightness and in colour, once
plainly and once against the spread inside the halves, which quiets texture. A logistic model
joins the twelve answers; tests/bench/training/fit_edges.py fits its weights.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.colour.thumbnail import thumbnail
from engine.geometry import Image

WORKING_SIDE_PX = 512
DIRECTIONS = 8
_BIAS = -8.61
# by radius: lightness, colour, lightness over its spread, colour over its spread
_WEIGHTS = {
    2.5: (0.96, 1.23, 2.05, 0.45),
    5.0: (0.0, 0.91, 0.92, 0.23),
    10.0: (0.0, 0.66, 0.0, 1.62),
}
RADII = tuple(_WEIGHTS)
_SPREAD_FLOORS = (0.0015, 0.0006)

Floats: TypeAlias = NDArray[np.floating[Any]]


def working_copy(image: Image, side_px: int = WORKING_SIDE_PX) -> Image:
    """(h, w, 3) uint8, the longer side at most `side_px`; never enlarged."""
    return np.ascontiguousarray(thumbnail(image, side_px), np.uint8)


def lab_of(image: Image) -> Floats:
    """(H, W, 3) CIE Lab divided by 100, a little smoothed against noise."""
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) / np.float32(100)
    return np.asarray(cv2.GaussianBlur(lab, (0, 0), 0.7), np.float32)


def edge_strength(lab: Floats) -> Floats:
    """(H, W) 0..1: the strongest answer of all directions."""
    best = np.full(lab.shape[:2], -np.inf, np.float32)
    answers = [half_disc_answers(lab, radius, _WEIGHTS[radius]) for radius in RADII]
    for direction in zip(*answers):
        best = np.maximum(best, sum(direction, np.float32(_BIAS)))
    return 1 / (1 + np.exp(-best))


def half_disc_answers(lab: Floats, radius: float, weights: Sequence[float]) -> list[Floats]:
    """Weighted answers of one radius, one (H, W) array a direction; large radii at half size."""
    factor = 2 if radius >= 10 else 1
    height, width = lab.shape[:2]
    source = lab
    if factor > 1:
        half = (width + 1) // 2, (height + 1) // 2
        source = np.asarray(cv2.resize(lab, half, interpolation=cv2.INTER_AREA), np.float32)
    stack = np.concatenate([source, source * source], axis=2)
    disc, halves = _kernels(radius / factor)
    whole = _filter(stack, disc)
    answers: list[Floats] = []
    for kernel in halves:
        one = _filter(stack, kernel)
        answer = _compare(one, 2 * whole - one, weights)
        if factor > 1:
            answer = np.asarray(cv2.resize(answer, (width, height)), np.float32)
        answers.append(answer)
    return answers


def _filter(stack: Floats, kernel: Floats) -> Floats:
    planes = [np.ascontiguousarray(stack[..., part]) for part in (slice(0, 3), slice(3, 6))]
    found = [cv2.filter2D(of, -1, kernel, borderType=cv2.BORDER_REFLECT) for of in planes]
    return np.asarray(np.concatenate(found, axis=2), np.float32)


def _kernels(radius: float) -> tuple[Floats, list[Floats]]:
    """The disc and one half of it for each direction, each summing to 1; edges are soft."""
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)
    halves: list[Floats] = []
    for turn in np.pi * np.arange(DIRECTIONS) / DIRECTIONS:
        half = disc * np.clip(x * np.cos(turn) + y * np.sin(turn) + 0.5, 0, 1)
        halves.append((half / half.sum()).astype(np.float32))
    return (disc / disc.sum()).astype(np.float32), halves


def _compare(one: Floats, other: Floats, weights: Sequence[float]) -> Floats:
    """Square-rooted differences of two half discs, weighted; channels 3..5 hold mean squares."""
    gap = (one[..., :3] - other[..., :3]) ** 2
    spread = one[..., 3:] - one[..., :3] ** 2 + other[..., 3:] - other[..., :3] ** 2
    spread = np.maximum(spread, 0)
    light, colour = gap[..., 0], gap[..., 1] + gap[..., 2]
    light_over = light / (spread[..., 0] + _SPREAD_FLOORS[0])
    colour_over = colour / (spread[..., 1] + spread[..., 2] + _SPREAD_FLOORS[1])
    parts = (light, colour, light_over, colour_over)
    rooted = [np.sqrt(np.sqrt(part)) * np.float32(w) for part, w in zip(parts, weights)]
    return np.asarray(np.sum(rooted, axis=0), np.float32)
