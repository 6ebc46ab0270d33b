"""The delay of a UI timer while the built-in engine works, against an idle control.

Run from the root of the project: python -m tests.bench.stall
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LACUNA_HOME"] = tempfile.mkdtemp()

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication

from app.application import start
from app.application.application import Application
from app.window.editor import Editor
from engine.geometry import Rect

TICK_MS = 5
ROUNDS = 4
BAR = 1.5


class Ticker(QObject):
    """A timer of the UI thread that writes down when it came."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps_ms: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_tick)

    def start(self) -> None:
        self.gaps_ms = []
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> list[float]:
        self._timer.stop()
        return self.gaps_ms

    @Slot()
    def _on_tick(self) -> None:
        now = time.perf_counter()
        self.gaps_ms.append((now - self._last) * 1000)
        self._last = now


def pump(app: QApplication, until: Callable[[], bool], at_most_s: float = 120) -> None:
    """Run the event loop as it runs in the program: sleeping while nothing is to be done."""
    poll = QTimer(interval=2)
    poll.timeout.connect(lambda: app.exit() if until() else None)
    limit = QTimer(singleShot=True, interval=int(at_most_s * 1000))
    limit.timeout.connect(app.exit)
    poll.start()
    limit.start()
    app.exec()
    poll.stop()
    limit.stop()


def burn(seconds: float) -> None:
    """The control's company: another process as busy as the engine's thread would be."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        np.sort(np.random.default_rng(0).random(100_000))


def idle(app: QApplication, ticker: Ticker, seconds: float) -> list[float]:
    """The same window with nothing to do, but the machine as busy: a child process computes."""
    child = os.fork()
    if child == 0:
        burn(seconds)
        os._exit(0)
    ticker.start()
    pump(app, lambda: os.waitpid(child, os.WNOHANG)[0] == child)
    return ticker.stop()


def prepare(app: QApplication, w: Editor, ticker: Ticker) -> list[float]:
    """The engine looks at the picture."""
    w.session.serial += 1000  # another key: nothing is remembered
    ticker.start()
    w.click_selector.engines.prepare()
    pump(app, lambda: not w.jobs.is_busy)
    return ticker.stop()


def remove(app: QApplication, w: Editor, ticker: Ticker, place: int) -> list[float]:
    """A removal, from the key to the pixels."""
    size = w.session.document.size if w.session.document else None
    assert size is not None
    rect = Rect(size.width // 6 * (1 + place % 4), size.height // 3, 260, 220)
    w.session.write_mask("Rectangle", rect, np.full((220, 260), 255, np.uint8), "rectangle")
    pump(app, lambda: not w.jobs.is_busy)
    ticker.start()
    w.remover.remove()
    pump(app, lambda: not w.jobs.is_busy)
    return ticker.stop()


def row(name: str, gaps_ms: list[float], control_p99: float | None) -> float:
    p50, p99 = np.percentile(gaps_ms, [50, 99])
    ratio = f"{p99 / control_p99:6.2f}" if control_p99 else "      "
    print(f"{name:28}{len(gaps_ms):7}{p50:8.1f}{p99:8.1f}{max(gaps_ms):8.1f}{ratio}")
    return float(p99)


def main() -> None:
    app = start.make_application()
    program = Application(app)
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("resources/sample.jpg")
    program.open_files([path])
    pump(app, lambda: _is_open(program))
    w = program.editor_of(program.windows[0])
    assert w is not None
    pump(app, lambda: not w.jobs.is_busy)
    ticker, found = Ticker(), {"idle": [], "prepare": [], "remove": []}
    for place in range(ROUNDS):  # turn about: the machine is not ours alone
        found["prepare"] += prepare(app, w, ticker)
        found["idle"] += idle(app, ticker, 2.0)
        found["remove"] += remove(app, w, ticker, place)
    print(f"{'':28}{'ticks':>7}{'p50':>8}{'p99':>8}{'max':>8}{'ratio':>6}   ms, bar {BAR}")
    control = row("idle, another process busy", found["idle"], None)
    row("engine prepares", found["prepare"], control)
    row("engine removes, result shown", found["remove"], control)
    print(f"timer of {TICK_MS} ms; median gap {statistics.median(found['idle']):.1f} ms")
    w.session.mark_clean()
    program.windows[0].close()
    program.close()


def _is_open(program: Application) -> bool:
    workspace = program.editor_of(program.windows[0])
    return workspace is not None and workspace.session.document is not None


if __name__ == "__main__":
    main()
