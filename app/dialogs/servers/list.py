"""The list of servers; below it state and features of the chosen one."""

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.servers.form import ServerForm
from app.engines.server_report import ServerHealth
from app.services.servers import Servers
from app.text import servers as server_words
from engine.comfy.server.address import Server
from widgets.lists.diagnostic_list import ICONS, DiagnosticList
from widgets.plain_text import plain
from widgets.plain_widgets import PlainLabel, set_tip
from widgets.question import confirm
from widgets.theme import theme

NAME = Qt.ItemDataRole.UserRole


class ServersList(QWidget):
    """Servers in order of preference; a check mark means that the server is used."""

    def __init__(self, servers: Servers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._servers = servers
        self.tree = QTreeWidget(self)
        self.details = DiagnosticList(self.tr("About the server"), self)
        self.hint = PlainLabel(self)
        self._make_buttons()
        self._lay_out()
        self.tree.currentItemChanged.connect(self._on_chosen)
        self.tree.itemActivated.connect(self._on_edit)
        self.tree.itemChanged.connect(self._on_ticked)
        servers.changed.connect(self.refresh)
        self.refresh()

    def _make_buttons(self) -> None:
        self.add = QPushButton(theme.icon("plus"), self.tr("&Add…"), self)
        self.edit = QPushButton(theme.icon("pencil"), self.tr("&Edit…"), self)
        self.remove = QPushButton(theme.icon("trash-2"), self.tr("&Remove…"), self)
        self.test = QPushButton(theme.icon("shield-check"), self.tr("&Test"), self)
        self.up = QPushButton(theme.icon("chevron-up"), self.tr("&Up"), self)
        self.down = QPushButton(theme.icon("chevron-down"), self.tr("&Down"), self)
        for button in (self.add, self.edit, self.remove, self.test, self.up, self.down):
            button.setAutoDefault(False)
        set_tip(self.test, self.tr("Ask the server what it is and what it can do."))
        set_tip(self.up, self.tr("Ask this server before the one above it."))
        set_tip(self.down, self.tr("Ask this server after the one below it."))
        self.add.clicked.connect(self._on_add)
        self.edit.clicked.connect(self._on_edit)
        self.remove.clicked.connect(self._on_remove)
        self.test.clicked.connect(self._on_test)
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))

    def _lay_out(self) -> None:
        self.tree.setAccessibleName(self.tr("Servers"))
        self.tree.setHeaderLabels([self.tr("Name"), self.tr("State"), self.tr("Computes on")])
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        header = self.tree.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        self.hint.setText(
            self.tr(
                "Servers that run ComfyUI can select, remove and paint for Lacuna. The first in "
                "the list that can do a task is asked. Pictures that are sent stay on the server."
            )
        )
        self.hint.setWordWrap(True)
        self.hint.setProperty("role", "muted")
        row = QHBoxLayout()
        for button in (self.add, self.edit, self.remove, self.test, self.up, self.down):
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.hint)
        column.addWidget(self.tree, 1)
        column.addLayout(row)
        column.addWidget(self.details, 2)

    # what is shown

    @Slot()
    def refresh(self) -> None:
        """Build the list again; the chosen row stays chosen."""
        chosen, row = self._chosen_name(), max(0, self._row())
        names = [server.name for server in self._servers.all]
        with QSignalBlocker(self.tree):
            if names != self._names():
                self._build(names)
            for item, server in zip(self._items(), self._servers.all):
                self._show(item, server)
            if chosen not in names:
                chosen = names[min(row, len(names) - 1)] if names else ""
            self.choose(chosen)
        self._show_chosen()

    def _build(self, names: list[str]) -> None:
        self.tree.clear()
        for name in names:
            item = QTreeWidgetItem(self.tree)
            item.setData(0, NAME, name)

    def _show(self, item: QTreeWidgetItem, server: Server) -> None:
        health = self._servers.health(server.name)
        tick = Qt.CheckState.Checked if server.is_on else Qt.CheckState.Unchecked
        item.setCheckState(0, tick)
        item.setText(0, plain(server.name))
        item.setText(1, server_words.state(health))
        item.setIcon(1, theme.icon(_icon(health)))
        item.setText(2, server_words.device(health))

    def _show_chosen(self) -> None:
        server, count = self.chosen, self.tree.topLevelItemCount()
        for button in (self.edit, self.remove):
            button.setEnabled(server is not None)
        self.test.setEnabled(server is not None and server.is_on)
        self.up.setEnabled(self._row() > 0)
        self.down.setEnabled(0 <= self._row() < count - 1)
        if server is None:
            self.details.set_findings(server_words.nobody())
        else:
            self.details.set_findings(server_words.about(server, self._servers.health(server.name)))

    # what is chosen

    @property
    def chosen(self) -> Server | None:
        return self._servers.named(self._chosen_name())

    def choose(self, name: str) -> None:
        """Put the focus on a server."""
        for item in self._items():
            if item.data(0, NAME) == name:
                self.tree.setCurrentItem(item)

    def _items(self) -> list[QTreeWidgetItem]:
        items = [self.tree.topLevelItem(i) for i in range(self.tree.topLevelItemCount())]
        return [item for item in items if item is not None]

    def _names(self) -> list[str]:
        return [item.data(0, NAME) for item in self._items()]

    def _chosen_name(self) -> str:
        item = self.tree.currentItem()
        return item.data(0, NAME) if item is not None else ""

    def _row(self) -> int:
        item = self.tree.currentItem()
        return self.tree.indexOfTopLevelItem(item) if item is not None else -1

    @Slot()
    def _on_chosen(self) -> None:
        self._show_chosen()

    # verbs

    @Slot(QTreeWidgetItem, int)
    def _on_ticked(self, item: QTreeWidgetItem, column: int) -> None:
        if column == 0:
            is_on = item.checkState(0) is Qt.CheckState.Checked
            self._servers.switch(item.data(0, NAME), is_on=is_on)

    @Slot()
    def _on_add(self) -> None:
        self._open(None)

    @Slot()
    def _on_edit(self) -> None:
        if self.chosen is not None:
            self._open(self.chosen)

    def _open(self, server: Server | None) -> None:
        form = ServerForm(self._servers, server, self)
        form.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        form.saved.connect(self.choose)
        form.open()

    @Slot()
    def _on_test(self) -> None:
        self._servers.ask(self._chosen_name())

    @Slot()
    def _on_remove(self) -> None:
        server = self.chosen
        if server is None:
            return
        name = server.name
        text = self.tr("Take {server} off the list?").replace("{server}", plain(name))
        detail = self.tr("Its login is forgotten, too. Nothing changes there.")
        confirm(self, text, detail, lambda: self._servers.remove(name))

    def _move(self, steps: int) -> None:
        self._servers.move(self._chosen_name(), steps)


def _icon(health: ServerHealth) -> str:
    kind = server_words.kind(health)
    return ICONS[kind] if kind is not None else "minus"
