#!/usr/bin/env bash
# Pillow 13.0.0 reads a little-endian BigTIFF and a big-endian TIFF, but no big-endian BigTIFF.
#
# tifffile 2026.3.3 writes the same 4 x 4 RGB picture in all four forms. Pillow opens three of them with
# the right pixels; the fourth ends in UnidentifiedImageError, after two warnings "Corrupt EXIF data.
# Expecting to read 2 bytes but only got 0." The file is whole: tifffile reads it back. One would expect
# the byte order to make no difference, as it makes none in classic TIFF.
#
# Lacuna reads BigTIFF by its own walk of the directories and tifffile's strips, in either byte order.
#
# Output on 2026-11-30:
#     Pillow 13.0.0, tifffile 2026.3.3
#     < classic: read; < big: read; > classic: read; > big: UnidentifiedImageError
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
import warnings

import numpy as np
import PIL
import tifffile
from PIL import Image

warnings.simplefilter("ignore")
pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
found = []
for order in "<>":
    for big in (False, True):
        tifffile.imwrite("x.tif", pixels, bigtiff=big, byteorder=order, photometric="rgb")
        assert (tifffile.imread("x.tif") == pixels).all()
        try:
            with Image.open("x.tif") as image:
                found.append("read" if (np.asarray(image) == pixels).all() else "other pixels")
        except PIL.UnidentifiedImageError as error:
            found.append(type(error).__name__)
print(f"Pillow {PIL.__version__}, tifffile {tifffile.__version__}")
print("< classic: {}; < big: {}; > classic: {}; > big: {}".format(*found))
sys.exit(0 if found == ["read", "read", "read", "UnidentifiedImageError"] else 1)
PY
