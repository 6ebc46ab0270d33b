"""The share of Qt in a frame: a widget that copies, stretches or scrolls one image."""

import numpy as np
from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from tests.bench.canvas import VIEWPORT, Meter, calmest, pan_steps, quantiles
from widgets.canvas.window_pixels import rects_of


class BareWidget(QWidget):
    """Paints an image of its own size, or half of one stretched to it, nearest pixel."""

    def __init__(self) -> None:
        super().__init__()
        width, height = VIEWPORT
        self._pixels = np.full((height, width, 4), 120, np.uint8)
        stride, format_ = width * 4, QImage.Format.Format_RGB32
        self._image = QImage(self._pixels.data, width, height, stride, format_)
        self.stretched = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.resize(width, height)
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        if self.stretched:
            half = QRectF(0, 0, self.width() / 1.7, self.height() / 1.7)
            painter.drawImage(QRectF(self.rect()), self._image, half)
        else:
            for rect in rects_of(event.region()):
                painter.setClipRect(rect)
                corner = QPoint(rect.x(), rect.y())
                painter.drawImage(corner, self._image, QRect(rect))
        painter.end()

    def measure(self) -> dict[str, object]:
        meter = Meter()

        def painted() -> None:
            self.update()
            QApplication.processEvents()

        def scrolled(dx: int, dy: int) -> None:
            self.scroll(dx, dy)
            QApplication.processEvents()

        copied = calmest(lambda: meter.frames([painted] * 60))
        moved = calmest(lambda: meter.frames([lambda d=d: scrolled(*d) for d in pan_steps()]))
        self.stretched = True
        stretched = calmest(lambda: meter.frames([painted] * 60))
        vp = quantiles(meter.copies)[0]
        return {"pan": moved, "zoom": stretched, "copied": copied, "vp": vp}
