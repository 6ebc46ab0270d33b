"""Pixels of YCbCr TIFF files that are not JPEG, in data units or in planes, subsampled or not.

TIFF 6.0, sections 20 and 21: a data unit is the luma of a block, then one Cb and one Cr; codes are
taken by ReferenceBlackWhite and YCbCrCoefficients. Each chroma sample stands for its whole block,
as libtiff has it, so that the positioning of chroma makes no difference.
"""

import numpy as np
from numpy.typing import NDArray

from engine.errors import ImageUnreadable
from engine.geometry import Size
from engine.image_io.decoding import tiff_samples
from engine.image_io.decoding.tiff_samples import TiffPiece
from engine.image_io.headers.tiff import TiffHeader, YcbcrHeader

COMPRESSIONS = tuple(each for each in tiff_samples.COMPRESSIONS if each != tiff_samples.WEBP)
_SHARES = (1, 2, 4)  # luma samples for one of chroma, across or down
_RANGES = (255.0, 127.0, 127.0)  # of Y, Cb and Cr
_LINES = 256  # converted at once


def pixels(content: bytes, head: TiffHeader) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 RGB.

    Raises ImageUnreadable (kind) for depths and samplings that are not read, ValueError for damage.
    """
    form = _form(head)
    codes = _codes(content, head, Size(*form.share))
    for top in range(0, len(codes), _LINES):
        lines = codes[top : top + _LINES]
        lines[:] = _rgb(lines, form)
    return codes


def _form(head: TiffHeader) -> YcbcrHeader:
    form = head.ycbcr
    if form is None or not _is_known(head, form):
        raise ImageUnreadable(None, "kind", f"tiff-ycbcr {max(head.bits)}")
    limits = form.black_white
    if len(form.luma) != 3 or min(form.luma) <= 0 or len(limits) != 6:
        raise ValueError("colours")
    if any(limits[at] == limits[at + 1] for at in (0, 2, 4)):
        raise ValueError("colours")
    return form


def _is_known(head: TiffHeader, form: YcbcrHeader) -> bool:
    if head.bits != (8, 8, 8) or (head.sample_format, head.fill_order) != (1, 1):
        return False
    if len(form.share) != 2 or not set(form.share) <= set(_SHARES):
        return False
    is_summed = head.predictor == 2 and (head.planar == 2 or form.share == (1, 1))
    return head.predictor == 1 or is_summed


def _codes(content: bytes, head: TiffHeader, share: Size) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 codes of Y, Cb and Cr."""
    width, height = head.size
    codes = np.zeros((height, width, 3), np.uint8)
    for piece in tiff_samples.pieces(head):
        target, packed = codes[piece.rect.slices], content[piece.span]
        tall, wide = target.shape[:2]
        if head.planar == 2:
            target[..., piece.plane] = _plane(packed, head, piece, share=share)[:tall, :wide]
        else:
            target[:] = _units(packed, head, piece, share=share)[:tall, :wide]
    return codes


def _plane(packed: bytes, head: TiffHeader, piece: TiffPiece, *, share: Size) -> NDArray[np.uint8]:
    """(h, w) uint8 samples of a strip or tile of one plane, chroma at the size of luma."""
    block = share if piece.plane else Size(1, 1)
    wide, tall = _blocks(piece, block)
    rows = tiff_samples.unpacked(packed, head.compression, wide * tall).reshape(tall, wide)
    if head.predictor == 2:
        rows = np.cumsum(rows, axis=1, dtype=np.uint8)
    return rows.repeat(block.height, axis=0).repeat(block.width, axis=1)


def _units(packed: bytes, head: TiffHeader, piece: TiffPiece, *, share: Size) -> NDArray[np.uint8]:
    """(h, w, 3) uint8 samples of a strip or tile of data units."""
    across, down = _blocks(piece, share)
    raw = tiff_samples.unpacked(packed, head.compression, across * down * (share.pixels + 2))
    units = raw.reshape(down, across, share.pixels + 2)
    if head.predictor == 2:
        units = np.cumsum(units, axis=1, dtype=np.uint8)
    out = np.empty((down, share.height, across, share.width, 3), np.uint8)
    luma = units[..., :-2].reshape(down, across, share.height, share.width)
    out[..., 0] = luma.swapaxes(1, 2)
    out[..., 1:] = units[:, None, :, None, -2:]
    return out.reshape(down * share.height, across * share.width, 3)


def _blocks(piece: TiffPiece, block: Size) -> Size:
    """How many blocks cover a piece, across and down."""
    return Size(-(-piece.rect.width // block.width), -(-piece.rect.height // block.height))


def _rgb(codes: NDArray[np.uint8], form: YcbcrHeader) -> NDArray[np.uint8]:
    """(h, W, 3) uint8 RGB of codes of Y, Cb and Cr."""
    y, cb, cr = (_value(codes[..., at], form, at) for at in range(3))
    of_red, of_green, of_blue = form.luma
    red = y + cr * (2 - 2 * of_red)
    blue = y + cb * (2 - 2 * of_blue)
    green = (y - of_blue * blue - of_red * red) / of_green
    return np.rint(np.clip(np.dstack((red, green, blue)), 0, 255)).astype(np.uint8)


def _value(codes: NDArray[np.uint8], form: YcbcrHeader, channel: int) -> NDArray[np.float32]:
    """Luma from 0 to 255, chroma from -127 to 127."""
    black, white = form.black_white[2 * channel : 2 * channel + 2]
    values = (np.arange(256) - black) * (_RANGES[channel] / (white - black))
    return values.astype(np.float32)[codes]
