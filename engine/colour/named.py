"""Profiles for colours that a file names without one: primaries and curves (H.273, EXIF, PNG).

They are ICC profiles of version 4 with a matrix or, for gray, one curve.
"""

import struct
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np

from engine.colour.icc import D50, Floats

Point: TypeAlias = tuple[float, float]
Curve: TypeAlias = tuple[float, ...]
"""Parameters of a parametricCurveType: (g,) or (g, a, b, c, d)."""

D65: Point = (0.3127, 0.3290)
SRGB_CURVE: Curve = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_REC709_CURVE: Curve = (1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081)
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


class Primaries(NamedTuple):
    """Chromaticities (x, y) of red, green, blue and white."""

    red: Point
    green: Point
    blue: Point
    white: Point = D65


SRGB = Primaries((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
ADOBE = Primaries((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
_PRIMARIES = {
    1: SRGB,
    5: Primaries((0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    7: Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    9: Primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    12: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
_CURVES: dict[int, Curve] = {
    1: _REC709_CURVE,
    4: (2.2,),
    5: (2.8,),
    6: _REC709_CURVE,
    8: (1.0,),
    13: SRGB_CURVE,
    14: _REC709_CURVE,
    15: _REC709_CURVE,
}
_UNSPECIFIED, _PQ, _HLG = 2, 16, 18


class Named(NamedTuple):
    """A profile (None: sRGB, or not known), and the note that goes with it."""

    icc: bytes | None = None
    notes: tuple[str, ...] = ()


def of_code_points(primaries: int, transfer: int, *, gray: bool) -> Named:
    """Of the colour primaries and transfer characteristics of ITU-T H.273."""
    if transfer in (_PQ, _HLG):
        return Named(notes=("colours-pq" if transfer == _PQ else "colours-hlg",))
    primaries = 1 if primaries == _UNSPECIFIED else primaries
    transfer = 13 if transfer == _UNSPECIFIED else transfer
    if (primaries, transfer) == (1, 13):
        return Named()
    if primaries not in _PRIMARIES or transfer not in _CURVES:
        return Named(notes=("colours-unknown",))
    return of_primaries(_PRIMARIES[primaries], _CURVES[transfer], gray=gray)


def of_primaries(primaries: Primaries, curve: Curve, *, gray: bool) -> Named:
    """Of primaries and a curve; those that make no sense are noted as unknown."""
    try:
        return Named(profile(primaries, curve, gray=gray), ("colours-named",))
    except (ValueError, ZeroDivisionError, np.linalg.LinAlgError, struct.error):
        return Named(notes=("colours-unknown",))


def adobe_rgb(*, gray: bool) -> Named:
    """Adobe RGB (1998), as cameras name it in EXIF."""
    return of_primaries(ADOBE, (2.19921875,), gray=gray)


@lru_cache(maxsize=16)
def profile(primaries: Primaries, curve: Curve, *, gray: bool) -> bytes:
    """An ICC profile. Raises ValueError or LinAlgError for impossible primaries."""
    tags = {b"desc": _text("Named colours"), b"cprt": _text("No copyright"), b"wtpt": _xyz(D50)}
    if gray:
        return _file(b"GRAY", {**tags, b"kTRC": _curve(curve)})
    adaptation, colorants = _adapted(primaries)
    if not np.isfinite(colorants).all() or abs(np.linalg.det(colorants)) < 1e-3:
        raise ValueError("primaries")
    tags[b"chad"] = b"sf32" + bytes(4) + _fixed(*adaptation.ravel())
    for index, letter in enumerate((b"r", b"g", b"b")):
        tags[letter + b"XYZ"] = _xyz(colorants[:, index])
        tags[letter + b"TRC"] = _curve(curve)
    return _file(b"RGB ", tags)


def _adapted(primaries: Primaries) -> tuple[Floats, Floats]:
    """The adaptation from the white to D50 (Bradford), and the colorants under D50 (3, 3)."""
    white = _to_xyz(primaries.white)
    corners = np.stack([_to_xyz(each) for each in primaries[:3]], axis=1)
    to_xyz = corners * np.linalg.solve(corners, white)
    scale = np.diag((_BRADFORD @ D50) / (_BRADFORD @ white))
    adaptation = np.linalg.inv(_BRADFORD) @ scale @ _BRADFORD
    return adaptation, adaptation @ to_xyz


def _to_xyz(point: Point) -> Floats:
    x, y = point
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _file(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    at, table, body = 132 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += name + struct.pack(">II", at + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    head = struct.pack(">I4xI4s4s4s12s4s", at + len(body), 0x04300000, b"mntr", space, b"XYZ ",
                       struct.pack(">6H", 2024, 1, 1, 0, 0, 0), b"acsp")  # fmt: skip
    head = head.ljust(68, b"\0") + _fixed(*D50)
    return head.ljust(128, b"\0") + table + body


def _text(words: str) -> bytes:
    content = words.encode("utf-16-be")
    return struct.pack(">4s4xII2s2sII", b"mluc", 1, 12, b"en", b"US", len(content), 28) + content


def _xyz(values: Floats) -> bytes:
    return b"XYZ " + bytes(4) + _fixed(*values)


def _curve(parameters: Curve) -> bytes:
    kind = 0 if len(parameters) == 1 else 3
    return b"para" + bytes(4) + struct.pack(">HH", kind, 0) + _fixed(*parameters)


def _fixed(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(float(value) * 65_536) for value in values))
