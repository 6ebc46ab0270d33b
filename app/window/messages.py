"""What the session says, in the message bar above the picture."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices

from app.actions.qt_actions import Actions
from app.services.jobs import Job
from app.session.session import MessageLevel, Session
from app.text.errors.downloads import PAGE
from app.text.errors.explain import explain
from engine.errors import EngineError, NothingFound, NothingSelected
from engine.geometry import Image
from widgets.message_bar import MessageBar, Notice

QUIET = (NothingSelected, NothingFound)


class Messages(QObject):
    """Never a dialog: a message waits until it is read."""

    def __init__(
        self, bar: MessageBar, session: Session, actions: Actions, parent: QObject
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
    ) -> None:
        """A question that can wait; each choice is a key, its words and what it does."""
        self._others.update({key: do for key, _, do in choices})
        actions = tuple((key, words) for key, words, _ in choices)
        self._bar.show_notice(
            Notice(kind="info", title=title, text=text, actions=actions, picture=picture)
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
            self._actions[key].trigger()
