"""Pointer events of mouse, pen and touch: stored as they come, handed on once per frame."""

import time
from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QObject, QPointF, Qt, QTimer, Slot
from PySide6.QtGui import QMouseEvent, QPointingDevice, QTabletEvent

FRAME_MS = 16
PEN_QUIET_MS = 250
"""So long after the pen, mouse events are taken for copies of it that the system made."""


class RawPointer(NamedTuple):
    """A pointer in window coordinates."""

    position: QPointF
    button: Qt.MouseButton
    modifiers: Qt.KeyboardModifier
    pressure: float = 1.0
    eraser: bool = False
    timestamp_ms: int = 0


def of_mouse(event: QMouseEvent) -> RawPointer:
    return RawPointer(
        event.position(),
        event.button(),
        event.modifiers(),
        timestamp_ms=event.timestamp(),
    )


def of_tablet(event: QTabletEvent) -> RawPointer:
    eraser = event.pointerType() == QPointingDevice.PointerType.Eraser
    return RawPointer(
        event.position(),
        event.button(),
        event.modifiers(),
        event.pressure(),
        eraser,
        event.timestamp(),
    )


class PenGuard:
    """Tells real mouse events from those that the system makes out of a pen's."""

    def __init__(self) -> None:
        self.seen = False
        self._last_ms = -PEN_QUIET_MS

    def note(self, event: QTabletEvent) -> None:
        self.seen = True
        self._last_ms = event.timestamp()

    def is_copy(self, event: QMouseEvent) -> bool:
        if event.source() != Qt.MouseEventSource.MouseEventNotSynthesized:
            return True
        pens = (QPointingDevice.PointerType.Pen, QPointingDevice.PointerType.Eraser)
        if event.pointerType() in pens:
            return True
        return self.seen and 0 <= event.timestamp() - self._last_ms < PEN_QUIET_MS


class MoveCollector(QObject):
    """Collects moves; the first after a pause is handed on at once, then one batch per frame."""

    def __init__(self, parent: QObject, flushed: Callable[[list[RawPointer]], None]) -> None:
        super().__init__(parent)
        self._flushed = flushed
        self._raws: list[RawPointer] = []
        self._last = 0.0
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.flush)

    def add(self, raw: RawPointer) -> None:
        self._raws.append(raw)
        if not self._timer.isActive():
            passed_ms = (time.monotonic() - self._last) * 1000
            self._timer.start(max(0, round(FRAME_MS - passed_ms)))

    @Slot()
    def flush(self) -> None:
        """Hand on what is there; before anything that must see it."""
        self._timer.stop()
        if not self._raws:
            return
        raws, self._raws = self._raws, []
        self._last = time.monotonic()
        self._flushed(raws)

    def discard(self) -> None:
        self._timer.stop()
        self._raws = []
