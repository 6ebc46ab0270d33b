"""The cost of each verb: CPU of the UI thread, and the longest time without an answer.

    python -m tests.bench.verbs [megapixels ...]

One process, the whole window, offscreen. A verb counts from its call until nothing is left to do;
the gap is the worst of a 5 ms timer, to be seen beside that of the idle window.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LACUNA_HOME"] = tempfile.mkdtemp()

import cv2
import numpy as np
from PySide6.QtWidgets import QApplication

from app.application import start
from app.application.application import Application
from app.window.editor import Editor
from engine.geometry import Mask, Rect, Size
from engine.jobs.fake import FakeBackend
from engine.selection.adjust import Adjustments
from engine.selection.brush import Brush
from engine.selection.masks import CombineMode
from tests.bench.canvas import picture
from tests.bench.stall import Ticker, pump
from widgets.canvas.pointer import PointerEvent

Verb = Callable[[], object]


class Window:
    """The editor with one picture, and the verbs on it."""

    def __init__(self, app: QApplication, program: Application, megapixels: int) -> None:
        self._app = app
        workspace = program.editor_of(program.windows[0])
        assert workspace is not None
        self.w: Editor = workspace
        self.ticker = Ticker()
        self.w.files.adopt_pixels(picture(megapixels))
        self.settle()

    @property
    def size(self) -> Size:
        document = self.w.session.document
        assert document is not None
        return document.size

    def settle(self) -> None:
        """Until nothing is left to do; the ring is asked for a moment later."""
        for pause_s in (0.0, 0.15):
            soonest_s = time.perf_counter() + pause_s
            pump(self._app, lambda: time.perf_counter() > soonest_s and self.is_calm)  # noqa: B023

    @property
    def is_calm(self) -> bool:
        return not self.w.jobs.is_busy and self.w.canvas.is_sharp

    def measure(self, verb: Verb) -> tuple[float, float, float]:
        """CPU ms of the call, of all until it is settled, and the worst gap in ms."""
        self.settle()
        self.ticker.start()
        pump(self._app, lambda: len(self.ticker.gaps_ms) > 5)
        self.ticker.gaps_ms = []
        start_s = time.thread_time()
        verb()
        called_s = time.thread_time()
        self.settle()
        gaps = self.ticker.stop()
        end_s = time.thread_time()
        return (called_s - start_s) * 1000, (end_s - start_s) * 1000, max(gaps)

    def hole(self, side_px: int) -> None:
        """Mark a disc in the middle."""
        session, size = self.w.session, self.size
        part = disc(side_px)
        rect = Rect((size.width - side_px) // 2, (size.height - side_px) // 2, side_px, side_px)
        self.w.mask_editor.select_none()
        session.write_mask("Polygon", rect, part, "polygon")

    def verbs(self) -> dict[str, tuple[Verb, Verb]]:
        """Name: what comes before, and the verb itself."""
        w, size = self.w, self.size
        quarter = Rect(size.width // 4, size.height // 4, size.width // 2, size.height // 2)
        none, small = w.mask_editor.select_none, partial(self.hole, 1024)
        large = partial(self.hole, min(size) * 2 // 3)
        return {
            "idle": (none, lambda: None),
            "select all": (none, w.mask_editor.select_all),
            "undo of it": (lambda: None, w.session.undo),
            "redo of it": (lambda: None, w.session.redo),
            "select none, all marked": (w.mask_editor.select_all, none),
            "invert, 1024 px disc": (small, w.mask_editor.invert),
            "undo of it ": (lambda: None, w.session.undo),
            "rectangle, 1/4": (
                none,
                partial(w.mask_editor.rectangle, quarter, CombineMode.REPLACE),
            ),
            "undo of it  ": (lambda: None, w.session.undo),
            "wand result, speckled half": (none, self.speckle),
            "undo of it   ": (lambda: None, w.session.undo),
            "brush stroke": (none, self.stroke),
            "undo of it    ": (lambda: None, w.session.undo),
            "slider begins, 1024 px": (small, partial(self.slide, 3)),
            "slider tick, 1024 px": (lambda: None, partial(self.slide, 5)),
            "slider rests, 1024 px": (lambda: None, partial(self.rest, 5)),
            "slider begins, large": (large, partial(self.slide, 3)),
            "slider tick, large": (lambda: None, partial(self.slide, 5)),
            "slider rests, large": (lambda: None, partial(self.rest, 5)),
            "remove, 1024 px": (small, w.remover.remove),
            "undo of it     ": (lambda: None, w.session.undo),
            "remove, large": (large, w.remover.remove),
            "undo of it      ": (lambda: None, w.session.undo),
            "hover": (none, self.hover),
        }

    def speckle(self) -> None:
        """A wand over grass: no tile of it is of one value."""
        half = (self.size.height // 2, self.size.width)
        grain = np.random.default_rng(1).integers(0, 2, (512, 512), np.uint8) * np.uint8(255)
        part: Mask = np.tile(grain, (half[0] // 512 + 1, half[1] // 512 + 1))[: half[0], : half[1]]
        rect = Rect(0, 0, half[1], half[0])
        self.w.mask_editor.put("Wand", rect, part, CombineMode.REPLACE, "wand")

    def stroke(self) -> None:
        middle = np.array([self.size.width / 2, self.size.height / 2])
        places = middle + np.linspace((-1150, -340), (1150, 340), 300)
        x, y = places[0]
        marking = self.w.mask_editor
        marking.begin_stroke(Brush(radius_px=100, hardness=0.5), x, y, pressure=1.0, erase=False)
        marking.extend_stroke([(float(x), float(y), 1.0) for x, y in places])
        marking.end_stroke()

    def slide(self, grow_px: float) -> None:
        self.w.mask_adjuster.preview(Adjustments(grow_px=grow_px))

    def rest(self, grow_px: float) -> None:
        self.w.mask_adjuster.commit(Adjustments(grow_px=grow_px))

    def hover(self) -> None:
        x, y = self.size.width / 3, self.size.height / 3
        self.w.canvas.hovered.emit(PointerEvent(x=x, y=y))


def disc(side_px: int) -> Mask:
    part: Mask = np.zeros((side_px, side_px), np.uint8)
    cv2.circle(part, (side_px // 2, side_px // 2), side_px // 2 - 2, 255, -1, cv2.LINE_AA)
    return part


def table(window: Window, megapixels: int) -> None:
    print(f"{megapixels} MP{'':22}{'call':>9}{'settled':>9}{'gap':>9}   ms")
    for name, (before, verb) in window.verbs().items():
        before()
        call, settled, gap = window.measure(verb)
        print(f"  {name:26}{call:9.1f}{settled:9.1f}{gap:9.1f}", flush=True)


def main() -> None:
    app = start.make_application()
    program = Application(app, FakeBackend)
    program.open_files([])
    pump(app, lambda: program.editor_of(program.windows[0]) is not None)
    for megapixels in [int(each) for each in sys.argv[1:]] or [24, 100]:
        table(Window(app, program, megapixels), megapixels)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
