"""The Servers window: the list of servers with their state and features."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from app.dialogs.servers.list import ServersList
from app.services.servers import Servers
from app.text.errors.explain import explain
from engine.errors import EngineError
from widgets.message_bar import MessageBar, Notice
from widgets.theme import theme


class ServersWindow(QDialog):
    """Not modal; every change takes effect at once."""

    def __init__(self, servers: Servers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Servers"))
        self.messages = MessageBar(self)
        self.list = ServersList(servers, self)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        close.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.addWidget(self.messages)
        column.addWidget(self.list, 1)
        column.addWidget(close)
        servers.failed.connect(self._on_failed)
        side = theme.spacing(self, 4)
        theme.open_at(self, side * 56, side * 40)
        self.list.tree.setFocus()
        servers.ask_all()

    @Slot(object)
    def _on_failed(self, error: EngineError) -> None:
        message = explain(error)
        text = " ".join(part for part in (message.text, message.next_step) if part)
        self.messages.show_notice(Notice(kind="error", title=message.title, text=text))
