"""The engines of a command: made when they are first needed, shared by all its pictures."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple, TypeVar

from app import backends
from engine import choice
from engine.backend import Backend, Capability
from engine.choice import AUTO, BUILTIN, LOCAL, Choice, EngineState
from engine.errors import EngineMissing, ModelMissing
from engine.families import Kind
from engine.models import Installed
from engine.operations import Device

Answer = TypeVar("Answer")


class Hand(NamedTuple):
    """Who does one thing."""

    backend: Backend
    choice: Choice


class Crew:
    """What is built in, and the models that are at hand."""

    def __init__(
        self,
        look: Callable[[], Installed] = Installed,
        builtin: Callable[[], Backend] = backends.builtin,
        local: Callable[[], Backend] | None = None,
        state: EngineState | None = None,
    ) -> None:
        """`look` finds the models; it is called when somebody may need one."""
        self._look, self._builtin = look, builtin
        self._local = local or (lambda: backends.local(lambda: self.installed, self._tell))
        self._installed: Installed | None = None
        self._made: dict[str, Backend] = {}
        self._state = state or EngineState(trouble=choice.libraries())

    @property
    def installed(self) -> Installed:
        if self._installed is None:
            self._installed = self._look()
        return self._installed

    def choose(self, need: Capability, wanted: str = AUTO, model: str = "") -> Choice:
        """Who would do it. Raises ModelMissing when a checkpoint is named that is not here."""
        found = Installed() if wanted == BUILTIN else self.installed
        chosen = choice.choose(need, found, self._state, wanted)
        if not model or chosen.backend != LOCAL:
            return chosen
        named = found.named(Kind.CHECKPOINT, model)
        if named is None:
            raise ModelMissing(Kind.CHECKPOINT.value, model)
        return replace(chosen, model=named)

    def do(
        self,
        need: Capability,
        work: Callable[[Hand], Answer],
        *,
        wanted: str = AUTO,
        model: str = "",
    ) -> Answer:
        """Let the best one do it. Raises EngineErrors.

        Libraries that turn out not to load are no reason to stop, where what is built in will do.
        """
        chosen = self.choose(need, wanted, model)
        if not chosen.backend:
            raise choice.trouble(need, chosen)
        try:
            return work(Hand(self._backend(chosen.backend), chosen))
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

    def _backend(self, name: str) -> Backend:
        if name not in self._made:
            self._made[name] = self._builtin() if name == BUILTIN else self._local()
        return self._made[name]

    def _tell(self, device: Device) -> None:
        self._state = replace(self._state, device=device)


def at_hand() -> Installed:
    """The models that the window would find, by the same settings."""
    from app import model_places, paths, settings_file
    from engine.installed import scan

    settings = settings_file.load(paths.config_dir() / "settings.json").settings
    return scan(model_places.places(settings))
