"""The composition root of a window: makes its parts and connects them.

Only the application imports it. The parts get what they need by their constructors and know
nothing of the editor; what concerns several of them is connected here.
"""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from app import paths
from app.actions.qt_actions import QtActions
from app.engines import factories as backends
from app.panels.paint.panel import PaintChoicesSaver
from app.services.engine_services import EngineServices
from app.services.engines import Engines
from app.services.jobs import MakeBackend
from app.services.preferences import Preferences
from app.session.files import Arrival
from app.session.session import Session
from app.session.verbs import make_verbs
from app.settings.paint_presets import Presets
from app.settings.prompt_history import PromptHistory
from app.settings.recent_files import RecentFiles
from app.window.bindings import Receivers, handlers
from app.window.conditions import Conditions
from app.window.dialog_windows import DialogWindows
from app.window.docks import Docks
from app.window.files.autosave import Autosave
from app.window.files.dialogs import FileDialogs
from app.window.files.export import ExportFlow
from app.window.files.masks import MaskSources
from app.window.files.report import ReportExport
from app.window.files.workflow_export import WorkflowExport
from app.window.main_window import MainWindow
from app.window.menus import WindowMenus
from app.window.messages import Announcements, Messages
from app.window.pages import Pages, StartPage, WindowTitle
from app.window.picture_view import make_picture_view
from app.window.preference_effects import PreferenceEffects
from app.window.soft_edge import SoftEdge
from app.window.status_bar import StatusBar
from app.window.tool_bar import OptionsBar, make_tool_bar
from app.window.window_commands import WindowCommands
from engine.image_io.limits import Limits
from engine.jobs.backend import Backend
from widgets.message_bar import MessageBar
from widgets.theme.theme import Theme

make_backend = backends.builtin


class Editor(QObject):
    """Everything in a window. Tests reach all parts by their names."""

    window_wanted = Signal(object)  # Sequence[Path]: new windows for these
    displaced = Signal(object)  # Arrival: a document that needs another window
    quit_wanted = Signal()

    def __init__(
        self,
        window: MainWindow,
        preferences: Preferences,
        theme: Theme,
        make_backend: Callable[[], Backend] = make_backend,
        *,
        engines: Engines | None = None,
        local: MakeBackend | None = None,
        light: MakeBackend | None = None,
        show_open: Callable[[Path], bool] = lambda _: False,
    ) -> None:
        """`engines` knows the models at hand, `local` and `light` make backends that run them.

        `show_open` shows the window of the program that has a file, and says whether there is one.
        """
        super().__init__(window)
        self.window, self.preferences = window, preferences
        self._show_open = show_open
        services = EngineServices(
            preferences, make_backend, self, engines=engines, local=local, light=light
        )
        self.model_library, self.servers = services.library, services.servers
        self.engines, self.jobs = services.engines, services.jobs
        self.light_models = services.light_models
        self._make_verbs()
        self._make_view()
        self._make_actions()
        self._make_panels()
        self._make_commands()
        PreferenceEffects(
            preferences, theme, self.verbs, self.view, self.actions, self.engines, self.soft_edge
        )
        WindowTitle(window, self.session, self.files)
        self._connect()
        services.start()
        self.actions.refresh()

    def _make_verbs(self) -> None:
        self.session = Session(self.jobs, self.preferences.current.undo_mb << 20, self)
        self.verbs = verbs = make_verbs(self.session, self.engines, self._limits)
        self.files, self.objects, self.variants = verbs.files, verbs.objects, verbs.variants
        self.click_selector, self.finder = verbs.click_selector, verbs.finder
        self.mask_editor, self.mask_adjuster = verbs.mask_editor, verbs.mask_adjuster
        self.remover, self.painter = verbs.remover, verbs.painter
        self.resumable_jobs, self.workflows = verbs.resumable_jobs, verbs.workflows
        self.soft_edge = SoftEdge(verbs)
        self.recent_files = RecentFiles(paths.state_dir() / "recent.json")

    def _make_view(self) -> None:
        self.view = view = make_picture_view(self.verbs)
        self.canvas, self.display, self.tools = view.canvas, view.display, view.tools
        self.view_options, self.comparison = view.view_options, view.comparison
        self.found_display, self.hover_preview = view.found_display, view.hover_preview
        files, recent = self.files, self.recent_files
        self.file_dialogs = FileDialogs(
            self.window, self.session, files, recent, show_open=self._show_open
        )
        self.message_bar = MessageBar()
        self.start_page = StartPage(files, self.file_dialogs, recent, self.light_models)
        pages = Pages(self.verbs, self.start_page, view, self.message_bar)
        self.window.setCentralWidget(pages)

    def _make_actions(self) -> None:
        window, verbs = self.window, self.verbs
        conditions = Conditions(verbs, self.tools, self.light_models)
        self.actions = QtActions(window, self.canvas, self._run, conditions.by_requirement)
        conditions.changed.connect(self.actions.refresh_soon)
        self.menus = WindowMenus(window, self.actions, self.session, self.recent_files, self.view)
        self.messages = Messages(self.message_bar, self.session, self.actions, self)
        Announcements(verbs, self.model_library, self.preferences, self.messages, self.actions)
        self.autosave = Autosave(self.session, self.files, self.messages, self)

    def _make_panels(self) -> None:
        window, actions, verbs = self.window, self.actions, self.verbs
        self.options_bar = OptionsBar(self.tools, self.click_selector, actions, window)
        window.addToolBar(Qt.ToolBarArea.TopToolBarArea, self.options_bar)
        self.tool_bar = make_tool_bar(actions, window)
        window.addToolBar(Qt.ToolBarArea.LeftToolBarArea, self.tool_bar)
        prompts = PromptHistory(paths.state_dir() / "prompts.json")
        presets = Presets(paths.resource("presets"), paths.config_dir() / "presets")
        self.docks = Docks(
            window,
            verbs,
            self.view_options,
            actions,
            prompts=prompts,
            presets=presets,
            light=self.light_models,
        )
        self.docks.list_in(self.menus.all["view"])
        fold = self.docks.paint.fold
        self.paint_memory = PaintChoicesSaver(self.painter, fold, self.preferences, self)
        self.status_bar = StatusBar(self.canvas, verbs, self.engines)
        window.setStatusBar(self.status_bar)

    def _make_commands(self) -> None:
        window, verbs, dialogs, docks = self.window, self.verbs, self.file_dialogs, self.docks
        self.export_flow = ExportFlow(window, self.session, self.files, self.preferences, dialogs)
        self.report_export = ReportExport(verbs, self.export_flow, dialogs)
        self.mask_sources = MaskSources(window, self.session, self.mask_editor, dialogs)
        self.workflow_export = WorkflowExport(verbs, self.engines, self.servers, dialogs)
        panels = [self.tool_bar, self.options_bar, *docks.all]
        panes = [self.canvas, self.options_bar, *docks.all, self.message_bar]
        self.dialog_windows = DialogWindows(
            window, self.preferences, self.model_library, self.servers, verbs, self.light_models
        )
        self.action_receivers = Receivers(
            verbs=verbs,
            view=self.view,
            docks=docks,
            file_dialogs=dialogs,
            export_flow=self.export_flow,
            mask_sources=self.mask_sources,
            report_export=self.report_export,
            workflow_export=self.workflow_export,
            window_commands=WindowCommands(window, self.session, panels=panels, panes=panes),
            dialog_windows=self.dialog_windows,
            soft_edge=self.soft_edge,
            new_window=lambda: self.window_wanted.emit(()),
            quit=self.quit_wanted.emit,
        )
        self._handlers = handlers(self.action_receivers)

    def _connect(self) -> None:
        """Signals of one part that another hears; the parts do not know each other."""
        dialogs, canvas, window = self.file_dialogs, self.canvas, self.window
        dialogs.windows_requested.connect(self.window_wanted)
        dialogs.export_requested.connect(self.export_flow.ask_before_closing)
        self.files.displaced.connect(self.displaced)
        dialogs.workflow_chosen.connect(self.workflows.open)
        self.menus.files_chosen.connect(dialogs.open_many)
        self.menus.recent_cleared.connect(self.start_page.refresh)
        self.tools.menu_wanted.connect(self.menus.show_context_menu)
        self.docks.ring_wanted.connect(self.display.show_ring_of)
        self.workflows.opened.connect(self.dialog_windows.show_workflow)
        for offer in (self.start_page.offer, *self.docks.offers):
            offer.details_wanted.connect(self.dialog_windows.show_light)
        window.image_dropped.connect(dialogs.paste_mime)
        for place in (window, canvas):
            place.mask_dropped.connect(self.mask_sources.take)
            place.drop_entered.connect(self.status_bar.show_drop_hint)
        window.key_left_over.connect(self.actions.take_key)
        window.drop_entered.connect(self.start_page.set_drop_shown)
        canvas.image_dropped.connect(dialogs.paste_image)
        canvas.files_dropped.connect(lambda names: window.files_dropped.emit(as_paths(names)))
        canvas.stepped.connect(lambda steps: self.click_selector.cycle(-steps))

    @property
    def is_empty(self) -> bool:
        """Whether a file may be opened here without a question."""
        return self.file_dialogs.is_empty

    def shows(self, path: Path) -> bool:
        """Whether this file is open here as it is on disk; then it is said."""
        if not self.files.has(path):
            return False
        text = self.tr("{name} is open already: this is its window.")
        self.session.say(text.replace("{name}", path.name))
        return True

    def open(self, path: Path) -> None:
        """Open here, or in another window when something was edited here."""
        self.file_dialogs.open_path(path)

    def take(self, arrival: Arrival) -> None:
        """Show a document that was read for another window."""
        self.files.take(arrival)

    def may_close(self, then: Callable[[], object]) -> bool:
        """True when nothing would be lost; else ask, and call `then` when it is settled."""
        return self.file_dialogs.may_close(then, is_window=True)

    def close(self) -> None:
        """End the threads; the window is about to go."""
        self.paint_memory.keep()
        self.servers.stop()
        self.resumable_jobs.leave()
        self.session.drop()
        self.jobs.close()
        self.resumable_jobs.close()

    def _run(self, name: str) -> None:
        """An action was triggered."""
        self._handlers[name]()
        self.actions.refresh_soon()

    def _limits(self) -> Limits:
        return Limits(pixels=self.preferences.current.max_megapixels * 1_000_000)


def as_paths(names: list[str]) -> list[Path]:
    return [Path(name) for name in names]
