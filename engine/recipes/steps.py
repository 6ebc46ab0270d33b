"""The steps of a recipe, as records."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from engine.dispatch.choice import AUTO
from engine.geometry import Size
from engine.inpaint.crops import RemoveOptions
from engine.jobs.paint_settings import PaintDraft
from engine.recipes.coordinates import BoxCoordinates, Example, PointCoordinates
from engine.selection.adjust import Adjustments
from engine.selection.masks import CombineMode

ALL, BEST = "all", "best"


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskPath:
    """The name of a mask file, or of a folder that holds a mask for each picture."""

    name: str  # {name} in it stands for the picture's name without its ending
    folder: Path | None = None  # of the recipe that names it, which may lead nowhere else


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectStep:
    """Mark something: by points and boxes, or from mask files; several add up. Or the subject."""

    points: tuple[PointCoordinates, ...] = ()
    boxes: tuple[BoxCoordinates, ...] = ()
    masks: tuple[MaskPath, ...] = ()
    subject: bool = False  # what the picture shows before all else, without points and boxes
    candidate: int = 1  # the n-th best answer
    mode: CombineMode = CombineMode.REPLACE
    soft_edge: bool = False  # along hair and fur
    engine: str = AUTO


@dataclass(frozen=True, slots=True, kw_only=True)
class FindStep:
    """Mark all instances of what is named or shown, or some of them."""

    text: str = ""
    examples: tuple[Example, ...] = ()
    threshold: float = 0.5
    pick: str | tuple[int, ...] = ALL  # BEST, or numbers: 1 is the most likely
    mode: CombineMode = CombineMode.REPLACE
    soft_edge: bool = False  # along hair and fur


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustStep:
    """Change the mask as the sliders do."""

    adjustments: Adjustments


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReach:
    """How far around the mask a step goes; None: by the picture's size and the marked areas'."""

    grow_px: int | None = None
    feather_px: int | None = None
    context_px: int | None = None
    match: float = 1.0
    soft_edge: bool = False  # the mask has one: grow and feather begin where it ends

    def options(self, size: Size) -> RemoveOptions:
        usual = RemoveOptions.for_size(size)
        return RemoveOptions(
            grow_px=usual.grow_px if self.grow_px is None else self.grow_px,
            feather_px=usual.feather_px if self.feather_px is None else self.feather_px,
            by_size=usual.by_size if self.grow_px is self.feather_px is None else None,
            context_px=self.context_px,
            match=self.match,
            soft_edge=self.soft_edge,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveStep(StepReach):
    """Remove the marked content."""

    seed: int = 0
    engine: str = AUTO
    keep_selection: bool = False  # for a step that goes on with it


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintStep(StepReach):
    """Paint something new under the mask, one variant for each seed."""

    draft: PaintDraft = field(default_factory=PaintDraft)
    seed: int = 0
    variants: int = 1


Step: TypeAlias = SelectStep | FindStep | AdjustStep | RemoveStep | PaintStep
