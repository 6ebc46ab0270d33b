"""The cost of a brush: one dab, an event until it is painted, a pen at 1000 Hz.

    python -m tests.bench.brush

Process CPU time, OpenCV on one thread. The empty update is a 1 x 1 update of the same canvas.
"""

import gc
import os
import sys
import threading
import time
from collections.abc import Callable
from itertools import pairwise

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import cv2
import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from engine.geometry import Mask, Rect, Size
from engine.selection.brush import Brush, Stroke
from engine.selection.dab import dab
from engine.selection.masks import blank
from tests.bench.canvas import SIZES, VIEWPORT, Meter, cpu, picture, quantiles
from widgets.canvas.canvas import Canvas

FRAME_MS = 1000 / 60
PEN_S = 10


class Painting:
    """A canvas whose drags paint on its mask, wired like the editor's brush tool."""

    def __init__(self, megapixels: int, radius_px: float, *, warm: bool = True) -> None:
        gc.collect()  # the window of the last one: never in another thread
        self._app = QApplication.instance() or QApplication([])
        view = picture(megapixels)
        self._mask: Mask = blank(Size.of(view))
        self._brush = Brush(radius_px=radius_px, hardness=0.0, pressure_size=False)
        self._stroke: Stroke | None = None
        self.canvas = Canvas()
        self.canvas.resize(*VIEWPORT)
        self.canvas.set_image(view)
        if warm:  # the second stroke over a place: its memory is there
            self._mask[...] = 1
            self.canvas.set_mask(self._mask)
            self._mask[...] = 0
        self.canvas.set_mask(self._mask)
        self.canvas.show()
        self.canvas.pressed.connect(self._press)
        self.canvas.dragged.connect(self._drag)
        self.moves = 0
        self.settle()

    def settle(self) -> None:
        while not self.canvas.is_sharp:
            self._app.processEvents()
            time.sleep(0.002)

    def _press(self, event) -> None:
        size = Size.of(self._mask)
        self._stroke = Stroke(size, self._brush, lambda rect: self._mask)
        self._paint(self._stroke.add([(event.x, event.y, event.pressure)]))

    def _drag(self, events) -> None:
        self.moves += len(events)
        if self._stroke is not None:
            self._paint(self._stroke.add([(e.x, e.y, e.pressure) for e in events]))

    def _paint(self, rects: list[Rect]) -> None:
        for rect in rects:
            self.canvas.refresh_mask(*rect)

    def send(self, kind: QEvent.Type, x: float, y: float) -> None:
        QApplication.sendEvent(self.canvas, mouse(self.canvas, kind, x, y))

    def step(self, points: list[tuple[float, float]]) -> None:
        """Moves, handed on and painted."""
        for x, y in points:
            self.send(QEvent.Type.MouseMove, x, y)
        self.canvas.gestures.flush()
        self._app.processEvents()

    def empty(self) -> None:
        self.canvas.update(0, 0, 1, 1)
        self._app.processEvents()


def mouse(canvas: Canvas, kind: QEvent.Type, x: float, y: float) -> QMouseEvent:
    button = Qt.MouseButton.LeftButton
    at = QPointF(x, y)
    given = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else button
    return QMouseEvent(kind, at, at, given, button, Qt.KeyboardModifier.NoModifier)


def path(count: int, step: float = 8.0) -> list[tuple[float, float]]:
    """A wandering line that stays in the window."""
    angle = np.cumsum(np.random.default_rng(2).normal(0.05, 0.12, count))
    x = 500 + np.cumsum(np.cos(angle)) * step
    y = 500 + np.cumsum(np.sin(angle)) * step
    return list(zip(x % 1700 + 100, y % 1000 + 100))


def row(name: str, value: float, limit: float | None = None, unit: str = "") -> None:
    verdict = "" if limit is None else f"  at most {limit:g}{'' if value <= limit else '  MISSED'}"
    print(f"{name:58} {value:8.2f} {unit}{verdict}", flush=True)


def dabs() -> None:
    """One dab on a cold large mask, against a memcpy of its rectangle."""
    mask = np.zeros((8000, 12000), np.uint8)
    rng = np.random.default_rng(0)
    for radius in (50.0, 250.0, 500.0):
        cover = dab(radius, 0.0, 2, 2)
        side = cover.shape[0]
        places = [tuple(int(v) for v in rng.integers(0, 8000 - side, 2)) for _ in range(60)]

        def each(write: Callable[[Mask], object], places=places, side=side) -> float:
            parts = [mask[y : y + side, x : x + side] for x, y in places]
            return cpu(lambda: [write(part) for part in parts])

        def paint(part, cover=cover):
            cv2.max(part, cover, dst=part)

        def copy(part, cover=cover):
            np.copyto(part, cover)

        rounds = [(each(paint), each(copy)) for _ in range(9)]
        painted, copied = (min(found) for found in zip(*rounds))
        row(f"dab by maximum, r = {radius:g}, x memcpy of its rectangle", painted / copied, 1.5)


def events(
    megapixels: int,
    radius_px: float,
    scale: float | None,
    *,
    warm: bool = True,
    meter: Meter | None = None,
) -> tuple[float, float, float]:
    """p50 and p99 of an event until it is painted, and p50 of an empty update beside it."""
    painting = Painting(megapixels, radius_px, warm=warm)
    if scale is not None:
        painting.canvas.navigator.set_scale(scale)
        painting.settle()
    points = path(160)
    painting.send(QEvent.Type.MouseButtonPress, *points[0])
    found, empty = [], []
    for point in points[1:]:
        found.append(cpu(lambda p=point: painting.step([p])))
        empty.append(cpu(painting.empty))
        if meter is not None:
            meter.copy()
    painting.send(QEvent.Type.MouseButtonRelease, *points[-1])
    return *quantiles(found[10:]), quantiles(empty)[0]


def frames(radius_px: float) -> float:
    """CPU of 16 events and one paint, as a part of a frame at 60 Hz."""
    painting = Painting(24, radius_px)
    points = path(16 * 60, 1.5)
    painting.send(QEvent.Type.MouseButtonPress, *points[0])
    batches = [points[i : i + 16] for i in range(0, len(points), 16)]
    return quantiles([cpu(lambda b=batch: painting.step(b)) for batch in batches])[0] / FRAME_MS


def pen(radius_px: float) -> None:
    """Events posted from a thread each millisecond; what is left when it stops is the backlog."""
    painting = Painting(24, radius_px)
    points = path(PEN_S * 1000, 1.5)
    painting.send(QEvent.Type.MouseButtonPress, *points[0])
    ended = threading.Event()

    def post() -> None:
        start = time.perf_counter()
        for i, (x, y) in enumerate(points):
            event = mouse(painting.canvas, QEvent.Type.MouseMove, x, y)
            QCoreApplication.postEvent(painting.canvas, event)
            time.sleep(max(0.0, start + (i + 1) / 1000 - time.perf_counter()))
        ended.set()

    sender = threading.Thread(target=post)
    used = time.process_time()
    sender.start()
    while not ended.is_set():
        QApplication.processEvents(_all(), 20)
    told = painting.moves
    start = time.perf_counter()
    painting.canvas.gestures.flush()
    QApplication.processEvents()
    late_ms = (time.perf_counter() - start) * 1000
    used = time.process_time() - used
    sender.join()
    row(
        f"1000 Hz for {PEN_S} s, r = {radius_px:g}: events not told at its end",
        len(points) - told,
        33,
    )
    row("  then until all is painted", late_ms, 2 * FRAME_MS, "ms")
    row("  CPU of both threads, part of a core", used / PEN_S)


def _all():
    from PySide6.QtCore import QEventLoop

    return QEventLoop.ProcessEventsFlag.WaitForMoreEvents


def napari() -> None:
    """Its draw alone: it writes to the labels and is not painted on any screen."""
    try:
        from napari.layers import Labels
    except ImportError:
        print("napari not installed: no figures of its draw")
        return
    for megapixels in (24, 100):
        width, height = SIZES[megapixels]
        labels = Labels(np.zeros((height, width), np.uint8))
        labels.mode, labels.brush_size = "paint", 100
        scale = max(width / VIEWPORT[0], height / VIEWPORT[1])
        places = [(y * scale % height, x * scale % width) for x, y in path(160)]
        draw = labels._draw
        found = [cpu(lambda p=pair, d=draw: d(1, *p)) for pair in pairwise(places)]
        drawn = quantiles(found[10:])[0]
        p50, _p99, _empty = events(megapixels, 50, None)
        name = f"r = 50, {megapixels} MP at fit, p50 over napari's draw ({drawn:.2f} ms)"
        row(name, p50 / drawn, 0.5)


def main() -> None:
    cv2.setNumThreads(1)
    gc.disable()
    QApplication(sys.argv[:1])
    dabs()
    for megapixels, radius, scale in ((24, 50, None), (100, 50, 1.0), (100, 50, None)):
        p50, p99, empty = events(megapixels, radius, scale)
        at = "fit" if scale is None else "100 %"
        print(f"event to painted, r = {radius}, {megapixels} MP at {at}: {p50:.2f}/{p99:.2f} ms; "
              f"empty update {empty:.3f} ms")  # fmt: skip
        row("  p50 over an empty update", p50 / empty, 8)
        row("  p99 over an empty update", p99 / empty, 16)
    p50, p99, _empty = events(100, 50, None, warm=False)
    print(f"  the same on a mask nobody wrote to yet: {p50:.2f}/{p99:.2f} ms (pages are given)")
    meter = Meter()
    p50, p99, _empty = events(100, 500, 1.0, meter=meter)
    vp = quantiles(meter.copies)[0]
    row(f"r = 500 at 100 %, p99 ({p99:.2f} ms), VP", p99 / vp, 3)
    for radius in (5, 50, 250):
        row(f"16 events and a paint, r = {radius}, part of a 60 Hz frame", frames(radius), 0.15)
    pen(250)
    napari()
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
