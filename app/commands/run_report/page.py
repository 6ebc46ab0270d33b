"""Writes the report of a run as JSON or as one HTML page; text of files is escaped there."""

import functools
import json
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any, TypeAlias

from app.commands.recipe import StepReport
from app.commands.run_report.describe import PictureReport
from app.version import own_version
from engine.image_io.proof import Proof
from engine.storage import atomic_file as atomic

ENDINGS = (".html", ".htm", ".json")

Sentence: TypeAlias = Callable[[str, Proof | None], str]
"""Puts a proof of the file of this name into words."""

_HEAD = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>Lacuna report</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .3em .8em .3em 0;
  border-top: 1px solid #ccc; overflow-wrap: anywhere }
th { white-space: nowrap }
figure { display: inline-block; margin: 0 1em 1em 0 }
</style></head><body>
"""
_SHOWN = (
    "engine",
    "model",
    "seed",
    "score",
    "text",
    "mask",
    "prompt",
    "grow_px",
    "feather_px",
    "ring_px",
)


def write_report(path: Path, reports: Sequence[PictureReport], sentence: Sentence) -> None:
    """As JSON, or as one HTML page that needs no other file. Raises ImageUnwritable, DiskFull."""
    write = as_json if path.suffix.lower() == ".json" else page
    text = write(reports, sentence)
    with atomic.replace(path, mode=_mode(reports)) as file:
        file.write(text.encode("utf-8", "replace"))


def _mode(reports: Sequence[PictureReport]) -> int | None:
    """The thumbnails are as private as the most private of the sources."""
    modes = [atomic.mode_of(Path(each.source)) for each in reports if each.source]
    found = [mode for mode in modes if mode is not None]
    return functools.reduce(operator.and_, found) if found else None


def as_json(reports: Sequence[PictureReport], sentence: Sentence) -> str:
    """All that is known, with the thumbnails in base64."""
    pictures = [{**asdict(each), "sentence": _sentence(each, sentence)} for each in reports]
    found: dict[str, Any] = {"lacuna": own_version(), "pictures": pictures}
    return json.dumps(found, indent=2, default=str) + "\n"


def page(reports: Sequence[PictureReport], sentence: Sentence) -> str:
    """All pictures of a run, one below the other."""
    parts = [part for report in reports for part in _picture(report, _sentence(report, sentence))]
    title = f"<h1>Lacuna {escape(own_version())}</h1>\n"
    return _HEAD + title + "\n".join(parts) + "\n</body></html>\n"


def _sentence(report: PictureReport, sentence: Sentence) -> str:
    return sentence(Path(report.output).name, report.proof)


def _picture(report: PictureReport, sentence: str) -> Iterator[str]:
    yield f"<h2>{escape(report.output)}</h2>"
    yield f"<p><strong>{escape(sentence)}</strong></p>"
    for name, png in report.thumbnails.items():
        image = f'<img alt="{escape(name)}" src="data:image/png;base64,{png}">'
        yield f"<figure>{image}<figcaption>{escape(name)}</figcaption></figure>"
    yield "<table>"
    x, y, width, height = report.ring_bounds
    yield _row("Source", report.source)
    yield _row("sha256 of the source", report.source_sha256)
    yield _row("Size", f"{report.size[0]} x {report.size[1]} px")
    yield _row("Ring", f"{report.ring_px} px within {width} x {height} at {x}, {y}")
    yield _row("Pixels outside the ring, before", report.outside_sha256_before)
    yield _row("Pixels outside the ring, in the file", report.outside_sha256_after)
    for number, step in enumerate(report.steps, 1):
        yield _row(f"Step {number}: {step.step}", _facts(step))
    yield "</table>"


def _facts(step: StepReport) -> str:
    facts = [
        f"{name}: {step.facts[name]}" for name in _SHOWN if step.facts.get(name) not in (None, "")
    ]
    variants = step.facts.get("variants", [])
    seeds = [f"variants: {json.dumps(variants, default=str)}"] if variants else []
    return "; ".join([*facts, *seeds])


def _row(name: str, value: str) -> str:
    return f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
