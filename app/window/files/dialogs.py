"""Commands on files that ask the user first: which file, where to, or whether to save."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from app import paths
from app.commands.files import PROJECT
from app.document.document import Document
from app.document.file_stamp import FileStamp
from app.session.files import Files
from app.session.session import MessageLevel, Session
from app.settings.recent_files import RecentFiles
from app.view import clipboard
from app.window.files.close_question import CloseAnswer, CloseQuestion
from app.window.files.unfinished_work import UnfinishedWork
from app.window.main_window import local_files
from engine.image_io.formats import EXTENSIONS

Then = Callable[[], object]


class FileDialogs(QObject):
    """No dialog blocks: each is opened, and what follows is called when it is answered."""

    windows_requested = Signal(object)  # Sequence[Path]: a new window for each; none: an empty one
    export_requested = Signal(object)  # what is called when the picture is exported
    workflow_chosen = Signal(object)  # Path

    def __init__(
        self,
        window: QWidget,
        session: Session,
        files: Files,
        recent_files: RecentFiles,
        *,
        show_open: Callable[[Path], bool],
    ) -> None:
        """`show_open` shows the window that has a file, and says whether there is one."""
        super().__init__(window)
        self._window, self._session = window, session
        self._files, self._recent_files = files, recent_files
        self._show_open = show_open
        self.work = UnfinishedWork(window, session.jobs)
        self._is_discarded = False  # the user lets go of what is open, in this very call

    @property
    def is_empty(self) -> bool:
        """Whether a file may be opened here without a question."""
        return self._session.document is None and not self._files.is_opening

    def open_path(self, path: Path) -> None:
        """Open it in this window, or in another one when something was edited here.

        One that is open in any window is shown instead.
        """
        if self._show_open(path):
            return
        if self._session.is_replaceable:
            self._files.open(path)
        else:
            self.windows_requested.emit([path])

    @Slot()
    def open(self) -> None:
        """Ask for files."""
        endings = " ".join(f"*{ending}" for ending in (*EXTENSIONS, PROJECT))
        dialog = QFileDialog(self._window, self.tr("Open"), str(self.folder()))
        dialog.setNameFilters([self.tr("Pictures and projects") + f" ({endings})"])
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self.open_many([Path(name) for name in names]))
        self.show(dialog)

    def open_workflow(self) -> None:
        """Ask for a workflow; pictures that ComfyUI made hold theirs."""
        kinds = self.tr("Workflows") + " (*.json *.png *.webp)"
        dialog = QFileDialog(self._window, self.tr("Run workflow"), str(self.folder()), kinds)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.workflow_chosen.emit(Path(name)))
        self.show(dialog)

    def open_many(self, files: list[Path]) -> None:
        """Open the first file here if nothing is open here, the others in windows of their own."""
        if files and self.is_empty:
            self.open_path(files.pop(0))
        if files:
            self.windows_requested.emit(files)

    @Slot()
    def open_sample(self) -> None:
        self.open_many([paths.resource("sample.jpg")])

    def save(self) -> None:
        """Save to the project file of the document; asks when there is none."""
        document = self._session.document
        if document is None:
            return
        self._save(document)

    def _save(self, document: Document, then: Then | None = None) -> None:
        path = document.path
        if path is None or path.suffix.lower() != PROJECT:
            self.save_as(then)
        elif document.stamp is not None and FileStamp.of(path) not in (None, document.stamp):
            text = self.tr("{name} was changed by another program. Choose where to save yours.")
            self._session.say(text.replace("{name}", path.name), MessageLevel.WARNING)
            self.save_as(then)
        else:
            self._files.save(path, then)

    def save_as(self, then: Then | None = None) -> None:
        document = self._session.document
        if document is None:
            return
        name = (document.path or self.folder() / "picture").with_suffix(PROJECT)
        self.path(
            self.tr("Save project"),
            name,
            self.tr("Lacuna project") + f" (*{PROJECT})",
            lambda path: self._files.save(path, then),
        )

    def close_picture(self) -> None:
        if self.may_close(self.close_picture):
            self._session.drop()

    def may_close(self, then: Then, *, is_window: bool = False) -> bool:
        """True when nothing would be lost; else ask, and call `then` when it is settled.

        First for the work that is not finished, then for the edits that are in no file.
        """
        if (running := self.work.question(then, is_window=is_window)) is not None:
            self.show(running)
            return False
        if self._session.is_safe or self._is_discarded:
            return True
        document = self._session.document
        name = document.path.name if document and document.path else self.tr("the picture")
        is_picture_safe = self._session.is_picture_safe
        question = CloseQuestion(self._window, name, is_picture_safe=is_picture_safe)
        question.answered.connect(lambda answer: self._settle(answer, then))
        self.show(question)
        return False

    def _settle(self, answer: CloseAnswer, then: Then) -> None:
        document = self._session.document
        if document is None:
            then()
        elif answer is CloseAnswer.DISCARD:
            self._discard(then)
        elif answer is CloseAnswer.SAVE:
            self._save(document, then)
        elif answer is CloseAnswer.EXPORT:
            self.export_requested.emit(then)

    def _discard(self, then: Then) -> None:
        """The work stays unsaved, and its journal alive, unless `then` closes it at once."""
        self._is_discarded = True
        try:
            then()
        finally:
            self._is_discarded = False

    def copy_picture(self) -> None:
        document = self._session.document
        if document is not None:
            image = clipboard.picture(document)
            QGuiApplication.clipboard().setImage(image)
            self._session.say(self.tr("The picture is on the clipboard."), MessageLevel.SUCCESS)

    def copy_cutout(self) -> None:
        document = self._session.document
        if document is not None and self._session.has_mask:
            image = clipboard.cutout(
                document, self._session.bounds(), own_colours=self._session.soft_edge
            )
            QGuiApplication.clipboard().setImage(image)
            self._session.say(self.tr("The cut-out is on the clipboard."), MessageLevel.SUCCESS)

    @Slot()
    def paste(self) -> None:
        mime = QGuiApplication.clipboard().mimeData()
        if mime is not None:
            self.paste_mime(mime)

    def paste_mime(self, mime: QMimeData) -> None:
        """Files are opened, pixels become a new picture."""
        if files := local_files(mime):
            self.open_many(files)
        elif mime.hasImage():
            self.paste_image(QImage(mime.imageData()))
        else:
            self._session.say(
                self.tr("There is no picture on the clipboard."), MessageLevel.WARNING
            )

    @Slot(QImage)
    def paste_image(self, image: QImage) -> None:
        if not image.isNull():
            self._files.adopt_pixels(*clipboard.arrays(image))

    def path(self, title: str, name: Path, kinds: str, then: Callable[[Path], object]) -> None:
        """Ask where a file is to be written."""
        dialog = QFileDialog(self._window, title, str(name.parent), kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(name.suffix.lstrip("."))
        dialog.selectFile(name.name)
        dialog.fileSelected.connect(lambda chosen: then(Path(chosen)))
        self.show(dialog)

    def show(self, dialog: QFileDialog | QMessageBox) -> None:
        """Open it without waiting; it goes when it is closed."""
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def folder(self) -> Path:
        """The folder of the last file, else the home folder."""
        recent = self._recent_files.paths()
        return recent[0].parent if recent else Path.home()
