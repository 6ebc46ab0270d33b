"""The pictures of a command, each with the file that its result is written to."""

import argparse
import glob
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.cli.exit_codes import UsageError
from app.commands.outputs import format_of
from engine.errors import ImageUnwritable
from engine.image_io.formats import EXTENSIONS, named, of_extension
from engine.recipes.recipe import WRITABLE

STREAM = Path("-")  # the standard input, or the standard output
STANDARD_INPUT = "standard input"  # as it is called in sentences
STREAM_NAME = Path("picture")  # what a picture of the standard input is called in a folder


@dataclass(frozen=True, slots=True)
class InputOutput:
    """A picture and the file for its result."""

    input: Path
    output: Path


def with_outputs(
    words: Iterable[str], folder: Path, format: str | None, *, recursive: bool = False
) -> list[InputOutput]:
    """Each input once, in order. Sub-folders are kept below `folder`. Raises UsageError."""
    found = {
        path: InputOutput(path, folder / below / _name(path, format))
        for text in words
        for path, below in _inputs(text, folder, recursive=recursive)
    }
    if folder == STREAM and len(found) == 1:
        return [InputOutput(path, STREAM) for path in found]
    if folder == STREAM:
        raise UsageError(f"- takes one picture, and these are {len(found)}")
    return list(found.values())


def pictures_of(arguments: argparse.Namespace, format: str | None) -> list[InputOutput]:
    """The pictures of `lacuna run`. Raises UsageError where there are none."""
    words, output, recursive = arguments.inputs, arguments.output, arguments.recursive
    pairs = with_outputs(words, output, format, recursive=recursive)
    if not pairs:
        left_out = [] if recursive else subfolder_lines(words, output)
        raise UsageError("\n".join(["no picture was found", *left_out]))
    return pairs


def subfolder_lines(words: Iterable[str], output: Path) -> list[str]:
    """A line for each folder whose sub-folders hold pictures that are not looked at."""
    lines: list[str] = []
    for text in words:
        deep = [below for _, below in _walk(Path(text), output) if below.parts]
        if deep:
            count = len(set(deep))
            what = "1 sub-folder" if count == 1 else f"{count} sub-folders"
            lines.append(f"{text}: pictures in {what} are left out; --recursive takes them, too.")
    return lines


def single_output(text: str, input: Path, *, is_mask: bool) -> Path:
    """The file of one result: - is the standard output, a folder gets the picture's name.

    Raises UsageError where the input is a folder.
    """
    if os.path.isdir(input):
        raise UsageError(f"{input} is a folder: one picture is wanted; lacuna run takes folders")
    if text == str(STREAM):
        return STREAM
    if text.endswith(("/", os.sep)) or os.path.isdir(text):
        own = STREAM_NAME if input == STREAM else input
        return Path(text) / (f"{own.stem}.png" if is_mask else _name(own, None))
    return Path(text)


def make_folder(folder: Path) -> None:
    """Raises UsageError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made a folder: {error.strerror}") from error


def _inputs(text: str, output: Path, *, recursive: bool) -> Iterator[tuple[Path, Path]]:
    """The pictures of a folder or a pattern, each with the sub-folder that it lies in."""
    path = Path(text)
    if text == str(STREAM):
        yield path, Path()
    elif os.path.isdir(path):
        found = _walk(path, output) if recursive else [(each, Path()) for each in _pictures(path)]
        yield from found
    elif not os.path.lexists(path) and glob.has_magic(text):
        names = sorted(
            each for each in glob.glob(text) if not _is_left_over(os.path.basename(each))
        )
        yield from ((Path(each), Path()) for each in names or [text])
    else:
        yield path, Path()


def _walk(folder: Path, output: Path) -> Iterator[tuple[Path, Path]]:
    """All pictures below a folder; links to folders are not followed, results not looked at."""
    results = os.path.realpath(output)
    for where, folders, _ in os.walk(folder):
        folders[:] = sorted(
            each for each in folders if os.path.realpath(os.path.join(where, each)) != results
        )
        below = Path(where).relative_to(folder)
        yield from ((path, below) for path in _pictures(Path(where)))


def _pictures(folder: Path) -> list[Path]:
    names = [each.name for each in os.scandir(folder) if not each.is_dir()]
    return [folder / name for name in sorted(names) if _is_picture(name)]


def _is_picture(name: str) -> bool:
    return Path(name).suffix.lower() in EXTENSIONS and not _is_left_over(name)


def _is_left_over(name: str) -> bool:
    """macOS puts what other disks cannot keep into files of this name."""
    return name.startswith("._")


def _name(input: Path, format: str | None) -> str:
    """The input's own name; another ending where the format changes."""
    input = STREAM_NAME if input == STREAM else input
    own = of_extension(input.suffix)
    if own is not None and own.writable and format in (None, own.name):
        return input.name
    return input.stem + named(format or "png").extensions[0]


def wanted_format(output: Path) -> str:
    """The format that the ending of an output stands for. Raises UsageError."""
    try:
        return format_of(output)
    except ImageUnwritable as error:
        raise UsageError(f"{output.name} has no ending of {', '.join(WRITABLE)}") from error
