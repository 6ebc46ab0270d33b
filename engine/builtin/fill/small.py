"""Fills the level at which structure is decided: tones by `tone`, texture by PatchMatch."""

from collections.abc import Callable

import numpy as np

from engine.builtin.fill.detail import TextureSources, joined, sources_of
from engine.builtin.fill.field import Matcher, usable
from engine.builtin.fill.patches import patch_fill
from engine.builtin.fill.pyramid import (
    Plane,
    PyramidLevel,
    blur,
    cut,
    depth_px,
    enlarge,
    halve,
    merged,
)
from engine.builtin.fill.tone import Tone, tone

Report = Callable[[float], None]

_CANDIDATES = 2  # patch fills, of which the one that agrees best with the tones is taken
_VARIANTS = 3  # patch fills whose mean goes into the tones
_MARGIN_PX = 3  # sources keep this far from the hole
_VOTED_PX = 0.6  # blur of a patch fill, which is a mean of patches: sources are matched alike
_TRUSTED = 20.0  # levels: a tone that misses the rim by less is taken to finer detail
_FINEST, _BROADEST = 0.05, 0.25  # of the hole's depth
_BUSY = 4.0  # levels: where texture is stronger, an edge may be what differs
_COARSE_SIDE_PX, _COARSE_DEPTH_PX = 200, 10


def small_fill(
    level: PyramidLevel, seed: int, report: Report, *, thorough: bool = True
) -> tuple[Plane, TextureSources]:
    """The filled level, and where in it each pixel of the hole takes its texture from.

    A thorough fill mixes and compares more patch fills.
    """
    broad = _tone(level, seed, thorough, lambda done: report(0.5 * done))
    trust = float(np.clip((broad.error / _TRUSTED) ** 2, _FINEST, _BROADEST))
    sigma_px = max(1.0, depth_px(level.hole) * trust)
    sharp = broad.patched
    if sharp is None:
        first = seed * _CANDIDATES
        seeds = range(first, first + (_CANDIDATES if thorough else 1))
        sharp = _sharp(level, broad, sigma_px, seeds, lambda done: report(0.5 + 0.2 * done))
    base, alike = blur(sharp, sigma_px), blur(sharp, _VOTED_PX)
    matcher = Matcher(sharp, alike, base, level.hole, usable(level.hole, _MARGIN_PX), seed)
    matcher.improve(lambda done: report(0.7 + 0.3 * done))
    sources = sources_of(matcher.field(), level.hole)
    filled = np.array(level.pixels, np.float32)
    part = sources.rect.slices
    made = _mixed(sharp, broad.plane, sources, sigma_px)
    filled[part] = joined(cut(level, sources.rect), made)
    return filled, sources


def _tone(level: PyramidLevel, seed: int, thorough: bool, report: Report) -> Tone:
    """Tones are found at half the size, unless the hole is thin."""
    if _is_small(level):
        return tone(level, seed, report, variants=1)
    found = tone(halve(level), seed, report, variants=_VARIANTS if thorough else 2)
    return Tone(merged(level, enlarge(found.plane, level.shape)), found.error)


def _is_small(level: PyramidLevel) -> bool:
    return level.side_px <= _COARSE_SIDE_PX or depth_px(level.hole) < _COARSE_DEPTH_PX


def _sharp(
    level: PyramidLevel, broad: Tone, sigma_px: float, seeds: range, report: Report
) -> Plane:
    """Of the patch fills with these seeds the one that agrees best with the tones."""
    wanted = blur(broad.plane, sigma_px)
    best, least = broad.plane, np.inf
    for done, seed in enumerate(seeds):
        report(done / len(seeds))
        made = patch_fill(level, seed)
        off = float(np.abs(blur(made, sigma_px) - wanted)[level.hole].mean())
        if off < least:
            best, least = made, off
    return best


def _mixed(sharp: Plane, broad: Plane, sources: TextureSources, sigma_px: float) -> Plane:
    """Over the sources' rectangle: their texture finer than sigma, on the sharp fill's base,
    bent to the tones.

    Edges count little in the bending: where the two see one edge in different places, moving
    its tones would leave a halo.
    """
    base = blur(sharp, sigma_px)
    fine = sharp - base
    weight = _quietness(fine, sigma_px)
    bend = blur((broad - sharp) * weight, sigma_px) / blur(weight, sigma_px)
    made = (base + bend)[sources.rect.slices] + fine[sources.y, sources.x]
    return np.asarray(made, np.float32)


def _quietness(fine: Plane, sigma_px: float) -> Plane:
    """(H, W, 3), 1 where there is no texture, near 0 at strong edges."""
    busy = blur((fine * fine).sum(axis=-1), sigma_px)
    return np.broadcast_to((1 / (1 + busy / _BUSY**2))[..., None], fine.shape).astype(np.float32)
