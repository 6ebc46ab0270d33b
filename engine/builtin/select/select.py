"""Click to mask and box to mask, without anything to download.

`prepare` takes a picture apart once; after it a click costs a few dozen milliseconds at any size
of picture. The masks are decided over superpixels of a working copy and enlarged along the edges
of the full picture.
"""

from collections.abc import Sequence

import numpy as np

from engine.builtin.select.click_steps import ClickPath, ClickStep
from engine.builtin.select.decide import decide_box
from engine.builtin.select.outline import enforce_clicks, mask_bounds, scaled
from engine.builtin.select.prepared import PreparedPicture, prepare_picture, report
from engine.builtin.select.prior import PriorOrigin, joined, remember, step_of, valid_clicks
from engine.builtin.select.scorer import nets
from engine.errors import NothingFound
from engine.geometry import Image, Rect, Size
from engine.jobs.backend import JobContext
from engine.jobs.requests import Candidate, Click, Prior


def prepare(image: Image, job: JobContext | None = None) -> PreparedPicture:
    """Everything that clicks on this (H, W, 3) picture will need; any size from 1 x 1."""
    return prepare_picture(image, job)


def candidates(
    prepared: PreparedPicture,
    image: Image,
    clicks: Sequence[Click],
    job: JobContext | None = None,
    *,
    prior: Prior | None = None,
) -> list[Candidate]:
    """One to three answers to clicks on an (H, W, 3) image, the best first; it obeys every click.

    Clicks are taken one after the other, so that each corrects the answer to those before it;
    where a prior is given, that is the answer to the clicks it has seen. Raises NothingFound
    with neither a prior nor a positive click.
    """
    if prior is not None and prior.mask.any() and prior.clicks < len(clicks):
        return _corrected(prepared, image, clicks, prior, job)
    path = ClickPath(prepared=prepared, image=image, clicks=tuple(clicks))
    return _candidates(path, _answer(path, job), job)


def draft(
    prepared: PreparedPicture, clicks: Sequence[Click], job: JobContext | None = None
) -> Candidate:
    """The best answer as the working copy shows it: its mask is smaller than its rectangle."""
    path = ClickPath(prepared=prepared, image=None, clicks=tuple(clicks))
    decision, labels = _answer(path, job).decision, prepared.patches.labels
    mask = enforce_clicks(decision.best[labels], labels, prepared.lab, path.spots)
    small = mask_bounds(mask)
    return Candidate(
        rect=scaled(small, Size.of(mask), prepared.size),
        mask=mask[small.slices] * np.uint8(255),
        score=_score(decision.expected[0]),
    )


def _answer(path: ClickPath, job: JobContext | None) -> ClickStep:
    """To clicks without a prior; negative ones before the first positive have nothing to change."""
    first = next((number for number, click in enumerate(path.clicks) if click.positive), None)
    if first is None:
        raise NothingFound
    return path.walk(None, first, job)


def _corrected(
    prepared: PreparedPicture,
    image: Image,
    clicks: Sequence[Click],
    prior: Prior,
    job: JobContext | None,
) -> list[Candidate]:
    """Answers to the clicks after the prior. What was painted stays but where they change it."""
    standing, origin = step_of(prepared, prior)
    corrections = clicks[prior.clicks :]
    clicks = (*valid_clicks(prior, clicks), *corrections)
    path = ClickPath(prepared=prepared, image=image, clicks=clicks, is_plain=False)
    step = path.walk(standing, len(clicks) - len(corrections), job)
    found = _candidates(path, step, job)
    if origin is not PriorOrigin.PAINTED or step.shown is not None:
        return found
    before = standing.decision.best
    return [
        joined(prepared, prior, candidate, before, region, step.asked)
        for candidate, region in zip(found, step.decision.masks)
    ]


def box_candidates(
    prepared: PreparedPicture, image: Image, box: Rect, job: JobContext | None = None
) -> list[Candidate]:
    """One to three answers to a box around an object of an (H, W, 3) image, the best first.

    Raises NothingFound for a box that lies outside the picture or is empty.
    """
    small = _small_box(prepared, box.clamp(prepared.size))
    decision = decide_box(prepared, small, nets("box"))
    path = ClickPath(prepared=prepared, image=image, clicks=(), is_plain=False)
    return _candidates(path, ClickStep(decision=decision, clicks=(), asked=()), job)


def _small_box(prepared: PreparedPicture, box: Rect) -> Rect:
    """The box on the working copy, at least one pixel each way."""
    if box.is_empty:
        raise NothingFound
    return scaled(box, prepared.size, Size.of(prepared.image))


def _candidates(path: ClickPath, step: ClickStep, job: JobContext | None) -> list[Candidate]:
    """The regions of a decision as masks of the full picture."""
    found: list[Candidate] = []
    for number, (region, score) in enumerate(zip(step.decision.masks, step.decision.expected)):
        report(job, 0.7 + number / 10)
        is_best = number == 0
        placed = path.shown(step) if is_best else path.drawn(step, region, path.clicks)
        if not (is_best and step.shown):
            remember(path.prepared, placed, step, number)
        found.append(Candidate(rect=placed.rect, mask=placed.mask, score=_score(score)))
    return found


def _score(expected: float) -> float:
    return min(max(float(expected), 0.0), 1.0)
