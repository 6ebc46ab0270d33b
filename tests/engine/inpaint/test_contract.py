"""The pixel contract: where the ring is 0 no engine changes a byte.

Any size, depth, profile and alpha, any mask, whatever the engine answers.
"""

import dataclasses
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageCms

from engine import tasks
from engine.colour import convert
from engine.errors import HoleTooLarge, NothingSelected
from engine.geometry import Image, Mask, Native, Size
from engine.image_io.reader import read
from engine.image_io.writer import ExportOptions, write
from engine.inpaint import crops
from engine.inpaint.crops import RemoveOptions
from engine.inpaint.fill_large import fill
from engine.inpaint.paint import inpaint
from engine.jobs.backend import JobContext
from engine.jobs.fake import FakeBackend
from engine.jobs.paint_settings import Painted, PaintSettings, StartFrom
from engine.jobs.requests import Hole, InpaintResult, RemoveResult
from engine.models.families import PROFILES, Family, Kind
from engine.picture import Picture
from tests.support import profiles
from tests.support.scripted import Scripted, model


class Wild(FakeBackend):
    """An engine that answers with noise, also where it was not asked."""

    def fill(self, hole: Hole, seed: int, job: JobContext) -> Image:
        return np.random.default_rng(seed).integers(0, 256, hole.image.shape).astype(np.uint8)


class Quiet:
    def report(self, fraction: float, note: str = "", preview: object = None) -> None:
        """Nobody listens."""


def remove(picture: Picture, mask: Mask, options: RemoveOptions, seed: int) -> Native:
    """What the window and the command line do with the answer."""
    request = tasks.plan_remove(convert.view_of(picture), mask, options, seed=seed)
    result = tasks.run(Wild(), request, Quiet())
    assert isinstance(result, RemoveResult)
    after = picture.pixels.copy()
    for patch in result.patches:
        after[patch.rect.slices] = convert.patch_pixels(after, picture.icc, patch)
    return after


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    """Noise: sides 1 to 200, gray or RGB, 8 or 16 bit, with and without alpha and profile."""
    height, width = draw(st.integers(1, 200)), draw(st.integers(1, 200))
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    gray, dtype = draw(st.booleans()), draw(st.sampled_from((np.uint8, np.uint16)))
    top = np.iinfo(dtype).max
    shape = (height, width) if gray else (height, width, 3)
    alpha = rng.integers(0, top, (height, width), endpoint=True).astype(dtype)
    icc = profiles.gray_gamma(1.8) if gray else profiles.adobe_rgb()
    return Picture(
        pixels=rng.integers(0, top, shape, endpoint=True).astype(dtype),
        alpha=alpha if draw(st.booleans()) else None,
        icc=icc if draw(st.booleans()) else None,
    )


@st.composite
def masks_for(draw: st.DrawFn, size: Size) -> Mask:
    """One pixel, a rectangle at a border or anywhere, everything, or noise."""
    mask = np.zeros((size.height, size.width), np.uint8)
    kind = draw(st.sampled_from(("pixel", "border", "inside", "full", "noise", "soft")))
    x, y = draw(st.integers(0, size.width - 1)), draw(st.integers(0, size.height - 1))
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    if kind == "pixel":
        mask[y, x] = 255
    elif kind == "border":
        mask[: y + 1, : x + 1] = 255
    elif kind == "inside":
        mask[y : y + 20, x : x + 30] = 255
    elif kind == "full":
        mask[:] = 255
    else:
        marked = rng.random(mask.shape) < draw(st.sampled_from((0.001, 0.02, 0.5)))
        mask[marked] = rng.integers(1, 256, mask.shape)[marked] if kind == "soft" else 255
    return mask


options = st.builds(
    RemoveOptions,
    grow_px=st.integers(0, 9),
    feather_px=st.integers(0, 9),
    context_px=st.sampled_from((None, 0, 7, 40)),
    soft_edge=st.booleans(),
)


@given(st.data(), pictures(), options, st.integers(0, 99))
def test_outside_the_ring_every_byte_stays(
    data: st.DataObject, picture: Picture, options: RemoveOptions, seed: int
) -> None:
    mask = data.draw(masks_for(picture.size))
    ring = crops.ring(mask, options)
    if np.count_nonzero(ring) > tasks.MAX_SHARE * ring.size:
        with pytest.raises(HoleTooLarge):
            remove(picture, mask, options, seed)
        return
    if not mask.any():
        with pytest.raises(NothingSelected):
            remove(picture, mask, options, seed)
        return
    after = remove(picture, mask, options, seed)
    assert after.dtype == picture.pixels.dtype
    assert after[ring == 0].tobytes() == picture.pixels[ring == 0].tobytes()
    assert tasks.changed_outside(picture.pixels, after, ring) == 0
    if np.count_nonzero(ring == 255) > 50:
        assert (after != picture.pixels)[ring == 255].mean() > 0.5


class Local(FakeBackend):
    """The way of local models: crops on canvases of other sizes, and noise for an answer."""

    def fill(self, hole: Hole, seed: int, job: JobContext) -> Image:
        return fill(Scripted(), model(Family.LAMA, Kind.REMOVER), hole, job)

    def inpaint(self, hole: Hole, settings: PaintSettings, seed: int, job: JobContext) -> Painted:
        return inpaint(
            Scripted(), model(Family.SD15), (), (), hole, settings, seed, job,
            prefill=lambda small, part: self.fill(small, seed, part),
        )  # fmt: skip


@given(st.data(), pictures(), options, st.booleans(), st.sampled_from(StartFrom))
def test_outside_the_ring_every_byte_stays_whatever_local_models_answer(
    data: st.DataObject, picture: Picture, options: RemoveOptions, paints: bool, start: StartFrom
) -> None:
    mask = data.draw(masks_for(picture.size))
    ring = crops.ring(mask, options)
    view = convert.view_of(picture)
    wanted = PaintSettings(prompt="noise", start_from=start)
    painter, remover = PROFILES[Family.SD15], PROFILES[Family.LAMA]
    try:
        request = (
            tasks.plan_inpaint(view, mask, options, wanted, profile=painter)
            if paints
            else tasks.plan_remove(view, mask, options, profile=remover)
        )
    except (HoleTooLarge, NothingSelected):
        return
    result = tasks.run(Local(), request, Quiet())
    assert isinstance(result, RemoveResult | InpaintResult)
    after = picture.pixels.copy()
    for patch in result.patches:
        after[patch.rect.slices] = convert.patch_pixels(after, picture.icc, patch)
    assert after[ring == 0].tobytes() == picture.pixels[ring == 0].tobytes()
    assert tasks.changed_outside(picture.pixels, after, ring) == 0


@pytest.mark.parametrize("profile", [None, profiles.adobe_rgb()])
def test_a_16_bit_tiff_keeps_its_bytes_through_file_and_removal(
    tmp_path: Path, profile: bytes | None
) -> None:
    rng = np.random.default_rng(4)
    pixels = rng.integers(0, 65536, (151, 203, 3)).astype(np.uint16)
    first = Picture(pixels=pixels, icc=profile, format="tiff")
    write(first, tmp_path / "in.tif", ExportOptions(format="tiff"))
    picture = read(tmp_path / "in.tif")
    assert picture.depth == 16
    assert picture.icc == profile
    mask = np.zeros((151, 203), np.uint8)
    mask[40:80, 60:99] = 255
    options = RemoveOptions(grow_px=3, feather_px=5)
    after = dataclasses.replace(picture, pixels=remove(picture, mask, options, 1))
    write(after, tmp_path / "out.tif", ExportOptions(format="tiff"))
    back = read(tmp_path / "out.tif")
    outside = crops.ring(mask, options) == 0
    assert back.pixels.dtype == np.uint16
    assert back.icc == profile
    assert back.pixels[outside].tobytes() == pixels[outside].tobytes()
    assert (back.pixels != pixels)[~outside].mean() > 0.9


def test_the_adobe_rgb_profile_is_one() -> None:
    found = ImageCms.ImageCmsProfile(io.BytesIO(profiles.adobe_rgb())).profile
    assert found.xcolor_space.strip() == "RGB"
    assert found.red_primary[1][:2] == pytest.approx((0.64, 0.33), abs=0.02)
