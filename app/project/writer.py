"""Writes the members of a project file from a lease of the document."""

import json
import zipfile
from collections.abc import Callable
from html import escape
from typing import TypeAlias

import numpy as np

from app.document.document import Lease, Variant
from app.document.tiles import PackedMask
from app.project.manifest import VERSION, Manifest
from app.serialization import exact_png as png
from app.serialization.blobs import BlobWriter
from app.serialization.document import store_marks, store_variant
from app.serialization.source import StoredSource, raw_parts, store_source
from engine.colour.thumbnail import thumbnail
from engine.geometry import Native
from engine.storage.json_records import builtins

MIMETYPE = "image/openraster"
THUMBNAIL_PX = 256
PICTURE, ORIGINAL, MASK = "data/picture.png", "data/original.png", "data/mask.png"

Report: TypeAlias = Callable[[float, str], None]


def write_members(archive: zipfile.ZipFile, lease: Lease, report: Report) -> None:
    """Write all members, the mimetype first."""
    _Writer(archive, lease, report).write()


class _Writer:
    def __init__(self, archive: zipfile.ZipFile, lease: Lease, report: Report) -> None:
        self._archive, self._lease, self._report = archive, lease, report
        pixels = len({id(each) for variant in lease.variants for each in arrays_of(variant)})
        self._expected = 4 + bool(lease.original_tiles) + len(lease.marks.named) + pixels
        self._done = 0
        self._names: dict[int, str] = {}  # of pixels, which variants of one painting share
        self._layers: list[tuple[str, str]] = []  # member and name, top to bottom

    def write(self) -> None:
        self._add("mimetype", MIMETYPE.encode())
        manifest = json.dumps(builtins(self._manifest()), ensure_ascii=False, indent=1)
        self._write_pictures()
        self._add("stack.xml", self._stack().encode())
        self._add("lacuna.json", manifest.encode())

    def _manifest(self) -> Manifest:
        lease, picture = self._lease, self._lease.picture
        put = BlobWriter(pixels=self._put_pixels, mask=self._put_mask)
        return Manifest(
            format="lacuna",
            version=VERSION,
            size=picture.size,
            depth=8 if picture.depth == 8 else 16,
            gray=picture.is_gray,
            alpha=picture.alpha is not None,
            edited=bool(lease.original_tiles),
            revision=lease.revision,
            source=self._source(),
            marks=store_marks(lease.marks, put),
            variants=tuple(store_variant(variant, put) for variant in lease.variants),
        )

    def _source(self) -> StoredSource:
        picture = self._lease.picture
        for name, content in raw_parts(picture).items():
            self._add(f"lacuna/{name}.bin", content)
        return store_source(picture)

    def _write_pictures(self) -> None:
        lease, picture = self._lease, self._lease.picture
        self._add_picture(MASK, png.encode(lease.mask))
        self._layers.append((MASK, "Selection"))
        current = png.encode(picture.pixels, picture.alpha, picture.icc)
        self._add_picture(PICTURE, current)
        self._layers.append((PICTURE, "Picture"))
        if not np.may_share_memory(lease.view, picture.pixels):
            alpha = None if picture.alpha is None else _to_8_bit(picture.alpha)
            current = png.encode(lease.view, alpha)
        self._add_picture("mergedimage.png", current)
        del current
        small = thumbnail(lease.view, THUMBNAIL_PX)
        self._add_picture("Thumbnails/thumbnail.png", png.encode(small))
        if lease.original_tiles:
            data = png.encode(lease.original(), picture.alpha, picture.icc)
            self._add_picture(ORIGINAL, data)
            self._layers.append((ORIGINAL, "Original"))

    def _put_pixels(self, pixels: Native) -> str:
        name = self._names.get(id(pixels))
        if name is None:
            name = self._names[id(pixels)] = f"data/variant-{len(self._names) + 1}.png"
            self._add_picture(name, png.encode(pixels))
        return name

    def _put_mask(self, mask: PackedMask) -> str:
        name = f"data/mask-{len(self._layers) + 1}.png"
        self._add_picture(name, png.encode(mask.unpack()))
        self._layers.append((name, self._lease.marks.named[len(self._layers)].name))
        return name

    def _stack(self) -> str:
        width, height = self._lease.picture.size
        layers = "".join(
            f"<layer name={_quoted(name)} src={_quoted(member)} x='0' y='0' opacity='1.0'"
            f" visibility='{'visible' if member == PICTURE else 'hidden'}'/>\n"
            for member, name in self._layers
        )
        return (
            "<?xml version='1.0' encoding='UTF-8'?>\n"
            f"<image version='0.0.3' w='{width}' h='{height}'>\n<stack>\n{layers}</stack>\n</image>"
        )

    def _add_picture(self, name: str, content: bytes) -> None:
        self._add(name, content)
        self._done += 1
        self._report(self._done / self._expected, "save")

    def _add(self, name: str, content: bytes) -> None:
        # a fixed time: the same document gives the same bytes
        self._archive.writestr(zipfile.ZipInfo(name), content)


def arrays_of(variant: Variant) -> list[Native]:
    """All arrays of a variant and of the request that it was painted from."""
    patches: list[Native] = [
        each for patch in variant.patches for each in (patch.pixels, patch.blend)
    ]
    holes = variant.request.holes if variant.request is not None else ()
    return patches + [each for hole in holes for each in (hole.image, hole.mask, hole.blend)]


def _quoted(text: str) -> str:
    """For XML 1.0, which has no way to write most control characters."""
    return f'"{escape("".join(c for c in text if c.isprintable()))}"'


def _to_8_bit(alpha: Native) -> Native:
    return alpha if alpha.dtype == np.uint8 else np.rint(alpha / 257).astype(np.uint8)
