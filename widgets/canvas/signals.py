"""The signals of the canvas about the pointer, the keys and drops."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage


class CanvasSignals(QObject):
    """Emitted by drags, the crosshair and drops; positions are in image pixels.

    `brush_resized` says by how much the radius grows (image pixels) and the hardness rises (window
    pixels).
    """

    pressed = Signal(object)  # PointerEvent
    dragged = Signal(list)  # list[PointerEvent]
    released = Signal(object)  # PointerEvent
    hovered = Signal(object)  # PointerEvent
    left = Signal()
    double_clicked = Signal(object)  # PointerEvent
    cancelled = Signal()
    files_dropped = Signal(list)  # list[str]: paths
    image_dropped = Signal(QImage)
    mask_dropped = Signal(object)  # QMimeData, valid during the call only: Shift was held
    drop_entered = Signal(bool)  # something that can be dropped is over the canvas, or has left
    brush_resized = Signal(float, float)
    stepped = Signal(int)
