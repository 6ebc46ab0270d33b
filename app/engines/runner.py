"""Runs work in the caller's thread, on backends made when first needed and kept until `close`."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TypeVar

from app.engines import factories as backends
from app.engines.server_pool import ServerPool
from engine.dispatch import choice
from engine.dispatch.choice import (
    AUTO,
    BUILTIN,
    LIGHT,
    LOCAL,
    SERVER,
    Available,
    Choice,
    EngineState,
    ServerOffer,
)
from engine.dispatch.runner import Assignment
from engine.errors import EngineMissing, ModelMissing, ModelWrong
from engine.jobs.backend import Backend, Capability
from engine.jobs.operations import Device
from engine.models.families import Kind
from engine.models.model_file import Installed

Answer = TypeVar("Answer")
CLICKS = (Capability.CLICK, Capability.BOX)  # a server would encode the picture anew for each


class InlineRunner:
    """A Runner of built-in engines, the models on this computer, and the user's servers.

    Not for several threads at once: backends are called where `run` is called.
    """

    def __init__(
        self,
        look: Callable[[], Installed] = Installed,
        builtin: Callable[[], Backend] = backends.builtin,
        local: Callable[[], Backend] | None = None,
        state: EngineState | None = None,
        servers: Callable[[], ServerPool | None] = lambda: None,
        place: str = "",
        *,
        light: Callable[[], Backend] | None = None,
        light_state: EngineState | None = None,
    ) -> None:
        """`look` finds the models; it is called when one may be needed.

        `state` is what is known of the local engine, None: look. Where it is given, there is no
        light engine but by `light_state`.

        `servers` are the user's, asked what they can do when one may be needed. `place` is where
        work runs that names no backend of its own: here, server, or "" = wherever is best.
        """
        self._look, self._builtin = look, builtin
        self._local = local or (lambda: backends.local(lambda: self.installed, self._on_device))
        self._light = light or (lambda: backends.light(lambda: self.installed))
        self._installed: Installed | None = None
        self._made: dict[str, Backend] = {}
        self._state = state or choice.engine_state()
        self._light_state = light_state or (choice.NO_LIGHT if state else choice.light_state())
        self._servers, self.place = servers, place

    @property
    def installed(self) -> Installed:
        if self._installed is None:
            self._installed = self._look()
        return self._installed

    @cached_property
    def server_pool(self) -> ServerPool | None:
        """The user's servers, after all were asked; None: there is none."""
        pool = self._servers()
        if pool is not None:
            pool.ask(lambda: None)
        return pool

    @property
    def _offer(self) -> ServerOffer:
        return self.server_pool.offer if self.server_pool else ServerOffer()

    def choose(self, need: Capability, wanted: str = AUTO, model: str = "") -> Choice:
        """The backend that would do it. Raises ModelMissing for a checkpoint that is nowhere."""
        is_sent = wanted == AUTO and self.place == SERVER and need not in CLICKS
        wanted = SERVER if is_sent else wanted
        chosen = choice.choose(need, self._available(need, wanted, model), wanted, model)
        if model and not chosen.backend and chosen.reason == "missing":
            raise ModelMissing(Kind.CHECKPOINT.value, model)
        return chosen

    def _available(self, need: Capability, wanted: str, model: str) -> Available:
        """The backends to choose from; servers only if wanted, or where nothing here can do it."""
        found = Installed() if wanted in (BUILTIN, SERVER) else self.installed
        available = Available(installed=found, engine=self._state, light=self._light_state)
        if wanted == SERVER:
            return replace(available, servers=self._offer)
        may_be_sent = wanted == AUTO and self.place != "here"
        if may_be_sent and not choice.choose(need, available, wanted, model).backend:
            return replace(available, servers=self._offer)
        return available

    def run(
        self,
        need: Capability,
        work: Callable[[Assignment], Answer],
        *,
        wanted: str = AUTO,
        model: str = "",
    ) -> Answer:
        """Call `work` with the best backend. Raises EngineErrors.

        Where libraries turn out not to load, a built-in backend takes over if it can.
        """
        chosen = self.choose(need, wanted, model)
        if not chosen.backend:
            is_server = chosen.reason in ("server", "no_server")
            raise choice.trouble(need, chosen, self._offer if is_server else ServerOffer())
        try:
            return work(Assignment(self._backend(chosen.backend), chosen))
        except EngineMissing as error:
            if not self._note_trouble(chosen.backend, error.reason):
                raise
            if not self.choose(need, wanted, model).backend:
                raise
        except ModelWrong:
            if chosen.backend != LIGHT or wanted == LOCAL:
                raise
            self._installed = None  # it is known now which model computes wrongly
            if self.choose(need, wanted, model) == chosen:
                raise
        return self.run(need, work, wanted=wanted, model=model)

    def _note_trouble(self, backend: str, reason: str) -> bool:
        """Keep that libraries do not load; False where that was known, or is of no engine here."""
        if backend == LOCAL and not self._state.trouble:
            self._state = replace(self._state, trouble=reason)
        elif backend == LIGHT and not self._light_state.trouble:
            self._light_state = replace(self._light_state, trouble=reason)
        else:
            return False
        return True

    def close(self) -> None:
        """Close all backends; the process of the models ends with its backend."""
        for backend in self._made.values():
            backend.close()
        self._made.clear()
        if "server_pool" in self.__dict__ and self.server_pool is not None:  # it was asked
            self.server_pool.close()

    def _backend(self, name: str) -> Backend:
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> Backend:
        if name == SERVER and self.server_pool is not None:
            return self.server_pool.backend()
        return {BUILTIN: self._builtin, LIGHT: self._light}.get(name, self._local)()

    def _on_device(self, device: Device) -> None:
        self._state = replace(self._state, device=device)


def find_models() -> Installed:
    """The models that the window would find, by the same settings."""
    from app import paths
    from app.engines import model_places
    from app.settings import file as settings_file
    from engine.models.scan import scan

    settings = settings_file.load(paths.config_dir() / "settings.json").settings
    return scan(model_places.places(settings))


def find_servers() -> ServerPool | None:
    """The servers that the window would use; None: there is none."""
    from app import paths
    from app.settings import file as settings_file
    from engine.comfy.server.logins import server_tokens

    settings = settings_file.load(paths.config_dir() / "settings.json").settings
    if not any(server.is_on for server in settings.servers):
        return None
    under_way = paths.state_dir() / "servers"
    return ServerPool(settings.servers, server_tokens(paths.APP_ID), under_way)
