"""The literal list of picture formats, and the boundary that foreign bytes pass.

Nothing else is opened, whatever its name says; a decoder fails with EngineErrors alone.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.errors import ImageTooLarge, ImageUnreadable, OutOfMemory
from engine.storage.foreign_file import FileTooLong, NoRegularFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format and what a file of it can hold when we write it."""

    name: str
    extensions: tuple[str, ...]
    depths: tuple[int, ...] = ()  # empty: read only
    alpha: bool = False
    gray: bool = True
    max_side: int = 0
    has_quality: bool = False
    text: bool = False
    iptc: bool = False

    @property
    def writable(self) -> bool:
        return bool(self.depths)


FORMATS: tuple[Format, ...] = (
    Format(
        name="png", extensions=(".png",), depths=(8, 16), alpha=True, max_side=2**31 - 1, text=True
    ),
    Format(
        name="jpeg",
        extensions=(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
        depths=(8,),
        max_side=65_500,
        has_quality=True,
        iptc=True,
    ),
    Format(
        name="webp",
        extensions=(".webp",),
        depths=(8,),
        alpha=True,
        gray=False,
        max_side=16_383,
        has_quality=True,
    ),
    Format(
        name="tiff",
        extensions=(".tif", ".tiff"),
        depths=(8, 16),
        alpha=True,
        max_side=2**31 - 1,
        iptc=True,
    ),
    Format(
        name="avif",
        extensions=(".avif",),
        depths=(8,),
        alpha=True,
        gray=False,
        max_side=65_535,
        has_quality=True,
    ),
    Format(name="bmp", extensions=(".bmp", ".dib")),
    Format(name="gif", extensions=(".gif",)),
    Format(name="heic", extensions=(".heic", ".heif", ".hif")),
)

_BMP_HEADERS = frozenset((12, 16, 40, 52, 56, 64, 108, 124))
_HEIF_BRANDS = frozenset(
    (
        b"heic",
        b"heix",
        b"heim",
        b"heis",
        b"hevc",
        b"hevx",
        b"mif1",
        b"mif2",
        b"mif3",
        b"msf1",
        b"1pic",
    )
)

EXTENSIONS: tuple[str, ...] = tuple(end for item in FORMATS for end in item.extensions)
"""Every file ending we read, for dialogs and drag and drop."""


def named(name: str) -> Format:
    """The format of this name. Raises KeyError."""
    return {item.name: item for item in FORMATS}[name]


def of_extension(extension: str) -> Format | None:
    """The format a file ending stands for, in any case; None for others."""
    ending = extension.lower()
    return next((item for item in FORMATS if ending in item.extensions), None)


def sniff(head: bytes) -> str | None:
    """Name of the format by the first 64 bytes; None for everything we do not open."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[:4] in (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"):
        return "tiff"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "gif"
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return "bmp"  # the bytes between are reserved, and some programs sign there
    return _sniff_boxes(head)


def _sniff_boxes(head: bytes) -> str | None:
    if head[4:8] != b"ftyp":
        return None
    end = min(len(head), 64, int.from_bytes(head[:4], "big") or 64)
    first = 12 if head[8:12] == b"mif3" else 16  # of the short form, which has no minor version
    brands = {head[8:12], *(head[at : at + 4] for at in range(first, end, 4))}
    if brands & {b"avif", b"avis"}:
        return "avif"
    return "heic" if brands & _HEIF_BRANDS else None


@contextmanager
def translate_errors(path: Path) -> Generator[None]:
    """Whatever a decoder raises leaves as ImageUnreadable or ImageTooLarge, with the path."""
    try:
        yield
    except ImageTooLarge as error:
        raise ImageTooLarge(path, error.what, error.found, error.limit) from error
    except ImageUnreadable as error:
        raise ImageUnreadable(path, error.reason, error.detail) from error
    except NoRegularFile as error:
        raise ImageUnreadable(path, "no-file") from error
    except FileTooLong as error:
        raise ImageTooLarge(path, "file", error.found, error.limit) from error
    except (FileNotFoundError, PermissionError) as error:
        raise ImageUnreadable(path, "access", str(error)) from error
    except MemoryError as error:
        raise OutOfMemory(0, 0) from error
    except Exception as error:
        # decoders of foreign bytes raise anything: IndexError, struct.error, cv2.error, ...
        raise ImageUnreadable(path, "damaged", f"{type(error).__name__}: {error}") from error
