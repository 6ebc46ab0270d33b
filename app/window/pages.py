"""The middle of a window: the start page or the picture, and the title that names it."""

import contextlib
import threading
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QWidget

from app.panels.light_offer import LightOffer
from app.services.light_models import LightModels
from app.session.files import Files
from app.session.session import Session
from app.session.verbs import Verbs
from app.settings.recent_files import RecentFiles
from app.window.files.dialogs import FileDialogs
from app.window.picture_view import PictureView
from engine.picture import FirstView
from widgets.empty_state import EmptyState, RecentFile
from widgets.message_bar import MessageBar
from widgets.plain_text import plain

SHOWN = 5


class StartPage(EmptyState):
    """Shown without a picture; lists the files that were opened last."""

    _looked = Signal()  # from the thread that looked which files are still there

    def __init__(
        self, files: Files, dialogs: FileDialogs, recent_files: RecentFiles, light: LightModels
    ) -> None:
        super().__init__()
        self.offer = LightOffer(light, parent=self)
        self.add_offer(self.offer)
        self._recent_files = recent_files
        self.open_requested.connect(dialogs.open)
        self.paste_requested.connect(dialogs.paste)
        self.sample_requested.connect(dialogs.open_sample)
        self.recent_chosen.connect(lambda key: dialogs.open_path(Path(key)))
        files.opened.connect(self._on_opened)
        self._looked.connect(self._list, Qt.ConnectionType.QueuedConnection)
        self.refresh()

    @Slot(object)
    def _on_opened(self, path: Path) -> None:
        self._recent_files.add(path)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Read the list of recent files again; those that are gone leave it when that is known."""
        self._list()
        if self._recent_files.paths():
            threading.Thread(target=self._look, name="recent files", daemon=True).start()

    def _look(self) -> None:
        self._recent_files.look()
        with contextlib.suppress(RuntimeError):  # the window was quicker
            self._looked.emit()

    @Slot()
    def _list(self) -> None:
        self.set_recent(
            [
                RecentFile(str(path), path.name, str(path.parent))
                for path in self._recent_files.paths()[:SHOWN]
            ]
        )


class Pages(QWidget):
    """The message bar and the split bar lie over the page: it does not jump when they come."""

    def __init__(
        self,
        verbs: Verbs,
        start_page: StartPage,
        view: PictureView,
        message_bar: MessageBar,
    ) -> None:
        super().__init__()
        self._session, self._start_page, self._view = verbs.session, start_page, view
        self._stack = QStackedWidget()
        self._stack.addWidget(start_page)
        self._stack.addWidget(view.canvas)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(self._stack, 0, 0)
        grid.addWidget(message_bar, 0, 0, Qt.AlignmentFlag.AlignTop)
        bottom = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignHCenter
        grid.addWidget(view.split_sides, 0, 0, bottom)
        self._session.opened.connect(self._on_opened)
        verbs.files.first_seen.connect(self._on_first_seen)
        verbs.files.opening.connect(self._on_opening)
        self._show()

    def _show(self) -> None:
        """The canvas if a picture is open, else the start page."""
        has_picture = self._session.document is not None
        self._stack.setCurrentWidget(self._view.canvas if has_picture else self._start_page)

    @Slot(object)
    def _on_opening(self, path: Path | None) -> None:
        if path is None:  # it came to an end: what was there before is shown if it failed
            self._show()

    @Slot(object)
    def _on_first_seen(self, first: FirstView) -> None:
        if self._session.document is None:
            self._view.display.show_first(first)
            self._stack.setCurrentWidget(self._view.canvas)

    @Slot()
    def _on_opened(self) -> None:
        self._show()
        if self._session.document is not None:
            self._view.canvas.setFocus()


class WindowTitle(QObject):
    """Names the open file in the title, with a mark while it is not saved."""

    def __init__(self, window: QWidget, session: Session, files: Files) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        session.opened.connect(self._show)
        session.history_changed.connect(self._show)
        files.wrote.connect(self._show)

    @Slot()
    def _show(self) -> None:
        document, window = self._session.document, self._window
        if document is None:
            window.setWindowTitle("Lacuna")
            window.setWindowModified(False)
            return
        name = document.path.name if document.path else self.tr("Picture without a name")
        window.setWindowTitle(f"{plain(name)}[*] – Lacuna")
        window.setWindowFilePath(str(document.path or ""))
        window.setWindowModified(not self._session.is_safe)
