#!/usr/bin/env bash
# Pillow 13.0.0 turns the pixels of a TIFF whose XMP alone names an orientation, when it loads them.
#
# The TIFF has no Orientation tag (274), so TIFF 6.0 (page 36) takes row 0 as the top; its XMP packet says
# tiff:Orientation 6. Image.open() says 30 x 20, after load() the picture is 20 x 30 and the orientation is out of
# the packet. The same packet in a PNG, JPEG or WebP turns nothing and stays, and tifffile 2026.3.3 reads the TIFF
# as it stands. One would expect the four formats to be read alike, and the size not to change by loading.
#
# Lacuna takes the size after loading, and names the orientation of the pixels it holds in the packet it writes
# (engine/image_io/reader.py).
#
# Output on 2026-12-01:
#     Pillow 13.0.0, tifffile 2026.3.3
#     TIFF: 30 x 20 opened, 20 x 30 loaded; packet kept: False
#     PNG: 30 x 20 opened, 30 x 20 loaded; packet kept: True
#     JPEG: 30 x 20 opened, 30 x 20 loaded; packet kept: True
#     WEBP: 30 x 20 opened, 30 x 20 loaded; packet kept: True
#     tifffile: 30 x 20
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

import PIL
import tifffile
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import ImageFileDirectory_v2

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/>'
    b"</rdf:RDF></x:xmpmeta>"
)
tags = ImageFileDirectory_v2()
tags.tagtype[700] = 1
tags[700] = XMP
text = PngInfo()
text.add_itxt("XML:com.adobe.xmp", XMP.decode())
options = {"TIFF": {"tiffinfo": tags}, "PNG": {"pnginfo": text}, "JPEG": {"xmp": XMP}, "WEBP": {"xmp": XMP}}
print(f"Pillow {PIL.__version__}, tifffile {tifffile.__version__}")
turned = []
for name, how in options.items():
    Image.new("RGB", (30, 20)).save(name, name, **how)
    with Image.open(name) as image:
        opened = image.size
        image.load()
        kept = b'Orientation="6"' in (image.info.get("xmp") or b"")
        kept = kept or 'Orientation="6"' in str(image.info.get("XML:com.adobe.xmp"))
        print("{}: {} x {} opened, {} x {} loaded; packet kept: {}".format(name, *opened, *image.size, kept))
        if image.size != opened:
            turned.append(name)
rows, columns = tifffile.imread("TIFF").shape[:2]
print(f"tifffile: {columns} x {rows}")
sys.exit(0 if turned == ["TIFF"] and (columns, rows) == (30, 20) else 1)
PY
