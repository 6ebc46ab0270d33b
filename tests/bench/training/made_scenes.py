"""Scenes in the manner of dead leaves: surfaces and shapes that lie over one another.

The statistics of such pictures come near to those of photos (Lee, Mumford and Huang, 2001). Each
scene has one object: a body with parts in other colours, or an outlined object of a photo.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from engine.builtin.select.edges import Floats
from engine.builtin.select.proposals import Bools
from engine.geometry import Image

_LONG_SIDE_PX, _SHORT_SIDE_PX = 500, 360


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    image: Image  # (H, W, 3) uint8
    mask: Bools  # (H, W) the object


def made_scene(tiles: Sequence[Image], random: np.random.Generator) -> Scene:
    """A body of two to six parts before leaves, some of which lie over its rim."""
    canvas = backdrop(tiles, random)
    shape = canvas.shape[:2]
    side = np.sqrt(canvas.shape[0] * canvas.shape[1])
    centre = random.uniform(0.2, 0.8, 2) * (shape[1], shape[0])
    size = side * random.uniform(0.1, 0.38)
    mask = blob(shape, centre, size, random)
    parts = [(mask, random.random(3))]
    for _ in range(random.integers(1, 6)):
        turn = random.uniform(0, 2 * np.pi)
        at = centre + size * random.uniform(0.3, 1.0) * np.array([np.cos(turn), np.sin(turn)])
        part = blob(shape, at, size * random.uniform(0.25, 0.75), random)
        base = parts[0][1] if random.random() < 0.4 else random.random(3)
        parts.append((part, base))
        mask = mask | part
    _cast_shadow(canvas, mask, random)
    for part, base in parts:
        _laid(canvas, part, surface(shape, base, tiles, random), random)
    for _ in range(random.integers(0, 3)):
        at = centre + random.normal(0, size * 1.3, 2)
        front = blob(shape, at, size * random.uniform(0.1, 0.35), random)
        _laid(canvas, front, surface(shape, random.random(3), tiles, random), random)
        mask = mask & ~front
    return Scene(_whole(canvas), largest(mask))


def finished(scene: Scene, random: np.random.Generator) -> Scene:
    """With light from one side, a little blur and sensor noise."""
    height, width = scene.mask.shape
    y, x = np.mgrid[:height, :width] / max(height, width) - 0.5
    turn, strength = random.uniform(0, 2 * np.pi), random.uniform(0, 0.5)
    light = 1 + strength * (x * np.cos(turn) + y * np.sin(turn))
    lit = scene.image.astype(np.float32) / 255 * light[..., None].astype(np.float32)
    lit = cv2.GaussianBlur(lit, (0, 0), random.uniform(0.4, 0.9))
    noisy = lit + random.normal(0, random.uniform(0, 0.02), lit.shape)
    return Scene(_whole(noisy), scene.mask)


def altered(scene: Scene, random: np.random.Generator) -> Scene:
    """A photo turned, cropped so that at least 60 % of its object stays, mirrored, recoloured."""
    height, width = scene.mask.shape
    for _ in range(50):
        scale, turn = random.uniform(0.8, 2.2), random.normal(0, 8)
        ys, xs = np.nonzero(scene.mask)
        middle = float(xs.mean()), float(ys.mean())
        move = cv2.getRotationMatrix2D(middle, turn, scale)
        aim = random.uniform(0.25, 0.75, 2) * (width, height)
        move[:, 2] += aim - middle
        mask = cv2.warpAffine(scene.mask.astype(np.uint8), move, (width, height)) > 0
        frame = cv2.warpAffine(np.ones_like(mask, np.uint8), move, (width, height))
        stays = mask.sum() / (scene.mask.sum() * scale * scale)
        if stays >= 0.6 and frame.mean() > 0.9 and mask.mean() < 0.6:
            break
    else:
        move = np.eye(2, 3)
        mask = scene.mask
    image = cv2.warpAffine(scene.image, move, (width, height), borderMode=cv2.BORDER_REFLECT)
    lit = (image.astype(np.float32) / 255) ** random.uniform(0.75, 1.35)
    lit = lit * random.uniform(0.85, 1.1, 3).astype(np.float32)
    step = int(random.choice([-1, 1]))
    return Scene(_whole(lit[:, ::step]), np.ascontiguousarray(mask[:, ::step]))


def backdrop(tiles: Sequence[Image], random: np.random.Generator) -> Floats:
    """(H, W, 3) 0..1: one or two surfaces with leaves of all sizes on them, perhaps blurred."""
    is_tall = random.random() < 0.3
    shape = (_LONG_SIDE_PX, _SHORT_SIDE_PX) if is_tall else (_SHORT_SIDE_PX, _LONG_SIDE_PX)
    canvas = surface(shape, random.random(3), tiles, random)
    if random.random() < 0.5:
        line = int(shape[0] * random.uniform(0.25, 0.75))
        canvas[line:] = surface(shape, random.random(3), tiles, random)[line:]
    for _ in range(int(random.choice([0, 2, 6, 14, 25]))):
        size = 15 * min(random.pareto(1.2) + 0.7, 9)
        part = blob(shape, random.random(2) * (shape[1], shape[0]), size, random)
        _laid(canvas, part, surface(shape, random.random(3), tiles, random), random)
    if random.random() < 0.35:
        canvas = cv2.GaussianBlur(canvas, (0, 0), random.uniform(1.5, 6))
    return np.asarray(canvas, np.float32)


def surface(
    shape: tuple[int, int], base: Floats, tiles: Sequence[Image], random: np.random.Generator
) -> Floats:
    """(H, W, 3) 0..1 of a muted colour: noise that falls with frequency, or a tinted photo."""
    muted = base.mean() + (base - base.mean()) * random.uniform(0.1, 0.8)
    if random.random() < 0.3:
        tile = tiles[int(random.integers(len(tiles)))].astype(np.float32) / 255
        scale = max(shape[0] / tile.shape[0], shape[1] / tile.shape[1]) * random.uniform(1, 1.6)
        tile = cv2.resize(tile, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
        relief = tile[: shape[0], : shape[1]] - tile.mean((0, 1))
        return np.clip(muted + relief * random.uniform(0.3, 1.0), 0, 1).astype(np.float32)
    grain = _noise(shape, random)[..., None] * random.choice([0.01, 0.03, 0.06, 0.12])
    tint = _noise(shape, random)[..., None] * random.normal(0, 0.02, 3)
    return np.clip(muted + grain + tint, 0, 1).astype(np.float32)


def _noise(shape: tuple[int, int], random: np.random.Generator) -> Floats:
    """(H, W) of mean 0 and deviation 1; its spectrum falls, unlike along and across."""
    fy, fx = np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None]
    stretch = np.exp(random.normal(0, 0.7))
    reach = np.hypot(fy * stretch, fx / stretch) + 1 / max(shape)
    spectrum = np.fft.rfft2(random.standard_normal(shape)) / reach ** random.uniform(0.5, 1.8)
    noise = np.fft.irfft2(spectrum, shape)
    return ((noise - noise.mean()) / noise.std()).astype(np.float32)


def blob(
    shape: tuple[int, int], centre: Floats, radius: float, random: np.random.Generator
) -> Bools:
    """(H, W): an outline that swings about an ellipse, or one with few corners."""
    corners = int(random.choice([3, 4, 4, 6, 64, 64, 64, 64]))
    turns = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    reach = np.ones(corners)
    if corners > 6:
        for wave in range(2, 7):
            reach += random.normal(0, 0.35 / wave) * np.cos(wave * turns + random.uniform(0, 6.3))
    stretch, lean = np.exp(random.normal(0, 0.35)), random.uniform(0, 2 * np.pi)
    points = np.stack([np.cos(turns) * stretch, np.sin(turns) / stretch], 1)
    points *= radius * np.maximum(reach, 0.2)[:, None]
    turned = points @ np.array([[np.cos(lean), np.sin(lean)], [-np.sin(lean), np.cos(lean)]])
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.round(centre + turned).astype(np.int32)], 1)
    return mask > 0


def largest(mask: Bools) -> Bools:
    """The largest connected part of an (H, W) mask."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    return labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())


def _cast_shadow(canvas: Floats, mask: Bools, random: np.random.Generator) -> None:
    strength = random.uniform(0, 0.5) * (random.random() < 0.5)
    move = np.array([[1, 0, random.normal(0, 8)], [0, 1, random.uniform(0, 12)]], np.float32)
    moved = cv2.warpAffine(mask.astype(np.float32), move, mask.shape[::-1])
    canvas *= 1 - strength * cv2.GaussianBlur(moved, (0, 0), random.uniform(2, 10))[..., None]


def _laid(canvas: Floats, mask: Bools, cover: Floats, random: np.random.Generator) -> None:
    """Lays a surface over the canvas where the mask is; its light falls off towards one side."""
    y, x = np.mgrid[: mask.shape[0], : mask.shape[1]] / max(mask.shape) - 0.5
    slope = random.normal(0, 0.5, 2)
    lit = cover * (1 + slope[0] * x + slope[1] * y)[..., None]
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.6)[..., None]
    canvas += (lit - canvas) * soft


def _whole(canvas: Floats) -> Image:
    return np.clip(np.round(canvas * 255), 0, 255).astype(np.uint8)
