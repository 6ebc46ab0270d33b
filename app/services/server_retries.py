"""Servers that were not there are asked again: most are only not up yet."""

from PySide6.QtCore import QObject, QTimer, Slot

from app.engines.server_report import ServerState
from app.services.servers import Servers
from engine.comfy.errors import ServerUnreachable

FIRST_MS = 5_000
LONGEST_MS = 60_000


class ServerRetries(QObject):
    """Less and less often. One that refuses is not asked: too many wrong logins shut people out."""

    def __init__(self, servers: Servers, parent: QObject, first_ms: int = FIRST_MS) -> None:
        super().__init__(parent)
        self._servers, self._first_ms, self._pause_ms = servers, first_ms, first_ms
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_timeout)
        servers.changed.connect(self._on_changed)

    @property
    def _away(self) -> list[str]:
        troubles = self._servers.troubles.items()
        return [name for name, error in troubles if isinstance(error, ServerUnreachable)]

    @Slot()
    def _on_changed(self) -> None:
        away = self._away
        if not away:
            self._pause_ms = self._first_ms
            self._timer.stop()
        is_asking = any(self._servers.health(name).state is ServerState.ASKING for name in away)
        if away and not is_asking and not self._timer.isActive():
            self._timer.start(self._pause_ms)
            self._pause_ms = min(LONGEST_MS, self._pause_ms * 2)

    @Slot()
    def _on_timeout(self) -> None:
        for name in self._away:
            self._servers.ask(name)
