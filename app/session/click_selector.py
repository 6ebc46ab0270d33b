"""Selects by points and boxes: each answer of an engine is one undo step with its points."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from app.services.engines import Engines
from app.session.click_engines import ClickEngines
from app.session.selection_base import PackedPrior, SelectionBase, shown_candidate
from app.session.session import NOWHERE, MessageLevel, Session, put_points_away
from engine.errors import EngineError, NothingFound
from engine.geometry import Rect
from engine.jobs.requests import Candidate, Click, Prior, SegmentRequest, SegmentResult
from engine.selection.masks import CombineMode


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptPoints:
    """What the user gave so far."""

    clicks: tuple[Click, ...] = ()
    box: Rect | None = None

    def __bool__(self) -> bool:
        return bool(self.clicks) or self.box is not None

    @property
    def first(self) -> Click | Rect | None:
        return self.box or (self.clicks[0] if self.clicks else None)


@dataclass(frozen=True, slots=True, eq=False)
class ProvisionalAnswer:
    """A quick answer as it stands in the document, until the better one comes."""

    points: PromptPoints
    moment: int  # of the history: another one, and the user has gone on


class ClickSelector(QObject):
    """Click after click until accepted. Each answer is one undo step with its points.

    The quick engine's answer is shown at once. The better one's takes its place in the same step,
    unless the user has gone on.
    """

    points_changed = Signal()
    answered = Signal()  # the points that were given have their selection
    candidates_changed = Signal()

    def __init__(
        self,
        session: Session,
        engines: Engines,
        parent: QObject | None = None,
        *,
        known_subject: Callable[[], Candidate | None] = lambda: None,
    ) -> None:
        """`known_subject` gives that of the picture as it is now, where a model has seen it."""
        super().__init__(parent)
        self._session, self._known_subject = session, known_subject
        self.engines = ClickEngines(session, engines, self)
        self._provisional: ProvisionalAnswer | None = None
        self._built_in_answer: Candidate | None = None  # what is built in thinks the points mean
        self._asked: PromptPoints | None = None  # given, not answered yet
        self._prior: Prior | None = None  # what they correct
        self._priors: dict[tuple[Click, ...], PackedPrior] = {}  # what each last click corrected
        self._base: SelectionBase | None = None
        self._is_outdated = False  # the mask was changed elsewhere since
        self.mode = CombineMode.REPLACE  # of clicks without a modifier
        self.candidates: tuple[Candidate, ...] = ()
        self.index = 0
        session.opened.connect(self._on_opened)
        session.mask_changed.connect(self._on_mask_changed)
        session.marks_changed.connect(self._on_marks_changed)
        session.history_changed.connect(self._on_history_changed)

    @property
    def points(self) -> PromptPoints:
        """What is to be drawn: also what has no answer yet."""
        if self._asked is not None:
            return self._asked
        document = self._session.document
        return (
            PromptPoints(clicks=document.clicks, box=document.box) if document else PromptPoints()
        )

    @property
    def is_busy(self) -> bool:
        return self._asked is not None

    @property
    def is_prepared(self) -> bool:
        return self.engines.is_prepared

    def click(
        self, x: float, y: float, positive: bool = True, *, mode: CombineMode | None = None
    ) -> None:
        """Add a point. A mode asks for another object, beside the selection that is there."""
        before = self.points
        if mode is not None or not before:
            before = PromptPoints()
        if not self._is_inside(x, y):
            return
        click = Click(x, y, positive or not before)
        points = PromptPoints(clicks=(*before.clicks, click), box=before.box)
        self._ask(points, mode, self._shown() if before else None)

    def _is_inside(self, x: float, y: float) -> bool:
        document = self._session.document
        size = document.size if document else NOWHERE.size
        return 0 <= x < size.width and 0 <= y < size.height

    def choose_box(self, box: Rect, *, mode: CombineMode | None = None) -> None:
        """Select the object in a box."""
        document = self._session.document
        box = box.clamp(document.size) if document else NOWHERE
        if not box.is_empty:
            self._ask(PromptPoints(box=box), mode)

    def move_point(self, index: int, x: float, y: float) -> None:
        clicks = list(self.points.clicks)
        clicks[index] = clicks[index]._replace(x=x, y=y)
        self._ask(PromptPoints(clicks=tuple(clicks), box=self.points.box), None)

    def remove_point(self, index: int) -> None:
        clicks = self.points.clicks
        self._ask_or_drop(
            PromptPoints(clicks=(*clicks[:index], *clicks[index + 1 :]), box=self.points.box)
        )

    def undo_last_point(self) -> None:
        """What was shown before the last point is shown again, whichever candidate it was."""
        points, packed = self.points, self._priors.get(self.points.clicks)
        if not points.clicks:
            self.drop()
        elif self._asked is not None or packed is None or self._session.is_editing:
            self.remove_point(len(points.clicks) - 1)
        else:
            self.candidates, self.index = (packed.candidate(),), 0
            self._show("Select object", PromptPoints(clicks=points.clicks[:-1], box=points.box))

    def cycle(self, step: int) -> None:
        """Show another candidate; there is none for a selection that was painted on."""
        if self._session.is_editing:
            return
        self._find_shown_candidate()
        if len(self.candidates) > 1:
            self.index = (self.index + step) % len(self.candidates)
            self._show("Other candidate", self.points)

    def ask_again(self) -> None:
        """Ask for the points that are there once more: they are to be answered otherwise."""
        if self.points:
            self._ask(self.points, None, self._prior)

    def accept(self) -> None:
        """Keep the selection, put the points away."""
        if not self.points or (edit := self._session.edit("Accept selection")) is None:
            return
        with edit:
            self._forget()
            put_points_away(edit)

    def drop(self) -> None:
        """Put the points away and bring back the selection from before them."""
        document, base = self._session.document, self._base
        if document is None or not self.points:
            return
        if (edit := self._session.edit("Drop points")) is None:
            return
        drawn = PromptPoints(clicks=document.clicks, box=document.box)
        with edit:
            self._forget()
            if drawn and base is not None and base.first == drawn.first:
                edit.touch("mask", base.rect)
                edit.mask[base.rect.slices] = base.mask
            put_points_away(edit)

    def _shown(self) -> Prior | None:
        """The mask that the next click corrects; that of the last one while it has no answer."""
        document = self._session.document
        if document is None or self._asked is not None:
            return self._prior
        self._find_shown_candidate()
        count = len(self.points.clicks)
        if self.candidates:
            candidate = self.candidates[self.index]
            return Prior(
                rect=candidate.rect, mask=candidate.mask, clicks=count, soft=candidate.soft
            )
        rect = self._session.bounds()
        return Prior(rect=rect, mask=document.mask[rect.slices].copy(), clicks=count)

    def _find_shown_candidate(self) -> None:
        """Find what is shown among the candidates.

        After a stroke of the brush it is none of them: from then on the points correct the
        selection as a whole.
        """
        document, base = self._session.document, self._base
        if document is None or not self._is_outdated:
            return
        self._is_outdated = False
        for index, candidate in enumerate(self.candidates):
            if base is not None and base.shows(document, candidate, self._session.bounds()):
                self.index = index
                break
        else:
            self.candidates, self.index = (), 0
            if base is not None:
                base.mode = CombineMode.REPLACE
        self.candidates_changed.emit()

    def _ask(
        self, points: PromptPoints, mode: CombineMode | None, prior: Prior | None = None
    ) -> None:
        document = self._session.document
        if document is None or self._session.is_editing:
            return
        if self._base is None or self._base.first != self.points.first or mode is not None:
            self._base = SelectionBase.of(document, points.first, mode or self.mode)
        self._base.first = points.first
        self._asked, self._prior = points, prior
        lease = document.lease(mask=False)
        request = SegmentRequest(
            image=lease.view,
            key=self._session.key,
            clicks=points.clicks,
            box=points.box,
            prior=prior,
            revision=document.revision,
            soft_edge=self._session.soft_edge,
            known_subject=self._known_subject(),
        )
        self.engines.ask(
            request,
            partial(self._on_found, points),
            partial(self._on_failed, points),
            fresh=replace(request, prior=self._prior_for_model(prior)),
            keep=lease,
        )
        self._announce()

    def _prior_for_model(self, prior: Prior | None) -> Prior | None:
        """A model sees all points afresh, rather than what the built-in engine made of them."""
        is_quick = (
            prior is not None
            and self._built_in_answer is not None
            and prior.mask is self._built_in_answer.mask
        )
        return None if is_quick else prior

    def _ask_or_drop(self, points: PromptPoints) -> None:
        if points:
            self._ask(points, None)
        else:
            self.drop()

    def _on_found(self, points: PromptPoints, result: SegmentResult, by_model: bool) -> None:
        document = self._session.document
        if document is None:
            return
        if points is not self._asked:
            self._on_second_answer(points, result, by_model)
        elif result.revision != document.revision or self._session.is_editing:
            self._ask_again(points)
        else:
            self._asked = None
            if self._prior is not None:
                self._priors[points.clicks] = PackedPrior.of(self._prior)
            self._take(result, by_model)
            self._provisional = None
            if self._show("Select object", points):
                self._provisional = ProvisionalAnswer(points, self._moment)
            else:
                self._announce()
            self.answered.emit()

    def _on_second_answer(
        self, points: PromptPoints, result: SegmentResult, by_model: bool
    ) -> None:
        """The second answer: it is shown instead of the first, where that one still stands."""
        provisional = self._provisional
        if self._asked is not None or provisional is None or provisional.points is not points:
            return  # a newer click
        if provisional.moment == self._moment and not self._session.is_editing:
            self._take(result, by_model)
            self._provisional = None
            if not self._show("Select object", points, amends=True):
                self._announce()

    def _take(self, result: SegmentResult, by_model: bool) -> None:
        self.candidates, self.index = result.candidates, 0
        self._built_in_answer = None if by_model else result.candidates[0]

    @property
    def _moment(self) -> int:
        history = self._session.history
        return history.save_point[0] if history is not None else -1

    def _ask_again(self, points: PromptPoints) -> None:
        if self._session.is_editing:
            self._asked = None  # a stroke began meanwhile: it is the newer wish
            self._announce()
        else:
            self._ask(points, None, self._prior)

    def _on_failed(self, points: PromptPoints, error: EngineError) -> None:
        if points is not self._asked:
            return
        self._asked = None
        if isinstance(error, NothingFound):
            self._session.say(
                self.tr("No object was found there. Try a box, or paint with the brush."),
                MessageLevel.WARNING,
            )
        else:
            self._session.failed.emit(error, None)
        self._announce()

    def _show(self, label: str, points: PromptPoints, *, amends: bool = False) -> bool:
        """Whether anything became different."""
        document, base = self._session.document, self._base
        if document is None or base is None or not self.candidates:
            return False
        shown = self.candidates[self.index]
        rect, mask = base.with_candidate(document, shown)
        edit = self._session.amend() if amends else self._session.edit(label)
        if edit is None:
            return False
        with edit:
            edit.touch("mask", rect)
            edit.mask[rect.slices] = mask
            edit.set("clicks", points.clicks)
            edit.set("box", points.box)
            edit.set("points_base", base.kept(document.size, shown))
            edit.set("origin", "box" if points.box else "click")
        self._is_outdated = False
        self.candidates_changed.emit()
        return edit.changes is not None

    def _forget(self) -> None:
        self.engines.forget()
        self._asked = self._provisional = self._built_in_answer = None
        self._base = None
        self._priors.clear()
        self.candidates, self.index = (), 0
        self._announce()

    def _announce(self) -> None:
        self.points_changed.emit()
        self.candidates_changed.emit()
        self._session.changed.emit()

    @Slot()
    def _on_opened(self) -> None:
        """Go on with the points of the document, which hold the answer that was shown."""
        self._forget()
        document, points = self._session.document, self.points
        if document is not None and points and (kept := document.marks.points_base) is not None:
            self._base = SelectionBase.of_kept(kept, points.first)
            self.candidates, self._is_outdated = (shown_candidate(kept),), True
            self._announce()

    @Slot(object)
    def _on_mask_changed(self, _: object) -> None:
        self._is_outdated = True

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
