"""Which node of a workflow the photos are for, and where the other pictures that it names are."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from app.cli.arguments import UsageError
from app.cli.workflow.missing import quoted
from app.commands.workflow_inputs import LoadNode, file_of
from widgets.plain_text import plain


def photos_of(loads: Sequence[LoadNode], named: Iterable[str], path: Path) -> tuple[str, ...]:
    """The nodes that the photos are for: all that read one picture. Raises UsageError.

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


def said_of(seeds: Iterable[tuple[str, int]]) -> list[str]:
    return [f"A seed was drawn: --set {node}.seed={seed} takes the same again."
            for node, seed in seeds]  # fmt: skip
