"""Variants of a result, side by side, to be looked at one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from widgets.lists.thumbnails import image_pixmap, untinted
from widgets.plain_text import plain
from widgets.plain_widgets import set_tip
from widgets.theme import theme


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VariantTile:
    """One variant as the strip shows it; `image` is (h, w, 3) uint8 of any size."""

    image: NDArray[np.uint8]
    caption: str
    tip: str = ""
    is_applied: bool = False


class VariantStrip(QWidget):
    """Row of thumbnails. Shows what it is given, decides nothing.

    Arrow keys look (`looked`), Enter applies, Delete discards, Esc leaves.
    """

    looked = Signal(int)
    applied = Signal(int)
    discarded = Signal(int)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = QListWidget(self)
        self._side_px = theme.spacing(self, 18)
        self._applied: set[int] = set()
        self._set_up_view()
        self.apply_button = QPushButton(self.tr("Apply"), self)
        self.discard_button = QPushButton(self.tr("Discard"), self)
        set_tip(self.apply_button, self.tr("Put this variant into the picture (Enter)"))
        set_tip(self.discard_button, self.tr("Throw this variant away (Delete)"))
        self._lay_out()
        self.setFocusProxy(self.view)
        self.view.currentRowChanged.connect(self._on_row_changed)
        self.view.itemActivated.connect(self._on_apply)
        self.apply_button.clicked.connect(self._on_apply)
        self.discard_button.clicked.connect(self._on_discard)

    def _set_up_view(self) -> None:
        view = self.view
        view.setAccessibleName(self.tr("Variants"))
        view.setFlow(QListView.Flow.LeftToRight)
        view.setViewMode(QListView.ViewMode.IconMode)
        view.setMovement(QListView.Movement.Static)
        view.setWrapping(False)
        view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        line = self.fontMetrics().height()
        cell = QSize(self._side_px + line, round(self._side_px * 0.8) + 2 * line)
        view.setIconSize(QSize(self._side_px, round(self._side_px * 0.8)))
        view.setGridSize(cell)
        view.setFixedHeight(cell.height() + line)
        view.installEventFilter(self)

    def _lay_out(self) -> None:
        buttons = QVBoxLayout()
        buttons.addWidget(self.apply_button)
        buttons.addWidget(self.discard_button)
        buttons.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.view, 1)
        row.addLayout(buttons)

    def set_variants(self, tiles: Sequence[VariantTile], current: int = -1) -> None:
        """Show these, and mark the one that is looked at; -1 = none."""
        self._applied = {row for row, tile in enumerate(tiles) if tile.is_applied}
        with QSignalBlocker(self.view):
            self.view.clear()
            for tile in tiles:
                self.view.addItem(self._item(tile))
            self.view.setCurrentRow(current)
        self._enable()

    def _item(self, tile: VariantTile) -> QListWidgetItem:
        pixmap = image_pixmap(tile.image, self._side_px, self.devicePixelRatioF())
        item = QListWidgetItem(untinted(pixmap), plain(tile.caption))
        set_tip(item, tile.tip)
        item.setSizeHint(self.view.gridSize())
        item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
        return item

    @property
    def current(self) -> int:
        """The one that is looked at, -1 for none."""
        return self.view.currentRow()

    def set_current(self, index: int) -> None:
        """Look at another one; whoever calls knows it already."""
        with QSignalBlocker(self.view):
            self.view.setCurrentRow(index)
        self._enable()

    def _enable(self) -> None:
        self.discard_button.setEnabled(self.current >= 0)
        self.apply_button.setEnabled(self.current >= 0 and self.current not in self._applied)

    @Slot(int)
    def _on_row_changed(self, row: int) -> None:
        self._enable()
        if row >= 0:
            self.looked.emit(row)

    @Slot()
    def _on_apply(self) -> None:
        if self.current >= 0:
            self.applied.emit(self.current)

    @Slot()
    def _on_discard(self) -> None:
        if self.current >= 0:
            self.discarded.emit(self.current)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Delete):
            if event.type() is QEvent.Type.KeyPress:
                self._on_discard()
            event.accept()  # the override too: the window has a verb of its own on this key
            return True
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() is QEvent.Type.KeyPress:
                self.left.emit()
            event.accept()
            return True
        return super().eventFilter(watched, event)
