"""One window's editor: makes the parts, connects them, and does the verbs that ask the user."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QWidget

from app import paths
from app.actions.action import Verb
from app.actions.conditions import Requirement
from app.actions.qt_actions import Actions
from app.actions.table import bindings
from app.document.generation_text import found_in
from app.engines import factories as backends
from app.panels.paint.memory import PaintMemory
from app.services.engine_services import EngineServices
from app.services.engines import Engines, wanted
from app.services.jobs import MakeBackend
from app.services.preferences import Preferences
from app.session.click_selector import ClickSelector
from app.session.files import Files
from app.session.finder import Finder
from app.session.mask_adjuster import MaskAdjuster
from app.session.mask_editor import MaskEditor
from app.session.objects import Objects
from app.session.painter import Painter
from app.session.remover import Remover
from app.session.resumable_jobs import ResumableJobs
from app.session.session import MessageLevel, Session
from app.session.variants import Variants
from app.session.workflow import Workflows
from app.settings.paint_presets import Presets
from app.settings.prompt_history import PromptHistory
from app.settings.recent_files import RecentFiles
from app.text.notes import note
from app.tools.hover import HoverPreview
from app.tools.tools import Tools
from app.view.compare import Comparison
from app.view.display import Display
from app.view.found_display import FoundDisplay
from app.view.split_sides import SplitSides
from app.view.view_options import ViewOptions
from app.window.autosave import Autosave
from app.window.docks import Docks
from app.window.export import ExportFlow
from app.window.file_dialogs import FileDialogs
from app.window.main_window import MainWindow
from app.window.menus import WindowMenus
from app.window.messages import Messages
from app.window.start_page import StartPage
from app.window.status_bar import StatusBar
from app.window.tool_bar import OptionsBar, make_tool_bar
from app.window.window_commands import WindowCommands
from app.window.workflow_export import WorkflowExport
from engine.image_io.headers.a1111 import Parameters
from engine.image_io.limits import Limits
from engine.jobs.backend import Backend
from engine.models.catalog import CatalogEntry
from engine.picture import FirstView
from widgets.canvas.canvas import Canvas
from widgets.message_bar import MessageBar
from widgets.plain_text import plain
from widgets.theme.theme import Theme

make_backend = backends.builtin

PROMPT_SHOWN = 120  # letters of a prompt in the message bar


class Editor(QObject):
    """Everything in a window. Tests reach all parts by their names."""

    window_wanted = Signal(object)  # list[Path]: new windows for these
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
    ) -> None:
        """`engines` knows the models at hand, `local` makes the backend that runs them."""
        super().__init__(window)
        self.window, self.preferences, self.theme = window, preferences, theme
        room = EngineServices(preferences, make_backend, self, engines=engines, local=local)
        self.engine_services, self.model_library, self.servers = room, room.shelf, room.servers
        self.engines, self.jobs = room.engines, room.jobs
        self._make_verbs()
        self._make_view()
        self._make_controls()
        self._connect()
        self._on_preferences("")
        self._show_page()
        self.refresh()
        if preferences.problems:
            text = self.tr("Some settings could not be read; their defaults are used.")
            self.session.say(text, MessageLevel.WARNING)

    def _make_verbs(self) -> None:
        settings = self.preferences.current
        self.session = Session(self.jobs, settings.undo_mb << 20, self)
        self.files = Files(self.session, self._limits, self)
        self.click_selector = ClickSelector(self.session, self.engines, self)
        self.mask_editor = MaskEditor(self.session, self)
        self.mask_adjuster = MaskAdjuster(self.session, self)
        self.objects = Objects(self.session, self)
        self.finder = Finder(self.session, self.engines, self.mask_editor, self.objects, self)
        self.variants = Variants(self.session, self)
        self.remover = Remover(self.session, self.variants, self.engines, self)
        self.painter = Painter(self.session, self.variants, self.remover, self.engines, self)
        tasks = paths.state_dir() / "tasks"
        self.resumable_jobs = ResumableJobs(self.session, self.remover, self.painter, tasks, self)
        self.prompt_history = PromptHistory(paths.state_dir() / "prompts.json")
        self.presets = Presets(paths.resource("presets"), paths.config_dir() / "presets")
        self.recent_files = RecentFiles(paths.state_dir() / "recent.json")
        self.file_dialogs = FileDialogs(self)
        self.export_flow = ExportFlow(self)
        self.workflow_export = WorkflowExport(self)
        self.workflows = Workflows(self.session, self.variants, self.engines, self)
        self.window_commands = WindowCommands(self)

    def _make_view(self) -> None:
        self.canvas = Canvas()
        self.message_bar = MessageBar()
        self.start_page = StartPage(self.recent_files)
        self.display = Display(
            self.canvas,
            self.session,
            self.click_selector,
            self.mask_adjuster,
            self.objects,
            self.remover,
            self.painter,
            self.variants,
        )
        self.comparison = Comparison(self.session, self.variants, self)
        self.view_options = ViewOptions(self.canvas, self.session, self.display, self.comparison)
        self.found_display = FoundDisplay(self.canvas, self.finder)
        self.tools = Tools(self.canvas, self.click_selector, self.mask_editor, self.finder, self)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.start_page)
        self._pages.addWidget(self.canvas)
        middle = QWidget()
        grid = QGridLayout(middle)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(self._pages, 0, 0)
        # over the picture: it must not jump when something is said
        grid.addWidget(self.message_bar, 0, 0, Qt.AlignmentFlag.AlignTop)
        bottom = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignHCenter
        self.split_sides = SplitSides(self.comparison, self.view_options)
        grid.addWidget(self.split_sides, 0, 0, bottom)
        self.window.setCentralWidget(middle)

    def _make_controls(self) -> None:
        window = self.window
        self.actions = Actions(window, self.canvas, self.run, self.is_met)
        self.messages = Messages(self.message_bar, self.session, self.actions, self)
        self.autosave = Autosave(
            self.session, self.files, self.messages, self.file_dialogs.may_close, self
        )
        self.menus = WindowMenus(self)
        self.hover_preview = HoverPreview(
            self.canvas, self.session, self.click_selector, self.tools
        )
        self.options_bar = OptionsBar(self.tools, self.click_selector, self.actions, window)
        window.addToolBar(Qt.ToolBarArea.TopToolBarArea, self.options_bar)
        self.tool_bar = make_tool_bar(self.actions, window)
        window.addToolBar(Qt.ToolBarArea.LeftToolBarArea, self.tool_bar)
        self.docks = Docks(self, self.menus.all["view"])
        self.paint_memory = PaintMemory(self.painter, self.docks.paint.fold, self.preferences, self)
        self.status_bar = StatusBar(
            self.canvas, self.session, self.variants, self.click_selector, self.engines
        )
        window.setStatusBar(self.status_bar)

    def _connect(self) -> None:
        session, canvas = self.session, self.canvas
        session.opened.connect(self._on_opened)
        session.changed.connect(self.refresh)
        session.history_changed.connect(self._show_title)
        self.finder.changed.connect(self.refresh)
        self.jobs.changed.connect(self.refresh)
        self.tools.chosen.connect(self.refresh)
        self.mask_editor.painted.connect(self._on_painted)
        self.view_options.changed.connect(self._check_looks)
        self.files.first_seen.connect(self._on_first_seen)
        self.files.opening.connect(self._on_opening)
        self.files.opened.connect(self._on_file_opened)
        self.files.wrote.connect(self._on_wrote)
        self.start_page.open_requested.connect(self.file_dialogs.open)
        self.start_page.paste_requested.connect(self.file_dialogs.paste)
        self.start_page.sample_requested.connect(self.file_dialogs.open_sample)
        self.start_page.recent_chosen.connect(lambda key: self.open(Path(key)))
        canvas.files_dropped.connect(lambda files: self.window.files_dropped.emit(as_paths(files)))
        canvas.image_dropped.connect(self.file_dialogs.paste_image)
        canvas.stepped.connect(lambda steps: self.click_selector.cycle(-steps))
        self.resumable_jobs.waits.connect(self._on_tasks_wait)
        self.preferences.changed.connect(self._on_preferences)
        self.preferences.unsaved.connect(lambda error: session.failed.emit(error, None))
        self.workflows.opened.connect(self.window_commands.show_workflow)
        self.model_library.failed.connect(session.failed)
        self.model_library.obtained.connect(self._on_obtained)
        self.engine_services.start()

    @Slot(int)
    def _on_tasks_wait(self, count: int) -> None:
        """They go on by themselves as soon as the server answers."""
        title = self.tr("%n task(s) of this picture wait for the server.", "", count)
        text = self.tr("They go on as soon as it answers.")
        choice = ("drop_tasks", self.tr("Discard"), self.resumable_jobs.discard)
        self.messages.offer(title, text, (choice,))

    # state

    @property
    def is_empty(self) -> bool:
        """Whether a file may be opened here without a question."""
        return self.session.document is None and not self.files.is_opening

    def is_met(self, need: Requirement) -> bool:
        """Whether what a verb needs is there."""
        session, history = self.session, self.session.history
        has_picture = session.document is not None
        return {
            Requirement.NOTHING: lambda: True,
            Requirement.PICTURE: lambda: has_picture,
            Requirement.SELECTION: lambda: session.has_mask,
            Requirement.RESELECT: lambda: self.mask_editor.can_reselect,
            Requirement.UNDO: lambda: history is not None and history.can_undo,
            Requirement.REDO: lambda: history is not None and history.can_redo,
            Requirement.POINTS: lambda: (
                bool(self.click_selector.points) or self.tools.name == "polygon"
            ),
            Requirement.CANDIDATES: lambda: len(self.click_selector.candidates) > 1,
            Requirement.OBJECTS: lambda: bool(self.objects.shown() or self.objects.checked),
            Requirement.OBJECT: lambda: self.objects.current >= 0,
            Requirement.FOUND: lambda: bool(self.finder.picked),
            Requirement.REMOVED: lambda: self.remover.can_ask_again,
            Requirement.VARIANTS: lambda: bool(self.variants.all),
            Requirement.APPLICABLE: lambda: self.variants.can_apply,
            Requirement.PAINTING: lambda: bool(
                self.variants.current and self.variants.current.request
            ),
            Requirement.TASK: lambda: self.jobs.running(),
            Requirement.BRUSH: lambda: self.tools.is_brush,
        }[need]()

    def run(self, verb: Verb) -> None:
        """An action was triggered."""
        verb(self)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        self.actions.refresh()

    def _limits(self) -> Limits:
        return Limits(pixels=self.preferences.current.max_megapixels * 1_000_000)

    @Slot(str)
    def _on_preferences(self, changed: str) -> None:
        """Settings take effect at once; the options bar keeps its own smoothing meanwhile."""
        settings = self.preferences.current
        self.theme.set_scheme(settings.theme)
        self.view_options.set_style(settings.mask_color, settings.mask_opacity)
        self.canvas.gestures.wheel_zooms = settings.wheel_zooms
        self.hover_preview.set_wanted(settings.hover_preview)
        if changed in ("", "stroke_smoothing"):
            self.tools.options.set("smoothing", settings.stroke_smoothing / 100)
        self.tools.options.set("ctrl_subtracts", settings.shortcut_preset == "gimp")
        self.tools.options.set("pressure_size", settings.pressure_size)
        self.tools.options.set("pressure_opacity", settings.pressure_opacity)
        self.actions.bind(bindings(settings.shortcut_preset, settings.shortcuts))
        self.engines.set_wanted(wanted(settings))

    @Slot()
    def _on_painted(self) -> None:
        if self.preferences.current.remove_after_stroke:
            self.remover.remove()

    # files

    def open(self, path: Path) -> None:
        """Open here; asks first when something is not saved."""
        if self.file_dialogs.may_close(lambda: self.open(path)):
            self.files.open(path)

    @Slot(object)
    def _on_opening(self, path: Path | None) -> None:
        """Show where the picture will be, or what was there before if it failed."""
        if path is not None:
            self.status_bar.showMessage(self.tr("Opening {name}…").replace("{name}", path.name))
        else:
            self.status_bar.clearMessage()
            self._show_page()
        self.refresh()

    @Slot(object)
    def _on_first_seen(self, view: FirstView) -> None:
        if self.session.document is None:
            self.display.show_first(view)
            self._pages.setCurrentWidget(self.canvas)

    @Slot(object)
    def _on_file_opened(self, path: Path) -> None:
        self.recent_files.add(path)
        self.start_page.refresh()
        document = self.session.document
        for code in document.picture().notes if document else ():
            self.session.say(note(code))
        found = found_in(document.picture()) if document else None
        if found is not None:
            self._offer_parameters(found)

    def _offer_parameters(self, found: Parameters) -> None:
        """A generated picture says how it was made: that may be asked for again."""
        self.messages.offer(
            self.tr("This picture says how it was painted."),
            plain(found.settings.prompt[:PROMPT_SHOWN]),
            (
                (
                    "paint.use_found",
                    self.tr("Use Its Prompt and Settings"),
                    partial(self.painter.use_parameters, found),
                ),
            ),
        )

    @Slot(object)
    def _on_wrote(self, path: Path) -> None:
        text = self.tr("{name} is written.").replace("{name}", path.name)
        self.session.say(text, MessageLevel.SUCCESS)
        self._show_title()

    @Slot(object)
    def _on_obtained(self, entry: CatalogEntry) -> None:
        text = self.tr("{model} is here.").replace("{model}", entry.title)
        self.session.say(text, MessageLevel.SUCCESS)

    @Slot()
    def _on_opened(self) -> None:
        self._show_page()
        self._show_title()
        if self.session.document is not None:
            self.canvas.setFocus()

    def _show_page(self) -> None:
        has_picture = self.session.document is not None
        self._pages.setCurrentWidget(self.canvas if has_picture else self.start_page)
        self.docks.set_enabled(has_picture)

    @Slot()
    def _show_title(self) -> None:
        document = self.session.document
        if document is None:
            self.window.setWindowTitle("Lacuna")
            self.window.setWindowModified(False)
            return
        name = document.path.name if document.path else self.tr("Picture without a name")
        self.window.setWindowTitle(f"{plain(name)}[*] – Lacuna")
        self.window.setWindowFilePath(str(document.path or ""))
        self.window.setWindowModified(self.session.is_dirty)

    # the window

    @Slot()
    def _check_looks(self) -> None:
        """Checked actions say what is on."""
        self.actions["view.overlay"].setChecked(not self.view_options.is_hidden)
        self.actions["view.ring"].setChecked(self.view_options.shows_ring)
        self.actions["view.compare"].setChecked(self.view_options.is_comparing)
        self.actions["view.split"].setChecked(self.view_options.is_split)
        self.actions["view.full_screen"].setChecked(self.window.isFullScreen())

    def on_window_state(self) -> None:
        self._check_looks()

    def close(self) -> None:
        """End the threads; the window is about to go."""
        self.paint_memory.keep()
        self.servers.stop()
        self.resumable_jobs.leave()
        self.session.drop()
        self.jobs.close()
        self.resumable_jobs.close()


def as_paths(files: list[str] | list[Path]) -> list[Path]:
    return [Path(file) for file in files]
