"""The pixel contract with the light removers: where the ring is 0 no byte changes."""

from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import tasks
from engine.colour import convert
from engine.errors import HoleTooLarge, NothingSelected
from engine.geometry import Image
from engine.inpaint import crops
from engine.inpaint.crops import RemoveOptions
from engine.inpaint.fill_large import fill
from engine.jobs.backend import JobContext
from engine.jobs.fake import FakeBackend
from engine.jobs.requests import Hole, RemoveResult
from engine.light.executor import LightExecutor
from engine.models.families import PROFILES, Family
from engine.models.model_file import ModelFile
from engine.picture import Picture
from tests.engine.inpaint.test_contract import masks_for, options, pictures
from tests.support.scripted import Quiet


class Light(FakeBackend):
    """Removal by an executor of this process."""

    def __init__(self, executor: LightExecutor, model: ModelFile) -> None:
        super().__init__()
        self._fill = partial(fill, executor.perform, model)

    def fill(self, hole: Hole, seed: int, job: JobContext) -> Image:
        return self._fill(hole, job)


@pytest.mark.parametrize("name", ["lama", "migan"])
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), picture=pictures(), options=options)
def test_outside_the_ring_every_byte_stays(
    executor: LightExecutor,
    request: pytest.FixtureRequest,
    name: str,
    data: st.DataObject,
    picture: Picture,
    options: RemoveOptions,
):
    """8 and 16 bit, gray and colour, with and without alpha and profile."""
    model: ModelFile = request.getfixturevalue(name)
    mask = data.draw(masks_for(picture.size))
    view, ring = convert.view_of(picture), crops.ring(mask, options)
    profile = PROFILES[Family(name)]
    try:
        planned = tasks.plan_remove(view, mask, options, profile=profile)
    except (HoleTooLarge, NothingSelected):
        return
    result = tasks.run(Light(executor, model), planned, Quiet())
    assert isinstance(result, RemoveResult)
    after = picture.pixels.copy()
    for patch in result.patches:
        after[patch.rect.slices] = convert.patch_pixels(after, picture.icc, patch)
    assert after[ring == 0].tobytes() == picture.pixels[ring == 0].tobytes()
    assert after.dtype == picture.pixels.dtype
    assert tasks.changed_outside(picture.pixels, after, ring) == 0


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("name", ["lama", "migan"])  # the last to change: one is loaded at a time
def test_the_hole_itself_is_filled(
    executor: LightExecutor, request: pytest.FixtureRequest, name: str, depth: type
):
    random = np.random.default_rng(2)
    top = np.iinfo(depth).max
    pixels = random.integers(0, top, (90, 120, 3), depth, endpoint=True)
    alpha = random.integers(0, top, (90, 120), depth, endpoint=True)
    mask = np.zeros((90, 120), np.uint8)
    mask[30:50, 40:70] = 255
    picture = Picture(pixels=pixels, alpha=alpha)
    planned = tasks.plan_remove(convert.view_of(picture), mask, RemoveOptions())
    light = Light(executor, request.getfixturevalue(name))
    result = tasks.run(light, planned, Quiet())
    assert isinstance(result, RemoveResult)
    after = pixels.copy()
    for patch in result.patches:
        after[patch.rect.slices] = convert.patch_pixels(after, None, patch)
    ring = crops.ring(mask, RemoveOptions())
    assert np.array_equal(after[ring == 0], pixels[ring == 0])
    assert (after != pixels)[mask > 0].any(axis=-1).mean() > 0.5
