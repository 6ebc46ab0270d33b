"""Presets of the Paint panel: chosen, saved, deleted, shared as a file."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QMenu,
    QToolButton,
    QWidget,
)

from app.session.painter import Painter
from app.session.session import MessageLevel, Session
from app.settings import paint_presets as presets
from app.settings.paint_presets import SUFFIX, Preset, Presets
from engine.errors import EngineError
from widgets.fields.grouped_choice import GroupedChoice, Option
from widgets.plain_widgets import PlainLabel, set_tip
from widgets.theme import theme


class PresetBar(QWidget):
    """The list of presets, and a menu to save, delete, import and export them."""

    def __init__(self, painter: Painter, session: Session, kept: Presets, parent: QWidget) -> None:
        super().__init__(parent)
        self._painter, self._session, self._kept = painter, session, kept
        self._found: dict[str, Preset] = {}
        self.choice = GroupedChoice(self.tr("Preset"), self)
        self.choice.setPlaceholderText(self.tr("Choose…"))
        self.menu_button = QToolButton(self)
        self.menu = QMenu(self.menu_button)
        self._set_up_menu()
        name = PlainLabel(self.tr("&Preset"), self)
        name.setBuddy(self.choice)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(name)
        row.addWidget(self.choice, 1)
        row.addWidget(self.menu_button)
        self.choice.chosen.connect(self.use)
        self.refresh()

    def _set_up_menu(self) -> None:
        button, menu = self.menu_button, self.menu
        button.setIcon(theme.icon("save"))
        button.setIconSize(theme.icon_size(self))
        set_tip(button, self.tr("Save and share presets"))
        button.setAccessibleName(self.tr("Save and share presets"))
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(menu)
        menu.addAction(self.tr("&Save…"), lambda: self._ask_name(prompts=False))
        menu.addAction(self.tr("Save with &Prompts…"), lambda: self._ask_name(prompts=True))
        self._delete = menu.addAction(self.tr("&Delete"), self.delete)
        menu.addSeparator()
        menu.addAction(self.tr("&Import…"), self._ask_import)
        self._export = menu.addAction(self.tr("&Export…"), self._ask_export)
        menu.aboutToShow.connect(self._enable)

    def refresh(self) -> None:
        self._found = {preset.name: preset for preset in self._kept.all()}
        ours = [_option(p) for p in self._found.values() if p.is_shipped]
        own = [_option(p) for p in self._found.values() if not p.is_shipped]
        groups = [(self.tr("Ships with Lacuna"), ours), (self.tr("Your own"), own)]
        self.choice.set_groups([group for group in groups if group[1]])

    @Slot(str)
    def use(self, name: str) -> None:
        preset = self._found.get(name)
        if preset is not None:
            self._try(lambda: self._painter.set_choices(preset.onto(self._painter.choices)))

    def save(self, name: str, *, prompts: bool) -> None:
        """Save the choices of now as a preset; one of that name is replaced."""
        self._try(lambda: self._kept.save(name, self._painter.choices, prompts=prompts))
        self.refresh()
        self.choice.set_value(name.strip())

    @Slot()
    def delete(self) -> None:
        self._kept.delete(self.choice.value)
        self.refresh()

    def take_in(self, path: Path) -> None:
        """Import a preset from a file, and use it."""
        self._try(lambda: self._take_in(path))

    def _take_in(self, path: Path) -> None:
        preset = self._kept.add_file(path)
        self.refresh()
        self.choice.set_value(preset.name)
        self.use(preset.name)

    def export(self, path: Path) -> None:
        preset = self._found.get(self.choice.value)
        if preset is not None and self._try(lambda: presets.export(preset, path)):
            text = self.tr("{name} is written.").replace("{name}", path.name)
            self._session.say(text, MessageLevel.SUCCESS)

    def _try(self, do: Callable[[], object]) -> bool:
        try:
            do()
        except EngineError as error:
            self._session.failed.emit(error, None)
            return False
        return True

    @Slot()
    def _enable(self) -> None:
        preset = self._found.get(self.choice.value)
        self._delete.setEnabled(preset is not None and not preset.is_shipped)
        self._export.setEnabled(preset is not None)

    def _ask_name(self, *, prompts: bool) -> None:
        dialog = QInputDialog(self.window())
        dialog.setWindowTitle(self.tr("Save preset"))
        dialog.setLabelText(self.tr("Name"))
        preset = self._found.get(self.choice.value)
        dialog.setTextValue(preset.name if preset and not preset.is_shipped else "")
        dialog.textValueSelected.connect(lambda name: self.save(name, prompts=prompts))
        _show(dialog)

    def _ask_import(self) -> None:
        dialog = QFileDialog(self.window(), self.tr("Import preset"))
        dialog.setNameFilters([self.tr("Presets") + f" (*{SUFFIX})"])
        dialog.fileSelected.connect(lambda name: self.take_in(Path(name)))
        _show(dialog)

    def _ask_export(self) -> None:
        dialog = QFileDialog(self.window(), self.tr("Export preset"))
        dialog.setNameFilters([self.tr("Presets") + f" (*{SUFFIX})"])
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(SUFFIX.lstrip("."))
        dialog.fileSelected.connect(lambda name: self.export(Path(name)))
        _show(dialog)


def _option(preset: Preset) -> Option:
    return Option(key=preset.name, text=preset.name)


def _show(dialog: QFileDialog | QInputDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
