"""The cost of a frame of the canvas, beside a copy of the viewport and beside QGraphicsView.

    python -m tests.bench.canvas

Process CPU time; one process per variant and picture size; OpenCV on one thread. VP is a memcpy
of the viewport's bytes, taken between the frames.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

VIEWPORT = (1920, 1200)
LARGE, SMALL = 100, 12
SIZES = {12: (4000, 3000), 24: (6000, 4000), 50: (8660, 5774), 100: (12248, 8165)}


def picture(megapixels: int) -> np.ndarray:
    """A picture with smooth areas and fine grain; only its size matters to the canvas."""
    import cv2

    width, height = SIZES[megapixels]
    rng = np.random.default_rng(1)
    low = rng.integers(0, 255, (max(2, height // 400), max(2, width // 400), 3), np.uint8)
    grain = rng.integers(0, 40, (512, 512, 3), np.uint8)
    out = cv2.resize(low, (width, height), interpolation=cv2.INTER_LINEAR)
    for y in range(0, height, 512):
        for x in range(0, width, 512):
            part = out[y : y + 512, x : x + 512]
            cv2.add(part, grain[: part.shape[0], : part.shape[1]], dst=part)
    return out


def resident_mb() -> float:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


class Meter:
    """CPU of frames, with copies of the viewport taken between them."""

    def __init__(self, ratio: int = 1) -> None:
        width, height = VIEWPORT[0] * ratio, VIEWPORT[1] * ratio
        self._from = np.zeros((height, width, 4), np.uint8)
        self._to = np.empty_like(self._from)
        self.copies: list[float] = []

    def copy(self) -> None:
        self.copies.append(cpu(lambda: np.copyto(self._to, self._from)))

    def frames(self, steps: list[Callable[[], None]]) -> list[float]:
        found = []
        for i, step in enumerate(steps):
            found.append(cpu(step))
            if i % 4 == 0:
                self.copy()
        return found


def cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def quantiles(values: list[float]) -> tuple[float, float]:
    low, high = np.percentile(values, [50, 99])
    return float(low), float(high)


def calmest(measure: Callable[[], list[float]]) -> tuple[float, float]:
    """p50 and p99 of the pass, of three, that the rest of the machine disturbed least."""
    return min(quantiles(measure()) for _ in range(3))


def zoom_scales(megapixels: int) -> list[float]:
    width, height = SIZES[megapixels]
    fit = min(VIEWPORT[0] / width, VIEWPORT[1] / height) * 0.99
    return [fit * (8 / fit) ** (i / 60) for i in range(61)]


def pan_steps() -> list[tuple[int, int]]:
    rng = np.random.default_rng(0)
    return [
        (round(18 * np.cos(i / 9)) + int(rng.integers(-3, 4)), round(13 * np.sin(i / 7)))
        for i in range(90)
    ]


def run_canvas(megapixels: int, *, overlay: bool) -> dict[str, object]:
    from tests.bench.canvas_scene import CanvasScene

    return CanvasScene(picture(megapixels), overlay=overlay).measure(megapixels)


def run_graphics_view(megapixels: int, *, smooth: bool) -> dict[str, object]:
    from tests.bench.graphics_view import GraphicsViewScene

    return GraphicsViewScene(picture(megapixels), smooth=smooth).measure(megapixels)


def run_memory(megapixels: int) -> dict[str, object]:
    """A viewport copied from memory that no cache holds any more."""
    width, height = VIEWPORT
    stock = np.ones((20, height, width, 4), np.uint8)
    target = np.ones((20, height, width, 4), np.uint8)
    copies = [cpu(lambda i=i: np.copyto(target[i % 20], stock[i % 20])) for i in range(60)]
    return {"vp": quantiles(copies[20:])[0]}


def run_bare(_megapixels: int) -> dict[str, object]:
    from PySide6.QtWidgets import QApplication

    from tests.bench.bare_widget import BareWidget

    app = QApplication([])
    found = BareWidget().measure()
    app.quit()
    return found


VARIANTS: dict[str, Callable[[int], dict[str, object]]] = {
    "canvas": lambda mp: run_canvas(mp, overlay=False),
    "overlay": lambda mp: run_canvas(mp, overlay=True),
    "doubled": lambda mp: run_canvas(mp, overlay=True),
    "memory": run_memory,
    "bare": run_bare,
    "gv_fast": lambda mp: run_graphics_view(mp, smooth=False),
    "gv_smooth": lambda mp: run_graphics_view(mp, smooth=True),
}


def child(variant: str, megapixels: int) -> dict:
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
    if variant == "doubled":
        env["QT_SCALE_FACTOR"] = "2"
    command = [sys.executable, "-m", "tests.bench.canvas", "--variant", variant]
    done = subprocess.run(
        [*command, "--mp", str(megapixels)], env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--variant", choices=VARIANTS)
    parser.add_argument("--mp", type=int, default=LARGE, choices=SIZES)
    options = parser.parse_args()
    if options.variant:
        import cv2

        cv2.setNumThreads(1)
        print(json.dumps(VARIANTS[options.variant](options.mp)), flush=True)
        os._exit(0)
    report()


def report() -> None:
    large = {name: child(name, LARGE) for name in VARIANTS}
    small = {name: child(name, SMALL) for name in ("canvas", "overlay")}
    cold = large.pop("memory")["vp"]
    bare = large.pop("bare")
    print(f"VP is a copy between the frames, from a cache as large as the machine's; from memory "
          f"that no cache holds {cold:.2f} ms")  # fmt: skip
    for key, what in (("copied", "copy one image"), ("pan", "scroll"), ("zoom", "stretch")):
        low, high = bare[key]
        print(f"Qt alone, {what:14} p50/p99 {low:.2f}/{high:.2f} ms = "
              f"{low / bare['vp']:.2f}/{high / bare['vp']:.2f} VP")  # fmt: skip
    for name, found in large.items():
        print(f"{name:10} 100 MP  VP {found['vp']:.2f} ms  " + "  ".join(
            f"{key} p50/p99 {found[key][0]:.2f}/{found[key][1]:.2f} ms" for key in ("pan", "zoom")
        ))  # fmt: skip
    bars(large, small)
    for key in ("pan", "zoom"):
        alone, frame = (found[key][0] / found["vp"] for found in (bare, large["canvas"]))
        print(f"{key}: Qt alone is {alone / frame:.0%} of the frame, each over its own VP")


def bars(large: dict[str, dict], small: dict[str, dict]) -> None:
    canvas, overlay = large["canvas"], large["overlay"]
    fast, smooth = large["gv_fast"], large["gv_smooth"]

    def vp(found: dict, key: str, which: int) -> float:
        return found[key][which] / found["vp"]

    rows = [
        ("pan 100 % p50, VP", vp(canvas, "pan", 0), 1.5),
        ("pan 100 % p99, VP", vp(canvas, "pan", 1), 2.2),
        ("pan p50 over QGraphicsView fast", vp(canvas, "pan", 0) / vp(fast, "pan", 0), 0.7),
        ("zoom p50, VP", vp(canvas, "zoom", 0), 2.0),
        ("zoom p99, VP", vp(canvas, "zoom", 1), 3.5),
        ("zoom p50 over QGraphicsView smooth", vp(canvas, "zoom", 0) / vp(smooth, "zoom", 0), 0.25),
        ("pan 100 over 12 MP", vp(canvas, "pan", 0) / vp(small["canvas"], "pan", 0), 1.25),
        ("zoom 100 over 12 MP", vp(canvas, "zoom", 0) / vp(small["canvas"], "zoom", 0), 1.25),
        ("overlay: pan p50, VP", vp(overlay, "pan", 0), 3.5),
        ("overlay: zoom p50, VP", vp(overlay, "zoom", 0), 5.0),
        ("overlay: pan p99, ms", overlay["pan"][1], 12.0),
        ("overlay: zoom p99, ms", overlay["zoom"][1], 12.0),
        (
            "overlay at ratio 2: zoom p50, VP of twice the size",
            vp(large["doubled"], "zoom", 0),
            2.5,
        ),
        ("sharp after zoom, worker, VP", canvas["sharp"] / canvas["vp"], 7.0),
        ("sharp after zoom with overlay, worker, VP", overlay["sharp"] / overlay["vp"], 7.0),
        (
            "first paint of 100 MP (coarse), ms of the window's thread",
            canvas["first"],
            float("nan"),
        ),
        ("memory with mask painted, x raw RGB", overlay["memory"], 2.35),
    ]
    for name, value, limit in rows:
        verdict = (
            "" if limit != limit else f"  at most {limit:g}{'' if value <= limit else '  MISSED'}"
        )
        print(f"{name:48} {value:7.2f}{verdict}")


if __name__ == "__main__":
    main()
