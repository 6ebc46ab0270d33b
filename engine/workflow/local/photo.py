"""Pictures inside a workflow, in the depth and profile of their file throughout."""

import hashlib
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from engine.colour.convert import patch_alpha, patch_pixels, to_8_bit, view_of, view_rect
from engine.geometry import Image, Mask, Native, Size
from engine.jobs.requests import InpaintRequest, InpaintResult, Patch, RemoveResult
from engine.picture import Picture
from engine.selection import masks
from engine.tasks import changed_outside
from engine.workflow.local.origin import Origin


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PhotoStep:
    """The change of one node, as patches that a window can apply to its document."""

    origin: Origin
    verb: str  # remove, paint, lay
    patches: tuple[Patch, ...]
    result: RemoveResult | InpaintResult | None = None
    request: InpaintRequest | None = None  # of a painting, to make it again


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Photo:
    """A picture with the steps that made it from its source."""

    picture: Picture
    view: Image  # (H, W, 3) uint8 sRGB, for engines
    source: str = ""  # id of the LoadImage node; "": made from masks
    key: str = ""  # identifies the content of the source
    steps: tuple[PhotoStep, ...] = ()  # on the source, one after the other
    is_mask: bool = False

    @property
    def size(self) -> Size:
        return self.picture.size

    @property
    def content_key(self) -> str:
        """Equal for equal pixels; hashes the view after the first step."""
        if self.key and not self.steps:
            return self.key
        return hashlib.blake2b(self.view.tobytes(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Source:
    """The picture given to a LoadImage or LoadImageMask node."""

    picture: Picture
    view: Image | None = None  # where it was made already
    key: str = ""  # identifies the content; "": unknown
    mask: Mask | None = None  # (H, W) uint8; None: the transparent part


def load_photo(node: str, source: Source, *, opaque: bool) -> Photo:
    """The picture of a node; `opaque` drops an alpha channel that is used as a mask."""
    picture = replace(source.picture, alpha=None) if opaque else source.picture
    view = view_of(picture) if source.view is None else source.view
    return Photo(picture=picture, view=view, source=node, key=source.key)


def photo_of_mask(mask: Mask) -> Photo:
    """A gray picture from a `(H, W) uint8` mask."""
    picture = Picture(pixels=mask)
    return Photo(picture=picture, view=view_of(picture), is_mask=True)


def photo_of_view(view: Image) -> Photo:
    """A picture from an `(H, W, 3) uint8` view."""
    return Photo(picture=Picture(pixels=view), view=view)


def source_mask(source: Source) -> Mask:
    """The given mask, else the transparent part: `(H, W) uint8`, 255 = marked."""
    if source.mask is not None:
        return source.mask
    alpha = source.picture.alpha
    if alpha is None:
        width, height = source.picture.size
        return np.zeros((height, width), np.uint8)
    return masks.invert(cast(Mask, to_8_bit(alpha)))


def source_channel(source: Source, name: str) -> Mask:
    """A mask `(H, W) uint8` from the red, green or blue channel, or the transparent part."""
    if name == "alpha" or source.mask is not None:
        return source_mask(source)
    view = view_of(source.picture) if source.view is None else source.view
    return np.ascontiguousarray(view[..., ("red", "green", "blue").index(name)])


def apply_step(photo: Photo, step: PhotoStep) -> tuple[Photo, int]:
    """The photo after a step, and the number of pixels changed outside the patches: 0."""
    picture = photo.picture
    native, outside_px = picture.pixels.copy(), 0
    alpha = None if picture.alpha is None else picture.alpha.copy()
    for patch in step.patches:
        before = native[patch.rect.slices].copy()
        native[patch.rect.slices] = patch_pixels(native, picture.icc, patch)
        if alpha is not None:
            alpha[patch.rect.slices] = patch_alpha(alpha, patch)
        outside_px += changed_outside(before, native[patch.rect.slices], patch.blend)
    view = _view_after(photo, native, step.patches)
    native.flags.writeable = False
    changed = replace(picture, pixels=native, alpha=alpha)
    return replace(photo, picture=changed, view=view, steps=(*photo.steps, step)), outside_px


def _view_after(photo: Photo, native: Native, patches: tuple[Patch, ...]) -> Image:
    """The new view: only patches are converted; shared memory with the pixels is kept."""
    if np.may_share_memory(photo.view, photo.picture.pixels):
        return cast(Image, native)
    view = photo.view.copy()
    for patch in patches:
        view[patch.rect.slices] = view_rect(native, photo.picture.icc, patch.rect)
    view.flags.writeable = False
    return view
