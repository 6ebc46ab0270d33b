"""What flows along the links of a workflow, before any pixel is there: how each thing is made.

Records are told apart by identity: what several links lead from is made once.
"""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, TypeAlias

from engine.jobs.paint_settings import StartFrom


class Origin(NamedTuple):
    """The node that something comes from."""

    node: str  # its id
    type: str  # its class
    title: str  # what the user sees


# --- models and words


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UsedLora:
    """A LoRA in a chain. We know one weight for the model and its text encoder."""

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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clip:
    """Text encoders: of a checkpoint, or of files of their own."""

    origin: Origin
    files: tuple[tuple[str, str], ...] = ()  # (input, file name)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vae:
    """That of a checkpoint where `name` is empty."""

    origin: Origin
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextFinder:
    """What finds by text; which file that is here, is not the workflow's to say."""

    origin: Origin
    name: str
    input: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prompt:
    """A conditioning: words, and what was said beside them."""

    text: str
    clip: Clip
    guidance: float | None = None  # FLUX's own; None: it is not said
    is_zero: bool = False  # all that the words mean is taken away
    masks: "Masks | None" = None  # what the model is told to fill


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextOutput:
    """Output that only people read: boxes and scores."""


# --- pictures


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadedImage:
    """The picture of a LoadImage node."""

    origin: Origin
    file: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RemovedPicture:
    """What the masks mark, erased; how far they grow is said by a blur and a threshold."""

    origin: Origin
    pictures: "Pictures"
    masks: "Masks"
    radius_px: int
    threshold: int  # 0..255
    inverted: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Latent:
    """What is to be painted on."""

    pictures: "Pictures"
    vae: Vae
    masks: "Masks | None" = None  # None: everything
    growth_px: int | None = None  # masks are made hard, then this much wider; None: as they are
    start: StartFrom = StartFrom.ORIGINAL
    repeats: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sampled:
    """A painting."""

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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DecodedPainting:
    """A painting, to be seen."""

    sampled: Sampled


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskPicture:
    """Masks as gray pictures."""

    masks: "Masks"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outlines:
    """What was found, tinted."""

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
    resized: bool  # to the size of what is below


# --- masks


class Phrase(NamedTuple):
    """What to find, and how many of it; None: all."""

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
    """What is transparent in a loaded picture; where somebody marks in the window, that."""

    picture: LoadedImage


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadedMask:
    """A channel of a file: red, green, blue, or alpha, of which the transparent part is meant."""

    origin: Origin
    file: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Channel:
    """A channel of pictures: 0 red, 1 green, 2 blue."""

    pictures: "Pictures"
    index: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Union:
    """All masks of a batch as one."""

    masks: "Masks"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inverted:
    """Marked and unmarked change places."""

    masks: "Masks"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grown:
    """Wider by so many pixels, or narrower; tapered: as a diamond, else as a square."""

    masks: "Masks"
    growth_px: int
    tapered: bool


PICTURES = (LoadedImage, RemovedPicture, DecodedPainting, MaskPicture, Outlines, Composite)
MASKS = (FoundInstances, LoadedAlpha, LoadedMask, Channel, Union, Inverted, Grown)

Pictures: TypeAlias = (
    LoadedImage | RemovedPicture | DecodedPainting | MaskPicture | Outlines | Composite
)
Masks: TypeAlias = FoundInstances | LoadedAlpha | LoadedMask | Channel | Union | Inverted | Grown
Value: TypeAlias = (
    Pictures | Masks | Model | Clip | Vae | TextFinder | Prompt | TextOutput | Latent | Sampled
)


# --- results


class SinkKind(Enum):
    """What becomes of the pictures that arrive at an output node."""

    SAVE = "save"
    PREVIEW = "preview"
    COMPARE = "compare"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sink:
    """An output node."""

    origin: Origin
    kind: SinkKind
    pictures: Pictures
    before: Pictures | None = None  # of COMPARE
    prefix: str = ""  # of SAVE: what files are to be called
