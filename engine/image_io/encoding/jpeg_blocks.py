"""An edited JPEG whose untouched blocks keep their DCT coefficients (ITU-T T.81).

Decoding and encoding a JPEG again changes every pixel a little. Here only the minimum coded units
(MCUs) that hold a changed pixel are transformed and quantised anew, with the file's own tables and
sampling; the coefficients of all others are written back as they were read. A decoder then gives
the same bytes for every pixel of an untouched MCU, but for one chroma sample beside a touched one
where chroma is subsampled: decoders interpolate chroma across the border of blocks.

Sequential files of up to three components are cut around the MCUs that are touched (`jpeg_splice`),
which costs about as much as a plain encode; all others are read and written whole, which costs up
to four times as much.
"""

import logging
import tempfile
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Native
from engine.image_io.encoding import jpeg_coefficients as coefficients
from engine.image_io.encoding.jpeg_coefficients import BlocksUnsupported
from engine.image_io.encoding.jpeg_splice import Changed, spliced

__all__ = ["BlocksUnsupported", "changed_mcus", "edited", "rewrite"]

_SOURCE, _BLOCKS, _EDITED = "source.jpg", "blocks.npz", "edited.jpg"
_LEAST_PX, _LEAST_PX_BY_BITS = 300_000, 800_000  # smaller pictures are coded whole in less time
_MOST_PX, _MOST_PX_HERE = 10**9, 4_000_000  # coded by jpeg_splice; in the process of a window

logger = logging.getLogger(__name__)


def edited(
    source: bytes, pixels: Native, was: Native, *, mcu: tuple[int, int], apart: bool = False
) -> bytes:
    """The JPEG `source` with `pixels` in place of `was`, which it decodes to.

    Both arrays are (H, W), (H, W, 3) or, of inks, (H, W, 4) uint8 as the file stores them,
    orientation not applied; inks are 255 minus the samples, as Adobe's programs write them. `mcu`
    is the height and width of an MCU. Application segments and comments are those of the source. A
    source with nothing changed comes back as it is. `apart` does long coding in a process of its
    own: pyjpegio holds the interpreter's lock, 0.3 s for 24 MP, and a window must not wait.
    Raises BlocksUnsupported, or OSError where no temporary file can be written.
    """
    changed = changed_mcus(pixels, was, mcu)
    if not changed.any():
        return source
    is_inks = pixels.ndim == 3 and pixels.shape[2] == 4
    if pixels.shape[0] * pixels.shape[1] >= _LEAST_PX and not is_inks:
        try:
            most_px = _MOST_PX_HERE if apart else _MOST_PX
            least_px = _LEAST_PX_BY_BITS
            return spliced(source, pixels, was, changed, most_px=most_px, least_px=least_px)
        except ValueError as error:
            logger.info("the file is coded whole: %s", error)
    at = np.nonzero(changed)
    with tempfile.TemporaryDirectory(prefix="lacuna-jpeg-") as name:
        folder = Path(name)
        (folder / _SOURCE).write_bytes(source)
        np.savez(folder / _BLOCKS, mcus=coefficients.gathered(pixels, mcu, at), at=at)
        if apart:
            _run_apart(folder)
        else:
            rewrite(folder)
        return (folder / _EDITED).read_bytes()


def rewrite(folder: Path) -> None:
    """Code the MCUs of `blocks.npz` into `source.jpg`, as `edited.jpg`. Raises as `edited`."""
    opened = coefficients.read(folder / _SOURCE)
    with np.load(folder / _BLOCKS) as found:
        mcus, at = found["mcus"], tuple(found["at"])
    coefficients.put_mcus(opened, coefficients.components(opened), mcus, at)
    # the source's own codes may lack a symbol
    coefficients.write(opened, folder / _EDITED, optimize=True)


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
    samples = pixels.shape[2] if pixels.ndim == 3 else 1
    starts = cast(NDArray[np.intp], np.arange(columns) * width * samples)
    for row in range(rows):
        strip = slice(row * height, (row + 1) * height)
        if not np.array_equal(pixels[strip], was[strip]):  # most strips are alike: no more work
            differs = (pixels[strip] != was[strip]).any(axis=0).ravel()
            found[row] = np.logical_or.reduceat(differs, starts)
    return found
