"""Pictures between the document and Qt's clipboard."""

import numpy as np
from PySide6.QtGui import QImage

from app.document.document import Document
from engine.geometry import Image, Mask, Rect
from engine.selection.foreground import RADII_PX, foreground


def picture(document: Document) -> QImage:
    """The picture as it is seen, with its own transparency."""
    return _image(document.view, as_8_bit(document.alpha))


def cutout(document: Document, area: Rect, *, own_colours: bool = False) -> QImage:
    """What the mask marks, on a transparent ground, cut to its box.

    With `own_colours` what is partly transparent has the object's colours, without the ground's.
    """
    around = area.pad(sum(RADII_PX)).clamp(document.size)
    view, mask = document.view[around.slices], document.mask[around.slices]
    inner = area.moved(-around.x, -around.y).slices
    colours = foreground(view, mask) if own_colours else view
    return _image(np.ascontiguousarray(colours[inner], np.uint8), mask[inner])


def arrays(image: QImage) -> tuple[Image, Mask | None]:
    """RGB, and alpha where the image has it."""
    has_alpha = image.hasAlphaChannel()
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    pixels = lines[:, : 4 * image.width()].reshape(image.height(), image.width(), 4)
    rgb = np.ascontiguousarray(pixels[..., :3])
    return rgb, np.ascontiguousarray(pixels[..., 3]) if has_alpha else None


def as_8_bit(alpha: np.ndarray | None) -> Mask | None:
    """An alpha channel of any depth as the screen shows it."""
    if alpha is None:
        return None
    return np.asarray(alpha if alpha.dtype == np.uint8 else alpha >> 8, np.uint8)


def _image(view: Image, alpha: Mask | None) -> QImage:
    height, width = view.shape[:2]
    if alpha is None:
        flat = np.ascontiguousarray(view)
        return QImage(flat.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
    both = np.dstack((view, alpha))
    return QImage(both.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
