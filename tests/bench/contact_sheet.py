"""Writes a sheet of photos side by side: original, hole, ours and the other ways to fill it.

  python -m tests.bench.contact_sheet FOLDER SHEET.png [--count 12] [--zoom]

FOLDER holds NAME.jpg with hole masks NAME.png, as the scorer takes them.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from engine.geometry import Image
from tests.bench.baselines_remove import Hole, biharmonic, patchmatch_800, telea
from tests.bench.quality_remove import remove

CELL = (320, 240)


def photo(path: Path) -> tuple[Image, Hole]:
    mask = np.asarray(Pillow.open(path.with_suffix(".png")).convert("L")) > 127
    return np.asarray(Pillow.open(path).convert("RGB")), mask


def cell(image: Image, part: tuple[slice, slice]) -> Image:
    """The part, as large as it fits into a cell."""
    view = image[part]
    scale = min(CELL[0] / view.shape[1], CELL[1] / view.shape[0])
    size = (max(1, int(view.shape[1] * scale)), max(1, int(view.shape[0] * scale)))
    sheet = np.full((CELL[1], CELL[0], 3), 32, np.uint8)
    sheet[: size[1], : size[0]] = cv2.resize(view, size, interpolation=cv2.INTER_AREA)
    return sheet


def around(hole: Hole, share: float) -> tuple[slice, slice]:
    """The hole's bounds and this share of them on each side."""
    cuts: list[slice] = []
    for axis in (1, 0):
        marked = np.flatnonzero(hole.any(axis))
        pad = int((marked[-1] - marked[0]) * share) + 8
        cuts.append(slice(max(0, marked[0] - pad), marked[-1] + pad))
    return cuts[0], cuts[1]


def row(path: Path, zoom: bool) -> NDArray[np.uint8]:
    truth, hole = photo(path)
    given = truth.copy()
    given[hole] = 127
    part = around(hole, 0.1 if zoom else 0.5)
    fills = [fill(given, hole) for fill in (remove, telea, biharmonic, patchmatch_800)]
    return np.hstack([cell(image, part) for image in (truth, given, *fills)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sheet", type=Path)
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--zoom", action="store_true", help="little more than the hole")
    options = parser.parse_args()
    paths = sorted(options.folder.glob("*.jpg"))
    chosen = paths[:: max(1, len(paths) // options.count)][: options.count]
    Pillow.fromarray(np.vstack([row(path, options.zoom) for path in chosen])).save(options.sheet)


if __name__ == "__main__":
    main()
