"""The overlays of tools on the canvas: brush circle, points, rubber band, path, crosshair, line.

Everything is kept in image pixels and drawn at a constant size on the screen.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

POINT_PX = 7.0
CROSS_PX = 14.0
HANDLE_PX = 12.0
SIGN_PX = 8.0
MARGIN_PX = 4.0
DARK, LIGHT = QColor(0, 0, 0, 200), QColor(255, 255, 255)
POSITIVE, NEGATIVE = QColor(0, 114, 178), QColor(213, 94, 0)

Place = Callable[[float, float], QPointF]
"""Image pixels to window coordinates."""


class PointMark(NamedTuple):
    """A click: positive ones are drawn as a disc with a plus, negative as a square with a minus."""

    x: float
    y: float
    positive: bool = True


class BoxMark(NamedTuple):
    """An example of what is looked for, with a plus, or of what is not, with a minus."""

    x: float
    y: float
    width: float
    height: float
    positive: bool = True


class Marks:
    """Holds the marks and says where they are. `changed` gets the window rectangle to repaint."""

    def __init__(self, place: Place, scale: Callable[[], float]) -> None:
        self._place, self._scale = place, scale
        self.changed: Callable[[QRectF], None] = lambda _rect: None
        self.pointer: tuple[float, float] | None = None
        self.cursor: tuple[float, float] | None = None
        self.radius_px: float | None = None
        self.hardness = 1.0
        self._modifier = ""
        self._points: tuple[PointMark, ...] = ()
        self._band: QRectF | None = None
        self._boxes: tuple[BoxMark, ...] = ()
        self._path: tuple[tuple[float, float], ...] = ()
        self._closed = False

    def set_brush(self, radius_px: float | None, hardness: float = 1.0) -> None:
        """Show a brush circle of this radius in image pixels at the pointer; None hides it."""
        self._repaint(self._pointer_rect)
        self.radius_px, self.hardness = radius_px, hardness
        self._repaint(self._pointer_rect)

    def set_modifier(self, sign: str) -> None:
        """A sign beside the pointer: "+", "-", "×" or none."""
        if sign != self._modifier:
            self._repaint(self._pointer_rect)
            self._modifier = sign
            self._repaint(self._pointer_rect)

    def move_pointer(self, position: tuple[float, float] | None) -> None:
        self._repaint(self._pointer_rect)
        self.pointer = position
        self._repaint(self._pointer_rect)

    def move_cursor(self, position: tuple[float, float] | None) -> None:
        """The crosshair that the arrow keys move; None hides it."""
        if position != self.cursor:
            self._repaint(self._cursor_rect)
            self.cursor = position
            self._repaint(self._cursor_rect)

    def set_points(self, points: Sequence[PointMark | tuple[float, float, bool]]) -> None:
        marks = tuple([PointMark(*point) for point in points])
        if marks != self._points:
            self._repaint(self._points_rect)
            self._points = marks
            self._repaint(self._points_rect)

    def set_band(self, rect: tuple[float, float, float, float] | None) -> None:
        """The rubber band (x, y, width, height) in image pixels."""
        band = QRectF(*rect).normalized() if rect else None
        if band != self._band:
            self._repaint(self._band_rect)
            self._band = band
            self._repaint(self._band_rect)

    def set_boxes(self, boxes: Sequence[BoxMark]) -> None:
        self._repaint(self._boxes_rect)
        self._boxes = tuple(boxes)
        self._repaint(self._boxes_rect)

    def set_path(self, points: Sequence[tuple[float, float]], *, closed: bool = False) -> None:
        """The lasso or polygon drawn so far."""
        self._repaint(self._path_rect)
        self._path, self._closed = tuple(points), closed
        self._repaint(self._path_rect)

    def _repaint(self, rect: Callable[[], QRectF]) -> None:
        found = rect()
        if not found.isEmpty():
            self.changed(found)

    def _around(self, points: Sequence[tuple[float, float]], margin: float) -> QRectF:
        if not points:
            return QRectF()
        rect = QPolygonF([self._place(x, y) for x, y in points]).boundingRect()
        return rect.adjusted(-margin, -margin, margin, margin)

    def _pointer_rect(self) -> QRectF:
        if self.pointer is None or (self.radius_px is None and not self._modifier):
            return QRectF()
        radius = (self.radius_px or 0) * self._scale()
        return self._around([self.pointer], max(radius, 2 * CROSS_PX) + MARGIN_PX)

    def _cursor_rect(self) -> QRectF:
        return self._around([self.cursor] if self.cursor else [], CROSS_PX + MARGIN_PX)

    def _points_rect(self) -> QRectF:
        return self._around([(p.x, p.y) for p in self._points], POINT_PX + MARGIN_PX)

    def _band_rect(self) -> QRectF:
        if self._band is None:
            return QRectF()
        corners = (self._band.topLeft(), self._band.bottomRight())
        return self._around([(p.x(), p.y()) for p in corners], MARGIN_PX)

    def _boxes_rect(self) -> QRectF:
        corners = [(b.x, b.y) for b in self._boxes]
        corners += [(b.x + b.width, b.y + b.height) for b in self._boxes]
        return self._around(corners, SIGN_PX + MARGIN_PX)

    def _path_rect(self) -> QRectF:
        return self._around(self._path, MARGIN_PX)

    def paint(self, painter: QPainter) -> None:
        """Draw all marks; `painter` works in window coordinates."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for box in self._boxes:
            self._paint_box(painter, box)
        self._paint_band(painter)
        self._paint_path(painter)
        for point in self._points:
            _paint_point(painter, self._place(point.x, point.y), positive=point.positive)
        if self.cursor is not None:
            _paint_cross(painter, self._place(*self.cursor))
        self._paint_brush(painter)

    def _paint_band(self, painter: QPainter) -> None:
        if self._band is None:
            return
        first, last = self._band.topLeft(), self._band.bottomRight()
        rect = QRectF(self._place(first.x(), first.y()), self._place(last.x(), last.y()))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in _dashes():
            painter.setPen(pen)
            painter.drawRect(rect)

    def _paint_box(self, painter: QPainter, box: BoxMark) -> None:
        first = self._place(box.x, box.y)
        last = self._place(box.x + box.width, box.y + box.height)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(DARK, 3), QPen(POSITIVE if box.positive else NEGATIVE, 1.6)):
            painter.setPen(pen)
            painter.drawRect(QRectF(first, last))
        _paint_sign(painter, first, "+" if box.positive else "-")

    def _paint_path(self, painter: QPainter) -> None:
        if not self._path:
            return
        line = QPolygonF([self._place(x, y) for x, y in self._path])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in _dashes():
            painter.setPen(pen)
            painter.drawPolygon(line) if self._closed else painter.drawPolyline(line)

    def _paint_brush(self, painter: QPainter) -> None:
        if self.pointer is None:
            return
        centre = self._place(*self.pointer)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.radius_px is not None:
            radius = max(1.0, self.radius_px * self._scale())
            _paint_circle(painter, centre, radius)
            if self.hardness < 1 and radius * self.hardness > 2:
                painter.setPen(QPen(QColor(255, 255, 255, 130), 1, Qt.PenStyle.DotLine))
                painter.drawEllipse(centre, radius * self.hardness, radius * self.hardness)
        if self._modifier:
            _paint_sign(painter, centre + QPointF(CROSS_PX, -CROSS_PX), self._modifier)


def _dashes() -> tuple[QPen, QPen]:
    """Seen on light and dark: a dark line, and light dashes over it."""
    return QPen(DARK, 1.6), QPen(LIGHT, 1.2, Qt.PenStyle.DashLine)


def _paint_circle(painter: QPainter, centre: QPointF, radius: float) -> None:
    painter.setPen(QPen(DARK, 2.4))
    painter.drawEllipse(centre, radius, radius)
    painter.setPen(QPen(LIGHT, 1.2))
    painter.drawEllipse(centre, radius, radius)


def _paint_point(painter: QPainter, centre: QPointF, *, positive: bool) -> None:
    painter.setPen(QPen(LIGHT, 2))
    painter.setBrush(POSITIVE if positive else NEGATIVE)
    arm = POINT_PX * 0.55
    if positive:
        painter.drawEllipse(centre, POINT_PX, POINT_PX)
        painter.drawLine(centre - QPointF(0, arm), centre + QPointF(0, arm))
    else:
        side = POINT_PX * 0.9
        painter.drawRect(QRectF(centre.x() - side, centre.y() - side, 2 * side, 2 * side))
    painter.drawLine(centre - QPointF(arm, 0), centre + QPointF(arm, 0))


def _paint_cross(painter: QPainter, centre: QPointF) -> None:
    for pen in (QPen(DARK, 3), QPen(LIGHT, 1.2)):
        painter.setPen(pen)
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            direction = QPointF(dx, dy)
            painter.drawLine(centre + direction * 3, centre + direction * CROSS_PX)


def _paint_sign(painter: QPainter, centre: QPointF, sign: str) -> None:
    font = QFont(painter.font())
    font.setBold(True)
    painter.setFont(font)
    rect = QRectF(centre.x() - SIGN_PX, centre.y() - SIGN_PX, 2 * SIGN_PX, 2 * SIGN_PX)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(DARK)
    painter.drawEllipse(rect)
    painter.setPen(LIGHT)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, sign)


def paint_split(painter: QPainter, x: float, height: float, *, focused: bool) -> None:
    """The line between two versions, with a handle in the middle."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for pen in (QPen(DARK, 3), QPen(LIGHT, 1.4)):
        painter.setPen(pen)
        painter.drawLine(QPointF(x, 0), QPointF(x, height))
    painter.setPen(QPen(DARK if not focused else POSITIVE, 2))
    painter.setBrush(LIGHT)
    middle = QPointF(x, height / 2)
    painter.drawEllipse(middle, HANDLE_PX, HANDLE_PX)
    painter.setBrush(DARK)
    painter.setPen(Qt.PenStyle.NoPen)
    for side in (-1, 1):
        tip = middle + QPointF(side * 8, 0)
        back = middle + QPointF(side * 3, 0)
        painter.drawPolygon(QPolygonF([tip, back - QPointF(0, 4.5), back + QPointF(0, 4.5)]))
