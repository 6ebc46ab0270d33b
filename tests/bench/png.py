"""PNG writing against OpenCV's encoder: `python -m tests.bench.png [megapixels] [bits]`.

CPU time, size of the file, and peak memory above the pixels' own, each in a fresh process.
"""

import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np

from engine.image_io.encoding.png_writer import QUICK, SMALL, encode_png
from tests.bench.files import photo

WRITERS = {
    "small": lambda pixels: encode_png(pixels, compression=SMALL),
    "quick": lambda pixels: encode_png(pixels, compression=QUICK),
    "opencv 3": lambda pixels: by_opencv(pixels, 3),
    "opencv 1": lambda pixels: by_opencv(pixels, 1),
}


def by_opencv(pixels: np.ndarray, level: int) -> bytes:
    turned = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".png", turned, [cv2.IMWRITE_PNG_COMPRESSION, level])[1].tobytes()


def pixels_of(megapixels: float, bits: int) -> np.ndarray:
    """A photo; at 16 bits its lower byte is the grain of a camera."""
    found = photo(megapixels)
    if bits == 8:
        return found
    grain = np.random.default_rng(1).integers(0, 256, found.shape[1], np.uint16)
    wide = found.astype(np.uint16)
    wide <<= 8
    wide |= grain[None, :, None]
    return wide


def peak_bytes() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024


def measure(name: str, megapixels: float, bits: int) -> None:
    cv2.setNumThreads(1)
    WRITERS[name](pixels_of(0.1, bits))
    pixels = pixels_of(megapixels, bits)
    Path("/proc/self/clear_refs").write_text("5")
    before, start = peak_bytes(), time.process_time()
    size = len(WRITERS[name](pixels))
    seconds, more = time.process_time() - start, peak_bytes() - before
    print(
        f"{name:9} {megapixels:g} MP {bits:2} bit: {seconds:6.2f} s, {size / 1e6:6.1f} MB, "
        f"peak {more / 1e6:6.0f} MB ({more / pixels.nbytes:.2f} of the pixels)",
        flush=True,
    )


def main() -> None:
    megapixels = sys.argv[1] if len(sys.argv) > 1 else "24"
    bits = sys.argv[2] if len(sys.argv) > 2 else "8"
    if len(sys.argv) > 3:
        measure(sys.argv[3], float(megapixels), int(bits))
        return
    for name in WRITERS:
        command = [sys.executable, "-m", "tests.bench.png", megapixels, bits, name]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
