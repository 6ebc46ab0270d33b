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
from app.project.limits import OF_OTHERS, OWN
from app.project.reader import from_archive
from app.project.writer import Report, write_members
from app.serialization.safe_zip import Archive
from engine.errors import Cancelled, ImageTooLarge, ProjectTooLarge, ProjectUnreadable
from engine.image_io.limits import Limits
from engine.storage.atomic_file import mode_of, replace

OTHERS = ".ora"
SUFFIXES = (".lacuna", OTHERS)


def save(
    lease: Lease, path: Path, report: Report | None = None, *, source: Path | None = None
) -> None:
    """Write the project; the old file stays until the new one is whole.

    For a worker. A new project is as private as `source`, the file that was opened.
    `report(fraction, code)` may raise to cancel. The lease is released at the end.
    Raises ProjectTooLarge for what `load` would refuse, DiskFull or ImageUnwritable.
    """
    try:
        mode = mode_of(source)
        with replace(path, mode=mode) as file, zipfile.ZipFile(file, "w") as archive:
            write_members(archive, lease, report or _silent, path=path, limits=OWN)
    finally:
        lease.release()


def load(path: Path, limits: Limits | None = None, report: Report | None = None) -> Document:
    """Open a project, or the merged image of any other OpenRaster file.

    For a worker. `report(fraction, code)` may raise to cancel.
    Raises ProjectUnreadable (reason: missing, permission, newer, damaged), ProjectTooLarge or
    ImageTooLarge.
    """
    allowed = OF_OTHERS if path.suffix.lower() == OTHERS else OWN
    try:
        stamp = FileStamp.of(path)
        with Archive(path, allowed.archive) as archive:
            document = from_archive(
                archive, path, limits or Limits(), report or _silent, allowed=allowed
            )
        document.stamp = stamp
        return document
    except (ProjectUnreadable, ProjectTooLarge, ImageTooLarge, MemoryError, Cancelled):
        raise
    except FileNotFoundError as error:
        raise ProjectUnreadable(path, "missing") from error
    except PermissionError as error:
        raise ProjectUnreadable(path, "permission") from error
    except Exception as error:  # zipfile alone raises a dozen kinds on foreign bytes
        raise ProjectUnreadable(path, "damaged") from error


def _silent(_fraction: float, _note: str) -> None:
    pass
