"""The command line: `lacuna remove`, `select`, `run`, `models`, the self-test. Never imports Qt."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from app import batch, cli_arguments
from app.cli_arguments import Usage
from app.cli_files import Errand, errands, format_of, make_folder
from app.cli_report import Console, FileReport, count, write_report
from app.document import Document
from app.explain import explain
from app.notes import note
from app.version import own_version
from engine import recipe as recipes
from engine.backend import Backend
from engine.errors import EngineError
from engine.formats import of_extension
from engine.reading import read
from engine.recipe import Recipe
from engine.worker import expected
from engine.writing import ExportOptions, write, write_mask
from widgets.plain import plain

DONE, SOME_FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130
SOURCE_TYPE = "humanEdits"  # of IPTC: by a person with tools that generate nothing

Finish = Callable[[Document, Errand], None]


def run(argv: Sequence[str]) -> int:
    """Do what the arguments say; returns the exit code."""
    if list(argv[:1]) == ["models"]:
        from app import cli_models

        return cli_models.run(argv[1:])
    parser = cli_arguments.parser()
    try:
        arguments = parser.parse_args(argv)
    except SystemExit as stop:
        return DONE if stop.code is None else int(stop.code)
    if arguments.version:
        print(f"lacuna {own_version()}")
        return DONE
    if arguments.self_test is not None:
        from app import selftest

        return selftest.run(arguments.self_test)
    if arguments.command is None:
        parser.print_help(sys.stderr)
        return WRONG_USE
    return _command(arguments)


def _command(arguments: argparse.Namespace) -> int:
    console = Console(sys.stderr)
    try:
        recipe, todo, finish = _plan(arguments)
    except Usage as error:
        console.say(f"lacuna {arguments.command}: {error}")
        return WRONG_USE
    except EngineError as error:
        console.say(explain(error).sentence)
        return WRONG_USE
    files = [FileReport(input=str(one.source), output=str(one.target)) for one in todo]
    try:
        _each(todo, files, recipe, finish, console, arguments.force)
    except KeyboardInterrupt:
        console.say("Interrupted.")
    return _close(arguments, files, console)


def _plan(arguments: argparse.Namespace) -> tuple[Recipe, list[Errand], Finish]:
    """What to do, with which files, and what to write. Raises Usage, RecipeInvalid."""
    if arguments.command == "run":
        recipe = recipes.load(arguments.recipe)
        output = recipe.output
        format = arguments.format or output.format
        todo = errands(arguments.inputs, arguments.output, format)
        quality = arguments.quality or output.quality
        make_folder(arguments.output)
        return recipe, todo, _export(quality, output.private)
    recipe = cli_arguments.recipe(arguments)
    todo = [Errand(arguments.input, arguments.output)]
    found = format_of(arguments.output)
    if arguments.command == "remove":
        return recipe, todo, _export(recipe.output.quality, recipe.output.private)
    if found != "png":
        raise Usage(f"a mask is written as PNG: {arguments.output.name} must end in .png")
    return recipe, todo, lambda document, errand: write_mask(document.mask, errand.target)


def _export(quality: int, private: bool) -> Finish:
    def finish(document: Document, errand: Errand) -> None:
        options = ExportOptions(
            format=format_of(errand.target),
            quality=quality,
            private=private,
            source_type=SOURCE_TYPE,
        )
        write(document.picture(), errand.target, options)

    return finish


def _each(
    todo: Sequence[Errand],
    files: Sequence[FileReport],
    recipe: Recipe,
    finish: Finish,
    console: Console,
    force: bool,
) -> None:
    from engine.builtin.backend import BuiltinBackend  # heavy: only now is it sure to be needed

    backend = BuiltinBackend()
    for number, (errand, report) in enumerate(zip(todo, files), 1):
        console.start(f"[{number}/{len(todo)}] {plain(errand.source.name)}")
        if errand.target.exists() and not force:
            report.status, report.message = "skipped", "The output exists; --force replaces it."
        else:
            _one(errand, report, recipe, finish, backend, console)
        console.say(f"[{number}/{len(todo)}] {_line(report)}")
    backend.close()


def _one(
    errand: Errand,
    report: FileReport,
    recipe: Recipe,
    finish: Finish,
    backend: Backend,
    console: Console,
) -> None:
    """One picture from file to file; its trouble ends here, in a sentence."""
    started_s = time.process_time()
    try:
        picture = read(errand.source)
        report.size, report.notes = list(picture.size), [note(code) for code in picture.notes]
        document = Document.from_picture(picture, errand.source)
        report.steps = batch.apply(recipe, document, backend, console, str(errand.source))
        finish(document, errand)
        report.status = "done"
    except Exception as error:  # noqa: BLE001 the other pictures go on
        trouble = expected(error)
        report.status, report.error = "failed", type(trouble).__name__
        report.message = explain(trouble).sentence
    report.cpu_s = round(time.process_time() - started_s, 3)


def _line(report: FileReport) -> str:
    source, target = plain(report.input), plain(report.output)
    if report.status == "done":
        return " ".join([f"{source} -> {target}{_ring(report)}", *report.notes, *_loss(report)])
    return f"{source}: {report.status}. {report.message}"


def _loss(report: FileReport) -> list[str]:
    """The ring's promise is about the picture; some files cannot keep it."""
    known = of_extension(Path(report.output).suffix)
    lossy = known is not None and known.has_quality
    return ["This format compresses the whole picture anew."] if lossy else []


def _ring(report: FileReport) -> str:
    removed = [step.facts for step in report.steps if step.step == "remove"]
    if not removed:
        return ""
    inside = sum(facts["ring_px"] for facts in removed)
    outside = sum(facts["changed_outside_px"] for facts in removed)
    return f" ({inside} px inside the ring are new, {outside} px changed outside the ring)"


def _close(arguments: argparse.Namespace, files: list[FileReport], console: Console) -> int:
    """The report, and the exit code."""
    try:
        write_report(arguments.json, arguments.command, own_version(), files)
    except EngineError as error:
        console.say(explain(error).sentence)
        return SOME_FAILED
    if count(files, "interrupted"):
        return INTERRUPTED
    return SOME_FAILED if count(files, "failed") else DONE
