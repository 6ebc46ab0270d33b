"""All that works for a window: models here, servers, and the threads in which they are asked."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Slot

from app import paths
from app.engines import factories as backends
from app.engines.server_pool import FindOffers, ServerPool, StopLeft
from app.journal import pending_tasks
from app.services.engines import Engines
from app.services.jobs import JobQueue, Jobs, MakeBackend
from app.services.light_models import LightModels
from app.services.model_library import ModelLibrary
from app.services.preferences import Preferences
from app.services.servers import ServerRetries, Servers
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.comfy.server.logins import server_tokens
from engine.dispatch.choice import ServerOffer
from engine.jobs.backend import Backend
from engine.jobs.requests import Priority


class EngineServices(QObject):
    """One for a window. What servers can do is told to the engines whenever it changes."""

    def __init__(
        self,
        preferences: Preferences,
        make_backend: Callable[[], Backend],
        parent: QObject,
        *,
        engines: Engines | None = None,
        local: MakeBackend | None = None,
        light: MakeBackend | None = None,
    ) -> None:
        """`engines` knows the models at hand, `local` and `light` make backends that run them."""
        super().__init__(parent)
        self.library = ModelLibrary(preferences, self)
        self.servers = Servers(preferences, server_tokens(paths.APP_ID), self)
        under_way = paths.state_dir() / "servers"
        self.server_pool = ServerPool(self.servers.all, self.servers.tokens, under_way)
        self.engines = found = engines or Engines(self.library, parent=self)
        local = local or partial(backends.local, lambda: found.installed, found.tell)
        answers = self.library.folder / "answers"
        light = light or partial(backends.light, lambda: found.installed, answers)
        self.jobs = Jobs(
            pending_tasks.run,
            {
                JobQueue.ENGINE: make_backend,
                JobQueue.LOCAL: local,
                JobQueue.LIGHT: light,
                JobQueue.SERVER: self.server_pool.backend,
            },
            self,
        )
        self.jobs.ended.connect(found.hear)
        self.light_models = LightModels(self.library, found, self.jobs, self)
        self.servers.changed.connect(self._on_servers)
        self.asking_again = ServerRetries(self.servers, self)
        self._told: tuple[tuple[ServerSnapshot, ...], tuple[str, ...]] | None = None

    def start(self) -> None:
        """Look for models, and ask the servers how they are, in the background."""
        self.library.start(self.jobs)
        self.servers.start(self.jobs)
        self.servers.ask_all()

    @Slot()
    def _on_servers(self) -> None:
        ready = tuple(self.servers.ready.values())
        self.server_pool.set_servers(self.servers.all)
        self.server_pool.meet(ready)
        down = tuple(self.servers.troubles.values())
        told = ready, tuple(map(repr, down))
        if told == self._told:  # one that is away was asked again: nothing is to be drawn anew
            return
        self._told = told
        work = FindOffers(ready=ready, down=down)
        self.jobs.ask(
            "servers",
            work,
            self._on_offered,
            queue=JobQueue.MODELS,
            priority=Priority.PREPARE,
            replaces="offers",
        )

    def _on_offered(self, there: ServerOffer) -> None:
        self.server_pool.offer = there
        self.engines.set_there(there)
        self.jobs.ask(
            "servers",
            StopLeft(pool=self.server_pool),
            lambda _: None,
            queue=JobQueue.HEALTH,
            priority=Priority.PREPARE,
            replaces="left",
        )
