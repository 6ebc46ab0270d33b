"""PNG files inside projects and journals: exact pixels, 8 or 16 bit, gray, RGB or RGBA."""

import struct
from typing import cast

import cv2
import numpy as np

from engine.geometry import Native, Size
from engine.image_io.encoding import png_writer
from engine.image_io.headers.png import SIGNATURE

_GRAY, _RGB, _RGBA = 0, 2, 6


def encode(pixels: Native, alpha: Native | None = None, icc: bytes | None = None) -> bytes:
    """A PNG of (H, W) or (H, W, 3) pixels, uint8 or uint16; gray with alpha is written as RGBA."""
    if alpha is not None and pixels.ndim == 2:
        pixels = cast(Native, cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB))
    profile = () if icc is None else (png_writer.profile_chunk(icc),)
    return png_writer.encode_png(pixels, alpha, chunks=profile, compression=png_writer.QUICK)


def decode(data: bytes, size: Size, *, depth: int, channels: int) -> Native:
    """(H, W) pixels, uint8 or uint16, or (H, W, C) for 3 or 4 channels.

    Raises ValueError, before anything is unpacked, if the PNG has not exactly this size, depth and
    number of channels.
    """
    colour = {1: _GRAY, 3: _RGB, 4: _RGBA}[channels]
    wanted = struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, 0)
    if data[:8] != SIGNATURE or data[12:16] != b"IHDR" or data[16:29] != wanted:
        raise ValueError("not the PNG that was announced")
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    shape = (size.height, size.width) if channels == 1 else (size.height, size.width, channels)
    if pixels is None or pixels.shape != shape or pixels.dtype.itemsize * 8 != depth:
        raise ValueError("damaged PNG")
    return _from_bgr(cast(Native, pixels))


def _from_bgr(pixels: Native) -> Native:
    if pixels.ndim == 2:
        return pixels
    code = cv2.COLOR_BGR2RGB if pixels.shape[2] == 3 else cv2.COLOR_BGRA2RGBA
    return cast(Native, cv2.cvtColor(pixels, code))
