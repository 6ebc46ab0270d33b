"""The inputs of a workflow: the nodes that the photos are for, and hints for files it lacks."""

import os
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from app.cli.exit_codes import UsageError
from app.commands.workflow_inputs import LoadNode, file_of
from engine.comfy.errors import Absent, WorkflowIncomplete
from engine.workflow.edit.missing import INPUT, suggest
from widgets.plain_text import plain

CHOICES = 8  # that are listed of each


def photos_of(loads: Sequence[LoadNode], named: Iterable[str], path: Path) -> tuple[str, ...]:
    """The nodes that the photos are for: all that read one picture. Raises UsageError.

    `named` are the nodes whose picture the user has set.
    """
    set_nodes = set(named)
    left = [load for load in loads if load.node not in set_nodes]
    files = dict.fromkeys(load.file for load in left if not load.is_mask)
    if not loads:
        raise UsageError("the workflow loads no picture: it has no place for the photos")
    if not files:
        raise UsageError(
            "no node of the workflow is left for the photos: each has an image by --set"
        )
    absent = [file for file in files if file_of(file, path) is None]
    if len(files) > 1 and len(absent) != 1:
        raise UsageError(_several([load for load in left if not load.is_mask]))
    file = next(iter(files)) if len(files) == 1 else absent[0]
    return tuple(load.node for load in left if load.file == file)


def _several(loads: Sequence[LoadNode]) -> str:
    """The error where a workflow loads several pictures: only the user knows which is the photo."""
    listed = ", ".join(plain(f"{load.node} ({load.title}: {load.file})") for load in loads)
    setting = quoted(f"{loads[-1].node}.image=FILE")
    return (
        f"the workflow loads several pictures: {listed}. The photos take the place of one; "
        f"name a file for each other one, for example --set {setting}"
    )


def seed_lines(seeds: Mapping[tuple[str, str], int]) -> list[str]:
    """Lines that say which seeds were drawn, by (node, input), each as it can be set again."""
    return [f"A seed was drawn: --set {node}.{input}={seed} takes the same again."
            for (node, input), seed in seeds.items()]  # fmt: skip


def hints(error: BaseException) -> list[str]:
    """Lines below an error: the files that are there, each as a setting to be copied."""
    if not isinstance(error, WorkflowIncomplete):
        return []
    return [line for absent in error.absent for line in _lines(absent)]


def _lines(absent: Absent) -> Iterator[str]:
    named = plain(f"{absent.title or absent.node}, {absent.input}")
    if absent.folder != INPUT:
        yield f"{named}: there is {_listed(absent.choices)}."
        if not absent.choices:
            return
    best = suggest(absent)
    if best:
        yield f"  It may be the same as {plain(best)}:"
    stand_in = "FILE" if absent.folder == INPUT else "NAME"
    yield f"  --set {quoted(f'{absent.node}.{absent.input}={best or stand_in}')}"


def _listed(choices: tuple[str, ...]) -> str:
    """The first names, in the order of the server."""
    more = len(choices) - CHOICES
    shown = ", ".join(map(plain, choices[:CHOICES]))
    return f"{shown}, and {more} more" if more > 0 else shown or "nothing of this kind"


def quoted(word: str) -> str:
    """One word for the command line of this system."""
    if os.name != "nt":
        return plain(shlex.quote(word))
    return plain(f'"{word}"' if " " in word else word)
