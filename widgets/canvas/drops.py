"""Reads pictures and paths from drops on the canvas and from the clipboard."""

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage


def is_welcome(mime: QMimeData) -> bool:
    """Whether there is a file or a picture in it."""
    return mime.hasImage() or bool(files(mime))


def files(mime: QMimeData) -> list[str]:
    """Paths of the local files."""
    return [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]


def image(mime: QMimeData) -> QImage | None:
    """The picture itself, when it is there as pixels."""
    if not mime.hasImage():
        return None
    found = mime.imageData()
    return found if isinstance(found, QImage) and not found.isNull() else None
