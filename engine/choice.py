"""Which engine does a job, with which model, and why it is no better one."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

from engine.backend import Capability
from engine.errors import CapabilityMissing, EngineError, EngineMissing, ModelMissing
from engine.families import PROFILES, Family, Kind, Profile
from engine.models import Installed, ModelFile
from engine.operations import Device

AUTO, BUILTIN, LOCAL = "auto", "builtin", "local"
WANTED = (AUTO, BUILTIN, LOCAL)
LIBRARIES = ("torch", "transformers", "diffusers", "safetensors")


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineState:
    """What is known of the engine that runs models; nothing has to be started for it."""

    trouble: str = ""  # a code when it cannot run: absent, broken
    device: Device | None = None  # where it computes; None: it has not said yet

    @property
    def is_slow(self) -> bool:
        """It computes on the processor."""
        return self.device is not None and self.device.kind == "cpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Who does it. `reason` is a code that says why it is not more.

    asked: the user wants it so; absent, broken: the libraries; missing: no model is here;
    unusable: one is here, with a problem; slow: it runs on the processor, which takes its time.
    """

    backend: str  # BUILTIN, LOCAL, or "": nobody can
    model: ModelFile | None = None
    reason: str = ""


def choose(need: Capability, installed: Installed, engine: EngineState, wanted: str) -> Choice:
    """Auto takes a model where one can run, else what is built in; LOCAL never falls back."""
    can_fall_back = need in _BUILT_IN
    if wanted == BUILTIN and can_fall_back:
        return Choice(backend=BUILTIN, reason="asked")
    model = _model(need, installed, engine)
    if model is not None and not engine.trouble:
        return Choice(backend=LOCAL, model=model, reason="slow" if engine.is_slow else "")
    reason = engine.trouble or ("unusable" if _problem(need, installed) else "missing")
    fallback = BUILTIN if can_fall_back and wanted != LOCAL else ""
    return Choice(backend=fallback, model=_problem(need, installed), reason=reason)


def profile(choice: Choice) -> Profile | None:
    """What the chosen model wants to see of a picture; None: there is no such wish."""
    family = choice.model.family if choice.backend == LOCAL and choice.model else None
    return PROFILES.get(family) if family is not None else None


def trouble(need: Capability, choice: Choice) -> EngineError:
    """Why nobody can do it, as an error that has words."""
    if choice.reason in ("absent", "broken"):
        return EngineMissing(choice.reason)
    if need in _NEEDS:
        return ModelMissing(_NEEDS[need])
    return CapabilityMissing(BUILTIN, need.value)


def libraries(find: Callable[[str], object] = find_spec) -> str:
    """ "" when the libraries that run models are there, else the code absent; imports nothing."""
    return "" if all(find(name) is not None for name in LIBRARIES) else "absent"


_BUILT_IN = (Capability.CLICK, Capability.BOX, Capability.REMOVE)
_NEEDS = {
    Capability.CLICK: Kind.SEGMENTER.value,
    Capability.BOX: Kind.SEGMENTER.value,
    Capability.FIND: "finder",
    Capability.REMOVE: Kind.REMOVER.value,
    Capability.INPAINT: Kind.CHECKPOINT.value,
}
_FAMILIES = {
    Capability.CLICK: (Family.SAM3, Family.SAM2),
    Capability.BOX: (Family.SAM3, Family.SAM2),
    Capability.FIND: (Family.SAM3,),
    Capability.REMOVE: (Family.LAMA, Family.MAT),
    Capability.INPAINT: (),
}
_QUICK_PAINTERS = (Family.SD15_INPAINT, Family.SD21_INPAINT, Family.SD15, Family.SD21)


def _model(need: Capability, installed: Installed, engine: EngineState) -> ModelFile | None:
    match need:
        case Capability.CLICK | Capability.BOX:
            return installed.selector
        case Capability.FIND:
            return installed.finder
        case Capability.REMOVE:
            return installed.remover
        case Capability.INPAINT:
            quick = installed.first(*_QUICK_PAINTERS) if engine.is_slow else None
            return quick or installed.painter


def _problem(need: Capability, installed: Installed) -> ModelFile | None:
    """A model that could have done it, were it not for its problem."""
    for model in installed.models:
        is_of_need = model.family in _FAMILIES[need]
        if need is Capability.INPAINT:
            is_of_need = model.kind is Kind.CHECKPOINT
        if is_of_need and model.problem:
            return model
    return None
