"""L, Shift+L, M: lasso, polygon, rectangle."""

from PySide6.QtCore import Qt

from app.session.mask_editor import MaskEditor
from app.tools.object import box_between
from app.tools.options import ToolOptions, mode_of
from engine.selection.masks import CombineMode
from widgets.canvas.canvas import Canvas
from widgets.canvas.pointer import PointerEvent

CLOSE_PX = 9  # of the window: so near to the first corner a click closes a polygon


class _Shape:
    """What the three have in common: an outline under way, and the mode of its first press."""

    def __init__(self, canvas: Canvas, mask_editor: MaskEditor, options: ToolOptions) -> None:
        self._canvas, self._mask_editor, self._options = canvas, mask_editor, options
        self._points: list[tuple[float, float]] = []
        self._start: PointerEvent | None = None

    def hover(self, event: PointerEvent) -> None:
        """Nothing is shown before the press."""

    def accept(self) -> bool:
        return False

    def back(self) -> bool:
        return False

    def drop(self) -> bool:
        was_drawing = self._start is not None
        self._start, self._points = None, []
        self._canvas.marks.set_band(None)
        self._canvas.marks.set_path([])
        return was_drawing

    def leave(self) -> None:
        self.drop()

    def _mode(self, start: PointerEvent) -> CombineMode:
        return mode_of(start.modifiers, self._options.mode)


class RectangleTool(_Shape):
    """Drag from corner to corner."""

    def press(self, event: PointerEvent) -> None:
        if event.button == Qt.MouseButton.LeftButton:
            self._start = event

    def drag(self, events: list[PointerEvent]) -> None:
        if self._start is not None:
            box = box_between(self._start, events[-1])
            self._canvas.marks.set_band((box.x, box.y, box.width, box.height))

    def release(self, event: PointerEvent) -> None:
        start = self._start
        self.drop()
        if start is not None and (start.x, start.y) != (event.x, event.y):
            self._mask_editor.rectangle(box_between(start, event), self._mode(start))


class LassoTool(_Shape):
    """Draw around it; the line closes itself."""

    def press(self, event: PointerEvent) -> None:
        if event.button == Qt.MouseButton.LeftButton:
            self._start = event
            self._points = [(event.x, event.y)]

    def drag(self, events: list[PointerEvent]) -> None:
        if self._start is not None:
            self._points += [(event.x, event.y) for event in events]
            self._canvas.marks.set_path(self._points, closed=True)

    def release(self, event: PointerEvent) -> None:
        start, points = self._start, [*self._points, (event.x, event.y)]
        self.drop()
        if start is not None:
            self._mask_editor.polygon(points, self._mode(start), label="Lasso")


class PolygonTool(_Shape):
    """Click corner after corner; Enter, a double click or the first corner closes it."""

    def press(self, event: PointerEvent) -> None:
        if event.button != Qt.MouseButton.LeftButton:
            return
        if self._start is None:
            self._start = event
        if self._is_first(event) or self._is_last(event):
            self.accept()
        else:
            self._points.append((event.x, event.y))
            self._canvas.marks.set_path(self._points)

    def drag(self, events: list[PointerEvent]) -> None:
        """The corner follows until the button is up."""
        if self._start is not None and self._points:
            self._points[-1] = (events[-1].x, events[-1].y)
            self._canvas.marks.set_path(self._points)

    def release(self, event: PointerEvent) -> None:
        """Corners are made by the press."""

    def hover(self, event: PointerEvent) -> None:
        if self._start is not None:
            self._canvas.marks.set_path([*self._points, (event.x, event.y)])

    def accept(self) -> bool:
        start, points = self._start, self._points
        was_drawing = self.drop()
        if start is not None:
            self._mask_editor.polygon(points, self._mode(start))
        return was_drawing

    def back(self) -> bool:
        """Take the last corner back."""
        if self._start is None:
            return False
        self._points = self._points[:-1]
        self._canvas.marks.set_path(self._points)
        if not self._points:
            self.drop()
        return True

    def _is_first(self, event: PointerEvent) -> bool:
        return len(self._points) > 2 and self._is_near(self._points[0], event)

    def _is_last(self, event: PointerEvent) -> bool:
        return len(self._points) > 2 and self._is_near(self._points[-1], event)

    def _is_near(self, point: tuple[float, float], event: PointerEvent) -> bool:
        place = self._canvas.navigator.place
        return (place(*point) - place(event.x, event.y)).manhattanLength() < CLOSE_PX
