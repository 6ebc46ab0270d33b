"""Documents of every kind, and random edits of them."""

import hashlib
from dataclasses import replace

import numpy as np

from app.document.document import Document, Variant
from app.document.history import History
from app.document.named_masks import NamedMask
from app.document.tiles import PackedMask
from engine.geometry import Native, Rect, Size
from engine.jobs.paint_settings import Fit, Lora, PaintRecord, PaintSettings, StartFrom
from engine.jobs.requests import Click, Hole, InpaintRequest, Patch, RemoveRequest
from engine.picture import Metadata, Picture

SMALL = Size(61, 47)
KINDS = ("rgb8", "rgb16", "gray8", "gray16", "rgba8", "rgba16", "graya8", "graya16")


def picture(kind: str = "rgb8", size: Size = SMALL, seed: int = 1) -> Picture:
    random = np.random.default_rng(seed)
    dtype = np.uint16 if "16" in kind else np.uint8
    shape = (size.height, size.width) if "gray" in kind else (size.height, size.width, 3)
    top = np.iinfo(dtype).max + 1
    has_alpha = kind.rstrip("0168").endswith("a")
    return Picture(
        pixels=random.integers(0, top, shape, dtype),
        alpha=random.integers(0, top, shape[:2], dtype) if has_alpha else None,
        metadata=Metadata(exif=b"MM\0*\0\0\0\x08\0\0", xmp=b"<x/>", dpi=(72.0, 300.0)),
    )


def document(kind: str = "rgb8", size: Size = SMALL, seed: int = 1) -> Document:
    return Document.from_picture(picture(kind, size, seed))


def patch(random: np.random.Generator, size: Size) -> Patch:
    rect = some_rect(random, size)
    blend = random.choice(np.array([0, 0, 100, 255], np.uint8), (rect.height, rect.width))
    pixels = random.integers(0, 256, (rect.height, rect.width, 3), np.uint8)
    alpha = random.integers(0, 256, (rect.height, rect.width), np.uint8)
    return Patch(
        rect=rect, pixels=pixels, blend=blend, alpha=alpha if random.random() < 0.5 else None
    )


def some_rect(random: np.random.Generator, size: Size) -> Rect:
    x, y = int(random.integers(size.width)), int(random.integers(size.height))
    width = int(random.integers(1, size.width - x + 1))
    height = int(random.integers(1, size.height - y + 1))
    return Rect(x, y, width, height)


def random_edit(document: Document, history: History, random: np.random.Generator) -> str:
    """One committed step of any sort; returns what it was."""
    kind = str(random.choice(["stroke", "remove", "click", "name", "select"]))
    with history.edit(kind) as edit:
        match kind:
            case "stroke":
                for _ in range(4):
                    rect = some_rect(random, document.size)
                    edit.touch("mask", rect)
                    edit.mask[rect.slices] |= np.uint8(random.integers(1, 256))
            case "remove":
                made = patch(random, document.size)
                edit.write(made)
                edit.touch("mask", made.rect)
                edit.mask[made.rect.slices] = 0
                edit.set("clicks", ())
            case "click":
                click = Click(float(random.integers(99)), 0.5, bool(random.integers(2)))
                edit.set("clicks", (*document.clicks, click))
                edit.set("origin", "click")
            case "name":
                mask = PackedMask.of(document.mask)
                edit.set("named", (*document.named[-3:], NamedMask(f"№ {random.random()}", mask)))
            case _:
                rect = Rect(0, 0, *document.size)
                edit.touch("mask", rect)
                edit.mask[...] = 255 - edit.mask
                edit.set("box", some_rect(random, document.size))
    return kind


def variant(random: np.random.Generator, document: Document) -> Variant:
    return Variant(
        number=document.next_variant_number(),
        patches=(patch(random, document.size), patch(random, document.size)),
        engine="built-in",
        seed=int(random.integers(1 << 40)),
        revision=document.revision,
        notes=("grown",),
    )


def painting(random: np.random.Generator, document: Document, seed: int = 2**63) -> Variant:
    """A variant that can be made again."""
    settings = PaintSettings(
        prompt="a piece of meat, “rare”",
        negative_prompt="watermark",
        checkpoint="sd.safetensors",
        loras=(Lora("tom.safetensors", 0.7), Lora("other", -1.0)),
        sampler="uni_pc_bh2",
        start_from=StartFrom.REMOVED,
    )
    ours = replace(patch(random, document.size), alpha=None)
    hole = Hole(
        rect=ours.rect,
        image=random.integers(0, 256, ours.pixels.shape).astype(np.uint8),
        mask=random.integers(0, 256, ours.blend.shape).astype(np.uint8),
        blend=ours.blend,
    )
    request = InpaintRequest(holes=(hole,), settings=settings, seed=seed, match=0.5, revision=3)
    record = PaintRecord(
        fit=Fit(0.5, 0.25, 3, 4, Size(64, 96)),
        sigmas=(14.6, 0.1, 0.0),
        model="sd.safetensors",
        device="cpu",
        precision="fp32",
        versions=("torch 2",),
    )
    return Variant(
        number=document.next_variant_number(),
        patches=(ours,),
        engine="local",
        seed=seed,
        revision=document.revision,
        request=request,
        paint_records=(record,),
    )


def request_bytes(request: InpaintRequest | RemoveRequest | None) -> tuple[object, ...]:
    """All that a request holds."""
    if request is None:
        return ()
    holes = [
        (h.rect, h.image.tobytes(), h.mask.tobytes(), h.blend.tobytes()) for h in request.holes
    ]
    settings = request.settings if isinstance(request, InpaintRequest) else None
    return (settings, request.seed, request.match, request.revision, holes)


def fingerprint(document: Document) -> str:
    """Of everything the user would miss, byte for byte: no underlay of what was discarded."""
    origins = {each.origin for each in document.variants}
    marks = replace(document.marks, named=(), underlays={}, points_base=None, deselected=None)
    underlays = [
        (
            origin,
            [(p.rect, *(_bytes(a) for a in (p.pixels, p.inside, p.alpha))) for p in each.parts],
        )
        for origin, each in document.marks.underlays.items()
        if origin in origins
    ]
    named = [(n.name, n.visible, n.mask.unpack().tobytes()) for n in document.named]
    variants = [
        (
            v.number,
            v.engine,
            v.seed,
            v.revision,
            v.notes,
            [_patch_bytes(p) for p in v.patches],
            v.paint_records,
            request_bytes(v.request),
        )
        for v in document.variants
    ]
    base, deselected = document.marks.points_base, document.marks.deselected
    below = base and (
        base.mode,
        base.rect,
        base.shown_rect,
        _unpacked(base.before),
        _unpacked(base.shown),
        base.soft_rect,
        _unpacked(base.soft),
    )
    removal = document.last_removal and request_bytes(document.last_removal)
    again = below, _unpacked(deselected), removal
    full = document.picture()
    alpha = b"" if full.alpha is None else full.alpha.tobytes()
    facts = (full.icc, full.metadata, full.format, full.notes, str(full.pixels.dtype))
    digest = hashlib.sha256(
        repr((document.size, marks, named, underlays, variants, facts, again)).encode()
    )
    for data in (full.pixels.tobytes(), alpha, document.view.tobytes(), document.mask.tobytes()):
        digest.update(data)
    return digest.hexdigest()


def _patch_bytes(patch: Patch) -> tuple[Rect, bytes, bytes, bytes]:
    return patch.rect, _bytes(patch.pixels), _bytes(patch.blend), _bytes(patch.alpha)


def _unpacked(mask: PackedMask | None) -> bytes:
    return b"" if mask is None else mask.unpack().tobytes()


def _bytes(array: Native | None) -> bytes:
    return b"" if array is None else array.tobytes()
