"""Runs a plan on its pictures, one after the other; a failure ends only its own picture."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.cli.inputs import STANDARD_INPUT, STREAM, InputOutput
from app.cli.report import Console, FileReport
from app.text.errors.terminal import terminal_sentence
from app.text.notes import note
from engine.image_io.formats import of_extension
from engine.jobs.worker import expected
from widgets.plain_text import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPlan:
    """The pictures of a command, their outputs, and the work on one of them."""

    pairs: Sequence[InputOutput]
    outputs: Callable[[InputOutput], list[Path]]  # files that are known before anything is run
    work: Callable[[InputOutput, FileReport, Console], None]
    """Fills the report in. Raises EngineErrors."""
    force: bool = False  # replace outputs that exist


def run(plan: BatchPlan, reports: Sequence[FileReport], console: Console) -> None:
    """Do all of them; there is a report for each, which is filled in."""
    count = len(plan.pairs)
    for number, (pair, report) in enumerate(zip(plan.pairs, reports), 1):
        console.start(f"[{number}/{count}] {_called(pair.input.name)}")
        if not plan.force and any(file.exists() for file in plan.outputs(pair)):
            report.status, report.message = "skipped", "The output exists; --force replaces it."
        else:
            _attempt(plan, pair, report, console)
        console.say(f"[{number}/{count}] {line(report)}")


def _attempt(plan: BatchPlan, pair: InputOutput, report: FileReport, console: Console) -> None:
    """Do one, and note how it ended: the other pictures go on."""
    started_s = time.process_time()
    try:
        plan.work(pair, report, console)
        report.status = "done"
    except Exception as error:  # noqa: BLE001 the other pictures go on
        trouble = expected(error)
        report.status, report.error = "failed", type(trouble).__name__
        report.message = terminal_sentence(trouble)
    report.cpu_s = round(time.process_time() - started_s, 3)


def _called(text: str) -> str:
    return STANDARD_INPUT if text == str(STREAM) else plain(text)


def line(report: FileReport) -> str:
    """The line that is printed when a picture is done."""
    source = _called(report.input)
    if report.status != "done":
        return f"{source}: {report.status}. {report.message}"
    target = ", ".join(plain(output) for output in report.outputs)
    parts = [f"{source} -> {target}{_ring(report)}", *report.notes, *_proofs(report)]
    return " ".join([*parts, *_notes(report)])


def _proofs(report: FileReport) -> list[str]:
    """What was measured on the files that were written."""
    if not any(step.step in ("remove", "paint") for step in report.steps):
        return []
    return report.sentences or _loss(report)


def _loss(report: FileReport) -> list[str]:
    """The ring's promise is about the picture; these formats cannot keep it."""
    known = [of_extension(Path(output).suffix) for output in report.outputs]
    lossy = any(found is not None and found.has_quality for found in known)
    return ["This format compresses the whole picture anew."] if lossy else []


def _ring(report: FileReport) -> str:
    changed = [step.facts for step in report.steps if step.step in ("remove", "paint")]
    if not changed:
        return ""
    inside = sum(facts["ring_px"] for facts in changed)
    if report.proofs:
        return f" ({inside} px inside the ring are new)."
    outside = sum(facts["changed_outside_px"] for facts in changed)
    return f" ({inside} px inside the ring are new, {outside} px changed outside the ring)."


def _notes(report: FileReport) -> list[str]:
    """The notes of engines, each once."""
    facts = [step.facts for step in report.steps]
    inner = [variant for each in facts for variant in each.get("variants", [])]
    codes = [code for each in (*facts, *inner) for code in each.get("notes", [])]
    return [note(code) for code in dict.fromkeys(codes)]
