"""Writes the report on a picture that a window has exported, as work for a job queue."""

from dataclasses import dataclass
from pathlib import Path

from app.commands.export import prove_file
from app.commands.run_report.describe import Change, describe
from app.commands.run_report.edits import of_document
from app.commands.run_report.page import Sentence, write_report
from app.document.document import Lease
from app.document.generation_text import with_parameters
from engine.image_io.writer import ExportOptions
from engine.jobs.backend import JobContext


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReportWork:
    """Job: compare the exported file with the document once more, and write what was found."""

    lease: Lease  # of the pixels that were exported
    exported: Path
    options: ExportOptions
    source: Path | None  # that was opened
    path: Path  # of the report: .html or .json
    sentence: Sentence

    def run(self, job: JobContext) -> None:
        """Raises ImageUnwritable, DiskFull."""
        job.report(0.0, "save")
        change, edits = Change.of(self.lease), of_document(self.lease)
        proof = prove_file(
            with_parameters(self.lease),
            self.exported,
            self.options,
            original=change.original.pixels,
            ring=edits.ring,
        )
        found = describe(
            change, self.exported, self.options, source=self.source, edits=edits, proof=proof
        )
        write_report(self.path, [found], self.sentence)
