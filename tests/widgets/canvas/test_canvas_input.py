import time

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.widgets.canvas import pen
from tests.widgets.canvas.canvas_stage import photo, pixels, settle, shown_canvas
from widgets.canvas.canvas import Canvas

Button, Modifier, Kind = Qt.MouseButton, Qt.KeyboardModifier, QEvent.Type
VIEW = photo(800, 600)


class Log:
    """What the canvas said, in order."""

    def __init__(self, canvas: Canvas) -> None:
        self.said: list[tuple] = []
        for name in ("pressed", "released", "hovered", "double_clicked", "stepped"):
            getattr(canvas, name).connect(lambda event, n=name: self.said.append((n, event)))
        canvas.dragged.connect(lambda events: self.said.append(("dragged", events)))
        canvas.cancelled.connect(lambda: self.said.append(("cancelled",)))
        canvas.brush_resized.connect(lambda x, y: self.said.append(("resized", x, y)))

    @property
    def names(self) -> list[str]:
        return [said[0] for said in self.said]

    def of(self, name: str) -> list:
        return [said[1] for said in self.said if said[0] == name]


@pytest.fixture
def canvas(qtbot) -> Canvas:
    found = shown_canvas(qtbot, VIEW)
    found.navigator.set_scale(1.0)
    settle(qtbot, found)
    return found


@pytest.fixture
def log(canvas) -> Log:
    return Log(canvas)


def mouse(
    canvas: Canvas,
    kind: QEvent.Type,
    position: tuple[float, float],
    button: Qt.MouseButton = Button.LeftButton,
    modifiers: Qt.KeyboardModifier = Modifier.NoModifier,
    timestamp_ms: int = 5000,
) -> None:
    at = QPointF(*position)
    given = Button.NoButton if kind == Kind.MouseMove else button
    held = Button.NoButton if kind == Kind.MouseButtonRelease else button
    event = QMouseEvent(kind, at, canvas.mapToGlobal(at), given, held, modifiers)
    event.setTimestamp(timestamp_ms)
    QApplication.sendEvent(canvas, event)


def wheel(
    canvas: Canvas,
    angle: QPoint,
    modifiers: Qt.KeyboardModifier = Modifier.NoModifier,
    pixels: QPoint | None = None,
) -> None:
    at = QPointF(123, 77)
    phase = Qt.ScrollPhase.ScrollUpdate if pixels else Qt.ScrollPhase.NoScrollPhase
    where = (at, canvas.mapToGlobal(at), pixels or QPoint(), angle)
    event = QWheelEvent(*where, Button.NoButton, modifiers, phase, False)
    QApplication.sendEvent(canvas, event)


def test_a_drag_is_told_in_image_pixels_with_fractions(canvas, log):
    corner = canvas.image_at(QPointF(0, 0))
    mouse(canvas, Kind.MouseButtonPress, (10.25, 20.5), modifiers=Modifier.ShiftModifier)
    mouse(canvas, Kind.MouseMove, (11.75, 20.5))
    mouse(canvas, Kind.MouseMove, (13.5, 21.0))
    mouse(canvas, Kind.MouseButtonRelease, (13.5, 21.0))
    assert log.names == ["pressed", "dragged", "released"]
    pressed = log.of("pressed")[0]
    assert (pressed.x - corner[0], pressed.y - corner[1]) == (10.25, 20.5)
    assert pressed.button == Button.LeftButton
    assert pressed.modifiers == Modifier.ShiftModifier
    assert pressed.pressure == 1.0
    batch = log.of("dragged")[0]
    assert [event.x - corner[0] for event in batch] == [11.75, 13.5]


def test_moves_are_told_at_once_after_a_pause_then_once_per_frame(qtbot, canvas, log):
    mouse(canvas, Kind.MouseButtonPress, (10, 10))
    mouse(canvas, Kind.MouseMove, (11, 10))
    QApplication.processEvents()
    assert log.names == ["pressed", "dragged"]
    start = time.monotonic()
    for x in range(12, 60):
        mouse(canvas, Kind.MouseMove, (x, 10))
    assert len(log.of("dragged")) == 1
    qtbot.waitUntil(lambda: len(log.of("dragged")) > 1)
    assert time.monotonic() - start < 1
    assert len(log.of("dragged")[1]) == 48


def test_hovering_tells_the_newest_place_only(qtbot, canvas, log):
    for x in range(40):
        mouse(canvas, Kind.MouseMove, (x, 5), Button.NoButton)
    qtbot.waitUntil(lambda: bool(log.said))
    assert log.names == ["hovered"]
    assert log.of("hovered")[0].x == canvas.image_at(QPointF(39, 5))[0]


def test_escape_ends_the_drag_and_the_release_says_nothing(canvas, log):
    mouse(canvas, Kind.MouseButtonPress, (10, 10))
    mouse(canvas, Kind.MouseMove, (50, 10))
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    mouse(canvas, Kind.MouseButtonRelease, (50, 10))
    assert log.names == ["pressed", "cancelled"]


def test_a_second_button_neither_starts_nor_ends_anything(canvas, log):
    mouse(canvas, Kind.MouseButtonPress, (10, 10))
    mouse(canvas, Kind.MouseButtonPress, (10, 10), Button.RightButton)
    mouse(canvas, Kind.MouseButtonRelease, (10, 10), Button.RightButton)
    assert log.names == ["pressed"]


def test_a_double_click_is_told_after_its_presses(canvas, log):
    for kind in (Kind.MouseButtonPress, Kind.MouseButtonDblClick):
        mouse(canvas, kind, (30, 30))
        mouse(canvas, Kind.MouseButtonRelease, (30, 30))
    assert log.names == ["pressed", "released", "pressed", "double_clicked", "released"]


def test_the_wheel_zooms_at_the_cursor_and_back_to_where_it_was(canvas):
    at = QPointF(123, 77)
    before, view = canvas.image_at(at), canvas._screen.view
    for _ in range(9):
        wheel(canvas, QPoint(0, 120))
        assert canvas.image_at(at) == pytest.approx(before, abs=0.51 / canvas.navigator.scale)
    assert canvas.navigator.scale == pytest.approx(1.2**9, rel=0.02)
    for _ in range(9):
        wheel(canvas, QPoint(0, -120))
    assert canvas._screen.view == view


def test_small_wheel_steps_add_up(canvas):
    for _ in range(40):
        wheel(canvas, QPoint(0, 3))
    assert canvas.navigator.scale == pytest.approx(1.2, rel=0.02)


def test_wheel_with_modifiers(canvas, log):
    view = canvas._screen.view
    wheel(canvas, QPoint(120, 0), Modifier.AltModifier)
    wheel(canvas, QPoint(-240, 0), Modifier.AltModifier)
    wheel(canvas, QPoint(0, 120), Modifier.ControlModifier | Modifier.AltModifier)
    assert log.of("stepped") == [1, -2]
    assert log.said[-1][:2] == ("resized", 5.0)
    assert canvas._screen.view == view
    canvas.gestures.wheel_zooms = False
    wheel(canvas, QPoint(0, -120))
    assert canvas._screen.view == view.moved(0, -60)
    wheel(canvas, QPoint(0, 120), Modifier.ControlModifier)
    assert canvas.navigator.scale > 1


def test_two_fingers_on_a_touchpad_pan(canvas):
    view = canvas._screen.view
    wheel(canvas, QPoint(-40, -80), pixels=QPoint(-5, -9))
    assert canvas._screen.view == view.moved(-5, -9)


@pytest.mark.parametrize("how", ["middle", "space"])
def test_panning_with_the_middle_button_or_space(canvas, log, how):
    view = canvas._screen.view
    button = Button.MiddleButton if how == "middle" else Button.LeftButton
    if how == "space":
        QTest.keyPress(canvas, Qt.Key.Key_Space)
    mouse(canvas, Kind.MouseButtonPress, (100, 100), button)
    mouse(canvas, Kind.MouseMove, (130, 90), button)
    mouse(canvas, Kind.MouseButtonRelease, (140, 85), button)
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert canvas._screen.view == view.moved(40, -15)
    assert log.names == []


def test_control_space_drag_zooms_where_it_began(canvas, log):
    at = QPointF(100, 100)
    before = canvas.image_at(at)
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    mouse(canvas, Kind.MouseButtonPress, (100, 100), modifiers=Modifier.ControlModifier)
    mouse(canvas, Kind.MouseMove, (170, 100))
    mouse(canvas, Kind.MouseButtonRelease, (170, 100))
    assert canvas.navigator.scale == pytest.approx(1.01**70, rel=0.02)
    assert canvas.image_at(at) == pytest.approx(before, abs=0.51)


def test_shift_drag_resizes_the_brush_but_shift_click_stays_a_click(canvas, log):
    canvas.marks.set_brush(30)
    mouse(canvas, Kind.MouseButtonPress, (100, 100), modifiers=Modifier.ShiftModifier)
    mouse(canvas, Kind.MouseMove, (120, 93))
    mouse(canvas, Kind.MouseButtonRelease, (120, 93))
    assert log.said == [("resized", 20.0, 0.0)]
    mouse(canvas, Kind.MouseButtonPress, (100, 100), modifiers=Modifier.ShiftModifier)
    mouse(canvas, Kind.MouseButtonRelease, (101, 100), modifiers=Modifier.ShiftModifier)
    assert log.names[1:] == ["pressed", "released"]


def test_alt_and_the_right_button_change_size_and_hardness(canvas, log):
    canvas.marks.set_brush(30)
    mouse(canvas, Kind.MouseButtonPress, (100, 100), Button.RightButton, Modifier.AltModifier)
    mouse(canvas, Kind.MouseMove, (110, 93), Button.RightButton)
    mouse(canvas, Kind.MouseButtonRelease, (110, 93), Button.RightButton)
    assert log.said == [("resized", 10.0, 7.0)]
    canvas.marks.set_brush(None)
    mouse(canvas, Kind.MouseButtonPress, (100, 100), Button.RightButton, Modifier.AltModifier)
    assert log.names[-1] == "pressed"  # without a brush it is the tool's


def test_the_pen_is_told_with_pressure_and_never_twice(canvas, log):
    event = pen.send(canvas, Kind.TabletPress, (20.5, 30.25), pressure=0.25)
    assert event.isAccepted()  # else Qt would make mouse events of it
    pen.send(canvas, Kind.TabletMove, (22.5, 30.25), pressure=0.75, timestamp_ms=1010)
    mouse(canvas, Kind.MouseButtonPress, (20, 30), timestamp_ms=1011)
    mouse(canvas, Kind.MouseMove, (22, 30), timestamp_ms=1012)
    pen.send(canvas, Kind.TabletRelease, (22.5, 30.25), pressure=0.0, timestamp_ms=1020)
    mouse(canvas, Kind.MouseButtonRelease, (22, 30), timestamp_ms=1021)
    assert log.names == ["pressed", "dragged", "released"]
    assert log.of("pressed")[0].pressure == 0.25
    assert log.of("pressed")[0].x == canvas.image_at(QPointF(20.5, 0))[0]
    assert [event.pressure for event in log.of("dragged")[0]] == [0.75]
    mouse(canvas, Kind.MouseButtonPress, (20, 30), timestamp_ms=9000)
    assert log.names[-1] == "pressed"  # a hand that went back to the mouse


def test_eraser_tip_and_barrel_button(canvas, log):
    pen.send(canvas, Kind.TabletPress, (20, 30), tip=pen.ERASER)
    pen.send(canvas, Kind.TabletRelease, (20, 30), tip=pen.ERASER)
    pen.send(canvas, Kind.TabletPress, (20, 30), button=Button.RightButton)
    erased, barrel = log.of("pressed")
    assert erased.eraser
    assert not barrel.eraser
    assert barrel.button == Button.RightButton


def touch_drag(canvas: Canvas, start: QPoint, end: QPoint) -> None:
    device = QTest.createTouchDevice()
    QTest.touchEvent(canvas, device).press(0, start, canvas).commit()
    QTest.touchEvent(canvas, device).move(0, end, canvas).commit()
    QTest.touchEvent(canvas, device).release(0, end, canvas).commit()


def test_a_finger_draws_until_a_pen_was_seen_then_it_pans(canvas, log):
    view = canvas._screen.view
    touch_drag(canvas, QPoint(50, 50), QPoint(80, 60))
    assert log.names == ["pressed", "dragged", "released"]
    assert canvas._screen.view == view
    pen.send(canvas, Kind.TabletMove, (1, 1))
    log.said.clear()
    touch_drag(canvas, QPoint(50, 50), QPoint(80, 60))
    assert "pressed" not in log.names
    assert canvas._screen.view == view.moved(30, 10)


def test_two_fingers_zoom_and_end_what_one_began(canvas, log):
    device = QTest.createTouchDevice()
    QTest.touchEvent(canvas, device).press(0, QPoint(100, 100), canvas).commit()
    both = QTest.touchEvent(canvas, device).move(0, QPoint(100, 100), canvas)
    both.press(1, QPoint(200, 100), canvas).commit()
    both = QTest.touchEvent(canvas, device).move(0, QPoint(50, 100), canvas)
    both.move(1, QPoint(250, 100), canvas).commit()
    both = QTest.touchEvent(canvas, device).release(0, QPoint(50, 100), canvas)
    both.release(1, QPoint(250, 100), canvas).commit()
    assert log.names == ["pressed", "cancelled"]
    assert canvas.navigator.scale == pytest.approx(2.0, rel=0.02)


def test_points_are_placed_by_keyboard(canvas, log):
    for _ in range(3):
        QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Down, Modifier.ShiftModifier)
    x, y = canvas.image_at(canvas.navigator.centre())
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert log.names == ["pressed", "released"]
    assert (log.of("pressed")[0].x, log.of("pressed")[0].y) == (int(x) + 3.5, int(y) + 10.5)
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert log.names[2:] == ["pressed", "dragged", "released"]
    QTest.keyClick(canvas, Qt.Key.Key_Return, Modifier.AltModifier)
    assert log.of("pressed")[-1].button == Button.RightButton
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert log.names[-1] == "cancelled"


def test_the_crosshair_stays_in_the_picture_and_in_sight(canvas):
    for _ in range(70):
        QTest.keyClick(canvas, Qt.Key.Key_Left, Modifier.ShiftModifier)
    assert canvas.marks.cursor is not None
    assert canvas.marks.cursor[0] == 0.5
    assert canvas.rect().contains(canvas.navigator.place(*canvas.marks.cursor).toPoint())


def test_the_split_is_moved_by_mouse_and_keys(canvas, log):
    canvas.set_before(255 - VIEW)
    canvas.set_split(0.5)
    told = []
    canvas.split_moved.connect(told.append)
    mouse(canvas, Kind.MouseButtonPress, (203, 40))
    mouse(canvas, Kind.MouseMove, (300, 40))
    mouse(canvas, Kind.MouseButtonRelease, (300, 40))
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    QTest.keyClick(canvas, Qt.Key.Key_Right, Modifier.ShiftModifier)
    assert told == pytest.approx([0.75, 0.74, 0.84])
    assert log.names == []


def test_the_cursor_tells_of_the_split_and_goes_back_to_the_tools(canvas):
    shapes = Qt.CursorShape
    canvas.set_before(255 - VIEW)
    canvas.set_split(0.5)
    canvas.setCursor(shapes.CrossCursor)
    seen = []
    for x in (40, 203, 40, 201, 30):
        mouse(canvas, Kind.MouseMove, (x, 40))
        canvas.gestures.flush()
        seen.append(canvas.cursor().shape())
        if x == 201:
            canvas.setCursor(shapes.PointingHandCursor)  # a key chose another tool
    cross, hand = shapes.CrossCursor, shapes.PointingHandCursor
    assert seen == [cross, shapes.SplitHCursor, cross, shapes.SplitHCursor, hand]


def test_files_and_pictures_are_dropped(canvas, tmp_path):
    files, images = [], []
    canvas.files_dropped.connect(files.extend)
    canvas.image_dropped.connect(images.append)
    paths, picture = QMimeData(), QMimeData()
    paths.setUrls([QUrl.fromLocalFile(str(tmp_path / "a b.jpg"))])
    picture.setImageData(QImage(3, 2, QImage.Format.Format_RGB32))
    for mime in (paths, picture):
        how = (Qt.DropAction.CopyAction, mime, Button.LeftButton, Modifier.NoModifier)
        QApplication.sendEvent(canvas, QDragEnterEvent(QPoint(5, 5), *how))
        QApplication.sendEvent(canvas, QDropEvent(QPointF(5, 5), *how))
    assert files == [str(tmp_path / "a b.jpg")]
    assert [image.width() for image in images] == [3]


def test_marks_are_drawn_where_they_are_and_vanish(qtbot, canvas):
    before = pixels(canvas)
    x, y = canvas.image_at(QPointF(200, 150))
    canvas.marks.set_points([(x, y, True), (x + 60, y, False)])
    canvas.marks.set_band((x - 100, y - 100, 50, 40))
    canvas.marks.set_path([(x, y + 50), (x + 40, y + 90), (x - 20, y + 80)], closed=True)
    canvas.marks.set_brush(30, 0.5)
    canvas.marks.move_pointer((x + 100, y - 80))
    canvas.marks.set_modifier("+")
    seen = pixels(canvas)
    changed = np.argwhere((seen != before).any(axis=2))
    assert changed[:, 0].min() == pytest.approx(50, abs=30)
    positive, negative = seen[143:158, 193:208], seen[143:158, 253:268]
    shapes = [(part.astype(int).sum(axis=2) < 600) for part in (positive, negative)]
    assert (shapes[0] != shapes[1]).any()  # not told apart by colour alone
    canvas.marks.set_points([])
    canvas.marks.set_band(None)
    canvas.marks.set_path([])
    canvas.marks.set_brush(None)
    canvas.marks.set_modifier("")
    assert np.array_equal(pixels(canvas), before)
