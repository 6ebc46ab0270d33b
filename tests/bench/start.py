"""Start to first paint, over a bare QApplication with a QWidget: CPU of fresh processes.

Run from the root of the project: python -m tests.bench.start
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence

ROUNDS = 9
BAR = 1.25

BARE = """
import time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
class Window(QWidget):
    def paintEvent(self, event):
        QTimer.singleShot(0, done)
def done():
    print(time.process_time())
    app.exit()
app = QApplication([])
window = Window()
window.resize(1280, 800)
window.show()
app.exec()
"""

OURS = """
import time
from app.application import start
app = start.make_application()
program = start.Application(app)
program.open_files([])
def done():
    print(time.process_time())
    app.exit()
window = program.windows[0]
window.painted_first.disconnect()
window.painted_first.connect(done)
app.exec()
"""


def cpu_s(script: str, home: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a fresh interpreter."""
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "LACUNA_HOME": home}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled
    command = [sys.executable, *options, "-c", script]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True)


def measure(scripts: Sequence[str], home: str) -> list[list[float]]:
    """Turn about, so that a busy machine is unfair to nobody."""
    found: list[list[float]] = [[] for _ in scripts]
    for _ in range(ROUNDS):
        for times, script in zip(found, scripts):
            times.append(float(cpu_s(script, home).stdout.split()[-1]) * 1000)
    return found


def slowest_imports(home: str, count: int = 12) -> list[tuple[float, str]]:
    """Own time of the modules imported up to the first paint, in ms."""
    lines = cpu_s(OURS, home, "-X", "importtime").stderr.splitlines()
    rows = [line.removeprefix("import time:").split("|") for line in lines if "|" in line]
    times = [(int(row[0]) / 1000, row[2].strip()) for row in rows if row[0].strip().isdigit()]
    return sorted(times, reverse=True)[:count]


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        measure([BARE, OURS], home)  # warm the caches of the disk
        bare, ours = measure([BARE, OURS], home)
        imports = slowest_imports(home)
    print(f"{'':24}{'median':>9}{'least':>9}   ms CPU, {ROUNDS} fresh processes each")
    for name, times in (("bare window", bare), ("Lacuna, first paint", ours)):
        print(f"{name:24}{statistics.median(times):9.1f}{min(times):9.1f}")
    median = statistics.median(ours) / statistics.median(bare)
    least = min(ours) / min(bare)
    print(f"{'ratio':24}{median:9.2f}{least:9.2f}   bar {BAR}")
    print("\nown import time until then, ms")
    for spent_ms, name in imports:
        print(f"{spent_ms:9.1f}  {name}")


if __name__ == "__main__":
    main()
