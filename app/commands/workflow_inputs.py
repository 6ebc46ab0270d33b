"""The inputs of a workflow: its load nodes, the files they name, fresh seeds."""

import random
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import NamedTuple, TypeVar

from engine.comfy.errors import Absent
from engine.jobs.paint_settings import MAX_SEED

Place = TypeVar("Place", bound=Hashable)


class LoadNode(NamedTuple):
    """A node that reads a picture."""

    node: str
    title: str
    file: str  # as the workflow names it
    is_mask: bool = False


def file_of(name: str, path: Path, *, anywhere: bool = False) -> Path | None:
    """The file that a load node names, looked for as named and beside the workflow `path`.

    ComfyUI adds its folder in brackets. Names that lead elsewhere count only with `anywhere`: a
    workflow may come from a stranger, the user's own choice does not.
    """
    named = Path(name) if anywhere else Path(name.removesuffix(" [input]").replace("\\", "/"))
    is_inside = not named.is_absolute() and not named.drive and ".." not in named.parts
    places = (named, path.parent / named) if is_inside or anywhere else ()
    return next((p for p in (*places, path.parent / named.name) if name and p.is_file()), None)


def drawn(places: Iterable[Place]) -> dict[Place, int]:
    """A fresh seed for each of these nodes, or of these inputs of nodes."""
    some = random.SystemRandom()
    return {place: some.randint(0, MAX_SEED) for place in places}


def absent_of(load: LoadNode) -> Absent:
    """The picture of a load node, for an error."""
    return Absent(load.node, load.title, "image", load.file, "input")
