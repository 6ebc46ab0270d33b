"""The backend of light models: the same selector and fill, in a process with onnxruntime.

A model is used only after its self-check on this computer and this version of the runtime.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.dispatch.lookup import require
from engine.errors import CapabilityMissing, ModelWrong
from engine.geometry import Image
from engine.inpaint.fill_large import fill
from engine.jobs.backend import Capability, JobContext
from engine.jobs.paint_settings import Painted, PaintSettings
from engine.jobs.requests import (
    FindRequest,
    FindResult,
    Hole,
    PrepareRequest,
    SegmentRequest,
    SegmentResult,
)
from engine.local.checks import answers
from engine.local.checks.sample import CheckSample
from engine.local.checks.self_check import SelfCheck
from engine.local.process.client import ProcessClient
from engine.local.segment.selector import LocalSelector
from engine.local.segment.subject import select_subject
from engine.models.families import LIGHT, TORCH
from engine.models.model_file import Installed, ModelFile
from engine.models.verdicts import Verdict, Verdicts

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckMeans:
    """What self-checks need: the sample, where verdicts and recorded answers are, and torch."""

    sample: Callable[[], CheckSample]
    verdicts: Verdicts
    runtime: str
    answers: Sequence[Path] = ()
    torch: Callable[[], ProcessClient] | None = None  # a process of its own, ended afterwards


class LightBackend:
    """Answers clicks, marks subjects, fills holes; what is installed may change anytime."""

    name = "light"

    def __init__(
        self, installed: Callable[[], Installed], client: ProcessClient, means: CheckMeans
    ) -> None:
        self._installed, self.client, self._means = installed, client, means
        self._selector = LocalSelector(client)
        self._right: set[ModelFile] = set()  # checked by this backend, or found to be

    @property
    def is_running(self) -> bool:
        """Whether the process is there; it starts with the first job."""
        return self.client.is_running

    def capabilities(self) -> frozenset[Capability]:
        found = self._found
        able = {
            Capability.CLICK: found.light_selector,
            Capability.BOX: found.light_selector,
            Capability.SUBJECT: found.subject_model,
            Capability.REMOVE: found.light_remover,
        }
        return frozenset(need for need, model in able.items() if model is not None)

    def prepare(self, request: PrepareRequest, job: JobContext) -> None:
        self._selector.prepare(self._checked("segmenter", job), request, job)

    def segment(self, request: SegmentRequest, job: JobContext) -> SegmentResult:
        if request.subject:
            return select_subject(self.client, self._checked("subject", job), request, job)
        return self._selector.segment(self._checked("segmenter", job), request, job)

    def find(self, request: FindRequest, job: JobContext) -> FindResult:
        raise CapabilityMissing(self.name, Capability.FIND.value)

    def fill(self, hole: Hole, seed: int, job: JobContext) -> Image:
        return fill(self.client, self._checked("remover", job), hole, job)

    def inpaint(self, hole: Hole, settings: PaintSettings, seed: int, job: JobContext) -> Painted:
        raise CapabilityMissing(self.name, Capability.INPAINT.value)

    def check(self, model: ModelFile, job: JobContext) -> Verdict:
        """The verdict that is known, or a new one. Raises EngineErrors where it cannot be had."""
        known = self._means.verdicts.find(model, self._means.runtime)
        if known is None:
            known = self._new_verdict(model, job)
            self._means.verdicts.note(model, known)
            logger.info("self-check of %s: %s %s", model.name, known.why or "right", known.figures)
        return known

    def free_memory(self) -> None:
        """End the process; a job that runs there fails."""
        self.client.free()

    def close(self) -> None:
        self.client.close()

    @property
    def _found(self) -> Installed:
        return self._installed().on(LIGHT)

    def _checked(self, need: str, job: JobContext) -> ModelFile:
        """The model for it, once it was found to compute rightly. Raises ModelWrong."""
        found = self._found
        preferred = {
            "segmenter": found.light_selector,
            "remover": found.light_remover,
            "subject": found.subject_model,
        }
        model = require(preferred[need], need)
        if model not in self._right:
            verdict = self.check(model, job)
            if verdict.why:
                raise ModelWrong(model.path, verdict.why)
            self._right.add(model)
        return model

    def _new_verdict(self, model: ModelFile, job: JobContext) -> Verdict:
        job.report(0.0, "check")
        means = self._means
        try:
            recorded = answers.find(answers.checksum(model, job), means.answers)
        except OSError:
            recorded = None  # the process will say what is wrong with the file
        has_torch = means.torch is not None and recorded is None and TORCH in model.runs_on
        torch = means.torch() if means.torch is not None and has_torch else None
        try:
            sample, ask = means.sample(), self.client
            check = SelfCheck(ask=ask, runtime=means.runtime, sample=sample, torch=torch)
            return check(model, recorded, job)
        finally:
            if torch is not None:
                torch.close()
