"""What may be loaded when: the window stands before anything heavy is imported."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FIRST_PAINT = """
import sys
from app.application import start
app = start.make_application()
program = start.Application(app)
program.open_files([])
window = program.windows[0]
window.painted_first.disconnect()
window.painted_first.connect(app.exit)
app.exec()
print(" ".join(sorted(sys.modules)))
"""

FILLED = """
import sys
from PySide6.QtCore import QTimer
from app.application import start
app = start.make_application()
program = start.Application(app)
program.open_files([])
window = program.windows[0]
window.painted_first.connect(app.exit)
app.exec()
assert program.editor_of(window) is not None
print(" ".join(sorted(sys.modules)))
window.close()
program.close()
"""


def modules_after(script: str, home: Path) -> set[str]:
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "LACUNA_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_first_paint_waits_for_nothing_heavy(tmp_path: Path) -> None:
    heavy = {"torch", "scipy", "skimage", "numpy", "cv2", "PIL", "engine"}
    assert not modules_after(FIRST_PAINT, tmp_path) & heavy


def test_the_standing_window_has_loaded_no_torch_and_no_scipy(tmp_path: Path) -> None:
    loaded = modules_after(FILLED, tmp_path)
    assert "app.window.editor" in loaded
    assert not loaded & {"torch", "scipy", "skimage"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="always has one")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [([], 1, "no display"), (["frobnicate"], 2, "no command and no file: frobnicate")],
)
def test_without_a_display_it_says_what_works(
    tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    env = {name: value for name, value in os.environ.items() if name not in names}
    done = subprocess.run(
        [sys.executable, "-m", "app", *words],
        env={**env, "LACUNA_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == code
    assert said in done.stderr
