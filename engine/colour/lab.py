"""CIE L*a*b* as TIFF files keep it, to sRGB."""

import numpy as np
from numpy.typing import NDArray

from engine.colour.icc import D50, SRGB_TO_XYZ, Floats, srgb_encode

_STRIP_ROWS = 64
_TOP = 65_535
_KNEE = 6 / 29


def lab_to_srgb(samples: NDArray[np.uint16], bits: int) -> NDArray[np.uint16]:
    """(H, W, 3) uint16 sRGB of (H, W, 3) Lab samples that were scaled to 16 bits from `bits`.

    L runs from 0 to 100 over all values, a and b are signed numbers of `bits` (TIFF 6.0, section
    23), white is D50. Colours outside sRGB are clipped.
    """
    out = np.empty(samples.shape, np.uint16)
    for top in range(0, len(samples), _STRIP_ROWS):
        rows = slice(top, top + _STRIP_ROWS)
        out[rows] = np.rint(_srgb(samples[rows], bits) * _TOP).astype(np.uint16)
    return out


def _srgb(strip: NDArray[np.uint16], bits: int) -> Floats:
    lightness = strip[..., 0] * (100 / _TOP)
    signed = (strip[..., 1:] // 257).astype(np.uint8).view(np.int8) if bits == 8 else None
    a_b = signed if signed is not None else strip[..., 1:].astype(np.int16) / 256
    y = (lightness + 16) / 116
    xyz = np.stack([y + a_b[..., 0] / 500, y, y - a_b[..., 1] / 200], axis=2)
    xyz = np.where(xyz > _KNEE, xyz**3, 3 * _KNEE**2 * (xyz - 4 / 29)) * D50
    linear = xyz @ np.linalg.inv(SRGB_TO_XYZ).T
    return srgb_encode(np.clip(linear, 0, 1))
