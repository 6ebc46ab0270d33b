"""The frame of a window: painted first, filled afterwards.

Nothing here may import numpy, OpenCV or the engine: the window stands before they are loaded.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QSettings, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QMainWindow, QWidget

if TYPE_CHECKING:
    from app.workspace import Workspace

VERSION = 1  # of the saved arrangement of panels


class Ground(QWidget):
    """What is seen until the editor stands."""

    painted = Signal()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "Lacuna")
        painter.end()
        self.painted.emit()


class MainWindow(QMainWindow):
    """Keeps its place on the screen, takes dropped files, and asks before it closes."""

    painted_first = Signal()
    files_dropped = Signal(object)  # list[Path]
    closed = Signal()

    def __init__(self, memory: QSettings) -> None:
        super().__init__()
        self.workspace: Workspace | None = None
        self._memory = memory
        self.setWindowTitle("Lacuna")
        self.setAcceptDrops(True)
        self.resize(1280, 800)
        self._restore(self.restoreGeometry, "geometry")
        ground = Ground(self)
        ground.painted.connect(self._on_painted, Qt.ConnectionType.QueuedConnection)
        self.setCentralWidget(ground)

    def fill(self, workspace: "Workspace") -> None:
        """The editor takes the place of the ground."""
        self.workspace = workspace
        if not self._restore(lambda state: self.restoreState(state, VERSION), "panels"):
            # docks take sizes only after the layout has seen them
            QTimer.singleShot(0, workspace.docks.arrange)

    def _restore(self, restore: Callable[[QByteArray], bool], name: str) -> bool:
        state = self._memory.value(f"window/{name}")
        return isinstance(state, QByteArray) and restore(state)

    @Slot()
    def _on_painted(self) -> None:
        sender = self.centralWidget()
        if isinstance(sender, Ground):
            sender.painted.disconnect(self._on_painted)
            self.painted_first.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event.mimeData().urls()) or event.mimeData().hasImage():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        files = local_files(event.mimeData().urls())
        if files:
            self.files_dropped.emit(files)
        elif self.workspace is not None:
            self.workspace.ask.paste_mime(event.mimeData())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.WindowStateChange and self.workspace is not None:
            self.workspace.on_window_state()

    def closeEvent(self, event: QCloseEvent) -> None:
        workspace = self.workspace
        if workspace is not None and not workspace.ask.may_close(self.close):
            event.ignore()
            return
        self._memory.setValue("window/geometry", self.saveGeometry())
        if workspace is not None:
            self._memory.setValue("window/panels", workspace.panels_state(VERSION))
            workspace.close()
        super().closeEvent(event)
        self.closed.emit()


def local_files(urls: Sequence[object]) -> list[Path]:
    """The files among dropped addresses; nothing is ever fetched from elsewhere."""
    paths = [url.toLocalFile() for url in urls if url.isLocalFile()]  # type: ignore[attr-defined]
    return [Path(path) for path in paths if path]
