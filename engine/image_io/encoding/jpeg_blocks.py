"""An edited JPEG whose untouched blocks keep their DCT coefficients (ITU-T T.81).

Decoding and encoding a JPEG again changes every pixel a little. Here only the minimum coded units
(MCUs) that hold a changed pixel are transformed and quantised anew, with the file's own tables and
sampling; the coefficients of all others are written back as they were read. A decoder then gives
the same bytes for every pixel of an untouched MCU, but for one chroma sample beside a touched one
where chroma is subsampled: decoders interpolate chroma across the border of blocks.

Entropy coding is done by libjpeg-turbo through pyjpegio.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Native

Coefficients: TypeAlias = NDArray[np.int32]  # (rows * 8, columns * 8): blocks where they lie
Changed: TypeAlias = NDArray[np.bool_]  # (rows, columns) of MCUs

_SOURCE, _BLOCKS, _EDITED = "source.jpg", "blocks.npz", "edited.jpg"
_BLOCK = 8
_GRAY, _RGB, _YCC = 1, 2, 3  # J_COLOR_SPACE of libjpeg
_CENTRE = 128.0
_RANGE = {"dc": 2047, "ac": 1023}  # of 8-bit samples: T.81, table F.1 and F.2

_TO_YCC = np.array(  # JFIF 1.02: CCIR 601 with full range
    [
        [0.299, 0.587, 0.114],
        [-0.168735892, -0.331264108, 0.5],
        [0.5, -0.418687589, -0.081312411],
    ]
)


class BlocksUnsupported(ValueError):
    """A JPEG of a kind whose blocks cannot be kept; its code: colours, precision, read."""


@dataclass(frozen=True, slots=True)
class _Component:
    """One component: its sampling factors, and the step of each of its coefficients."""

    across: int
    down: int
    steps: NDArray[np.int32]  # (8, 8), in natural order
    coefficients: Coefficients  # written in place


def edited(
    source: bytes, pixels: Native, was: Native, *, mcu: tuple[int, int], apart: bool = False
) -> bytes:
    """The JPEG `source` with `pixels` in place of `was`, which it decodes to.

    Both arrays are (H, W) or (H, W, 3) uint8 as the file stores them, orientation not applied;
    `mcu` is the height and width of an MCU. Application segments and comments are those of the
    source. A source with nothing changed comes back as it is. `apart` does the coding in a process
    of its own: pyjpegio holds the interpreter's lock, 0.3 s for 24 MP, and a window must not wait.
    Raises BlocksUnsupported, or OSError where no temporary file can be written.
    """
    rows, columns = np.nonzero(changed_mcus(pixels, was, mcu))
    if not len(rows):
        return source
    with tempfile.TemporaryDirectory(prefix="lacuna-jpeg-") as name:
        folder = Path(name)
        (folder / _SOURCE).write_bytes(source)
        np.savez(folder / _BLOCKS, mcus=_gathered(pixels, mcu, rows, columns), at=(rows, columns))
        if apart:
            _run_apart(folder)
        else:
            rewrite(folder)
        return (folder / _EDITED).read_bytes()


def rewrite(folder: Path) -> None:
    """Code the MCUs of `blocks.npz` into `source.jpg`, as `edited.jpg`. Raises as `edited`."""
    opened = _read(folder / _SOURCE)
    with np.load(folder / _BLOCKS) as found:
        mcus, (rows, columns) = found["mcus"], found["at"]
    samples = _samples(mcus, opened.jpeg_color_space)
    for index, part in enumerate(_components(opened)):
        plane = _subsampled(samples[..., index], part, mcus.shape[1:3])
        _put(part, _transformed(plane, part), rows, columns)
    opened.optimize_coding = True  # the source's own codes may lack a symbol
    opened.write(str(folder / _EDITED))


def _run_apart(folder: Path) -> None:
    import multiprocessing  # only a window needs it

    process = multiprocessing.get_context("spawn").Process(target=rewrite, args=(folder,))
    process.start()
    process.join()
    if process.exitcode or not (folder / _EDITED).exists():
        raise BlocksUnsupported("read")


def changed_mcus(pixels: Native, was: Native, mcu: tuple[int, int]) -> Changed:
    """(rows, columns) of MCUs: those of (height, width) `mcu` in which (H, W) pixels differ."""
    height, width = mcu
    rows, columns = -(-pixels.shape[0] // height), -(-pixels.shape[1] // width)
    found = np.zeros((rows, columns), bool)
    samples = 3 if pixels.ndim == 3 else 1
    starts = cast(NDArray[np.intp], np.arange(columns) * width * samples)
    for row in range(rows):
        strip = slice(row * height, (row + 1) * height)
        if not np.array_equal(pixels[strip], was[strip]):  # most strips are alike: no more work
            differs = (pixels[strip] != was[strip]).any(axis=0).ravel()
            found[row] = np.logical_or.reduceat(differs, starts)
    return found


def _read(file: Path) -> Any:
    import jpegio  # pyright: ignore[reportMissingImports, reportMissingTypeStubs]

    try:
        opened = cast(Any, jpegio).read(str(file))
    except RuntimeError as error:
        raise BlocksUnsupported("read") from error
    if opened.data_precision != _BLOCK:
        raise BlocksUnsupported("precision")
    if opened.jpeg_color_space not in (_GRAY, _RGB, _YCC):
        raise BlocksUnsupported("colours")
    return opened


def _components(opened: Any) -> list[_Component]:
    tables = opened.quant_tables
    used = sorted({found.quant_tbl_no for found in opened.comp_info})
    slots = dict(zip(used, range(len(used)))) if len(used) == len(tables) else {}
    single = len(opened.comp_info) == 1  # a scan of one component is not interleaved
    return [
        _Component(
            across=1 if single else int(found.h_samp_factor),
            down=1 if single else int(found.v_samp_factor),
            steps=np.asarray(tables[slots.get(found.quant_tbl_no, found.quant_tbl_no)]),
            coefficients=array,
        )
        for found, array in zip(opened.comp_info, opened.coef_arrays)
    ]


def _gathered(
    pixels: Native, mcu: tuple[int, int], rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> NDArray[np.uint8]:
    """(n, height, width, C): the MCUs; beyond the picture its last row and column go on."""
    down = np.minimum(rows[:, None] * mcu[0] + np.arange(mcu[0]), pixels.shape[0] - 1)
    across = np.minimum(columns[:, None] * mcu[1] + np.arange(mcu[1]), pixels.shape[1] - 1)
    found = pixels[down[:, :, None], across[:, None, :]]
    return cast(NDArray[np.uint8], found if found.ndim == 4 else found[..., None])


def _samples(blocks: NDArray[np.uint8], colours: int) -> NDArray[np.float32]:
    """Samples around 0 in the file's own colours; shape as given."""
    values = blocks.astype(np.float32)
    if colours == _YCC:
        values = values @ _TO_YCC.T.astype(np.float32)
        values[..., 0] -= _CENTRE
        return values
    return values - np.float32(_CENTRE)


def _subsampled(
    plane: NDArray[np.float32], part: _Component, mcu: tuple[int, int]
) -> NDArray[np.float32]:
    """(n, down * 8, across * 8): means of the pixels that share a sample."""
    high, wide = mcu[0] // (part.down * _BLOCK), mcu[1] // (part.across * _BLOCK)
    if high * wide == 1:
        return plane
    apart = plane.reshape(len(plane), part.down * _BLOCK, high, part.across * _BLOCK, wide)
    return apart.mean(axis=(2, 4))


def _basis() -> NDArray[np.float32]:
    """(8, 8): the orthonormal DCT-II, frequencies by rows."""
    at = np.arange(_BLOCK)
    waves = np.cos(np.pi * (2 * at[None, :] + 1) * at[:, None] / (2 * _BLOCK)) / 2
    waves[0] /= np.sqrt(2)
    return waves.astype(np.float32)


_DCT = _basis()


def _transformed(plane: NDArray[np.float32], part: _Component) -> NDArray[np.int32]:
    """(n, down, across, 8, 8) quantised coefficients of (n, down * 8, across * 8) samples."""
    apart = plane.reshape(len(plane), part.down, _BLOCK, part.across, _BLOCK).swapaxes(2, 3)
    found = np.rint(_DCT @ apart @ _DCT.T / part.steps).astype(np.int32)
    first = np.clip(found[..., 0, 0], -_RANGE["dc"] - 1, _RANGE["dc"])
    found = np.clip(found, -_RANGE["ac"], _RANGE["ac"])
    found[..., 0, 0] = first
    return found


def _put(
    part: _Component, blocks: NDArray[np.int32], rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> None:
    """Write blocks where they lie; the last MCUs of a side may reach beyond what is stored."""
    high, wide = (side // _BLOCK for side in part.coefficients.shape)
    grid = part.coefficients.reshape(high, _BLOCK, wide, _BLOCK).swapaxes(1, 2)
    for down in range(part.down):
        for across in range(part.across):
            y, x = rows * part.down + down, columns * part.across + across
            inside = (y < high) & (x < wide)
            grid[y[inside], x[inside]] = blocks[inside, down, across]
