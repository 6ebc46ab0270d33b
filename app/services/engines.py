"""Chooses the engine for each need: by the installed models, the libraries and the settings."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal, Slot

from app.services.jobs import Job, JobQueue
from app.settings.schema import Settings
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
from engine.errors import EngineError, EngineMissing, ModelWrong
from engine.jobs.backend import Capability
from engine.jobs.operations import Device
from engine.models.model_file import Installed

QUEUES = {
    BUILTIN: JobQueue.ENGINE,
    LOCAL: JobQueue.LOCAL,
    LIGHT: JobQueue.LIGHT,
    SERVER: JobQueue.SERVER,
}


class ModelSource(Protocol):
    """The models on this computer, looked for in the background."""

    changed: Any  # a signal

    @property
    def installed(self) -> Installed: ...

    def rescan(self) -> None: ...


class Engines(QObject):
    """One for a window. Nothing is started here; what the engine says of itself is kept."""

    changed = Signal()
    _told = Signal(object)  # Device, from the worker's thread

    def __init__(
        self,
        library: ModelSource,
        state: EngineState | None = None,
        parent: QObject | None = None,
        *,
        light: EngineState | None = None,
    ) -> None:
        """`state` is what is known of the local engine, None: look.

        Where it is given, there is no light engine but by `light`.
        """
        super().__init__(parent)
        self._library = library
        self.state = state or choice.engine_state()
        self.light = light or (choice.NO_LIGHT if state else choice.light_state())
        self.server_offer = ServerOffer()
        self._wanted: dict[Capability, str] = {}
        self._choices: dict[tuple[Capability, str], Choice] = {}
        self._chosen_from: tuple[object, ...] = ()  # what the choices kept were made from
        self._at_hand: dict[str, tuple[Installed, Installed, Installed]] = {}  # here, there, both
        library.changed.connect(self._on_library_changed)
        self._told.connect(self._on_told)

    @property
    def installed(self) -> Installed:
        return self._library.installed

    @property
    def available(self) -> Available:
        """All who may do something."""
        return Available(
            installed=self.installed, engine=self.state, light=self.light, servers=self.server_offer
        )

    def at_hand(self, need: Capability) -> Installed:
        """The models that may be chosen from where this is done."""
        return self._models(self.wanted(need))

    @property
    def at_hand_anywhere(self) -> Installed:
        """Here and on servers, whatever is wanted."""
        return self._models(AUTO)

    def _models(self, wanted: str) -> Installed:
        """Put together once: a server may have thousands, and each letter typed asks for them."""
        here, there = self.installed, self.server_offer.stock
        known = self._at_hand.get(wanted)
        if known is None or known[0] is not here or known[1] is not there:
            known = here, there, choice.at_hand(self.available, wanted)
            self._at_hand[wanted] = known
        return known[2]

    def wanted(self, need: Capability) -> str:
        """What the user wants for it: auto, builtin, local or server."""
        return self._wanted.get(need, AUTO)

    def set_there(self, there: ServerOffer) -> None:
        """What the servers can do now."""
        self.server_offer = there
        self.changed.emit()

    @property
    def device(self) -> Device | None:
        """Where models compute; None until the engine was used."""
        return self.state.device

    def set_wanted(self, wanted: Mapping[Capability, str]) -> None:
        """What the user wants for each need: auto, builtin, local or server."""
        if dict(wanted) != self._wanted:
            self._wanted = dict(wanted)
            self.changed.emit()

    def choice(self, need: Capability, name: str = "") -> Choice:
        """Who does it now; a checkpoint may be asked for by name."""
        now = self.installed, self.state, self.light, self.server_offer, self._wanted
        before = self._chosen_from
        if not before or any(one is not other for one, other in zip(before, now)):
            self._choices, self._chosen_from = {}, now
        if (need, name) not in self._choices:
            self._choices[need, name] = choice.choose(need, self.available, self.wanted(need), name)
        return self._choices[need, name]

    def queue_for(self, need: Capability, name: str = "") -> JobQueue | None:
        """Where to ask for it; None: nobody can, and `trouble` says why."""
        return QUEUES.get(self.choice(need, name).backend)

    def trouble(self, need: Capability) -> EngineError:
        """Why nobody can do it."""
        return choice.trouble(need, self.choice(need), self.server_offer)

    @Slot(object)
    def hear(self, job: Job) -> None:
        """A task of a model failed: where libraries or the model are the cause, that is kept."""
        error = job.error
        if isinstance(error, ModelWrong):
            self._library.rescan()  # it now says so, and the next best is chosen
        if not isinstance(error, EngineMissing):
            return
        if job.queue is JobQueue.LIGHT:
            if error.reason != self.light.trouble:
                self.light = replace(self.light, trouble=error.reason)
                self.changed.emit()
        elif error.reason != self.state.trouble:
            self._set_state(replace(self.state, trouble=error.reason))

    def tell(self, device: Device) -> None:
        """The engine says where it computes; from any thread."""
        self._told.emit(device)

    def _set_state(self, state: EngineState) -> None:
        self.state = state
        self.changed.emit()

    @Slot()
    @Slot(object)
    def _on_library_changed(self, _: object = None) -> None:
        if self.state.trouble == "broken":  # it may have been mended meanwhile
            self.state = replace(self.state, trouble=choice.libraries())
        if self.light.trouble == "broken":
            self.light = choice.light_state()
        self.changed.emit()

    @Slot(object)
    def _on_told(self, device: Device) -> None:
        if device != self.state.device:
            self._set_state(replace(self.state, device=device, trouble=""))


def wanted(settings: Settings) -> dict[Capability, str]:
    """What was chosen for each need; for the others there is nothing to choose."""
    return {
        Capability.CLICK: settings.select_engine,
        Capability.BOX: settings.select_engine,
        Capability.FIND: settings.find_engine,
        Capability.SUBJECT: AUTO if settings.select_engine == SERVER else settings.select_engine,
        Capability.REMOVE: settings.remove_engine,
        Capability.INPAINT: settings.paint_engine,
    }
