"""A player of random verbs: a session, with a window or without, and its journal.

One that is interrupted saves and opens the project, or is killed and recovered from its journal,
where another goes on. Undo and redo go back as far as the last interruption, since a file holds
no history.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PySide6.QtCore import QEventLoop, QObject, QTimer, Slot

from app import paths
from app.document.document import Document
from app.document.history import History
from app.journal import pending_tasks
from app.journal.journal import Journal, Recovery, pending, recover
from app.services.jobs import JobQueue, Jobs, MakeBackend
from app.session.files import Arrival
from app.session.session import NOWHERE, Session
from app.session.verbs import Verbs, make_verbs
from app.window.editor import Editor
from engine.errors import FileError
from engine.image_io.limits import Limits
from engine.jobs.fake import FakeBackend
from engine.models.families import Family
from engine.models.model_file import Installed
from tests.app.support.painters import MODELS, engines_with
from tests.support.models_at_hand import model

FindJournal: TypeAlias = Callable[[], Journal | None]
INTERRUPTIONS = ("save and open", "kill and recover")
WAIT_S = 60
UNDO_BYTES = 1 << 30
MODELS_AT_HAND = Installed(models=(*MODELS.models, model(Family.SAM3)))


@dataclass(eq=False, kw_only=True)
class Player:
    """Does verbs on one session, and waits after each until all its jobs are over."""

    name: str
    verbs: Verbs
    find_journal: FindJournal
    folder: Path
    pictures: Sequence[Path]
    is_interrupted: bool = False
    failures: list[str] = field(default_factory=list)
    displaced: list[Arrival] = field(default_factory=list)
    floor: int = 0  # steps of the history before the last interruption
    redoable: int = 0
    kills: int = 0

    def __post_init__(self) -> None:
        self.verbs.session.failed.connect(lambda error, _: self.failures.append(repr(error)))
        self.verbs.files.displaced.connect(self.displaced.append)
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def document(self) -> Document:
        assert self.verbs.session.document is not None, f"{self.name}: {self.failures}"
        return self.verbs.session.document

    @property
    def history(self) -> History:
        assert self.verbs.session.history is not None
        return self.verbs.session.history

    def open(self, path: Path) -> None:
        """Open in the place of what is open."""
        self.verbs.session.drop()
        self.verbs.files.open(path)
        self.settle()
        assert self.document.path == path
        self.floor = self.redoable = 0

    def do(self, verb: Callable[["Player", np.random.Generator], object], seed: int) -> None:
        """Equal verbs and seeds do the same."""
        verb(self, np.random.default_rng(seed))
        self.settle()
        self.redoable = min(self.redoable, len(self.history.undone_labels))

    def close(self) -> None:
        """Give up the document, and end the threads."""
        self.verbs.session.drop()
        self.verbs.session.jobs.close()

    def settle(self) -> None:
        """Spin the event loop until nothing runs or waits."""
        for _ in range(WAIT_S * 200):
            spin(0)
            if not self.verbs.session.jobs.is_busy:
                return
            spin(5)
        raise AssertionError(f"{self.name} still works after {WAIT_S} s")

    def recovery(self) -> Recovery:
        """What the next start would find if the program were killed now."""
        journal = self.find_journal()
        assert journal is not None
        journal.settle()
        copies = self.folder / f"kill {self.kills}"
        self.kills += 1
        shutil.copytree(journal.folder, copies / journal.folder.name)
        (found,) = pending(copies)
        return found

    def interrupt(self, how: str) -> None:
        """Save and open, or kill and recover; another player only ends what is under way."""
        self.verbs.click_selector.accept()  # other candidates and sliders out of rest end with
        self.verbs.session.mask_changed.emit((NOWHERE,))  # a document that closes
        self.break_off(how)
        self.floor, self.redoable = len(self.history.labels), 0

    def break_off(self, how: str) -> None:
        """Do so as it is, also in the middle of a selection."""
        if self.is_interrupted and how == "save and open":
            self._save_and_open()
        elif self.is_interrupted:
            self._kill_and_recover()

    def _save_and_open(self) -> None:
        project = self.folder / "work.lacuna"
        self.verbs.files.save(project)
        self.settle()
        self.open(project)

    def _kill_and_recover(self) -> None:
        if self.history.is_clean:
            return  # nothing is to be recovered
        found = self.recovery()
        self.verbs.session.drop()
        self.verbs.files.take(Arrival(document=recover(found), recovery=found))


def spin(ms: int) -> None:
    """Let the event loop run for so long."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


class SessionJournal(QObject):
    """The journal of a session without a window."""

    def __init__(self, verbs: Verbs) -> None:
        super().__init__(verbs.session)
        self._session = verbs.session
        self.journal: Journal | None = None
        self._resumed: Recovery | None = None
        verbs.files.arrived.connect(self._on_arrived)
        verbs.session.opened.connect(self._on_opened)
        verbs.files.saved.connect(self._on_saved)

    @Slot(object)
    def _on_arrived(self, arrival: Arrival) -> None:
        self._resumed = arrival.recovery

    @Slot()
    def _on_opened(self) -> None:
        if self.journal is not None:
            self.journal.close()
            self.journal = None
        resumed, self._resumed = self._resumed, None
        document, history = self._session.document, self._session.history
        if document is None or history is None:
            return
        if resumed is not None:
            self.journal = Journal.resume(resumed, document, history, self._report)
        else:
            folder, source = paths.journal_dir(), document.path
            self.journal = Journal.start(folder, document, history, self._report, source=source)

    def _report(self, error: FileError) -> None:
        raise AssertionError(error)

    @Slot(object)
    def _on_saved(self, path: Path) -> None:
        if self.journal is not None:
            self.journal.mark_saved(path)


def session_player(parent: QObject, name: str, folder: Path, pictures: Sequence[Path]) -> Player:
    """A session that the fake engine works for, without a window."""
    makers: dict[JobQueue, MakeBackend] = {
        JobQueue.ENGINE: FakeBackend,
        JobQueue.LOCAL: FakeBackend,
    }
    jobs = Jobs(pending_tasks.run, makers, parent)
    verbs = make_verbs(Session(jobs, UNDO_BYTES, parent), engines_with(MODELS_AT_HAND), Limits)
    recorder = SessionJournal(verbs)
    return Player(
        name=name,
        verbs=verbs,
        find_journal=lambda: recorder.journal,
        folder=folder / name,
        pictures=pictures,
    )


def window_player(editor: Editor, name: str, folder: Path, pictures: Sequence[Path]) -> Player:
    """The session of a window, which records it."""
    return Player(
        name=name,
        verbs=editor.verbs,
        find_journal=lambda: editor.autosave.journal,
        folder=folder / name,
        pictures=pictures,
    )
