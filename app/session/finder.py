"""Finds by text and by examples, where a change of threshold needs no new run; and the subject."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal, Slot

from app.commands.find import likely, union
from app.services.engines import Engines
from app.session.mask_editor import MaskEditor
from app.session.objects import Objects
from app.session.session import NOWHERE, MessageLevel, Session
from engine.dispatch.choice import BUILTIN, Choice
from engine.errors import EngineError, NoSubject, NothingFound
from engine.geometry import Rect
from engine.jobs.backend import Capability
from engine.jobs.requests import (
    Candidate,
    Exemplar,
    FindRequest,
    FindResult,
    Priority,
    SegmentRequest,
    SegmentResult,
)
from engine.selection.masks import CombineMode

THRESHOLD = 0.5


class Finder(QObject):
    """Holds the found instances; the document changes when they are accepted or stored."""

    changed = Signal()  # what was found, the threshold, or what is picked
    exemplars_changed = Signal()
    open_changed = Signal(bool)

    def __init__(
        self,
        session: Session,
        engines: Engines,
        mask_editor: MaskEditor,
        objects: Objects,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self.engines = session, engines
        self._mask_editor, self._objects = mask_editor, objects
        self.is_open = False  # its panel is in sight: finds are shown, clicks pick
        self._is_begun = False  # the user has turned to it since the panel came into sight
        self.prompt = ""
        self.exemplars: tuple[Exemplar, ...] = ()
        self.result: FindResult | None = None
        self.threshold = THRESHOLD
        self._dropped: frozenset[int] = frozenset()  # not picked, whatever their score
        session.opened.connect(self._on_opened)
        session.image_changed.connect(self._on_image_changed)

    @property
    def instances(self) -> tuple[Candidate, ...]:
        """All instances, the most likely first, also those below the threshold."""
        return self.result.instances if self.result else ()

    @property
    def likely(self) -> tuple[int, ...]:
        """Indices of the instances from the threshold up."""
        return likely(self.instances, self.threshold)

    @property
    def picked(self) -> tuple[int, ...]:
        """Indices of the instances that `accept` and `store` take."""
        return tuple(index for index in self.likely if index not in self._dropped)

    def set_open(self, opened: bool) -> None:
        if opened != self.is_open:
            self.is_open = opened
            self._is_begun = False
            self.open_changed.emit(opened)

    def begin(self) -> None:
        """The user turns to finding: the next box is an example."""
        self._is_begun = True

    @property
    def takes_boxes(self) -> bool:
        """Whether a box is an example: finding can run, and the user is about it.

        That the panel is in sight is not enough: it may be from the last session.
        """
        is_used = self._is_begun or bool(self.prompt or self.exemplars or self.result)
        return self.is_open and is_used and self.engines.queue_for(Capability.FIND) is not None

    def find(self, prompt: str | None = None, exemplars: Sequence[Exemplar] | None = None) -> None:
        """Find by a text and boxes; None leaves either as it was."""
        document = self._session.document
        self.prompt = self.prompt if prompt is None else prompt.strip()
        if exemplars is not None:
            self._set_exemplars(tuple(exemplars))
        if document is None or not self._is_askable():
            return
        queue = self.engines.queue_for(Capability.FIND)
        if queue is None:
            self._session.failed.emit(self.engines.trouble(Capability.FIND), None)
            return
        lease = document.lease(mask=False)
        request = FindRequest(
            image=lease.view,
            key=self._session.key,
            prompt=self.prompt,
            exemplars=self.exemplars,
            revision=document.revision,
        )
        self._session.jobs.ask(
            "find",
            request,
            partial(self._on_found, request.key),
            queue=queue,
            priority=Priority.EDIT,
            replaces="find",
            keep=lease,
            on_failed=self._on_failed,
        )

    def set_threshold(self, threshold: float) -> None:
        """Set the score from which an instance counts; needs no new run."""
        if threshold != self.threshold:
            self.threshold = threshold
            self.changed.emit()

    def pick(self, index: int, picked: bool) -> None:
        """Pick an instance, or drop it."""
        self._dropped = self._dropped - {index} if picked else self._dropped | {index}
        self.changed.emit()

    def pick_at(self, x: float, y: float) -> bool:
        """Pick or drop the smallest instance at a point; False where there is none."""
        hits = [index for index in self.likely if _covers(self.instances[index], x, y)]
        if not hits:
            return False
        index = min(hits, key=lambda hit: self.instances[hit].rect.size.pixels)
        self.pick(index, index in self._dropped)
        return True

    def add_exemplar(self, box: Rect, *, positive: bool) -> None:
        """Add a box around an example, or around what is none; finds again at once."""
        document = self._session.document
        box = box.clamp(document.size) if document else NOWHERE
        if not box.is_empty:
            self.find(exemplars=(*self.exemplars, Exemplar(box, positive)))

    def forget_exemplars(self) -> None:
        self._set_exemplars(())

    def accept(self, mode: CombineMode) -> None:
        """Combine the union of the picked instances with the selection, as one undo step."""
        if self.picked:
            rect, mask = union([self.instances[index] for index in self.picked])
            self._mask_editor.put("Find", rect, mask, mode, "find")

    def store(self) -> None:
        """Store each picked instance as an object, as one undo step."""
        name = self.prompt or self.tr("Found")
        self._objects.store_found(name, [self.instances[index] for index in self.picked])

    def _is_askable(self) -> bool:
        if self.prompt or any(exemplar.positive for exemplar in self.exemplars):
            return True
        text = self.tr("Type what to find, or drag a box around one of them.")
        self._session.say(text, MessageLevel.WARNING)
        return False

    def _set_exemplars(self, exemplars: tuple[Exemplar, ...]) -> None:
        self.exemplars = exemplars
        self.exemplars_changed.emit()

    def _set_result(self, result: FindResult | None) -> None:
        self.result, self._dropped = result, frozenset()
        self.changed.emit()

    def _on_found(self, key: str, result: FindResult) -> None:
        if key == self._session.key:
            self._set_result(result)
        else:
            text = self.tr("The picture changed meanwhile: find again.")
            self._session.say(text, MessageLevel.WARNING)

    def _on_failed(self, error: EngineError) -> None:
        if isinstance(error, NothingFound):
            self._set_result(None)
            text = self.tr("Nothing like that was found. Name it otherwise, or drag a box.")
            self._session.say(text, MessageLevel.WARNING)
        else:
            self._session.failed.emit(error, self.find)

    @Slot()
    def _on_opened(self) -> None:
        self._set_exemplars(())
        self._set_result(None)

    @Slot(object)
    def _on_image_changed(self, _: object) -> None:
        """Drop the instances: the picture may not show them any more."""
        if self.result is not None:
            self._set_result(None)


class KnownSubject(NamedTuple):
    """What a model saw as the subject of the pixels with this key, and which model it was."""

    key: str
    choice: Choice
    candidate: Candidate


class SubjectSelector(QObject):
    """Asks the best engine for the subject; the answer replaces the selection as one undo step."""

    def __init__(
        self,
        session: Session,
        engines: Engines,
        mask_editor: MaskEditor,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._engines, self._mask_editor = session, engines, mask_editor
        self._known: KnownSubject | None = None
        session.opened.connect(self._on_opened)

    def known(self) -> Candidate | None:
        """What a model sees as the subject of the picture as it is now; None before it was asked.

        Pixels that come back, as by an undo, bring it back.
        """
        known = self._known
        return known.candidate if known is not None and known.key == self._session.key else None

    def select(self) -> None:
        """Ask, once for the same pixels; a picture that changes meanwhile gets no selection."""
        known, is_soft = self.known(), self._session.soft_edge
        if known is None or (is_soft and known.soft is None) or not self._is_current:
            self._ask()
        elif self._session.document is not None and not self._session.is_editing:
            self._put(known if is_soft else replace(known, soft=None))

    @property
    def _is_current(self) -> bool:
        """Whether the same model would be asked again."""
        choice = self._engines.choice(Capability.SUBJECT)
        return self._known is not None and self._known.choice == choice

    def _ask(self) -> None:
        document, queue = self._session.document, self._engines.queue_for(Capability.SUBJECT)
        if document is None or self._session.is_editing:
            return
        if queue is None:
            self._session.failed.emit(self._engines.trouble(Capability.SUBJECT), None)
            return
        lease, key = document.lease(mask=False), self._session.key
        request = SegmentRequest(
            image=lease.view,
            key=key,
            subject=True,
            revision=document.revision,
            soft_edge=self._session.soft_edge,
        )
        self._session.jobs.ask(
            "subject",
            request,
            partial(self._on_answer, key),
            queue=queue,
            priority=Priority.EDIT,
            replaces="subject",
            keep=lease,
            on_failed=self._on_failed,
        )
        self._session.changed.emit()  # a verb may wait for the selection

    def _on_answer(self, key: str, result: SegmentResult) -> None:
        if key != self._session.key:
            text = self.tr("The picture changed meanwhile: select the subject again.")
            self._session.say(text, MessageLevel.WARNING)
            return
        self._put(result.candidates[0])
        if result.engine == BUILTIN:
            self._session.say(self._words_of_guess())
        else:
            choice = self._engines.choice(Capability.SUBJECT)
            self._known = KnownSubject(key, choice, result.candidates[0])

    def _put(self, subject: Candidate) -> None:
        self._mask_editor.put("Select subject", *subject.shown, CombineMode.REPLACE, "subject")

    @Slot()
    def _on_opened(self) -> None:
        self._known = None

    def _words_of_guess(self) -> str:
        if self._engines.choice(Capability.SUBJECT).reason == "missing":
            return self.tr(
                "Basic mode guessed the subject by its colours. A small model sees it: get it in "
                "the Selection panel."
            )
        return self.tr("Basic mode guessed the subject by its colours.")

    def _on_failed(self, error: EngineError) -> None:
        retry = None if isinstance(error, NoSubject) else self.select
        self._session.failed.emit(error, retry)


def _covers(instance: Candidate, x: float, y: float) -> bool:
    rect = instance.rect
    column, row = int(x // 1) - rect.x, int(y // 1) - rect.y
    inside = 0 <= column < rect.width and 0 <= row < rect.height
    return inside and bool(instance.mask[row, column] >= 128)
