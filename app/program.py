"""The running program: its windows, and the ear for later starts."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from PySide6.QtCore import QObject, QSettings, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication

from app import paths
from app.main_window import MainWindow

if TYPE_CHECKING:
    from app.logs import CrashHooks
    from app.preferences import Preferences
    from app.single_instance import Instance
    from widgets.theme import Theme


class Program(QObject):
    """Windows come and go; the first is shown before anything heavy is imported."""

    _faulted = Signal(object)  # from any thread

    def __init__(
        self, app: QApplication, preferences: "Preferences", theme: "Theme", *, alone: bool = False
    ) -> None:
        super().__init__(app)
        self._app, self._preferences, self._theme = app, preferences, theme
        self._alone = alone  # neither listens for later starts nor offers to recover
        self._instance: Instance | None = None
        memory = str(paths.config_dir() / "window.ini")
        self._memory = QSettings(memory, QSettings.Format.IniFormat, self)
        self.windows: list[MainWindow] = []
        self._hooks: CrashHooks | None = None
        self._faults: TextIO | None = None  # open as long as the program runs

    @Slot(object)
    def open_files(self, files: Sequence[Path] = ()) -> None:
        """One window for each file; an empty window is used first. Without a file: a new window."""
        waiting = list(files)
        for window in self.windows:
            if waiting and window.workspace is not None and window.workspace.is_empty:
                window.workspace.open(waiting.pop(0))
                _raise(window)
        for file in waiting or ([] if files else [None]):
            self._open_window(file)

    def _open_window(self, file: Path | None) -> None:
        window = MainWindow(self._memory)
        window.painted_first.connect(lambda: self._fill(window, file))
        window.closed.connect(lambda: self._on_closed(window))
        window.files_dropped.connect(lambda files: self._on_dropped(window, files))
        self.windows.append(window)
        window.show()

    def _fill(self, window: MainWindow, file: Path | None) -> None:
        """The window stands: now load what the editor needs."""
        from app.workspace import Workspace

        self._watch()
        workspace = Workspace(window, self._preferences, self._theme)
        workspace.window_wanted.connect(self.open_files)
        workspace.quit_wanted.connect(self.quit)
        window.fill(workspace)
        if self._instance is None and not self._alone:
            self._listen()
            workspace.autosave.offer()
        if file is not None:
            workspace.open(file)

    def _watch(self) -> None:
        """Log and crash hooks, once; after the first paint, which must not wait for them."""
        if self._hooks is None:
            from app import logs

            logs.start(paths.log_dir())
            self._hooks = logs.CrashHooks(lambda error: self._faulted.emit(error))
            self._faults = logs.watch_faults(paths.log_dir())
            self._faulted.connect(self._on_faulted, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def _on_faulted(self, error: BaseException) -> None:
        """A bug nobody caught: it stands in the log; say so where the user looks."""
        for window in self.windows:
            if window.workspace is not None and (window.isActiveWindow() or len(self.windows) == 1):
                window.workspace.session.failed.emit(error, None)

    def _listen(self) -> None:
        from app.single_instance import Instance

        self._instance = Instance(paths.state_dir(), self)
        self._instance.files_arrived.connect(self.open_files)
        self._instance.listen()

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
        if window.workspace is not None and window.workspace.is_empty:
            window.workspace.open(files[0])
            files = files[1:]
        if files:
            self.open_files(files)

    def _on_closed(self, window: MainWindow) -> None:
        self.windows.remove(window)
        window.deleteLater()


def _raise(window: MainWindow) -> None:
    window.setWindowState(window.windowState() & ~window.windowState().WindowMinimized)
    window.raise_()
    window.activateWindow()
