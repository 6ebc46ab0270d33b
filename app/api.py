"""The Python API: select, find, remove and paint, on files or arrays; loads neither Qt nor torch.

    from app.api import Engine, remove, select

    remove("photo.jpg", point=(820, 460), output="clean.jpg")
    with Engine() as engine:  # models stay loaded
        mask = engine.select("photo.jpg", box=(10, 10, 200, 80)).mask
        image = engine.remove("photo.jpg", mask=mask).image

Files keep their depth, colour profile and metadata, and no pixel changes outside the mask and its
soft edge. Expected trouble is an `engine.errors.EngineError`; arguments that do not go together
raise its subclass RecipeInvalid. docs/API.md has a page of examples.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeAlias

from app.commands import outputs, recipe
from app.commands.inputs import (
    Box,
    ImageSource,
    MaskArray,
    MaskSource,
    Point,
    box_of,
    one_of,
    opened,
    select_step,
    selection,
)
from app.commands.recipe import RecipeResult, StepReport
from app.commands.run_report.page import ENDINGS, write_report
from app.document.document import Document
from app.engines.runner import InlineRunner, find_models, find_servers
from app.text.proof import proof_sentence
from engine.dispatch.choice import AUTO
from engine.errors import RecipeInvalid
from engine.geometry import Mask, Native
from engine.image_io.limits import Limits
from engine.image_io.proof import Proof
from engine.jobs.paint_settings import MAX_VARIANTS, Lora, PaintDraft, StartFrom
from engine.jobs.requests import FIND_FLOOR
from engine.recipes.coordinates import Example
from engine.recipes.recipe import Recipe
from engine.recipes.steps import ALL, BEST, FindStep, PaintStep, RemoveStep, SelectStep
from engine.recipes.yaml_fields import checked

STARTS = tuple(start.value for start in StartFrom)

Progress: TypeAlias = Callable[[float, str], object]
"""Called with 0 to 1 and a code of what is done; may raise engine.errors.Cancelled to stop it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SelectedMask:
    """What was selected or found."""

    mask: Mask  # (H, W) uint8, 255 = marked
    files: tuple[Path, ...]  # written
    steps: tuple[StepReport, ...]  # as in the JSON report of the command line


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EditedImage:
    """What was made of a picture, in its own depth and profile."""

    variants: tuple[Native, ...]  # each (H, W) or (H, W, 3), uint8 or uint16
    alpha: Native | None  # (H, W), unchanged; None: the picture has none
    files: tuple[Path, ...]  # written
    proofs: tuple[Proof | None, ...]  # of the files: each compared with its source
    steps: tuple[StepReport, ...]  # as in the JSON report of the command line

    @property
    def image(self) -> Native:
        """The first variant."""
        return self.variants[0]

    @property
    def changed_outside_px(self) -> int:
        """How many pixels changed outside the masks and their soft edge: 0, or it is a bug."""
        return sum(step.facts.get("changed_outside_px", 0) for step in self.steps)


class Engine:
    """Does the work, here or on the user's servers.

    In a `with` block backends and loaded models are kept from call to call, for one thread;
    without one each call opens and closes its own. The user's settings say where models and
    servers are; the built-in engines need neither.
    """

    def __init__(
        self, *, place: str = "", progress: Progress | None = None, max_megapixels: int = 120
    ) -> None:
        """`place`: "here", "server", or "" for wherever it is best.

        Larger files than `max_megapixels`, 1 to 1000, are refused before they fill the memory.
        Raises RecipeInvalid.
        """
        pixels = int(checked(max_megapixels, "max_megapixels", 1, 1000)) * 10**6
        self._limits = Limits(pixels=pixels)
        self._place = one_of(place, "place", ("", "here", "server"))
        self._progress = progress
        self._runner: InlineRunner | None = None

    def __enter__(self) -> Self:
        self._runner = self._new_runner()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the backends that a `with` block keeps."""
        if self._runner is not None:
            self._runner.close()
        self._runner = None

    def select(
        self,
        image: ImageSource,
        *,
        point: Point | None = None,
        points: Sequence[Point] = (),
        not_points: Sequence[Point] = (),
        box: Box | None = None,
        boxes: Sequence[Box] = (),
        subject: bool = False,
        candidate: int = 1,
        engine: str = AUTO,
        soft_edge: bool = False,
        output: str | Path | None = None,
    ) -> SelectedMask:
        """The mask of the object under the points or in the boxes; `output` is a gray PNG.

        With `subject` there are neither: it is what the picture shows before all else.
        Points and boxes add up. `not_points` lie outside the object. `candidate` 2 and 3 are
        others, the smaller first. `engine`: auto, builtin, local or server. `soft_edge` marks
        hair and fur partly, as the picture shows them.
        Raises PlaceOutside, NothingFound, NoSubject, FileErrors, RecipeInvalid.
        """
        step = select_step(
            point=point, points=points, not_points=not_points, box=box, boxes=boxes,
            subject=subject, candidate=candidate, engine=engine, soft_edge=soft_edge,
        )  # fmt: skip
        return self._masked(image, step, output)

    def find(
        self,
        image: ImageSource,
        text: str = "",
        *,
        examples: Sequence[Box] = (),
        not_examples: Sequence[Box] = (),
        threshold: float = 0.5,
        pick: str | Sequence[int] = ALL,
        soft_edge: bool = False,
        output: str | Path | None = None,
    ) -> SelectedMask:
        """The mask of all that a text or boxes around examples name; needs a model.

        `pick`: "all", "best", or numbers that count from the most likely, 1. Raises NothingFound,
        ModelMissing, FileErrors, RecipeInvalid.
        """
        if not text.strip() and not examples:
            raise RecipeInvalid("text", "say what to find, or give examples")
        boxes = [Example(box_of(each)) for each in examples]
        boxes += [Example(box_of(each), False) for each in not_examples]
        step = FindStep(
            text=text.strip(),
            examples=tuple(boxes),
            threshold=checked(threshold, "threshold", FIND_FLOOR, 1),
            pick=one_of(pick, "pick", (ALL, BEST)) if isinstance(pick, str) else tuple(pick),
            soft_edge=soft_edge,
        )
        return self._masked(image, step, output)

    def remove(
        self,
        image: ImageSource,
        *,
        mask: MaskSource | None = None,
        point: Point | None = None,
        points: Sequence[Point] = (),
        not_points: Sequence[Point] = (),
        box: Box | None = None,
        boxes: Sequence[Box] = (),
        text: str = "",
        subject: bool = False,
        grow_px: int | None = None,
        feather_px: int | None = None,
        context_px: int | None = None,
        soft_edge: bool = False,
        seed: int = 0,
        engine: str = AUTO,
        output: str | Path | None = None,
        quality: int | None = None,
        report: str | Path | None = None,
    ) -> EditedImage:
        """Erase what is marked by exactly one of mask, points or boxes, text, and subject.

        The fill replaces what lies up to `grow_px` around the mask and is mixed in over
        `feather_px`; None: by the size of the picture, less around specks. With `soft_edge` both
        begin where hair and fur end. `quality`, 1 to 100, is
        that of JPEG, WebP and AVIF; None: as the source. An `output` that exists is replaced.
        `report` is a .html or .json that says how it was made and proves what did not change.
        Raises NothingFound, NothingSelected, HoleTooLarge, FileErrors, RecipeInvalid.
        """
        selected = selection(
            mask=mask, point=point, points=points, not_points=not_points, box=box, boxes=boxes,
            text=text, subject=subject, engine=engine, soft_edge=soft_edge,
        )  # fmt: skip
        step = RemoveStep(
            grow_px=grow_px, feather_px=feather_px, context_px=context_px, seed=seed,
            engine=engine, soft_edge=soft_edge,
        )  # fmt: skip
        return self._edited(image, selected, step, output=output, quality=quality, report=report)

    def paint(
        self,
        image: ImageSource,
        prompt: str,
        *,
        mask: MaskSource | None = None,
        point: Point | None = None,
        points: Sequence[Point] = (),
        not_points: Sequence[Point] = (),
        box: Box | None = None,
        boxes: Sequence[Box] = (),
        text: str = "",
        subject: bool = False,
        negative_prompt: str = "",
        model: str = "",
        loras: Sequence[tuple[str, float]] = (),
        steps: int | None = None,
        guidance: float | None = None,
        sampler: str | None = None,
        scheduler: str | None = None,
        strength: float = 1.0,
        seed: int = 0,
        start_from: str = "original",
        refine: bool = True,
        variants: int = 1,
        grow_px: int | None = None,
        feather_px: int | None = None,
        context_px: int | None = None,
        soft_edge: bool = False,
        output: str | Path | None = None,
        quality: int | None = None,
        report: str | Path | None = None,
    ) -> EditedImage:
        """Paint what the prompt says where something is marked; needs a base model.

        What is marked is said as in `remove`. None: as the model wants it. `start_from` is what
        lies under the mask when painting begins: original, blur, removed or noise. `loras` are
        names with weights. With `variants` the seeds follow each other, and outputs are OUT-1,
        OUT-2. Raises ModelMissing, LoraMisfit, and what `remove` raises.
        """
        selected = selection(
            mask=mask, point=point, points=points, not_points=not_points, box=box, boxes=boxes,
            text=text, subject=subject, soft_edge=soft_edge,
        )  # fmt: skip
        draft = PaintDraft().changed(
            prompt=prompt,
            negative_prompt=negative_prompt,
            checkpoint=model,
            loras=tuple(Lora(*each) for each in loras),
            steps=steps,
            guidance=guidance,
            sampler=sampler,
            scheduler=scheduler,
            strength=strength,
            start_from=StartFrom(one_of(start_from, "start_from", STARTS)),
            refine=refine,
        )
        step = PaintStep(
            draft=draft,
            seed=seed,
            variants=int(checked(variants, "variants", 1, MAX_VARIANTS)),
            grow_px=grow_px,
            feather_px=feather_px,
            context_px=context_px,
            soft_edge=soft_edge,
        )
        return self._edited(image, selected, step, output=output, quality=quality, report=report)

    def _masked(
        self, image: ImageSource, step: SelectStep | FindStep, output: str | Path | None
    ) -> SelectedMask:
        if output is not None and outputs.format_of(Path(output)) != "png":
            raise RecipeInvalid("output", "a mask is written as PNG")
        document, key = opened(image, self._limits)
        done = self._run(Recipe(steps=(step,)), document, key)
        written = outputs.write_mask_alone(document, done, Path(output)) if output else []
        return SelectedMask(
            mask=document.mask,
            files=tuple(file.path for file in written),
            steps=tuple(done.reports),
        )

    def _edited(
        self,
        image: ImageSource,
        selected: SelectStep | FindStep | MaskArray,
        step: RemoveStep | PaintStep,
        *,
        output: str | Path | None,
        quality: int | None,
        report: str | Path | None,
    ) -> EditedImage:
        _check_writing(output, quality, report)
        document, key = opened(image, self._limits)
        if isinstance(selected, MaskArray):
            selected.mark(document)
        marking = () if isinstance(selected, MaskArray) else (selected,)
        work = Recipe(steps=(*marking, step))
        done = self._run(work, document, key)
        write = outputs.ResultWriter(work, quality, describes=report is not None)
        written = write(document, done, Path(output)) if output else []
        if report is not None:
            write_report(
                Path(report), [file.report for file in written if file.report], proof_sentence
            )
        return EditedImage(
            variants=_variants(document, done),
            alpha=document.alpha,
            files=tuple(file.path for file in written),
            proofs=tuple(file.proof for file in written),
            steps=tuple(done.reports),
        )

    def _run(self, work: Recipe, document: Document, key: str) -> RecipeResult:
        job = _Progress(self._progress)
        if self._runner is not None:
            return recipe.apply(work, document, self._runner, job, key)
        runner = self._new_runner()
        try:
            return recipe.apply(work, document, runner, job, key)
        finally:
            runner.close()

    def _new_runner(self) -> InlineRunner:
        return InlineRunner(find_models, servers=find_servers, place=self._place)


@dataclass(frozen=True, slots=True)
class _Progress:
    """The JobContext of a call."""

    told: Progress | None

    def report(self, fraction: float, note: str = "", preview: object = None) -> None:
        if self.told is not None:
            self.told(fraction, note)


def _check_writing(
    output: str | Path | None, quality: int | None, report: str | Path | None
) -> None:
    """Raises RecipeInvalid, ImageUnwritable, before any work is done."""
    if output is not None:
        outputs.format_of(Path(output))
    if quality is not None:
        checked(quality, "quality", 1, 100)
    if report is not None and output is None:
        raise RecipeInvalid("report", "is about the file that is written: give output, too")
    if report is not None:
        one_of(Path(report).suffix.lower(), "report", ENDINGS)


def _variants(document: Document, done: RecipeResult) -> tuple[Native, ...]:
    """The pixels of each variant; the document shows the last one afterwards."""
    if done.variants is None or done.variants.count == 1:
        return (document.native,)
    found: list[Native] = []
    for number in range(done.variants.count):
        done.variants.show(number)
        found.append(document.native.copy())
    return tuple(found)


_once = Engine()  # holds nothing: each call opens and closes its own backends
select, find, remove, paint = _once.select, _once.find, _once.remove, _once.paint
