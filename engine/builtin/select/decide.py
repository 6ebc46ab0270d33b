"""Decides one click: scores the patches, proposes regions, and ranks them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.builtin.select.box import box_patch_columns, box_region_columns, regions_in
from engine.builtin.select.click_features import ClickSpot, context_columns, patch_columns
from engine.builtin.select.edges import Floats
from engine.builtin.select.prepared import PreparedPicture
from engine.builtin.select.proposals import Bools, OwnRegion, Proposals, options_for, own_region
from engine.builtin.select.region_features import change_columns, region_columns
from engine.builtin.select.scorer import ScorerNets, answer, chance
from engine.geometry import Rect

# share of the last mask that a second, third, ... click may change
_MOST_ADDED = (3.0, 1.0, 0.5, 0.3, 0.2)
_MOST_TAKEN = (0.8, 0.45, 0.25, 0.15, 0.1)
_LATE = 5
_RETHINKING = 2  # the number of the last click that may change the answer as a whole
_STRICTNESS = 6.0
_DOUBT = 0.8  # how far the votes of regions are spread over their scores
_VOTERS = 120
_CANDIDATES = 3
_OWN_SMALLER = 0.5  # the click's own region is a part that the candidates lack, if so much smaller
_OWN_PART, _LASTING = 0.2, 7  # it is the answer, if so small a part over half of the gaps
_UNLIKE = 0.75  # a further candidate overlaps those before it by less


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decision:
    """The best region, others unlike it from the smallest on, and the overlap each may expect."""

    masks: Bools  # (k, n) k is 1..3
    expected: Floats  # (k,) 0..1

    @property
    def best(self) -> Bools:
        return self.masks[0]


def decide(
    prepared: PreparedPicture,
    spots: Sequence[ClickSpot],
    before: Bools | None,
    nets: ScorerNets,
    *,
    number: int,
    is_chosen: bool = False,
) -> Decision:
    """Answers the last of the clicks; `before` is the answer to those before it.

    The last click is the `number`-th that changes something. An answer that the user chose or
    painted is changed no more than by a late click.
    """
    opinion = patch_chance(prepared, spots, before, nets)
    options = options_for(
        prepared, spots, opinion, before, only_helps=only_helps(spots[-1], number, is_chosen)
    )
    columns = option_columns(prepared, options, spots, opinion, before)
    scores = answer(nets.region, columns)
    if before is not None:
        number = max(number, _LATE if is_chosen else 2)
        scores = scores - _overreach(prepared, options.masks, spots, before, number)
        return _decided(options.masks, prepared.patches.area, scores)
    own = own_region(prepared, spots[-1])
    return _decided(options.masks, prepared.patches.area, scores, own=own)


def only_helps(spot: ClickSpot, number: int, is_chosen: bool) -> bool:
    """Whether the `number`-th click may not add when it is negative, nor take when positive.

    The second one may still show that the first answer was another object.
    """
    return is_chosen or (number > _RETHINKING and not spot.positive)


def _overreach(
    prepared: PreparedPicture, masks: Bools, spots: Sequence[ClickSpot], before: Bools, number: int
) -> Floats:
    """(k,) what a region loses for changing more than a correction, the `number`-th click, should.

    A user who has clicked several times has a mask that is nearly right: the later the click, the
    smaller the change, and no click throws most of the mask away.
    """
    area = prepared.patches.area
    old = float(before @ area) + 1
    limits = _MOST_ADDED if spots[-1].positive else _MOST_TAKEN
    limit = limits[min(number - 2, len(limits) - 1)]
    changed = (masks != before) @ area / old
    kept = (masks & before) @ area / old
    least = 0.2 if number == 2 else 0.5
    return _STRICTNESS * (np.maximum(0, changed / limit - 1) + 2 * np.maximum(0, least - kept))


def patch_chance(
    prepared: PreparedPicture, spots: Sequence[ClickSpot], before: Bools | None, nets: ScorerNets
) -> Floats:
    """(n,) 0..1: the second opinion, which has seen the first one around each patch."""
    old = None if before is None else before.astype(np.float32)
    columns = patch_columns(prepared, spots, old)
    first = chance(nets.patch, columns)
    return chance(nets.context, np.c_[columns, context_columns(prepared, first)])


def option_columns(
    prepared: PreparedPicture,
    options: Proposals,
    spots: Sequence[ClickSpot],
    opinion: Floats,
    before: Bools | None,
) -> Floats:
    """(k, columns) for the region scorer, at a first or a later click; `opinion` is (n,) 0..1."""
    if before is None:
        return region_columns(prepared, options, spots, opinion)
    return change_columns(prepared, options, spots, opinion, before)


def decide_box(prepared: PreparedPicture, box: Rect, nets: ScorerNets) -> Decision:
    """Answers a box; it lies on the working copy and is not empty."""
    columns = box_patch_columns(prepared, box)
    first = chance(nets.patch, columns)
    opinion = chance(nets.context, np.c_[columns, context_columns(prepared, first)])
    options = regions_in(prepared, box, opinion)
    scores = answer(nets.region, box_region_columns(prepared, options, box, opinion))
    return _decided(options.masks, prepared.patches.area, scores)


def _decided(
    masks: Bools, area: Floats, scores: Floats, *, own: OwnRegion | None = None
) -> Decision:
    """The best region, then the others from the smallest on: part, whole, group.

    `own`, the region of the click itself, is added where all of them are much larger; it has no
    vote. It is the first where it is a small part that stays the same over many gaps of colour.
    The fewer the regions, the less their agreement says: a lone one expects a half.
    """
    count = len(masks)
    if own is not None:
        masks, scores = np.concatenate([masks, own.mask[None]]), np.append(scores, -np.inf)
    expected = expected_overlap(masks, area, scores) * (1 - 1 / (1 + count))
    picks = ranked(masks[:count], area, expected[:count], _CANDIDATES)
    if own is not None:
        picks = _with_own(picks, masks @ area, own.lasting)
    picks[1:] = sorted(picks[1:], key=lambda pick: float(masks[pick] @ area))
    return Decision(masks=masks[picks], expected=expected[picks])


def _with_own(picks: list[int], sizes: Floats, lasting: int) -> list[int]:
    """The picks and, where it is a part that they lack, the last of the regions: the click's own.

    `sizes` is (k,) the area of every region.
    """
    own, others = len(sizes) - 1, picks[: _CANDIDATES - 1]
    if sizes[own] >= _OWN_SMALLER * min(sizes[picks]):
        return picks
    is_evident = lasting >= _LASTING and sizes[own] < _OWN_PART * sizes[picks[0]]
    return [own, *others] if is_evident else [*others, own]


def expected_overlap(masks: Bools, area: Floats, scores: Floats) -> Floats:
    """(k,) mean IoU of every region with all, each weighing as much as its score says.

    The best answer is not the likeliest region but the one that overlaps the likely ones most.
    """
    votes = np.exp((scores - scores.max()) / _DOUBT)
    voters = np.argsort(-votes, kind="stable")[:_VOTERS]
    votes = votes[voters] / votes[voters].sum()
    soft = masks.astype(np.float32)
    common = (soft * area) @ soft[voters].T
    size = soft @ area
    return common / np.maximum(size[:, None] + size[voters] - common, 1e-6) @ votes


def ranked(masks: Bools, area: Floats, expected: Floats, count: int) -> list[int]:
    """Indices of up to `count` of the (k, n) masks, the best first, that differ enough."""
    picks: list[int] = []
    for index in np.argsort(-expected, kind="stable"):
        if all(_overlap(masks[index], masks[pick], area) < _UNLIKE for pick in picks):
            picks.append(int(index))
        if len(picks) == count:
            break
    return picks


def _overlap(one: Bools, other: Bools, area: Floats) -> float:
    return float((one & other) @ area) / max(float((one | other) @ area), 1e-6)
