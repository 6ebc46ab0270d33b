"""Upper limits for foreign files, checked before anything is decoded."""

from dataclasses import dataclass
from pathlib import Path

from engine.errors import ImageTooLarge
from engine.geometry import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Upper bounds; `what` of ImageTooLarge names the field that was passed."""

    pixels: int = 120_000_000
    side: int = 32_768
    file: int = 1_000_000_000  # bytes
    metadata: int = 8_000_000  # bytes, unpacked; text chunks, EXIF, XMP together
    profile: int = 4_000_000  # bytes, unpacked
    frames: int = 1_000
    strips: int = 131_072  # pieces that a TIFF is cut into
    samples: int = 8  # channels of a TIFF

    def check(self, what: str, found: int, path: Path | None = None) -> None:
        """Raise ImageTooLarge when `found` is over the limit called `what`."""
        limit: int = getattr(self, what)
        if found > limit:
            raise ImageTooLarge(path, what, found, limit)

    def check_size(self, size: Size, path: Path | None = None) -> None:
        """Raise ImageTooLarge for a side or an area over the limit."""
        self.check("side", max(size), path)
        self.check("pixels", size.pixels, path)
