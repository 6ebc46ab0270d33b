"""Writes the request that Lacuna would send to a server as files that ComfyUI opens."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import QObject

from app.services.engines import Engines
from app.services.jobs import JobQueue
from app.services.servers import Servers
from app.session.session import MessageLevel
from app.session.verbs import Verbs
from app.window.files.dialogs import FileDialogs
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.geometry import Image, Mask
from engine.inpaint.crops import RemoveOptions
from engine.jobs.backend import JobContext
from engine.jobs.paint_settings import PaintSettings
from engine.jobs.requests import FindRequest, InpaintRequest, RemoveRequest
from engine.models.model_file import Installed
from engine.storage import atomic_file as atomic
from engine.tasks import plan_inpaint, plan_remove

Exportable: TypeAlias = InpaintRequest | RemoveRequest | FindRequest


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SelectedJob:
    """The request that Paint or, without settings, Remove would make now."""

    view: Image
    mask: Mask
    options: RemoveOptions
    settings: PaintSettings | None
    seed: int

    def request(self) -> InpaintRequest | RemoveRequest:
        if self.settings is None:
            return plan_remove(self.view, self.mask, self.options)
        return plan_inpaint(self.view, self.mask, self.options, self.settings, seed=self.seed)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WriteWorkflow:
    """Writes a workflow for ComfyUI's window, one for its API, and the pictures that they read."""

    what: Exportable | SelectedJob
    installed: Installed
    snapshot: ServerSnapshot | None
    path: Path  # of the file for the window

    def run(self, job: JobContext) -> int:
        """The number of pictures. Raises EngineErrors; existing files are replaced."""
        from engine.workflow.export import export_request

        job.report(0.0)
        what = self.what.request() if isinstance(self.what, SelectedJob) else self.what
        done = export_request(
            what, self.installed, job, stem=self.path.stem, snapshot=self.snapshot
        )
        files = {self.path: done.ui, self.path.with_suffix(".api.json"): done.api}
        files |= {self.path.with_name(name): content for name, content in done.pictures.items()}
        for file, content in files.items():
            with atomic.replace(file) as stream:
                stream.write(content)
        return len(done.pictures)


class WorkflowExport(QObject):
    """Asks for a file and has the workflow written in the background."""

    def __init__(
        self, verbs: Verbs, engines: Engines, servers: Servers, dialogs: FileDialogs
    ) -> None:
        super().__init__(dialogs)
        self._verbs, self._engines, self._servers = verbs, engines, servers
        self._dialogs = dialogs

    def ask(self) -> None:
        """Ask for a file, and write the shown painting, else the request of now."""
        what = self._what()
        document = self._verbs.session.document
        if document is None:
            return
        if what is None:
            text = self.tr("Select something, find something, or look at a painting first.")
            self._verbs.session.say(text, MessageLevel.WARNING)
            return
        stem = document.path.stem if document.path else self.tr("picture")
        self._dialogs.path(
            self.tr("Export workflow"),
            self._dialogs.folder() / f"{stem}-workflow.json",
            self.tr("ComfyUI workflow (*.json)"),
            lambda path: self.write(what, path),
        )

    def write(self, what: Exportable | SelectedJob, path: Path) -> None:
        ready = tuple(self._servers.ready.values())
        work = WriteWorkflow(
            what=what,
            installed=self._engines.at_hand_anywhere,
            snapshot=ready[0] if ready else None,
            path=path,
        )
        self._verbs.session.jobs.ask(
            "export",
            work,
            lambda count: self._on_written(path, count),
            queue=JobQueue.FILES,
            on_failed=lambda error: self._verbs.session.failed.emit(error, None),
        )

    def _on_written(self, path: Path, count: int) -> None:
        text = self.tr(
            "Wrote {file}. Put the %n picture(s) beside it into ComfyUI's folder “input”.",
            "",
            count,
        )
        self._verbs.session.say(text.replace("{file}", path.name))

    def _what(self) -> Exportable | SelectedJob | None:
        session, variants = self._verbs.session, self._verbs.variants
        shown = variants.current or (
            variants.all[variants.applied_index] if variants.applied_index >= 0 else None
        )
        if shown is not None and shown.request is not None:
            return shown.request
        document, painter = session.document, self._verbs.painter
        if document is not None and session.has_mask:
            lease = document.lease()
            paints = bool(painter.settings.prompt) and painter.checkpoint is not None
            name = painter.checkpoint.name if painter.checkpoint else ""
            return SelectedJob(
                view=lease.view,
                mask=lease.mask,
                options=painter.options if paints else self._verbs.remover.options,
                settings=replace(painter.settings, checkpoint=name) if paints else None,
                seed=painter.choices.seed,
            )
        finder = self._verbs.finder
        if document is not None and finder.prompt:
            view = document.lease(mask=False).view
            return FindRequest(image=view, key="", prompt=finder.prompt, exemplars=finder.exemplars)
        return None
