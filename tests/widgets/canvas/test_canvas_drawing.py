import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPointF

from tests.widgets.canvas.canvas_stage import disc, photo, pixels, settle, shown_canvas
from widgets.canvas.canvas import Canvas
from widgets.canvas.render.scene import MaskMode, ScenePatch

VIEW = photo(800, 600)
MASK = disc(800, 600)


def again(qtbot, canvas: Canvas) -> np.ndarray:
    """The same view drawn from nothing."""
    canvas.resize(canvas.width() + 1, canvas.height())
    qtbot.waitUntil(lambda: canvas.is_sharp)
    canvas.resize(canvas.width() - 1, canvas.height())
    settle(qtbot, canvas)
    return pixels(canvas)


def close(first: np.ndarray, second: np.ndarray) -> bool:
    return int(np.abs(first.astype(int) - second.astype(int)).max()) <= 2


def test_100_percent_shows_the_pixels_themselves(qtbot):
    canvas = shown_canvas(qtbot, VIEW)
    canvas.navigator.set_scale(1.0)
    settle(qtbot, canvas)
    x, y = canvas.image_at(QPointF(0, 0))
    assert x.is_integer()
    assert np.array_equal(pixels(canvas), VIEW[int(y) : int(y) + 300, int(x) : int(x) + 400])


def test_the_array_is_shared_and_may_be_read_only(qtbot):
    view = VIEW.copy()
    view.setflags(write=False)
    canvas = shown_canvas(qtbot, view)
    assert canvas._pictures.picture.levels[0] is view


@pytest.mark.parametrize("scale", [0.37, 0.62, 1.0, 1.5, 3.0])
def test_panning_shows_the_same_as_drawing_anew(qtbot, scale):
    canvas = shown_canvas(qtbot, VIEW, MASK.copy())
    canvas.navigator.set_scale(scale)
    settle(qtbot, canvas)
    for dx, dy in ((31, -17), (-90, 44), (5, 0), (0, -63), (-7, -7), (333, 250), (-390, -280)):
        canvas.navigator.pan_by(dx, dy)
        canvas.repaint()
    settle(qtbot, canvas)
    assert close(pixels(canvas), again(qtbot, canvas))


@pytest.mark.parametrize("scale", [0.37, 1.0, 4.0])
@pytest.mark.parametrize("mode", list(MaskMode))
def test_what_changed_in_place_shows_like_drawn_anew(qtbot, scale, mode):
    view, mask = VIEW.copy(), MASK.copy()
    canvas = shown_canvas(qtbot, view, mask)
    canvas.set_mask_style(mode)
    canvas._ants_timer.stop()
    canvas.navigator.set_scale(scale)
    settle(qtbot, canvas)
    canvas.navigator.pan_by(13, -9)
    cv2.circle(mask, (371, 289), 33, (0,), -1)
    canvas.refresh_mask(337, 255, 70, 70)
    view[270:333, 390:455] = 20
    canvas.refresh_image(390, 270, 65, 63)
    settle(qtbot, canvas)
    assert close(pixels(canvas), again(qtbot, canvas))


@pytest.mark.parametrize("mode", list(MaskMode))
@pytest.mark.parametrize("scale", [0.13, 0.3, 0.62, 1.2, 3.0])
def test_while_zooming_it_looks_the_same_but_coarse(qtbot, scale, mode):
    y, x = np.mgrid[0:600, 0:800]
    smooth = np.dstack([x // 4, y // 3, (x + y) // 6]).astype(np.uint8)
    canvas = shown_canvas(qtbot, smooth, MASK.copy())
    canvas.set_mask_style(mode)
    canvas._ants_timer.stop()
    canvas.set_outlines([(100, 80, disc(90, 90), (0, 255, 0))])
    canvas.navigator.set_scale(scale)
    assert canvas._screen.paints_whole
    coarse = pixels(canvas)
    settle(qtbot, canvas)
    away = np.abs(coarse.astype(int) - pixels(canvas)).max(axis=2)
    rim = cv2.dilate((away > 40).astype(np.uint8), np.ones((3, 3), np.uint8))
    assert np.median(away) <= 6
    assert not cv2.erode(rim, np.ones((13, 13), np.uint8)).any()  # edges, nowhere an area


def test_mask_modes_look_different_and_keep_the_unmarked_as_it_is(qtbot):
    canvas = shown_canvas(qtbot, VIEW, MASK.copy())
    canvas.navigator.set_scale(1.0)
    x, y = (int(v) for v in canvas.image_at(QPointF(0, 0)))
    seen = {}
    for mode in MaskMode:
        canvas.set_mask_style(mode, colour=(0, 0, 255), opacity=1.0)
        settle(qtbot, canvas)
        seen[mode] = pixels(canvas)
    part, marked = VIEW[y : y + 300, x : x + 400], MASK[y : y + 300, x : x + 400] > 0
    for mode, outside, inside in (
        (MaskMode.OVERLAY, part, (0, 0, 255)),
        (MaskMode.ON_BLACK, 0, part),
        (MaskMode.ON_WHITE, 255, part),
        (MaskMode.MASK_ONLY, 0, 255),
        (MaskMode.HIDDEN, part, part),
    ):
        assert (seen[mode] == np.where(marked[..., None], inside, outside)).all(), mode
    ants = (seen[MaskMode.OUTLINE] != part).any(axis=2)
    inner = cv2.erode(MASK, np.ones((3, 3), np.uint8))[y : y + 300, x : x + 400] > 0
    ring = marked & ~inner
    assert ants.sum() > 0.9 * ring.sum()
    assert not (ants & ~ring).any()


def test_ants_move(qtbot):
    canvas = shown_canvas(qtbot, VIEW, MASK.copy())
    canvas.set_mask_style(MaskMode.OUTLINE)
    settle(qtbot, canvas)
    before = pixels(canvas)
    qtbot.waitUntil(lambda: not np.array_equal(before, pixels(canvas)), timeout=2000)


def test_the_ring_is_hatched_outside_the_mask_only(qtbot):
    canvas = shown_canvas(qtbot, VIEW, MASK.copy())
    canvas.set_mask_style(MaskMode.HIDDEN)
    canvas.navigator.set_scale(1.0)
    settle(qtbot, canvas)
    before = pixels(canvas)
    blend = cv2.dilate(MASK, np.ones((41, 41), np.uint8))
    x, y, width, height = cv2.boundingRect(blend)
    canvas.set_ring((x, y, np.ascontiguousarray(blend[y : y + height, x : x + width])))
    settle(qtbot, canvas)
    changed = (pixels(canvas) != before).any(axis=2)
    left, top = (int(v) for v in canvas.image_at(QPointF(0, 0)))
    band = ((blend > 0) & (MASK == 0))[top : top + 300, left : left + 400]
    assert not (changed & ~band).any()
    assert 0.1 < changed.sum() / band.sum() < 0.6
    canvas.set_ring(None)
    settle(qtbot, canvas)
    assert np.array_equal(pixels(canvas), before)


def test_a_hover_outline_comes_and_goes_without_trace(qtbot):
    canvas = shown_canvas(qtbot, VIEW, MASK.copy())
    before = pixels(canvas)
    hovers = [
        (100, 100, 80, 60, disc(80, 60)),
        (500, 300, 120, 90, disc(60, 45)),
        (120, 110, 80, 60, disc(80, 60)),
    ]
    seen = []
    for hover in hovers:
        canvas.set_hover(hover)
        assert canvas.is_sharp  # drawn at once, in its place only
        seen.append(pixels(canvas))
        settle(qtbot, canvas)
        assert close(seen[-1], pixels(canvas))
    canvas.set_hover(None)
    assert all((part != before).any() for part in seen)
    assert np.array_equal(pixels(canvas), before)


def test_a_reduced_hover_mask_is_outlined_where_the_full_one_is(qtbot):
    large = cv2.resize(disc(200, 150), (800, 600), interpolation=cv2.INTER_NEAREST)
    drawn = []
    for mask in (disc(200, 150), large):
        canvas = shown_canvas(qtbot, np.zeros((900, 1200, 3), np.uint8))
        before = pixels(canvas)
        canvas.set_hover((150, 100, 800, 600, mask))
        settle(qtbot, canvas)
        drawn.append((pixels(canvas) != before).any(axis=2).astype(np.uint8))
    small, full = (cv2.dilate(each, np.ones((5, 5), np.uint8)) for each in drawn)
    assert drawn[1].sum() > 100
    assert not (drawn[0] & ~full & 1).any()
    assert not (drawn[1] & ~small & 1).any()


def test_another_mask_leaves_nothing_of_the_last(qtbot):
    canvas = shown_canvas(qtbot, VIEW, MASK.copy())
    small = np.zeros_like(MASK)
    small[:40, :40] = 255
    canvas.set_mask(small)
    settle(qtbot, canvas)
    fresh = shown_canvas(qtbot, VIEW, small)
    assert close(pixels(canvas), pixels(fresh))
    assert canvas._screen.scene.mask_box == fresh._screen.scene.mask_box


def test_a_reduced_mask_is_shown_in_the_place_of_the_mask_and_goes_without_trace(qtbot):
    canvas = shown_canvas(qtbot, photo(1200, 900), disc(1200, 900))
    before = pixels(canvas)
    wider = cv2.dilate(disc(1200, 900), np.ones((61, 61), np.uint8))
    small = cv2.resize(wider, (300, 225), interpolation=cv2.INTER_AREA)
    canvas.set_mask_preview(small, 0, 0, 1200, 900)
    settle(qtbot, canvas)
    shown = pixels(canvas)
    assert (shown != before).any()
    canvas.set_mask_preview(None, 0, 0, 0, 0)
    settle(qtbot, canvas)
    assert (pixels(canvas) == before).all()
    canvas.set_mask(wider)
    settle(qtbot, canvas)
    assert np.abs(shown.astype(int) - pixels(canvas)).mean() < 0.5  # but for its edge


def test_compare_never_moves_the_view(qtbot):
    canvas = shown_canvas(qtbot, VIEW, MASK.copy())
    canvas.navigator.set_scale(0.9)
    canvas.navigator.pan_by(20, 10)
    settle(qtbot, canvas)
    view, before = canvas._screen.view, pixels(canvas)
    inverted = 255 - VIEW
    canvas.set_before(inverted)
    canvas.show_before(True)
    settle(qtbot, canvas)
    held = pixels(canvas)
    assert canvas._screen.view == view
    canvas.show_before(False)
    settle(qtbot, canvas)
    assert np.array_equal(pixels(canvas), before)
    assert not close(held, before)
    canvas.set_split(0.25)
    settle(qtbot, canvas)
    split = pixels(canvas)
    assert np.array_equal(split[:, :80], held[:, :80])
    canvas.set_mask_style(MaskMode.HIDDEN)
    canvas.set_split(None)
    settle(qtbot, canvas)
    assert np.array_equal(split[:, 120:], pixels(canvas)[:, 120:])
    assert canvas._screen.view == view


def test_moving_and_panning_the_split_shows_the_same_as_drawing_anew(qtbot):
    canvas = shown_canvas(qtbot, VIEW)
    canvas.navigator.set_scale(0.9)
    canvas.set_before([ScenePatch(200, 100, np.ascontiguousarray(255 - VIEW[100:500, 200:600]))])
    canvas.set_split(0.5)
    settle(qtbot, canvas)
    with qtbot.waitSignal(canvas.split_moved) as told:
        canvas.move_split(0.62)
    assert told.args == [0.62]
    canvas.navigator.pan_by(-23, 11)
    canvas.move_split(0.31)
    settle(qtbot, canvas)
    assert close(pixels(canvas), again(qtbot, canvas))


def test_a_patch_is_previewed_by_its_blend_and_goes_without_trace(qtbot):
    view = np.full((600, 800, 3), 100, np.uint8)
    canvas = shown_canvas(qtbot, view)
    canvas.navigator.set_scale(1.0)
    settle(qtbot, canvas)
    before = pixels(canvas)
    blend = np.zeros((100, 120), np.uint8)
    blend[20:80, 20:100] = 128
    canvas.set_patch_preview([ScenePatch(340, 250, np.full((100, 120, 3), 200, np.uint8), blend)])
    settle(qtbot, canvas)
    x, y = (int(v) for v in canvas.image_at(QPointF(0, 0)))
    seen = pixels(canvas)
    assert seen[290 - y, 400 - x] == pytest.approx((150, 150, 150), abs=1)
    assert (seen[255 - y, 345 - x] == 100).all()
    canvas.set_patch_preview([])
    settle(qtbot, canvas)
    assert np.array_equal(pixels(canvas), before)


def test_a_chequer_shines_through_where_alpha_is_low(qtbot):
    canvas = shown_canvas(qtbot, np.full((600, 800, 3), 255, np.uint8))
    alpha = np.full((600, 800), 255, np.uint8)
    alpha[:, :400] = 0
    canvas.set_alpha(alpha)
    canvas.navigator.set_scale(1.0)
    settle(qtbot, canvas)
    x = int(canvas.image_at(QPointF(0, 0))[0])
    seen = pixels(canvas)
    assert sorted(np.unique(seen[:, : 395 - x])) == [0x66, 0x9A]
    assert (seen[:, 405 - x :] == 255).all()


def test_a_large_alpha_channel_is_halved_beside_the_window(qtbot):
    canvas = shown_canvas(qtbot, np.full((2500, 3200, 3), 255, np.uint8))
    alpha = np.full((2500, 3200), 255, np.uint8)
    alpha[:, :1600] = 0
    canvas.set_alpha(alpha)
    assert canvas._pictures.is_building
    settle(qtbot, canvas)
    levels = canvas._screen.scene.alpha.levels
    assert levels[0] is alpha
    for level in levels[1:]:
        middle = level.shape[1] // 2
        assert (level[:, : middle - 1] == 0).all()
        assert (level[:, middle + 1 :] == 255).all()
    canvas.set_alpha(alpha.copy())
    canvas.set_alpha(None)
    settle(qtbot, canvas)
    assert canvas._screen.scene.alpha is None


def test_a_preview_comes_first_and_the_picture_takes_its_place(qtbot):
    view = photo(4000, 3000)
    canvas = shown_canvas(qtbot, photo(30, 20))
    small = cv2.resize(view, (500, 375), interpolation=cv2.INTER_AREA)
    canvas.set_preview_image(small, 4000, 3000)
    settle(qtbot, canvas)
    coarse, place = pixels(canvas), canvas._screen.view
    canvas.set_image(view)
    assert not canvas.is_sharp  # it is built beside the window
    canvas.repaint()
    view[1000:1500, 1000:2000] = 0
    canvas.refresh_image(1000, 1000, 1000, 500)
    settle(qtbot, canvas)
    assert canvas._screen.view == place
    fine = pixels(canvas)
    assert np.abs(coarse.astype(int) - fine).mean() < 30
    assert (fine[120, 150] == 0).all()
    fresh = shown_canvas(qtbot, view)
    assert np.array_equal(pixels(fresh), fine)


def test_an_array_that_took_the_place_of_another_needs_its_changes_only(qtbot):
    canvas = shown_canvas(qtbot, VIEW, MASK)
    view, mask = VIEW.copy(), MASK.copy()
    view[10:90, 20:200] = 0
    mask[10:90, 20:200] = 255
    canvas.set_image(view, changed=(20, 10, 180, 80))
    canvas.set_mask(mask, changed=(20, 10, 180, 80))
    settle(qtbot, canvas)
    assert close(pixels(canvas), pixels(shown_canvas(qtbot, view, mask)))


def test_cleared_it_shows_the_backdrop_and_a_click_still_answers(qtbot):
    canvas = shown_canvas(qtbot, VIEW, MASK.copy())
    canvas.clear()
    canvas.repaint()
    assert len(np.unique(pixels(canvas).reshape(-1, 3), axis=0)) == 1
