"""The pictures of a command, each with the file that its result is written to."""

import glob
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.cli.exit_codes import UsageError
from app.commands.outputs import format_of
from engine.errors import ImageUnwritable
from engine.image_io.formats import EXTENSIONS, named, of_extension
from engine.recipes.recipe import WRITABLE


@dataclass(frozen=True, slots=True)
class InputOutput:
    """A picture and the file for its result."""

    input: Path
    output: Path


def with_outputs(words: Iterable[str], folder: Path, format: str | None) -> list[InputOutput]:
    """Each input once, in order. Raises UsageError when two would share an output."""
    found: dict[Path, InputOutput] = {}
    for input in dict.fromkeys(path for text in words for path in _inputs(text)):
        pair = InputOutput(input, folder / _name(input, format))
        other = found.setdefault(pair.output, pair)
        if other is not pair:
            raise UsageError(f"{other.input} and {input} would both be written to {pair.output}")
    return list(found.values())


def make_folder(folder: Path) -> None:
    """Raises UsageError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made a folder: {error.strerror}") from error


def _inputs(text: str) -> list[Path]:
    """The pictures of a folder or a pattern; anything else stands for itself."""
    path = Path(text)
    if path.is_dir():
        return sorted(one for one in path.iterdir() if one.suffix.lower() in EXTENSIONS)
    if not path.exists() and glob.has_magic(text):
        return sorted(Path(one) for one in glob.glob(text)) or [path]
    return [path]


def _name(input: Path, format: str | None) -> str:
    """The input's own name; another ending where the format changes."""
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
