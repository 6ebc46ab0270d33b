"""Messages that wait above the picture instead of standing in the way of it."""

from collections import deque
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from widgets.lists.thumbnails import image_pixmap
from widgets.plain_text import plain
from widgets.plain_widgets import PlainLabel, set_tip
from widgets.theme import theme

Kind: TypeAlias = Literal["info", "success", "warning", "error"]

_ICONS = {
    "info": "info",
    "success": "circle-check",
    "warning": "triangle-alert",
    "error": "circle-alert",
}
_SUCCESS_MS = 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What to say. `actions` are (key, text) of buttons; `subject` comes back with the key.

    `picture` (h, w, 3) stands in the place of the icon.
    """

    kind: Kind
    title: str
    text: str = ""
    actions: tuple[tuple[str, str], ...] = ()
    subject: object = None
    picture: NDArray[np.uint8] | None = field(default=None, compare=False)


class MessageBar(QFrame):
    """Shows one notice at a time, errors first; the others wait. Hidden while there is none.

    Emits `triggered` with the key of a button and the notice's subject; the notice is then done.
    Notices that differ in their subjects alone are shown once, and answered together.
    A success goes by itself, all others stay until they are answered.
    """

    triggered = Signal(str, object)
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("MessageBar")
        self._waiting: deque[Notice] = deque()
        self._shown: Notice | None = None
        self._further: list[tuple[Notice, object]] = []  # subjects of others that say the same
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SUCCESS_MS)
        self._timer.timeout.connect(self.dismiss)
        self._build()
        self.hide()

    def _build(self) -> None:
        self._icon = PlainLabel(self)
        self._title, self._text = PlainLabel(self), PlainLabel(self)
        self._title.setProperty("role", "heading")
        words = QVBoxLayout()
        words.setSpacing(0)
        for label in (self._title, self._text):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            words.addWidget(label)
        self._more = PlainLabel(self)
        self._more.setProperty("role", "muted")
        self._close = QToolButton(self)
        self._close.setIcon(theme.icon("x"))
        set_tip(self._close, self.tr("Dismiss (Esc)"))
        self._close.setAccessibleName(self.tr("Dismiss the message"))
        self._close.clicked.connect(self.dismiss)
        row = QHBoxLayout(self)
        gap = theme.spacing(self, 2)
        row.setContentsMargins(gap, gap, gap, gap)
        row.addWidget(self._icon)
        row.addLayout(words, 1)
        self._buttons = QHBoxLayout()
        row.addLayout(self._buttons)
        row.addWidget(self._more)
        row.addWidget(self._close)

    @property
    def notice(self) -> Notice | None:
        return self._shown

    @property
    def text(self) -> str:
        """What stands in the bar now, as a screen reader says it."""
        return "\n".join(filter(None, (self._title.text(), self._text.text())))

    def show_notice(self, notice: Notice) -> None:
        """Say it now, before what was said earlier; only an error lets nothing but errors by."""
        if (same := self._find(notice)) is not None:
            if notice.subject not in self._subjects(same):
                self._further.append((same, notice.subject))
            return
        shown = self._shown
        if shown is not None and shown.kind == "error" and notice.kind != "error":
            self._waiting.appendleft(notice)
        else:
            if shown is not None and shown.kind != "success":
                self._waiting.appendleft(shown)
            self._show(notice)
        self._count()

    def _find(self, notice: Notice) -> Notice | None:
        """The one at hand that says the same."""
        known = (*((self._shown,) if self._shown is not None else ()), *self._waiting)
        alike = (each for each in known if replace(each, subject=notice.subject) == notice)
        return next(alike, None)

    def _subjects(self, notice: Notice) -> list[object]:
        further = [subject for each, subject in self._further if each is notice]
        return [notice.subject, *further]

    @Slot()
    def dismiss(self) -> None:
        """Done with the notice that is shown."""
        if self._shown is not None:
            self._next()
            self.dismissed.emit()

    def clear(self) -> None:
        """Drop everything, for instance when another picture is opened."""
        self._waiting.clear()
        self._next()

    def _next(self) -> None:
        left = list(self._waiting)
        self._further = [pair for pair in self._further if any(pair[0] is each for each in left)]
        if self._waiting:
            self._show(self._waiting.popleft())
        else:
            self._shown = None
            self._timer.stop()
            self.hide()
        self._count()

    def _show(self, notice: Notice) -> None:
        self._shown = notice
        self.setProperty("kind", notice.kind)
        self.style().polish(self)
        self._title.setText(plain(notice.title))
        self._text.setText(_lines(notice.text))
        self._text.setVisible(bool(notice.text))
        self._set_icon()
        self._set_buttons(notice)
        self.setAccessibleName(f"{self._kind_word(notice.kind)}: {self.text}")
        self.show()
        if notice.kind == "success":
            self._timer.start()
        else:
            self._timer.stop()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _kind_word(self, kind: Kind) -> str:
        return {
            "info": self.tr("Note"),
            "success": self.tr("Done"),
            "warning": self.tr("Warning"),
            "error": self.tr("Error"),
        }[kind]

    def _set_icon(self) -> None:
        if self._shown is None:
            return
        scale = self.devicePixelRatioF()
        if self._shown.picture is not None:
            side = 3 * self.fontMetrics().height()
            self._icon.setPixmap(image_pixmap(self._shown.picture, side, scale))
            return
        color = getattr(theme.colors_of(self.palette()), self._shown.kind)
        side = theme.spacing(self, 5)
        self._icon.setPixmap(theme.tinted(_ICONS[self._shown.kind], color, side, scale))

    def _set_buttons(self, notice: Notice) -> None:
        while (item := self._buttons.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for key, text in notice.actions:
            button = QPushButton(text, self)
            button.setAutoDefault(True)
            button.clicked.connect(lambda _=False, key=key: self._on_triggered(key))
            self._buttons.addWidget(button)

    def _on_triggered(self, key: str) -> None:
        notice = self._shown
        if notice is not None:
            subjects = self._subjects(notice)
            self._next()
            for subject in subjects:
                self.triggered.emit(key, subject)

    def _count(self) -> None:
        count = len(self._waiting)
        self._more.setText(self.tr("%n more", "", count) if count else "")
        self._more.setVisible(count > 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.PaletteChange:
            self._set_icon()
        super().changeEvent(event)


def _lines(text: str) -> str:
    return "\n".join(plain(line) for line in text.splitlines())
