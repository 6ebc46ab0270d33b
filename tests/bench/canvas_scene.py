"""The canvas under the bench: pans and zooms it, frame by frame."""

import time

import cv2
import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from tests.bench.canvas import (
    VIEWPORT,
    Meter,
    calmest,
    cpu,
    pan_steps,
    quantiles,
    resident_mb,
    zoom_scales,
)
from widgets.canvas.canvas import Canvas
from widgets.canvas.render.screen import rendered
from widgets.canvas.view import Box

CENTRE = QPointF(VIEWPORT[0] * 0.4, VIEWPORT[1] * 0.6)


class CanvasScene:
    def __init__(self, view: np.ndarray, *, overlay: bool) -> None:
        self._app = QApplication.instance() or QApplication([])
        self._raw_mb = view.nbytes / 1e6
        self._before_mb = resident_mb() - self._raw_mb
        self._mask = np.zeros(view.shape[:2], np.uint8)
        self.canvas = Canvas()
        self.canvas.resize(*VIEWPORT)
        self.canvas.show()
        self._app.processEvents()
        self._meter = Meter(round(self.canvas.devicePixelRatioF()))
        start = time.thread_time()
        self._open(view)
        self._first = (time.thread_time() - start) * 1000
        self.settle()
        if overlay:
            height, width = self._mask.shape
            cv2.circle(self._mask, (width // 2, height // 2), height // 3, (255,), -1)
            self._mask_cpu = cpu(lambda: self.canvas.set_mask(self._mask))
            self.settle()

    def _open(self, view: np.ndarray) -> None:
        self.canvas.set_image(view)
        self.canvas.repaint()

    def settle(self) -> None:
        """Let workers finish and the picture become sharp."""
        end = time.monotonic() + 20
        while not self.canvas.is_sharp and time.monotonic() < end:
            self._app.processEvents()
            time.sleep(0.002)
        self._app.processEvents()
        assert self.canvas.is_sharp

    def measure(self, megapixels: int) -> dict[str, object]:
        pan = calmest(self._pan)
        zoom = calmest(lambda: self._zoom(megapixels))
        self.settle()
        sharp = self._sharp()
        return {
            "pan": pan,
            "zoom": zoom,
            "sharp": sharp,
            "first": self._first,
            "memory": (resident_mb() - self._before_mb) / self._raw_mb,
            "vp": quantiles(self._meter.copies)[0],
        }

    def _sharp(self) -> float:
        """What the worker spends on one viewport, at 20, 35 and 60 %."""
        width, height = self.canvas.width(), self.canvas.height()
        ratio = self.canvas.devicePixelRatioF()
        box = Box(0, 0, round(width * ratio), round(height * ratio))
        found = []
        for scale in (0.2, 0.35, 0.6):
            self.canvas.navigator.set_scale(scale, CENTRE)
            scene, view = self.canvas._screen.scene, self.canvas._screen.view
            spare = rendered(scene, view, box)
            for _ in range(3):
                found.append(cpu(lambda s=scene, v=view, b=spare: rendered(s, v, box, b)))
        return quantiles(found)[0]

    def _pan(self) -> list[float]:
        self.canvas.navigator.set_scale(1.0, CENTRE)
        self.settle()

        def step(dx: int, dy: int) -> None:
            self.canvas.navigator.pan_by(dx, dy)
            self._app.processEvents()

        return self._meter.frames([lambda d=d: step(*d) for d in pan_steps()])

    def _zoom(self, megapixels: int) -> list[float]:
        scales = zoom_scales(megapixels)
        self.canvas.navigator.set_scale(scales[0], CENTRE)
        self.settle()

        def step(scale: float) -> None:
            self.canvas.navigator.set_scale(scale, CENTRE)
            self._app.processEvents()

        return self._meter.frames([lambda s=s: step(s) for s in scales[1:]])
