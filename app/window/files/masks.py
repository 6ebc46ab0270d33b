"""Masks from outside: a file that is chosen, dropped or pasted, or pixels, become the selection."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Slot
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from app.session.mask_editor import MaskEditor
from app.session.session import MessageLevel, Session
from app.view import clipboard
from app.window.files.dialogs import FileDialogs
from app.window.main_window import local_files
from engine.image_io.formats import EXTENSIONS


class MaskSources(QObject):
    """One file is one mask; what it means is the reader's to say."""

    def __init__(
        self, window: QWidget, session: Session, mask_editor: MaskEditor, dialogs: FileDialogs
    ) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self._mask_editor, self._dialogs = mask_editor, dialogs

    def ask(self) -> None:
        """Ask for a mask file."""
        kinds = self.tr("Masks") + f" ({' '.join(f'*{ending}' for ending in EXTENSIONS)})"
        folder = str(self._dialogs.folder())
        dialog = QFileDialog(self._window, self.tr("Open mask"), folder, kinds)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self._mask_editor.open_file(Path(name)))
        self._dialogs.show(dialog)

    def paste(self) -> None:
        """Make what is on the clipboard the selection."""
        mime = QGuiApplication.clipboard().mimeData()
        if mime is not None:
            self.take(mime)

    @Slot(object)
    def take(self, mime: QMimeData) -> None:
        """Files or pixels that were dropped or pasted; says what is missing."""
        if self._session.document is None:
            self._warn(self.tr("Open the picture first, then the mask for it."))
        elif files := local_files(mime):
            self._take_files(files)
        elif mime.hasImage() and not (image := QImage(mime.imageData())).isNull():
            name = self.tr("from the clipboard")
            self._mask_editor.open_pixels(name, *clipboard.arrays(image))
        else:
            self._warn(self.tr("There is no mask in it: take a picture file or copied pixels."))

    def _take_files(self, files: list[Path]) -> None:
        if len(files) == 1:
            self._mask_editor.open_file(files[0])
        else:
            self._warn(self.tr("Take one mask file at a time."))

    def _warn(self, text: str) -> None:
        self._session.say(text, MessageLevel.WARNING)
