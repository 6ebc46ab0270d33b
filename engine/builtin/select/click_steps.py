"""Takes clicks one after the other, so that each corrects the mask that those before it made.

A negative click outside that mask changes nothing. The second click that does change something may
still show that the object is another one; from then on a negative one only takes away.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from engine.builtin.select.click_features import ClickSpot
from engine.builtin.select.decide import Decision, decide, only_helps
from engine.builtin.select.graph_cut import refined
from engine.builtin.select.outline import enforce_clicks, enlarge, set_click_pixels
from engine.builtin.select.prepared import PreparedPicture, report
from engine.builtin.select.proposals import Bools, click_patches
from engine.builtin.select.scorer import nets
from engine.geometry import Image, Mask, Rect, Size
from engine.jobs.backend import JobContext
from engine.jobs.requests import Click


@dataclass(frozen=True, slots=True, eq=False)
class PlacedMask:
    """A (rect.height, rect.width) mask inside `rect`, nothing marked outside."""

    rect: Rect
    mask: Mask

    def marks(self, click: Click) -> bool:
        """Whether the pixel of a click is at least half marked."""
        x, y = int(click.x) - self.rect.x, int(click.y) - self.rect.y
        inside = 0 <= x < self.rect.width and 0 <= y < self.rect.height
        return inside and bool(self.mask[y, x] > 127)

    def common(self, other: "PlacedMask") -> "PlacedMask":
        """The lesser of both, trimmed."""
        rect = self.rect.intersect(other.rect)
        if rect.is_empty:
            return PlacedMask(Rect(0, 0, 0, 0), np.zeros((0, 0), np.uint8))
        one, two = (p.mask[rect.moved(-p.rect.x, -p.rect.y).slices] for p in (self, other))
        least = np.asarray(np.minimum(one, two), np.uint8)
        inner = Rect(*cv2.boundingRect(least))
        return PlacedMask(inner.moved(rect.x, rect.y), np.ascontiguousarray(least[inner.slices]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClickStep:
    """The answer to some clicks."""

    decision: Decision
    clicks: tuple[Click, ...]  # that the best mask is drawn with: those after them changed nothing
    asked: tuple[ClickSpot, ...]  # those of them that changed something
    bound: PlacedMask | None = None  # of which a negative click took a part
    shown: PlacedMask | None = None  # the best mask, where it need not be drawn
    is_chosen: bool = False  # by the user, who preferred or painted it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClickPath:
    """Clicks on one picture; without the image, only its working copy is looked at."""

    prepared: PreparedPicture
    image: Image | None  # (H, W, 3)
    clicks: tuple[Click, ...]
    is_plain: bool = True  # there is no prior: the clicks alone name each mask

    @property
    def spots(self) -> list[ClickSpot]:
        return spots_of(self.prepared, self.clicks)

    def walk(self, step: ClickStep | None, seen: int, job: JobContext | None) -> ClickStep:
        """The answer after all clicks; `step` is that to the first `seen` of them.

        Where there is none yet, the next click is positive.
        """
        for count in range(seen + 1, len(self.clicks) + 1):
            report(job, 0.5 + 0.2 * (count - seen - 1) / (len(self.clicks) - seen))
            step = self._next(step, count)
        assert step is not None
        return step

    def _next(self, step: ClickStep | None, count: int) -> ClickStep:
        click = self.clicks[count - 1]
        if step is None or click.positive or self.image is None:
            return self._corrected(step, count)
        shown = self.shown(step)
        if not shown.marks(click):
            return replace(step, decision=self._obeying(step.decision, count))
        found = self._corrected(step, count)
        is_bound = only_helps(found.asked[-1], len(found.asked), step.is_chosen)
        return replace(found, bound=shown) if is_bound else found

    def _corrected(self, step: ClickStep | None, count: int) -> ClickStep:
        spots = self.spots[:count]
        return ClickStep(
            decision=self._decided(step, spots),
            clicks=self.clicks[:count],
            asked=(*(step.asked if step else ()), spots[-1]),
        )

    def _decided(self, step: ClickStep | None, spots: Sequence[ClickSpot]) -> Decision:
        before = None if step is None else step.decision.best
        number, is_chosen = (len(step.asked) + 1, step.is_chosen) if step else (1, False)
        old = None if before is None else np.packbits(before).tobytes()
        key = ("decision", *spots, old, number, is_chosen)
        known = self.prepared.memo.get(key)
        if not isinstance(known, Decision):
            kind = nets("first" if before is None else "later")
            known = decide(self.prepared, spots, before, kind, number=number, is_chosen=is_chosen)
            self.prepared.memo[key] = known
        return known

    def _obeying(self, decision: Decision, count: int) -> Decision:
        """The same best region, and those of the others that the last click lets stand."""
        _, lacks = click_patches(self.prepared.patches, self.spots[:count])
        stands = np.asarray(~decision.masks[:, lacks].any(1))
        stands[:1] = True
        return Decision(masks=decision.masks[stands], expected=decision.expected[stands])

    def shown(self, step: ClickStep) -> PlacedMask:
        """The best mask. The last one that was drawn is remembered."""
        if step.shown is not None:
            return step.shown
        last = self.prepared.memo.get("shown")
        if self.is_plain and isinstance(last, _LastShown) and last.clicks == step.clicks:
            return last.mask
        mask = self.drawn(step, step.decision.best, step.clicks)
        if self.is_plain:
            self.prepared.memo["shown"] = _LastShown(step.clicks, mask)
        return mask

    def drawn(self, step: ClickStep, region: Bools, clicks: Sequence[Click]) -> PlacedMask:
        """A (n,) region as a mask of the full picture that obeys the clicks."""
        assert self.image is not None
        prepared, spots = self.prepared, spots_of(self.prepared, clicks)
        labels = prepared.patches.labels
        mask = enforce_clicks(refined(prepared, region[labels], spots), labels, prepared.lab, spots)
        found = PlacedMask(*set_click_pixels(*enlarge(mask, self.image), prepared.size, clicks))
        return found if step.bound is None else found.common(step.bound)


@dataclass(frozen=True, slots=True, eq=False)
class _LastShown:
    clicks: tuple[Click, ...]
    mask: PlacedMask


def spots_of(prepared: PreparedPicture, clicks: Sequence[Click]) -> list[ClickSpot]:
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
