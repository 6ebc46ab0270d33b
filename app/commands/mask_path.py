"""Finds the mask file that is for a picture: a file, one by the picture's name, or in a folder."""

import os
from collections.abc import Iterator
from pathlib import Path

from engine.errors import MaskInvalid
from engine.image_io.formats import EXTENSIONS
from engine.recipes.steps import MaskPath
from engine.storage.foreign_file import inside

_ENDINGS = ("", "_mask", "-mask")  # that other programs put behind the picture's name


def mask_path(source: MaskPath, picture: Path | None) -> Path:
    """The file for this picture, None where it came without a name. Raises MaskInvalid.

    A plain name is not looked for: reading it says what is wrong with it.
    """
    name = source.name.replace("{name}", picture.stem) if picture else source.name
    path = _allowed(source, name)
    is_folder = os.path.isdir(path)
    if is_folder and picture is not None:
        found = next((each for each in _names(picture) if os.path.isfile(path / each)), None)
        if found is not None:
            return _allowed(source, str(Path(name, found)))
    if is_folder or (name != source.name and not os.path.exists(path)):
        raise MaskInvalid(path, "missing", wanted=picture.name if picture else "-")
    return path


def _allowed(source: MaskPath, name: str) -> Path:
    """A recipe from elsewhere reaches no path outside its folder. Raises MaskInvalid."""
    path = Path(name) if source.folder is None else inside(source.folder, name)
    if path is None:
        raise MaskInvalid(Path(name), "outside")
    return path


def _names(picture: Path) -> Iterator[str]:
    """Of the picture's own name first, then PNG, then any other picture."""
    endings = (".png", *(ending for ending in EXTENSIONS if ending != ".png"))
    yield picture.name
    yield from (picture.stem + more + ending for more in _ENDINGS for ending in endings)
