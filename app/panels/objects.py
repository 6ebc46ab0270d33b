"""The Objects panel: the list of named masks."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QInputDialog, QVBoxLayout, QWidget

from app.actions.qt_actions import QtActions
from app.panels.selection import button_of, row_of
from app.session.objects import Objects, thumbnail
from app.session.session import Session
from widgets.lists.mask_list import MaskList, MaskRow
from widgets.plain_widgets import PlainLabel

THUMBNAIL_PX = 64


class ObjectsPanel(QWidget):
    """The list of named masks and what can be done with it."""

    def __init__(self, objects: Objects, session: Session, actions: QtActions) -> None:
        super().__init__()
        self._objects = objects
        self.list = MaskList(self)
        column = QVBoxLayout(self)
        column.addWidget(self.list, 1)
        column.addLayout(
            row_of(
                button_of(actions["objects.store"], self, text=True),
                button_of(actions["objects.union"], self, text=True),
            )
        )
        hint = PlainLabel(
            self.tr("Store a selection to use it again, or to combine several."), self
        )
        hint.setWordWrap(True)
        hint.setProperty("role", "muted")
        column.addWidget(hint)
        self._connect()
        session.opened.connect(self._on_changed)
        session.marks_changed.connect(self._on_changed)

    def _connect(self) -> None:
        self.list.activated.connect(self._objects.load)
        self.list.renamed.connect(self._objects.rename)
        self.list.visibility_changed.connect(self._objects.set_visible)
        self.list.checked_changed.connect(self._objects.check)
        self.list.delete_requested.connect(self._objects.delete)
        self.list.moved.connect(self._objects.move)
        self.list.view.currentRowChanged.connect(self._objects.choose)

    def rename_current(self) -> None:
        """Ask for another name of the chosen object."""
        objects, index = self._objects, self._objects.current
        if index < 0:
            return
        dialog = QInputDialog(self.window())
        dialog.setWindowTitle(self.tr("Rename object"))
        dialog.setLabelText(self.tr("Name"))
        dialog.setTextValue(objects.named[index].name)
        dialog.textValueSelected.connect(lambda name: objects.rename(index, name))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot()
    @Slot(object)
    def _on_changed(self, names: object = None) -> None:
        if isinstance(names, tuple) and "named" not in names:
            return
        checked = self._objects.checked
        self.list.set_rows(
            [
                MaskRow(
                    name=entry.name,
                    visible=entry.visible,
                    checked=index in checked,
                    thumbnail=thumbnail(entry, THUMBNAIL_PX),
                )
                for index, entry in enumerate(self._objects.named)
            ]
        )
