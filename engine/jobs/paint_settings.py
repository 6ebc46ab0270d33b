"""What can be said about a painting, and what has to be known to make it again."""

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from engine.geometry import Image, Size

MAX_VARIANTS = 8
MAX_SEED = 2**64 - 1  # ComfyUI's range

SAMPLERS = (
    "euler",
    "euler_ancestral",
    "heun",
    "dpmpp_2m",
    "dpmpp_2m_sde",
    "dpmpp_sde",
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
    making: PaintRecord
    notes: tuple[str, ...] = field(
        default=()
    )  # codes that app/text/errors/explain.py has words for
