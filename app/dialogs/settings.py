"""The Settings window, made from the fields of `Settings`; changes take effect at once."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.i18n import translate
from app.services.preferences import Preferences
from app.settings.schema import GROUPS, SettingMeta, Settings, meta_of
from widgets.fields.fields import ColorButton, LabeledChoice, LabeledSlider, Separator, Switch
from widgets.plain_widgets import PlainLabel
from widgets.theme import theme


class SettingRow(QWidget):
    """One setting: its field, and below it the help text."""

    changed = Signal(str, object)

    def __init__(
        self, name: str, meta: SettingMeta, value: Any, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.name = name
        label = translate("Settings", meta.label)
        help_text = translate("Settings", meta.help)
        self.words = f"{label} {help_text} {translate('Settings', meta.group)}".casefold()
        self.field, self.show_value = _make(meta, label, help_text, value, self._on_changed)
        help_label = PlainLabel(help_text, self)
        help_label.setProperty("role", "muted")
        help_label.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.spacing(self), 0, theme.spacing(self))
        column.setSpacing(theme.spacing(self, 0.5))
        column.addWidget(self.field)
        column.addWidget(help_label)

    def _on_changed(self, value: object) -> None:
        self.changed.emit(self.name, value)


def _make(
    meta: SettingMeta, label: str, help_text: str, value: Any, changed: Callable[[object], None]
) -> tuple[QWidget, Callable[[Any], None]]:
    """(field, function that shows another value in it) for a setting."""
    if isinstance(value, bool):
        switch = Switch(label, value=value, help_text=help_text)
        switch.changed.connect(changed)
        return switch, switch.set_value
    if isinstance(value, int):
        slider = LabeledSlider(
            label, meta.low, meta.high, value=value, suffix=meta.suffix, help_text=help_text
        )
        slider.committed.connect(lambda number: changed(round(number)))
        return slider, slider.set_value
    if meta.color:
        return _make_color(label, help_text, value, changed)
    choices = [(key, translate("Settings", text)) for key, text in meta.choices]
    choice = LabeledChoice(label, choices, value=value, help_text=help_text)
    choice.changed.connect(changed)
    return choice, choice.set_value


def _make_color(
    label: str, help_text: str, value: str, changed: Callable[[object], None]
) -> tuple[QWidget, Callable[[str], None]]:
    row = QWidget()
    button = ColorButton(label, value=value, help_text=help_text, parent=row)
    button.changed.connect(changed)
    name = PlainLabel(label, row)
    name.setBuddy(button)
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.addWidget(name, 1)
    line.addWidget(button)
    row.setFocusProxy(button)
    return row, button.set_value


class SettingsDialog(QDialog):
    """All settings, with a search over their names and their help."""

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self.setWindowTitle(self.tr("Settings"))
        self.search = QLineEdit(self)
        self.nothing = PlainLabel(self.tr("No setting has such a name."), self)
        self.reset_button = QPushButton(theme.icon("rotate-ccw"), self.tr("Reset all"), self)
        self.rows = {row.name: row for row in self._make_rows()}
        self.groups: dict[str, QWidget] = {}
        self._lay_out()
        self.search.textChanged.connect(self._on_searched)
        self.reset_button.clicked.connect(preferences.reset)
        preferences.changed.connect(self._on_changed)
        self._on_searched("")
        side = theme.spacing(self, 4)
        theme.open_at(self, side * 30, side * 38)

    def _make_rows(self) -> list[SettingRow]:
        rows: list[SettingRow] = []
        for known in fields(Settings):
            meta = meta_of(known)
            if meta is not None:
                value = getattr(self._preferences.current, known.name)
                row = SettingRow(known.name, meta, value, self)
                row.changed.connect(self._preferences.change)
                rows.append(row)
        return rows

    def _lay_out(self) -> None:
        self.search.setPlaceholderText(self.tr("Search settings"))
        self.search.setAccessibleName(self.tr("Search settings"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(theme.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.nothing.setProperty("role", "muted")
        self.reset_button.setAutoDefault(False)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it follows its fields
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(self._make_page())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.addButton(self.reset_button, QDialogButtonBox.ButtonRole.ResetRole)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.addWidget(self.search)
        column.addWidget(self.nothing)
        column.addWidget(area, 1)
        column.addWidget(buttons)

    def _make_page(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        for group in GROUPS:
            self.groups[group] = self._make_group(group)
            column.addWidget(self.groups[group])
        column.addStretch(1)
        return page

    def _make_group(self, group: str) -> QWidget:
        box = QWidget(self)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, theme.spacing(self, 2))
        heading = PlainLabel(translate("Settings", group), box)
        heading.setProperty("role", "heading")
        column.addWidget(heading)
        column.addWidget(Separator(box))
        for known in fields(Settings):
            meta = meta_of(known)
            if meta is not None and meta.group == group:
                column.addWidget(self.rows[known.name])
        return box

    @Slot(str)
    def _on_searched(self, text: str) -> None:
        for row in self.rows.values():
            row.setVisible(text.casefold().strip() in row.words)
        for box in self.groups.values():
            inside = box.findChildren(SettingRow)
            box.setVisible(any(not row.isHidden() for row in inside))
        self.nothing.setVisible(all(row.isHidden() for row in self.rows.values()))

    @Slot(str)
    def _on_changed(self, name: str) -> None:
        row = self.rows.get(name)
        if row is not None:
            row.show_value(getattr(self._preferences.current, name))
