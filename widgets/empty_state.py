"""The page without a picture: ways to open one, and recent files."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from widgets.plain_text import plain
from widgets.plain_widgets import PlainLabel
from widgets.theme import theme


class RecentFile(NamedTuple):
    """A file opened before; `key` comes back when it is chosen."""

    key: str
    name: str
    folder: str
    missing: bool = False


class EmptyState(QWidget):
    """The welcome page: a place to drop a picture, and buttons for those who do not drag.

    Whoever owns it takes the drop; `set_drop_shown` says that one would be taken.
    """

    open_requested = Signal()
    paste_requested = Signal()
    sample_requested = Signal()
    recent_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drop_shown = False
        self.mark = PlainLabel(self)
        self.heading = PlainLabel(self.tr("Drop a picture here"), self)
        self.hint = PlainLabel(self.tr("Open, click an object, remove it, export."), self)
        self.open_button = QPushButton(self.tr("&Open…"), self)
        self.paste_button = QPushButton(self.tr("&Paste"), self)
        self.sample_button = QPushButton(self.tr("&Sample picture"), self)
        self.recent_label = PlainLabel(self.tr("&Recent"), self)
        self.recent = QListWidget(self)
        self._offers = QVBoxLayout()
        self._dress()
        self._lay_out()
        self._connect()
        self.set_recent(())

    def _dress(self) -> None:
        center = Qt.AlignmentFlag.AlignCenter
        side = theme.spacing(self, 24)
        self.mark.setPixmap(theme.app_icon().pixmap(QSize(side, side), self.devicePixelRatioF()))
        self.mark.setAlignment(center)
        self.heading.setProperty("role", "title")
        self.hint.setProperty("role", "muted")
        for label in (self.heading, self.hint):
            label.setAlignment(center)
            label.setWordWrap(True)
        theme.make_primary(self.open_button, "folder-open")
        self.paste_button.setIcon(theme.icon("clipboard-paste"))
        self.sample_button.setIcon(theme.icon("image"))
        self.recent_label.setProperty("role", "heading")
        self.recent_label.setBuddy(self.recent)
        self.recent.setAccessibleName(self.tr("Recent files"))
        self.recent.setProperty("role", "bare")
        self.recent.setFrameShape(QListWidget.Shape.NoFrame)
        self.recent.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self.open_button, self.paste_button, self.sample_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        inner = QVBoxLayout()
        inner.setSpacing(theme.spacing(self, 3))
        for part in (self.mark, self.heading, self.hint):
            inner.addWidget(part)
        inner.addSpacing(theme.spacing(self, 2))
        inner.addLayout(buttons)
        inner.addLayout(self._offers)
        inner.addSpacing(theme.spacing(self, 4))
        inner.addLayout(self._recent_block())
        outer = QHBoxLayout(self)
        margin = theme.spacing(self, 10)
        outer.setContentsMargins(margin, margin, margin, margin)
        outer.addStretch(1)
        column = QVBoxLayout()
        column.addStretch(2)
        column.addLayout(inner)
        column.addStretch(3)
        outer.addLayout(column, 4)
        outer.addStretch(1)

    def _recent_block(self) -> QHBoxLayout:
        """The label and the list, as wide as the longest entry needs, in the middle."""
        block = QVBoxLayout()
        block.addWidget(self.recent_label)
        block.addWidget(self.recent)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addLayout(block, 1000)  # all the room, up to the largest width of the list
        row.addStretch(1)
        return row

    def _connect(self) -> None:
        self.open_button.clicked.connect(self.open_requested)
        self.paste_button.clicked.connect(self.paste_requested)
        self.sample_button.clicked.connect(self.sample_requested)
        self.recent.itemActivated.connect(self._on_recent)
        self.recent.itemClicked.connect(self._on_recent)

    def add_offer(self, widget: QWidget) -> None:
        """Show something below the buttons that whoever owns the page offers."""
        self._offers.addSpacing(theme.spacing(self, 2))
        self._offers.addWidget(widget)

    def set_recent(self, files: Sequence[RecentFile]) -> None:
        """The files opened before, the latest first."""
        self.recent.clear()
        for file in files:
            self.recent.addItem(self._item(file))
        for part in (self.recent_label, self.recent):
            part.setVisible(bool(files))
        needed_px = self.recent.sizeHintForColumn(0) + theme.spacing(self, 4)
        widest_px = min(needed_px, theme.spacing(self, 120))
        for part in (self.recent_label, self.recent):
            part.setMaximumWidth(max(1, widest_px))
        rows = min(len(files), 5)
        self.recent.setFixedHeight(max(1, rows) * (self.recent.sizeHintForRow(0) + 1) + 2)

    def _item(self, file: RecentFile) -> QListWidgetItem:
        text = f"{plain(file.name)}    {plain(file.folder)}"
        item = QListWidgetItem(theme.icon("image"), text)
        item.setData(Qt.ItemDataRole.UserRole, file.key)
        if file.missing:
            gone = self.tr("%1 (no longer there)").replace("%1", plain(file.name))
            item.setText(gone)
            item.setFlags(Qt.ItemFlag.ItemIsSelectable)
        return item

    def set_drop_shown(self, shown: bool) -> None:
        """Light the page up while something that can be opened is dragged over it."""
        if shown != self._drop_shown:
            self._drop_shown = shown
            self.update()

    @Slot(QListWidgetItem)
    def _on_recent(self, item: QListWidgetItem) -> None:
        if item.flags() & Qt.ItemFlag.ItemIsEnabled:
            self.recent_chosen.emit(item.data(Qt.ItemDataRole.UserRole))

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.colors_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(colors.window))
        margin = theme.spacing(self, 4)
        frame = QRectF(self.rect()).adjusted(margin, margin, -margin, -margin)
        line = colors.accent_line if self._drop_shown else colors.edge
        painter.setPen(QPen(QColor(line), 2 if self._drop_shown else 1, Qt.PenStyle.DashLine))
        if self._drop_shown:
            painter.setBrush(QColor(colors.accent_soft))
        painter.drawRoundedRect(frame, margin, margin)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)
