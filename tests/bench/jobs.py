"""A removal as the editor does it: against the size of the picture, and against the bare call.

    python -m tests.bench.jobs [rounds]

CPU time of one thread. The hole and all that surrounds it are the same in both pictures; planning,
filling, stitching, writing to the document and the check of the ring are counted.
"""

import sys
import time
from collections.abc import Callable
from statistics import median

import cv2
import numpy as np

from app.document.document import Document
from engine import tasks
from engine.builtin.backend import BuiltinBackend
from engine.geometry import Image, Mask, Rect, Size
from engine.inpaint.crops import RemoveOptions
from engine.jobs.requests import RemoveRequest, RemoveResult
from engine.picture import Picture

SMALL, LARGE = Size(1632, 1224), Size(11424, 8568)  # 2 and 98 megapixels: 7 x 7
OPTIONS = RemoveOptions(grow_px=6, feather_px=4)
BAR_SIZE, BAR_CALL = 1.1, 1.03


class NoJob:
    def report(self, fraction: float, note: str = "", preview: object = None) -> None:
        assert 0 <= fraction <= 1, note


def photo() -> Image:
    """Clouds at four scales, with grain."""
    random = np.random.default_rng(4)
    total = np.full((SMALL.height, SMALL.width, 3), 128.0, np.float32)
    for cells, strength in ((4, 50), (16, 25), (64, 14), (256, 8)):
        coarse = random.normal(0, strength, (cells, cells, 3)).astype(np.float32)
        total += cv2.resize(coarse, SMALL, interpolation=cv2.INTER_CUBIC)
    total += random.normal(0, 3, total.shape)
    return np.clip(total, 0, 255).astype(np.uint8)


def opened(pixels: Image, at: Rect) -> Document:
    """A document with an object of 200 x 140 pixels marked."""
    document = Document.from_picture(Picture(pixels=pixels))
    mask: Mask = document.writable_mask()
    middle = (at.x + at.width // 2, at.y + at.height // 2)
    cv2.ellipse(mask, middle, (100, 70), 20, 0, 360, 255, cv2.FILLED)
    return document


def planned(document: Document) -> RemoveRequest:
    return tasks.plan_remove(document.view, document.mask, OPTIONS, seed=1)


def removed(document: Document, backend: BuiltinBackend) -> None:
    result = tasks.run(backend, planned(document), NoJob())
    assert isinstance(result, RemoveResult)
    assert sum(document.write(patch) for patch in result.patches) == 0


def bare(request: RemoveRequest) -> None:
    from engine.builtin.fill.fill import fill

    for hole in request.holes:
        fill(hole.image, hole.mask, 1, NoJob().report)


def cpu_s(act: Callable[[], object]) -> float:
    start_s = time.process_time()
    act()
    return time.process_time() - start_s


def main() -> None:
    cv2.setNumThreads(1)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    backend, small = BuiltinBackend(), photo()
    place = Rect(0, 0, SMALL.width, SMALL.height)
    pictures = {
        "2 MP": (small, place),
        "98 MP": (np.tile(small, (7, 7, 1)), place.moved(3 * SMALL.width, 3 * SMALL.height)),
    }
    request = planned(opened(small.copy(), place))
    bare(request)
    taken: dict[str, list[float]] = {"bare": [], **{name: [] for name in pictures}}
    for _ in range(rounds):
        taken["bare"].append(cpu_s(lambda: bare(request)))
        for name, (pixels, at) in pictures.items():
            document = opened(pixels.copy(), at)
            taken[name].append(cpu_s(lambda d=document: removed(d, backend)))
    two, hundred, call = (median(taken[name]) for name in ("2 MP", "98 MP", "bare"))
    print(f"bare fill {call:.2f} s, in 2 MP {two:.2f} s, in 98 MP {hundred:.2f} s (CPU, medians)")
    print(f"98 MP over 2 MP: {hundred / two:.3f} (bar {BAR_SIZE})")
    print(f"engine over bare call: {two / call:.3f} (bar {BAR_CALL})")


if __name__ == "__main__":
    main()
