"""A row for a running task: title, progress, note, elapsed time and a button to cancel it."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QElapsedTimer, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QProgressBar, QToolButton, QWidget

from widgets.lists.thumbnails import image_pixmap
from widgets.plain_text import plain
from widgets.plain_widgets import PlainLabel, set_tip
from widgets.theme import theme

_TICK_MS = 500
_LINE_STEPS = 24  # the width of the progress of a row that is one line


class TaskRow(QFrame):
    """One task. Emits `cancelled` when the user wants it stopped; it stays until it is told.

    In a line (`is_line`) there are its title, its progress and the button; the note is a tip.
    """

    cancelled = Signal()

    def __init__(self, title: str, parent: QWidget | None = None, *, is_line: bool = False) -> None:
        super().__init__(parent)
        self._is_line = is_line
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._on_tick)
        self._note_text = ""
        self.title = PlainLabel(plain(title), self)
        self.note = PlainLabel(self)
        self.elapsed = PlainLabel(self)
        self.bar = QProgressBar(self)
        self.picture = PlainLabel(self)
        self.cancel_button = QToolButton(self)
        self._set_up(title)
        if is_line:
            self._lay_out_line()
        else:
            self._lay_out()
        self.cancel_button.clicked.connect(self._on_cancel)
        self._waits()

    def _set_up(self, title: str) -> None:
        for label in (self.title, self.note, self.elapsed):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setProperty("role", "muted")
        self.elapsed.setProperty("role", "muted")
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(plain(title))
        self.cancel_button.setIcon(theme.icon("x"))
        set_tip(self.cancel_button, self.tr("Cancel this task"))
        self.cancel_button.setAccessibleName(self.tr("Cancel this task"))

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(theme.spacing(self))
        grid.addWidget(self.picture, 0, 0, 3, 1)
        grid.addWidget(self.title, 0, 1)
        grid.addWidget(self.elapsed, 0, 2)
        grid.addWidget(self.cancel_button, 0, 3, 2, 1)
        grid.addWidget(self.bar, 1, 1, 1, 2)
        grid.addWidget(self.note, 2, 1, 1, 2)
        grid.setColumnStretch(1, 1)
        self.picture.hide()

    def _lay_out_line(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for part in (self.title, self.bar, self.cancel_button):
            row.addWidget(part)
        for part in (self.note, self.elapsed, self.picture):
            part.hide()
        self.bar.setFixedWidth(theme.spacing(self, _LINE_STEPS))
        self.title.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.cancel_button.setAutoRaise(True)
        self.cancel_button.setIconSize(theme.icon_size(self, 3))

    def _waits(self) -> None:
        self.set_note(self.tr("Waiting…"))

    @property
    def is_running(self) -> bool:
        return self._clock.isValid()

    def start(self) -> None:
        """The task runs now: the clock does too."""
        self._clock.start()
        self._timer.start()
        self.set_note("")
        self._on_tick()

    def set_progress(self, fraction: float, note: str = "") -> None:
        """How far it is, 0..1; a negative number: nobody knows."""
        known = fraction >= 0
        self.bar.setRange(0, 1000 if known else 0)
        if known:
            self.bar.setValue(round(min(1.0, fraction) * 1000))
        self.set_note(note)

    def set_picture(self, image: NDArray[np.uint8]) -> None:
        """What there is of the result so far, (h, w, 3)."""
        side_px = 3 * self.fontMetrics().height()
        self.picture.setPixmap(image_pixmap(image, side_px, self.devicePixelRatioF()))
        self.picture.show()

    @property
    def has_picture(self) -> bool:
        return not self.picture.isHidden()

    def set_note(self, note: str) -> None:
        if note != self._note_text:
            self._note_text = plain(note)
            self._elide()

    def finish(self) -> None:
        """Nothing more will come: the clock stands, the button goes."""
        self._timer.stop()
        self.cancel_button.setEnabled(False)

    @Slot()
    def _on_cancel(self) -> None:
        self.cancel_button.setEnabled(False)
        self.set_note(self.tr("Stopping…"))
        if self._is_line:
            self.title.setText(self.tr("Stopping…"))
        self.cancelled.emit()

    @Slot()
    def _on_tick(self) -> None:
        if self._clock.isValid():
            self.elapsed.setText(clock_text(self._clock.elapsed()))

    def _elide(self) -> None:
        if self._is_line:
            set_tip(self.bar, self._note_text)
            return
        metrics = QFontMetrics(self.note.font())
        width = max(self.bar.width(), 10 * metrics.averageCharWidth())
        mode = Qt.TextElideMode.ElideRight
        shown = metrics.elidedText(self._note_text, mode, width)
        self.note.setText(shown)
        if shown != self._note_text or self.note.toolTip():
            set_tip(self.note, self._note_text if shown != self._note_text else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()


def clock_text(elapsed_ms: int) -> str:
    """Minutes and seconds, as on a clock: 0:07, 12:34."""
    seconds = elapsed_ms // 1000
    return f"{seconds // 60}:{seconds % 60:02d}"
