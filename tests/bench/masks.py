"""Mask operations: live sliders at the screen's resolution, commits at full size.

    python -m tests.bench.masks [--large]

CPU time of one thread; commits as multiples of copying the mask in the same run. `--large` adds
100 megapixels. The picture's mask is a disc over most of it (the worst case for operations that
work in the marked box) and, for comparison, one of a twentieth of its side.
"""

import sys
import time
from collections.abc import Callable
from statistics import median

import cv2
import numpy as np

from engine.geometry import Mask, Size
from engine.selection import masks
from engine.selection.adjust import Adjustments, adjust

SCREEN = Size(1920, 1200)
FULL = {"24 MP": Size(6000, 4000), "100 MP": Size(12240, 8168)}
TICK_MS = 16.6
BARS = {"feather": 20.0, "grow": 60.0}

TICKS = {
    "grow 4": Adjustments(grow_px=4),
    "grow 40": Adjustments(grow_px=40),
    "shrink 40": Adjustments(grow_px=-40),
    "feather 2": Adjustments(feather_px=2),
    "feather 16": Adjustments(feather_px=16),
    "feather 64": Adjustments(feather_px=64),
    "smooth 8": Adjustments(smooth_px=8),
    "fill holes": Adjustments(fill_holes=True),
    "grow 8 + feather 8": Adjustments(grow_px=8, feather_px=8),
}
COMMITS = {
    "grow": Adjustments(grow_px=40),
    "shrink": Adjustments(grow_px=-40),
    "feather": Adjustments(feather_px=16),
    "smooth": Adjustments(smooth_px=8),
    "fill holes": Adjustments(fill_holes=True),
    "drop islands": Adjustments(min_island_px=100),
    "invert": Adjustments(invert=True),
}


def disc(size: Size, share: float) -> Mask:
    """An anti-aliased disc in the middle; `share` of the shorter side is its diameter."""
    mask = np.zeros((size.height, size.width), np.uint8)
    middle = (size.width // 2, size.height // 2)
    cv2.circle(mask, middle, int(min(size) * share / 2), 255, cv2.FILLED, cv2.LINE_AA)
    return mask


def cpu_ms(act: Callable[[], object], times: int) -> float:
    """Median CPU time of an act, after one that warms up."""
    taken: list[float] = []
    for _ in range(times + 1):
        start_s = time.process_time()
        act()
        taken.append((time.process_time() - start_s) * 1000)
    return median(taken[1:])


def live() -> None:
    print(f"live slider tick at {SCREEN.width} x {SCREEN.height}, bar {TICK_MS} ms")
    marked = {"fills the screen": disc(SCREEN, 0.95), "a third of it": disc(SCREEN, 0.33)}
    copy_ms = cpu_ms(lambda: marked["fills the screen"].copy(), 30)
    print(f"{'':20} {'copy':>18} {copy_ms:6.2f} ms")
    for name, adjustments in TICKS.items():
        for where, mask in marked.items():
            tick_ms = cpu_ms(lambda m=mask, a=adjustments: adjust(m, a), 7)
            verdict = "" if tick_ms <= TICK_MS else "  OVER"
            print(f"{name:20} {where:>18} {tick_ms:6.2f} ms{verdict}")


def commits(name: str, size: Size) -> None:
    large, small = disc(size, 0.95), disc(size, 0.05)
    copy_ms = cpu_ms(large.copy, 5)
    print(f"\ncommit at {name}; copying the mask takes {copy_ms:.1f} ms")
    for step, adjustments in COMMITS.items():
        ratios = [
            cpu_ms(lambda m=m, a=adjustments: adjust(m, a), 2) / copy_ms for m in (large, small)
        ]
        bar = BARS.get(step)
        told = "" if bar is None else f"   bar {bar:.0f}{'  OVER' if ratios[0] > bar else ''}"
        print(f"{step:14} {ratios[0]:6.1f} x   small object {ratios[1]:5.1f} x{told}")
    bounds_ms = cpu_ms(lambda: masks.bounds(large), 5)
    print(f"{'bounds':14} {bounds_ms / copy_ms:6.1f} x")


def main() -> None:
    cv2.setNumThreads(1)
    live()
    for name, size in FULL.items():
        if name == "24 MP" or "--large" in sys.argv:
            commits(name, size)


if __name__ == "__main__":
    main()
