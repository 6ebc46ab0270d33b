"""Exports the picture, the mask or the cut-out: at once with the last options, or by a dialog."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QWidget

from app.commands.export_estimate import EstimateWork, ExportEstimate
from app.commands.files import export_path
from app.document.generation_text import parameters_of
from app.services.jobs import JobQueue
from app.services.preferences import Preferences
from app.session.files import Files
from app.session.session import Session
from app.settings.export_options import BY_MODEL, DEFAULT, restored
from app.window.files.dialogs import FileDialogs
from engine.image_io.writer import ExportOptions
from engine.jobs.requests import Priority

if TYPE_CHECKING:
    from app.dialogs.export.dialog import ExportChoice


class ExportFlow(QObject):
    """An export goes beside the source by default, under a name of its own."""

    def __init__(
        self,
        window: QWidget,
        session: Session,
        files: Files,
        preferences: Preferences,
        dialogs: FileDialogs,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._files = window, session, files
        self._preferences, self._dialogs = preferences, dialogs

    def last_options(self) -> ExportOptions:
        document = self._session.document
        source_format = document.picture().format if document else "png"
        saved = self._preferences.current.export
        options = restored(saved, source_format=source_format)
        by_hand = options.source_type == DEFAULT.source_type
        if document is not None and by_hand and parameters_of(document):
            options = replace(options, source_type=BY_MODEL)
        return options

    def quick(self) -> None:
        """Export without a dialog; an existing file is never replaced."""
        document = self._session.document
        if document is not None:
            options = self.last_options()
            path = free_path(export_path(document, self._dialogs.folder(), options))
            self._files.export(path, options)

    def ask(self, what: str = "picture", then: Callable[[], object] | None = None) -> None:
        """Open the dialog; it is modal to its window, so the picture stays as it is.

        `then` is called when the picture was written.
        """
        from app.dialogs.export.dialog import ExportDialog

        document = self._session.document
        if document is None:
            return
        dialog = ExportDialog(
            document.picture(),
            export_path(document, self._dialogs.folder(), self.last_options()),
            self._preferences,
            source=document.path,
            has_mask=self._session.has_mask,
            estimate=self._estimate,
            parent=self._window,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(lambda choice: self._export(choice, then))
        if what != "picture":
            dialog.what.set_value(what)
            dialog.what.changed.emit(what)
        dialog.open()

    def _estimate(self, work: EstimateWork, then: Callable[[ExportEstimate], None]) -> None:
        self._session.jobs.ask(
            "estimate",
            work,
            then,
            queue=JobQueue.MASKS,
            priority=Priority.PREPARE,
            replaces="estimate",
        )

    @Slot(object)
    def ask_before_closing(self, then: Callable[[], object]) -> None:
        self.ask("picture", then)

    def _export(self, choice: "ExportChoice", then: Callable[[], object] | None) -> None:
        if choice.what == "picture":
            self._files.export(choice.path, choice.options, then)
        elif choice.what == "mask":
            self._files.export_mask(choice.path)
        else:
            self._files.export_cutout(choice.path, choice.options)


def free_path(path: Path) -> Path:
    """The path, with a number if something is there already."""
    number, found = 2, path
    while found.exists():
        found = path.with_stem(f"{path.stem}-{number}")
        number += 1
    return found
