"""Messages of a command: lines and progress on the standard error, a report as JSON."""

import json
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from app.commands.outputs import WrittenFile
from app.commands.recipe import StepReport
from app.commands.run_report.describe import PictureReport
from app.text.embedded import embedded_words
from app.text.proof import proof_sentence
from engine.image_io.proof import Proof
from engine.image_io.writer import Embedded
from engine.storage import atomic_file as atomic
from widgets.plain_text import plain

INTERVAL_S = 0.1


@dataclass(slots=True, kw_only=True)
class FileReport:
    """How one picture of a command ended."""

    input: str
    output: str
    outputs: list[str] = field(default_factory=list)  # written: variants, too
    status: str = "interrupted"  # or done, skipped, failed
    message: str = ""
    error: str | None = None  # name of the type
    size: list[int] | None = None
    cpu_s: float = 0.0
    steps: list[StepReport] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # of the source, said before writing
    proofs: list[Proof | None] = field(default_factory=list)  # of the outputs
    sentences: list[str] = field(default_factory=list)  # on the outputs that were compared
    pages: list[PictureReport] = field(default_factory=list)  # for --report

    def keep(self, written: Sequence[WrittenFile]) -> None:
        """Note the files that were written."""
        self.outputs = [str(file.path) for file in written]
        self.proofs = [file.proof for file in written]
        self.sentences = [
            proof_sentence(plain(file.path.name), file.proof)
            for file in written
            if file.is_compared
        ]
        self.pages = [file.report for file in written if file.report is not None]


class Console:
    """Writes lines and, on a terminal, one moving line of progress. Also the job's context."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._title = ""
        self._shown_at_s = float("-inf")
        self._width = 0

    def start(self, title: str) -> None:
        self._title = title
        self._shown_at_s = float("-inf")

    def report(self, fraction: float, note: str = "", preview: object = None) -> None:
        now_s = time.monotonic()
        if self._is_terminal and now_s - self._shown_at_s >= INTERVAL_S:
            self._shown_at_s = now_s
            self._moving(f"{self._title}  {fraction:4.0%}  {note}")

    def say(self, line: str) -> None:
        self._moving("")
        print(line, file=self._stream, flush=True)

    def tell(self, lines: Sequence[str]) -> None:
        """Lines on the picture whose work was started."""
        for each in lines:
            self.say(f"{self._title}: {each}")

    def _moving(self, text: str) -> None:
        if self._is_terminal and (text or self._width):
            print("\r" + text.ljust(self._width), end="\r", file=self._stream, flush=True)
            self._width = len(text)


def tell_left_out(lost: Iterable[Embedded], report: FileReport, console: Console) -> None:
    """Print what the files will not hold of the source, each line once, and note it."""
    lines = dict.fromkeys(map(embedded_words, lost))
    new = [line for line in lines if line not in report.left_out]
    report.left_out += new
    console.tell(new)


def write_report(target: str | None, command: str, version: str, files: list[FileReport]) -> None:
    """To a file, or to the standard output for `-`. Raises ImageUnwritable, DiskFull."""
    if target is None:
        return
    report: dict[str, Any] = {
        "lacuna": version,
        "command": command,
        **{status: count(files, status) for status in ("done", "skipped", "failed", "interrupted")},
        "files": [_as_dict(file) for file in files],
    }
    text = json.dumps(report, indent=2) + "\n"
    if target == "-":
        sys.stdout.write(text)
        return
    with atomic.replace(Path(target)) as file:
        file.write(text.encode())


def _as_dict(file: FileReport) -> dict[str, Any]:
    found = asdict(replace(file, pages=[]))
    del found["pages"]
    return found


def count(files: list[FileReport], status: str) -> int:
    return sum(file.status == status for file in files)
