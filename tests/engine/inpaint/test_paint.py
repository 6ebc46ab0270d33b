"""Painting through a canvas of another size: what goes in, what comes back, the second pass."""

from dataclasses import replace

import numpy as np
import pytest

from engine.geometry import Image, Rect
from engine.inpaint import paint as inpainting
from engine.inpaint.paint import MAX_TILES, inpaint
from engine.jobs.operations import Paint
from engine.jobs.paint_settings import Painted, PaintSettings, StartFrom
from engine.jobs.requests import Hole
from engine.models.families import PROFILES, Family
from tests.support.scripted import Quiet, Scripted, model


def hole(height: int, width: int, box: Rect) -> Hole:
    image = np.random.default_rng(1).integers(0, 256, (height, width, 3)).astype(np.uint8)
    mask = np.zeros((height, width), np.uint8)
    mask[box.slices] = 255
    blend = mask.copy()
    blend[box.y] //= 2
    return Hole(rect=Rect(0, 0, width, height), image=image, mask=mask, blend=blend)


def paint(ask: Scripted, ours: Hole, family: Family = Family.SD15, **given: object) -> Painted:
    settings = replace(PaintSettings(prompt="meat"), **given)  # type: ignore[arg-type]

    def prefill(small: Hole, _: object) -> Image:
        assert small.image.size <= ours.image.size
        return np.full_like(small.image, 33)

    return inpaint(ask, model(family), (), (), ours, settings, 7, Quiet(), prefill=prefill)


@pytest.mark.parametrize("size", [(300, 500), (512, 512), (60, 90), (900, 700)])
def test_canvas_and_answer_have_their_sizes(size: tuple[int, int]) -> None:
    height, width = size
    ask = Scripted()
    ours = hole(height, width, Rect(20, 20, width // 3, height // 3))
    painted = paint(ask, ours, refine=False)
    (only,) = ask.asked
    grid = PROFILES[Family.SD15].grid_px
    assert only.image.shape[0] % grid == 0
    assert only.image.shape[1] % grid == 0
    assert only.image.shape == only.start.shape
    assert painted.pixels.shape == ours.image.shape
    assert painted.paint_record.fit.canvas == (only.image.shape[1], only.image.shape[0])
    assert painted.paint_record.sigmas == (1.0, 0.0)


@pytest.mark.parametrize(
    ("kind", "level"), [(StartFrom.REMOVED, 33), (StartFrom.NOISE, 127), (StartFrom.BLUR, None)]
)
def test_painting_begins_from_what_was_chosen(kind: StartFrom, level: int | None) -> None:
    ask = Scripted()
    ours = hole(512, 768, Rect(200, 200, 100, 100))
    paint(ask, ours, start_from=kind, refine=False)
    (only,) = ask.asked
    inside = only.start[210:290, 210:290]
    if level is not None:
        assert (inside == level).all()
    else:
        assert inside.std() < ours.image.std() / 4
    assert np.array_equal(only.start[:190], ours.image[:190])
    assert np.array_equal(only.image, ours.image)


def test_the_soft_mask_reaches_the_model() -> None:
    ask = Scripted()
    ours = hole(512, 768, Rect(200, 200, 100, 100))
    paint(ask, ours, refine=False)
    assert ask.asked[0].mask[200, 250] == 127
    assert ask.asked[0].mask[250, 250] == 255


def test_a_hole_larger_than_the_model_is_refined_in_tiles() -> None:
    ask = Scripted()
    ours = hole(1400, 1500, Rect(200, 200, 900, 800))
    painted = paint(ask, ours)
    assert 2 < len(ask.asked) <= MAX_TILES + 1
    assert "refined" in painted.notes
    first, *rest = ask.asked
    assert first.settings.strength == 1.0
    assert {tile.settings.strength for tile in rest} == {0.35}
    assert len({tile.seed for tile in ask.asked}) == len(ask.asked)
    assert max(tile.image.size for tile in rest) <= 3 * 640 * 640


def test_a_huge_hole_is_refined_at_a_smaller_size() -> None:
    ask = Scripted()
    ours = hole(2400, 2800, Rect(100, 100, 2500, 2200))
    painted = paint(ask, ours)
    assert 2 < len(ask.asked) <= MAX_TILES + 1
    assert "refined" in painted.notes
    assert painted.pixels.shape == ours.image.shape


def test_what_would_take_too_many_tiles_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inpainting, "MAX_TILES", 1)
    ask = Scripted()
    painted = paint(ask, hole(1400, 1500, Rect(200, 200, 900, 800)))
    assert len(ask.asked) == 1
    assert "not_refined" in painted.notes


def test_tiles_start_in_the_colours_of_what_is_around() -> None:
    """The first pass answers a shade too dark, everywhere: the second must not begin there."""

    def darker(operation: Paint) -> np.ndarray:
        return (operation.image * 0.9).astype(np.uint8)

    ask = Scripted(darker)
    ours = hole(1400, 1500, Rect(200, 200, 900, 800))
    paint(ask, ours)
    before = ours.image.mean()
    for tile in ask.asked[1:]:
        assert abs(tile.start[tile.mask > 0].mean() - before) < 2.5


class Watched(Quiet):
    """Keeps what is shown."""

    def __init__(self) -> None:
        self.fractions: list[float] = []
        self.seen: list[Image] = []

    def report(self, fraction: float, note: str = "", preview: Image | None = None) -> None:  # type: ignore[override]
        self.fractions.append(fraction)
        if preview is not None:
            self.seen.append(preview)


def test_previews_show_the_whole_crop_also_while_tiles_are_painted() -> None:
    ours, job = hole(1400, 1500, Rect(200, 200, 900, 800)), Watched()
    inpaint(
        Scripted(lambda operation: operation.image), model(Family.SD15), (), (), ours,
        PaintSettings(), 7, job, prefill=lambda small, _: small.image,
    )  # fmt: skip
    assert job.fractions == sorted(job.fractions)
    tiles = job.seen[1:]
    assert {each.shape for each in tiles} == {(477, 512, 3)}
    assert all(each[-20:].mean() > 100 for each in tiles)  # where no tile lies: the crop
    assert all(0.05 < (each == 0).all(2).mean() < 0.5 for each in tiles)  # and the tile itself


def test_no_second_pass_where_none_is_wanted_or_needed() -> None:
    for ours, given in (
        (hole(1400, 1500, Rect(200, 200, 900, 800)), {"refine": False}),
        (hole(500, 500, Rect(200, 200, 90, 80)), {}),
    ):
        ask = Scripted()
        paint(ask, ours, **given)
        assert len(ask.asked) == 1


def test_an_answer_that_changes_nothing_changes_nothing() -> None:
    ask = Scripted(lambda operation: operation.image)
    ours = hole(512, 768, Rect(200, 200, 100, 100))
    assert np.array_equal(paint(ask, ours).pixels, ours.image)
