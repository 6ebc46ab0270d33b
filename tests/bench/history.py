"""The cost of undo while painting a 2,400 px stroke and for a 1024 px patch, at 24 and 100 MP.

CPU time of the process; each figure is a ratio to a copy measured in turn with it.
`python -m tests.bench.history`
"""

import statistics
import time
from collections.abc import Callable
from contextlib import closing

import cv2
import numpy as np

from app.document.document import Document
from app.document.history import History
from engine.geometry import Rect, Size
from engine.jobs.requests import Patch
from engine.picture import Picture

SIZES = {"24 MP": Size(6000, 4000), "100 MP": Size(11600, 8640)}
RADIUS_PX = 100
ROUNDS = 15


def cpu_ms(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def dabs(size: Size) -> list[Rect]:
    """A 2,400 px stroke across the middle, a dab every quarter of the radius."""
    ends = np.linspace((0, 0), (2300, 680), 2400 // (RADIUS_PX // 4)).astype(int)
    left, top = size.width // 2 - 1150, size.height // 2 - 340
    side = 2 * RADIUS_PX
    return [Rect(left + int(x), top + int(y), side, side) for x, y in ends]


def soft_dab() -> np.ndarray:
    dab = np.zeros((2 * RADIUS_PX, 2 * RADIUS_PX), np.uint8)
    cv2.circle(dab, (RADIUS_PX, RADIUS_PX), RADIUS_PX * 7 // 10, 255, -1)
    return cv2.GaussianBlur(dab, (0, 0), RADIUS_PX / 8)


def stroke(document: Document, history: History, dab: np.ndarray, *, recorded: bool) -> None:
    """The same dabs with and without a history: the difference is the bookkeeping."""
    if not recorded:
        mask = document.writable_mask()
        for rect in dabs(document.size):
            window = mask[rect.slices]
            cv2.max(window, dab, dst=window)
        return
    with history.edit("Brush") as edit:
        for rect in dabs(document.size):
            edit.touch("mask", rect)
            window = edit.mask[rect.slices]
            cv2.max(window, dab, dst=window)


def measure_stroke(document: Document) -> None:
    dab, book, copies = soft_dab(), [], []
    with closing(History(document)) as history:
        for _ in range(ROUNDS):
            document.writable_mask()[...] = 0
            document.mask_tiles.update(document.mask)  # as after any edit of the window
            copies.append(cpu_ms(document.mask.copy))
            plain = cpu_ms(lambda: stroke(document, history, dab, recorded=False))
            document.writable_mask()[...] = 0
            document.mask_tiles.update(document.mask)  # as after any edit of the window
            book.append(cpu_ms(lambda: stroke(document, history, dab, recorded=True)) - plain)
            history.settle()
        for _ in range(4):
            with history.edit("Click") as edit:
                edit.set("origin", str(len(history.labels)))
            history.settle()
        kept = history.nbytes / ROUNDS
    cost, copy = statistics.median(book), statistics.median(copies)
    print(
        f"  stroke: bookkeeping {cost:.2f} ms, copy of the mask {copy:.1f} ms: "
        f"1/{copy / cost:.0f} (bar 1/60); kept {kept / 1000:.1f} kB (bar 64)"
    )


def measure_patch(document: Document) -> None:
    random = np.random.default_rng(1)
    rect = Rect(1111, 1234, 1024, 1024)
    made = Patch(
        rect=rect,
        pixels=random.integers(0, 256, (1024, 1024, 3), np.uint8),
        blend=np.full((1024, 1024), 255, np.uint8),
    )
    target, source = np.empty((1024, 1024, 3), np.uint8), made.pixels
    record, write, undo, memcpy = [], [], [], []
    with closing(History(document)) as history:
        for _ in range(ROUNDS):
            edit = history.edit("Remove")
            record.append(cpu_ms(lambda: edit.touch("image", rect)))  # noqa: B023
            write.append(cpu_ms(lambda: document.write(made)))
            edit.commit()
            memcpy.append(cpu_ms(lambda: np.copyto(target, source)))
            undo.append(cpu_ms(history.undo))
            memcpy.append(cpu_ms(lambda: np.copyto(target, source)))
    one = statistics.median(memcpy)
    median = statistics.median
    print(
        f"  1024 px patch: memcpy {one:.2f} ms; record {median(record) / one:.1f} x, "
        f"write {median(write) / one:.1f} x, undo {median(undo) / one:.1f} x (bar 4)"
    )


def main() -> None:
    cv2.setNumThreads(1)
    for name, size in SIZES.items():
        print(name)
        pixels = np.zeros((size.height, size.width, 3), np.uint8)
        pixels[...] = np.arange(size.width, dtype=np.uint8)[:, None]
        document = Document.from_picture(Picture(pixels=pixels))
        document.writable_mask()[...] = 0
        measure_stroke(document)
        measure_patch(document)


if __name__ == "__main__":
    main()
