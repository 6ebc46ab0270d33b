"""Faults that show only after a while, on another screen, or across threads."""

import json
import subprocess
import sys
import threading
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal

from tests.widgets.canvas.canvas_stage import disc, photo, pixels, shown_canvas
from widgets.canvas.canvas import Canvas

RATIOS = (1, 1.25, 1.5, 1.75, 2)

ON_OTHER_SCREENS = """
import sys
import numpy as np
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from tests.widgets.canvas.canvas_stage import photo, pixels
from widgets.canvas.canvas import Canvas

app = QApplication(["test", "-platform", "offscreen:configfile=" + sys.argv[1]])
view = photo(1600, 1200)
canvas = Canvas()
canvas.resize(400, 300)
canvas.set_image(view)
canvas.show()

def settle():
    for _ in range(400):
        QTest.qWait(5)
        if canvas.is_sharp:
            return
    raise SystemExit("never sharp")

def check(ratio):
    canvas.navigator.set_scale(1.0)
    assert canvas.navigator.scale == 1.0
    settle()
    for step in ((7, -3), (1, 1), (-20, 12)):
        canvas.navigator.pan_by(*step)
        canvas.repaint()
    seen = pixels(canvas)
    height, width = seen.shape[:2]
    assert (width, height) == (round(400 * ratio), round(300 * ratio)), seen.shape
    x, y = canvas.image_at(QPointF(0, 0))
    assert x.is_integer() and y.is_integer(), (x, y)
    expected = view[int(y) : int(y) + height, int(x) : int(x) + width]
    assert np.array_equal(seen, expected), "device pixels are not picture pixels"
    place = canvas.navigator.place(x + 10, y + 20)
    assert abs(place.x() * ratio - 10) < 1e-9 and abs(place.y() * ratio - 20) < 1e-9
    canvas.navigator.set_scale(0.4)
    canvas.repaint()
    coarse = pixels(canvas).astype(int)
    settle()
    assert np.abs(coarse - pixels(canvas)).mean() < 30

for screen in app.screens():
    canvas.move(screen.geometry().topLeft() + QPoint(10, 10))
    settle()
    check(canvas.devicePixelRatioF())
    print(canvas.devicePixelRatioF(), flush=True)
"""


def screens(ratios: Sequence[float]) -> str:
    """Screens beside each other, as the offscreen platform reads them."""
    size = {"y": 0, "width": 1600, "height": 1200, "dpr": 1, "logicalBaseDpi": 96}
    found = [
        {"name": f"at {ratio}", "x": 1600 * i, "logicalDpi": 96 * ratio, **size}
        for i, ratio in enumerate(ratios)
    ]
    return json.dumps({"screens": found})


def test_one_picture_pixel_is_one_device_pixel_on_any_screen(tmp_path):
    """One window that is moved from screen to screen."""
    (tmp_path / "screens.json").write_text(screens(RATIOS))
    command = [sys.executable, "-c", ON_OTHER_SCREENS, str(tmp_path / "screens.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert [float(line) for line in done.stdout.split()] == list(RATIOS), done.stderr


def test_painting_loses_no_reference(qtbot):
    canvas = shown_canvas(qtbot, photo(300, 200), disc(300, 200))
    canvas.repaint()
    before = sys.getrefcount(None)
    for _ in range(3000):
        canvas.repaint()
    assert sys.getrefcount(None) > before - 200


class Sender(QObject):
    sent = Signal(bool, object)


def test_thousands_of_signals_across_threads_lose_no_reference(qtbot):
    sender, received = Sender(), []
    sender.sent.connect(
        lambda flag, value: received.append((flag, value)), Qt.ConnectionType.QueuedConnection
    )
    before = sys.getrefcount(True)

    def send() -> None:
        for i in range(2000):
            sender.sent.emit(True, i)

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    qtbot.waitUntil(lambda: len(received) == 6000)
    assert sorted(value for _flag, value in received) == sorted(list(range(2000)) * 3)
    received.clear()
    assert sys.getrefcount(True) > before - 200


def test_edits_while_a_worker_draws_are_not_lost(qtbot):
    view, mask = photo(3000, 2200), np.zeros((2200, 3000), np.uint8)
    canvas = shown_canvas(qtbot, view, mask)
    rng = np.random.default_rng(3)
    for i in range(60):
        canvas.navigator.zoom_at(1.15 if i % 2 else 1 / 1.15, canvas.navigator.centre())
        canvas._screen._refine()
        x, y = int(rng.integers(0, 2900)), int(rng.integers(0, 2100))
        mask[y : y + 100, x : x + 100] = 255
        canvas.refresh_mask(x, y, 100, 100)
        canvas.repaint()
    qtbot.waitUntil(lambda: canvas.is_sharp)
    fresh = shown_canvas(qtbot, view, mask)
    assert np.abs(pixels(fresh).astype(int) - pixels(canvas)).max() <= 2


def test_a_canvas_may_go_while_its_workers_are_busy(qtbot):
    canvas = Canvas()
    canvas.resize(400, 300)
    canvas.set_image(photo(4000, 3000))
    with qtbot.waitExposed(canvas):
        canvas.show()
    canvas.close()
    canvas.deleteLater()
    qtbot.waitUntil(lambda: not any(t.name.startswith("canvas") for t in threading.enumerate()))
