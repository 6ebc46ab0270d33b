"""JPEG export with kept blocks, and its proof: `python -m tests.bench.jpeg_export [megapixels]`.

CPU ms of the process beside a plain encode of the same picture, in the sampling of the source and
as version 0.1.0 wrote it (quality 92, 4:4:4), and beside the bare decoding of the written file;
the calls take turns. The edit is a square in the middle, of 2 % and of 10 % of the picture. The
plain encode of a progressive file is progressive, too. Sizes are of the files.
"""

import io
import sys
import tempfile
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from PIL import Image as Pil

from app.commands.export import prove_file, ring_of
from app.commands.files import open_picture
from app.document.document import Document, Lease
from app.document.history import History
from engine.geometry import Image, Rect, Size
from engine.image_io.decoding.arrays import by_turbo
from engine.image_io.encoding import jpeg_file
from engine.image_io.writer import ExportOptions, encode
from engine.jobs.requests import Patch
from tests.bench.files import median_ms, photo

SAMPLINGS = ("4:4:4", "4:2:2", "4:2:0")
QUALITY, EDITED_SHARES = 92, (0.02, 0.10)  # of the picture
FORMS: dict[str, dict[str, int]] = {
    "": {},
    "restart": {"restart_marker_rows": 1},
    "optimised": {"optimize": 1},
    "progressive": {"progressive": 1},
}
KEPT = ExportOptions(format="jpeg")


def source(folder: Path, megapixels: float, sampling: str, form: str) -> Path:
    out = io.BytesIO()
    Pil.fromarray(photo(megapixels)).save(
        out, "JPEG", quality=QUALITY, subsampling=sampling, **FORMS[form]
    )
    path = folder / "photo.jpg"
    path.write_bytes(out.getvalue())
    return path


def edited(path: Path, share: float) -> Document:
    document = open_picture(path)
    width, height = document.size
    side = round((height * width * share) ** 0.5)
    rect = Rect((width - side) // 2, (height - side) // 2, side, side)
    patch = Patch(
        rect=rect,
        pixels=cast(Image, cv2.GaussianBlur(document.view[rect.slices], (0, 0), 3)),
        blend=np.full((side, side), 255, np.uint8),
    )
    with History(document, 1 << 28).edit("Remove") as edit:
        edit.touch("image", rect)
        document.write(patch)
    return document


def plain(lease: Lease, sampling: str) -> bytes:
    options = ExportOptions(format="jpeg", quality=QUALITY, subsampling=sampling)
    picture = lease.picture
    return jpeg_file.encoded(picture.pixels, picture.icc, picture.metadata, options)


def plain_like(lease: Lease, sampling: str, form: str) -> bytes:
    """In the form of the source, too, which is no option of an export."""
    out = io.BytesIO()
    image = Pil.fromarray(lease.picture.pixels)
    image.save(out, "JPEG", quality=QUALITY, subsampling=sampling, **FORMS[form])
    return out.getvalue()


def measure(folder: Path, megapixels: float, sampling: str, form: str) -> None:
    path = source(folder, megapixels, sampling, form)
    for share in EDITED_SHARES:
        _measure(folder, path, sampling, form, share)


def _measure(folder: Path, path: Path, sampling: str, form: str, share: float) -> None:
    document = edited(path, share)
    lease, written = document.lease(), folder / "written.jpg"
    content = encode(lease.picture, KEPT)
    written.write_bytes(content)
    size = Size.of(lease.picture.pixels)

    def prove() -> None:
        assert prove_file(
            lease.picture, written, KEPT, original=lease.original(), ring=ring_of(lease)
        )

    found = median_ms(
        {
            "kept": lambda: encode(lease.picture, KEPT, original=lease.original()),
            "same": lambda: plain_like(lease, sampling, form),
            "0.1.0": lambda: plain(lease, jpeg_file.SUBSAMPLING),
            "proof": prove,
            "decode": lambda: by_turbo(content, size),
        }
    )
    kept, bytes_of_same = found["kept"], len(plain_like(lease, sampling, form))
    print(
        f"{size.width * size.height / 1e6:5.1f} MP {sampling} {form:11} {share:4.0%}:"
        f" kept {kept:5.0f} ms, same {found['same']:5.0f} ({kept / found['same']:.2f}),"
        f" as 0.1.0 {found['0.1.0']:5.0f} ({kept / found['0.1.0']:.2f});"
        f" proof {found['proof']:5.0f} ({found['proof'] / kept:.2f} of kept), decode"
        f" {found['decode']:5.0f}; size {len(content) / bytes_of_same:.3f} of same",
        flush=True,
    )


def main() -> None:
    cv2.setNumThreads(1)
    sizes = [float(each) for each in sys.argv[1:]] or [1, 3, 12, 24]
    with tempfile.TemporaryDirectory() as folder:
        for megapixels in sizes:
            for sampling in SAMPLINGS:
                for form in FORMS:
                    measure(Path(folder), megapixels, sampling, form)


if __name__ == "__main__":
    main()
