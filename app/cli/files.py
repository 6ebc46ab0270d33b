"""Which pictures a command works on, and where each result goes."""

import glob
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.cli.arguments import UsageError
from engine.image_io.formats import EXTENSIONS, named, of_extension
from engine.recipes.recipe import WRITABLE


@dataclass(frozen=True, slots=True)
class InputOutput:
    """One picture and where its result goes."""

    source: Path
    target: Path


def errands(inputs: Iterable[str], folder: Path, format: str | None) -> list[InputOutput]:
    """Each input once, in order. Raises Usage when two would share an output."""
    found: dict[Path, InputOutput] = {}
    for source in dict.fromkeys(path for text in inputs for path in _sources(text)):
        errand = InputOutput(source, folder / _name(source, format))
        other = found.setdefault(errand.target, errand)
        if other is not errand:
            raise UsageError(
                f"{other.source} and {source} would both be written to {errand.target}",
            )
    return list(found.values())


def make_folder(folder: Path) -> None:
    """Raises Usage."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made a folder: {error.strerror}") from error


def _sources(text: str) -> list[Path]:
    """The pictures of a folder or a pattern; anything else stands for itself."""
    path = Path(text)
    if path.is_dir():
        return sorted(one for one in path.iterdir() if one.suffix.lower() in EXTENSIONS)
    if not path.exists() and glob.has_magic(text):
        return sorted(Path(one) for one in glob.glob(text)) or [path]
    return [path]


def _name(source: Path, format: str | None) -> str:
    """The source's own name; another ending where the format changes."""
    own = of_extension(source.suffix)
    if own is not None and own.writable and format in (None, own.name):
        return source.name
    return source.stem + named(format or "png").extensions[0]


def format_of(target: Path) -> str:
    """The format the ending of an output stands for. Raises Usage."""
    known = of_extension(target.suffix)
    if known is None or not known.writable:
        raise UsageError(f"{target.name} has no ending of {', '.join(WRITABLE)}")
    return known.name
