"""The servers of a window: what they can do is told to the engines whenever it changes."""

from PySide6.QtCore import QObject, Slot

from app.engines import Engines
from app.fleet import Fleet, Offer
from app.jobs import Desk, Jobs
from app.servers import Servers
from engine.choice import There
from engine.requests import Priority


class FleetNews(QObject):
    """One for a window."""

    def __init__(
        self, fleet: Fleet, servers: Servers, engines: Engines, jobs: Jobs, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._fleet, self._servers, self._engines, self._jobs = fleet, servers, engines, jobs
        servers.changed.connect(self._on_changed)

    @Slot()
    def _on_changed(self) -> None:
        self._fleet.set_servers(self._servers.all)
        work = Offer(
            ready=tuple(self._servers.ready.values()), down=tuple(self._servers.troubles.values())
        )
        self._jobs.ask(
            "servers",
            work,
            self._on_offered,
            desk=Desk.MODELS,
            priority=Priority.PREPARE,
            lane="offers",
        )

    def _on_offered(self, there: There) -> None:
        self._fleet.there = there
        self._engines.set_there(there)
