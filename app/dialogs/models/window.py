"""The Models window: list, folders and access."""

from collections.abc import Callable

from PySide6.QtCore import QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTabWidget, QVBoxLayout, QWidget

from app.dialogs.models.access import ModelsAccess
from app.dialogs.models.folders import ModelsFolders
from app.dialogs.models.list import ModelsList
from app.services.jobs import Jobs
from app.services.model_library import ModelLibrary
from app.services.preferences import Preferences
from app.text.errors.downloads import PAGE
from app.text.errors.explain import explain
from engine.errors import EngineError
from engine.models.catalog import CatalogEntry
from widgets.message_bar import MessageBar, Notice
from widgets.plain_text import plain
from widgets.theme import theme


class ModelsWindow(QDialog):
    """Not modal; downloads that it starts go on when it is closed."""

    def __init__(
        self,
        library: ModelLibrary,
        jobs: Jobs,
        preferences: Preferences,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Models"))
        self.messages = MessageBar(self)
        self.list = ModelsList(library, jobs, self)
        self.folders = ModelsFolders(preferences, self)
        self.access = ModelsAccess(library, self)
        self.tabs = QTabWidget(self)
        self.tabs.addTab(self.list, self.tr("Models"))
        self.tabs.addTab(self.folders, self.tr("Folders"))
        self.tabs.addTab(self.access, self.tr("Access"))
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        close.rejected.connect(self.close)
        close.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        column = QVBoxLayout(self)
        column.addWidget(self.messages)
        column.addWidget(self.tabs, 1)
        column.addWidget(close)
        self._connect(library)
        side = theme.spacing(self, 4)
        theme.open_at(self, side * 68, side * 44)
        self.list.tree.setFocus()

    def _connect(self, library: ModelLibrary) -> None:
        library.failed.connect(self._on_failed)
        library.obtained.connect(self._on_obtained)
        self.list.checked.connect(self._on_checked)
        self.folders.refused.connect(self._on_refused)
        self.messages.triggered.connect(self._on_triggered)
        self.tabs.currentChanged.connect(self._on_tab)

    @Slot(int)
    def _on_tab(self, _: int) -> None:
        if self.tabs.currentWidget() is self.access:
            self.access.ask()

    @Slot(object, object)
    def _on_failed(self, error: EngineError, retry: Callable[[], object] | None) -> None:
        message = explain(error)
        usable = [
            (action.id, action.text)
            for action in message.actions
            if action.id.startswith(PAGE) or (action.id == "retry" and retry is not None)
        ]
        text = " ".join(part for part in (message.text, message.next_step) if part)
        self.messages.show_notice(
            Notice(
                kind="error", title=message.title, text=text, actions=tuple(usable), subject=retry
            )
        )

    @Slot(str, object)
    def _on_triggered(self, key: str, subject: object) -> None:
        if key.startswith(PAGE):
            QDesktopServices.openUrl(QUrl(key.removeprefix(PAGE)))
        elif callable(subject):
            subject()

    @Slot(object)
    def _on_obtained(self, entry: CatalogEntry) -> None:
        text = self.tr("{model} is here.").replace("{model}", entry.title)
        self.messages.show_notice(Notice(kind="success", title=text))

    @Slot(str, bool)
    def _on_checked(self, title: str, is_known: bool) -> None:
        if is_known:
            text = self.tr("{model} is what it should be.")
            notice = Notice(kind="success", title=text.replace("{model}", plain(title)))
        else:
            text = self.tr("Nobody has noted a checksum for {model}.")
            notice = Notice(kind="info", title=text.replace("{model}", plain(title)))
        self.messages.show_notice(notice)

    @Slot(str)
    def _on_refused(self, address: str) -> None:
        title = self.tr("{address} cannot be a mirror.").replace("{address}", plain(address))
        text = self.tr("Enter an address that begins with https://.")
        self.messages.show_notice(Notice(kind="warning", title=title, text=text))
