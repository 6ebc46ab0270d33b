"""A picture as its file keeps it: own depth, own profile, orientation already applied."""

from dataclasses import dataclass, field

from engine.geometry import Image, Native, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a file carries beside its pixels, as raw bytes that are only parsed when needed."""

    exif: bytes | None = None  # a TIFF structure, without the "Exif" prefix of JPEG
    xmp: bytes | None = None  # one packet, UTF-8
    iptc: bytes | None = None  # IIM records
    dpi: tuple[float, float] | None = None
    text: tuple[tuple[str, str], ...] = ()  # PNG text chunks, in order


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """Pixels of a file. The arrays are read-only."""

    pixels: Native
    alpha: Native | None = None  # (H, W), same depth as the pixels; straight, not premultiplied
    icc: bytes | None = None  # None: sRGB; never a profile that cannot be used both ways
    metadata: Metadata = field(default_factory=Metadata)
    format: str = "png"  # of the file it came from: a name of engine.image_io.formats
    notes: tuple[str, ...] = ()  # what reading changed or left out, codes of engine.image_io.reader

    @property
    def size(self) -> Size:
        return Size.of(self.pixels)

    @property
    def depth(self) -> int:
        """Bits of a channel: 8 or 16."""
        return self.pixels.dtype.itemsize * 8

    @property
    def is_gray(self) -> bool:
        return self.pixels.ndim == 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FirstView:
    """A small view of a picture, shown while the whole is being decoded."""

    image: Image  # 8-bit sRGB, orientation applied
    size: Size  # of the whole picture, orientation applied
    embedded: bool  # from a preview inside the file, not from its pixels
