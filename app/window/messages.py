"""The message bar above the picture: messages of the session, errors, and offers."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices

from app.actions.qt_actions import QtActions
from app.document.generation_text import parameters_in
from app.services.jobs import Job
from app.services.model_library import ModelLibrary
from app.services.preferences import Preferences
from app.session.session import MessageLevel, Session
from app.session.verbs import Verbs
from app.text.errors.downloads import PAGE
from app.text.errors.explain import explain
from app.text.notes import note
from app.text.proof import proof_sentence
from engine.errors import EngineError, NothingFound, NothingSelected
from engine.geometry import Image
from engine.image_io.headers.a1111 import Parameters
from engine.image_io.proof import Proof
from engine.models.catalog import CatalogEntry
from widgets.message_bar import MessageBar, Notice
from widgets.plain_text import plain

QUIET = (NothingSelected, NothingFound)
REPORT = "file.export_report"
PROMPT_SHOWN = 120  # letters of a prompt in the message bar


class Messages(QObject):
    """Shows messages in the bar, never in a dialog; a message waits until it is read."""

    def __init__(
        self, bar: MessageBar, session: Session, actions: QtActions, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._bar, self._actions = bar, actions
        self._others: dict[str, Callable[[], object]] = {}
        session.said.connect(self._on_said)
        session.failed.connect(self._on_failed)
        session.jobs.failed.connect(self._on_job_failed)
        session.opened.connect(bar.clear)
        bar.triggered.connect(self._on_triggered)

    def offer(
        self,
        title: str,
        text: str,
        choices: tuple[tuple[str, str, Callable[[], object]], ...],
        picture: Image | None = None,
        *,
        level: MessageLevel = MessageLevel.INFO,
    ) -> None:
        """Ask a question that can wait; a choice is (key, text of the button, callable)."""
        self._others.update({key: do for key, _, do in choices})
        actions = tuple((key, words) for key, words, _ in choices)
        self._bar.show_notice(
            Notice(kind=level.value, title=title, text=text, actions=actions, picture=picture)
        )

    @Slot(object, str)
    def _on_said(self, level: MessageLevel, text: str) -> None:
        self._bar.show_notice(Notice(kind=level.value, title=text))

    @Slot(object, object)
    def _on_failed(self, error: EngineError, retry: Callable[[], object] | None) -> None:
        message = explain(error)
        usable = [a for a in message.actions if a.id != "retry" or retry is not None]
        self._bar.show_notice(
            Notice(
                kind="warning" if isinstance(error, QUIET) else "error",
                title=message.title,
                text=" ".join(part for part in (message.text, message.next_step) if part),
                actions=tuple((action.id, action.text) for action in usable),
                subject=retry,
            )
        )

    @Slot(object)
    def _on_job_failed(self, job: Job) -> None:
        if job.error is not None:
            self._on_failed(job.error, None)

    @Slot(str, object)
    def _on_triggered(self, key: str, subject: object) -> None:
        if key == "retry" and callable(subject):
            subject()
        elif key in self._others:
            self._others[key]()
        elif key.startswith(PAGE):
            QDesktopServices.openUrl(QUrl(key.removeprefix(PAGE)))
        elif key in self._actions.all:
            self._actions.trigger(key)


class Announcements(QObject):
    """Says what became of files, models, tasks and settings, and offers what can be done next."""

    def __init__(
        self,
        verbs: Verbs,
        model_library: ModelLibrary,
        preferences: Preferences,
        messages: Messages,
        actions: QtActions,
    ) -> None:
        super().__init__(messages)
        self._actions = actions
        self._verbs, self._session, self._messages = verbs, verbs.session, messages
        verbs.files.opened.connect(self._on_opened)
        verbs.files.wrote.connect(self._on_wrote)
        verbs.resumable_jobs.waits.connect(self._on_tasks_wait)
        model_library.obtained.connect(self._on_obtained)
        model_library.failed.connect(self._session.failed)
        preferences.unsaved.connect(self._on_unsaved)
        if preferences.problems:
            text = self.tr("Some settings could not be read; their defaults are used.")
            self._session.say(text, MessageLevel.WARNING)

    @Slot(object)
    def _on_unsaved(self, error: EngineError) -> None:
        self._session.failed.emit(error, None)

    @Slot()
    def _on_opened(self) -> None:
        document = self._session.document
        if document is None:
            return
        picture = document.picture()
        for code in picture.notes:
            self._session.say(note(code))
        if (found := parameters_in(picture)) is not None:
            self._offer_parameters(found)

    def _offer_parameters(self, found: Parameters) -> None:
        """A generated picture says how it was made: that may be asked for again."""
        words = self.tr("Use Its Prompt and Settings")
        use = partial(self._verbs.painter.use_parameters, found)
        self._messages.offer(
            self.tr("This picture says how it was painted."),
            plain(found.settings.prompt[:PROMPT_SHOWN]),
            (("paint.use_found", words, use),),
        )

    @Slot(object, object)
    def _on_wrote(self, path: Path, proof: Proof | None) -> None:
        title = self.tr("{name} is written.").replace("{name}", path.name)
        if proof is None:
            self._session.say(title, MessageLevel.SUCCESS)
            return
        text = proof_sentence(path.name, proof)
        report = (REPORT, self.tr("Export Report…"), partial(self._actions.trigger, REPORT))
        self._messages.offer(title, text, (report,), level=MessageLevel.SUCCESS)

    @Slot(object)
    def _on_obtained(self, entry: CatalogEntry) -> None:
        text = self.tr("{model} is here.").replace("{model}", entry.title)
        self._session.say(text, MessageLevel.SUCCESS)

    @Slot(int)
    def _on_tasks_wait(self, count: int) -> None:
        """They go on by themselves as soon as the server answers."""
        title = self.tr("%n task(s) of this picture wait for the server.", "", count)
        text = self.tr("They go on as soon as it answers.")
        choice = ("drop_tasks", self.tr("Discard"), self._verbs.resumable_jobs.discard)
        self._messages.offer(title, text, (choice,))
