"""The picture on the screen: what is shown over it, and what the pointer does to it."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QTabletEvent,
    QTouchEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from widgets import drops
from widgets.gestures import Gestures
from widgets.keyboard_cursor import KeyboardCursor
from widgets.marks import HANDLE_PX, Marks, paint_split
from widgets.navigator import Navigator
from widgets.pictures import HOVER_COLOUR, Pictures
from widgets.pyramid import Pixels
from widgets.relay import Relay
from widgets.scene import Colour, MaskMode, Patch
from widgets.screen import Screen
from widgets.view import Box

ANTS_MS = 120
SPLIT_STEP = 0.01
TOUCHES = (
    QEvent.Type.TouchBegin,
    QEvent.Type.TouchUpdate,
    QEvent.Type.TouchEnd,
    QEvent.Type.TouchCancel,
)


class Canvas(QWidget):
    """Shows arrays without copying them and tells what is done, in image pixels; decides nothing.

    `marks` draws the feedback of tools, `navigator` zooms and pans. `brush_resized` tells by how
    much the radius grows (image pixels) and the hardness rises (window pixels).
    """

    pressed = Signal(object)
    dragged = Signal(list)
    released = Signal(object)
    hovered = Signal(object)
    left = Signal()
    double_clicked = Signal(object)
    cancelled = Signal()
    zoom_changed = Signal(float)
    view_changed = Signal()
    files_dropped = Signal(list)
    image_dropped = Signal(QImage)
    split_moved = Signal(float)
    brush_resized = Signal(float, float)
    stepped = Signal(int)
    refined = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._screen = Screen(self)
        self._pictures = Pictures(self._screen)
        self.navigator = Navigator(self._screen, lambda: self._pictures.size)
        self.marks = Marks(self.navigator.place, lambda: self.navigator.window_scale)
        self._relay = Relay(self, self.navigator, self.marks)
        self._keyboard = KeyboardCursor(self._relay, self.marks, self.navigator)
        self._gestures = Gestures(
            self,
            self._relay,
            hovered=self._relay.hover,
            stepped=self.stepped.emit,
            near_split=self._is_near_split,
        )
        self._own_cursor = self.cursor()
        self._ants_timer = QTimer(self, interval=ANTS_MS)
        self._connect()
        self._prepare()

    def _connect(self) -> None:
        self._screen.changed.connect(self._on_changed)
        self._screen.refined.connect(self.refined)
        self.navigator.zoom_changed.connect(self.zoom_changed)
        self.navigator.view_changed.connect(self.view_changed)
        self.marks.changed = self._repaint
        self._ants_timer.timeout.connect(self._on_ants)

    def _prepare(self) -> None:
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(160, 120)
        self.setAccessibleName(self.tr("Picture"))
        self.setAccessibleDescription(
            self.tr("Arrow keys move a crosshair, Enter acts there; the wheel zooms.")
        )

    # what is shown

    def clear(self) -> None:
        """Show no picture."""
        self._pictures.clear()

    def set_image(self, view: Pixels, changed: tuple[int, int, int, int] | None = None) -> None:
        """Show an (H, W, 3) uint8 RGB array, sharing its memory.

        An array of the same size keeps zoom and place. `changed` (x, y, width, height) says where
        it differs from the last one, which saves the rest of the work.
        """
        known = self._pictures.size
        self._pictures.set_image(view, _box(*changed) if changed else None)
        self._fit_if_new(known)

    def set_preview_image(self, small: Pixels, width: int, height: int) -> None:
        """Show a reduced (h, w, 3) copy in the place of a picture that is still being read."""
        known = self._pictures.size
        self._pictures.set_preview(small, width, height)
        self._fit_if_new(known)

    def _fit_if_new(self, known: tuple[int, int]) -> None:
        if known != self._pictures.size:
            self.navigator.fit()

    def refresh_image(self, x: int, y: int, width: int, height: int) -> None:
        """The picture changed in place there."""
        self._pictures.refresh_image(_box(x, y, width, height))

    def set_alpha(self, alpha: Pixels | None) -> None:
        """Show a chequer where this (H, W) uint8 channel is not 255."""
        self._pictures.set_alpha(alpha)

    def set_mask(self, mask: Pixels | None) -> None:
        """Show an (H, W) uint8 mask, sharing its memory."""
        self._pictures.set_mask(mask)

    def refresh_mask(self, x: int, y: int, width: int, height: int) -> None:
        """The mask changed in place there."""
        self._pictures.refresh_mask(_box(x, y, width, height))

    def set_mask_style(
        self,
        mode: MaskMode = MaskMode.OVERLAY,
        colour: Colour = (255, 64, 72),
        opacity: float = 0.5,
    ) -> None:
        """How the marked area looks."""
        self._pictures.set_mask_style(mode, colour, opacity)
        if mode == MaskMode.OUTLINE:
            self._ants_timer.start()
        else:
            self._ants_timer.stop()

    def set_ring(self, ring: tuple[int, int, Pixels] | None) -> None:
        """Hatch what a run may change: x, y and the (h, w) blend, 0 where nothing changes."""
        self._pictures.set_ring(ring)

    def set_hover(self, hover: tuple[int, int, Pixels] | None) -> None:
        """Outline what a click would take: x, y and an (h, w) mask."""
        self._pictures.set_outlines("hover", [(*hover, HOVER_COLOUR)] if hover else [])

    def set_outlines(self, outlines: Sequence[tuple[int, int, Pixels, Colour]]) -> None:
        """Outline named masks: x, y, an (h, w) mask and a colour each."""
        self._pictures.set_outlines("named", outlines)

    def set_patch_preview(self, patches: Sequence[Patch]) -> None:
        """Show patches over the picture, which stays as it is; none ends it."""
        self._pictures.set_patches(patches)

    # comparing

    def set_before(self, source: Pixels | Sequence[Patch] | None) -> None:
        """What to compare with: a whole picture, or patches that turn the shown one into it."""
        self._pictures.set_before(source)

    def show_before(self, shown: bool) -> None:
        """Show the other version alone, as long as a key is held."""
        self._pictures.show_before(shown)

    def set_split(self, split: float | None) -> None:
        """Show the other version left of a line at this part of the width; None ends it."""
        self._pictures.set_split(split)
        self.update()

    def move_split(self, split: float) -> None:
        """Move the line, and tell."""
        split = min(max(split, 0.0), 1.0)
        old = self.split
        if old is None or old == split:
            return
        self._screen.set_split(split)
        reach = HANDLE_PX + 3
        for x in (old * self.width(), split * self.width()):
            self._repaint(QRectF(x - reach, 0, 2 * reach, self.height()))
        self.split_moved.emit(split)

    @property
    def split(self) -> float | None:
        return self._screen.scene.split

    def _is_near_split(self, position: QPointF) -> bool:
        split = self.split
        return split is not None and abs(position.x() - split * self.width()) <= HANDLE_PX

    # what is known

    @property
    def is_sharp(self) -> bool:
        """Whether all is drawn at its best; `refined` is emitted when it becomes so."""
        return self._screen.is_sharp and not self._pictures.is_building

    @property
    def gestures(self) -> Gestures:
        """Switches: `wheel_zooms`, `resizes_brush`."""
        return self._gestures

    def image_at(self, position: QPointF) -> tuple[float, float]:
        """Window coordinates to image pixels."""
        return self.navigator.find(position)

    def sizeHint(self) -> QSize:
        return QSize(960, 640)

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        self._fit_screen()
        painter = QPainter(self)
        ratio = self._screen.ratio
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        for rect in [self.rect()] if self._screen.paints_whole else rects_of(event.region()):
            self._screen.paint(painter, _device_box(rect, ratio))
        painter.restore()
        if self.split is not None and self._screen.scene.single is None:
            x = self.split * self.width()
            paint_split(painter, x, self.height(), focused=self.hasFocus())
        self.marks.paint(painter)
        painter.end()

    def _fit_screen(self) -> None:
        """Follow the size of the window and the screen it is on."""
        ratio = self.devicePixelRatioF()
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        old = self._screen.box
        if (old.width, old.height, self._screen.ratio) == (width, height, ratio):
            return
        self._screen.resize(width, height, ratio)
        self.navigator.resized(old)

    @Slot(object)
    def _on_changed(self, device: Box) -> None:
        ratio = self._screen.ratio
        if self._screen.paints_whole or device == self._screen.box:
            self.update()
            return
        left, top = math.floor(device.left / ratio), math.floor(device.top / ratio)
        right, bottom = math.ceil(device.right / ratio), math.ceil(device.bottom / ratio)
        self.update(QRect(left, top, right - left, bottom - top))

    def _repaint(self, rect: QRectF) -> None:
        self.update(rect.toAlignedRect())

    @Slot()
    def _on_ants(self) -> None:
        self._screen.ants.advance()
        ratio = self._screen.ratio
        for rect in rects_of(self._screen.ants.region()):
            self._repaint(
                QRectF(
                    rect.x() / ratio, rect.y() / ratio, rect.width() / ratio, rect.height() / ratio
                )
            )

    # events

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_screen()
        super().resizeEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._keyboard.hide()
        self._gestures.mouse(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._gestures.mouse(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._gestures.mouse(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._gestures.double_click(event)

    def tabletEvent(self, event: QTabletEvent) -> None:
        self._gestures.tablet(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._gestures.wheel(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QTouchEvent) and event.type() in TOUCHES:
            self._gestures.touch(event)
            return True
        if isinstance(event, QNativeGestureEvent) and self._gestures.native(event):
            return True
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self._keyboard.wants(event)
        ):
            event.accept()
            return True
        return super().event(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.marks.move_pointer(None)
        self.left.emit()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._escape()
        elif self.split is not None and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._step_split(event)
        elif not self._keyboard.press(event):
            if event.key() == Qt.Key.Key_Space:
                self._hold_space(held=True)
            else:
                super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if self._keyboard.release(event):
            return
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._hold_space(held=False)
        else:
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._hold_space(held=False)
        super().focusOutEvent(event)

    def _escape(self) -> None:
        self._keyboard.hide()
        if not self._gestures.cancel():
            self.cancelled.emit()

    def _step_split(self, event: QKeyEvent) -> None:
        far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = SPLIT_STEP * (10 if far else 1)
        way = -1 if event.key() == Qt.Key.Key_Left else 1
        self.move_split((self.split or 0.0) + way * step)

    def _hold_space(self, *, held: bool) -> None:
        if self._gestures.space_held != held:
            self._gestures.space_held = held
            if held:
                self._own_cursor = self.cursor()
                self.setCursor(Qt.CursorShape.OpenHandCursor)
            else:
                self.setCursor(self._own_cursor)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if drops.is_welcome(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = drops.files(event.mimeData())
        image = drops.image(event.mimeData())
        if files:
            self.files_dropped.emit(files)
        elif image is not None:
            self.image_dropped.emit(image)
        event.acceptProposedAction()


def _box(x: int, y: int, width: int, height: int) -> Box:
    return Box(x, y, x + width, y + height)


def rects_of(region: QRegion) -> list[QRect]:
    return list(region)  # pyright: ignore[reportArgumentType, reportCallIssue]


def _device_box(rect: QRect, ratio: float) -> Box:
    """The device pixels of a window rectangle, wholly covered."""
    return Box(
        math.floor(rect.x() * ratio),
        math.floor(rect.y() * ratio),
        math.ceil((rect.x() + rect.width()) * ratio),
        math.ceil((rect.y() + rect.height()) * ratio),
    )
