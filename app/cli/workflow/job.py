"""What `lacuna run` needs to know of a workflow, wherever it is run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.cli.files import InputOutput
from app.cli.report import Console, FileReport


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowJob:
    """A checked workflow and its pictures."""

    todo: Sequence[InputOutput]
    outputs: Callable[[InputOutput], list[Path]]  # files that are known before anything is run
    do: Callable[
        [InputOutput, FileReport, Console], None
    ]  # fills the report in, raises EngineErrors
    force: bool = False
