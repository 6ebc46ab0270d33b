"""The running program: its windows, its settings, and the listener for later starts.

The first window is painted before anything else is imported: `_fill` loads the rest.
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, Signal, Slot
from PySide6.QtWidgets import QApplication

from app import paths
from app.window.main_window import MainWindow

if TYPE_CHECKING:
    from app.application.single_instance import SingleInstance
    from app.services.preferences import Preferences
    from app.session.files import Arrival
    from app.window.editor import Editor
    from engine.jobs.backend import Backend
    from widgets.theme.theme import Theme


class Application(QObject):
    """Owns the windows; preferences and theme are made once, after the first paint."""

    loading = Signal()  # the first window is painted; now the heavy things
    faulted = Signal(object)  # a bug nobody caught, from any thread

    def __init__(
        self, app: QApplication, make_backend: "Callable[[], Backend] | None" = None
    ) -> None:
        super().__init__(app)
        self._app, self._make_backend = app, make_backend
        memory = str(paths.config_dir() / "window.ini")
        self._memory = QSettings(memory, QSettings.Format.IniFormat, self)
        self.windows: list[MainWindow] = []
        self._editors: dict[MainWindow, Editor] = {}
        self.faulted.connect(self._on_faulted)
        self._preferences: Preferences | None = None
        self._theme: Theme | None = None
        self._instance: SingleInstance | None = None
        self._is_loading = False
        self.unwritable: Path | None = None  # the folder of the log; said in the first window

    @Slot(object)
    def open_files(self, files: Sequence[Path] = ()) -> None:
        """One window for each file; an empty window is used first. Without a file: a new window.

        A file that is open already is shown instead.
        """
        waiting = [file for file in files if not self.show_open(file)]
        for window in self.windows:
            editor = self.editor_of(window)
            if waiting and editor is not None and editor.is_empty:
                editor.open(waiting.pop(0))
                window.raise_()
                window.activateWindow()
        for file in waiting:
            self._open_window(lambda editor, file=file: editor.open(file))
        if not files:
            self._open_window()

    def show_open(self, file: Path) -> bool:
        """Bring the window to the front that has this file; False where there is none."""
        for window in self.windows:
            editor = self.editor_of(window)
            if editor is not None and editor.shows(file):
                window.raise_()
                window.activateWindow()
                return True
        return False

    @Slot(object)
    def show_elsewhere(self, arrival: "Arrival") -> None:
        """Show a document for which its window has no room in an empty window or a new one."""
        for window in self.windows:
            editor = self.editor_of(window)
            if editor is not None and editor.is_empty:
                editor.take(arrival)
                window.raise_()
                window.activateWindow()
                return
        self._open_window(lambda editor: editor.take(arrival))

    def editor_of(self, window: MainWindow) -> "Editor | None":
        """None until the window is filled."""
        return self._editors.get(window)

    def _open_window(self, begin: "Callable[[Editor], object] | None" = None) -> None:
        """`begin` is called with the editor as soon as it is made."""
        window = MainWindow(self._memory)
        if self.windows:
            window.match(self.windows[-1])
        window.painted_first.connect(lambda: self._on_painted(window, begin))
        window.closed.connect(lambda: self._on_closed(window))
        window.files_dropped.connect(lambda files: self._on_dropped(window, files))
        self.windows.append(window)
        window.show()

    def _on_painted(self, window: MainWindow, begin: "Callable[[Editor], object] | None") -> None:
        """Load and make the editor now that the window is painted, or show the error."""
        if not self._is_loading:
            self._is_loading = True
            self.loading.emit()
        try:
            self._fill(window, begin)
        except Exception as error:  # whatever it is: the window would stay empty without a word
            logging.getLogger(__name__).exception("the editor could not be loaded")
            self._show_trouble(window, error)

    def _show_trouble(self, window: MainWindow, error: Exception) -> None:
        if (editor := self.editor_of(window)) is not None:
            editor.session.failed.emit(error, None)
            return
        from app.application.load_failure import LoadFailurePage

        window.show_trouble(LoadFailurePage(error))

    def _fill(self, window: MainWindow, begin: "Callable[[Editor], object] | None") -> None:
        preferences, theme = self._dress()
        from app.window.editor import Editor, make_backend

        make = self._make_backend or make_backend
        editor = Editor(window, preferences, theme, make, show_open=self.show_open)
        editor.window_wanted.connect(self.open_files)
        editor.displaced.connect(self.show_elsewhere)
        editor.quit_wanted.connect(self.quit)
        window.fill(editor, editor.docks.arrange)
        self._editors[window] = editor
        if self._instance is None:
            self._listen()
            self._say_unwritable(editor)
            editor.autosave.offer()
        if begin is not None:
            begin(editor)

    def _say_unwritable(self, editor: "Editor") -> None:
        if self.unwritable is None:
            return
        from app.session.session import MessageLevel

        text = self.tr(
            "Lacuna cannot write to {folder}: there will be no log, and what is not saved cannot "
            "be recovered after a crash. Give yourself the right to write there."
        )
        text = text.replace("{folder}", str(self.unwritable.parent))
        editor.session.say(text, MessageLevel.WARNING)

    def _dress(self) -> "tuple[Preferences, Theme]":
        """Load preferences, language and theme, once."""
        if self._preferences is None or self._theme is None:
            from app.application import translations
            from app.services.preferences import Preferences
            from widgets.theme.theme import Theme

            self._preferences = Preferences(paths.config_dir() / "settings.json", self)
            settings = self._preferences.current
            translations.install(self._app, settings.language)
            self._theme = Theme(self._app, settings.theme)
        return self._preferences, self._theme

    def _listen(self) -> None:
        from app.application.single_instance import SingleInstance

        self._instance = SingleInstance(paths.state_dir(), self)
        self._instance.files_arrived.connect(self.open_files)
        self._instance.listen()

    @Slot(object)
    def _on_faulted(self, error: BaseException) -> None:
        """Show the error in the active window; it is in the log already."""
        for window in self.windows:
            editor = self.editor_of(window)
            if editor is not None and (window.isActiveWindow() or len(self.windows) == 1):
                editor.session.failed.emit(error, None)

    @Slot()
    def quit(self) -> None:
        """Close all windows; one that asks keeps the program."""
        for window in list(self.windows):
            if not window.close():
                return

    def close(self) -> None:
        """Stop listening; for the end of the program."""
        if self._instance is not None:
            self._instance.close()

    def _on_dropped(self, window: MainWindow, files: list[Path]) -> None:
        """The first file where it fell, if that window is empty; the others beside it."""
        editor = self.editor_of(window)
        if editor is not None and editor.is_empty:
            editor.open(files[0])
            files = files[1:]
        if files:
            self.open_files(files)

    def _on_closed(self, window: MainWindow) -> None:
        self.windows.remove(window)
        self._editors.pop(window, None)
        window.deleteLater()
