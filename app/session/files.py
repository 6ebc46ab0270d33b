"""Opens, saves and exports the document; reading and writing run in the worker for files."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.commands.files import (
    PROJECT,
    ExportMaskWork,
    ExportWork,
    FirstLook,
    OpenWork,
    SaveWork,
)
from app.document.document import Document
from app.document.file_stamp import FileStamp
from app.journal.journal import Recovery
from app.services.jobs import Job, JobQueue
from app.session.session import KeepPoint, Session
from engine.errors import EngineError
from engine.geometry import Image
from engine.image_io.limits import Limits
from engine.image_io.proof import Proof
from engine.image_io.writer import ExportOptions
from engine.jobs.requests import Priority
from engine.picture import FirstView, Picture


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arrival:
    """A document that was just read, on its way to the window that shows it.

    With the file that it was opened from, or the journal that it was recovered from.
    """

    document: Document
    path: Path | None = None
    recovery: Recovery | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExportedPicture:
    """A file that was written of the open document, as it was at that moment."""

    document: Document
    point: KeepPoint | None
    path: Path
    options: ExportOptions


class Files(QObject):
    """One file is opened at a time; what was open before stays until the new one is there.

    What was edited meanwhile stays open: the new document is `displaced` to another window.
    """

    opening = Signal(object)  # Path, or None when it came to an end
    first_seen = Signal(object)  # FirstView
    arrived = Signal(object)  # Arrival, about to be adopted
    displaced = Signal(object)  # Arrival for another window
    opened = Signal(object)  # Path
    saved = Signal(object)  # Path of the project
    exported = Signal(object)  # ExportedPicture
    wrote = Signal(object, object)  # Path of anything, and the Proof of a picture or None

    def __init__(
        self, session: Session, limits: Callable[[], Limits], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._find_limits = limits
        self._job: Job | None = None
        self._path: Path | None = None  # of the file that is being opened

    @property
    def limits(self) -> Limits:
        """The limits of what may be opened, by the current settings."""
        return self._find_limits()

    @property
    def is_opening(self) -> bool:
        return self._job is not None and not self._job.is_over

    def has(self, path: Path) -> bool:
        """Whether this file is being opened, or open and unchanged on disk since."""
        if self.is_opening:
            return _is_same(path, self._path)
        document = self._session.document
        if document is None or document.path is None or not _is_same(path, document.path):
            return False
        return FileStamp.of(document.path) == document.stamp

    def open(self, path: Path) -> None:
        """Show a first look as soon as possible, the whole picture when it is decoded."""
        jobs, limits = self._session.jobs, self.limits
        self._path = path
        self.opening.emit(path)
        if path.suffix.lower() != PROJECT:
            jobs.ask(
                "look",
                FirstLook(path=path, limits=limits),
                self._on_first_look,
                priority=Priority.CLICK,
                replaces="look",
                on_failed=lambda _: None,  # the full decode will say what is wrong
            )
        self._job = jobs.ask(
            "open",
            OpenWork(path=path, limits=limits),
            partial(self._on_opened, path),
            replaces="open",
            on_failed=partial(self._on_failed, partial(self.open, path)),
        )

    def adopt_pixels(self, image: Image, alpha: Image | None = None) -> None:
        """Edit a picture that is no file, from the clipboard."""
        pixels = np.ascontiguousarray(image)
        document = Document.from_picture(Picture(pixels=pixels, alpha=alpha), None)
        self.take(Arrival(document=document))

    def take(self, arrival: Arrival) -> None:
        """Show a document here, or let another window do so when something here was edited."""
        if not self._session.is_replaceable:
            self.displaced.emit(arrival)
            return
        self.arrived.emit(arrival)
        self._session.adopt(arrival.document, is_in_file=arrival.recovery is None)
        if arrival.path is not None:
            self.opened.emit(arrival.path)

    def save(self, path: Path, then: Callable[[], object] | None = None) -> None:
        """Write the project as it is now; `then` is called when it is on disk."""
        document, history = self._session.document, self._session.history
        if document is None or history is None:
            return
        lease, point = document.lease(), self._session.keep_point
        self._session.jobs.ask(
            "save",
            SaveWork(lease=lease, path=path, source=document.path),
            partial(self._on_saved, document, point, path, then),
            queue=JobQueue.SAVING,
            keep=lease,
            on_failed=partial(self._on_failed, partial(self.save, path, then)),
        )

    def export(
        self, path: Path, options: ExportOptions, then: Callable[[], object] | None = None
    ) -> None:
        """Write the picture as it is now; `then` is called when it is on disk."""
        document = self._session.document
        if document is None:
            return
        lease, point = document.lease(), self._session.keep_point
        exported = ExportedPicture(document=document, point=point, path=path, options=options)
        self._session.jobs.ask(
            "export",
            ExportWork(lease=lease, path=path, options=options, source=document.path),
            partial(self._on_exported, exported, then),
            queue=JobQueue.SAVING,
            keep=lease,
            on_failed=partial(self._on_failed, partial(self.export, path, options, then)),
        )

    def export_mask(self, path: Path) -> None:
        """The mask as a gray PNG."""
        self._export_marked(path, None)

    def export_cutout(self, path: Path, options: ExportOptions) -> None:
        """The selected part, with a transparent background."""
        self._export_marked(path, options)

    def _export_marked(self, path: Path, options: ExportOptions | None) -> None:
        document = self._session.document
        if document is None:
            return
        lease = document.lease()
        self._session.jobs.ask(
            "export",
            ExportMaskWork(
                lease=lease,
                path=path,
                options=options,
                source=document.path,
                own_colours=self._session.soft_edge,
            ),
            lambda _: self.wrote.emit(path, None),
            queue=JobQueue.SAVING,
            keep=lease,
            on_failed=partial(self._on_failed, partial(self._export_marked, path, options)),
        )

    def _on_first_look(self, view: FirstView | None) -> None:
        if view is not None and self.is_opening:
            self.first_seen.emit(view)

    def _on_opened(self, path: Path, document: Document) -> None:
        self._job = None
        self.opening.emit(None)
        self.take(Arrival(document=document, path=path))

    def _on_failed(self, retry: Callable[[], object], error: EngineError) -> None:
        if not self.is_opening:
            self.opening.emit(None)
        self._session.failed.emit(error, retry)

    def _on_saved(
        self,
        document: Document,
        point: KeepPoint | None,
        path: Path,
        then: Callable[[], object] | None,
        stamp: FileStamp | None,
    ) -> None:
        """It may have been edited since, or another document be open."""
        if document is self._session.document:
            document.path, document.stamp = path, stamp
            self._session.mark_clean(point.save_point if point else None)
            self._session.mark_kept(point)
            self.saved.emit(path)
        self.wrote.emit(path, None)
        if then is not None:
            then()

    def _on_exported(
        self, exported: ExportedPicture, then: Callable[[], object] | None, proof: Proof | None
    ) -> None:
        if exported.document is self._session.document:
            self._session.mark_kept(exported.point)
            self.exported.emit(exported)
        self.wrote.emit(exported.path, proof)
        if then is not None:
            then()


def _is_same(path: Path, other: Path | None) -> bool:
    return other is not None and os.path.realpath(path) == os.path.realpath(other)
