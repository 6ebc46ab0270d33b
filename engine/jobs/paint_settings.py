"""Settings of a painting, drafts that leave some of them open, and records of how one was made."""

from dataclasses import dataclass, field, fields, replace
from enum import Enum
from typing import Any, NamedTuple, Self

from engine.geometry import Image, Size
from engine.models.families import PROFILES, Family, Profile

MAX_VARIANTS = 8
MAX_LORAS = 64
MAX_STEPS = 150
MAX_SEED = 2**64 - 1  # ComfyUI's range

SAMPLERS = (
    "euler",
    "euler_ancestral",
    "heun",
    "dpmpp_2m",
    "dpmpp_2m_sde",
    "dpmpp_sde",
    "dpmpp_3m_sde",
    "res_multistep",
    "uni_pc_bh2",
    "ddim",
    "lcm",
)
"""ComfyUI's names. The same seed gives the same picture there, but for those that draw noise at
each step: theirs comes from the card there, and from the processor here."""

SCHEDULERS = (
    "normal",
    "karras",
    "exponential",
    "sgm_uniform",
    "simple",
    "ddim_uniform",
    "beta",
)

FLUX_SCHEDULER = "simple"  # where none is named

LIMITS: dict[str, tuple[float, float]] = {
    "steps": (1, MAX_STEPS),
    "guidance": (0.0, 50.0),
    "strength": (0.01, 1.0),
}
"""The least and the most, of settings that are numbers."""


class StartFrom(Enum):
    """What lies under the mask when painting begins."""

    ORIGINAL = "original"
    BLUR = "blur"  # the surroundings, carried in
    REMOVED = "removed"  # what the remover fills in
    NOISE = "noise"  # nothing: grey under full noise


class Lora(NamedTuple):
    """A LoRA to be used; 0 leaves it out, negative weights are allowed."""

    name: str  # of a ModelFile
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintSettings:
    """All that the user chooses, but the seed. Names rather than paths: they travel in projects."""

    prompt: str = ""
    negative_prompt: str = ""
    checkpoint: str = ""  # name of a ModelFile; "" = the best at hand
    loras: tuple[Lora, ...] = ()
    steps: int = 20
    guidance: float = 7.0
    sampler: str = "euler"
    scheduler: str = "normal"
    strength: float = 1.0  # ComfyUI's denoise: `steps` steps of a schedule of steps / strength
    start_from: StartFrom = StartFrom.ORIGINAL
    refine: bool = True  # a second pass at native size where the hole is larger than the model


OPEN = frozenset({"steps", "guidance", "sampler", "scheduler"})
"""The settings that may be left to the base model's family."""

_NAMES = frozenset(each.name for each in fields(PaintSettings))
_USUAL = PaintSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintDraft:
    """Settings before the base model is known; what is left open has its default there."""

    settings: PaintSettings = field(default_factory=PaintSettings)
    left_open: frozenset[str] = OPEN

    def changed(self, **values: Any) -> Self:
        """With other fields, of the draft or of its settings; None leaves one of OPEN open."""
        new = {name: value for name, value in values.items() if name in _NAMES}
        opened = {name for name, value in new.items() if name in OPEN and value is None}
        new |= {name: getattr(_USUAL, name) for name in opened}
        own = {name: value for name, value in values.items() if name not in _NAMES}
        left_open = (self.left_open - new.keys()) | opened
        settings = replace(self.settings, **new)
        return replace(self, settings=settings, left_open=left_open, **own)

    def completed(self, family: Family | None) -> PaintSettings:
        """With nothing left open: as a model of this family wants it."""
        profile = profile_of(family)
        is_flux = family is not None and family.is_flux
        wanted = {
            "steps": profile.steps,
            "guidance": profile.guidance,
            "sampler": SAMPLERS[0],
            "scheduler": FLUX_SCHEDULER if is_flux else SCHEDULERS[0],
        }
        return replace(self.settings, **{name: wanted[name] for name in self.left_open})


def profile_of(family: Family | None) -> Profile:
    """How a family was trained; without one, as most are."""
    return PROFILES[family if family in PROFILES and family else Family.SD15]


class Fit(NamedTuple):
    """How a crop lay in the canvas of the model: crop pixels x scale + offset."""

    scale_x: float
    scale_y: float
    left_px: int  # padding, in canvas pixels, made by reflection and cut off afterwards
    top_px: int
    canvas: Size


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintRecord:
    """How one crop was painted, beyond the settings."""

    fit: Fit
    sigmas: tuple[float, ...] = ()
    model: str = ""  # name of the file that was used
    model_sha256: str = ""  # "" = not computed
    device: str = ""  # cpu, cuda...
    precision: str = ""  # fp32, bf16...
    versions: tuple[str, ...] = ()  # "torch 2.14.1"...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Painted:
    """An engine's answer for one crop."""

    pixels: Image  # (h, w, 3), as large as the crop; outside the hole's mask they do not matter
    paint_record: PaintRecord
    notes: tuple[str, ...] = field(
        default=()
    )  # codes that app/text/errors/explain.py has words for
