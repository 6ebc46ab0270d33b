"""Chooses the engine and model for a job, with a reason when a better one could not be taken."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec

from engine.dispatch import graphics_card
from engine.errors import CapabilityMissing, EngineError, EngineMissing, ModelMissing, ServerMissing
from engine.jobs.backend import Capability
from engine.jobs.operations import Device
from engine.models.families import PROFILES, TORCH, Family, Kind, Profile
from engine.models.model_file import Installed, ModelFile

AUTO, BUILTIN, LOCAL, SERVER = "auto", "builtin", "local", "server"
LIGHT = "light"
WANTED = (AUTO, BUILTIN, LOCAL, SERVER)
HERE = (LOCAL, LIGHT)
"""Backends that run models on this computer: with torch, and without. LOCAL wants either."""
LIBRARIES = ("torch", "transformers", "diffusers", "safetensors")
LIGHT_LIBRARIES = ("onnxruntime",)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineState:
    """State of the local or the light engine, known without starting it."""

    trouble: str = ""  # a code when it cannot run: absent, broken
    device: Device | None = None  # where it computes; None: it has not said yet
    expects_card: bool = True  # while it has not said it

    @property
    def is_slow(self) -> bool:
        """It computes on the processor, or will as far as is known."""
        return not self.expects_card if self.device is None else self.device.kind == "cpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOffer:
    """Capabilities and models of all the user's servers together."""

    capabilities: frozenset[Capability] = frozenset()
    stock: Installed = field(default_factory=Installed)  # their models, place "server"
    troubles: Mapping[Capability, EngineError] = field(
        default_factory=dict[Capability, EngineError]
    )  # why not, of a server that is on
    is_slow: bool = False  # none of them has a card


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The engine and model for a job. `reason` is a code that says why it is not a better one.

    asked: the user wants it so; absent, broken: the libraries; missing: no model is installed;
    unusable: one is installed, with a problem; slow: it runs on the processor; quick: a better
    one would read a picture for minutes there; small: LaMa continues, or IS-Net outlines, more
    exactly; no_server:
    none is set up; server: none can do it now.
    """

    backend: str  # BUILTIN, LOCAL, LIGHT, SERVER, or "": nobody can
    model: ModelFile | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Available:
    """Everything that can be chosen from: installed models, the engines here, the servers."""

    installed: Installed = field(default_factory=Installed)
    engine: EngineState = field(default_factory=EngineState)
    light: EngineState = field(default_factory=lambda: NO_LIGHT)
    servers: ServerOffer = field(default_factory=ServerOffer)


def choose(need: Capability, available: Available, wanted: str = AUTO, name: str = "") -> Choice:
    """The engine and model for a job; `name` asks for a checkpoint.

    Auto prefers a model that runs well: a local one before a server's, a GPU before the processor;
    else the built-in methods. On a processor it takes what answers soonest: the light engine,
    unless LOCAL asks for SAM 3. Clicks stay local: a server would encode the picture for each.
    LOCAL and SERVER never fall back.
    """
    can_fall_back = need in _BUILT_IN
    if wanted == BUILTIN and can_fall_back:
        return Choice(backend=BUILTIN, reason="asked")
    servers, here = available.servers, _local_choice(need, available, wanted, name)
    elsewhere = _server_model(need, servers, wanted, name)
    if elsewhere is not None and (
        here is None or (_is_slow(here, available) and not servers.is_slow)
    ):
        return Choice(backend=SERVER, model=elsewhere, reason="slow" if servers.is_slow else "")
    if here is not None:
        return here
    return _nobody(need, available, wanted)


def _nobody(need: Capability, available: Available, wanted: str) -> Choice:
    """The built-in methods where they can and may, and why no model does it."""
    problem = _problem(need, available.installed)
    fallback = BUILTIN if need in _BUILT_IN and wanted == AUTO else ""
    if wanted == SERVER and need not in available.servers.capabilities:
        return Choice(backend="", reason="server" if available.servers.troubles else "no_server")
    if wanted == SERVER:  # it is the model that is not there
        return Choice(backend="", reason="missing")
    if wanted == AUTO and not fallback and not problem and need in available.servers.troubles:
        return Choice(backend="", reason="server")  # who has one counts on it
    reason = _trouble_here(need, available) or ("unusable" if problem else "missing")
    return Choice(backend=fallback, model=problem, reason=reason)


def _trouble_here(need: Capability, available: Available) -> str:
    """Why no model could run here at all; "" where one could, if it were installed."""
    if need not in _BUILT_IN:
        return available.engine.trouble
    if not available.light.trouble or not available.engine.trouble:
        return ""
    return (
        available.light.trouble if available.light.trouble == "broken" else available.engine.trouble
    )


def at_hand(available: Available, wanted: str = AUTO) -> Installed:
    """The models that may be chosen from: those here, then those that only servers have."""
    if wanted == LOCAL:
        return available.installed
    if wanted == SERVER:
        return available.servers.stock
    known = {(model.kind, model.name) for model in available.installed.models}
    more = [m for m in available.servers.stock.models if (m.kind, m.name) not in known]
    return Installed(models=(*available.installed.models, *more))


def profile(choice: Choice) -> Profile | None:
    """The crop sizes that the chosen model wants; None: it has no preference."""
    is_of_model = choice.backend in (*HERE, SERVER)
    family = choice.model.family if is_of_model and choice.model else None
    return PROFILES.get(family) if family is not None else None


def trouble(need: Capability, choice: Choice, servers: ServerOffer = ServerOffer()) -> EngineError:
    """The error to show when no engine can do it."""
    if choice.reason in ("server", "no_server"):
        return servers.troubles.get(need) or ServerMissing(need.value)
    if choice.reason in ("absent", "broken"):
        return EngineMissing(choice.reason)
    if need in _NEEDS:
        return ModelMissing(_NEEDS[need])
    return CapabilityMissing(BUILTIN, need.value)


def libraries(find: Callable[[str], object] = find_spec) -> str:
    """ "" when the libraries that run models are there, else the code absent; imports nothing."""
    return "" if all(find(name) is not None for name in LIBRARIES) else "absent"


def engine_state() -> EngineState:
    """What is known of the local engine before it was started."""
    return EngineState(trouble=libraries(), expects_card=graphics_card.may_be_there())


NO_LIGHT = EngineState(trouble="absent")


def light_state(find: Callable[[str], object] = find_spec) -> EngineState:
    """What is known of the light engine before it was started; it never uses a card."""
    is_there = all(find(name) is not None for name in LIGHT_LIBRARIES)
    return EngineState(trouble="" if is_there else "absent", expects_card=False)


_BUILT_IN = (Capability.CLICK, Capability.BOX, Capability.SUBJECT, Capability.REMOVE)
_NEEDS = {
    Capability.CLICK: Kind.SEGMENTER.value,
    Capability.BOX: Kind.SEGMENTER.value,
    Capability.FIND: "finder",
    Capability.SUBJECT: Kind.SUBJECT.value,
    Capability.REMOVE: Kind.REMOVER.value,
    Capability.INPAINT: Kind.CHECKPOINT.value,
}
_FAMILIES = {
    Capability.CLICK: (Family.SAM31, Family.SAM3, Family.SAM2, Family.EDGETAM),
    Capability.BOX: (Family.SAM31, Family.SAM3, Family.SAM2, Family.EDGETAM),
    Capability.FIND: (Family.SAM31, Family.SAM3, Family.SAM3_LITE_TEXT),
    Capability.SUBJECT: (Family.ISNET, Family.U2NETP),
    Capability.REMOVE: (Family.LAMA, Family.MAT, Family.MIGAN),
    Capability.INPAINT: (),
}
_LIGHT_REASONS = {Family.MIGAN: "small", Family.U2NETP: "small", Family.ISNET: ""}
_QUICK_PAINTERS = (Family.SD15_INPAINT, Family.SD21_INPAINT, Family.SD15, Family.SD21)


def _local_choice(need: Capability, available: Available, wanted: str, name: str) -> Choice | None:
    """A model on this computer, with torch or without."""
    if wanted == SERVER:
        return None
    heavy = None if available.engine.trouble else _on_torch(need, available, name)
    light = None if available.light.trouble or name else _on_light(need, available.installed)
    if light is None or (
        heavy is not None and not _is_light_better(heavy, light, available, wanted)
    ):
        reason = "slow" if available.engine.is_slow else ""
        return None if heavy is None else Choice(backend=LOCAL, model=heavy, reason=reason)
    reason = _LIGHT_REASONS.get(light.family, "slow") if light.family else "slow"
    if heavy is not None and heavy.family is not None and heavy.family.is_sam3:
        reason = "quick"
    return Choice(backend=LIGHT, model=light, reason=reason)


def _on_torch(need: Capability, available: Available, name: str) -> ModelFile | None:
    found = available.installed.on(TORCH)
    if name:
        return found.named(Kind.CHECKPOINT, name)
    return _model(need, found, available.engine.is_slow)


def _on_light(need: Capability, installed: Installed) -> ModelFile | None:
    if need in (Capability.CLICK, Capability.BOX):
        return installed.light_selector
    if need is Capability.SUBJECT:
        return installed.subject_model
    return installed.light_remover if need is Capability.REMOVE else None


def _is_light_better(heavy: ModelFile, light: ModelFile, available: Available, wanted: str) -> bool:
    """On a processor the same network runs sooner without torch; MI-GAN is below the others."""
    if not available.engine.is_slow or light.family is Family.MIGAN:
        return False
    return wanted != LOCAL or heavy.family is None or not heavy.family.is_sam3


def _is_slow(here: Choice, available: Available) -> bool:
    return here.backend == LIGHT or available.engine.is_slow


def _server_model(
    need: Capability, servers: ServerOffer, wanted: str, name: str
) -> ModelFile | None:
    is_ours = need in (Capability.CLICK, Capability.BOX) and wanted != SERVER
    if wanted == LOCAL or is_ours or need not in servers.capabilities:
        return None
    if name:
        return servers.stock.named(Kind.CHECKPOINT, name)
    return _model(need, servers.stock, servers.is_slow)


def _model(need: Capability, installed: Installed, is_slow: bool) -> ModelFile | None:
    match need:
        case Capability.CLICK | Capability.BOX:
            return installed.selector
        case Capability.FIND:
            return installed.finder
        case Capability.SUBJECT:
            return None  # neither torch here nor a server runs one
        case Capability.REMOVE:
            return installed.remover
        case Capability.INPAINT:
            quick = installed.first(*_QUICK_PAINTERS) if is_slow else None
            return quick or installed.painter


def _problem(need: Capability, installed: Installed) -> ModelFile | None:
    """A model that could have done it, were it not for its problem."""
    for model in installed.models:
        is_of_need = model.family in _FAMILIES[need]
        if need is Capability.INPAINT:
            is_of_need = model.kind is Kind.CHECKPOINT
        if is_of_need and (model.problem or model.wrong_on):
            return model
    return None
