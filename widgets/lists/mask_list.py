"""The list of named masks: which there are, which are shown, which are checked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QIcon, QKeyEvent, QKeySequence, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from widgets.lists.thumbnails import mask_pixmap, untinted
from widgets.plain_text import plain
from widgets.theme import theme

_VISIBLE = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskRow:
    """One named mask as the list shows it; `thumbnail` is (h, w) uint8."""

    name: str
    visible: bool = True
    checked: bool = False
    thumbnail: NDArray[np.uint8] | None = None


class MaskList(QWidget):
    """Rows of masks. Shows what it is given and says what the user wants done with which row.

    Keys: Space checks, Enter selects, F2 renames, H shows or hides, Delete deletes, Alt+Up and
    Alt+Down move.
    """

    activated = Signal(int)
    renamed = Signal(int, str)
    visibility_changed = Signal(int, bool)
    checked_changed = Signal(int, bool)
    delete_requested = Signal(int)
    moved = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = QListWidget(self)
        self._set_up_view()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self.setFocusProxy(self.view)
        self._verbs = self._make_verbs()
        self._rows: list[MaskRow] = []
        self.view.installEventFilter(self)
        self.view.itemChanged.connect(self._on_item_changed)
        self.view.itemActivated.connect(self._on_item_activated)
        self.view.model().rowsMoved.connect(self._on_rows_moved)
        self.view.customContextMenuRequested.connect(self._on_menu_requested)

    def _set_up_view(self) -> None:
        view = self.view
        view.setAccessibleName(self.tr("Masks"))
        side = theme.spacing(self, 7)
        view.setIconSize(QSize(side, side))
        view.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        view.setDefaultDropAction(Qt.DropAction.MoveAction)
        view.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        view.setItemDelegate(_EyeDelegate(view))

    def _make_verbs(self) -> dict[str, tuple[str, str, Callable[[], None]]]:
        # not shortcuts: Delete would be ambiguous with the window's own verb of that key
        return {
            "F2": (self.tr("Rename"), "pencil", self._rename),
            "H": (self.tr("Show or hide"), "eye", self._toggle_visible),
            "Alt+Up": (self.tr("Move up"), "chevron-up", lambda: self._move(-1)),
            "Alt+Down": (self.tr("Move down"), "chevron-down", lambda: self._move(1)),
            "Del": (self.tr("Delete"), "trash-2", self._delete),
        }

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            verb = self._verbs.get(QKeySequence(event.keyCombination()).toString())
            if verb is not None and event.type() is QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if verb is not None and event.type() is QEvent.Type.KeyPress:
                verb[2]()
                return True
        return super().eventFilter(watched, event)

    def set_rows(self, rows: Sequence[MaskRow]) -> None:
        """Show these, keeping the current row where it was."""
        current = self.view.currentRow()
        self._rows = list(rows)
        with QSignalBlocker(self.view):
            self.view.clear()
            for row in rows:
                self.view.addItem(self._item(row))
            self.view.setCurrentRow(min(current, len(rows) - 1))

    def _item(self, row: MaskRow) -> QListWidgetItem:
        item = QListWidgetItem(plain(row.name))
        checked = Qt.CheckState.Checked if row.checked else Qt.CheckState.Unchecked
        item.setCheckState(checked)
        item.setData(_VISIBLE, row.visible)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsDropEnabled)
        if row.thumbnail is not None:
            item.setIcon(untinted(mask_pixmap(row.thumbnail)))
        if not row.visible:
            hidden = self.tr("%1, hidden").replace("%1", plain(row.name))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, hidden)
        return item

    @property
    def current(self) -> int:
        """The current row, -1 when there is none."""
        return self.view.currentRow()

    def checked(self) -> list[int]:
        return [
            row
            for row in range(self.view.count())
            if self.view.item(row).checkState() is Qt.CheckState.Checked
        ]

    @Slot(QListWidgetItem)
    def _on_item_changed(self, item: QListWidgetItem) -> None:
        # Qt does not say which part of the item changed
        row = self.view.row(item)
        was = self._rows[row]
        checked = item.checkState() is Qt.CheckState.Checked
        now = replace(was, visible=bool(item.data(_VISIBLE)), checked=checked)
        if item.text() != plain(was.name):
            now = replace(now, name=item.text().strip() or was.name)
        self._rows[row] = now
        self._announce(row, was, now)

    def _announce(self, row: int, was: MaskRow, now: MaskRow) -> None:
        if now.name != was.name:
            self.renamed.emit(row, now.name)
        if now.checked != was.checked:
            self.checked_changed.emit(row, now.checked)
        if now.visible != was.visible:
            self.visibility_changed.emit(row, now.visible)

    @Slot(QListWidgetItem)
    def _on_item_activated(self, item: QListWidgetItem) -> None:
        self.activated.emit(self.view.row(item))

    @Slot(QModelIndex, int, int, QModelIndex, int)
    def _on_rows_moved(
        self, _parent: QModelIndex, first: int, _last: int, _to: QModelIndex, before: int
    ) -> None:
        target = before if before < first else before - 1
        self._rows.insert(target, self._rows.pop(first))
        self.moved.emit(first, target)

    @Slot(QPoint)
    def _on_menu_requested(self, place: QPoint) -> None:
        if self.view.itemAt(place) is not None:
            menu = QMenu(self)
            for keys, (text, icon, verb) in self._verbs.items():
                menu.addAction(theme.icon(icon), f"{text}\t{keys}", verb)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.view.viewport().mapToGlobal(place))

    def _rename(self) -> None:
        if (item := self.view.currentItem()) is not None:
            self.view.editItem(item)

    def _toggle_visible(self) -> None:
        if (item := self.view.currentItem()) is not None:
            item.setData(_VISIBLE, not item.data(_VISIBLE))

    def _move(self, by: int) -> None:
        row, target = self.current, self.current + by
        if row >= 0 and 0 <= target < self.view.count():
            before = target if by < 0 else target + 1
            self.view.model().moveRow(QModelIndex(), row, QModelIndex(), before)

    def _delete(self) -> None:
        if self.current >= 0:
            self.delete_requested.emit(self.current)


class _EyeDelegate(QStyledItemDelegate):
    """A row as Qt draws it, and an eye at its end that can be clicked."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        super().paint(painter, option, index)
        visible = bool(index.data(_VISIBLE))
        mode = QIcon.Mode.Normal if visible else QIcon.Mode.Disabled
        rect = self._eye(option)
        theme.icon("eye" if visible else "eye-off").paint(painter, rect, mode=mode)

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:  # noqa: N802
        super().initStyleOption(option, index)
        room = option.rect.width() - self._room(option)
        option.text = option.fontMetrics.elidedText(
            option.text, Qt.TextElideMode.ElideMiddle, room - 3 * option.decorationSize.width()
        )

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        hint = super().sizeHint(option, index)
        # the same before and after the stylesheet is put on: Qt keeps the first answer
        return QSize(hint.width(), round(option.fontMetrics.height() * 2.1))

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: _Index,
    ) -> bool:
        if isinstance(event, QMouseEvent) and self._eye(option).contains(
            event.position().toPoint()
        ):
            if event.type() is QEvent.Type.MouseButtonRelease:
                model.setData(index, not index.data(_VISIBLE), _VISIBLE)
            return True
        return super().editorEvent(event, model, option, index)

    def _room(self, option: QStyleOptionViewItem) -> int:
        return round(option.fontMetrics.height() * 1.6)

    def _eye(self, option: QStyleOptionViewItem) -> QRect:
        side = round(option.fontMetrics.height() * 0.95)
        left = option.rect.right() - self._room(option)
        return QRect(left, option.rect.center().y() - side // 2, side, side)
