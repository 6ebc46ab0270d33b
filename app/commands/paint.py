"""Paints something new where the mask is: plans the request, shows one variant of the results."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.commands import variants
from app.commands.variants import WriteFacts
from app.commands.writer import DocumentWriter
from app.document.document import Variant
from engine import tasks
from engine.dispatch.runner import Assignment
from engine.geometry import Image, Mask, Native
from engine.inpaint.crops import RemoveOptions
from engine.jobs.backend import JobContext
from engine.jobs.paint_settings import MAX_SEED, PaintSettings
from engine.jobs.progress import ProgressSlice
from engine.jobs.requests import InpaintRequest, InpaintResult
from engine.models.families import Profile
from engine.tasks import plan_inpaint


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanPainting:
    """Job: cut the crops, large enough for the model."""

    view: Image  # (H, W, 3)
    mask: Mask  # (H, W)
    options: RemoveOptions
    settings: PaintSettings
    profile: Profile
    alpha: Native | None = None  # (H, W)
    revision: int = 0
    seed: int = 0

    def run(self, job: JobContext) -> InpaintRequest:
        """Raises NothingSelected."""
        job.report(0.0)
        return plan_inpaint(
            self.view,
            self.mask,
            self.options,
            self.settings,
            revision=self.revision,
            seed=self.seed,
            profile=self.profile,
            alpha=self.alpha,
        )


def requests(first: InpaintRequest, count: int) -> tuple[InpaintRequest, ...]:
    """The same request with `count` seeds, each one more than that before, from 0 on again."""
    return tuple(replace(first, seed=(first.seed + n) % (MAX_SEED + 1)) for n in range(count))


def run(
    assigned: Assignment, wanted: Sequence[InpaintRequest], job: JobContext
) -> tuple[InpaintResult, ...]:
    """Paint one variant after the other. Raises EngineErrors."""
    share = 1 / len(wanted)
    return tuple(
        tasks.inpaint(assigned.backend, request, ProgressSlice(job, number * share, share))
        for number, request in enumerate(wanted)
    )


class PaintedVariants:
    """The variants of one painting; the document shows one at a time, at first none."""

    def __init__(
        self,
        writer: DocumentWriter,
        wanted: Sequence[InpaintRequest],
        results: Sequence[InpaintResult],
    ) -> None:
        """Adds them to the variants of the document."""
        document = writer.document
        self._writer = writer
        self._applied = document.marks.applied
        self._variants: list[Variant] = []
        for request, result in zip(wanted, results):
            self._variants.append(variants.record(document, result, request))
            document.variants = (*document.variants, self._variants[-1])

    @property
    def count(self) -> int:
        return len(self._variants)

    def show(self, number: int) -> WriteFacts:
        """Write a variant in the place of the one before; numbers begin at 0."""
        variant = self._variants[number]
        return variants.put(self._writer, variant, after=self._applied)
