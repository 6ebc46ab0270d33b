"""The widget that shows the picture with masks, outlines and marks over it, and takes gestures."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from widgets.canvas.input import CanvasInput
from widgets.canvas.marks import HANDLE_PX, Marks, paint_split
from widgets.canvas.navigator import Navigator
from widgets.canvas.render.mipmap import Pixels
from widgets.canvas.render.pictures import Pictures
from widgets.canvas.render.scene import Colour, MaskMode, ScenePatch
from widgets.canvas.render.screen import Screen
from widgets.canvas.view import Box
from widgets.canvas.window_pixels import device_box, rects_of, window_rect

ANTS_MS = 120


class Canvas(QWidget):
    """Shows arrays without copying them and tells what is done, in image pixels; decides nothing.

    `marks` draws the feedback of tools, `navigator` zooms and pans. The signals about the
    pointer, keys and drops are those of `CanvasSignals`; `gestures` has the switch `wheel_zooms`.
    """

    zoom_changed = Signal(float)
    view_changed = Signal()
    split_moved = Signal(float)

    _input: CanvasInput | None = None  # Qt sends events before there is one

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._screen = Screen(self)
        self._pictures = Pictures(self._screen)
        self.navigator = Navigator(self._screen, lambda: self._pictures.size)
        self.marks = Marks(self.navigator.place, lambda: self.navigator.window_scale)
        self._input = CanvasInput(
            self,
            self.navigator,
            self.marks,
            split=lambda: self.split,
            move_split=self.move_split,
        )
        self.gestures, signals = self._input.gestures, self._input.signals
        self.pressed, self.double_clicked = signals.pressed, signals.double_clicked
        self.dragged, self.released = signals.dragged, signals.released
        self.hovered, self.left, self.cancelled = signals.hovered, signals.left, signals.cancelled
        self.brush_resized, self.stepped = signals.brush_resized, signals.stepped
        self.files_dropped, self.image_dropped = signals.files_dropped, signals.image_dropped
        self.mask_dropped, self.drop_entered = signals.mask_dropped, signals.drop_entered
        self._ants_timer = QTimer(self, interval=ANTS_MS)
        self._connect()
        self._prepare()

    def _connect(self) -> None:
        self._screen.changed.connect(self._on_changed)
        self._screen.scrolled.connect(self._on_scrolled)
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

    def set_mask(
        self, mask: Pixels | None, changed: tuple[int, int, int, int] | None = None
    ) -> None:
        """Show an (H, W) uint8 mask, sharing its memory; `changed` as in `set_image`."""
        self._pictures.set_mask(mask, _box(*changed) if changed else None)

    def refresh_mask(self, x: int, y: int, width: int, height: int) -> None:
        """The mask changed in place there."""
        self._pictures.refresh_mask(_box(x, y, width, height))

    def set_mask_preview(
        self, small: Pixels | None, x: int, y: int, width: int, height: int
    ) -> None:
        """Show an (h, w) reduced mask for this part of the picture, and nothing marked around it.

        The mask comes back with None, or when it is set or refreshed.
        """
        self._pictures.set_mask_preview(small, _box(x, y, width, height))

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

    def set_hover(self, hover: tuple[int, int, int, int, Pixels] | None) -> None:
        """Outline what a click would take: x, y, width, height and an (h, w) reduced mask."""
        if hover is None:
            self._pictures.set_hover(None)
        else:
            self._pictures.set_hover(hover[4], _box(*hover[:4]))

    def set_outlines(
        self, outlines: Sequence[tuple[int, int, Pixels, Colour]], *, group: str = "named"
    ) -> None:
        """Outline masks: x, y, an (h, w) mask and a colour each; those of a group go together.

        An array that is shown already costs nothing: what it holds must not have changed.
        """
        self._pictures.set_outlines(group, outlines)

    def set_patch_preview(self, patches: Sequence[ScenePatch]) -> None:
        """Show patches over the picture, which stays as it is; none ends it."""
        self._pictures.set_patches(patches)

    # comparing

    def set_before(self, source: Pixels | Sequence[ScenePatch] | None) -> None:
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

    # what is known

    @property
    def is_sharp(self) -> bool:
        """Whether all is drawn at its best."""
        return self._screen.is_sharp and not self._pictures.is_building

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
        whole = [self.rect()] if self._screen.paints_whole else rects_of(event.region())
        for rect in whole:
            box = device_box(rect, ratio)
            if len(whole) > 1:  # one rectangle is clipped by copying, a region line by line
                painter.setClipRect(QRect(box.left, box.top, box.width, box.height))
            self._screen.paint(painter, box)
        painter.restore()
        if self.split is not None and self._screen.scene.single is None:
            x = self.split * self.width()
            paint_split(painter, x, self.height(), focused=self.hasFocus())
        if not self._screen.scene.is_compared:
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
        self.update(window_rect(device, ratio))

    @Slot(int, int)
    def _on_scrolled(self, dx: int, dy: int) -> None:
        """Move the window's own pixels, marks and all; only the edges are painted anew."""
        ratio = self._screen.ratio
        if (dx / ratio).is_integer() and (dy / ratio).is_integer():
            self.scroll(round(dx / ratio), round(dy / ratio))
        else:
            self.update()

    def _repaint(self, rect: QRectF) -> None:
        self.update(rect.toAlignedRect())

    @Slot()
    def _on_ants(self) -> None:
        self._screen.ants.advance()
        for rect in rects_of(self._screen.ants.region()):
            box = Box(rect.left(), rect.top(), rect.right() + 1, rect.bottom() + 1)
            self.update(window_rect(box, self._screen.ratio))

    def event(self, event: QEvent) -> bool:
        taken = self._input is not None and self._input.take(event)
        return taken or super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_screen()
        super().resizeEvent(event)


def _box(x: int, y: int, width: int, height: int) -> Box:
    return Box(x, y, x + width, y + height)
