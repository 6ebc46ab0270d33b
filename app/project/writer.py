"""Writes the members of a project file from a lease of the document."""

import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import TypeAlias

import msgspec
import numpy as np

from app.document.document import Lease, UndoState, Variant
from app.document.tiles import PackedMask
from app.document.underlay import newest_removal
from app.project.limits import ProjectLimits
from app.project.manifest import VERSION, WITHOUT_PLACES, Manifest, read_manifest
from app.serialization import exact_png as png
from app.serialization.blobs import MAX_ITEMS, BlobWriter
from app.serialization.document import store_marks, store_origins, store_variant
from app.serialization.painting import store_removal
from app.serialization.safe_zip import directory_bytes
from app.serialization.source import StoredSource, raw_parts, store_source
from engine.colour.thumbnail import thumbnail
from engine.errors import ProjectTooLarge
from engine.geometry import Mask, Native, Rect
from engine.jobs.requests import Hole
from engine.selection.masks import bounds
from engine.storage.json_records import builtins
from engine.storage.text import mended

MIMETYPE = "image/openraster"
THUMBNAIL_PX = 256
PICTURE, ORIGINAL, MASK = "data/picture.png", "data/original.png", "data/mask.png"
TEXTS = 3  # mimetype, stack.xml and lacuna.json

Report: TypeAlias = Callable[[float, str], None]


def write_members(
    archive: zipfile.ZipFile, lease: Lease, report: Report, *, path: Path, limits: ProjectLimits
) -> None:
    """Write all members, the mimetype first. Raises ProjectTooLarge, naming `path`."""
    _Writer(archive, lease, report, path=path, limits=limits).write()


class _Writer:
    def __init__(
        self,
        archive: zipfile.ZipFile,
        lease: Lease,
        report: Report,
        *,
        path: Path,
        limits: ProjectLimits,
    ) -> None:
        self._archive, self._lease, self._report = archive, lease, report
        self._path, self._limits = path, limits
        pictures = 4 + bool(lease.original_tiles)  # with the selection and the thumbnail
        self._expected = pictures + _mask_count(lease.marks) + len(_arrays(lease))
        self._done = self._bytes = self._directory = self._masks = 0
        self._names: dict[int, str] = {}  # of pixels, which variants of one painting share
        self._layers: list[tuple[str, str]] = []  # member and name, top to bottom
        self._places: dict[str, Rect] = {}

    def write(self) -> None:
        self._check_all()
        self._add("mimetype", MIMETYPE.encode())
        content = self._manifest_bytes()
        self._add("stack.xml", self._stack().encode())
        self._add("lacuna.json", content)

    def _check_all(self) -> None:
        """What can be counted is checked before anything is written."""
        lease = self._lease
        masks = lease.picture.size.pixels * (1 + _mask_count(lease.marks))
        arrays = sum(each.nbytes for each in _arrays(lease).values())
        self._check("members", self._expected + TEXTS + len(raw_parts(lease.picture)))
        self._check("unpacked", masks + arrays)

    def _check(self, what: str, found: int) -> None:
        self._limits.check(what, found, self._path, is_written=True)

    def _manifest_bytes(self) -> bytes:
        """The manifest, such as the reader takes it; what it names is written first."""
        manifest = self._manifest()
        self._write_pictures()
        version = VERSION if self._places else WITHOUT_PLACES
        manifest = msgspec.structs.replace(manifest, version=version, places=self._places)
        text = json.dumps(builtins(manifest), ensure_ascii=False, indent=1)
        content = mended(text).encode()
        self._check("manifest", len(content))
        try:
            read_manifest(content)
        except ValueError as error:
            lease = self._lease
            longest = max(len(lease.marks.named), len(lease.variants), len(lease.discarded))
            if longest <= MAX_ITEMS:
                raise
            raise ProjectTooLarge(self._path, "items", longest, MAX_ITEMS, True) from error
        return content

    def _manifest(self) -> Manifest:
        lease, picture = self._lease, self._lease.picture
        put = BlobWriter(pixels=self._put_pixels, mask=self._put_mask)
        removal = lease.last_removal
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
            marks=store_marks(_useful(lease), put),
            variants=tuple(store_variant(variant, put) for variant in lease.variants),
            discarded=store_origins(lease.discarded),
            last_removal=None if removal is None else store_removal(removal, put),
        )

    def _source(self) -> StoredSource:
        picture = self._lease.picture
        for name, content in raw_parts(picture).items():
            self._add(f"lacuna/{name}.bin", content)
        return store_source(picture)

    def _write_pictures(self) -> None:
        lease, picture = self._lease, self._lease.picture
        area = bounds(lease.mask)
        self._add_mask(MASK, area=area, part=lease.mask[area.slices])
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
        """The named masks come first, in their order, and are layers; others are none."""
        number, named, area = self._masks, self._lease.marks.named, mask.area
        self._masks += 1
        member = f"data/mask-{number + 1}.png"
        self._add_mask(member, area=area, part=mask.unpack_part(area))
        if number < len(named):
            self._layers.append((member, named[number].name))
        return member

    def _add_mask(self, member: str, *, area: Rect, part: Mask) -> None:
        """A mask is stored as the part that holds all of it; an empty one as one pixel."""
        if area.is_empty:
            area, part = Rect(0, 0, 1, 1), np.zeros((1, 1), np.uint8)
        if area.size != self._lease.picture.size:
            self._places[member] = area
        self._add_picture(member, png.encode(np.ascontiguousarray(part)))

    def _stack(self) -> str:
        width, height = self._lease.picture.size
        layers = "".join(self._layer(member, name) for member, name in self._layers)
        return (
            "<?xml version='1.0' encoding='UTF-8'?>\n"
            f"<image version='0.0.3' w='{width}' h='{height}'>\n<stack>\n{layers}</stack>\n</image>"
        )

    def _layer(self, member: str, name: str) -> str:
        place = self._places.get(member, Rect(0, 0, 0, 0))
        visibility = "visible" if member == PICTURE else "hidden"
        return (
            f"<layer name={_quoted(name)} src={_quoted(member)} x='{place.x}' y='{place.y}'"
            f" opacity='1.0' visibility='{visibility}'/>\n"
        )

    def _add_picture(self, name: str, content: bytes) -> None:
        self._add(name, content)
        self._done += 1
        self._report(self._done / self._expected, "save")

    def _add(self, name: str, content: bytes) -> None:
        self._bytes += len(content)
        self._directory += directory_bytes(name)
        self._check("total", self._bytes)
        self._check("directory", self._directory)
        # a fixed time: the same document gives the same bytes
        self._archive.writestr(zipfile.ZipInfo(name), content)


def _useful(lease: Lease) -> UndoState:
    """The marks without underlays that no variant can be put on any more.

    One more variant of the newest removal can be made, also when all of it are discarded.
    """
    kept_variants = {variant.number: variant.origin for variant in lease.variants}
    newest = newest_removal({**lease.discarded, **kept_variants})
    origins = {newest, *kept_variants.values()}
    kept = {each: below for each, below in lease.marks.underlays.items() if each in origins}
    return replace(lease.marks, underlays=kept)


def _mask_count(marks: UndoState) -> int:
    """How many masks are stored beside the selection."""
    base = marks.points_base
    below = 0 if base is None else 2 + (base.soft is not None)
    return len(marks.named) + below + (marks.deselected is not None)


def _arrays(lease: Lease) -> dict[int, Native]:
    """All arrays of variants and below them, and of the requests that are asked again."""
    found = [each for variant in lease.variants for each in _arrays_of(variant)]
    if lease.last_removal is not None:
        found += _arrays_in(lease.last_removal.holes)
    for underlay in _useful(lease).underlays.values():
        found += [each for part in underlay.parts for each in (part.pixels, part.inside)]
        found += [part.alpha for part in underlay.parts if part.alpha is not None]
    return {id(each): each for each in found}


def _arrays_of(variant: Variant) -> list[Native]:
    patches: list[Native] = [
        each for patch in variant.patches for each in (patch.pixels, patch.blend)
    ]
    alphas = [patch.alpha for patch in variant.patches if patch.alpha is not None]
    request = variant.request
    return patches + alphas + (_arrays_in(request.holes) if request is not None else [])


def _arrays_in(holes: Sequence[Hole]) -> list[Native]:
    cut_from: list[Native] = [
        each for hole in holes for each in (hole.image, hole.mask, hole.blend)
    ]
    return cut_from + [hole.alpha for hole in holes if hole.alpha is not None]


def _quoted(text: str) -> str:
    """For XML 1.0, which has no way to write most control characters."""
    return f'"{escape("".join(c for c in text if c.isprintable()))}"'


def _to_8_bit(alpha: Native) -> Native:
    return alpha if alpha.dtype == np.uint8 else np.rint(alpha / 257).astype(np.uint8)
