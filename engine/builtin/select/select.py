"""Click to mask and box to mask, without anything to download.

`prepare` takes a picture apart once; after it a click costs a few dozen milliseconds at any size
of picture. The masks are decided over superpixels of a working copy and enlarged along the edges
of the full picture.
"""

from collections.abc import Sequence

import numpy as np

from engine.builtin.select.click_features import ClickSpot
from engine.builtin.select.decide import Decision, decide, decide_box
from engine.builtin.select.outline import (
    enforce_clicks,
    enlarge,
    mask_bounds,
    scaled,
    set_click_pixels,
)
from engine.builtin.select.prepared import PreparedPicture, prepare_picture, report
from engine.builtin.select.prior import PriorOrigin, joined, region_of, remember, valid_clicks
from engine.builtin.select.proposals import Bools
from engine.builtin.select.refine import refined
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
    spots = _spots(prepared, clicks)
    decision = _answer(prepared, spots, job)
    return _candidates(prepared, image, decision, clicks, job)


def draft(
    prepared: PreparedPicture, clicks: Sequence[Click], job: JobContext | None = None
) -> Candidate:
    """The best answer as the working copy shows it: its mask is smaller than its rectangle."""
    spots, labels = _spots(prepared, clicks), prepared.patches.labels
    decision = _answer(prepared, spots, job)
    mask = enforce_clicks(decision.best[labels], labels, prepared.lab, spots)
    small = mask_bounds(mask)
    return Candidate(
        rect=scaled(small, Size.of(mask), prepared.size),
        mask=mask[small.slices] * np.uint8(255),
        score=_score(decision.expected[0]),
    )


def _answer(
    prepared: PreparedPicture, spots: Sequence[ClickSpot], job: JobContext | None
) -> Decision:
    """To clicks without a prior; negative ones before the first positive have nothing to change."""
    first = next((number for number, spot in enumerate(spots) if spot.positive), None)
    if first is None:
        raise NothingFound
    return _decision(prepared, spots, first, None, job)


def _corrected(
    prepared: PreparedPicture,
    image: Image,
    clicks: Sequence[Click],
    prior: Prior,
    job: JobContext | None,
) -> list[Candidate]:
    """Answers to the clicks after the prior. What was painted stays but where they change it."""
    before, standing = region_of(prepared, prior)
    corrections = clicks[prior.clicks :]
    clicks = [*valid_clicks(prior, clicks), *corrections]
    spots = _spots(prepared, clicks)
    seen, is_chosen = len(spots) - len(corrections), standing is not PriorOrigin.BEST
    decision = _decision(prepared, spots, seen, before, job, is_chosen=is_chosen)
    found = _candidates(prepared, image, decision, clicks, job)
    if standing is not PriorOrigin.PAINTED:
        return found
    asked = spots[-len(corrections) :]
    return [
        joined(prepared, prior, candidate, before, region, asked)
        for candidate, region in zip(found, decision.masks)
    ]


def box_candidates(
    prepared: PreparedPicture, image: Image, box: Rect, job: JobContext | None = None
) -> list[Candidate]:
    """One to three answers to a box around an object of an (H, W, 3) image, the best first.

    Raises NothingFound for a box that lies outside the picture or is empty.
    """
    small = _small_box(prepared, box.clamp(prepared.size))
    decision = decide_box(prepared, small, nets("box"))
    return _candidates(prepared, image, decision, (), job)


def _small_box(prepared: PreparedPicture, box: Rect) -> Rect:
    """The box on the working copy, at least one pixel each way."""
    if box.is_empty:
        raise NothingFound
    return scaled(box, prepared.size, Size.of(prepared.image))


def _spots(prepared: PreparedPicture, clicks: Sequence[Click]) -> list[ClickSpot]:
    """The clicks on the working copy; those outside the picture move to its border."""
    small, size = Size.of(prepared.image), prepared.size
    return [
        ClickSpot(
            min(max(int(click.x * small.width / size.width), 0), small.width - 1),
            min(max(int(click.y * small.height / size.height), 0), small.height - 1),
            click.positive,
        )
        for click in clicks
    ]


def _decision(
    prepared: PreparedPicture,
    spots: Sequence[ClickSpot],
    seen: int,
    before: Bools | None,
    job: JobContext | None,
    *,
    is_chosen: bool = False,
) -> Decision:
    """The answer to the last click; those to the clicks before it are remembered.

    `before` is the answer to the first `seen` of them; `is_chosen` says that the user made it so.
    """
    decision: Decision | None = None
    for count in range(seen + 1, len(spots) + 1):
        report(job, 0.5 + 0.2 * (count - seen - 1) / (len(spots) - seen))
        decision = _decided(prepared, spots[:count], before, is_chosen=is_chosen)
        before, is_chosen = decision.best, False
    assert decision is not None
    return decision


def _decided(
    prepared: PreparedPicture, spots: Sequence[ClickSpot], before: Bools | None, *, is_chosen: bool
) -> Decision:
    name = None if before is None else np.packbits(before).tobytes()
    key = ("decision", *spots, name, is_chosen)
    known = prepared.memo.get(key)
    if not isinstance(known, Decision):
        kind = "first" if before is None else "later"
        known = decide(prepared, spots, before, nets(kind), is_chosen=is_chosen)
        prepared.memo[key] = known
    return known


def _candidates(
    prepared: PreparedPicture,
    image: Image,
    decision: Decision,
    clicks: Sequence[Click],
    job: JobContext | None,
) -> list[Candidate]:
    """The regions of a decision as masks of the full picture."""
    spots, size = _spots(prepared, clicks), Size.of(image)
    labels = prepared.patches.labels
    found: list[Candidate] = []
    for number, (region, score) in enumerate(zip(decision.masks, decision.expected)):
        report(job, 0.7 + number / 10)
        mask = enforce_clicks(refined(prepared, region[labels], spots), labels, prepared.lab, spots)
        rect, full = set_click_pixels(*enlarge(mask, image), size, clicks)
        remember(prepared, rect, full, region, is_best=number == 0)
        found.append(Candidate(rect=rect, mask=full, score=_score(score)))
    return found


def _score(expected: float) -> float:
    return min(max(float(expected), 0.0), 1.0)
