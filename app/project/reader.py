"""Reads a document from the members of a project file, none of which is trusted."""

from pathlib import Path
from typing import cast

from app.document.document import Document
from app.document.tiles import PackedMask
from app.project.manifest import Manifest, NewerVersion, read_manifest
from app.project.writer import MASK, MIMETYPE, ORIGINAL, PICTURE
from app.serialization import exact_png as png
from app.serialization.blobs import BlobName, BlobReader
from app.serialization.document import load_marks, load_variant
from app.serialization.safe_zip import Archive
from app.serialization.source import LIMITS, load_picture
from engine.errors import ProjectUnreadable
from engine.geometry import Mask, Native, Size
from engine.image_io import reader as reading
from engine.image_io.limits import Limits
from engine.picture import Picture

MAX_JSON = 16_000_000
MAX_UNPACKED = 4_000_000_000  # bytes of all variants together


def from_archive(archive: Archive, path: Path, limits: Limits) -> Document:
    """The document; of a plain .ora its merged image. A damaged file may raise anything."""
    if archive.read("mimetype", 100).strip() != MIMETYPE.encode():
        raise ValueError("another kind of file")
    if "lacuna.json" in archive.names:
        return _Reader(archive, path, limits).document()
    merged = archive.read("mergedimage.png", limits.file)
    return Document.from_picture(reading.read_bytes(merged, path.name, limits), path)


class _Reader:
    def __init__(self, archive: Archive, path: Path, limits: Limits) -> None:
        self._archive, self._path, self._limits = archive, path, limits
        self._left = MAX_UNPACKED
        self._shared: dict[tuple[str, Size, int], Native] = {}
        self._manifest = _manifest(archive, path)
        self._size = self._manifest.size
        limits.check_size(self._size, path)

    def document(self) -> Document:
        manifest = self._manifest
        document = Document.from_picture(self._picture(), self._path)
        document.writable_mask()[...] = self._mask_member(MASK)
        get = BlobReader(pixels=self._patch_pixels, mask=self._named)
        document.marks = load_marks(manifest.marks, self._size, get)
        document.variants = tuple(load_variant(v, self._size, get) for v in manifest.variants)
        document.revision = manifest.revision
        if manifest.edited:
            document.set_original(self._native(ORIGINAL)[0])
        return document

    def _picture(self) -> Picture:
        pixels, alpha = self._native(PICTURE)
        return load_picture(self._manifest.source, pixels, alpha, part=self._bytes)

    def _bytes(self, name: str) -> bytes | None:
        member = f"lacuna/{name}.bin"
        if member not in self._archive.names:
            return None
        return self._archive.read(member, getattr(self._limits, LIMITS[name]))

    def _native(self, member: str) -> tuple[Native, Native | None]:
        """Pixels and alpha of a layer, in shape and depth of the document."""
        is_gray, has_alpha = self._manifest.gray, self._manifest.alpha
        channels = 4 if has_alpha else 1 if is_gray else 3
        pixels = self._pixels(member, self._size, channels, self._manifest.depth)
        if not has_alpha:
            return pixels, None
        own = pixels[..., 0] if is_gray else pixels[..., :3]
        return own.copy(), pixels[..., 3].copy()

    def _pixels(self, member: str, size: Size, channels: int, depth: int) -> Native:
        unpacked = size.pixels * channels * depth // 8
        data = self._archive.read(member, unpacked + unpacked // 8 + 1_000_000)
        return png.decode(data, size, depth=depth, channels=channels)

    def _mask_member(self, member: str) -> Mask:
        return cast(Mask, self._pixels(member, self._size, 1, 8))

    def _named(self, name: BlobName, _size: Size) -> PackedMask:
        return PackedMask.of(self._mask_member(str(name)))

    def _patch_pixels(self, name: BlobName, size: Size, channels: int) -> Native:
        """Pixels of a variant, (h, w) or (h, w, 3); decoded once where variants share them."""
        key = (str(name), size, channels)
        if key not in self._shared:
            self._shared[key] = self._unpacked(str(name), size, channels)
        return self._shared[key]

    def _unpacked(self, name: str, size: Size, channels: int) -> Native:
        self._left -= size.pixels * channels
        if self._left < 0:
            raise ValueError("unpacks to far more than it should")
        return self._pixels(name, size, channels, 8)


def _manifest(archive: Archive, path: Path) -> Manifest:
    try:
        return read_manifest(archive.read("lacuna.json", MAX_JSON))
    except NewerVersion as error:
        raise ProjectUnreadable(path, "newer") from error
