"""Estimates an export: how large the file will be, by a sample, and what it will hold and lose."""

from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from engine.geometry import Native, Size
from engine.image_io.writer import Embedded, ExportOptions, embedded, encode
from engine.jobs.backend import JobContext
from engine.picture import Picture

_TILE_PX = 384
_GRID = 3


@dataclass(frozen=True, slots=True)
class ExportEstimate:
    """What is known of a file before it is written."""

    size: int  # bytes, about
    embedded: list[Embedded]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EstimateWork:
    """Encode the sample as it would be written, and scale the outcome up."""

    sample: Picture  # of its own pixels, without metadata
    whole: Picture
    options: ExportOptions

    def run(self, job: JobContext) -> ExportEstimate:
        """For a worker: whether a palette is kept takes a look at every pixel."""
        job.report(0.0)
        content = len(encode(self.sample, replace(self.options, source_type=None)))
        share = self.whole.size.pixels / self.sample.size.pixels
        found = embedded(self.whole, self.options)
        return ExportEstimate(round(content * share) + _metadata_size(found), found)


def _metadata_size(found: list[Embedded]) -> int:
    blocks = ("profile", "exif", "xmp", "iptc")
    return sum(item.size for item in found if item.kept and item.kind in blocks)


def sample_of(picture: Picture) -> Picture:
    """Nine tiles spread over the picture, side by side; a small picture is its own sample."""
    alpha = picture.alpha
    return Picture(
        pixels=_tiles(picture.pixels),
        alpha=None if alpha is None else _tiles(alpha),
        icc=None,
    )


def _tiles(array: Native) -> Native:
    size = Size.of(array)
    rows, columns = _starts(size.height), _starts(size.width)
    lines = [
        np.concatenate([array[y : y + _TILE_PX, x : x + _TILE_PX] for x in columns], axis=1)
        for y in rows
    ]
    return cast(Native, np.concatenate(lines, axis=0))


def _starts(length: int) -> list[int]:
    """Where tiles begin along one side, so that the last one ends with the picture."""
    count = max(1, min(_GRID, length // _TILE_PX))
    if length <= _GRID * _TILE_PX:
        return list(range(0, length, _TILE_PX))
    return [round(i * (length - _TILE_PX) / (count - 1)) for i in range(count)]
