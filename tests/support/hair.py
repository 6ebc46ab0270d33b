"""A drawn ball of fur: a picture whose true shares and colours are known."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.geometry import Image, Mask

_FINER = 4  # drawn so much larger, then reduced
HEIGHT, WIDTH = 360, 440


class Fur(NamedTuple):
    """The picture, and what it is made of."""

    image: Image
    share: NDArray[np.float32]  # (H, W) of the ball, 0..1
    colours: NDArray[np.float64]  # (H, W, 3) of the ball
    hard: Mask  # (H, W) as a selector gives it: the ball without single hairs


def fur(seed: int = 3) -> Fur:
    """Dark fur on a ground that changes its colour."""
    rng = np.random.default_rng(seed)
    share = _shape(rng)
    across = np.linspace(0, 1, WIDTH)[None, :, None]
    ground = np.array([120, 160, 200]) * (1 - across) + np.array([180, 170, 120]) * across
    ground = ground + _texture(rng, 8.0) * 10
    colours = np.array([70.0, 45.0, 30.0]) + _texture(rng, 2.0) * np.array([14, 10, 8])
    mixed = share[..., None] * colours + (1 - share[..., None]) * ground
    noisy = mixed + rng.normal(0, 2, mixed.shape)
    ball = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    hard = cv2.morphologyEx((share > 0.5).astype(np.uint8) * 255, cv2.MORPH_OPEN, ball)
    image = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
    return Fur(image, share, colours, np.asarray(hard, np.uint8))


def _shape(rng: np.random.Generator) -> NDArray[np.float32]:
    size, middle = (HEIGHT * _FINER, WIDTH * _FINER), np.array([WIDTH, HEIGHT]) * _FINER / 2
    drawn = np.zeros(size, np.uint8)
    radii = np.array([120, 95]) * _FINER
    cv2.ellipse(drawn, (int(middle[0]), int(middle[1])), tuple(radii.tolist()), 0, 0, 360, 255, -1)
    for angle in rng.uniform(0, 2 * np.pi, 450):
        direction = np.array([np.cos(angle), np.sin(angle)])
        start = middle + (radii - 4 * _FINER) * direction
        end = start + direction * rng.uniform(6, 20) * _FINER
        line = np.rint([start, end]).astype(np.int32)
        cv2.polylines(drawn, [line], False, 255, int(rng.integers(2, 6)))
    small = cv2.resize(drawn, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) / np.float32(255)


def _texture(rng: np.random.Generator, sigma_px: float) -> NDArray[np.float64]:
    """(H, W, 1) with a deviation of 1."""
    noise = cv2.GaussianBlur(rng.normal(0, 1, (HEIGHT, WIDTH)), (0, 0), sigma_px)
    return np.asarray(noise / noise.std(), np.float64)[..., None]
