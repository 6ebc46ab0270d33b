import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry import Mask, Rect, Size
from engine.selection.brush import Brush, Stroke
from engine.selection.dab import dab, fitted_radius
from engine.selection.stroke_smoothing import Sampler, StrokePoint

SIZE = Size(300, 200)


class Paper:
    """A mask, and the rectangles that were announced before they were written."""

    def __init__(self, size: Size = SIZE, value: int = 0) -> None:
        self.mask: Mask = np.full((size.height, size.width), value, np.uint8)
        self.kept = np.zeros_like(self.mask)

    def touch(self, rect: Rect) -> Mask:
        self.kept[rect.slices] = 1
        return self.mask


def stroke(paper: Paper, brush: Brush, points, *, erase=False, start=None) -> list[Rect]:
    size = Size.of(paper.mask)
    drawn = Stroke(size, brush, paper.touch, erase=erase, start=start)
    rects = drawn.add(points[:1]) + drawn.add(points[1:])
    return rects + drawn.finish()


def test_one_dab_is_a_disc_of_the_radius_around_the_pointer():
    paper = Paper()
    stroke(paper, Brush(radius_px=20), [(100.0, 90.0, 1.0)])
    area = (paper.mask / 255).sum()
    assert area == pytest.approx(math.pi * 20**2, rel=0.005)
    ys, xs = np.nonzero(paper.mask)
    assert (xs + 0.5).mean() == pytest.approx(100, abs=0.05)
    assert (ys + 0.5).mean() == pytest.approx(90, abs=0.05)


@pytest.mark.parametrize("x", [50.0, 50.25, 50.5, 50.75, 50.99])
def test_a_small_dab_keeps_its_place_between_pixels(x: float):
    paper = Paper()
    stroke(paper, Brush(radius_px=2), [(x, 40.5, 1.0)])
    weights = paper.mask.sum(axis=0) / paper.mask.sum()
    assert (weights * (np.arange(SIZE.width) + 0.5)).sum() == pytest.approx(x, abs=0.13)


def test_changes_lie_inside_the_answered_rectangles_and_were_announced():
    paper = Paper()
    rects = stroke(paper, Brush(radius_px=9), [(20.0, 20.0, 1.0), (250.0, 60.0, 1.0)])
    told = np.zeros_like(paper.mask)
    for rect in rects:
        told[rect.slices] = 1
    assert paper.mask.any()
    assert not paper.mask[told == 0].any()
    assert not paper.mask[paper.kept == 0].any()


@pytest.mark.parametrize("opacity", [1.0, 0.4])
def test_a_stroke_has_no_gaps_however_fast_it_was(opacity: float):
    paper = Paper()
    brush = Brush(radius_px=10, opacity=opacity)
    stroke(paper, brush, [(20.0, 100.0, 1.0), (280.0, 100.0, 1.0)])
    assert (paper.mask[98:102, 20:280] == round(255 * opacity)).all()
    edge = paper.mask[100 - 11 : 100 - 8, 30:270].astype(int)
    assert (edge.max(axis=1) - edge.min(axis=1) < 128 * opacity).all()  # no scallops


def test_a_stroke_over_itself_is_no_darker_but_a_second_one_is():
    paper = Paper()
    brush = Brush(radius_px=10, opacity=0.5)
    there_and_back = [(50.0, 50.0, 1.0), (200.0, 50.0, 1.0), (50.0, 50.0, 1.0)]
    stroke(paper, brush, there_and_back)
    assert paper.mask[50, 120] == 128
    stroke(paper, brush, there_and_back)
    assert paper.mask[50, 120] == 192


@pytest.mark.parametrize("opacity", [1.0, 0.5])
def test_the_eraser_undoes_the_brush(opacity: float):
    paper = Paper(value=255)
    brush = Brush(radius_px=10, opacity=opacity)
    stroke(paper, brush, [(50.0, 50.0, 1.0), (120.0, 50.0, 1.0)], erase=True)
    assert paper.mask[50, 80] == pytest.approx(255 * (1 - opacity), abs=1)
    assert paper.mask[150, 80] == 255


def test_pressure_makes_the_brush_smaller_or_fainter():
    light, faint = Paper(), Paper()
    stroke(light, Brush(radius_px=20), [(100.0, 100.0, 0.5)])
    fainter = Brush(radius_px=20, pressure_size=False, pressure_opacity=True)
    stroke(faint, fainter, [(100.0, 100.0, 0.5)])
    assert (light.mask / 255).sum() == pytest.approx(math.pi * 10**2, rel=0.02)
    assert faint.mask[100, 100] == pytest.approx(128, abs=1)
    assert (faint.mask > 0).sum() == pytest.approx(math.pi * 20**2, rel=0.06)


def test_a_straight_line_starts_where_the_last_stroke_ended():
    paper = Paper()
    first = Stroke(SIZE, Brush(radius_px=4), paper.touch)
    first.add([(40.0, 40.0, 1.0)])
    assert first.end == (40.0, 40.0)
    stroke(paper, Brush(radius_px=4), [(200.0, 40.0, 1.0)], start=first.end)
    assert (paper.mask[40, 40:200] == 255).all()


def test_a_steadied_stroke_ends_at_the_pointer_and_loses_the_jitter():
    steady, plain = Paper(), Paper()
    jitter = [(40.0 + i * 4, 100.0 + (-1) ** i * 3, 1.0) for i in range(50)]
    for paper, smoothing_px in ((steady, 40.0), (plain, 0.0)):
        brush = Brush(radius_px=2, smoothing_px=smoothing_px)
        stroke(paper, brush, jitter)
        assert paper.mask[int(jitter[-1][1]), int(jitter[-1][0]) - 1] > 0

    def rows(paper: Paper) -> int:
        return int(paper.mask[:, 60:180].any(axis=1).sum())

    assert rows(steady) < rows(plain) - 2


def test_strokes_go_on_outside_the_mask():
    paper = Paper()
    outside = [(-50.0, 100.0, 1.0), (-500.0, -500.0, 1.0), (900.0, 100.0, 1.0), (150.0, 100.0, 1.0)]
    rects = stroke(paper, Brush(radius_px=12), outside)
    assert all(rect.clamp(SIZE) == rect and not rect.is_empty for rect in rects)
    assert (paper.mask[100, 150:300] == 255).all()


def test_the_array_may_change_hands_between_writes():
    paper = Paper()

    def touch(rect: Rect) -> Mask:
        paper.mask = paper.mask.copy()
        return paper.touch(rect)

    drawn = Stroke(SIZE, Brush(radius_px=5), touch)
    for x in range(20, 280, 20):
        drawn.add([(float(x), 60.0, 1.0)])
    assert (paper.mask[60, 20:260] == 255).all()


def test_dabs_are_equally_spaced_along_a_curve():
    angles = np.linspace(0, math.pi, 25)
    points = [StrokePoint(100 + 80 * math.cos(a), 80 * math.sin(a), 1.0) for a in angles]
    found = Sampler(5.0).through(points)
    gaps = [math.dist(a[:2], b[:2]) for a, b in pairwise(found)]
    assert len(found) == pytest.approx(math.pi * 80 / 5 + 1, abs=1.5)
    assert max(gaps) < 5.05
    assert min(gaps) > 4.5
    assert all(abs(math.dist(p[:2], (100, 0)) - 80) < 0.3 for p in found)


@given(
    radius=st.floats(0.5, 120),
    hardness=st.floats(0, 1),
    opacity=st.floats(0.05, 1),
    erase=st.booleans(),
    points=st.lists(
        st.tuples(st.floats(-200, 400), st.floats(-200, 400), st.floats(0, 1)),
        min_size=1,
        max_size=6,
    ),
)
def test_any_stroke_only_adds_or_only_takes_and_tells_where(
    radius, hardness, opacity, erase, points
):
    paper = Paper(Size(61, 47), 90)
    brush = Brush(radius_px=radius, hardness=hardness, opacity=opacity, pressure_opacity=True)
    rects = stroke(paper, brush, points, erase=erase)
    untold = np.ones_like(paper.mask, bool)
    for rect in rects:
        untold[rect.slices] = False
    assert (paper.mask[untold] == 90).all()
    assert (paper.mask <= 90).all() if erase else (paper.mask >= 90).all()


@pytest.mark.parametrize("erase", [False, True])
def test_a_large_brush_tells_no_more_than_what_it_changes(erase: bool):
    paper = Paper(Size(1200, 900), 255 if erase else 0)
    drawn = Stroke(Size(1200, 900), Brush(radius_px=300, hardness=0.0), paper.touch, erase=erase)
    areas = []
    for x in (400.0, 460.0, 520.0, 520.0):
        before = paper.mask.copy()
        rects = drawn.add([(x, 450.0, 1.0)])
        changed = before != paper.mask
        areas.append(sum(rect.size.pixels for rect in rects))
        for rect in rects:
            assert changed[rect.slices].any(axis=0)[[0, -1]].all()
            changed[rect.slices] = False
        assert not changed.any()
    assert areas[1] < 0.7 * areas[0]
    assert areas[3] == 0


def test_radii_come_from_a_ladder_so_that_dabs_are_reused():
    radii = {fitted_radius(r) for r in np.linspace(0.5, 500, 20_000)}
    assert len(radii) < 300
    assert all(abs(fitted_radius(r) - r) <= max(0.125, r * 0.016) for r in (1, 7.3, 61.9, 499))
    assert dab(30.0, 1.0, 0, 0) is dab(30.0, 1.0, 0, 0)
