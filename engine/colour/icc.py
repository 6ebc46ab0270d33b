"""ICC profiles as numbers: tone curves and colorants of matrix and gray profiles.

Follows ICC.1:2001-04 and ICC.1:2010 (curveType, parametricCurveType, XYZType). Profiles made of
tables (LUT) are not read here; engine.colour.convert leaves those to LittleCMS.
"""

import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

STEPS = 65_536
D50 = np.array([0.9642, 1.0, 0.8249])
SRGB_TO_XYZ = np.array(
    [
        [0.4360747, 0.3850649, 0.1430804],
        [0.2225045, 0.7168786, 0.0606169],
        [0.0139322, 0.0971045, 0.7141733],
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shape:
    """A profile that is curves and, for RGB, a matrix."""

    curves: tuple[Floats, ...]  # one or three tables of STEPS values: encoded -> linear 0..1
    to_xyz: Floats | None  # (3, 3), D50; None for gray


def srgb_decode(encoded: Floats) -> Floats:
    """Linear light 0..1 of sRGB values 0..1, for arrays of any shape, (...,)."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def srgb_encode(linear: Floats) -> Floats:
    """The sRGB value 0..1 of linear light 0..1, for arrays of any shape, (...,)."""
    safe = np.maximum(linear, 0.0031308)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * safe ** (1 / 2.4) - 0.055)


@lru_cache(maxsize=1)
def srgb() -> Shape:
    """The profile of a picture that has none."""
    curve = srgb_decode(np.linspace(0.0, 1.0, STEPS))
    return Shape(curves=(curve, curve, curve), to_xyz=_to_white(SRGB_TO_XYZ))


def space(icc: bytes) -> str:
    """Colour space of the profile's device side, as `RGB`, `GRAY`, `CMYK`; empty when broken."""
    if len(icc) < 132 or icc[36:40] != b"acsp":
        return ""
    return icc[16:20].decode("latin-1").strip()


def has_tables(icc: bytes) -> bool:
    """Whether an RGB profile holds tables for both ways, to and from the document."""
    try:
        return space(icc) == "RGB" and {b"A2B0", b"B2A0"} <= _tags(icc).keys()
    except (struct.error, ValueError):
        return False


@lru_cache(maxsize=8)
def shape(icc: bytes) -> Shape | None:
    """Curves and matrix; None when the profile is made of tables, broken, or cannot be inverted."""
    try:
        return _parse(icc)
    except (struct.error, ValueError, IndexError, OverflowError, FloatingPointError):
        return None


def _parse(icc: bytes) -> Shape | None:
    tags = _tags(icc)
    if icc[20:24] != b"XYZ ":
        return None
    if space(icc) == "GRAY" and b"kTRC" in tags:
        return Shape(curves=(_curve(tags[b"kTRC"]),), to_xyz=None)
    names = (b"rTRC", b"gTRC", b"bTRC", b"rXYZ", b"gXYZ", b"bXYZ")
    if space(icc) != "RGB" or b"A2B0" in tags or any(name not in tags for name in names):
        return None
    matrix = np.stack([_xyz(tags[name]) for name in names[3:]], axis=1)
    if abs(np.linalg.det(matrix)) < 1e-4:
        return None
    return Shape(curves=tuple(_curve(tags[name]) for name in names[:3]), to_xyz=_to_white(matrix))


def _tags(icc: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", icc, 128)
    if count > 200:
        raise ValueError("tag count")
    entries = (struct.unpack_from(">4sII", icc, 132 + 12 * index) for index in range(count))
    return {name: icc[offset : offset + length] for name, offset, length in entries}


def _xyz(tag: bytes) -> Floats:
    if tag[:4] != b"XYZ ":
        raise ValueError("colorant")
    return np.array(struct.unpack_from(">3i", tag, 8)) / 65_536


def _to_white(matrix: Floats) -> Floats:
    """Scale the rows so that full red, green and blue make D50 exactly: grays stay gray.

    Colorants carry the rounding of their file; left as it is, it would tint 16-bit grays.
    """
    white = matrix.sum(axis=1)
    return matrix * (D50 / white)[:, None] if np.allclose(white, D50, atol=0.02) else matrix


def _curve(tag: bytes) -> Floats:
    grid = np.linspace(0.0, 1.0, STEPS)
    table = _sampled(tag, grid) if tag[:4] == b"curv" else _parametric(tag, grid)
    table = np.maximum.accumulate(np.clip(table, 0.0, 1.0))
    if not np.isfinite(table).all() or table[-1] - table[0] < 0.5:
        raise ValueError("curve")
    return table


def _sampled(tag: bytes, grid: Floats) -> Floats:
    (count,) = struct.unpack_from(">I", tag, 8)
    if count == 0:
        return grid
    if count == 1:
        return grid ** (struct.unpack_from(">H", tag, 12)[0] / 256)
    values = np.frombuffer(tag, ">u2", count, 12).astype(np.float64) / 65_535
    return np.interp(grid, np.linspace(0.0, 1.0, count), values)


def _parametric(tag: bytes, grid: Floats) -> Floats:
    if tag[:4] != b"para":
        raise ValueError("curve type")
    (kind,) = struct.unpack_from(">H", tag, 8)
    count = (1, 3, 4, 5, 7)[kind]
    numbers = [value / 65_536 for value in struct.unpack_from(f">{count}i", tag, 12)]
    g, a, b, c, d, e, f = _full_form(kind, numbers)
    power = np.maximum(a * grid + b, 0.0) ** g + e
    return np.where(grid >= d, power, c * grid + f)


def _full_form(kind: int, numbers: list[float]) -> tuple[float, ...]:
    """Parameters of any kind as (g, a, b, c, d, e, f) of kind 4."""
    g, a, b, c, d, e, f = (*numbers, *[0.0] * (7 - len(numbers)))
    if kind == 0:
        return g, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0
    if kind == 1:
        return g, a, b, 0.0, -b / a if a else 0.0, 0.0, 0.0
    if kind == 2:
        return g, a, b, 0.0, -b / a if a else 0.0, c, c
    return g, a, b, c, d, e, f
