"""W: click an object, right click what is not part of it, drag a box, drag or click a point."""

from PySide6.QtCore import QPointF, Qt

from app.session.click_selector import ClickSelector, PromptPoints
from app.session.finder import Finder
from app.tools.options import mode_of
from engine.geometry import Rect
from engine.jobs.requests import Click
from engine.selection.masks import CombineMode
from widgets.canvas.canvas import Canvas
from widgets.canvas.pointer import PointerEvent

DRAG_PX = 6  # of the window: less is a click
GRAB_PX = 9  # how near a click is to a point


class ObjectTool:
    """Alt and the right button give a negative point while there are points, else subtract.

    While something is being looked for, boxes are examples of it, and clicks take or leave finds.
    """

    def __init__(self, canvas: Canvas, selecting: ClickSelector, finding: Finder) -> None:
        self._canvas, self._selecting, self._finding = canvas, selecting, finding
        self._start: PointerEvent | None = None
        self._grabbed: int | None = None
        self._dragging = False

    def press(self, event: PointerEvent) -> None:
        self._start = event
        self._grabbed = self._point_at(event)
        self._dragging = False

    def drag(self, events: list[PointerEvent]) -> None:
        start, event = self._start, events[-1]
        if start is None or not (self._dragging or self._distance_px(start, event) > DRAG_PX):
            return
        self._dragging = True
        if self._grabbed is not None:
            self._canvas.marks.set_points(moved(self._selecting.points, self._grabbed, event))
        elif start.button == Qt.MouseButton.LeftButton:
            box = box_between(start, event)
            self._canvas.marks.set_band((box.x, box.y, box.width, box.height))

    def release(self, event: PointerEvent) -> None:
        start, dragging = self._start, self._dragging
        self._start, self._dragging = None, False
        self._canvas.marks.set_band(None)
        if start is None:
            return
        if self._grabbed is not None:
            self._release_point(self._grabbed, event, dragging=dragging)
        elif dragging and start.button == Qt.MouseButton.LeftButton:
            self._release_box(box_between(start, event), start)
        else:
            self._click(start)

    def hover(self, event: PointerEvent) -> None:
        """Nothing yet is under way."""

    def accept(self) -> bool:
        has_points = bool(self._selecting.points)
        self._selecting.accept()
        return has_points

    def back(self) -> bool:
        has_points = bool(self._selecting.points)
        self._selecting.undo_last_point()
        return has_points

    def drop(self) -> bool:
        """End the drag; without one drop the points."""
        if self._start is not None:
            self._start, self._dragging = None, False
            self._canvas.marks.set_band(None)
            self._canvas.marks.set_points(self._selecting.points.clicks)
            return True
        has_points = bool(self._selecting.points)
        self._selecting.drop()
        return has_points

    def leave(self) -> None:
        """The points stay: the brush may come between two clicks."""
        self._start = None
        self._canvas.marks.set_band(None)

    def _release_point(self, index: int, event: PointerEvent, *, dragging: bool) -> None:
        if dragging:
            self._selecting.move_point(index, event.x, event.y)
        else:
            self._selecting.remove_point(index)

    def _release_box(self, box: Rect, start: PointerEvent) -> None:
        mode = self._mode(start)
        if self._finding.takes_boxes:
            self._finding.add_exemplar(box, positive=mode is None)
        else:
            self._selecting.choose_box(box, mode=mode)

    def _click(self, start: PointerEvent) -> None:
        if self._finding.is_open and self._finding.pick_at(start.x, start.y):
            return
        alt = bool(start.modifiers & Qt.KeyboardModifier.AltModifier)
        shift = bool(start.modifiers & Qt.KeyboardModifier.ShiftModifier)
        negative = start.button == Qt.MouseButton.RightButton or (alt and not shift)
        if negative and self._selecting.points:
            self._selecting.click(start.x, start.y, positive=False)
        else:
            mode = CombineMode.SUBTRACT if negative else self._mode(start)
            self._selecting.click(start.x, start.y, mode=mode)

    def _mode(self, event: PointerEvent) -> CombineMode | None:
        """Of another object, or None for one more point of the same."""
        mode = mode_of(event.modifiers, CombineMode.REPLACE)
        return None if mode is CombineMode.REPLACE else mode

    def _point_at(self, event: PointerEvent) -> int | None:
        for index, click in reversed(list(enumerate(self._selecting.points.clicks))):
            place = self._canvas.navigator.place(click.x, click.y)
            if _length(place - self._canvas.navigator.place(event.x, event.y)) < GRAB_PX:
                return index
        return None

    def _distance_px(self, one: PointerEvent, other: PointerEvent) -> float:
        place = self._canvas.navigator.place
        return _length(place(one.x, one.y) - place(other.x, other.y))


def moved(points: PromptPoints, index: int, event: PointerEvent) -> list[Click]:
    """The clicks with one of them under the pointer."""
    return [
        click._replace(x=event.x, y=event.y) if i == index else click
        for i, click in enumerate(points.clicks)
    ]


def box_between(one: PointerEvent, other: PointerEvent) -> Rect:
    """Whole pixels that the drag crossed."""
    left, right = sorted((one.x, other.x))
    top, bottom = sorted((one.y, other.y))
    return Rect.between(int(left), int(top), int(right) + 1, int(bottom) + 1)


def _length(vector: QPointF) -> float:
    return (vector.x() ** 2 + vector.y() ** 2) ** 0.5
