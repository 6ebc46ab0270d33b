"""Commands on the window itself: panels, focus, full screen, logs, diagnostics."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from app import paths
from app.session.session import MessageLevel, Session


class WindowCommands(QObject):
    """Changes nothing in the document.

    `panels` are hidden and shown together; `panes` take the focus one after the other.
    """

    def __init__(
        self,
        window: QWidget,
        session: Session,
        *,
        panels: Sequence[QWidget],
        panes: Sequence[QWidget],
    ) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self._panels, self._panes = panels, panes
        self._hidden: list[QWidget] = []

    def toggle_panels(self) -> None:
        """Hide tool bar and panels, or bring back those that were hidden."""
        if self._hidden:
            for widget in self._hidden:
                widget.show()
            self._hidden = []
            return
        self._hidden = [panel for panel in self._panels if panel.isVisible()]
        for panel in self._hidden:
            panel.hide()

    def next_pane(self) -> None:
        """Give the focus to the next pane that is seen; after the last comes the first."""
        seen = [pane for pane in self._panes if not pane.visibleRegion().isEmpty()]
        current = [pane for pane in seen if _holds_focus(pane)]
        start = seen.index(current[0]) + 1 if current else 0
        for pane in (*seen[start:], *seen[:start]):
            if _focus_first(pane):
                return

    def toggle_full_screen(self) -> None:
        window = self._window
        window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)

    def open_log_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(paths.log_dir())))

    def copy_diagnostics(self) -> None:
        from app.services import diagnostics

        QGuiApplication.clipboard().setText(diagnostics.text())
        self._session.say(self.tr("The diagnostics are on the clipboard."), MessageLevel.SUCCESS)


def _focus_first(pane: QWidget) -> bool:
    """Give the focus to the first widget of a pane that takes it by Tab."""
    for widget in (pane, *pane.findChildren(QWidget)):
        takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isEnabled()
        if takes and not widget.visibleRegion().isEmpty():
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            return True
    return False


def _holds_focus(pane: QWidget) -> bool:
    focused = QApplication.focusWidget()
    return focused is not None and (pane is focused or pane.isAncestorOf(focused))
