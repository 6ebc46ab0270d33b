"""Verbs on the window itself: panels, full screen, settings, help."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from app import paths
from app.session.session import MessageLevel

if TYPE_CHECKING:
    from app.commands.workflow import OpenedWorkflow
    from app.window.editor import Editor


class WindowCommands(QObject):
    """Nothing here touches the document."""

    def __init__(self, workspace: "Editor") -> None:
        super().__init__(workspace)
        self._w = workspace
        self._hidden: list[QWidget] = []
        self._dialogs: dict[str, QDialog] = {}

    def toggle_panels(self) -> None:
        """Hide tool bar and panels, or bring back those that were hidden."""
        if self._hidden:
            for widget in self._hidden:
                widget.show()
            self._hidden = []
            return
        parts = [self._w.tool_bar, self._w.options_bar, *self._w.docks.all]
        self._hidden = [part for part in parts if part.isVisible()]
        for part in self._hidden:
            part.hide()

    def next_pane(self) -> None:
        """The focus goes round: picture, options, each panel that is seen."""
        panes = [self._w.canvas, self._w.options_bar, *self._w.docks.all, self._w.message_bar]
        seen = [pane for pane in panes if not pane.visibleRegion().isEmpty()]
        current = [pane for pane in seen if _holds_focus(pane)]
        start = seen.index(current[0]) + 1 if current else 0
        for pane in (*seen[start:], *seen[:start]):
            if _focus_first(pane):
                return

    def toggle_full_screen(self) -> None:
        window = self._w.window
        window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)

    def show_settings(self) -> None:
        from app.dialogs.settings import SettingsDialog

        self._present("settings", lambda: SettingsDialog(self._w.preferences, self._w.window))

    def show_models(self) -> None:
        from app.dialogs.models.window import ModelsWindow

        w = self._w
        self._present(
            "models", lambda: ModelsWindow(w.model_library, w.jobs, w.preferences, w.window)
        )

    def show_servers(self) -> None:
        from app.dialogs.servers.window import ServersWindow

        self._present("servers", lambda: ServersWindow(self._w.servers, self._w.window))

    def show_workflow(self, opened: "OpenedWorkflow") -> None:
        """Its values in a window that stays open while it runs: to change one, and run again."""
        from app.dialogs.workflow.dialog import WorkflowDialog

        w = self._w
        look = partial(w.workflows.in_the_way, opened)
        dialog = WorkflowDialog(opened, w.engines.at_hand_anywhere, w.window, look)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.run.setEnabled(w.workflows.is_ready)
        w.workflows.ready_changed.connect(dialog.run.setEnabled)
        w.engines.changed.connect(dialog.look)
        dialog.run_wanted.connect(lambda values, place: w.workflows.run(opened, values, place))
        dialog.show()

    def open_log_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(paths.log_dir())))

    def show_shortcuts(self) -> None:
        from app.dialogs.shortcuts import ShortcutsDialog

        self._present("shortcuts", lambda: ShortcutsDialog(self._w.preferences, self._w.window))

    def copy_diagnostics(self) -> None:
        from app.services import diagnostics

        QGuiApplication.clipboard().setText(diagnostics.text())
        self._w.session.say(self.tr("The diagnostics are on the clipboard."), MessageLevel.SUCCESS)

    def show_about(self) -> None:
        from app.dialogs.about import AboutDialog

        self._present("about", lambda: AboutDialog(self._w.window))

    def _present(self, name: str, make: Callable[[], QDialog]) -> None:
        """Show a dialog beside the work, once."""
        if name not in self._dialogs:
            dialog = self._dialogs[name] = make()
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.destroyed.connect(lambda: self._dialogs.pop(name, None))
        self._dialogs[name].show()
        self._dialogs[name].raise_()
        self._dialogs[name].activateWindow()


def _focus_first(pane: QWidget) -> bool:
    """Give the focus to the first part of a pane that takes it by Tab."""
    for widget in (pane, *pane.findChildren(QWidget)):
        takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isEnabled()
        if takes and not widget.visibleRegion().isEmpty():
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            return True
    return False


def _holds_focus(pane: QWidget) -> bool:
    focused = QApplication.focusWidget()
    return focused is not None and (pane is focused or pane.isAncestorOf(focused))
