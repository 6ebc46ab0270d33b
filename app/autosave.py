"""The journal of the open document, and the offer to recover those of a crash."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app import journal, paths
from app.document import Document
from app.jobs import Desk
from app.journal import Journal, Recovery
from app.messages import Messages
from app.session import Session
from app.session_files import Files
from engine.backend import JobContext
from engine.errors import EngineError, FileError
from engine.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverWork:
    """A document as it was after its last whole edit."""

    recovery: Recovery
    limits: Limits

    def run(self, job: JobContext) -> Document:
        job.report(0.0, "read")
        return journal.recover(self.recovery, self.limits)


class Autosave(QObject):
    """One journal for one open document; trouble with it is said once and stops nothing."""

    _troubled = Signal(object)  # from the journal's thread

    def __init__(
        self, session: Session, files: Files, messages: Messages, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._files, self._messages = session, files, messages
        self.journal: Journal | None = None  # of the open document
        self._resumed: Recovery | None = None
        session.opened.connect(self._on_opened)
        files.saved.connect(self._on_saved)
        self._troubled.connect(self._on_troubled, Qt.ConnectionType.QueuedConnection)

    def offer(self) -> None:
        """Ask about the newest document that a crash left; it waits until it is answered."""
        found = journal.pending(paths.journal_dir())
        if not found:
            return
        newest = found[0]
        name = newest.name or self.tr("a picture without a name")
        title = self.tr("Lacuna ended before {name} was saved. All edits are still there.")
        self._messages.offer(
            title.replace("{name}", name),
            self.tr("%n more document(s) can be recovered afterwards.", "", len(found) - 1)
            if len(found) > 1
            else "",
            (
                ("recover", self.tr("Recover"), lambda: self.recover(newest)),
                ("forget", self.tr("Discard"), lambda: self.forget(newest)),
            ),
        )

    def recover(self, recovery: Recovery) -> None:
        self._session.jobs.ask(
            "open",
            RecoverWork(recovery=recovery, limits=self._files.limits),
            partial(self._on_recovered, recovery),
            desk=Desk.FILES,
            on_failed=lambda error: self._on_failed(error, recovery),
        )

    def forget(self, recovery: Recovery) -> None:
        journal.discard(recovery)
        self.offer()

    def _on_recovered(self, recovery: Recovery, document: Document) -> None:
        self._resumed = recovery
        self._session.adopt(document)
        self._session.say(self.tr("Recovered. Save it to keep it."))

    def _on_failed(self, error: EngineError, recovery: Recovery) -> None:
        self._session.failed.emit(error, partial(self.recover, recovery))

    @Slot()
    def _on_opened(self) -> None:
        """The old document is closed and needs no recovery; the new one gets a journal."""
        if self.journal is not None:
            self.journal.close()
            self.journal = None
        document, history = self._session.document, self._session.history
        resumed, self._resumed = self._resumed, None
        if document is None or history is None:
            return
        report = self._troubled.emit
        try:
            if resumed is not None:
                self.journal = Journal.resume(resumed, document, history, report)
            else:
                source = document.path
                folder = paths.journal_dir()
                self.journal = Journal.start(folder, document, history, report, source=source)
        except FileError as error:
            self._session.failed.emit(error, None)

    @Slot(object)
    def _on_saved(self, path: Path) -> None:
        if self.journal is not None:
            self.journal.mark_saved(path)

    @Slot(object)
    def _on_troubled(self, error: EngineError) -> None:
        self._session.failed.emit(error, None)
