"""The self-check of a light model: asks it the sample, and judges the answer.

An answer that was recorded of the same weights decides alone. Without one the answer must make
sense, and be that of torch where torch is at hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelError, ModelUnreadable
from engine.geometry import Image
from engine.inpaint.fill_large import fill
from engine.jobs.backend import JobContext
from engine.jobs.operations import Decode, Encode, MaskLogits, Perform, Salient
from engine.jobs.progress import ProgressSlice
from engine.local.checks.answers import RecordedAnswer
from engine.local.checks.sample import HOLE, SHIFT_PX, SIDE_PX, CheckSample
from engine.local.segment.scaling import scale_picture, side_px
from engine.models.families import Kind
from engine.models.model_file import ModelFile
from engine.models.verdicts import Verdict

ALIKE = 0.98  # intersection over union with torch's or a recorded mask
SHIFTED = 0.85  # of the mask of the shifted picture moved back; more than of the mask as it is
LEAST, MOST = 0.005, 0.7  # shares of the picture that a mask of the sample's object may cover
NEAR_LEVELS = 2  # of 255, between two fillings of the same weights
CELLS = 256  # the side of all masks
SHADE_LEVELS = 64  # between the mean of a hole and that of its ring

Masks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfCheck:
    """What a model is checked with; `torch` computes the same networks, where it is at hand."""

    ask: Perform
    runtime: str
    sample: CheckSample
    torch: Perform | None = None

    def __call__(
        self, model: ModelFile, recorded: RecordedAnswer | None, job: JobContext
    ) -> Verdict:
        """The verdict. Raises what `ask` raises, but for weights that are not what they should be.

        A file that cannot be read now may be readable next time: that is no verdict.
        """
        judge = self._remover if model.kind is Kind.REMOVER else self._segmenter
        try:
            why, figures = judge(model, recorded, job)
        except ModelError as error:
            if isinstance(error, ModelUnreadable) and error.reason == "missing":
                raise
            why, figures = "file", {}
        return Verdict(runtime=self.runtime, why=why, figures=figures)

    def _segmenter(
        self, model: ModelFile, recorded: RecordedAnswer | None, job: JobContext
    ) -> tuple[str, Mapping[str, float]]:
        first = self.masks(self.ask, model, ProgressSlice(job, 0.0, 0.4))
        if recorded is not None:
            share = _overlap(first[0], recorded.values.astype(bool))
            return _code("recorded", share >= ALIKE), {"overlap": share}
        figures = {"size": float(first[0].mean())}
        if not _is_at(first[0], self.sample):
            return "click", figures
        if not LEAST <= figures["size"] <= MOST:
            return "size", figures
        second = self.masks(self.ask, model, ProgressSlice(job, 0.4, 0.4), is_shifted=True)
        figures["shift"] = max(_overlap(*_moved_back(first[0], each)) for each in second)
        figures["still"] = max(_overlap(first[0], each) for each in second)
        has_moved = figures["shift"] >= max(SHIFTED, figures["still"])
        if not has_moved or self.torch is None:
            return _code("shift", has_moved), figures
        trusted = self.masks(self.torch, model, ProgressSlice(job, 0.8, 0.2))
        figures["torch"] = max(_overlap(first[0], each) for each in trusted)
        return _code("torch", figures["torch"] >= ALIKE), figures

    def masks(
        self, ask: Perform, model: ModelFile, job: JobContext, *, is_shifted: bool = False
    ) -> Masks:
        """(C, 256, 256) masks of the click on the sample, the most likely first; or the subject's.

        What is clicked on is the subject.
        """
        if model.kind is Kind.SUBJECT:
            return self._subject(ask, model, job, is_shifted=is_shifted)
        sample, key = self.sample, f"self-check {self.runtime} {is_shifted} {model.path}"
        pixels = sample.second if is_shifted else sample.first
        ask(Encode(model=model, key=key, pixels=pixels), job)
        x, y = sample.click.x - SHIFT_PX * is_shifted, sample.click.y
        point = np.array([[x / SIDE_PX, y / SIDE_PX]], np.float32)
        labels = np.ones(1, np.int64)
        answer = ask(Decode(model=model, key=key, points=point, labels=labels), job)
        assert isinstance(answer, MaskLogits)
        order = np.argsort(-answer.scores, kind="stable")
        return np.asarray(answer.logits[order] > 0)

    def _subject(
        self, ask: Perform, model: ModelFile, job: JobContext, *, is_shifted: bool
    ) -> Masks:
        """(1, 256, 256)"""
        pixels = self.sample.second if is_shifted else self.sample.first
        small = scale_picture(pixels, side_px(model)).pixels
        plane = ask(Salient(model=model, pixels=small), job)
        cells = cv2.resize(np.asarray(plane, np.float32), (CELLS, CELLS))
        return np.asarray(cells > 0.5)[None]

    def _remover(
        self, model: ModelFile, recorded: RecordedAnswer | None, job: JobContext
    ) -> tuple[str, Mapping[str, float]]:
        tile = self.tile(self.ask, model, ProgressSlice(job, 0.0, 0.5))
        if recorded is not None:
            apart = _levels(tile, np.asarray(recorded.values, np.uint8))
            return _code("recorded", apart <= NEAR_LEVELS), {"levels": apart}
        figures = {"shade": _shade(tile, self.sample)}
        if figures["shade"] > SHADE_LEVELS:
            return "shades", figures
        again = self.tile(self.ask, model, ProgressSlice(job, 0.5, 0.2))
        figures["repeat"] = _levels(tile, again)
        if figures["repeat"] or self.torch is None:
            return _code("repeat", not figures["repeat"]), figures
        trusted = self.tile(self.torch, model, ProgressSlice(job, 0.7, 0.3))
        figures["torch"] = _levels(tile, trusted)
        return _code("torch", figures["torch"] <= NEAR_LEVELS), figures

    def tile(self, ask: Perform, model: ModelFile, job: JobContext) -> Image:
        """(128, 192, 3) the tile of the sample with its hole filled."""
        return fill(ask, model, self.sample.hole, job)


def _code(why: str, is_right: bool) -> str:
    return "" if is_right else why


def _is_at(mask: Masks, sample: CheckSample) -> bool:
    side = len(mask)
    return bool(mask[int(sample.click.y * side / SIDE_PX), int(sample.click.x * side / SIDE_PX)])


def _moved_back(first: Masks, second: Masks) -> tuple[Masks, Masks]:
    """What both see: of the first its right part, of the shifted picture its left."""
    cells = SHIFT_PX * len(first) // SIDE_PX
    return first[:, cells:], second[:, :-cells]


def _overlap(one: Masks, other: Masks) -> float:
    """Intersection over union; 0 for masks of different sizes."""
    if one.shape != other.shape:
        return 0.0
    return float((one & other).sum() / max(int((one | other).sum()), 1))


def _levels(one: Image, other: Image) -> float:
    """The largest difference within the hole; 255 for tiles of different sizes."""
    if one.shape != other.shape:
        return 255.0
    inside = one[HOLE.slices].astype(np.int16) - other[HOLE.slices]
    return float(np.abs(inside).max())


def _shade(tile: Image, sample: CheckSample) -> float:
    """How far the mean colour of the hole is from that of its ring."""
    inside = tile[HOLE.slices].reshape(-1, 3).mean(0)
    around = sample.hole.image[sample.ring > 0].mean(0)
    return float(np.abs(inside - around).max())
