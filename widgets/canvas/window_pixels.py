"""Between window coordinates and device pixels."""

import math

from PySide6.QtCore import QRect
from PySide6.QtGui import QRegion

from widgets.canvas.view import Box


def device_box(rect: QRect, ratio: float) -> Box:
    """The device pixels that a window rectangle touches."""
    return Box(
        math.floor(rect.x() * ratio),
        math.floor(rect.y() * ratio),
        math.ceil((rect.x() + rect.width()) * ratio),
        math.ceil((rect.y() + rect.height()) * ratio),
    )


def window_rect(box: Box, ratio: float) -> QRect:
    """The smallest window rectangle that holds device pixels."""
    left, top = math.floor(box.left / ratio), math.floor(box.top / ratio)
    right, bottom = math.ceil(box.right / ratio), math.ceil(box.bottom / ratio)
    return QRect(left, top, right - left, bottom - top)


def rects_of(region: QRegion) -> list[QRect]:
    return list(region)  # pyright: ignore[reportArgumentType, reportCallIssue]
