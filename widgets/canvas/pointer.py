"""The record of one pointer position in image pixels."""

from dataclasses import dataclass

from PySide6.QtCore import Qt


@dataclass(frozen=True, slots=True)
class PointerEvent:
    """A mouse, pen, finger or keyboard cursor at one moment; x and y in image pixels."""

    x: float
    y: float
    pressure: float = 1.0
    button: Qt.MouseButton = Qt.MouseButton.NoButton
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    eraser: bool = False
    timestamp_ms: int = 0
