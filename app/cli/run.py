"""One picture after the other, from file to file; each one's trouble ends with it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.cli.files import InputOutput
from app.cli.report import Console, FileReport
from app.commands import recipe as batch
from app.commands.files import open_picture
from app.commands.outputs import WriteOutputs, is_lossy, variant_files
from app.engines.runner import InlineRunner
from app.text.errors.explain import explain
from app.text.notes import note
from engine.jobs.worker import expected
from engine.recipes.recipe import Recipe
from widgets.plain_text import plain


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What to do, with which pictures, and what to write."""

    recipe: Recipe
    todo: Sequence[InputOutput]
    write: WriteOutputs
    force: bool = False

    def reports(self) -> list[FileReport]:
        """One for each picture, to be filled in."""
        return [FileReport(input=str(one.input), output=str(one.output)) for one in self.todo]


def each(
    order: BatchPlan, files: Sequence[FileReport], runner: InlineRunner, console: Console
) -> None:
    """Do all of them with the same engines."""
    count = len(order.todo)
    for number, (pair, report) in enumerate(zip(order.todo, files), 1):
        console.start(f"[{number}/{count}] {plain(pair.input.name)}")
        if not order.force and any(
            file.exists() for file in variant_files(pair.output, order.recipe.variants)
        ):
            report.status, report.message = "skipped", "The output exists; --force replaces it."
        else:
            _one(pair, report, order, runner, console)
        console.say(f"[{number}/{count}] {line(report)}")


def _one(
    pair: InputOutput,
    report: FileReport,
    order: BatchPlan,
    runner: InlineRunner,
    console: Console,
) -> None:
    def work() -> None:
        document = open_picture(pair.input)
        notes = document.picture().notes
        report.size, report.notes = list(document.size), [note(code) for code in notes]
        outcome = batch.apply(order.recipe, document, runner, console, str(pair.input))
        report.steps = outcome.reports
        report.outputs = [str(file) for file in order.write(document, outcome, pair.output)]

    attempt(report, work)


def attempt(report: FileReport, work: Callable[[], None]) -> None:
    """Do it, and note how it ended: the other pictures go on."""
    started_s = time.process_time()
    try:
        work()
        report.status = "done"
    except Exception as error:  # noqa: BLE001 the other pictures go on
        trouble = expected(error)
        report.status, report.error = "failed", type(trouble).__name__
        report.message = explain(trouble).sentence
    report.cpu_s = round(time.process_time() - started_s, 3)


def line(report: FileReport) -> str:
    """What is said of a picture when it is done."""
    source = plain(report.input)
    if report.status != "done":
        return f"{source}: {report.status}. {report.message}"
    target = ", ".join(plain(output) for output in report.outputs)
    parts = [f"{source} -> {target}{_ring(report)}", *report.notes, *_loss(report)]
    return " ".join([*parts, *_notes(report)])


def _loss(report: FileReport) -> list[str]:
    """The ring's promise is about the picture; some files cannot keep it."""
    lossy = any(is_lossy(Path(output)) for output in report.outputs)
    return ["This format compresses the whole picture anew."] if lossy else []


def _ring(report: FileReport) -> str:
    changed = [step.facts for step in report.steps if step.step in ("remove", "paint")]
    if not changed:
        return ""
    inside = sum(facts["ring_px"] for facts in changed)
    outside = sum(facts["changed_outside_px"] for facts in changed)
    return f" ({inside} px inside the ring are new, {outside} px changed outside the ring)"


def _notes(report: FileReport) -> list[str]:
    """What engines had to say, each once."""
    facts = [step.facts for step in report.steps]
    inner = [variant for each in facts for variant in each.get("variants", [])]
    codes = [code for each in (*facts, *inner) for code in each.get("notes", [])]
    return [note(code) for code in dict.fromkeys(codes)]
