"""The top-level window: painted first, filled with the editor afterwards.

Nothing here may import numpy, OpenCV or the engine, nor `Qt`, `QPainter` or `QPalette`: their
enums take 20 ms each to be made, a fifth of a bare window's start.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QByteArray, QSettings, QTimer, Signal, Slot
from PySide6.QtWidgets import QDockWidget, QFrame, QMainWindow, QWidget

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent, QMimeData
    from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QPaintEvent

PANELS_VERSION = 1  # of the saved arrangement of panels
FRAME_PX = 40  # of a title bar, whose height nobody knows before the window is shown
BACKGROUND = "#2b2b2b"  # until a theme was chosen once


class StartupBackground(QFrame):
    """Fills the window until the editor is made, in the colour that it had last.

    The colour is a style sheet of this widget, not of the window: taking it off a window styles
    all of its 500 widgets once more.
    """

    def __init__(self, color: str, painted: Callable[[], None], parent: QWidget) -> None:
        super().__init__(parent)
        self.setStyleSheet(f"StartupBackground {{ background: {color} }}")
        self._painted: Callable[[], None] | None = painted

    def paintEvent(self, event: "QPaintEvent") -> None:
        if self._painted is not None:
            # not from within the paint event: the next turn finds the window on the screen
            QTimer.singleShot(0, self._painted)
            self._painted = None


class Closable(Protocol):
    """The content of a window as far as closing it is concerned."""

    def may_close(self, then: Callable[[], object]) -> bool:
        """True when nothing would be lost; else it asks, and calls `then` when it is settled."""
        ...

    def close(self) -> None:
        """Ends the threads; the window is about to go."""
        ...


class MainWindow(QMainWindow):
    """Keeps its place on the screen, takes dropped files, and asks before it closes."""

    painted_first = Signal()
    files_dropped = Signal(object)  # list[Path]
    image_dropped = Signal(object)  # QMimeData, valid during the call only
    mask_dropped = Signal(object)  # QMimeData, valid during the call only: Shift was held
    drop_entered = Signal(bool)  # something that can be dropped is over the window, or has left
    key_left_over = Signal(object)  # QKeyEvent, valid during the call only
    state_changed = Signal()  # full screen, maximized
    closed = Signal()

    def __init__(self, memory: QSettings) -> None:
        super().__init__()
        self._content: Closable | None = None
        self._memory = memory
        self.setWindowTitle("Lacuna")
        self.setAcceptDrops(True)
        room = self.screen().availableSize()
        self.resize(min(1280, room.width()), min(800, room.height() - FRAME_PX))
        self._restore(self.restoreGeometry, "geometry")
        color = str(memory.value("window/ground", BACKGROUND))
        self.setCentralWidget(StartupBackground(color, self.painted_first.emit, self))

    def match(self, other: "MainWindow") -> None:
        """Take the size of another window; the desktop finds the place."""
        if other.isMaximized():
            self.setWindowState(other.windowState())
        elif not other.isFullScreen():
            self.resize(other.size())

    def fill(self, content: Closable, arrange: Callable[[], None]) -> None:
        """Take the editor; `arrange` gives the panels their sizes where none were kept."""
        self._content = content
        if (middle := self.centralWidget()) is not None:
            middle.show()  # hidden until the next turn, it would leave its room to the panels
        restored = self._restore(lambda state: self.restoreState(state, PANELS_VERSION), "panels")
        cover = self._cover()
        # docks take sizes only after the layout has seen them
        place = self._narrow if restored else arrange
        QTimer.singleShot(0, self, lambda: self._place_panels(place, cover))

    def _cover(self) -> QWidget:
        """Hides the panels until they are where they stay."""
        color = str(self._memory.value("window/ground", BACKGROUND))
        cover = StartupBackground(color, lambda: None, self)
        cover.setGeometry(self.rect())
        cover.show()
        return cover

    def _place_panels(self, place: Callable[[], None], cover: QWidget) -> None:
        cover.raise_()  # above the tabs that were made meanwhile
        try:
            place()
        finally:  # after what the panels still do in the next turn
            QTimer.singleShot(0, cover, cover.deleteLater)

    @Slot()
    def _narrow(self) -> None:
        """No panel at a side takes more than a third, unless the window is small."""
        from PySide6.QtCore import Qt

        sides = Qt.DockWidgetArea.LeftDockWidgetArea | Qt.DockWidgetArea.RightDockWidgetArea
        # size hints are not settled yet; twenty lines are more than any panel needs
        widest = max(self.width() // 3, 20 * self.fontMetrics().height())
        for dock in self.findChildren(QDockWidget):
            at_side = not dock.isFloating() and self.dockWidgetArea(dock) & sides
            if at_side and dock.isVisible() and dock.width() > widest:
                self.resizeDocks([dock], [widest], Qt.Orientation.Horizontal)

    def show_trouble(self, page: QWidget) -> None:
        """Show only this page: the editor could not be made."""
        for child in self.children():
            if isinstance(child, QWidget) and not child.isWindow():
                child.hide()
        for action in self.actions():
            self.removeAction(action)
        self.setCentralWidget(page)

    def _restore(self, restore: Callable[[QByteArray], bool], name: str) -> bool:
        state = self._memory.value(f"window/{name}")
        return isinstance(state, QByteArray) and restore(state)

    def dragEnterEvent(self, event: "QDragEnterEvent") -> None:
        if local_files(event.mimeData()) or event.mimeData().hasImage():
            event.acceptProposedAction()
            self.drop_entered.emit(True)

    def dragLeaveEvent(self, event: "QEvent") -> None:
        self.drop_entered.emit(False)

    def dropEvent(self, event: "QDropEvent") -> None:
        event.acceptProposedAction()
        from PySide6.QtCore import Qt

        files = local_files(event.mimeData())
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.mask_dropped.emit(event.mimeData())
        elif files:
            self.files_dropped.emit(files)
        else:
            self.image_dropped.emit(event.mimeData())
        self.drop_entered.emit(False)

    def keyPressEvent(self, event: "QKeyEvent") -> None:
        """Neither a shortcut nor the widget with the focus has used it."""
        event.ignore()
        self.key_left_over.emit(event)

    def changeEvent(self, event: "QEvent") -> None:
        super().changeEvent(event)
        if event.type() is event.Type.WindowStateChange:
            self.state_changed.emit()

    def closeEvent(self, event: "QCloseEvent") -> None:
        content = self._content
        if content is not None and not content.may_close(self.close):
            event.ignore()
            return
        self._memory.setValue("window/geometry", self.saveGeometry())
        if content is not None:
            self._memory.setValue("window/panels", self.saveState(PANELS_VERSION))
            self._memory.setValue("window/ground", self.palette().window().color().name())
            content.close()
        super().closeEvent(event)
        self.closed.emit()


def local_files(mime: "QMimeData") -> list[Path]:
    """The files among dropped addresses; nothing is ever fetched from elsewhere."""
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
