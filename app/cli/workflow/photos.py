"""Which node of a workflow the photos are for, and where the other pictures that it names are."""

import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from app.cli.arguments import UsageError
from app.cli.workflow.missing import quoted
from engine.comfy.errors import Absent
from engine.jobs.paint_settings import MAX_SEED
from widgets.plain_text import plain


class LoadNode(NamedTuple):
    """A node that reads a picture."""

    node: str
    title: str
    file: str  # as the workflow names it
    is_mask: bool = False


def photos_of(loads: Sequence[LoadNode], named: Iterable[str], path: Path) -> tuple[str, ...]:
    """The nodes that the photos are for: all that read one picture. Raises Usage.

    `named` are the nodes whose picture the user named himself.
    """
    set_ = set(named)
    open_ = [load for load in loads if load.node not in set_]
    files = dict.fromkeys(load.file for load in open_ if not load.is_mask)
    if not files:
        raise UsageError(
            "no node of the workflow is left for the photos: each has an image by --set"
        )
    absent = [file for file in files if file_of(file, path) is None]
    if len(files) > 1 and len(absent) != 1:
        raise UsageError(_several([load for load in open_ if not load.is_mask]))
    file = next(iter(files)) if len(files) == 1 else absent[0]
    return tuple(load.node for load in open_ if load.file == file)


def _several(loads: Sequence[LoadNode]) -> str:
    """Which picture stays the same for all photos, only the user knows."""
    listed = ", ".join(plain(f"{load.node} ({load.title}: {load.file})") for load in loads)
    setting = quoted(f"{loads[-1].node}.image=FILE")
    return (
        f"the workflow loads several pictures: {listed}. The photos take the place of one; "
        f"name a file for each other one, for example --set {setting}"
    )


def absent_of(load: LoadNode) -> Absent:
    return Absent(load.node, load.title, "image", load.file, "input")


def file_of(name: str, path: Path, *, anywhere: bool = False) -> Path | None:
    """As it is named, or beside the workflow; ComfyUI adds its folder in brackets.

    A workflow may be a stranger's: no place elsewhere is looked at but for the user himself, who
    may mean `anywhere`.
    """
    named = Path(name) if anywhere else Path(name.removesuffix(" [input]").replace("\\", "/"))
    is_inside = not named.is_absolute() and not named.drive and ".." not in named.parts
    places = (named, path.parent / named) if is_inside or anywhere else ()
    return next((p for p in (*places, path.parent / named.name) if name and p.is_file()), None)


def drawn(nodes: Iterable[str]) -> dict[str, int]:
    """A fresh seed for each node that wants one at each run."""
    some = random.SystemRandom()
    return {node: some.randint(0, MAX_SEED) for node in nodes}


def said_of(seeds: Iterable[tuple[str, int]]) -> list[str]:
    return [f"A seed was drawn: --set {node}.seed={seed} takes the same again."
            for node, seed in seeds]  # fmt: skip
