#!/usr/bin/env bash
# Pillow 13.0.0 reads the alpha of a gray TIFF in separate planes as 0 all over, without a word.
#
# tifffile 2026.3.3 writes the same 4 x 4 gray picture with alpha, packed by Deflate, twice: its channels
# beside each other, and in planes of their own (PlanarConfiguration 2, TIFF 6.0, page 38). Pillow opens
# both in mode LA; of the second it reads the first plane only, and every pixel is transparent. Without
# compression it raises ValueError; RGB with alpha in planes comes out right. One would expect the same
# picture, or an error as for kinds that it does not know.
#
# Lacuna unpacks TIFF files in planes by itself (engine/image_io/decoding/tiff_samples.py).
#
# Output on 2026-11-30:
#     Pillow 13.0.0, tifffile 2026.3.3
#     contig: LA, gray as written, alpha as written
#     separate: LA, gray as written, alpha [0]
#
# Exit code: 0 as described, 1 not any more, 2 it could not be tried.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv" || exit 2
"$folder/venv/bin/python" -m pip install --quiet pillow==13.0.0 tifffile==2026.3.3 numpy==2.3.5 || exit 2
cd "$folder"
venv/bin/python - <<'PY'
import sys

import numpy as np
import PIL
import tifffile
from PIL import Image

gray = np.arange(16, dtype=np.uint8).reshape(4, 4)
alpha = gray + 100
print(f"Pillow {PIL.__version__}, tifffile {tifffile.__version__}")
empty = {}
for planes, axis in (("contig", 2), ("separate", 0)):
    tifffile.imwrite(
        "x.tif", np.stack([gray, alpha], axis), photometric="minisblack",
        planarconfig=planes, extrasamples=[2], compression="zlib",
    )
    with Image.open("x.tif") as image:
        found = np.asarray(image)
    same = ["as written" if (found[..., at] == each).all() else str(np.unique(found[..., at]).tolist())
            for at, each in enumerate((gray, alpha))]
    print(f"{planes}: {image.mode}, gray {same[0]}, alpha {same[1]}")
    empty[planes] = not found[..., 1].any()
sys.exit(0 if empty == {"contig": False, "separate": True} else 1)
PY
