"""The windows beside the editor: settings, models, servers, shortcuts, about, and workflows."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QDialog, QWidget

from app.services.light_models import LARGE, SMALL, LightModels
from app.services.model_library import ModelLibrary
from app.services.preferences import Preferences
from app.services.servers import Servers
from app.session.verbs import Verbs

if TYPE_CHECKING:
    from app.commands.workflow import OpenedWorkflow


class DialogWindows(QObject):
    """Each is imported and made when it is first shown, and there is one of each at most."""

    def __init__(
        self,
        window: QWidget,
        preferences: Preferences,
        model_library: ModelLibrary,
        servers: Servers,
        verbs: Verbs,
        light: LightModels,
    ) -> None:
        super().__init__(window)
        self._light = light
        self._window, self._preferences = window, preferences
        self._model_library, self._servers, self._verbs = model_library, servers, verbs
        self._open: dict[str, QDialog] = {}

    def show_settings(self) -> None:
        from app.dialogs.settings import SettingsDialog

        self._present("settings", lambda: SettingsDialog(self._preferences, self._window))

    def show_models(self) -> None:
        from app.dialogs.models.window import ModelsWindow

        library, jobs = self._model_library, self._verbs.session.jobs
        make = partial(ModelsWindow, library, jobs, self._preferences, self._window)
        self._present("models", make)

    @Slot(object)
    def show_light(self, ids: tuple[str, ...] = (LARGE, SMALL)) -> None:
        """What light models there are, and a button for each set of them."""
        from app.dialogs.light import LightDialog

        make = partial(LightDialog, self._light, ids, self._window)
        self._present(f"light {ids}", make)

    def show_servers(self) -> None:
        from app.dialogs.servers.window import ServersWindow

        self._present("servers", lambda: ServersWindow(self._servers, self._window))

    def show_shortcuts(self) -> None:
        from app.dialogs.shortcuts import ShortcutsDialog

        self._present("shortcuts", lambda: ShortcutsDialog(self._preferences, self._window))

    def show_about(self) -> None:
        from app.dialogs.about import AboutDialog

        self._present("about", lambda: AboutDialog(self._window))

    @Slot(object)
    def show_workflow(self, opened: "OpenedWorkflow") -> None:
        """Its values in a window that stays open while it runs: to change one, and run again."""
        from app.dialogs.workflow.dialog import WorkflowDialog

        workflows = self._verbs.workflows
        engines = workflows.engines
        look = partial(workflows.in_the_way, opened)
        dialog = WorkflowDialog(opened, engines.at_hand_anywhere, self._window, look)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.run.setEnabled(workflows.is_ready)
        workflows.ready_changed.connect(dialog.run.setEnabled)
        engines.changed.connect(dialog.look)
        dialog.run_wanted.connect(lambda values, place: workflows.run(opened, values, place))
        dialog.show()

    def _present(self, name: str, make: Callable[[], QDialog]) -> None:
        if name not in self._open:
            dialog = self._open[name] = make()
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.destroyed.connect(lambda: self._open.pop(name, None))
        self._open[name].show()
        self._open[name].raise_()
        self._open[name].activateWindow()
