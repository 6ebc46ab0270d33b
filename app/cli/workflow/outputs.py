"""The outputs of a workflow: their file names, and writing them as the photo is kept."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.cli.inputs import wanted_format
from app.commands.export import prove_file
from app.commands.outputs import BY_HAND, WrittenFile, left_out, side_by_side
from app.commands.recipe import StepReport
from app.commands.run_report.describe import Change, describe
from app.commands.run_report.edits import Edits, blend_of_patches, ring_of_patches
from app.document.generation_text import with_text
from app.settings.export_options import BY_MODEL
from engine.image_io.headers.a1111 import text_of
from engine.image_io.writer import Embedded, ExportOptions, write
from engine.jobs.requests import InpaintResult
from engine.picture import Picture
from engine.workflow.local.photo import Photo, PhotoStep, Source
from engine.workflow.local.runner import WorkflowResult
from engine.workflow.local.values import MaskPicture, Sink, SinkKind

USUAL = {"", "ComfyUI", "SaveImage", "Save Image", "PreviewImage", "Preview Image",
         "Image Comparer (rgthree)"}  # fmt: skip
FALLBACK = {
    SinkKind.SAVE: "ComfyUI",
    SinkKind.PREVIEW: "preview",
    SinkKind.COMPARE: "compare",
}
MAX_NAME = 80
_UNSAFE = re.compile(r"[^\w .()+-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputInfo:
    """An output before it has a name."""

    kind: SinkKind
    title: str
    prefix: str = ""  # of SAVE
    is_mask: bool = False


def info_of(sink: Sink) -> OutputInfo:
    return OutputInfo(
        kind=sink.kind,
        title=sink.origin.title,
        prefix=sink.prefix,
        is_mask=isinstance(sink.pictures, MaskPicture),
    )


@dataclass(frozen=True, slots=True)
class OutputName:
    """The part of a file's name that an output gives."""

    name: str
    ending: str  # with its dot; "": that of the photo's result

    def path(self, folder: Path, stem: str, ending: str) -> Path:
        return folder / f"{stem}-{self.name}{self.ending or ending}"


def named(infos: Iterable[OutputInfo]) -> tuple[OutputName, ...]:
    """A name for each, no two alike: the second of a kind ends in -2."""
    found: list[OutputName] = []
    taken: set[str] = set()
    for info in infos:
        name = free(_name(info), taken)
        taken.add(name.casefold())
        found.append(OutputName(name, _ending(info)))
    return tuple(found)


def free(name: str, taken: set[str]) -> str:
    """The name, with a number where another one has it; file names know no case."""
    number, one = 1, name
    while one.casefold() in taken:
        number += 1
        one = f"{name}-{number}"
    return one


def _name(info: OutputInfo) -> str:
    """The prefix or title that the author gave; those of every new node say nothing."""
    prefix = re.sub(r"\.png$", "", info.prefix, flags=re.IGNORECASE)
    given = next((text for text in (prefix, info.title) if text not in USUAL), "")
    return _UNSAFE.sub("-", given).strip(" .-")[:MAX_NAME] or FALLBACK[info.kind]


def _ending(info: OutputInfo) -> str:
    """Masks and comparisons are PNG, as is what a prefix wants so."""
    is_asked = info.prefix.lower().endswith(".png")
    is_mask = info.is_mask
    return ".png" if is_asked or is_mask or info.kind is not SinkKind.SAVE else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputWriter:
    """Writes results; those of a photo are proved and, where it is wanted, described.

    `sources` are the pictures that the nodes loaded, `photo` is the file of the run's own.
    """

    sources: Mapping[str, Source]
    photo: Path
    quality: int | None
    force: bool
    steps: tuple[StepReport, ...] | None = None  # of the run; None: no report is wanted

    def write(self, results: Sequence[WorkflowResult], files: Sequence[Path]) -> list[WrittenFile]:
        """Each result to its file, more of one result beside it; returns all files.

        Raises DiskFull, ImageUnwritable.
        """
        taken = {file.name.casefold() for file in files}
        done: list[WrittenFile] = []
        for result, file in zip(results, files):
            for number, (picture, photo) in enumerate(_pictures(result)):
                target = file if number == 0 else beside(file, taken, self.force)
                done.append(self._written(picture, photo, target, _source_type(result)))
        return done

    def _written(
        self, picture: Picture, photo: Photo | None, target: Path, source_type: str | None
    ) -> WrittenFile:
        options = self._options(target, source_type)
        source = self._compared_with(photo)
        if photo is None or source is None:
            write(picture, target, options, source=self.photo)
            return WrittenFile(target)
        original = replace(picture, pixels=source.pixels)
        write(picture, target, options, original=original.pixels, source=self.photo)
        edits = _edits(photo, self.steps or ())
        proof = prove_file(picture, target, options, original=original.pixels, ring=edits.ring)
        if self.steps is None:
            return WrittenFile(target, proof, is_compared=True)
        change = Change(original=original, view=photo.view)
        report = describe(change, target, options, source=self.photo, edits=edits, proof=proof)
        return WrittenFile(target, proof, report, is_compared=True)

    def _compared_with(self, photo: Photo | None) -> Picture | None:
        """The picture that a photo is an edit of, pixel by pixel; None for any other result."""
        source = self.sources.get(photo.source) if photo is not None else None
        if photo is None or photo.is_mask or source is None or source.picture.size != photo.size:
            return None
        return source.picture

    def left_out(
        self, results: Sequence[WorkflowResult], files: Sequence[Path]
    ) -> Iterator[Embedded]:
        """What the files will not hold of their photos; masks and comparisons are new pictures."""
        for result, file in zip(results, files):
            options = self._options(file, _source_type(result))
            if result.sink.kind is not SinkKind.COMPARE:
                for photo in result.photos:
                    if photo.source and not photo.is_mask:
                        yield from left_out(photo.picture, options)

    def _options(self, target: Path, source_type: str | None) -> ExportOptions:
        return ExportOptions(
            format=wanted_format(target), quality=self.quality, source_type=source_type
        )


def _edits(photo: Photo, steps: tuple[StepReport, ...]) -> Edits:
    patches = [patch for step in photo.steps for patch in step.patches]
    return Edits(
        steps=steps,
        ring=ring_of_patches(patches, photo.size),
        marked={"blend": blend_of_patches(patches, photo.size)},
    )


def _pictures(result: WorkflowResult) -> Iterator[tuple[Picture, Photo | None]]:
    """Each with the photo that it shows; comparisons in a row, as the screen shows them."""
    if result.sink.kind is SinkKind.COMPARE:
        for before, after in zip(result.before, result.photos):
            yield side_by_side((before.view, after.view)), None
        return
    for photo in result.photos:
        painted = [step for step in photo.steps if step.verb == "paint"]
        yield with_text(photo.picture, _parameters(painted[-1]) if painted else ""), photo


def _source_type(result: WorkflowResult) -> str | None:
    """The IPTC code: of a model where one painted, of comparisons too; of a mask None."""
    steps = [step for photo in (*result.photos, *result.before) for step in photo.steps]
    if any(step.verb == "paint" for step in steps):
        return BY_MODEL
    return BY_HAND if result.kind == "image" else None


def _parameters(step: PhotoStep) -> str:
    """The parameters of a painting, as other programs write them."""
    assert step.request is not None
    assert isinstance(step.result, InpaintResult)
    record = step.result.paint_records[0]
    return text_of(step.request.settings, step.result.seed, record.fit.canvas, record.model)


def beside(file: Path, taken: set[str], force: bool) -> Path:
    """The next free name for one more picture of a result."""
    number = 2
    while True:
        target = file.with_name(f"{file.stem}-{number}{file.suffix}")
        if target.name.casefold() not in taken and (force or not target.exists()):
            taken.add(target.name.casefold())
            return target
        number += 1
