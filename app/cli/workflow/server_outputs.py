"""The results of a workflow on a server, written as the photo is kept, one picture after another.

What a server sends is bounded before it is decoded: each picture by the limit of the command line,
all of them together by `MAX_PIXELS`. No more than a pair to compare is held at a time.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias, cast

import numpy as np

from app.cli.inputs import wanted_format
from app.cli.workflow.outputs import beside
from app.commands.outputs import left_out, side_by_side
from app.settings.export_options import BY_MODEL
from engine.colour.convert import to_8_bit
from engine.comfy.errors import ServerBroken
from engine.comfy.prompt_plan import PlanOutputs
from engine.comfy.protocol.images import decode_png, size_of_png
from engine.geometry import Image, Mask, Native
from engine.image_io.limits import Limits
from engine.image_io.writer import Embedded, ExportOptions, write
from engine.picture import Picture
from engine.workflow.local.values import SinkKind
from engine.workflow.remote.plan import PlannedOutput

MAX_PIXELS = 1 << 32  # of all results of one photo; as PNG files they have 1 GiB

Tell: TypeAlias = Callable[[Iterable[Embedded]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOutputWriter:
    """Writes what a server made of a photo, and tells before each file what that will not hold."""

    photo: Picture  # without alpha where that was used as a mask
    source: Path  # the photo's file
    quality: int | None
    force: bool
    limits: Limits
    tell: Tell

    def write(
        self, shown: Sequence[PlannedOutput], outputs: PlanOutputs, files: Sequence[Path]
    ) -> list[Path]:
        """Each output to its file, more pictures of one beside it; returns all files.

        Raises ServerBroken, ImageTooLarge (before the first is written), DiskFull,
        ImageUnwritable.
        """
        self._check(shown, outputs, files)
        taken = {file.name.casefold() for file in files}
        done: list[Path] = []
        for each, file in zip(shown, files):
            for number, picture in enumerate(self._pictures(each, outputs)):
                target = beside(file, taken, self.force) if number else file
                self._written(picture, target, is_new=each.kind is SinkKind.COMPARE)
                done.append(target)
        return done

    def _check(
        self, shown: Sequence[PlannedOutput], outputs: PlanOutputs, files: Sequence[Path]
    ) -> None:
        found = 0
        for each, file in zip(shown, files):
            for node in filter(None, (each.before, each.node)):
                for image in outputs.of[node].images:
                    size = size_of_png(image, outputs.server)
                    self.limits.check_size(size, file)
                    found += size.pixels
        if found > MAX_PIXELS:
            raise ServerBroken(outputs.server, "large")

    def _written(self, picture: Picture, target: Path, *, is_new: bool) -> None:
        options = ExportOptions(
            format=wanted_format(target), quality=self.quality, source_type=BY_MODEL
        )
        if is_new or picture.size != self.photo.size:
            write(picture, target, options, source=self.source)
            return
        self.tell([*left_out(picture, options), *_left_here(self.photo)])
        write(picture, target, options, original=self.photo.pixels, source=self.source)

    def _pictures(self, shown: PlannedOutput, outputs: PlanOutputs) -> Iterator[Picture]:
        """Comparisons in a row; results of the photo's size are the photo with other pixels."""
        after = _decoded(shown.node, outputs)
        if shown.kind is SinkKind.COMPARE:
            yield from map(side_by_side, zip(_decoded(shown.before, outputs), after))
            return
        for pixels in after:
            is_same = pixels.shape[:2] == self.photo.pixels.shape[:2]
            yield changed(self.photo, pixels) if is_same else Picture(pixels=pixels)


def alpha_of(photo: Picture) -> Mask | None:
    """(H, W) uint8, as ComfyUI takes it."""
    return None if photo.alpha is None else cast(Mask, to_8_bit(photo.alpha))


def changed(photo: Picture, pixels: Image) -> Picture:
    """The photo with (H, W, 3) uint8 sRGB pixels: its metadata, alpha and coding."""
    return replace(photo, pixels=_as_gray(photo, pixels), alpha=alpha_of(photo), icc=None)


def _as_gray(photo: Picture, pixels: Image) -> Native:
    """One channel where the photo has one and the result has no colours."""
    first = pixels[..., :1]
    return pixels[..., 0].copy() if photo.is_gray and np.array_equal(pixels, first) else pixels


def _decoded(node: str, outputs: PlanOutputs) -> Iterator[Image]:
    return (decode_png(image, outputs.server) for image in outputs.of[node].images)


def _left_here(photo: Picture) -> Iterator[Embedded]:
    """What the photo has and nothing that comes back from a server."""
    if photo.icc:
        yield Embedded(kind="profile", kept=False, size=len(photo.icc), why="server")
    if photo.depth > 8:
        yield Embedded(kind="depth", kept=False, size=8, why="server")
