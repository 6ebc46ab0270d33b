"""A canvas with a picture in it, at rest, and what it shows as an array."""

import cv2
import numpy as np
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from widgets.canvas.canvas import Canvas


def photo(width: int, height: int, seed: int = 1) -> np.ndarray:
    """Grain over soft shapes: any shift of the phase shows."""
    rng = np.random.default_rng(seed)
    low = rng.integers(0, 255, (height // 40 + 2, width // 40 + 2, 3), np.uint8)
    soft = cv2.resize(low, (width, height), interpolation=cv2.INTER_CUBIC)
    return cv2.add(soft, rng.integers(0, 60, soft.shape, np.uint8))


def disc(width: int, height: int, radius: int | None = None) -> np.ndarray:
    mask = np.zeros((height, width), np.uint8)
    cv2.circle(mask, (width // 2, height // 2), radius or height // 4, (255,), -1)
    return mask


def shown_canvas(qtbot: QtBot, view: np.ndarray, mask: np.ndarray | None = None) -> Canvas:
    canvas = Canvas()
    canvas._screen._settle.setInterval(0)  # nobody is zooming on
    qtbot.addWidget(canvas)
    canvas.resize(400, 300)
    canvas.set_image(view)
    if mask is not None:
        canvas.set_mask(mask)
    canvas.show()
    qtbot.waitExposed(canvas)
    settle(qtbot, canvas)
    return canvas


def settle(qtbot: QtBot, canvas: Canvas) -> None:
    """Until nothing is left to be drawn better."""
    qtbot.waitUntil(lambda: canvas.is_sharp, timeout=10_000)


def pixels(canvas: Canvas) -> np.ndarray:
    """(H, W, 3) RGB of the window in device pixels."""
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return lines[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()
