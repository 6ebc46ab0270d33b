"""Small pictures of arrays."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QIcon, QImage, QPixmap


def mask_pixmap(mask: NDArray[np.uint8]) -> QPixmap:
    """A mask in white on black, as large as it is."""
    mask = np.ascontiguousarray(mask)
    height, width = mask.shape
    image = QImage(mask.data, width, height, width, QImage.Format.Format_Grayscale8)
    return QPixmap.fromImage(image.copy())


def image_pixmap(image: NDArray[np.uint8], side_px: int, scale: float = 1.0) -> QPixmap:
    """An (h, w, 3) picture made to fit a square; it is never enlarged."""
    height, width = image.shape[:2]
    shrink = min(1.0, side_px * scale / max(height, width))
    size = max(1, round(width * shrink)), max(1, round(height * shrink))
    small = np.ascontiguousarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))
    view = QImage(small.data, size[0], size[1], 3 * size[0], QImage.Format.Format_RGB888)
    pixmap = QPixmap.fromImage(view.copy())
    pixmap.setDevicePixelRatio(scale)
    return pixmap


def untinted(pixmap: QPixmap) -> QIcon:
    """An icon that keeps its colours where it is selected."""
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon
