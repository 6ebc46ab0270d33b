"""Removes what the mask marks: plans the request, writes its result."""

from dataclasses import dataclass, replace

from app.commands import select, variants
from app.commands.variants import WriteFacts
from app.commands.writer import DocumentWriter
from engine.dispatch.choice import Choice, profile
from engine.geometry import Image, Mask, Native
from engine.inpaint.crops import RemoveOptions
from engine.jobs.backend import JobContext
from engine.jobs.requests import RemoveRequest, RemoveResult
from engine.tasks import plan_remove


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanRemoval:
    """Job: cut the crops, which takes a second where the hole is large.

    Answered by the request, and a copy of the mask for what comes after where it is wanted.
    """

    view: Image
    mask: Mask
    alpha: Native | None
    options: RemoveOptions
    choice: Choice
    revision: int
    seed: int
    keeps_mask: bool

    def run(self, job: JobContext) -> tuple[RemoveRequest, Mask | None]:
        """Raises NothingSelected, HoleTooLarge."""
        job.report(0.0)
        request = plan(
            self.view,
            self.mask,
            self.options,
            self.choice,
            alpha=self.alpha,
            seed=self.seed,
            revision=self.revision,
        )
        return request, self.mask.copy() if self.keeps_mask else None


def plan(
    view: Image,
    mask: Mask,
    options: RemoveOptions,
    choice: Choice,
    *,
    alpha: Native | None,
    seed: int,
    revision: int = 0,
) -> RemoveRequest:
    """Cut crops of the (H, W, 3) view such as the chosen model wants; (H, W) alpha hides pixels.

    Raises NothingSelected, HoleTooLarge.
    """
    fitting = replace(options, profile=profile(choice))
    return plan_remove(view, mask, fitting, alpha=alpha, revision=revision, seed=seed)


def apply(writer: DocumentWriter, result: RemoveResult, *, keep_mask: bool) -> WriteFacts:
    """Write the result; the mask is cleared unless it is to stay."""
    facts = variants.write(writer, result.patches)
    if not keep_mask:
        select.clear(writer)
    return facts
