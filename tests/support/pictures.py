"""Pictures, profiles and EXIF blocks that tests make for themselves."""

import io
import struct
from collections.abc import Sequence

import numpy as np
from PIL import Image

from engine.picture import Metadata, Picture

D50 = (0.9642, 1.0, 0.8249)
# D50-adapted colorants (columns: red, green, blue) and gamma, from the published primaries
ADOBE_RGB = (
    ((0.60974, 0.20528, 0.14919), (0.31111, 0.62567, 0.06322), (0.01947, 0.06087, 0.74457)),
    2.19921875,
)
DISPLAY_P3 = (
    ((0.51512, 0.29198, 0.1571), (0.2412, 0.69225, 0.06657), (-0.00105, 0.04189, 0.78407)),
    0.0,  # sRGB curve
)
PROPHOTO = (
    ((0.7977, 0.13518, 0.03134), (0.28804, 0.71188, 0.00009), (0.0, 0.0, 0.82487)),
    1.8,
)
SRGB = (
    ((0.43607, 0.38515, 0.14307), (0.22249, 0.71687, 0.06061), (0.01392, 0.09708, 0.7141)),
    0.0,
)


def s15(value: float) -> int:
    return round(value * 65_536)


def xyz_tag(values: Sequence[float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *map(s15, values))


def curve_tag(gamma: float) -> bytes:
    """A gamma, or for 0 the sRGB curve as a v4 parametric curve."""
    if gamma:
        return b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    numbers = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    return b"para" + bytes(4) + struct.pack(">HH5i", 3, 0, *map(s15, numbers))


def assembled(space: bytes, tags: Sequence[tuple[bytes, bytes]], kind: bytes = b"mntr") -> bytes:
    """An ICC profile of these tags."""
    name = b"test profile\0"
    tags = [
        (b"desc", b"desc" + bytes(4) + struct.pack(">I", len(name)) + name + bytes(79)),
        (b"cprt", b"text" + bytes(4) + b"none\0\0\0\0"),
        (b"wtpt", xyz_tag(D50)),
        *tags,
    ]
    at, table, body = 132 + 12 * len(tags), b"", b""
    for name, content in tags:
        table += struct.pack(">4sII", name, at + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    size = at + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"none", 0x02400000, kind, space, b"XYZ ")
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp")
    head = head.ljust(68, b"\0") + struct.pack(">3i", *map(s15, D50))
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def rgb_profile(matrix: Sequence[Sequence[float]], gamma: float) -> bytes:
    columns = list(zip(*matrix))
    return assembled(
        b"RGB ",
        [
            *(
                (name, xyz_tag(column))
                for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns)
            ),
            *((name, curve_tag(gamma)) for name in (b"rTRC", b"gTRC", b"bTRC")),
        ],
    )


def gray_profile(gamma: float) -> bytes:
    return assembled(b"GRAY", [(b"kTRC", curve_tag(gamma))])


def table_profile() -> bytes:
    """An RGB profile made of tables both ways (lut16Type): sRGB's colorants, a gamma of 2.2."""
    return assembled(b"RGB ", [(b"A2B0", _to_xyz()), (b"B2A0", _from_xyz())])


def cmyk_profile() -> bytes:
    """Ink that shades each of sRGB's linear channels; black dims all (lut16Type, both ways)."""
    inks = np.array([[at >> bit & 1 for bit in (3, 2, 1, 0)] for at in range(16)])
    light = (1 - inks[:, :3]) * (1 - inks[:, 3:])
    points = light @ np.array(SRGB[0]).T / _FULL_XYZ
    there = _table(np.eye(3), _STRAIGHT, points, _STRAIGHT)
    shades = np.hstack([1 - _CORNERS, np.zeros((8, 1))])
    back = _table(np.linalg.inv(np.array(SRGB[0])) * _FULL_XYZ, _STRAIGHT, shades, _STRAIGHT)
    return assembled(b"CMYK", [(b"A2B0", there), (b"B2A0", back)], b"prtr")


_FULL_XYZ = 1 + 32_767 / 32_768
_CORNERS = np.array([(r, g, b) for r in (0, 1) for g in (0, 1) for b in (0, 1)])
_STRAIGHT = np.array([0, 1.0])


def _to_xyz() -> bytes:
    curve = np.linspace(0, 1, 1_024) ** 2.2
    return _table(np.eye(3), curve, _CORNERS @ np.array(SRGB[0]).T / _FULL_XYZ, _STRAIGHT)


def _from_xyz() -> bytes:
    matrix = np.linalg.inv(np.array(SRGB[0])) * _FULL_XYZ
    return _table(matrix, _STRAIGHT, _CORNERS, np.linspace(0, 1, 4_096) ** (1 / 2.2))


def _table(matrix: np.ndarray, before: np.ndarray, points: np.ndarray, after: np.ndarray) -> bytes:
    inputs = len(points).bit_length() - 1
    head = b"mft2" + bytes(4) + struct.pack(">BBBx", inputs, points.shape[1], 2)
    head += struct.pack(">9i", *map(s15, matrix.ravel()))
    head += struct.pack(">HH", len(before), len(after))
    numbers = np.concatenate(
        [np.tile(before, inputs), points.ravel(), np.tile(after, points.shape[1])]
    )
    return head + np.clip(np.rint(numbers * 65_535), 0, 65_535).astype(">u2").tobytes()


def exif_block(
    orientation: int = 1, *, gps: bool = True, thumbnail: bytes = b"", order: str = "<"
) -> bytes:
    """Camera, time and exposure; places and a thumbnail by choice."""
    writer = _Blocks(order)
    first = [
        writer.text(0x010F, b"Lacuna Camera Works\0"),
        writer.short(0x0112, orientation),
        writer.child(0x8769, [writer.text(0x9003, b"2026:01:02 03:04:05\0")]),
    ]
    if gps:
        places = [writer.text(1, b"N\0"), writer.fractions(2, (50, 1, 27, 1, 123_456, 10_000))]
        first.append(writer.child(0x8825, places))
    return writer.block(first, thumbnail)


class _Blocks:
    """Just enough of a TIFF writer of its own, so that the engine's is not tested by itself."""

    def __init__(self, order: str) -> None:
        self._order = order

    def text(self, tag: int, content: bytes) -> tuple:
        return tag, 2, len(content), content

    def short(self, tag: int, value: int) -> tuple:
        return tag, 3, 1, struct.pack(self._order + "H", value)

    def long(self, tag: int, value: int) -> tuple:
        return tag, 4, 1, struct.pack(self._order + "I", value)

    def fractions(self, tag: int, values: Sequence[int]) -> tuple:
        packed = struct.pack(f"{self._order}{len(values)}I", *values)
        return tag, 5, len(values) // 2, packed

    def child(self, tag: int, fields: list[tuple]) -> tuple:
        return tag, 4, 1, fields

    def block(self, first: list[tuple], thumbnail: bytes) -> bytes:
        head = b"II*\0" if self._order == "<" else b"MM\0*"
        head += struct.pack(self._order + "I", 8)
        body = self._directory(first, 8)
        if not thumbnail:
            return head + body
        second_at = 8 + len(body)
        link_at = 2 + 12 * len(first)
        linked = struct.pack(self._order + "I", second_at)
        body = body[:link_at] + linked + body[link_at + 4 :]
        small_at = second_at + 2 + 24 + 4
        fields = [self.long(0x0201, small_at), self.long(0x0202, len(thumbnail))]
        return head + body + self._directory(fields, second_at) + thumbnail

    def _directory(self, fields: list[tuple], base: int) -> bytes:
        table = struct.pack(self._order + "H", len(fields))
        tail, tail_at = b"", base + 2 + 12 * len(fields) + 4
        for tag, kind, count, content in fields:
            at = tail_at + len(tail)
            if isinstance(content, list):
                inner = self._directory(content, at)
                tail += inner + bytes(len(inner) % 2)
                content = struct.pack(self._order + "I", at)
            elif len(content) > 4:
                tail += content + bytes(len(content) % 2)
                content = struct.pack(self._order + "I", at)
            table += struct.pack(self._order + "HHI", tag, kind, count) + content.ljust(4, b"\0")
        return table + bytes(4) + tail


XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
    'xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'tiff:Orientation="6" exif:GPSLatitude="50,27.1N">'
    "<exif:GPSLongitude>30,31.2E</exif:GPSLongitude>"
    "<dc:subject>лакуна</dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>"
).encode()
IPTC = b"\x1c\x02\x05\x00\x06Lacuna" + b"\x1c\x02\x50\x00\x04Anna"


def noise(
    height: int, width: int, *, depth: int = 8, gray: bool = False, seed: int = 0
) -> np.ndarray:
    """Smooth enough to look like a picture, with every value possible."""
    random = np.random.default_rng(seed)
    shape = (height, width) if gray else (height, width, 3)
    dtype = np.uint8 if depth == 8 else np.uint16
    return random.integers(0, np.iinfo(dtype).max, shape, endpoint=True).astype(dtype)


def smooth(height: int, width: int) -> np.ndarray:
    """Slow 8-bit gradients, which lossy formats keep within a few levels."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack(
        [x * 255 / max(1, width - 1), y * 255 / max(1, height - 1), (x + y) % 256 / 2 + 64], axis=2
    ).astype(np.uint8)


def picture(
    height: int = 12,
    width: int = 17,
    *,
    depth: int = 8,
    gray: bool = False,
    alpha: bool = False,
    icc: bytes | None = None,
    metadata: Metadata | None = None,
) -> Picture:
    return Picture(
        pixels=noise(height, width, depth=depth, gray=gray),
        alpha=noise(height, width, depth=depth, gray=True, seed=9) if alpha else None,
        icc=icc,
        metadata=metadata or Metadata(),
    )


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    """The bytes that Pillow writes."""
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()
