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
class Coding:
    """How a file codes its pixels, so that an export can do the same; None: not known."""

    quality: int | None = None  # 1..100 on libjpeg's scale: JPEG, nearest to its tables
    subsampling: str | None = None  # JPEG: "4:4:4", "4:2:2", "4:2:0", "4:4:0", "4:1:1" or "4:1:0"
    progressive: bool = False
    lossless: bool | None = None  # WebP, AVIF
    bits: int | None = None  # PNG: of a sample, 1, 2, 4, 8 or 16
    palette: bytes = b""  # PNG: its colours, RGB after RGB
    palette_alpha: bytes = b""  # PNG: of the first colours; the rest is opaque
    interlaced: bool = False
    orientation: int = 1  # EXIF's, 1..8, that was applied to the pixels
    file: bytes | None = None  # JPEG: all of it, where its blocks can be kept
    is_read: bool = False  # the pixels as opened were decoded from `file`, in this very process


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """Pixels of a file. The arrays are read-only."""

    pixels: Native
    alpha: Native | None = None  # (H, W), same depth as the pixels; straight, not premultiplied
    icc: bytes | None = None  # None: sRGB; never a profile that cannot be used both ways
    metadata: Metadata = field(default_factory=Metadata)
    format: str = "png"  # of the file it came from: a name of engine.image_io.formats
    coding: Coding = field(default_factory=Coding)
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
