"""The baseline: QGraphicsView with a pixmap, driven like the canvas."""

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap, QTransform
from PySide6.QtWidgets import QApplication, QGraphicsScene, QGraphicsView

from tests.bench.canvas import VIEWPORT, Meter, calmest, pan_steps, quantiles, zoom_scales


class GraphicsViewScene:
    def __init__(self, view: np.ndarray, *, smooth: bool) -> None:
        self._app = QApplication.instance() or QApplication([])
        height, width = view.shape[:2]
        image = QImage(view.data, width, height, width * 3, QImage.Format.Format_RGB888)
        self._scene = QGraphicsScene()
        item = self._scene.addPixmap(QPixmap.fromImage(image))
        if smooth:
            item.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        self._view = QGraphicsView(self._scene)
        self._view.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        self._view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._view.setFrameStyle(0)
        self._view.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self._view.resize(*VIEWPORT)
        self._view.show()
        self._centre = (width * 0.45, height * 0.55)
        self._meter = Meter()

    def _scale_to(self, scale: float) -> None:
        self._view.setTransform(QTransform.fromScale(scale, scale))
        self._view.centerOn(*self._centre)
        self._app.processEvents()

    def measure(self, megapixels: int) -> dict[str, object]:
        self._scale_to(1.0)

        def pan(dx: int, dy: int) -> None:
            corner = self._view.mapToScene(QPoint(VIEWPORT[0] // 2 - dx, VIEWPORT[1] // 2 - dy))
            self._view.centerOn(corner)
            self._view.viewport().update()
            self._app.processEvents()

        scales = zoom_scales(megapixels)
        panned = calmest(lambda: self._meter.frames([lambda d=d: pan(*d) for d in pan_steps()]))
        self._scale_to(scales[0])
        zoomed = calmest(
            lambda: self._meter.frames([lambda s=s: self._scale_to(s) for s in scales[1:]])
        )
        return {"pan": panned, "zoom": zoomed, "vp": quantiles(self._meter.copies)[0]}
