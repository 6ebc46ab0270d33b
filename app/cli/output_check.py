"""Checks of all files that a command will write, made before any work."""

import argparse
import os
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from app.cli.exit_codes import UsageError
from app.cli.inputs import STREAM, make_folder
from app.cli.run import BatchPlan
from app.commands.run_report.page import ENDINGS


def check_outputs(plan: BatchPlan, *, reads: Iterable[Path], reports: Iterable[Path]) -> None:
    """Refuse outputs that are one file, or a file that is read; make the folders.

    Names count as one without regard to capitals: there are disks that know none. `reads` are
    files beside the pictures, `reports` are written at the end. Raises UsageError.
    """
    sources = {_key(path): path for path in (*(pair.input for pair in plan.pairs), *reads)}
    written: dict[str, str] = {}
    files = [(output, str(pair.input)) for pair in plan.pairs for output in plan.outputs(pair)]
    reports = list(reports)
    for output, origin in (*files, *((report, "the report") for report in reports)):
        if (key := _key(output)) in sources:
            raise UsageError(f"{output} is a file that is read: choose another name for the output")
        other = written.setdefault(key, origin)
        if other is not origin:
            raise UsageError(f"{other} and {origin} would both be written to {output}")
    _check_reports(reports, force=plan.force)
    _make_folders({output for output, _ in files} | set(reports))


def reports_of(arguments: argparse.Namespace) -> list[Path]:
    """The files that reports are written to. Raises UsageError."""
    page: Path | None = getattr(arguments, "report", None)
    if page is not None and page.suffix.lower() not in ENDINGS:
        raise UsageError(f"--report writes {', '.join(ENDINGS)}: {page.name} has another ending")
    json = None if arguments.json in (None, str(STREAM)) else Path(arguments.json)
    return [path for path in (json, page) if path is not None]


def _key(path: Path) -> str:
    return unicodedata.normalize("NFC", os.path.realpath(path)).casefold()


def _check_reports(reports: Iterable[Path], *, force: bool) -> None:
    for report in reports:
        if not force and report.is_file():
            raise UsageError(f"{report} exists; --force replaces it")


def _make_folders(outputs: Iterable[Path]) -> None:
    for output in sorted(outputs):
        if os.path.isdir(output):
            raise UsageError(f"{output} is a folder")
    for folder in sorted({output.parent for output in outputs}):
        make_folder(folder)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise UsageError(f"you may not write to the folder {folder}")
