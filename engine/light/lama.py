"""LaMa on onnxruntime: one graph for every size, its Fourier transforms as matrix products."""

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.geometry import Image, Mask
from engine.jobs.backend import JobContext
from engine.jobs.operations import Floats
from engine.light.assembly import assembled, skeleton
from engine.light.sessions import LightSession
from engine.light.weights import read_weights
from engine.models.families import Family
from engine.models.model_file import ModelFile

GRID_PX = 8
_BEFORE, _BEHIND = 1, 2  # cells beside the hole that its pixels are drawn from


def fourier_matrices(height: int, width: int) -> dict[str, Floats]:
    """The inputs that make an orthonormal real Fourier transform of (height, width), and back.

    `cos_h`, `sin_h` (height, height), `cos_w`, `sin_w` (width, width // 2 + 1), and `back_cos`,
    `back_sin` (width // 2 + 1, width).
    """
    rows, columns, waves = np.arange(height), np.arange(width), np.arange(width // 2 + 1)
    down = 2 * np.pi * np.outer(rows, rows) / height
    across = 2 * np.pi * np.outer(columns, waves) / width
    twice = np.where((waves == 0) | (2 * waves == width), 1.0, 2.0)[:, None]
    return {
        "cos_h": _scaled(np.cos(down), height),
        "sin_h": _scaled(np.sin(down), height),
        "cos_w": _scaled(np.cos(across), width),
        "sin_w": _scaled(np.sin(across), width),
        "back_cos": _scaled(twice * np.cos(across).T, width),
        "back_sin": _scaled(-twice * np.sin(across).T, width),
    }


def cells_of(is_hole: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(N,) indices of those cells of a side of (H,) px from which its hole is drawn, 8 px each.

    After the residual blocks nothing reaches far any more: three enlargements, which see one cell
    ahead, and a convolution of seven pixels. A side without a hole gives its first cells.
    """
    found = np.flatnonzero(is_hole) // GRID_PX
    first, last = (found[0], found[-1]) if len(found) else (0, 0)
    count = len(is_hole) // GRID_PX
    return np.arange(max(0, first - _BEFORE), min(count, last + 1 + _BEHIND), dtype=np.int64)


def _scaled(matrix: NDArray[np.float64], side: int) -> Floats:
    return np.ascontiguousarray(matrix / side**0.5, np.float32)


class LightLama:
    """The network, loaded."""

    def __init__(self, session: LightSession) -> None:
        self._session = session

    def fill(self, image: Image, mask: Mask, job: JobContext) -> Image:
        """(h, w, 3): new where the (h, w) mask is above 0, else the image. Sides of any length."""
        pixels = grown(image).astype(np.float32) / np.float32(255)
        hole = grown(mask) > 0
        rows, columns = (cells_of(np.asarray(hole.any(axis))) for axis in (1, 0))
        inputs = {
            "image": np.ascontiguousarray(pixels.transpose(2, 0, 1)[None]),
            "hole": hole[None, None].astype(np.float32),
            "rows": rows,
            "columns": columns,
            **fourier_matrices(hole.shape[0] // GRID_PX, hole.shape[1] // GRID_PX),
        }
        (filled,) = self._session.run(inputs, job, "fill")
        job.report(1.0, "fill")
        drawn = levels(filled[0].transpose(1, 2, 0) * 255)
        return _pasted(image, mask, drawn, top=GRID_PX * rows[0], left=GRID_PX * columns[0])


def _pasted(image: Image, mask: Mask, drawn: Image, *, top: int, left: int) -> Image:
    """The image with what was drawn from (top, left) on, where the mask is above 0.

    `drawn` may reach past the end of the image.
    """
    place = slice(top, top + len(drawn)), slice(left, left + drawn.shape[1])
    found = image.copy()
    rows, columns = found[place].shape[:2]
    np.copyto(found[place], drawn[:rows, :columns], where=mask[place][..., None] > 0)
    return found


def load(model: ModelFile) -> LightLama:
    """Raises ModelUnreadable, ModelUnsafe, OutOfMemory."""
    weights = read_weights(model.path, Family.LAMA)
    return LightLama(LightSession(assembled(skeleton("lama"), weights, model.path)))


def grown(array: Image | Mask) -> Image:
    """(H, W[, C]) with sides that are multiples of the grid, at least 16, the rest mirrored."""
    height, width = array.shape[:2]
    down = max(-height % GRID_PX, 2 * GRID_PX - height)
    right = max(-width % GRID_PX, 2 * GRID_PX - width)
    return np.asarray(cv2.copyMakeBorder(array, 0, down, 0, right, cv2.BORDER_REFLECT), np.uint8)


def levels(values: Floats) -> Image:
    """(H, W, C) uint8, rounded and within 0..255; what is no number is 0."""
    return np.clip(np.nan_to_num(np.rint(values), nan=0.0), 0, 255).astype(np.uint8)
