"""A workflow of ComfyUI as a recipe for the open picture, step by step as by hand."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.engines import Engines
from app.jobs import Desk
from app.session import Level, Session
from app.session_variants import Variants
from app.window_crew import WindowCrew
from app.workflow_work import OpenedWorkflow, OpenWorkflow, RunWorkflow, Values
from engine.requests import InpaintResult, RemoveResult
from engine.workflow.here import Result
from engine.workflow.here_photo import Step


class Workflows(QObject):
    """Emits `opened` with an OpenedWorkflow when a file was read."""

    opened = Signal(object)

    def __init__(
        self, session: Session, variants: Variants, engines: Engines, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._variants, self.engines = session, variants, engines

    def open(self, path: Path) -> None:
        self._session.jobs.ask(
            "workflow",
            OpenWorkflow(path=path),
            self.opened.emit,
            desk=Desk.FILES,
            on_failed=lambda error: self._session.failed.emit(error, None),
        )

    def run(self, opened: OpenedWorkflow, values: Values, place: str) -> None:
        """Do it with the open picture; `place`: here, server, or "" = wherever is best."""
        session, document = self._session, self._session.document
        if document is None or session.is_editing:
            return
        lease = document.lease(mask=session.has_mask)
        work = RunWorkflow(
            opened=opened,
            values=values,
            crew=WindowCrew(self.engines, session.jobs, place),
            picture=document.picture(),
            view=lease.view,
            mask=lease.mask if session.has_mask else None,
        )
        session.jobs.ask(
            "workflow",
            work,
            partial(self._on_done, session.serial, document.revision),
            desk=Desk.WORKFLOW,
            keep=lease,
            on_failed=lambda error: session.failed.emit(error, None),
        )

    def _on_done(self, serial: int, revision: int, result: Result | None) -> None:
        document = self._session.document
        if document is None or serial != self._session.serial:
            return
        steps = result.photos[0].steps if result and result.photos else ()
        if not steps:
            text = self.tr("The workflow changed nothing in the picture.")
            self._session.say(text, Level.WARNING)
            return
        if document.revision != revision or self._session.is_editing:
            text = self.tr("The picture changed meanwhile: run the workflow again.")
            self._session.say(text, Level.WARNING)
            return
        self._take(steps)

    def _take(self, steps: tuple[Step, ...]) -> None:
        """Removals are applied, as Remove does; a painting at the end waits to be applied."""
        for number, step in enumerate(steps, 1):
            document = self._session.document
            if document is None or not isinstance(step.result, RemoveResult | InpaintResult):
                return
            result = replace(step.result, revision=document.revision)
            request = step.request and replace(step.request, revision=document.revision)
            variant = self._variants.add(result, request)
            if variant is None:
                return
            if number < len(steps) or request is None:
                self._variants.put("Paint" if request else "Remove", variant)
            self._variants.look_for(variant.number)
