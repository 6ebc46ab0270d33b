"""Finds the mask file that is for a picture: a file, one by the picture's name, or in a folder."""

import os
from collections.abc import Iterator
from pathlib import Path

from engine.errors import MaskInvalid
from engine.image_io.formats import EXTENSIONS
from engine.recipes.steps import MaskPath

_ENDINGS = ("", "_mask", "-mask")  # that other programs put behind the picture's name


def mask_path(source: MaskPath, picture: Path | None) -> Path:
    """The file for this picture, None where it came without a name. Raises MaskInvalid."""
    path = Path(str(source.path).replace("{name}", picture.stem)) if picture else source.path
    _check_below(path, source.inside)
    found: Path | None = path
    if os.path.isdir(path):
        found = None if picture is None else next(_in_folder(path, picture), None)
    if found is None or not os.path.exists(found):
        raise MaskInvalid(path, "missing", wanted=picture.name if picture else "-")
    _check_below(found, source.inside)
    return found


def _in_folder(folder: Path, picture: Path) -> Iterator[Path]:
    """Of the picture's own name first, then PNG, then any other picture."""
    endings = (".png", *(ending for ending in EXTENSIONS if ending != ".png"))
    names = [picture.name, *(picture.stem + more + end for more in _ENDINGS for end in endings)]
    return (path for path in (folder / name for name in names) if os.path.isfile(path))


def _check_below(path: Path, folder: Path | None) -> None:
    """Also where a link leads. Raises MaskInvalid."""
    try:
        if folder is None or path.resolve().is_relative_to(folder.resolve()):
            return
    except (OSError, ValueError, RuntimeError):
        pass  # no path at all, or a link to itself
    raise MaskInvalid(path, "outside")
