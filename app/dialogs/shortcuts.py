"""The Keyboard Shortcuts window: preset, table, import and export of the key map."""

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.actions import keymap_file as shortcuts
from app.actions import table as actions
from app.actions.action import words
from app.services.preferences import Preferences
from app.settings.schema import Settings
from app.text.errors.explain import explain
from engine.errors import EngineError
from widgets.fields.fields import LabeledChoice
from widgets.lists.shortcut_table import ShortcutRow, ShortcutTable
from widgets.message_bar import MessageBar, Notice
from widgets.plain_text import plain
from widgets.theme import theme

_PRESETS = {"photoshop": "Photoshop", "krita": "Krita", "gimp": "GIMP"}


class ShortcutsDialog(QDialog):
    """Changes the shortcuts in the preferences at once; it does not bind them itself."""

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self.setWindowTitle(self.tr("Keyboard Shortcuts"))
        self.messages = MessageBar(self)
        choices = [(name, _PRESETS.get(name, name)) for name in actions.PRESETS]
        self.preset = LabeledChoice(self.tr("&Keys as in"), choices, parent=self)
        self.table = ShortcutTable(self)
        self.import_button = QPushButton(theme.icon("file-up"), self.tr("&Import…"), self)
        self.export_button = QPushButton(theme.icon("file-down"), self.tr("&Export…"), self)
        self.reset_button = QPushButton(theme.icon("rotate-ccw"), self.tr("Reset all"), self)
        self._lay_out()
        self._connect()
        self._refresh()
        side = theme.spacing(self, 4)
        theme.open_at(self, side * 44, side * 38)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.preset)
        top.addStretch(1)
        for button in (self.import_button, self.export_button, self.reset_button):
            button.setAutoDefault(False)
            top.addWidget(button)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        close.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.addWidget(self.messages)
        column.addLayout(top)
        column.addWidget(self.table, 1)
        column.addWidget(close)

    def _connect(self) -> None:
        self.preset.changed.connect(self._on_preset_changed)
        self.table.keys_changed.connect(self._on_keys_changed)
        self.import_button.clicked.connect(self._on_import)
        self.export_button.clicked.connect(self._on_export)
        self.reset_button.clicked.connect(self._on_reset)
        self._preferences.changed.connect(self._on_preference_changed)

    def _refresh(self) -> None:
        current = self._preferences.current
        self.preset.set_value(current.shortcut_preset)
        self.reset_button.setEnabled(bool(current.shortcuts))
        keys = actions.bindings(current.shortcut_preset, current.shortcuts)
        self.table.set_rows(table_rows(current), actions.conflicts(keys))

    @Slot(str)
    def _on_preference_changed(self, name: str) -> None:
        if name in ("shortcuts", "shortcut_preset"):
            self._refresh()

    @Slot(str)
    def _on_preset_changed(self, preset: str) -> None:
        self._preferences.change("shortcut_preset", preset)

    @Slot(str, object)
    def _on_keys_changed(self, name: str, keys: tuple[str, ...]) -> None:
        current = self._preferences.current
        own = shortcuts.changed(current.shortcut_preset, current.shortcuts, name, keys)
        self._preferences.change("shortcuts", own)

    @Slot()
    def _on_reset(self) -> None:
        self._preferences.change("shortcuts", {})

    @Slot()
    def _on_export(self) -> None:
        start = "lacuna-shortcuts.json"
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Export the map"), start, "*.json")
        if name:
            current = self._preferences.current
            try:
                shortcuts.export_map(current.shortcut_preset, current.shortcuts, Path(name))
            except EngineError as error:
                message = explain(error)
                text = f"{message.text} {message.next_step}"
                self.messages.show_notice(Notice(kind="error", title=message.title, text=text))

    @Slot()
    def _on_import(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Import a map"), "", "*.json")
        if name:
            self._import(Path(name))

    def _import(self, path: Path) -> None:
        try:
            found = shortcuts.import_map(path)
        except shortcuts.KeyMapUnreadable:
            title = self.tr("%1 is no map of shortcuts.").replace("%1", plain(path.name))
            text = self.tr("Choose a file that Lacuna exported.")
            self.messages.show_notice(Notice(kind="error", title=title, text=text))
            return
        if found.unknown:
            title = self.tr("%n action(s) of the map do not exist here.", "", len(found.unknown))
            names = plain(", ".join(found.unknown))
            self.messages.show_notice(Notice(kind="warning", title=title, text=names))
        self._preferences.change("shortcut_preset", found.preset)
        self._preferences.change("shortcuts", found.own)


def table_rows(current: Settings) -> list[ShortcutRow]:
    """The table of actions as the widget shows it."""
    menus = {name: words(str(text)).replace("&", "") for name, text in actions.MENUS}
    keys = actions.bindings(current.shortcut_preset, current.shortcuts)
    standard = actions.bindings(current.shortcut_preset)
    return [
        ShortcutRow(
            id=row.id,
            group=menus.get(row.menu, menus["tool"]),
            text=_text(row, named=row.menu in menus),
            keys=keys[row.id],
            standard=standard[row.id],
        )
        for row in actions.TABLE
    ]


def _text(row: actions.Action, *, named: bool) -> str:
    """The text of the menu; rows outside the menus share one and get their id added."""
    text = words(row.text).replace("&", "").rstrip("…")
    return text if named else f"{text}: {row.id.partition('.')[2]}"
