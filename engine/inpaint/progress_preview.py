"""Progress previews: the whole crop while it is painted, at once or tile by tile."""

import math

import numpy as np

from engine.geometry import Image, Rect, Size
from engine.inpaint.fit import Fitting, resized
from engine.jobs.backend import JobContext

SIDE_PX = 512


class MaskedProgress:
    """Passes on what the engine reports; previews lose the canvas's padding."""

    def __init__(self, job: JobContext, fitting: Fitting) -> None:
        self._job, self._fitting = job, fitting

    def report(self, fraction: float, note: str = "", preview: Image | None = None) -> None:
        self._job.report(fraction, note, None if preview is None else self._cut(preview))

    def _cut(self, preview: Image) -> Image:
        share_y = preview.shape[0] / self._fitting.canvas.height
        share_x = preview.shape[1] / self._fitting.canvas.width
        inner = self._fitting.inner
        top, bottom = round(inner.y * share_y), max(1, round(inner.bottom * share_y))
        left, right = round(inner.x * share_x), max(1, round(inner.right * share_x))
        return preview[min(top, bottom - 1) : bottom, min(left, right - 1) : right]


class Overview:
    """A small copy of a crop that is painted tile by tile."""

    def __init__(self, whole: Image) -> None:
        size = Size.of(whole)
        self._share = min(1.0, SIDE_PX / max(size))
        self.image = resized(whole, _scaled(size, self._share))

    def put(self, tile: Image, place: Rect) -> None:
        """Show an (h, w, 3) tile as it is so far. Images that were handed out stay as they are."""
        size = Size.of(self.image)
        left = min(int(place.x * self._share), size.width - 1)
        top = min(int(place.y * self._share), size.height - 1)
        right = min(size.width, max(left + 1, round(place.right * self._share)))
        bottom = min(size.height, max(top + 1, round(place.bottom * self._share)))
        self.image = self.image.copy()
        self.image[top:bottom, left:right] = resized(
            np.ascontiguousarray(tile), Size(right - left, bottom - top)
        )

    def over(self, job: JobContext, place: Rect) -> "TileProgress":
        return TileProgress(job, self, place)


class TileProgress:
    """Passes on what is reported of a tile, as previews of the whole."""

    def __init__(self, job: JobContext, overview: Overview, place: Rect) -> None:
        self._job, self._overview, self._place = job, overview, place

    def report(self, fraction: float, note: str = "", preview: Image | None = None) -> None:
        if preview is not None:
            self._overview.put(preview, self._place)
        self._job.report(fraction, note, None if preview is None else self._overview.image)


def _scaled(size: Size, share: float) -> Size:
    return Size(max(1, math.floor(size.width * share)), max(1, math.floor(size.height * share)))
