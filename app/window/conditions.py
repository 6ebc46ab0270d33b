"""The state of a window as yes or no: one method for each requirement of the actions."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from app.actions.action import Requirement
from app.services.jobs import Job, JobState
from app.services.light_models import LightModels
from app.session.verbs import Verbs
from app.tools.tools import Tools


class Conditions(QObject):
    """`by_requirement` answers for each Requirement whether it is met now."""

    changed = Signal()  # one of them may be met that was not, or the reverse

    def __init__(self, verbs: Verbs, tools: Tools, light: LightModels) -> None:
        super().__init__(tools)
        self._verbs, self._tools, self._light = verbs, tools, light
        self.by_requirement: dict[Requirement, Callable[[], bool]] = {
            Requirement.NOTHING: self._always,
            Requirement.PICTURE: self._has_picture,
            Requirement.SELECTION: self._has_selection,
            Requirement.COMING_SELECTION: self._will_have_selection,
            Requirement.RESELECT: self._can_reselect,
            Requirement.UNDO: self._can_undo,
            Requirement.REDO: self._can_redo,
            Requirement.POINTS: self._has_points,
            Requirement.CANDIDATES: self._has_candidates,
            Requirement.OBJECTS: self._has_objects,
            Requirement.OBJECT: self._has_current_object,
            Requirement.FOUND: self._has_picked_finds,
            Requirement.REMOVED: self._can_remove_again,
            Requirement.VARIANTS: self._has_variants,
            Requirement.APPLICABLE: self._can_apply,
            Requirement.PAINTING: self._shows_painting,
            Requirement.TASK: self._has_task,
            Requirement.BRUSH: self._has_brush,
            Requirement.LIGHT_OFFERED: self._is_light_offered,
        }

        session, finder = verbs.session, verbs.finder
        light.changed.connect(self.changed)
        for changed in (session.changed, finder.changed, tools.chosen):
            changed.connect(self.changed)
        session.jobs.changed.connect(self._on_job)

    @Slot(object)
    def _on_job(self, job: Job) -> None:
        if job.state is not JobState.RUNNING:  # it was asked, or is over
            self.changed.emit()

    def _always(self) -> bool:
        return True

    def _has_picture(self) -> bool:
        return self._verbs.session.document is not None

    def _has_selection(self) -> bool:
        return self._verbs.session.has_mask

    def _will_have_selection(self) -> bool:
        return self._verbs.pending.has_selection

    def _can_reselect(self) -> bool:
        return self._verbs.mask_editor.can_reselect

    def _can_undo(self) -> bool:
        return self._verbs.pending.can_undo

    def _can_redo(self) -> bool:
        history = self._verbs.session.history
        return history is not None and history.can_redo

    def _has_points(self) -> bool:
        return bool(self._verbs.click_selector.points) or self._tools.name == "polygon"

    def _has_candidates(self) -> bool:
        return len(self._verbs.click_selector.candidates) > 1

    def _has_objects(self) -> bool:
        objects = self._verbs.objects
        return bool(objects.shown() or objects.checked)

    def _has_current_object(self) -> bool:
        return self._verbs.objects.current >= 0

    def _has_picked_finds(self) -> bool:
        return bool(self._verbs.finder.picked)

    def _can_remove_again(self) -> bool:
        return self._verbs.remover.can_ask_again

    def _has_variants(self) -> bool:
        return bool(self._verbs.variants.all)

    def _can_apply(self) -> bool:
        return self._verbs.variants.can_apply

    def _shows_painting(self) -> bool:
        variant = self._verbs.variants.current
        return variant is not None and variant.request is not None

    def _has_task(self) -> bool:
        return self._verbs.session.jobs.running()

    def _has_brush(self) -> bool:
        return self._tools.is_brush

    def _is_light_offered(self) -> bool:
        return self._light.is_offered() and self._light.current is None
