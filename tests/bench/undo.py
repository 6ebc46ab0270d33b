"""From undo until it is painted: a 2,400 px stroke on the mask, and a patch of 1,024 px.

    python -m tests.bench.undo

Process CPU time, OpenCV on one thread, the whole picture in the window. VP is a memcpy of the
viewport's bytes and the other unit one of the patch's, both taken in turn with the undos.
"""

import os
import sys
import time
from collections.abc import Callable
from contextlib import closing

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import cv2
import numpy as np
from PySide6.QtWidgets import QApplication

from app.document.document import Document
from app.document.history import History
from engine.geometry import Rect
from engine.jobs.requests import Patch
from engine.picture import Picture
from engine.selection.brush import Brush, Stroke
from tests.bench.brush import row
from tests.bench.canvas import VIEWPORT, Meter, cpu, picture, quantiles
from widgets.canvas.canvas import Canvas

ROUNDS = 15
SIDE = 1024


class Editing:
    """A document, its history, and the canvas that shows it: what the editor does at an undo."""

    def __init__(self, megapixels: int, scale: float | None) -> None:
        self._app = QApplication.instance() or QApplication([])
        self.document = Document.from_picture(Picture(pixels=picture(megapixels)))
        self.history = History(self.document)
        self.canvas = Canvas()
        self.canvas.resize(*VIEWPORT)
        self.canvas.set_image(self.document.view)
        self.canvas.set_mask(self.document.mask)
        self.canvas.show()
        self._settle()
        if scale is not None:
            self.canvas.navigator.set_scale(scale)
            self._settle()
        self.history.listeners.append(self._show)

    def _settle(self) -> None:
        self._app.processEvents()
        while not self.canvas.is_sharp:
            self._app.processEvents()
            time.sleep(0.002)

    def _show(self, changes) -> None:
        for rect in changes.mask:
            self.canvas.refresh_mask(*rect)
        for rect in changes.image:
            self.canvas.refresh_image(*rect)

    def undo(self) -> None:
        self.history.undo()
        self._app.processEvents()

    def stroke(self) -> None:
        size = self.document.size
        brush = Brush(radius_px=100, hardness=0.0, pressure_size=False)
        with self.history.edit("Brush") as edit:

            def touch(rect: Rect) -> np.ndarray:
                edit.touch("mask", rect)
                return edit.mask

            drawn = Stroke(size, brush, touch)
            middle = np.array([size.width / 2, size.height / 2])
            places = middle + np.linspace((-1150, -340), (1150, 340), 300)
            drawn.add((float(x), float(y), 1.0) for x, y in places)
        self._app.processEvents()

    def patch(self) -> None:
        size = self.document.size
        rect = Rect(size.width // 2 - 500, size.height // 2 - 400, SIDE, SIDE)
        pixels = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
        blend = np.full((SIDE, SIDE), 255, np.uint8)
        with self.history.edit("Remove") as edit:
            edit.touch("image", rect)
            self.document.write(Patch(rect=rect, pixels=pixels, blend=blend))
        self._app.processEvents()


def undone(editing: Editing, act: Callable[[], None], meter: Meter) -> tuple[float, float]:
    """p50 of an undo until it is painted, and of a memcpy of the patch beside it, ms."""
    source = np.ones((SIDE, SIDE, 3), np.uint8)
    target = source.copy()
    found, copies = [], []
    for _ in range(ROUNDS):
        act()
        meter.copy()
        copies.append(cpu(lambda: np.copyto(target, source)))
        found.append(cpu(editing.undo))
    return quantiles(found)[0], quantiles(copies)[0]


def main() -> None:
    cv2.setNumThreads(1)
    QApplication(sys.argv[:1])
    for megapixels in (24, 100):
        for scale in (None, 1.0):
            editing = Editing(megapixels, scale)
            meter = Meter()
            with closing(editing.history):
                stroke, _copy = undone(editing, editing.stroke, meter)
                patch, copy = undone(editing, editing.patch, meter)
            vp = quantiles(meter.copies)[0]
            at = "fit" if scale is None else "100 %"
            print(f"{megapixels} MP at {at}: VP {vp:.2f} ms, memcpy of the patch {copy:.2f} ms")
            row(f"  undo of a stroke, r = 100, to painted ({stroke:.2f} ms), VP", stroke / vp, 8)
            limit = (4 * copy + 2 * vp) / vp
            row(f"  undo of a {SIDE} px patch to painted ({patch:.2f} ms), VP", patch / vp, limit)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
