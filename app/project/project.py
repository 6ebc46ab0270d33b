"""The project file `.lacuna`: a zip that any reader of OpenRaster opens too.

    mimetype              image/openraster, first and stored, so that Krita knows what it is
    stack.xml             hidden masks, the picture, below it the hidden original
    data/*.png            exact pixels in the document's own depth and profile
    mergedimage.png       8-bit sRGB, for viewers
    Thumbnails/thumbnail.png
    lacuna.json           the manifest, which names the other members
    lacuna/*.bin          profile and metadata as they came

Every member is stored: PNG is deflated already.
"""

import zipfile
from pathlib import Path

from app.document.document import Document, Lease
from app.document.file_stamp import FileStamp
from app.project.reader import from_archive
from app.project.writer import Report, write_members
from app.serialization.safe_zip import Archive
from engine.errors import ImageTooLarge, ProjectUnreadable
from engine.image_io.limits import Limits
from engine.storage.atomic_file import mode_of, replace

SUFFIXES = (".lacuna", ".ora")
MAX_BYTES = 4_000_000_000


def save(
    lease: Lease, path: Path, report: Report | None = None, *, source: Path | None = None
) -> None:
    """Write the project; the old file stays until the new one is whole.

    For a worker. A new project is as private as `source`, the file that was opened.
    `report(fraction, code)` may raise to cancel. The lease is released at the end.
    Raises DiskFull or ImageUnwritable.
    """
    try:
        with replace(path, mode=mode_of(source)) as file, zipfile.ZipFile(file, "w") as archive:
            write_members(archive, lease, report or _silent)
    finally:
        lease.release()


def load(path: Path, limits: Limits | None = None) -> Document:
    """Open a project, or the merged image of any other OpenRaster file.

    Raises ProjectUnreadable (reason: missing, permission, newer, damaged) or ImageTooLarge.
    """
    try:
        stamp = FileStamp.of(path)
        with Archive(path, MAX_BYTES) as archive:
            document = from_archive(archive, path, limits or Limits())
        document.stamp = stamp
        return document
    except (ProjectUnreadable, ImageTooLarge, MemoryError):
        raise
    except FileNotFoundError as error:
        raise ProjectUnreadable(path, "missing") from error
    except PermissionError as error:
        raise ProjectUnreadable(path, "permission") from error
    except Exception as error:  # zipfile alone raises a dozen kinds on foreign bytes
        raise ProjectUnreadable(path, "damaged") from error


def _silent(_fraction: float, _note: str) -> None:
    pass
