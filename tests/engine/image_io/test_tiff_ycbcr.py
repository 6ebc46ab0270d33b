"""YCbCr in TIFF files: data units and planes, every sampling, own ranges and coefficients."""

import struct
import zlib

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import ImageUnreadable
from engine.image_io.headers import ifd
from engine.image_io.reader import read_bytes
from engine.picture import Picture

WIDTH, HEIGHT = 22, 13  # not whole blocks
STUDIO = (16, 235, 128, 240, 128, 240)
BT709 = (0.2126, 0.7152, 0.0722)
BT601 = (0.299, 0.587, 0.114)
CHANCE = np.random.default_rng(5)
LUMA = CHANCE.integers(0, 256, (16, 24), np.uint8)


def chroma(share: tuple[int, int]) -> NDArray[np.uint8]:
    """(2, h, w) Cb and Cr that cover the blocks of the picture."""
    across, down = -(-WIDTH // share[0]), -(-HEIGHT // share[1])
    return CHANCE.integers(40, 216, (2, down, across), np.uint8)


def rgb_of(
    planes: NDArray[np.uint8],
    share: tuple[int, int],
    limits: tuple[int, ...] = (0, 255, 128, 255, 128, 255),
    luma: tuple[float, float, float] = BT601,
) -> NDArray[np.float64]:
    """(H, W, 3) by the equations of TIFF 6.0, section 21, sample by sample."""
    out = np.empty((HEIGHT, WIDTH, 3))
    for row in range(HEIGHT):
        for column in range(WIDTH):
            cb, cr = planes[:, row // share[1], column // share[0]]
            y = (float(LUMA[row, column]) - limits[0]) * 255 / (limits[1] - limits[0])
            blue_part = (float(cb) - limits[2]) * 127 / (limits[3] - limits[2])
            red_part = (float(cr) - limits[4]) * 127 / (limits[5] - limits[4])
            red = red_part * (2 - 2 * luma[0]) + y
            blue = blue_part * (2 - 2 * luma[2]) + y
            green = (y - luma[2] * blue - luma[0] * red) / luma[1]
            out[row, column] = red, green, blue
    return np.clip(out, 0, 255)


def units(planes: NDArray[np.uint8], share: tuple[int, int], rows: range) -> bytes:
    """Data units of some rows of blocks: the luma of a block, then Cb and Cr."""
    across, down = share
    packed = b""
    for row in rows:
        for column in range(planes.shape[2]):
            block = LUMA[row * down :][:down, column * across :][:, :across]
            packed += block.tobytes() + planes[:, row, column].tobytes()
    return packed


def fractions(values: tuple[float, ...]) -> ifd.IfdValue:
    raw = b"".join(struct.pack("<II", round(value * 10_000), 10_000) for value in values)
    return ifd.IfdValue(ifd.RATIONAL, len(values), raw)


def tiff_of(strips: list[bytes], share: tuple[int, int] | None, **fields: int) -> bytes:
    """A little-endian TIFF; fields by names like `_284`."""
    return whole(strips, branch_of(share, **fields))


def branch_of(share: tuple[int, int] | None, **fields: int) -> ifd.Tree:
    numbers: dict[int, int] = {256: WIDTH, 257: HEIGHT, 259: 1, 262: 6, 277: 3, 278: HEIGHT}
    numbers |= {int(name[1:]): number for name, number in fields.items()}
    branch: ifd.Tree = {tag: ifd.value(ifd.SHORT, number) for tag, number in numbers.items()}
    branch[258] = ifd.value(ifd.SHORT, 8, 8, 8)
    if share:
        branch[530] = ifd.value(ifd.SHORT, *share)
    return branch


def whole(strips: list[bytes], branch: ifd.Tree) -> bytes:
    body, offsets = b"", []
    for strip in strips:
        offsets.append(8 + len(body))
        body += strip + bytes(len(strip) % 2)
    branch[273] = ifd.value(ifd.LONG, *offsets)
    branch[279] = ifd.value(ifd.LONG, *map(len, strips))
    at = 8 + len(body)
    return b"II*\0" + struct.pack("<I", at) + body + ifd.serialised(branch, at)


def opened(content: bytes) -> Picture:
    return read_bytes(content, "a.tif")


def expect(content: bytes, wanted: NDArray[np.float64]) -> None:
    found = opened(content)
    assert (found.pixels.dtype, found.notes) == (np.uint8, ())
    assert np.abs(found.pixels - wanted).max() <= 0.51


SHARES = [(1, 1), (2, 1), (1, 2), (2, 2), (4, 1), (4, 2), (4, 4)]


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("packing", [1, 8])
def test_data_units(share: tuple[int, int], packing: int) -> None:
    planes = chroma(share)
    strips = [units(planes, share, range(row, row + 1)) for row in range(planes.shape[1])]
    if packing == 8:
        strips = [zlib.compress(strip) for strip in strips]
    content = tiff_of(strips, share, _278=share[1], _259=packing)
    expect(content, rgb_of(planes, share))


@pytest.mark.parametrize("share", SHARES)
def test_planes(share: tuple[int, int]) -> None:
    planes = chroma(share)
    luma = np.ascontiguousarray(LUMA[:HEIGHT, :WIDTH])
    strips = [luma.tobytes(), planes[0].tobytes(), planes[1].tobytes()]
    expect(tiff_of(strips, share, _284=2), rgb_of(planes, share))


def test_planes_of_differences() -> None:
    planes = chroma((2, 2))
    parts = [LUMA[:HEIGHT, :WIDTH], *planes]
    steps = [np.diff(part, axis=1, prepend=np.zeros((len(part), 1), np.uint8)) for part in parts]
    strips = [zlib.compress(np.ascontiguousarray(each).tobytes()) for each in steps]
    expect(tiff_of(strips, (2, 2), _284=2, _259=8, _317=2), rgb_of(planes, (2, 2)))


@pytest.mark.parametrize("planar", [1, 2])
def test_tiles(planar: int) -> None:
    share = (2, 2)
    planes = np.pad(chroma(share), ((0, 0), (0, 1), (0, 5)))
    luma = np.pad(LUMA, ((0, 0), (0, 8)))
    tiles: list[list[bytes]] = [[], [], []]
    for left in (0, 16):
        blocks = planes[:, :8, left // 2 : left // 2 + 8]
        part = luma[:16, left : left + 16]
        if planar == 2:
            tiles = [[*old, each.tobytes()] for old, each in zip(tiles, (part, *blocks))]
            continue
        packed = part.reshape(8, 2, 8, 2).swapaxes(1, 2).reshape(8, 8, 4)
        tiles[0].append(np.dstack((packed, blocks[0], blocks[1])).tobytes())
    content = tiff_of([*tiles[0], *tiles[1], *tiles[2]], share, _284=planar, _322=16, _323=16)
    expect(content, rgb_of(planes, share))


def test_the_file_s_own_range_and_coefficients() -> None:
    planes = chroma((2, 1))
    branch = branch_of((2, 1))
    branch[529], branch[532] = fractions(BT709), fractions(STUDIO)
    content = whole([units(planes, (2, 1), range(HEIGHT))], branch)
    expect(content, rgb_of(planes, (2, 1), STUDIO, BT709))


def test_a_file_that_does_not_say_its_sampling_has_blocks_of_2_by_2() -> None:
    planes = chroma((2, 2))
    content = tiff_of([units(planes, (2, 2), range(planes.shape[1]))], None)
    expect(content, rgb_of(planes, (2, 2)))


@pytest.mark.parametrize("fields", [{"_531": 1}, {"_531": 2}])
def test_the_place_of_chroma_makes_no_difference(fields: dict[str, int]) -> None:
    planes = chroma((2, 1))
    content = tiff_of([units(planes, (2, 1), range(HEIGHT))], (2, 1), **fields)
    expect(content, rgb_of(planes, (2, 1)))


def test_what_is_not_read_is_named() -> None:
    planes = chroma((2, 1))
    strips = [units(planes, (2, 1), range(HEIGHT))]
    deep = branch_of((2, 1))
    deep[258] = ifd.value(ifd.SHORT, 16, 16, 16)
    summed, odd = tiff_of(strips, (2, 1), _317=2), tiff_of(strips, (3, 1))
    for content, bits in ((whole(strips, deep), 16), (summed, 8), (odd, 8)):
        with pytest.raises(ImageUnreadable) as caught:
            opened(content)
        assert (caught.value.reason, caught.value.detail) == ("kind", f"tiff-ycbcr {bits}")


def test_what_is_cut_off_is_damaged() -> None:
    planes = chroma((2, 1))
    content = tiff_of([units(planes, (2, 1), range(HEIGHT - 2))], (2, 1))
    flat = branch_of((2, 1))
    flat[532] = fractions((0, 0, 128, 255, 128, 255))
    for each in (content, whole([units(planes, (2, 1), range(HEIGHT))], flat)):
        with pytest.raises(ImageUnreadable) as caught:
            opened(each)
        assert caught.value.reason == "damaged"
