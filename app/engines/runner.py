"""The engines of a command: made when they are first needed, shared by all its pictures."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple, TypeVar

from app.engines import factories as backends
from app.engines.server_pool import ServerPool
from engine.dispatch import choice
from engine.dispatch.choice import (
    AUTO,
    BUILTIN,
    LOCAL,
    SERVER,
    Available,
    Choice,
    EngineState,
    ServerOffer,
)
from engine.errors import EngineMissing, ModelMissing
from engine.jobs.backend import Backend, Capability
from engine.jobs.operations import Device
from engine.models.families import Kind
from engine.models.model_file import Installed

Answer = TypeVar("Answer")
CLICKS = (Capability.CLICK, Capability.BOX)  # answered here: a server would look anew for each


class Assignment(NamedTuple):
    """Who does one thing."""

    backend: Backend
    choice: Choice


class InlineRunner:
    """What is built in, and the models that are at hand."""

    def __init__(
        self,
        look: Callable[[], Installed] = Installed,
        builtin: Callable[[], Backend] = backends.builtin,
        local: Callable[[], Backend] | None = None,
        state: EngineState | None = None,
        servers: Callable[[], ServerPool | None] = lambda: None,
        place: str = "",
    ) -> None:
        """`look` finds the models; it is called when somebody may need one.

        `servers` are the user's, asked what they can do when one may be needed. `place` is where
        all is done that is not asked for elsewhere: here, server, or "" = wherever is best.
        """
        self._look, self._builtin = look, builtin
        self._local = local or (lambda: backends.local(lambda: self.installed, self._tell))
        self._installed: Installed | None = None
        self._made: dict[str, Backend] = {}
        self._state = state or EngineState(trouble=choice.libraries())
        self._servers, self.place = servers, place

    @property
    def installed(self) -> Installed:
        if self._installed is None:
            self._installed = self._look()
        return self._installed

    @cached_property
    def fleet(self) -> ServerPool | None:
        """The user's servers, after all were asked; None: there is none."""
        fleet = self._servers()
        if fleet is not None:
            fleet.ask(lambda: None)
        return fleet

    @property
    def there(self) -> ServerOffer:
        return self.fleet.there if self.fleet else ServerOffer()

    def choose(self, need: Capability, wanted: str = AUTO, model: str = "") -> Choice:
        """Who would do it. Raises ModelMissing when a checkpoint is named that is not there."""
        goes = wanted == AUTO and self.place == SERVER and need not in CLICKS
        wanted = SERVER if goes else wanted
        chosen = choice.choose(need, self._hands(need, wanted, model), wanted, model)
        if model and not chosen.backend and chosen.reason == "missing":
            raise ModelMissing(Kind.CHECKPOINT.value, model)
        return chosen

    def _hands(self, need: Capability, wanted: str, model: str) -> Available:
        """Who may be asked; servers only where they are wanted, or nobody here can do it."""
        found = Installed() if wanted in (BUILTIN, SERVER) else self.installed
        hands = Available(installed=found, engine=self._state)
        if wanted == SERVER:
            return replace(hands, there=self.there)
        may_go = wanted == AUTO and self.place != "here"
        if may_go and not choice.choose(need, hands, wanted, model).backend:
            return replace(hands, there=self.there)
        return hands

    def do(
        self,
        need: Capability,
        work: Callable[[Assignment], Answer],
        *,
        wanted: str = AUTO,
        model: str = "",
    ) -> Answer:
        """Let the best one do it. Raises EngineErrors.

        Libraries that turn out not to load are no reason to stop, where what is built in will do.
        """
        chosen = self.choose(need, wanted, model)
        if not chosen.backend:
            is_there = chosen.reason in ("server", "no_server")
            raise choice.trouble(need, chosen, self.there if is_there else ServerOffer())
        try:
            return work(Assignment(self._backend(chosen.backend), chosen))
        except EngineMissing as error:
            if chosen.backend != LOCAL or self._state.trouble:
                raise
            self._state = replace(self._state, trouble=error.reason)
            if not self.choose(need, wanted, model).backend:
                raise
        return self.do(need, work, wanted=wanted, model=model)

    def close(self) -> None:
        """End them; the process of the models with them."""
        for backend in self._made.values():
            backend.close()
        self._made.clear()
        if "fleet" in self.__dict__ and self.fleet is not None:  # it was asked
            self.fleet.close()

    def _backend(self, name: str) -> Backend:
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> Backend:
        if name == SERVER and self.fleet is not None:
            return self.fleet.backend()
        return self._builtin() if name == BUILTIN else self._local()

    def _tell(self, device: Device) -> None:
        self._state = replace(self._state, device=device)


def at_hand() -> Installed:
    """The models that the window would find, by the same settings."""
    from app import paths
    from app.engines import model_places
    from app.settings import file as settings_file
    from engine.models.scan import scan

    settings = settings_file.load(paths.config_dir() / "settings.json").settings
    return scan(model_places.places(settings))


def servers_at_hand() -> ServerPool | None:
    """The servers that the window would use; None: there is none."""
    from app import paths
    from app.settings import file as settings_file
    from engine.comfy.server.logins import server_tokens

    settings = settings_file.load(paths.config_dir() / "settings.json").settings
    if not any(server.is_on for server in settings.servers):
        return None
    under_way = paths.state_dir() / "servers"
    return ServerPool(settings.servers, server_tokens(paths.APP_ID), under_way)
