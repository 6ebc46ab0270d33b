"""Asks for a removal, applies its result at once, and asks again with another seed."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal, Slot

from app.commands.remove import PlanRemoval
from app.document.document import Document
from app.journal.pending_files import TaskFiles
from app.journal.pending_tasks import PendingRequest, PendingTask
from app.services.engines import Engines
from app.services.jobs import JobQueue
from app.session.session import KeepPoint, MessageLevel, Session
from app.session.variants import Variants
from app.text.engines import label_of
from engine.dispatch.choice import Choice
from engine.geometry import Mask
from engine.inpaint.crops import RemoveOptions
from engine.jobs.backend import Capability
from engine.jobs.requests import RemoveRequest, RemoveResult

Then: TypeAlias = Callable[[Mask], None]
"""Called with the mask of a removal once that is applied."""


@dataclass(slots=True, eq=False)
class Removal:
    """A request, the document it was made from, and what is done after it."""

    request: RemoveRequest
    serial: int
    mask: Mask | None = None  # for what comes after
    then: Then | None = None
    is_again: bool = False  # with another seed: its result waits among the variants


class Remover(QObject):
    """Asks for a removal; its result applies itself if the picture is still the same."""

    options_changed = Signal()

    def __init__(
        self,
        session: Session,
        variants: Variants,
        engines: Engines,
        tasks: TaskFiles,
        parent: QObject | None = None,
    ) -> None:
        """`tasks` keeps what a server is asked for, until it is over."""
        super().__init__(parent)
        self._session, self._variants, self.engines = session, variants, engines
        self._tasks = tasks
        self._asked_at: tuple[int, KeepPoint | None, RemoveOptions] | None = None
        self.options = RemoveOptions()
        session.opened.connect(self._on_opened)

    @property
    def can_ask_again(self) -> bool:
        document = self._session.document
        return document is not None and document.last_removal is not None

    def set_options(self, options: RemoveOptions) -> None:
        if options != self.options:
            self.options = options
            self.options_changed.emit()

    def remove(self, then: Then | None = None) -> None:
        """Erase what is selected; `then` is called with the mask once that is applied."""
        document = self._session.document
        if document is None or self._session.is_editing or self._is_asked_again(then):
            return
        lease, choice = document.lease(), self.engines.choice(Capability.REMOVE)
        work = PlanRemoval(
            view=lease.view,
            mask=lease.mask,
            alpha=lease.picture.alpha,
            options=self.options,
            choice=choice,
            revision=lease.revision,
            seed=secrets.randbelow(2**31),
            keeps_mask=then is not None,
        )
        self._session.jobs.ask(
            "remove",
            work,
            partial(self._on_planned, self._session.serial, then),
            queue=JobQueue.MASKS,
            keep=lease,
            on_failed=lambda error: self._session.failed.emit(error, None),
        )

    def _is_asked_again(self, then: Then | None) -> bool:
        """Whether the very same removal is under way; it is noted otherwise."""
        point, asked = self._session.keep_point, self._asked_at
        moment = (self._session.serial, point, self.options) if then is None else None
        self._asked_at = moment
        return moment is not None and moment == asked and self._session.jobs.is_asked("remove")

    def another(self) -> None:
        """Ask for the same holes again with a new seed."""
        document = self._session.document
        if document is not None and document.last_removal is not None:
            request = replace(document.last_removal, seed=secrets.randbelow(2**31))
            self._ask(Removal(request, self._session.serial, is_again=True))

    def _on_planned(
        self, serial: int, then: Then | None, planned: tuple[RemoveRequest, Mask | None]
    ) -> None:
        if serial == self._session.serial:
            request, mask = planned
            self._ask(Removal(request, serial, mask, then))

    def take_up(self, request: RemoveRequest, kept: PendingTask) -> None:
        """Ask again for a removal that was under way when the program ended."""
        self._ask(Removal(request, self._session.serial), kept)

    def _ask(self, removal: Removal, kept: PendingTask | None = None) -> None:
        """`kept` is the task on disk of a request that a server has already."""
        choice = self.engines.choice(Capability.REMOVE)
        queue = JobQueue.SERVER if kept else self.engines.queue_for(Capability.REMOVE)
        if queue is None:
            self._session.failed.emit(self.engines.trouble(Capability.REMOVE), None)
            return
        asked = kept or pending(removal.request, queue, self._session.document, self._tasks)
        self._session.jobs.ask(
            "remove", asked, partial(self._on_removed, removal, choice), queue=queue
        )

    def _on_removed(self, removal: Removal, choice: Choice, result: RemoveResult) -> None:
        document = self._session.document
        if document is None or removal.serial != self._session.serial:
            return  # the picture it was asked for is closed
        is_first = not removal.is_again
        if is_first:
            document.last_removal = removal.request
        variant = self._variants.add(replace(result, engine=label_of(choice, result.engine)))
        if variant is None:
            return
        fits = document.revision == result.revision and not self._session.is_editing
        if is_first and fits:
            self._variants.put("Remove", variant)
        elif is_first:
            self._session.say(
                self.tr("The picture changed meanwhile: the result waits among the variants."),
                MessageLevel.WARNING,
            )
        self._variants.look_for(variant.number)
        if is_first and fits and removal.then is not None and removal.mask is not None:
            removal.then(removal.mask)

    @Slot()
    def _on_opened(self) -> None:
        document = self._session.document
        if document is not None:
            usual = RemoveOptions.for_size(document.size)
            self.set_options(replace(usual, soft_edge=self._session.soft_edge))


def pending(
    request: PendingRequest, queue: JobQueue, document: Document | None, tasks: TaskFiles
) -> PendingRequest | PendingTask:
    """What to ask a queue for; a request to a server is kept on disk until it is over."""
    if queue is not JobQueue.SERVER or document is None:
        return request
    return tasks.keep(request, document.size)
