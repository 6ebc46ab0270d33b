"""The vocabulary of jobs: frozen, picklable records that hold everything a job needs."""

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, TypeAlias

from engine.geometry import Image, Mask, Rect
from engine.jobs.paint_settings import PaintRecord, PaintSettings

FIND_FLOOR = 0.05  # instances less likely than this are not kept
MAX_INSTANCES = 100


class Click(NamedTuple):
    """A point the user gave; image pixels, the centre of the first pixel is (0.5, 0.5)."""

    x: float
    y: float
    positive: bool = True


class Priority(Enum):
    """Order in which a worker takes its jobs."""

    CLICK = 0
    EDIT = 1
    PREPARE = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PrepareRequest:
    """Look at the picture before the first click, so that the click is quick."""

    image: Image
    key: str  # names the content: the same key means the same pixels


class SoftMask(NamedTuple):
    """A mask and where it lies; nothing is marked outside."""

    rect: Rect
    mask: Mask  # (rect.height, rect.width)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prior:
    """The mask that later clicks correct: what was shown when the first of them was made.

    It may be any of the candidates before, or one that was painted on since.
    """

    rect: Rect
    mask: Mask  # (rect.height, rect.width); nothing is marked outside
    clicks: int  # so many of the request's clicks it has seen
    soft: SoftMask | None = None  # the same with a soft edge, where it was shown so


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SegmentRequest:
    """Find the object under the clicks or in the box, or correct a prior by the clicks after it.

    With `subject` there is neither: it asks for what the picture shows before all else.
    """

    image: Image  # the whole view; read, never written
    key: str
    clicks: tuple[Click, ...] = ()  # in the order they were made
    box: Rect | None = None
    prior: Prior | None = None  # the answer to the box too, if there was one
    revision: int = 0
    draft: bool = False  # an outline to show and no more: one candidate, it may be coarse
    soft_edge: bool = False  # candidates also with a soft edge; drafts have none
    subject: bool = False
    known_subject: "Candidate | None" = None  # one more answer to a lone click on it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """One answer to a click: the mask inside `rect`, nothing marked outside."""

    rect: Rect
    mask: Mask  # (rect.height, rect.width); that of a draft may be smaller: `rect`, reduced
    score: float  # 0..1, how sure the selector is
    soft: SoftMask | None = None  # the same with a soft edge, where that was asked for

    @property
    def shown(self) -> SoftMask:
        """What is marked when this candidate is chosen."""
        return self.soft or SoftMask(self.rect, self.mask)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SegmentResult:
    """One to four candidates: the best first, then the others from the smallest on."""

    candidates: tuple[Candidate, ...]
    engine: str
    revision: int = 0


class Exemplar(NamedTuple):
    """A box around something to be found, or to be left out."""

    box: Rect
    positive: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FindRequest:
    """Find all instances of what is written, or of what the boxes show."""

    image: Image  # the whole view; read, never written
    key: str
    prompt: str = ""
    exemplars: tuple[Exemplar, ...] = ()  # without a prompt at least one is positive
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FindResult:
    """Every instance with a score from FIND_FLOOR up, the best first: a threshold needs no run."""

    instances: tuple[Candidate, ...]
    engine: str
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hole:
    """One crop to fill. Where `blend` is 0 nothing may change."""

    rect: Rect  # where the crop lies in the document
    image: Image  # (h, w, 3) copy of the view
    mask: Mask  # (h, w) what the engine fills: 255 wherever blend > 0
    blend: Mask  # (h, w) 255 inside the grown mask, falling to 0 over the feather
    alpha: Mask | None = None  # (h, w) of the crop, at 8 bits; None where all of it is opaque


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RemoveRequest:
    """Erase what the mask marks. Everything the job needs is here; nothing else is read."""

    holes: tuple[Hole, ...]
    seed: int = 0
    match: float = 1.0  # strength of the colour match to the ring, 0..1
    revision: int = 0  # of the document the crops were cut from


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Patch:
    """New pixels for `rect`, to be mixed in by `blend` / 255."""

    rect: Rect
    pixels: Image  # (h, w, 3) uint8 sRGB
    blend: Mask  # (h, w); where 0 the document stays as it is, byte for byte
    alpha: Mask | None = None  # (h, w), mixed like the pixels; None: the document's stays


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RemoveResult:
    """One patch for each hole, in the order of the request."""

    patches: tuple[Patch, ...]
    engine: str  # what did the work, for the user
    seed: int
    revision: int = 0
    notes: tuple[str, ...] = field(
        default=()
    )  # codes that app/text/errors/explain.py has words for


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InpaintRequest:
    """Paint something new where the mask is. One seed, one variant."""

    holes: tuple[Hole, ...]
    settings: PaintSettings
    seed: int
    match: float = 1.0  # strength of the colour match to the ring, 0..1
    revision: int = 0  # of the document the crops were cut from


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InpaintResult:
    """One patch and one paint record for each hole, in the order of the request."""

    patches: tuple[Patch, ...]
    paint_records: tuple[PaintRecord, ...]
    engine: str
    seed: int
    revision: int = 0
    notes: tuple[str, ...] = field(default=())


Request: TypeAlias = PrepareRequest | SegmentRequest | FindRequest | RemoveRequest | InpaintRequest
Result: TypeAlias = SegmentResult | FindResult | RemoveResult | InpaintResult | None
