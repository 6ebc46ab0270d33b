"""Opens pictures and projects, saves projects, exports pictures and masks: jobs of any thread."""

from dataclasses import dataclass
from pathlib import Path

from app.commands.export import export
from app.document.document import Document, Lease
from app.document.file_stamp import FileStamp
from engine.geometry import Size
from engine.image_io.first_view import first_view
from engine.image_io.formats import EXTENSIONS, named, of_extension
from engine.image_io.limits import Limits
from engine.image_io.mask_file import MaskFile, mask_of, read_mask
from engine.image_io.proof import Proof
from engine.image_io.reader import read
from engine.image_io.writer import ExportOptions, write_cutout, write_mask
from engine.jobs.backend import JobContext
from engine.picture import FirstView, Picture

PROJECT = ".lacuna"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstLook:
    """Job: a small version of a file, at once."""

    path: Path
    limits: Limits

    def run(self, job: JobContext) -> FirstView | None:
        job.report(0.0)
        return first_view(self.path, limits=self.limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWork:
    """Job: a picture or a project, ready to be edited."""

    path: Path
    limits: Limits

    def run(self, job: JobContext) -> Document:
        """Raises FileErrors."""
        job.report(0.0, "read")
        if self.path.suffix.lower() == PROJECT:
            from app.project import project  # XML and JSON: commands do without

            return project.load(self.path, self.limits, job.report)
        return open_picture(self.path, self.limits)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SaveWork:
    """Job: write a project file from the arrays of one moment."""

    lease: Lease
    path: Path
    source: Path | None = None  # the file that was opened: a new project is as private

    def run(self, job: JobContext) -> FileStamp | None:
        """Raises ImageUnwritable, DiskFull."""
        from app.project import project

        project.save(self.lease, self.path, job.report, source=self.source)
        return FileStamp.of(self.path)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExportWork:
    """Job: write a picture file, and compare it with the source."""

    lease: Lease
    path: Path
    options: ExportOptions
    source: Path | None  # the file that was opened: a new one is as private

    def run(self, job: JobContext) -> Proof | None:
        """Raises ImageUnwritable, DiskFull."""
        return export(
            self.lease, self.path, self.options, job.report, apart=True, source=self.source
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExportMaskWork:
    """Job: write the mask as a gray picture, or with options the pixels that it marks."""

    lease: Lease
    path: Path
    options: ExportOptions | None
    source: Path | None
    own_colours: bool = False  # of a cut-out: without those of the ground at its edge

    def run(self, job: JobContext) -> None:
        """Raises ImageUnwritable, DiskFull."""
        job.report(0.0, "save")
        lease, path, source = self.lease, self.path, self.source
        if self.options is not None:
            write_cutout(
                lease.picture, lease.mask, path, self.options, job.report,
                source=source, own_colours=self.own_colours,
            )  # fmt: skip
        else:
            write_mask(lease.mask, path, source=source)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenMaskWork:
    """Job: read a mask file for a picture of this size."""

    path: Path
    size: Size
    limits: Limits

    def run(self, job: JobContext) -> MaskFile:
        """Raises FileErrors."""
        job.report(0.0)
        return read_mask(self.path, self.size, self.limits)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskOfPixelsWork:
    """Job: what pixels of the clipboard mark in a picture of this size; `name` is for messages."""

    picture: Picture
    name: str
    size: Size

    def run(self, job: JobContext) -> MaskFile:
        """Raises MaskInvalid."""
        job.report(0.0)
        return mask_of(self.picture, Path(self.name), self.size)


def open_picture(path: Path, limits: Limits | None = None) -> Document:
    """Read a picture file; the usual limits count where none are given. Raises FileErrors."""
    stamp = FileStamp.of(path)
    document = Document.from_picture(read(path, limits or Limits()), path)
    document.stamp = stamp
    return document


def can_open(path: Path) -> bool:
    """By its ending; what is inside decides later."""
    return path.suffix.lower() in (PROJECT, *EXTENSIONS)


def export_path(document: Document, folder: Path, options: ExportOptions) -> Path:
    """Beside the source, never the source itself; without a source in `folder`."""
    source = document.path or folder / "picture"
    known = of_extension(source.suffix)
    if known is not None and known.name == options.format:
        ending = source.suffix
    else:
        ending = named(options.format).extensions[0]
    return source.with_name(f"{source.stem}-lacuna{ending}")
