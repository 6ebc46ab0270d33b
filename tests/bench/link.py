"""The engine's process: what a crop costs on its way, how long a start takes, what a window feels.

Run from the root of the project: python -m tests.bench.link
LaMa with random weights is imported, loaded and run in the process, while a 5 ms timer ticks here;
beside it the same timer with nothing to do, and with a process that only burns the same cores.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LACUNA_HOME"] = tempfile.mkdtemp()

import numpy as np
from PySide6.QtWidgets import QApplication

from engine.jobs.operations import Fill
from engine.local.process.client import ProcessClient
from engine.models.families import Family, Kind
from engine.models.model_file import ModelFile
from tests.bench.stall import Ticker, pump

FAKE = ("--executor", "tests.support.fake_stage:Stage")
CROP_PX = 1024
ROUNDS = 30
BAR_MS = 20.0
IDLE_S = 6.0
FILLS = 3
BURN = """
import subprocess, sys, time
import numpy as np
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    np.sort(np.random.default_rng(0).random(100_000))
"""
MAKE_LAMA = """
import sys
import safetensors.torch
from tests.engine.local.nets.lama_nets import network
safetensors.torch.save_file(network().state_dict(), sys.argv[1])
"""


class Listener:
    """A job that writes down when each note came."""

    def __init__(self) -> None:
        self.began: list[tuple[float, str]] = []

    def report(self, fraction: float, note: str = "", preview: object = None) -> None:
        if note and (not self.began or self.began[-1][1] != note):
            self.began.append((time.perf_counter(), note))


def median_ms(action: Callable[[], object], rounds: int = ROUNDS) -> float:
    spent = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        spent.append((time.perf_counter() - start) * 1000)
    return statistics.median(spent)


def transport() -> None:
    crop = np.random.default_rng(1).integers(0, 256, (CROP_PX, CROP_PX, 3)).astype(np.uint8)
    link: Any = ProcessClient(arguments=FAKE)
    start = time.perf_counter()
    link(("pid",), Listener())
    print(f"process without models, start to first answer: {time.perf_counter() - start:.2f} s")
    empty = median_ms(lambda: link(("pid",), Listener()))
    both = median_ms(lambda: link(("echo", crop), Listener()))
    copy = median_ms(crop.copy)
    link.close()
    print(f"question and answer, empty: {empty:.2f} ms")
    print(
        f"crop of {CROP_PX} px there and back: {both:.1f} ms = {both / copy:.0f} memcpy, "
        f"{both / BAR_MS:.2f} x the bar of {BAR_MS:.0f} ms"
    )


def gaps_of(ticker: Ticker, began_s: float) -> list[tuple[float, float]]:
    """When each tick came, and how long after the one before, ms."""
    gaps = ticker.stop()
    return list(zip(accumulate((gap / 1000 for gap in gaps), initial=began_s), gaps))


def spell(app: QApplication, ticker: Ticker, seconds: float) -> list[float]:
    ticker.start()
    end = time.perf_counter() + seconds
    pump(app, lambda: time.perf_counter() > end)
    return ticker.stop()


def line(name: str, gaps: list[float], idle: list[float]) -> str:
    if not gaps:
        return f"{name:28} no tick"
    p99, most = float(np.percentile(gaps, 99)), max(gaps)
    return (
        f"{name:28} {len(gaps):6} {statistics.median(gaps):8.1f} {p99:8.1f} {most:8.1f}"
        f"   {p99 / np.percentile(idle, 99):6.2f} {most / max(idle):6.2f}"
    )


def work(path: Path, listener: Listener) -> None:
    """A hole filled by LaMa in the process, from its start on."""
    model = ModelFile(
        path=path, kind=Kind.REMOVER, family=Family.LAMA, name="lama", title="LaMa",
        size_bytes=path.stat().st_size,
    )  # fmt: skip
    image = np.random.default_rng(2).integers(0, 256, (512, 512, 3)).astype(np.uint8)
    mask = np.zeros((512, 512), np.uint8)
    mask[128:384, 128:384] = 255
    link = ProcessClient()
    for _ in range(FILLS):
        link(Fill(model=model, image=image, mask=mask), listener)
    link.close()


def window(app: QApplication, folder: Path) -> None:
    path = folder / "lama.safetensors"
    python(MAKE_LAMA, str(path)).wait()
    ticker, listener = Ticker(), Listener()
    idle = spell(app, ticker, IDLE_S)
    burner = python(BURN, str(IDLE_S))
    burnt = spell(app, ticker, IDLE_S)
    burner.wait()
    thread = threading.Thread(target=work, args=(path, listener))
    ticker.start()
    began = time.perf_counter()
    thread.start()
    pump(app, lambda: not thread.is_alive(), 600)
    thread.join()
    ticks = gaps_of(ticker, began)
    print(
        f"\n{'5 ms timer of the window':28}  ticks   p50 ms   p99 ms   max ms   p99/idle max/idle"
    )
    print(line("idle", idle, idle))
    print(line("idle, another program busy", burnt, idle))
    ends = [at for at, _ in listener.began[1:]] + [time.perf_counter()]
    for (start, note), end in zip(listener.began, ends):
        inside = [gap for at, gap in ticks if start <= at < end]
        print(line(f"process: {note} ({end - start:.1f} s)", inside, idle))
    print(f"torch in the window: {'yes' if 'torch' in sys.modules else 'no'}")
    imported = spell_while(app, ticker, lambda: __import__("diffusers"))
    print(line("imported in a thread instead", imported, idle))


def spell_while(app: QApplication, ticker: Ticker, action: Callable[[], object]) -> list[float]:
    thread = threading.Thread(target=action)
    ticker.start()
    thread.start()
    pump(app, lambda: not thread.is_alive(), 600)
    return ticker.stop()


def python(program: str, *arguments: str) -> Any:
    return subprocess.Popen([sys.executable, "-c", program, *arguments])


if __name__ == "__main__":
    transport()
    with tempfile.TemporaryDirectory() as folder:
        window(QApplication(sys.argv), Path(folder))
