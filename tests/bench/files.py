"""Files in and out against the plain library call: `python -m tests.bench.files [megapixels]`.

CPU time of the process; reading and its baseline alternate in one process. Peak memory is that of
a fresh process, above what it had with everything imported.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from engine.colour.convert import view_of
from engine.image_io.first_view import first_view
from engine.image_io.reader import read
from engine.image_io.writer import ExportOptions, encode
from tests.support import pictures

ROOT = Path(__file__).parents[2]
PEAK = """
import json, sys
from pathlib import Path
import cv2
from engine.colour.convert import view_of
from engine.image_io.reader import read

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024

cv2.setNumThreads(1)
before = peak()
if sys.argv[2] == "read":
    view = view_of(read(Path(sys.argv[1])))
else:
    view = cv2.imread(sys.argv[1], cv2.IMREAD_COLOR_RGB)
print(json.dumps([peak() - before, view.nbytes / 1e6 / 1.048576]))
"""


def photo(megapixels: float) -> np.ndarray:
    """Something with the detail of a photo: smooth shapes, edges, and grain."""
    height, width = round((megapixels * 1e6 / 1.5) ** 0.5), round((megapixels * 1e6 * 1.5) ** 0.5)
    random = np.random.default_rng(0)
    small = random.integers(0, 256, (height // 64 + 2, width // 64 + 2, 3)).astype(np.uint8)
    image = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    grain = random.normal(0, 5, (1_024, 1_024, 3)).astype(np.int8)
    for top in range(0, height, 1_024):
        for left in range(0, width, 1_024):
            tile = image[top : top + 1_024, left : left + 1_024]
            tile[:] = np.clip(
                tile.astype(np.int16) + grain[: tile.shape[0], : tile.shape[1]], 0, 255
            )
    return image


def median_ms(calls: dict[str, Callable[[], object]], rounds: int = 5) -> dict[str, float]:
    """CPU ms of each call, the calls taking turns."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            start = time.process_time()
            call()
            times[name].append((time.process_time() - start) * 1_000)
    return {name: float(np.median(found)) for name, found in times.items()}


def peak_over_array(path: Path, how: str) -> float:
    command = [sys.executable, "-c", PEAK, str(path), how]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    peak, size = json.loads(done.stdout)
    return peak / size


def jpeg_bars(folder: Path, megapixels: float) -> None:
    path, preview = folder / "plain.jpg", folder / "preview.jpg"
    image = Image.fromarray(photo(megapixels))
    image.save(path, quality=92)
    small = folder / "small.jpg"
    image.resize((320, round(320 * image.height / image.width))).save(small, quality=85)
    block = pictures.exif_block(thumbnail=small.read_bytes())
    image.save(preview, quality=92, exif=b"Exif\0\0" + block)
    found = median_ms(
        {
            "imread": lambda: cv2.imread(str(path), cv2.IMREAD_COLOR),
            "read": lambda: view_of(read(path)),
            "first": lambda: first_view(path),
            "preview": lambda: first_view(preview),
        }
    )
    base = found["imread"]
    print(f"JPEG of {megapixels:g} MP, {path.stat().st_size / 1e6:.1f} MB")
    line("cv2.imread", found["imread"], "ms")
    line("file to full array", found["read"], f"ms, {found['read'] / base:.2f} x (bar 1.2)")
    line("first view, reduced", found["first"], f"ms, {found['first'] / base:.2f} x (bar 0.35)")
    line("first view, preview inside", found["preview"], "ms (bar 10)")
    if Path("/proc/self/status").exists():
        ours, theirs = (peak_over_array(path, how) for how in ("read", "imread"))
        line("peak over the final array", ours, f"x (bar 1.5; cv2.imread {theirs:.2f})")


def line(name: str, figure: float, rest: str) -> None:
    print(f"  {name:30}{figure:9.2f} {rest}")


def listed(found: dict[str, float]) -> str:
    return ", ".join(f"{name} {figure:.0f}" for name, figure in found.items())


def encode_bars(megapixels: float) -> None:
    pixels = photo(megapixels)
    picture = pictures.Picture(pixels=pixels)
    deep = pictures.Picture(pixels=pixels.astype(np.uint16) * 257)
    level_6 = [cv2.IMWRITE_PNG_COMPRESSION, 6]
    found = median_ms(
        {
            "png": lambda: encode(picture, ExportOptions()),
            "png cv2": lambda: cv2.imencode(".png", pixels, level_6),
            "png 16": lambda: encode(deep, ExportOptions()),
            "tiff 16": lambda: encode(deep, ExportOptions(format="tiff")),
            "jpeg": lambda: encode(picture, ExportOptions(format="jpeg")),
            "jpeg cv2": lambda: cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 92]),
        },
        rounds=3,
    )
    print(f"encoding {megapixels:g} MP, CPU ms: {listed(found)}")


def colour_bars(megapixels: float) -> None:
    pixels = photo(megapixels)
    adobe = pictures.rgb_profile(*pictures.ADOBE_RGB)
    deep = pixels.astype(np.uint16) * 257
    found = median_ms(
        {
            "8 bit Adobe RGB": lambda: view_of(pictures.Picture(pixels=pixels, icc=adobe)),
            "16 bit sRGB": lambda: view_of(pictures.Picture(pixels=deep)),
            "16 bit Adobe RGB": lambda: view_of(pictures.Picture(pixels=deep, icc=adobe)),
        },
        rounds=3,
    )
    print(f"view of {megapixels:g} MP, CPU ms: {listed(found)}")


def main() -> None:
    cv2.setNumThreads(1)
    os.environ["OMP_NUM_THREADS"] = "1"
    megapixels = float(sys.argv[1]) if len(sys.argv) > 1 else 100
    with tempfile.TemporaryDirectory() as folder:
        for size in dict.fromkeys((24.0, megapixels)):
            jpeg_bars(Path(folder), size)
    encode_bars(12)
    colour_bars(12)


if __name__ == "__main__":
    main()
