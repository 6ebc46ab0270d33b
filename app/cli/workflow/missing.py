"""What a workflow names and is not there: what is, and what to type instead."""

import os
import shlex
from collections.abc import Iterator

from engine.comfy.errors import Absent, WorkflowIncomplete
from engine.workflow.edit.missing import INPUT, suggest
from widgets.plain_text import plain

CHOICES = 8  # that are listed of each


def ways_out(error: BaseException) -> list[str]:
    """Lines to show below an error, each setting as it can be copied."""
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
    """The nearest names are not known: in the order of the list."""
    more = len(choices) - CHOICES
    shown = ", ".join(map(plain, choices[:CHOICES]))
    return f"{shown}, and {more} more" if more > 0 else shown or "nothing of this kind"


def quoted(word: str) -> str:
    """One word for the command line of this system."""
    if os.name != "nt":
        return plain(shlex.quote(word))
    return plain(f'"{word}"' if " " in word else word)
