"""Options of the view: mask style, ring, comparison and split view."""

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QColor

from app.session.session import Session
from app.view.compare import Comparison
from app.view.display import Display
from widgets.canvas.canvas import Canvas
from widgets.canvas.render.scene import Colour, MaskMode

CYCLE = (
    MaskMode.OVERLAY,
    MaskMode.OUTLINE,
    MaskMode.ON_BLACK,
    MaskMode.ON_WHITE,
    MaskMode.MASK_ONLY,
)


class ViewOptions(QObject):
    """Nothing here is part of the document or undone."""

    changed = Signal()

    def __init__(
        self, canvas: Canvas, session: Session, display: Display, comparing: Comparison
    ) -> None:
        super().__init__(canvas)
        self._comparing = comparing
        self._canvas, self._session, self._display = canvas, session, display
        self.mode = MaskMode.OVERLAY
        self.is_hidden = False
        self.is_comparing = False
        self._colour: Colour = (255, 45, 120)
        self._opacity = 0.45
        session.opened.connect(self._on_opened)
        display.on_image = self._on_image
        comparing.changed.connect(self._on_image)
        display.tried.connect(self._apply)

    @property
    def is_split(self) -> bool:
        return self._canvas.split is not None

    def set_style(self, colour: str, opacity_percent: int) -> None:
        found = QColor(colour)
        self._colour = (found.red(), found.green(), found.blue())
        self._opacity = opacity_percent / 100
        self._apply()

    def set_mode(self, mode: MaskMode) -> None:
        self.mode, self.is_hidden = mode, False
        self._apply()

    def next_mode(self) -> None:
        self.set_mode(CYCLE[(CYCLE.index(self.mode) + 1) % len(CYCLE)])

    def toggle_overlay(self) -> None:
        self.is_hidden = not self.is_hidden
        self._apply()

    def toggle_ring(self) -> None:
        self._display.show_ring(not self._display.shows_ring)
        self.changed.emit()

    @property
    def shows_ring(self) -> bool:
        return self._display.shows_ring

    def toggle_compare(self) -> None:
        self.compare(not self.is_comparing)

    def compare(self, shown: bool) -> None:
        """Show the picture as it was opened; zoom and place stay."""
        if self._session.document is None:
            return
        self.is_comparing = shown
        self._set_before()
        self._canvas.show_before(shown)
        self.changed.emit()

    def toggle_split(self) -> None:
        if self._session.document is not None:
            self._set_before()
            self._canvas.set_split(None if self.is_split else 0.5)
            self.changed.emit()

    def split(self) -> None:
        """Show the split view, if it is not there."""
        if not self.is_split:
            self.toggle_split()

    def _set_before(self) -> None:
        """The held key always shows the original; the split what was chosen for its left."""
        comparing = self._comparing
        held = self.is_comparing
        self._canvas.set_before(comparing.original() if held else comparing.before())

    @Slot()
    def _apply(self) -> None:
        """Nothing lies over a result while it is judged."""
        is_bare = self.is_hidden or self._display.is_trying
        mode = MaskMode.HIDDEN if is_bare else self.mode
        self._display.show_bare(is_bare)
        self._canvas.set_mask_style(mode, self._colour, self._opacity)
        self.changed.emit()

    @Slot()
    def _on_image(self) -> None:
        if self.is_split or self.is_comparing:
            self._set_before()

    @Slot()
    def _on_opened(self) -> None:
        self.is_comparing = False
        self._canvas.show_before(False)
        self._canvas.set_split(None)
        self._apply()
