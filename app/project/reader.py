"""Reads a document from the members of a project file, none of which is trusted."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias, cast

from app.document.document import Document
from app.document.tiles import PackedMask
from app.project.limits import ProjectLimits
from app.project.manifest import Manifest, NewerVersion, read_manifest
from app.project.writer import MASK, MIMETYPE, ORIGINAL, PICTURE
from app.serialization import exact_png as png
from app.serialization.blobs import BlobName, BlobReader, within
from app.serialization.document import load_marks, load_origins, load_variant
from app.serialization.painting import load_removal
from app.serialization.safe_zip import Archive
from app.serialization.source import LIMITS, load_picture
from engine.errors import ProjectUnreadable
from engine.geometry import Mask, Native, Rect, Size
from engine.image_io import reader as reading
from engine.image_io.limits import Limits
from engine.picture import Picture

Report: TypeAlias = Callable[[float, str], None]
Key: TypeAlias = tuple[str, Size, int, int]  # member, size, channels, depth


def from_archive(
    archive: Archive, path: Path, limits: Limits, report: Report, *, allowed: ProjectLimits
) -> Document:
    """The document; of a plain .ora its merged image. A damaged file may raise anything."""
    if archive.read("mimetype", 100).strip() != MIMETYPE.encode():
        raise ValueError("another kind of file")
    if "lacuna.json" in archive.names:
        return _Reader(archive, path, limits, report, allowed=allowed).document()
    merged = archive.read("mergedimage.png", limits.file)
    return Document.from_picture(reading.read_bytes(merged, path.name, limits), path)


class _Reader:
    def __init__(
        self,
        archive: Archive,
        path: Path,
        limits: Limits,
        report: Report,
        *,
        allowed: ProjectLimits,
    ) -> None:
        self._archive, self._path, self._limits = archive, path, limits
        self._report, self._allowed = report, allowed
        self._unpacked = self._done = 0
        self._shared: dict[Key, Native] = {}
        self._masks: dict[str, PackedMask] = {}
        self._manifest = _manifest(archive, path, allowed.manifest)
        self._size = self._manifest.size
        limits.check_size(self._size, path)

    def document(self) -> Document:
        manifest = self._manifest
        document = Document.from_picture(self._picture(), self._path)
        self._mask_member(MASK).mark(document.writable_mask())
        get = BlobReader(
            pixels=self._patch_pixels,
            mask=self._named,
            native=self._underlay_pixels,
            plane=self._plane,
        )
        document.marks = load_marks(manifest.marks, self._size, get)
        document.variants = tuple(load_variant(v, self._size, get) for v in manifest.variants)
        document.discarded = load_origins(manifest.discarded)
        if manifest.last_removal is not None:
            document.last_removal = load_removal(manifest.last_removal, self._size, get)
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
        self._done += 1
        self._report(min(1.0, self._done / len(self._archive.names)), "read")
        unpacked = size.pixels * channels * depth // 8
        limit = unpacked + unpacked // 8 + self._limits.profile + 1_000_000
        data = self._archive.read(member, limit)
        return png.decode(data, size, depth=depth, channels=channels)

    def _mask_member(self, member: str) -> PackedMask:
        """A mask, decoded once however many name it."""
        if member not in self._masks:
            self._count(self._size.pixels)
            rect = self._manifest.places.get(member, Rect.whole(self._size))
            part = cast(Mask, self._pixels(member, within(rect, self._size).size, 1, 8))
            self._masks[member] = PackedMask.placed(part, rect, self._size)
        return self._masks[member]

    def _named(self, name: BlobName, _size: Size) -> PackedMask:
        return self._mask_member(str(name))

    def _patch_pixels(self, name: BlobName, size: Size, channels: int) -> Native:
        """Pixels of a variant, (h, w) or (h, w, 3); decoded once where variants share them."""
        return self._once(str(name), size, channels, 8)

    def _underlay_pixels(self, name: BlobName, size: Size) -> Native:
        """Pixels of the picture below a variant, in its own depth and channels."""
        return self._once(str(name), size, 1 if self._manifest.gray else 3, self._manifest.depth)

    def _plane(self, name: BlobName, size: Size) -> Native:
        """One channel below a variant, in the picture's own depth."""
        return self._once(str(name), size, 1, self._manifest.depth)

    def _once(self, name: str, size: Size, channels: int, depth: int) -> Native:
        key = name, size, channels, depth
        if key not in self._shared:
            self._count(size.pixels * channels * depth // 8)
            self._shared[key] = self._pixels(name, size, channels, depth)
        return self._shared[key]

    def _count(self, unpacked: int) -> None:
        """Add to the bytes of all that is decoded, before it is."""
        self._unpacked += unpacked
        self._allowed.check("unpacked", self._unpacked, self._path)


def _manifest(archive: Archive, path: Path, limit: int) -> Manifest:
    try:
        return read_manifest(archive.read("lacuna.json", limit))
    except NewerVersion as error:
        raise ProjectUnreadable(path, "newer") from error
