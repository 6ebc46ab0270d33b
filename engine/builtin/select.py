"""Click to mask and box to mask, without anything to download.

`prepare` takes a picture apart once; after it a click costs a few dozen milliseconds at any size
of picture. The masks are decided over superpixels of a working copy and enlarged along the edges
of the full picture.
"""

from collections.abc import Sequence

from engine.backend import JobContext
from engine.builtin.affinity import Spot
from engine.builtin.decide import Decision, decide, decide_box
from engine.builtin.outline import enlarge, keep_clicks, obey
from engine.builtin.prepared import Prepared, look_at, report
from engine.builtin.refine import refined
from engine.builtin.scorer import nets
from engine.errors import NothingFound
from engine.geometry import Image, Rect, Size
from engine.requests import Candidate, Click


def prepare(image: Image, job: JobContext | None = None) -> Prepared:
    """All that clicks on this picture will need; any size from 1 x 1."""
    return look_at(image, job)


def candidates(
    prepared: Prepared, image: Image, clicks: Sequence[Click], job: JobContext | None = None
) -> list[Candidate]:
    """One to three answers to the clicks, the best first; it obeys every click.

    Clicks are taken one after the other, so that each corrects the answer to those before it.
    Raises NothingFound without a positive click.
    """
    spots = _spots(prepared, clicks)
    if not any(spot.positive for spot in spots):
        raise NothingFound
    decision = _decision(prepared, spots, job)
    return _candidates(prepared, image, decision, clicks, job)


def box_candidates(
    prepared: Prepared, image: Image, box: Rect, job: JobContext | None = None
) -> list[Candidate]:
    """One to three answers to a box around an object, the best first.

    Raises NothingFound for a box that lies outside the picture or is empty.
    """
    small = _small_box(prepared, box.clamp(prepared.size))
    decision = decide_box(prepared, small, nets("box"))
    return _candidates(prepared, image, decision, (), job)


def _small_box(prepared: Prepared, box: Rect) -> Rect:
    """The box on the working copy, at least one pixel each way."""
    if box.is_empty:
        raise NothingFound
    small, size = Size.of(prepared.image), prepared.size
    left, top = box.x * small.width // size.width, box.y * small.height // size.height
    right = -(-box.right * small.width // size.width)
    bottom = -(-box.bottom * small.height // size.height)
    return Rect.between(left, top, right, bottom)


def _spots(prepared: Prepared, clicks: Sequence[Click]) -> list[Spot]:
    """The clicks on the working copy; those outside the picture move to its border."""
    small, size = Size.of(prepared.image), prepared.size
    return [
        Spot(
            min(max(int(click.x * small.width / size.width), 0), small.width - 1),
            min(max(int(click.y * small.height / size.height), 0), small.height - 1),
            click.positive,
        )
        for click in clicks
    ]


def _decision(prepared: Prepared, spots: Sequence[Spot], job: JobContext | None) -> Decision:
    """The answer to the last click; those to the clicks before it are remembered."""
    first = next(number for number, spot in enumerate(spots) if spot.positive)
    decision: Decision | None = None
    for count in range(first + 1, len(spots) + 1):
        key = ("decision", *spots[:count])
        known = prepared.memo.get(key)
        if not isinstance(known, Decision):
            report(job, 0.5 + 0.2 * (count - first - 1) / (len(spots) - first))
            before = None if decision is None else decision.best
            kind = "first" if decision is None else "later"
            known = decide(prepared, spots[:count], before, nets(kind))
            prepared.memo[key] = known
        decision = known
    assert decision is not None
    return decision


def _candidates(
    prepared: Prepared,
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
        mask = obey(refined(prepared, region[labels], spots), labels, prepared.lab, spots)
        rect, full = keep_clicks(*enlarge(mask, image), size, clicks)
        found.append(Candidate(rect=rect, mask=full, score=min(max(float(score), 0.0), 1.0)))
    return found
