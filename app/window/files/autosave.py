"""The journal of the open document, and the offer to recover those of a crash."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QDateTime, QLocale, QObject, Qt, Signal, Slot

from app import paths
from app.document.document import Document
from app.journal import journal
from app.journal.journal import Journal, Recovery
from app.services.jobs import JobQueue
from app.session.files import Arrival, Files
from app.session.session import MessageLevel, Session
from app.window.messages import Messages
from engine.errors import EngineError, FileError
from engine.image_io.limits import Limits
from engine.jobs.backend import JobContext


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverWork:
    """Reads a document back as it was after its last whole edit."""

    recovery: Recovery
    limits: Limits

    def run(self, job: JobContext) -> Document:
        job.report(0.0, "read")
        return journal.recover(self.recovery, self.limits, job.report)


class Autosave(QObject):
    """Keeps one journal for the open document; an error of it is shown and stops nothing."""

    _troubled = Signal(object)  # from the journal's thread

    def __init__(
        self,
        session: Session,
        files: Files,
        messages: Messages,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._files, self._messages = session, files, messages
        self.journal: Journal | None = None  # of the open document
        self._resumed: Recovery | None = None
        self._is_asking = False
        self._taken: set[Path] = set()  # journals of documents that other windows show now
        files.arrived.connect(self._on_arrived)
        files.displaced.connect(self._on_displaced)
        session.opened.connect(self._on_opened)
        files.saved.connect(self._on_saved)
        self._troubled.connect(self._on_troubled, Qt.ConnectionType.QueuedConnection)

    def offer(self) -> None:
        """Ask about the newest document that a crash left, until there is none left."""
        waiting = journal.pending(paths.journal_dir())
        found = [each for each in waiting if each.folder not in self._taken]
        self._is_asking = bool(found)
        if not found:
            return
        newest = found[0]
        name = newest.name or self.tr("a picture without a name")
        title = self.tr("Lacuna ended before {name} was saved. All edits are still there.")
        self._messages.offer(
            title.replace("{name}", name),
            "\n".join(self._details(newest, len(found) - 1)),
            (
                ("recover", self.tr("Recover"), lambda: self.recover(newest)),
                ("forget", self.tr("Discard"), lambda: self.forget(newest)),
            ),
            newest.thumbnail,
        )

    def _details(self, recovery: Recovery, others: int) -> Iterator[str]:
        changed = QDateTime.fromSecsSinceEpoch(round(recovery.changed))
        text = self.tr("%n change(s), the last on {when}.", "", recovery.edits)
        yield text.replace("{when}", QLocale().toString(changed, QLocale.FormatType.ShortFormat))
        if (path := recovery.saved or recovery.source) is not None:
            yield str(path.parent)
        if others:
            yield self.tr("%n more document(s) can be recovered afterwards.", "", others)

    def recover(self, recovery: Recovery) -> None:
        """Read the document back; it is shown here or, if something here was edited, elsewhere."""
        self._session.jobs.ask(
            "open",
            RecoverWork(recovery=recovery, limits=self._files.limits),
            partial(self._on_recovered, recovery),
            queue=JobQueue.FILES,
            on_failed=lambda error: self._on_failed(error, recovery),
        )

    def forget(self, recovery: Recovery) -> None:
        journal.discard(recovery)
        self.offer()

    def _on_recovered(self, recovery: Recovery, document: Document) -> None:
        self._files.take(Arrival(document=document, recovery=recovery))

    @Slot(object)
    def _on_arrived(self, arrival: Arrival) -> None:
        self._resumed = arrival.recovery

    @Slot(object)
    def _on_displaced(self, arrival: Arrival) -> None:
        """Another window takes the document and its journal: offer the next one here."""
        if arrival.recovery is not None:
            self._taken.add(arrival.recovery.folder)
            self.offer()

    def _on_failed(self, error: EngineError, recovery: Recovery) -> None:
        self._session.failed.emit(error, partial(self.recover, recovery))

    @Slot()
    def _on_opened(self) -> None:
        """The old document is closed and needs no recovery; the new one gets a journal.

        The messages about the old one are gone; a question that was not answered is asked again.
        """
        is_recovered = self._resumed is not None
        self._change_journal()
        if is_recovered:
            self._session.say(self.tr("Recovered. Save it to keep it."), MessageLevel.SUCCESS)
        if self._is_asking and self._session.document is not None:
            self.offer()  # last, so that the next document is what the bar shows

    def _change_journal(self) -> None:
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
