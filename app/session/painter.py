"""Asks for paintings, one request a variant; the results wait among the variants."""

import secrets
from dataclasses import dataclass, field, replace
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from app.commands.paint import PlanPainting, requests
from app.document.document import Variant
from app.journal.pending_files import TaskFiles
from app.journal.pending_tasks import PendingTask
from app.services.engines import Engines
from app.services.jobs import JobQueue
from app.session.remover import Remover, pending
from app.session.session import MessageLevel, Session
from app.session.variants import Variants
from app.settings.paint_choices import PaintChoices, changed_family, choices_of, settings_of
from app.text.errors.explain import explain
from app.text.notes import known, note
from engine.errors import EngineError, ModelMissing
from engine.geometry import Image, Mask
from engine.image_io.headers.a1111 import Parameters
from engine.inpaint.crops import RemoveOptions
from engine.jobs.backend import Capability
from engine.jobs.paint_settings import PaintSettings, profile_of
from engine.jobs.requests import InpaintRequest, InpaintResult
from engine.models.families import Family, Kind
from engine.models.model_file import ModelFile
from engine.storage.text import mended

RANDOM_SEEDS = 2**31


@dataclass(slots=True, eq=False)
class PaintRun:
    """The requests of one Paint: the document they were made from, and what was told of them."""

    serial: int
    revision: int  # of the picture when it was asked
    mask: int  # how often the mask had changed by then
    has_shown: bool = False  # the first comes into sight, unless the user is at something else
    has_warned: bool = False
    failures: set[str] = field(default_factory=set[str])


class Painter(QObject):
    """Holds the paint settings and asks for variants; `Variants` applies them."""

    asked = Signal(str)  # the prompt
    choices_changed = Signal()
    options_changed = Signal()
    models_changed = Signal()

    def __init__(
        self,
        session: Session,
        variants: Variants,
        removing: Remover,
        engines: Engines,
        tasks: TaskFiles,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._variants, self._removing = session, variants, removing
        self.engines, self._tasks = engines, tasks
        self.choices = PaintChoices()
        self.options = RemoveOptions()
        self.last_seed: int | None = None
        self._applied: tuple[int, ...] = ()
        self._mask_changes = 0
        engines.changed.connect(self.models_changed)
        session.opened.connect(self._on_opened)
        session.marks_changed.connect(self._on_marks_changed)
        session.mask_changed.connect(self._on_mask_changed)

    # what is set

    @property
    def checkpoint(self) -> ModelFile | None:
        """The base model that would paint; None where none is available."""
        choices, installed = self.choices, self.engines.at_hand(Capability.INPAINT)
        if not choices.settings.checkpoint and not choices.family:
            best = self.engines.choice(Capability.INPAINT)
            return best.model if best.backend else None
        name = choices.settings.checkpoint
        found = installed.named(Kind.CHECKPOINT, name) if name else None
        if found is None and choices.family:
            found = installed.first(Family(choices.family))
        return found

    @property
    def family(self) -> Family | None:
        return self.checkpoint.family if self.checkpoint else None

    @property
    def settings(self) -> PaintSettings:
        """With nothing left open."""
        return settings_of(self.choices, self.family)

    @property
    def trouble(self) -> EngineError | None:
        """Why nothing can be painted now."""
        missing = ModelMissing("checkpoint", self.choices.settings.checkpoint)
        if self.checkpoint is None and self.choices.settings.checkpoint:
            return missing
        if self.engines.queue_for(Capability.INPAINT, self._name) is None:
            return self.engines.trouble(Capability.INPAINT)
        return None if self.checkpoint else missing

    @property
    def _name(self) -> str:
        """The name of the checkpoint that was asked for; "" = the best."""
        return self.checkpoint.name if self.checkpoint and self.choices.settings.checkpoint else ""

    def set_choices(self, choices: PaintChoices) -> None:
        said = choices.settings
        prompts = {"prompt": mended(said.prompt), "negative_prompt": mended(said.negative_prompt)}
        choices = replace(choices, settings=replace(said, **prompts))
        if choices == self.choices:
            return
        before = self.family
        self.choices = choices
        self.choices = changed_family(choices, before, self.family)
        self.choices_changed.emit()
        self.set_options(replace(self.options, context_px=self.choices.context_px))

    def set_options(self, options: RemoveOptions) -> None:
        if options != self.options:
            self.options = options
            self.options_changed.emit()

    def add_words(self, words: str) -> None:
        """Put words at the end of the prompt, after a comma, unless they are there already."""
        prompt = self.choices.settings.prompt
        if words.casefold() not in prompt.casefold():
            before = prompt.rstrip().rstrip(",")
            self.set_choices(self.choices.changed(prompt=f"{before}, {words}" if before else words))

    def use_settings(self, variant: Variant | None = None) -> None:
        """Take over the settings of a painting."""
        variant = variant or self._variants.current
        if variant is not None and variant.request is not None:
            request = variant.request
            self.set_choices(choices_of(request.settings, request.seed, self.choices))

    def use_parameters(self, found: Parameters) -> None:
        """Take over the settings in a file; a checkpoint that is not available stays as it was."""
        settings, installed = found.settings, self.engines.at_hand(Capability.INPAINT)
        if installed.named(Kind.CHECKPOINT, settings.checkpoint) is None:
            settings = replace(settings, checkpoint=self.choices.settings.checkpoint)
        choices = choices_of(settings, found.seed or 0, self.choices)
        self.set_choices(replace(choices, is_seed_fixed=found.seed is not None))

    # what is asked

    def paint(self) -> None:
        """Ask for as many variants as are wanted, of what is selected."""
        document = self._session.document
        if document is None or self._session.is_editing or self._is_stuck():
            return
        self._variants.look_at(-1)
        lease = document.lease()
        self._plan(lease.view, lease.mask, lease.revision, lease)

    def remove_then_paint(self) -> None:
        """Remove at once, as its own step; then paint on what is there, under the same mask."""
        if not self._is_stuck():
            self._removing.remove(then=self._paint_under)

    def make_again(self, variant: Variant | None = None) -> None:
        """Ask for the same request again."""
        variant = variant or self._variants.current
        document = self._session.document
        if document is not None and variant is not None and variant.request is not None:
            self._variants.look_at(-1)
            run = PaintRun(self._session.serial, document.revision, self._mask_changes)
            self._ask(run, variant.request)

    def take_up(self, request: InpaintRequest, kept: PendingTask) -> None:
        """Ask again for a painting that was under way when the program ended."""
        document = self._session.document
        if document is not None:
            run = PaintRun(self._session.serial, document.revision, self._mask_changes)
            self._ask(run, request, kept)

    def _is_stuck(self) -> bool:
        trouble = self.trouble
        if trouble is not None:
            self._session.failed.emit(trouble, None)
        return trouble is not None

    def _paint_under(self, mask: Mask) -> None:
        document = self._session.document
        if document is not None:
            self._variants.look_at(-1)
            lease = document.lease(mask=False)
            self._plan(lease.view, mask, lease.revision, lease)

    def _plan(self, view: Image, mask: Mask, revision: int, keep: object) -> None:
        document = self._session.document
        choices, checkpoint = self.choices, self.checkpoint
        seed = choices.seed if choices.is_seed_fixed else secrets.randbelow(RANDOM_SEEDS)
        # the name of now: what is best at hand may be another file when it is made again
        settings = replace(self.settings, checkpoint=checkpoint.name if checkpoint else "")
        work = PlanPainting(
            view=view,
            mask=mask,
            options=self.options,
            settings=settings,
            profile=profile_of(self.family),
            alpha=None if document is None else document.alpha,
            revision=revision,
            seed=seed,
        )
        self._session.jobs.ask(
            "paint",
            work,
            partial(self._on_planned, self._session.serial, self._mask_changes, choices.variants),
            queue=JobQueue.MASKS,
            keep=keep,
            on_failed=lambda error: self._session.failed.emit(error, None),
        )

    def _on_planned(
        self, serial: int, mask_changes: int, count: int, request: InpaintRequest
    ) -> None:
        document = self._session.document
        if document is None or serial != self._session.serial:
            return
        run = PaintRun(serial, request.revision, mask_changes)
        self.last_seed = request.seed
        self.asked.emit(request.settings.prompt)
        for each in requests(request, count):
            self._ask(run, each)

    def _ask(self, run: PaintRun, request: InpaintRequest, kept: PendingTask | None = None) -> None:
        """`kept` is the task on disk of a request that a server has already."""
        queue = (
            self.engines.queue_for(Capability.INPAINT, request.settings.checkpoint)
            or JobQueue.LOCAL
        )
        queue = JobQueue.SERVER if kept else queue
        asked = kept or pending(request, queue, self._session.document, self._tasks)
        self._session.jobs.ask(
            "paint",
            asked,
            partial(self._on_painted, run, request),
            queue=queue,
            on_failed=partial(
                self._on_failed, run, request, asked if isinstance(asked, PendingTask) else None
            ),
        )

    # what arrives

    def _on_painted(self, run: PaintRun, request: InpaintRequest, result: InpaintResult) -> None:
        document = self._session.document
        if document is None or run.serial != self._session.serial:
            return  # the picture it was asked for is closed
        is_busy = self._variants.can_apply or run.mask != self._mask_changes
        variant = self._variants.add(result, request)
        if variant is None:
            return
        if not run.has_shown and not is_busy:
            self._variants.look_for(variant.number)
        run.has_shown = True
        if document.revision != run.revision and not run.has_warned:
            run.has_warned = True
            text = self.tr("The picture changed meanwhile: the result waits among the variants.")
            self._session.say(text, MessageLevel.WARNING)
        for code in result.notes:
            if code in known():
                self._session.say(note(code))

    def _on_failed(
        self, run: PaintRun, request: InpaintRequest, kept: PendingTask | None, error: EngineError
    ) -> None:
        """Say an error once for all requests of a run; the others go on."""
        if run.serial != self._session.serial:
            return
        sentence = explain(error).sentence
        if sentence not in run.failures:
            run.failures.add(sentence)
            self._session.failed.emit(error, partial(self._ask, run, request, kept))

    @Slot()
    def _on_opened(self) -> None:
        """Cancel the paintings of the document before."""
        document, jobs = self._session.document, self._session.jobs
        for job in jobs.shown():
            if job.label == "paint":
                jobs.cancel(job)
        self._applied = document.marks.applied if document else ()
        if document is not None:
            usual = RemoveOptions.for_size(document.size)
            context_px, soft_edge = self.choices.context_px, self._session.soft_edge
            self.set_options(replace(usual, context_px=context_px, soft_edge=soft_edge))

    @Slot(object)
    def _on_mask_changed(self, _: object) -> None:
        self._mask_changes += 1

    @Slot(object)
    def _on_marks_changed(self, names: tuple[str, ...]) -> None:
        """Undo brings the prompt of a painting back with its mask and clicks."""
        document = self._session.document
        if document is None or "applied" not in names:
            return
        gone = self._applied[len(document.marks.applied) :]
        self._applied = document.marks.applied
        for variant in document.variants:
            if variant.number in gone and variant.request is not None:
                settings = variant.request.settings
                self.set_choices(
                    self.choices.changed(
                        prompt=settings.prompt,
                        negative_prompt=settings.negative_prompt,
                    )
                )
