"""Answers clicks, boxes and words by SAM 3 or SAM 2 in the engine process.

Everything that needs the picture is done on this side: it is reduced for the network, and the
network's small answers are brought back to its full size.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from engine.errors import CapabilityMissing, NothingFound
from engine.geometry import Image, Rect, Size
from engine.jobs.backend import Capability, JobContext
from engine.jobs.operations import (
    Answer,
    Decode,
    Encode,
    Floats,
    Located,
    MaskLogits,
    NotEncoded,
    Perform,
    Search,
)
from engine.jobs.requests import (
    Candidate,
    Click,
    FindRequest,
    FindResult,
    PrepareRequest,
    Prior,
    SegmentRequest,
    SegmentResult,
)
from engine.local.segment import priors, zoom_refine
from engine.local.segment.outlines import cleaned, coarse, fine
from engine.local.segment.prompts import (
    ObjectPrompt,
    PromptAnswer,
    decode,
    in_order,
    overlap,
    search,
    share,
)
from engine.local.segment.scaling import InputScaling, ScaledInput, scale_picture, side_px
from engine.models.model_file import ModelFile


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """One request under way."""

    model: ModelFile
    request: SegmentRequest
    job: JobContext

    @property
    def size(self) -> Size:
        return Size.of(self.request.image)

    def cleaned(self, found: PromptAnswer, clicks: Sequence[Click]) -> Floats:
        return cleaned(found.logits, clicks, self.size)


class LocalSelector:
    """Selects by clicks and boxes with a model of the local engine's process.

    Each answer is remembered: the next click of the same object corrects it.
    """

    def __init__(self, ask: Perform, *, zooms: Callable[[], bool] = lambda: False) -> None:
        """`zooms` says whether a second look at small objects is quick enough: not on a CPU."""
        self._ask, self._zooms = ask, zooms
        self._inputs, self._memory = InputScaling(), priors.Memory()

    def prepare(self, model: ModelFile, request: PrepareRequest, job: JobContext) -> None:
        """Let the process look at the picture, unless it has."""
        seen = self._seen(model, request.image, request.key)
        try:
            self._ask(Encode(model=model, key=seen.key, pixels=None), job)
        except NotEncoded:
            self._ask(Encode(model=model, key=seen.key, pixels=seen.pixels), job)

    def segment(self, model: ModelFile, request: SegmentRequest, job: JobContext) -> SegmentResult:
        """Raises NothingFound when neither clicks nor box lead to an object."""
        prior, case = request.prior, _Case(model, request, job)
        if prior is not None and prior.mask.any() and prior.clicks < len(request.clicks):
            found = [self._corrected(case, prior)]
        else:
            found = self._first(case)
        kept = tuple(candidate for candidate in found if candidate is not None)
        if not kept:
            raise NothingFound
        return SegmentResult(candidates=kept, engine=_name(model), revision=request.revision)

    def find(self, model: ModelFile, request: FindRequest, job: JobContext) -> FindResult:
        """Every instance from FIND_FLOOR up, also where two are one. Raises NothingFound."""
        if model.family is None or not model.family.is_sam3:
            raise CapabilityMissing(_name(model), Capability.FIND.value)
        seen = self._seen(model, request.image, request.key)
        found = self._answer(search(model, seen, request), seen, job)
        assert isinstance(found, Located)
        instances: list[Candidate] = []
        for number, (logits, score) in enumerate(zip(found.logits, found.scores)):
            job.report(number / len(found.scores), "outline")
            shape = cleaned(logits.astype(np.float32), (), seen.size)
            candidate = fine(shape, share(score), request.image)
            if candidate is not None:
                instances.append(candidate)
        if not instances:
            raise NothingFound
        return FindResult(
            instances=tuple(instances), engine=_name(model), revision=request.revision
        )

    def _first(self, case: _Case) -> Sequence[Candidate | None]:
        """To a box, or to clicks: a lone one is ambiguous, and gets up to three answers."""
        clicks, box = case.request.clicks, case.request.box
        if box is None and not any(click.positive for click in clicks):
            raise NothingFound
        question = ObjectPrompt(clicks, box, several=box is None and len(clicks) == 1)
        answers = self._decode(case, question)
        if case.request.draft:
            return [coarse(case.cleaned(f, clicks), f.score, case.size) for f in answers[:1]]
        best = [self._best(case, question, found) for found in answers[:1]]
        return best + [self._shown(case, question, found) for found in answers[1:]]

    def _corrected(self, case: _Case, prior: Prior) -> Candidate | None:
        """The prior, changed by the clicks after it."""
        clicks = priors.valid_clicks(prior, case.request.clicks)
        known = self._memory.recall(case.model.name, prior)
        if known is None:
            made_up = priors.logits_of_mask(prior, case.size, _cells(case.model))
            question = ObjectPrompt(clicks, previous=made_up)
        else:
            question = ObjectPrompt(clicks, case.request.box, known)
        answers = self._decode(case, question)
        if not answers:
            return None
        if known is None:
            return self._painted(case, prior, question, answers[0])
        return self._best(case, question, answers[0])

    def _painted(
        self, case: _Case, prior: Prior, question: ObjectPrompt, found: PromptAnswer
    ) -> Candidate | None:
        """What was painted stays but where the new clicks change it."""
        after = case.cleaned(found, question.clicks)
        before = priors.logits_of_mask(prior, case.size, len(after))
        zone = priors.changed(prior, before, after, case.request.clicks, case.size)
        answer = fine(after, found.score, case.request.image)
        mixed = None if answer is None else priors.painted_over(prior, answer, zone, case.size)
        if mixed is not None:
            self._memory.remember(case.model.name, mixed, np.where(zone, after, before))
        return mixed

    def _best(self, case: _Case, question: ObjectPrompt, found: PromptAnswer) -> Candidate | None:
        """An answer at full size; of a small object as a second look shows it, if that is quick."""
        is_zoom = self._zooms() and not case.request.draft
        candidate = self._zoomed(case, question, found) if is_zoom else None
        if candidate is None:
            return self._shown(case, question, found)
        self._memory.remember(case.model.name, candidate, found.logits)
        return candidate

    def _shown(self, case: _Case, question: ObjectPrompt, found: PromptAnswer) -> Candidate | None:
        shape = case.cleaned(found, question.clicks)
        candidate = fine(shape, found.score, case.request.image)
        if candidate is not None:
            self._memory.remember(case.model.name, candidate, found.logits)
        return candidate

    def _zoomed(self, case: _Case, question: ObjectPrompt, found: PromptAnswer) -> Candidate | None:
        """None where the first look is close enough, or the second sees something else."""
        shape = case.cleaned(found, question.clicks)
        place = zoom_refine.zoom_rect(shape, case.size, question.clicks, question.box)
        if place is None:
            return None
        image = case.request.image[place.slices]
        seen = self._seen(case.model, image, case.request.key, place)
        expected = PromptAnswer(zoom_refine.crop_logits(shape, case.size, place), found.score)
        near = zoom_refine.crop_prompt(question, place, expected.logits)
        answer = self._answer(decode(case.model, seen, near), seen, case.job)
        assert isinstance(answer, MaskLogits)
        closest = next(iter(in_order(answer)), None)
        if closest is None or overlap(closest, expected) < zoom_refine.AGREEMENT:
            return None
        inside = fine(cleaned(closest.logits, near.clicks, place.size), found.score, image)
        if inside is None:
            return None
        rect = inside.rect.moved(place.x, place.y)
        return Candidate(rect=rect, mask=inside.mask, score=found.score)

    def _decode(self, case: _Case, question: ObjectPrompt) -> list[PromptAnswer]:
        request = case.request
        seen = self._seen(case.model, request.image, request.key)
        answer = self._answer(decode(case.model, seen, question), seen, case.job)
        assert isinstance(answer, MaskLogits)
        return in_order(answer)

    def _answer(self, operation: Decode | Search, seen: ScaledInput, job: JobContext) -> Answer:
        """What the process says; it is shown the picture when it does not know it."""
        try:
            return self._ask(operation, job)
        except NotEncoded:
            self._ask(Encode(model=operation.model, key=seen.key, pixels=seen.pixels), job)
        return self._ask(operation, job)

    def _seen(
        self, model: ModelFile, image: Image, key: str, place: Rect | None = None
    ) -> ScaledInput:
        side = side_px(model)
        return self._inputs.get((key, place, side), partial(scale_picture, image, side))


def _cells(model: ModelFile) -> int:
    """The side of the logits of the published networks; any other is resampled there."""
    return 288 if model.family is not None and model.family.is_sam3 else 256


def _name(model: ModelFile) -> str:
    return model.family.value if model.family is not None else model.name
