"""Points and boxes: what the engine makes of them, and the candidates to choose from."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from app.document import Document
from app.jobs import Desk
from app.session import NOWHERE, Level, Mode, Session, combine, put_points_away
from engine import masks
from engine.errors import EngineError, NothingFound
from engine.geometry import Mask, Rect
from engine.requests import (
    Candidate,
    Click,
    PrepareRequest,
    Priority,
    SegmentRequest,
    SegmentResult,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """What the user gave so far."""

    clicks: tuple[Click, ...] = ()
    box: Rect | None = None

    def __bool__(self) -> bool:
        return bool(self.clicks) or self.box is not None

    @property
    def first(self) -> Click | Rect | None:
        return self.box or (self.clicks[0] if self.clicks else None)


@dataclass(slots=True, eq=False)
class Ground:
    """The selection as it was before the first point, wherever the points have changed it."""

    first: Click | Rect | None
    mode: Mode
    rect: Rect
    mask: Mask

    @classmethod
    def of(cls, document: Document, first: Click | Rect | None, mode: Mode) -> "Ground":
        rect = masks.bounds(document.mask)
        return cls(first, mode, rect, document.mask[rect.slices].copy())

    def cover(self, document: Document, rect: Rect) -> None:
        """Also know what is under `rect`."""
        wider = self.rect.union(rect)
        if wider == self.rect:
            return
        mask = document.mask[wider.slices].copy()
        mask[self.rect.moved(-wider.x, -wider.y).slices] = self.mask
        self.rect, self.mask = wider, mask

    def with_candidate(self, document: Document, candidate: Candidate) -> tuple[Rect, Mask]:
        self.cover(document, candidate.rect)
        inside = candidate.rect.moved(-self.rect.x, -self.rect.y)
        area, part = combine(self.mask, inside, candidate.mask, self.mode)
        result = self.mask.copy()
        if self.mode in (Mode.REPLACE, Mode.INTERSECT):
            result = np.zeros_like(self.mask)
        result[area.slices] = part
        return self.rect, result


class Selecting(QObject):
    """Click after click until accepted. Each answer is one undo step with its points."""

    points_changed = Signal()
    candidates_changed = Signal()
    prepared_changed = Signal()
    busy_changed = Signal(bool)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._asked: Points | None = None  # given, not answered yet
        self._ground: Ground | None = None
        self._prepared = ""
        self.mode = Mode.REPLACE  # of clicks without a modifier
        self.candidates: tuple[Candidate, ...] = ()
        self.index = 0
        session.opened.connect(self._on_opened)
        session.image_changed.connect(self._on_image_changed)
        session.marks_changed.connect(self._on_marks_changed)
        session.history_changed.connect(self._on_history_changed)

    @property
    def points(self) -> Points:
        """What is to be drawn: also what has no answer yet."""
        if self._asked is not None:
            return self._asked
        document = self._session.document
        return Points(clicks=document.clicks, box=document.box) if document else Points()

    @property
    def is_busy(self) -> bool:
        return self._asked is not None

    @property
    def is_prepared(self) -> bool:
        return bool(self._prepared) and self._prepared == self._session.key

    def click(self, x: float, y: float, positive: bool = True, *, mode: Mode | None = None) -> None:
        """Add a point. A mode asks for another object, beside the selection that is there."""
        before = self.points
        if mode is not None or not before:
            before = Points()
        if not self._is_inside(x, y):
            return
        click = Click(x, y, positive or not before)
        self._ask(Points(clicks=(*before.clicks, click), box=before.box), mode)

    def _is_inside(self, x: float, y: float) -> bool:
        document = self._session.document
        size = document.size if document else NOWHERE.size
        return 0 <= x < size.width and 0 <= y < size.height

    def choose_box(self, box: Rect, *, mode: Mode | None = None) -> None:
        """Select the object in a box."""
        document = self._session.document
        box = box.clamp(document.size) if document else NOWHERE
        if not box.is_empty:
            self._ask(Points(box=box), mode)

    def move_point(self, index: int, x: float, y: float) -> None:
        clicks = list(self.points.clicks)
        clicks[index] = clicks[index]._replace(x=x, y=y)
        self._ask(Points(clicks=tuple(clicks), box=self.points.box), None)

    def remove_point(self, index: int) -> None:
        clicks = self.points.clicks
        self._ask_or_drop(
            Points(clicks=(*clicks[:index], *clicks[index + 1 :]), box=self.points.box)
        )

    def undo_last_point(self) -> None:
        clicks = self.points.clicks
        if clicks:
            self.remove_point(len(clicks) - 1)
        else:
            self.drop()

    def cycle(self, step: int) -> None:
        """Show another candidate."""
        if len(self.candidates) > 1 and not self._session.is_editing:
            self.index = (self.index + step) % len(self.candidates)
            self._show("Other candidate", self.points)

    def accept(self) -> None:
        """Keep the selection, put the points away."""
        if self._session.document is None or not self.points:
            return
        self._forget()
        with self._session.edit("Accept selection") as edit:
            put_points_away(edit)

    def drop(self) -> None:
        """Put the points away and bring back the selection from before them."""
        document, ground = self._session.document, self._ground
        if document is None or not self.points:
            return
        drawn = Points(clicks=document.clicks, box=document.box)
        self._forget()
        with self._session.edit("Drop points") as edit:
            if drawn and ground is not None and ground.first == drawn.first:
                edit.touch("mask", ground.rect)
                edit.mask[ground.rect.slices] = ground.mask
            put_points_away(edit)

    def prepare(self) -> None:
        """Let the engine look at the picture before the first click."""
        document = self._session.document
        if document is None:
            return
        lease, key = document.lease(mask=False), self._session.key
        self._session.jobs.ask(
            "prepare",
            PrepareRequest(image=lease.view, key=key),
            partial(self._on_prepared, key),
            desk=Desk.ENGINE,
            priority=Priority.PREPARE,
            lane="prepare",
            keep=lease,
        )

    def _ask(self, points: Points, mode: Mode | None) -> None:
        document = self._session.document
        if document is None or self._session.is_editing:
            return
        if self._ground is None or self._ground.first != self.points.first or mode is not None:
            self._ground = Ground.of(document, points.first, mode or self.mode)
        self._ground.first = points.first
        self._asked = points
        lease = document.lease(mask=False)
        request = SegmentRequest(
            image=lease.view,
            key=self._session.key,
            clicks=points.clicks,
            box=points.box,
            revision=document.revision,
        )
        self._session.jobs.ask(
            "select",
            request,
            partial(self._on_found, points),
            desk=Desk.ENGINE,
            priority=Priority.CLICK,
            lane="click",
            keep=lease,
            on_failed=self._on_failed,
        )
        self._announce()

    def _ask_or_drop(self, points: Points) -> None:
        if points:
            self._ask(points, None)
        else:
            self.drop()

    def _on_found(self, points: Points, result: SegmentResult) -> None:
        document = self._session.document
        if points is not self._asked or document is None:
            return  # another document, or a newer click
        if result.revision != document.revision or self._session.is_editing:
            self._ask_again(points)
            return
        self._asked = None
        self.candidates, self.index = result.candidates, 0
        self._show("Select object", points)
        self._announce()

    def _ask_again(self, points: Points) -> None:
        if self._session.is_editing:
            self._asked = None  # a stroke began meanwhile: it is the newer wish
            self._announce()
        else:
            self._ask(points, None)

    def _on_failed(self, error: EngineError) -> None:
        self._asked = None
        if isinstance(error, NothingFound):
            self._session.say(
                self.tr("No object was found there. Try a box, or paint with the brush."),
                Level.WARNING,
            )
        else:
            self._session.failed.emit(error, None)
        self._announce()

    def _show(self, label: str, points: Points) -> None:
        document, ground = self._session.document, self._ground
        if document is None or ground is None or not self.candidates:
            return
        rect, mask = ground.with_candidate(document, self.candidates[self.index])
        with self._session.edit(label) as edit:
            edit.touch("mask", rect)
            edit.mask[rect.slices] = mask
            edit.set("clicks", points.clicks)
            edit.set("box", points.box)
            edit.set("origin", "box" if points.box else "click")
        self.candidates_changed.emit()

    def _forget(self) -> None:
        self._asked = None
        self._ground = None
        self.candidates, self.index = (), 0
        self._announce()

    def _announce(self) -> None:
        self.points_changed.emit()
        self.candidates_changed.emit()
        self.busy_changed.emit(self.is_busy)
        self._session.changed.emit()

    def _on_prepared(self, key: str, _: object) -> None:
        self._prepared = key
        self.prepared_changed.emit()

    @Slot()
    def _on_opened(self) -> None:
        self._forget()
        self.prepare()

    @Slot(object)
    def _on_image_changed(self, _: object) -> None:
        self.prepare()

    @Slot(object)
    def _on_marks_changed(self, names: tuple[str, ...]) -> None:
        if "clicks" in names or "box" in names:
            self.points_changed.emit()

    @Slot()
    def _on_history_changed(self) -> None:
        """After undo, or another tool, the candidates belong to something that is gone."""
        document = self._session.document
        if document is not None and not (document.clicks or document.box) and self.candidates:
            self.candidates, self.index = (), 0
            self.candidates_changed.emit()
