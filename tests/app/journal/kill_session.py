"""A scripted session that is killed at seeded moments: run by test_kill in a process of its own.

    python -m tests.app.journal.kill_session FOLDER COUNT SEED

The libraries are loaded once; each session is a fork. A first one runs to its end and tells what
the document is after each action and how long that took; the others are killed within an action
chosen in turn from edits, saves and exports. Prints one line of JSON for each.
"""

import hashlib
import json
import os
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from app.document.document import Document
from app.document.history import History
from app.journal import writer
from app.journal.journal import Journal, pending, recover
from app.project import project
from engine.geometry import Size
from engine.image_io.reader import read
from engine.image_io.writer import ExportOptions, write
from tests.support.documents import fingerprint, picture, random_edit, variant

SCRIPT = ("edit", "edit", "save", "edit", "undo", "export", "keep", "edit") * 3 + ("save", "redo")
SIZE = Size(560, 170)  # two by two tiles
PASTED = Size(2000, 1500)


class Session:
    """What the window does, without a window."""

    def __init__(self, folder: Path) -> None:
        self.project, self.export = folder / "cat.lacuna", folder / "out.png"
        source = folder / "cat.png"
        self.document = Document.from_picture(read(source), source)
        self.history = History(self.document)
        self.journal = Journal.start(
            folder / "journal", self.document, self.history, fail, source=source
        )
        self.journal._writer._compact_at = writer.COMPACT_FROM

    def act(self, index: int) -> None:
        random = np.random.default_rng(index)
        match SCRIPT[index]:
            case "edit":
                random_edit(self.document, self.history, random)
            case "undo":
                self.history.undo()
            case "redo":
                self.history.redo()
            case "keep":
                self.history.add_variant(variant(random, self.document))
            case "save":
                project.save(self.document.lease(), self.project)
                self.history.mark_clean()
                self.journal.mark_saved(self.project)
            case _:
                with self.document.lease() as lease:
                    write(lease.picture, self.export, ExportOptions(format="png"))
        self.journal.flush()


def fail(error: object) -> None:
    raise AssertionError(error)


def play(folder: Path, pipe: int, *, tell: bool) -> None:
    """In the fork: act, and say before and after each action so."""
    session = Session(folder)
    for index in range(len(SCRIPT)):
        os.write(pipe, f"begin {index}\n".encode())
        started = time.perf_counter()
        session.act(index)
        took = time.perf_counter() - started
        facts = f"{took} {fingerprint(session.document)} {exported(folder)}" if tell else ""
        os.write(pipe, f"end {index} {facts}\n".encode())


def exported(folder: Path) -> str:
    path = folder / "out.png"
    return hashlib.sha256(read(path).pixels.tobytes()).hexdigest() if path.exists() else "none"


@dataclass
class Rehearsal:
    """What the document and the export are after each action, and how long it took."""

    states: list[str] = field(default_factory=list)
    exports: list[str] = field(default_factory=list)
    took: list[float] = field(default_factory=list)


def fork(run: Callable[[int], None]) -> tuple[int, int]:
    """Process and the reading end of its pipe."""
    ours, theirs = os.pipe()
    process = os.fork()
    if process == 0:
        status = 1
        try:
            os.close(ours)
            run(theirs)
            status = 0
        finally:
            os._exit(status)
    os.close(theirs)
    return process, ours


def rehearse(folder: Path) -> Rehearsal:
    prepare(folder)
    process, pipe = fork(lambda theirs: play(folder, theirs, tell=True))
    with os.fdopen(pipe) as lines:
        told = [line.split() for line in lines]
    _, status = os.waitpid(process, 0)
    assert status == 0, "the rehearsal failed"
    rehearsal = Rehearsal()
    for _, _, took, state, export in (each for each in told if each[0] == "end"):
        rehearsal.took.append(float(took))
        rehearsal.states.append(state)
        rehearsal.exports.append(export)
    return rehearsal


def prepare(folder: Path) -> None:
    folder.mkdir()
    first = folder.parent / "rehearsal" / "cat.png"
    if folder != first.parent:
        shutil.copy(first, folder / "cat.png")
    else:
        write(picture("rgb8", SIZE), first, ExportOptions(format="png"))


def killed(folder: Path, index: int, delay_s: float) -> int:
    """Run until `delay_s` into an action, then kill -9; returns the last action that ended."""
    prepare(folder)
    process, pipe = fork(lambda theirs: play(folder, theirs, tell=False))
    told = b""
    while f"begin {index}\n".encode() not in told and (part := os.read(pipe, 4096)):
        told += part
    deadline = time.perf_counter() + delay_s
    while (left := deadline - time.perf_counter()) > 0 and f"end {index}".encode() not in told:
        if select.select([pipe], [], [], left)[0]:
            told += os.read(pipe, 4096)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    with os.fdopen(pipe, "rb") as rest:
        told += rest.read()
    return max(
        (int(line.split()[1]) for line in told.splitlines() if line[:3] == b"end"), default=-1
    )


def judge(folder: Path, ended: int, rehearsal: Rehearsal, start: str) -> str:
    """Empty, or what is wrong with what was left behind."""
    after = min(ended + 1, len(SCRIPT) - 1)
    states = {rehearsal.states[ended] if ended >= 0 else start, rehearsal.states[after]}
    saves = [i for i in range(after + 1) if SCRIPT[i] == "save"]
    saved = folder / "cat.lacuna"
    if saved.exists():
        old_or_new = {rehearsal.states[i] for i in saves[-2:]}
        if fingerprint(project.load(saved)) not in old_or_new:
            return "the project is neither old nor new"
    if any(i <= ended for i in saves) and not saved.exists():
        return "the project is gone"
    if exported(folder) not in {rehearsal.exports[max(ended, 0)], rehearsal.exports[after]}:
        return "the export is neither old nor new"
    found = pending(folder / "journal")
    if len(found) > 1:
        return "more than one journal"
    if found:
        document = recover(found[0])
    else:  # nothing unsaved: the file has it all
        document = (
            project.load(saved)
            if saved.exists()
            else Document.from_picture(read(folder / "cat.png"))
        )
    return "" if fingerprint(document) in states else "the document is in another state"


def paste(folder: Path, pipe: int) -> None:
    """In the fork: a picture that is in no file; `based` when the journal has it."""
    document = Document.from_picture(picture("rgb8", PASTED))
    history = History(document)
    os.write(pipe, b"begin\n")
    journal = Journal.start(folder, document, history, fail)
    journal.settle()
    os.write(pipe, b"based\n")
    select.select([], [], [])  # until it is killed


def paste_killed(folder: Path, delay_s: float | None) -> tuple[bool, str]:
    """Kill -9 so long after the paste, or once it is based; was it, and what is wrong."""
    process, pipe = fork(lambda theirs: paste(folder, theirs))
    with os.fdopen(pipe, "rb") as lines:
        lines.readline()
        if delay_s is None:
            lines.readline()
        else:
            time.sleep(delay_s)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        is_based = delay_s is None or b"based\n" in lines
    found = pending(folder)
    if not found:
        return is_based, "the picture is lost" if is_based else ""
    if (found[0].edits, len(found)) != (0, 1):
        return is_based, "something else is offered"
    whole = fingerprint(recover(found[0])) == fingerprint(
        Document.from_picture(picture("rgb8", PASTED))
    )
    return is_based, "" if whole else "another picture"


def kill_pastes(folder: Path, count: int, random: np.random.Generator) -> None:
    started = time.perf_counter()
    paste_killed(folder / "pasted", None)
    took = time.perf_counter() - started
    for number in range(count):
        delay_s = None if number % 2 else float(random.random()) * took / 2
        based, wrong = paste_killed(folder / f"pasted {number}", delay_s)
        told({"action": "paste", "based": based, "wrong": wrong})


def told(facts: dict[str, object]) -> None:
    print(json.dumps(facts), flush=True)  # noqa: T201


def main(folder: Path, count: int, seed: int) -> None:
    cv2.setNumThreads(1)
    writer.COMPACT_FROM = 300_000
    random = np.random.default_rng(seed)
    rehearsal = rehearse(folder / "rehearsal")
    start = fingerprint(Document.from_picture(read(folder / "rehearsal" / "cat.png")))
    for number in range(count):
        kind = ("edit", "save", "export", "any")[number % 4]
        choices = [i for i, name in enumerate(SCRIPT) if kind in (name, "any")]
        index = int(random.choice(choices))
        own = folder / str(number)
        ended = killed(own, index, float(random.random()) * rehearsal.took[index])
        wrong = judge(own, ended, rehearsal, start)
        facts = {"action": SCRIPT[index], "index": index, "ended": ended, "wrong": wrong}
        told(facts)
    kill_pastes(folder, count // 5, random)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
