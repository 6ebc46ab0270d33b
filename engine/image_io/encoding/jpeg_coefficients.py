"""Quantised DCT coefficients of a JPEG: read, and made of pixels (ITU-T T.81, annex A).

Entropy coding is done by libjpeg-turbo through pyjpegio.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.geometry import Native

Coefficients: TypeAlias = NDArray[np.int32]  # (rows * 8, columns * 8): blocks where they lie
At: TypeAlias = tuple[NDArray[np.intp], ...]  # rows and columns of MCUs

_BLOCK = 8
_PART_ROWS = 64
_GRAY, _RGB, _YCC, _CMYK, _YCCK = 1, 2, 3, 4, 5  # J_COLOR_SPACE of libjpeg
_KNOWN = (_GRAY, _RGB, _YCC, _CMYK, _YCCK)
_CENTRE = 128.0
_RANGE = {"dc": 2047, "ac": 1023}  # of 8-bit samples: T.81, table F.1 and F.2

_TO_YCC = np.array(  # JFIF 1.02: CCIR 601 with full range
    [
        [0.299, 0.587, 0.114, -_CENTRE],
        [-0.168735892, -0.331264108, 0.5, 0],
        [0.5, -0.418687589, -0.081312411, 0],
    ]
)


class BlocksUnsupported(ValueError):
    """A JPEG of a kind whose blocks cannot be kept; its code: colours, precision, read, write."""


@dataclass(frozen=True, slots=True)
class Component:
    """One component: its sampling factors, and the step of each of its coefficients."""

    across: int
    down: int
    steps: NDArray[np.int32]  # (8, 8), in natural order
    coefficients: Coefficients  # written in place


def read(file: Path) -> Any:
    """The file by pyjpegio. Raises BlocksUnsupported."""
    import jpegio  # pyright: ignore[reportMissingImports, reportMissingTypeStubs]

    try:
        opened = cast(Any, jpegio).read(str(file))
    except RuntimeError as error:
        raise BlocksUnsupported("read") from error
    if opened.data_precision != _BLOCK:
        raise BlocksUnsupported("precision")
    if opened.jpeg_color_space not in _KNOWN:
        raise BlocksUnsupported("colours")
    return opened


def write(opened: Any, file: Path, *, optimize: bool) -> None:
    """What was read, with its own Huffman tables or with the best. Raises BlocksUnsupported."""
    opened.optimize_coding = optimize
    try:
        opened.write(str(file))
    except RuntimeError as error:  # a damaged source may hold coefficients that cannot be coded
        raise BlocksUnsupported("write") from error


def components(opened: Any) -> list[Component]:
    """Views of what was read: a change of their coefficients is written."""
    tables = opened.quant_tables
    used = sorted({found.quant_tbl_no for found in opened.comp_info})
    slots = dict(zip(used, range(len(used)))) if len(used) == len(tables) else {}
    single = len(opened.comp_info) == 1  # a scan of one component is not interleaved
    return [
        Component(
            across=1 if single else int(found.h_samp_factor),
            down=1 if single else int(found.v_samp_factor),
            steps=np.asarray(tables[slots.get(found.quant_tbl_no, found.quant_tbl_no)]),
            coefficients=array,
        )
        for found, array in zip(opened.comp_info, opened.coef_arrays)
    ]


def put_mcus(opened: Any, parts: list[Component], mcus: NDArray[np.uint8], at: At) -> None:
    """Code (n, height, width, C) pixels of MCUs into the coefficients, at their places."""
    planes = samples(mcus, opened.jpeg_color_space)
    for index, part in enumerate(parts):
        plane = subsampled(planes[..., index], part, (mcus.shape[1], mcus.shape[2]))
        _put(part, transformed(plane, part), at)


def gathered(pixels: Native, mcu: tuple[int, int], at: At) -> NDArray[np.uint8]:
    """(n, height, width, C): the MCUs; beyond the picture its last row and column go on."""
    (rows, columns), (height, width) = at, mcu
    whole = pixels[..., None] if pixels.ndim == 2 else pixels
    down, across = whole.shape[0] // height, whole.shape[1] // width
    grid = whole[: down * height, : across * width]  # a view
    grid = grid.reshape(down, height, across, width, whole.shape[2])
    is_cut = (rows >= down) | (columns >= across)
    if not is_cut.any():
        return cast(NDArray[np.uint8], grid[rows, :, columns])
    found = np.empty((len(rows), height, width, whole.shape[2]), np.uint8)
    found[~is_cut] = grid[rows[~is_cut], :, columns[~is_cut]]
    y = np.minimum(rows[is_cut, None] * height + np.arange(height), whole.shape[0] - 1)
    x = np.minimum(columns[is_cut, None] * width + np.arange(width), whole.shape[1] - 1)
    found[is_cut] = whole[y[:, :, None], x[:, None, :]]
    return found


def samples(blocks: NDArray[np.uint8], colours: int) -> NDArray[np.float32]:
    """(n, h, w, c) float32 samples around 0 in the file's own colours, of (n, h, w, c) blocks."""
    values = blocks.astype(np.float32)
    if colours in (_YCC, _YCCK):
        # of inks, YCC is that of the inks themselves: libjpeg turns the three round, not black
        lines = np.ascontiguousarray(values[..., :3]).reshape(-1, blocks.shape[2], 3)
        ycc = cast(NDArray[np.float32], cv2.transform(lines, _TO_YCC)).reshape(*blocks.shape[:3], 3)
        if blocks.shape[3] == 3:
            return ycc
        return np.concatenate([ycc, (255 - _CENTRE) - values[..., 3:]], axis=-1, dtype=np.float32)
    return np.float32(255 - _CENTRE) - values if colours == _CMYK else values - np.float32(_CENTRE)


def subsampled(
    plane: NDArray[np.float32], part: Component, mcu: tuple[int, int]
) -> NDArray[np.float32]:
    """Means of the pixels that share a sample: (n, h, w) in, (n, rows, columns) out."""
    high, wide = mcu[0] // (part.down * _BLOCK), mcu[1] // (part.across * _BLOCK)
    if high * wide == 1:
        return plane
    lines = np.ascontiguousarray(plane).reshape(-1, mcu[1])
    size = (mcu[1] // wide, len(lines) // high)
    means = cv2.resize(lines, size, interpolation=cv2.INTER_AREA)
    return cast(NDArray[np.float32], means).reshape(len(plane), -1, size[0])


def _basis() -> NDArray[np.float32]:
    """(8, 8): the orthonormal DCT-II, frequencies by rows."""
    at = np.arange(_BLOCK)
    waves = np.cos(np.pi * (2 * at[None, :] + 1) * at[:, None] / (2 * _BLOCK)) / 2
    waves[0] /= np.sqrt(2)
    return waves.astype(np.float32)


DCT = _basis()
_DCT_OF_BLOCK = np.kron(DCT, DCT).T  # (64, 64): one product for many blocks


def transformed(plane: NDArray[np.float32], part: Component) -> NDArray[np.int32]:
    """Quantised coefficients, (n, down, across, 8, 8), of samples (n, h, w)."""
    apart = plane.reshape(len(plane), part.down, _BLOCK, part.across, _BLOCK).swapaxes(2, 3)
    quantised = _DCT_OF_BLOCK / part.steps.ravel().astype(np.float32)
    found = np.rint(_product(apart.reshape(-1, _BLOCK**2), quantised))
    found = found.astype(np.int32).reshape(apart.shape)
    first = np.clip(found[..., 0, 0], -_RANGE["dc"] - 1, _RANGE["dc"])
    found = np.clip(found, -_RANGE["ac"], _RANGE["ac"])
    found[..., 0, 0] = first
    return found


def _product(rows: NDArray[np.float32], table: NDArray[np.float32]) -> NDArray[np.float32]:
    """`rows` @ `table`, in parts so small that BLAS starts no threads: they would cost more."""
    whole = len(rows) // _PART_ROWS * _PART_ROWS
    parts = rows[:whole].reshape(-1, _PART_ROWS, rows.shape[1]) @ table
    return np.concatenate([parts.reshape(-1, table.shape[1]), rows[whole:] @ table])


def _put(part: Component, blocks: NDArray[np.int32], at: At) -> None:
    """Write blocks where they lie; the last MCUs of a side may reach beyond what is stored."""
    rows, columns = at
    high, wide = (side // _BLOCK for side in part.coefficients.shape)
    grid = part.coefficients.reshape(high, _BLOCK, wide, _BLOCK).swapaxes(1, 2)
    for down in range(part.down):
        for across in range(part.across):
            y, x = rows * part.down + down, columns * part.across + across
            inside = (y < high) & (x < wide)
            grid[y[inside], x[inside]] = blocks[inside, down, across]
