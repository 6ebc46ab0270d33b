"""Cutting succeeds on nearly all photos, and where it does not the file is right all the same."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import simplejpeg
from numpy.typing import NDArray

from engine.geometry import Native
from engine.image_io.encoding import jpeg_blocks, jpeg_splice
from engine.image_io.encoding.jpeg_scan import ScanUnsupported
from tests.engine.image_io.test_jpeg_blocks import MCU, coded, coefficients, decoded

HEIGHT, WIDTH = 640, 800
ANY_SIZE = 10**9


def texture(seed: int) -> NDArray[np.uint8]:
    """Shapes of several sizes, and grain; some colours are clipped."""
    random = np.random.default_rng(seed)
    found = np.full((HEIGHT, WIDTH, 3), 120, np.float32)
    for side, strength in ((120, 45), (30, 25), (6, 15)):
        small = random.normal(0, strength, (HEIGHT // side + 2, WIDTH // side + 2, 3))
        found += cv2.resize(small.astype(np.float32), (WIDTH, HEIGHT))
    return np.clip(found + random.normal(0, 4, found.shape), 0, 255).astype(np.uint8)


def sky(seed: int) -> NDArray[np.uint8]:
    """The upper two thirds are white."""
    found = texture(seed)
    found[: 2 * HEIGHT // 3] = 255
    return found


def night(seed: int) -> NDArray[np.uint8]:
    """Black, with a few lamps."""
    found = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for x, y in np.random.default_rng(seed).integers(20, 600, (6, 2)).tolist():
        cv2.circle(found, (x, y), 9, (255, 240, 200), -1)
    return found


def flat(seed: int) -> NDArray[np.uint8]:
    return np.full((HEIGHT, WIDTH, 3), 40 + seed, np.uint8)


def box(seed: int) -> tuple[slice, slice]:
    """1 to 10 % of the rows, anywhere."""
    random = np.random.default_rng(seed)
    side = int(random.integers(HEIGHT // 100, HEIGHT // 10 + 1))
    top, left = int(random.integers(0, HEIGHT - side)), int(random.integers(0, WIDTH - side))
    return slice(top, top + side), slice(left, left + side)


def edit(
    pixels: NDArray[np.uint8], seed: int, sampling: str, restart: int
) -> tuple[bytes, Native, Native, jpeg_splice.Changed]:
    """The source, the pixels wanted, those it has, and the MCUs that differ."""
    source = coded(pixels, sampling, progressive=False, restart=restart)
    was = decoded(source, sampling)
    wanted = was.copy()
    wanted[box(seed)] = 255 - cv2.GaussianBlur(was[box(seed)], (0, 0), 4)
    return source, wanted, was, jpeg_blocks.changed_mcus(wanted, was, MCU[sampling])


@pytest.mark.parametrize("restart", [0, 7])
@pytest.mark.parametrize("sampling", ["444", "420"])
def test_nine_of_ten_photos_are_cut(sampling: str, restart: int) -> None:
    cut = 0
    for seed in range(10):
        source, wanted, was, changed = edit(texture(seed), seed, sampling, restart)
        try:
            jpeg_splice.spliced(source, wanted, was, changed, most_px=ANY_SIZE)
        except ScanUnsupported:
            continue
        cut += 1
    assert cut >= 9


@pytest.mark.parametrize("scene", [texture, sky, night, flat])
@pytest.mark.parametrize("restart", [0, 7])
@pytest.mark.parametrize("sampling", ["444", "420"])
def test_whether_it_is_cut_or_not_the_coefficients_are_right(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    scene: Callable[[int], NDArray[np.uint8]],
    sampling: str,
    restart: int,
) -> None:
    for name in ("_LEAST_PX", "_LEAST_PX_BY_BITS"):
        monkeypatch.setattr(jpeg_blocks, name, 0)
    for seed in range(3):
        source, wanted, was, changed = edit(scene(seed), seed, sampling, restart)
        content = jpeg_blocks.edited(source, wanted, was, mcu=MCU[sampling])
        simplejpeg.decode_jpeg(content, "GRAY", strict=True)  # no byte too few or too many
        pairs = zip(coefficients(source, tmp_path), coefficients(content, tmp_path), strict=True)
        for old, new in pairs:
            block = len(old) // len(changed), old.shape[1] // changed.shape[1]
            kept = np.kron(~changed, np.ones(block, bool))
            assert np.array_equal(old[kept], new[kept])
        shown = decoded(content, sampling)[box(seed)].astype(np.float32)
        assert np.abs(shown - wanted[box(seed)]).mean() < 6
