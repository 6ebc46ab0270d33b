"""The report on the file that was exported last: asks where to, and has it written."""

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from app.services.jobs import JobQueue
from app.session.files import ExportedPicture
from app.session.session import MessageLevel
from app.session.verbs import Verbs
from app.text.proof import proof_sentence
from app.window.files.dialogs import FileDialogs
from app.window.files.export import ExportFlow


class ReportExport(QObject):
    """A report is about a file that shows the picture as it is now: that is exported first."""

    def __init__(self, verbs: Verbs, export_flow: ExportFlow, dialogs: FileDialogs) -> None:
        super().__init__(dialogs)
        self._session, self._export_flow, self._dialogs = verbs.session, export_flow, dialogs
        self._exported: ExportedPicture | None = None
        verbs.files.exported.connect(self._on_exported)
        verbs.session.opened.connect(self._on_opened)

    @Slot(object)
    def _on_exported(self, exported: ExportedPicture) -> None:
        self._exported = exported

    @Slot()
    def _on_opened(self) -> None:
        self._exported = None

    def ask(self) -> None:
        """Ask for a file; where the picture is in none as it is now, export it before."""
        if (exported := self._current()) is not None:
            path = exported.path
            self._dialogs.path(
                self.tr("Export report"),
                path.with_name(f"{path.stem}-report.html"),
                self.tr("Report (*.html *.json)"),
                self.write,
            )
        elif self._session.document is not None:
            text = self.tr("A report is about a written file: export the picture first.")
            self._session.say(text)
            self._export_flow.ask("picture", self.ask)

    def write(self, path: Path) -> None:
        """Write it: JSON by that ending, else one HTML page."""
        from app.commands.run_report.work import ReportWork

        exported = self._current()
        if exported is None or exported.point is None:
            return
        lease = exported.document.lease(mask=False)
        work = ReportWork(
            lease=lease,
            exported=exported.path,
            options=exported.options,
            source=exported.document.path,
            path=path,
            sentence=proof_sentence,
        )
        self._session.jobs.ask(
            "export",
            work,
            lambda _: self._on_written(path),
            queue=JobQueue.SAVING,
            keep=lease,
            on_failed=lambda error: self._session.failed.emit(error, None),
        )

    def _on_written(self, path: Path) -> None:
        text = self.tr("{name} says how the picture was made, and what did not change.")
        self._session.say(text.replace("{name}", path.name), MessageLevel.SUCCESS)

    def _current(self) -> ExportedPicture | None:
        """The last export, if the picture is still as it was written."""
        document, exported = self._session.document, self._exported
        if document is None or exported is None or exported.point is None:
            return None
        return exported if exported.point.revision == document.revision else None
