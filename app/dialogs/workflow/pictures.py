"""Chooses the picture that a workflow node reads: the open one, its selection, or a file."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QPushButton, QWidget

from app.commands.workflow import MASK, OPEN, OpenedWorkflow
from engine.image_io.formats import EXTENSIONS
from engine.workflow.edit.parameters import Parameter
from widgets.plain_text import plain


class PictureChoice(QWidget):
    """Emits `changed`; `value` is OPEN or a file, as the workflow names it or as it was chosen."""

    changed = Signal()

    def __init__(self, picture: Parameter, opened: OpenedWorkflow, parent: QWidget) -> None:
        super().__init__(parent)
        self._folder = opened.path.parent
        self.box, self.browse = QComboBox(self), QPushButton(self.tr("Choose…"), self)
        is_mask = picture.class_type == MASK
        self.box.addItem(self.tr("The selection") if is_mask else self.tr("The open picture"), OPEN)
        usual = opened.usual_pictures()[picture.node]
        is_there = opened.file_of(picture) is not None
        if is_there or usual != OPEN:
            name = "{name}" if is_there else self.tr("{name} (not there)")
            self.box.addItem(name.replace("{name}", plain(str(picture.value))), str(picture.value))
        self.box.setCurrentIndex(self.box.findData(usual))
        self.box.setMinimumContentsLength(12)
        self.browse.setAccessibleName(self.tr("Choose a picture"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box, 1)
        row.addWidget(self.browse)
        self.setFocusProxy(self.box)
        self.box.currentIndexChanged.connect(self.changed)
        self.browse.clicked.connect(self._on_browse)

    @property
    def value(self) -> str:
        return str(self.box.currentData())

    @Slot()
    def _on_browse(self) -> None:
        kinds = self.tr("Pictures") + f" ({' '.join(f'*{ending}' for ending in EXTENSIONS)})"
        dialog = QFileDialog(self, self.tr("Choose a picture"), str(self._folder), kinds)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.take)
        dialog.open()

    @Slot(str)
    def take(self, name: str) -> None:
        """Choose this file."""
        if self.box.findData(name) < 0:
            self.box.addItem(plain(Path(name).name), name)
        self.box.setCurrentIndex(self.box.findData(name))
