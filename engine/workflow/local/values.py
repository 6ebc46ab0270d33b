"""Values on the links of a workflow as records of how each is made, before any pixel exists.

Records are compared by identity: a value that several nodes read is made once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, TypeAlias

from engine.geometry import Mask
from engine.jobs.paint_settings import StartFrom
from engine.workflow.local.origin import Origin
from engine.workflow.local.photo import Photo

# --- numbers and texts


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Literal:
    """A number, a text or a flag that a node of its own gives."""

    value: float | str | bool


class Side(Enum):
    """A measure of pictures."""

    WIDTH = "width"
    HEIGHT = "height"
    COUNT = "count"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """A measure of pictures, in pixels or pictures: known when they are made."""

    pictures: "Pictures"
    side: Side


Length: TypeAlias = int | Measured


# --- models and words


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UsedLora:
    """A LoRA in a chain; our engines use one weight for model and text encoder."""

    origin: Origin
    name: str
    weight: float
    clip_weight: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """A base model with LoRAs, the first applied first."""

    origin: Origin
    name: str
    input: str  # of the node, that names it
    folder: str  # of ComfyUI's models
    loras: tuple[UsedLora, ...] = ()
    notes: tuple[str, ...] = ()  # codes of changes that our engines leave out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clip:
    """Text encoders of a checkpoint, or in files of their own."""

    origin: Origin
    files: tuple[tuple[str, str], ...] = ()  # (input, file name)
    notes: tuple[str, ...] = ()  # codes of changes that our engines leave out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vae:
    """A VAE file; with an empty `name` that of the checkpoint."""

    origin: Origin
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextFinder:
    """The model that finds by text; the installed one is used, whatever the workflow names."""

    origin: Origin
    name: str
    input: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LamaModel:
    """The model that removes; the installed one is used, whatever the workflow names."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prompt:
    """A conditioning: the text and the options attached to it."""

    text: str
    clip: Clip
    guidance: float | None = None  # FLUX only; None: not given
    is_zero: bool = False  # ConditioningZeroOut
    masks: "Masks | None" = None  # InpaintModelConditioning
    notes: tuple[str, ...] = ()  # codes of changes that our engines leave out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextOutput:
    """An output for display only: boxes and scores."""


# --- pictures


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadedImage:
    """The picture of a LoadImage node."""

    origin: Origin
    file: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RemovedPicture:
    """Pictures with the masked area removed; blur and threshold say how far the mask grows."""

    origin: Origin
    pictures: "Pictures"
    masks: "Masks"
    radius_px: int
    threshold: int  # 0..255
    inverted: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Latent:
    """The pictures and masks that are painted on."""

    pictures: "Pictures"
    vae: Vae
    masks: "Masks | None" = None  # None: everything
    growth_px: int | None = None  # threshold the masks, then dilate; None: unchanged
    start: StartFrom = StartFrom.ORIGINAL
    repeats: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawnNoise:
    """The seed of a sampler."""

    seed: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Guider:
    """A model with its prompts, and how much they weigh."""

    model: Model
    positive: Prompt
    negative: Prompt
    guidance: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SamplerName:
    """One of SAMPLERS."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sigmas:
    """The steps of a schedule; with a strength under 1 the last ones of a longer one."""

    scheduler: str  # one of SCHEDULERS
    steps: int
    strength: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sampled:
    """The result of a sampler."""

    origin: Origin
    model: Model
    positive: Prompt
    negative: Prompt
    latent: Latent
    seed: int
    steps: int
    guidance: float
    sampler: str
    scheduler: str
    strength: float
    stopped_at: int | None = None  # the step at which another sampler is to go on
    notes: tuple[str, ...] = ()  # codes of what our engines leave out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DecodedPainting:
    """The pixels of a sampled latent."""

    sampled: Sampled


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskPicture:
    """Masks as gray pictures."""

    masks: "Masks"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outlines:
    """The picture with the instances that were found in colours."""

    found: "FoundInstances"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Composite:
    """One picture laid onto another."""

    origin: Origin
    below: "Pictures"
    above: "Pictures"
    masks: "Masks | None"
    x: int
    y: int
    resized: bool  # `above` is scaled to the size of `below`


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComputedPicture:
    """Pictures made one by one of others by arithmetic; the shorter batches are repeated.

    `make` takes a Photo for each of `pictures`, a mask `(h, w) uint8` for each of `masks`, and
    the pixels of `lengths`; without pictures and masks it is called once.
    """

    origin: Origin
    make: Callable[..., Photo]
    pictures: "tuple[Pictures, ...]" = ()
    masks: "tuple[Masks, ...]" = ()
    lengths: tuple[Length, ...] = ()
    repeats: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PictureBatch:
    """Pictures one after the other, scaled to the size of the first."""

    parts: "tuple[Pictures, ...]"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stitcher:
    """What InpaintStitch needs; here crops are put back where they are painted."""

    pictures: "Pictures"


# --- masks


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComputedMask:
    """Masks made one by one by arithmetic, as ComputedPicture makes pictures."""

    origin: Origin
    make: Callable[..., Mask]
    pictures: "tuple[Pictures, ...]" = ()
    masks: "tuple[Masks, ...]" = ()
    lengths: tuple[Length, ...] = ()


class Phrase(NamedTuple):
    """A phrase to find and the number of instances; None: all."""

    text: str
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FoundInstances:
    """The instances of phrases in the first picture, the likeliest of each first."""

    origin: Origin
    finder: TextFinder
    pictures: "Pictures"
    phrases: tuple[Phrase, ...]
    threshold: float
    as_one: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadedAlpha:
    """The transparent part of a loaded picture, or the selection of the window."""

    picture: LoadedImage


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadedMask:
    """A channel of a file as a mask: red, green, blue, or inverted alpha."""

    origin: Origin
    file: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Channel:
    """A channel of pictures as masks: 0 red, 1 green, 2 blue."""

    pictures: "Pictures"
    index: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Union:
    """All masks of a batch as one."""

    masks: "Masks"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inverted:
    """Masks inverted."""

    masks: "Masks"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grown:
    """Masks dilated, or eroded where negative, by a diamond (tapered) or a square."""

    masks: "Masks"
    growth_px: int
    tapered: bool


PICTURES = (
    LoadedImage, RemovedPicture, DecodedPainting, MaskPicture, Outlines, Composite, ComputedPicture,
    PictureBatch,
)  # fmt: skip
MASKS = (FoundInstances, LoadedAlpha, LoadedMask, Channel, Union, Inverted, Grown, ComputedMask)
VALUES = (
    *PICTURES, *MASKS, Literal, Measured, Model, Clip, Vae, TextFinder, Prompt, TextOutput, Latent,
    DrawnNoise, Guider, SamplerName, Sigmas, Sampled, Stitcher, LamaModel,
)  # fmt: skip

Pictures: TypeAlias = (
    LoadedImage | RemovedPicture | DecodedPainting | MaskPicture | Outlines | Composite
    | ComputedPicture | PictureBatch
)  # fmt: skip
Masks: TypeAlias = (
    FoundInstances | LoadedAlpha | LoadedMask | Channel | Union | Inverted | Grown | ComputedMask
)
Value: TypeAlias = (
    Pictures | Masks | Literal | Measured | Model | Clip | Vae | TextFinder | Prompt | TextOutput
    | Latent | DrawnNoise | Guider | SamplerName | Sigmas | Sampled | Stitcher | LamaModel
)  # fmt: skip


# --- results


class SinkKind(Enum):
    """The use of the pictures that reach an output node."""

    SAVE = "save"
    PREVIEW = "preview"
    COMPARE = "compare"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sink:
    """An output node."""

    origin: Origin
    kind: SinkKind
    pictures: Pictures
    before: Pictures | None = None  # of COMPARE: the first of the two
    prefix: str = ""  # of SAVE: begins the file names
