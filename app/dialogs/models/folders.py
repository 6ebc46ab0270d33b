"""Settings of the models window: model folders, download folder, mirror."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.engines import model_places
from app.services.preferences import Preferences
from engine.downloads.hub import is_endpoint
from widgets.plain_text import plain
from widgets.plain_widgets import PlainLabel, set_tip
from widgets.theme import theme


class ModelsFolders(QWidget):
    """Every change takes effect at once. Emits `refused` with an invalid mirror address."""

    refused = Signal(str)

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self.own = QLineEdit(self)
        self.change = QPushButton(self.tr("C&hange…"), self)
        self.listed = QListWidget(self)
        self.add = QPushButton(theme.icon("plus"), self.tr("&Add Folder…"), self)
        self.add_file = QPushButton(theme.icon("plus"), self.tr("Add &YAML File…"), self)
        self.remove = QPushButton(theme.icon("minus"), self.tr("&Take off the List"), self)
        self.mirrors = QLineEdit(self)
        self._lay_out()
        self._connect()
        self._refresh()

    def _lay_out(self) -> None:
        self.own.setReadOnly(True)
        self.listed.setAccessibleName(self.tr("Folders of other programs"))
        self.mirrors.setPlaceholderText("https://")
        set_tip(self.add_file, self.tr("An extra_model_paths.yaml, as ComfyUI reads it."))
        top, middle = QHBoxLayout(), QHBoxLayout()
        top.addWidget(self.own, 1)
        top.addWidget(self.change)
        for button in (self.add, self.add_file, self.remove):
            middle.addWidget(button)
        middle.addStretch(1)
        for button in (self.change, self.add, self.add_file, self.remove):
            button.setAutoDefault(False)
        column = QVBoxLayout(self)
        column.addWidget(self._label(self.tr("&Downloads go to"), self.own))
        column.addLayout(top)
        column.addSpacing(theme.spacing(self, 2))
        column.addWidget(self._label(self.tr("Folders of &other programs"), self.listed))
        hint = self.tr(
            "ComfyUI, AUTOMATIC1111, or any folder: models are used where they lie, and nothing "
            "is written there."
        )
        column.addWidget(self._hint(hint))
        column.addWidget(self.listed, 1)
        column.addLayout(middle)
        column.addSpacing(theme.spacing(self, 2))
        column.addWidget(self._label(self.tr("&Mirrors of the model hub"), self.mirrors))
        column.addWidget(self.mirrors)
        hint = self.tr("Asked before the hub itself, in this order; separate them by spaces.")
        column.addWidget(self._hint(hint))

    def _label(self, text: str, buddy: QWidget) -> QLabel:
        label = PlainLabel(text, self)
        label.setBuddy(buddy)
        buddy.setAccessibleName(text.replace("&", ""))
        return label

    def _hint(self, text: str) -> QLabel:
        label = PlainLabel(text, self)
        label.setProperty("role", "muted")
        label.setWordWrap(True)
        return label

    def _connect(self) -> None:
        self.change.clicked.connect(self._on_change)
        self.add.clicked.connect(self._on_add)
        self.add_file.clicked.connect(self._on_add_file)
        self.remove.clicked.connect(self._on_remove)
        self.listed.currentRowChanged.connect(lambda row: self.remove.setEnabled(row >= 0))
        self.mirrors.editingFinished.connect(self._on_mirrors)
        self._preferences.changed.connect(self._refresh)

    @Slot()
    @Slot(str)
    def _refresh(self, _: str = "") -> None:
        settings = self._preferences.current
        self.own.setText(plain(str(model_places.own_folder(settings))))
        self.listed.clear()
        self.listed.addItems([plain(folder) for folder in settings.model_folders])
        self.remove.setEnabled(False)
        if not self.mirrors.isModified():
            self.mirrors.setText(" ".join(settings.mirrors))

    def add_places(self, places: list[str]) -> None:
        """Add folders that are searched for models."""
        known = self._preferences.current.model_folders
        listed = tuple(place for place in dict.fromkeys((*known, *places)) if place)
        self._preferences.change("model_folders", listed)

    @Slot()
    def _on_change(self) -> None:
        self._ask_folder(
            self.tr("Folder for downloads"),
            lambda folder: self._preferences.change("models_dir", folder),
        )

    @Slot()
    def _on_add(self) -> None:
        self._ask_folder(self.tr("Add a folder"), lambda folder: self.add_places([folder]))

    def _ask_folder(self, title: str, then: Callable[[str], None]) -> None:
        dialog = QFileDialog(self, title, str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(then)
        _show(dialog)

    @Slot()
    def _on_add_file(self) -> None:
        dialog = QFileDialog(self, self.tr("Add a YAML file"), str(Path.home()))
        dialog.setNameFilters([self.tr("Lists of folders") + " (*.yaml *.yml)"])
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda file: self.add_places([file]))
        _show(dialog)

    @Slot()
    def _on_remove(self) -> None:
        row, known = self.listed.currentRow(), self._preferences.current.model_folders
        if 0 <= row < len(known):
            self._preferences.change("model_folders", (*known[:row], *known[row + 1 :]))

    @Slot()
    def _on_mirrors(self) -> None:
        if not self.mirrors.isModified():
            return
        self.mirrors.setModified(False)
        addresses = self.mirrors.text().replace(",", " ").split()
        bad = [address for address in addresses if not is_endpoint(address)]
        if bad:
            self.mirrors.setText(" ".join(self._preferences.current.mirrors))
            self.refused.emit(bad[0])
        else:
            self._preferences.change("mirrors", tuple(addresses))


def _show(dialog: QFileDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
