"""Pictures on their way through a workflow: in their file's own depth and profile, all the way."""

import hashlib
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from engine.colour.convert import patch_pixels, to_8_bit, view_of, view_rect
from engine.geometry import Image, Mask, Native, Size
from engine.jobs.requests import InpaintRequest, InpaintResult, Patch, RemoveResult
from engine.picture import Picture
from engine.selection import masks
from engine.tasks import changed_outside
from engine.workflow.local.values import Origin


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PhotoStep:
    """What one node changed. A window can do the same to its document, patch by patch."""

    origin: Origin
    verb: str  # remove, paint, lay
    patches: tuple[Patch, ...]
    result: RemoveResult | InpaintResult | None = None
    request: InpaintRequest | None = None  # of a painting: with it, it can be made again


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Photo:
    """A picture and how it came to be."""

    picture: Picture
    view: Image  # what engines see
    source: str = ""  # id of the LoadImage node; "": made here, of masks
    key: str = ""  # names the content of the source
    steps: tuple[PhotoStep, ...] = ()  # on the source, one after the other
    is_mask: bool = False

    @property
    def size(self) -> Size:
        return self.picture.size

    @property
    def content_key(self) -> str:
        """The same for the same pixels; costs a hash where something was changed."""
        if self.key and not self.steps:
            return self.key
        return hashlib.blake2b(self.view.tobytes(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Source:
    """What is brought for a LoadImage or LoadImageMask node."""

    picture: Picture
    view: Image | None = None  # where it is known
    key: str = ""  # names the content; "": not known
    mask: Mask | None = None  # what is marked; None: what is transparent


def load_photo(node: str, source: Source, *, opaque: bool) -> Photo:
    """The picture of a node; opaque where its transparency was meant as a mask."""
    picture = replace(source.picture, alpha=None) if opaque else source.picture
    view = view_of(picture) if source.view is None else source.view
    return Photo(picture=picture, view=view, source=node, key=source.key)


def photo_of_mask(mask: Mask) -> Photo:
    """A gray picture of an (H, W) mask."""
    picture = Picture(pixels=mask)
    return Photo(picture=picture, view=view_of(picture), is_mask=True)


def photo_of_view(view: Image) -> Photo:
    """A picture of an (H, W, 3) view."""
    return Photo(picture=Picture(pixels=view), view=view)


def source_mask(source: Source) -> Mask:
    """(H, W) area to work on: the part that was marked, else the transparent part."""
    if source.mask is not None:
        return source.mask
    alpha = source.picture.alpha
    if alpha is None:
        width, height = source.picture.size
        return np.zeros((height, width), np.uint8)
    return masks.invert(cast(Mask, to_8_bit(alpha)))


def source_channel(source: Source, name: str) -> Mask:
    """(H, W) of a file that holds a mask: red, green, blue, or the transparent part."""
    if name == "alpha" or source.mask is not None:
        return source_mask(source)
    view = view_of(source.picture) if source.view is None else source.view
    return np.ascontiguousarray(view[..., ("red", "green", "blue").index(name)])


def apply_step(photo: Photo, step: PhotoStep) -> tuple[Photo, int]:
    """The photo after a step, and how many pixels changed where nothing may: 0."""
    picture = photo.picture
    native, outside_px = picture.pixels.copy(), 0
    for patch in step.patches:
        before = native[patch.rect.slices].copy()
        native[patch.rect.slices] = patch_pixels(native, picture.icc, patch)
        outside_px += changed_outside(before, native[patch.rect.slices], patch.blend)
    view = _view_after(photo, native, step.patches)
    native.flags.writeable = False
    changed = replace(picture, pixels=native)
    return replace(photo, picture=changed, view=view, steps=(*photo.steps, step)), outside_px


def _view_after(photo: Photo, native: Native, patches: tuple[Patch, ...]) -> Image:
    """Only the patches are converted; where pixels and view are one, they stay so."""
    if np.may_share_memory(photo.view, photo.picture.pixels):
        return cast(Image, native)
    view = photo.view.copy()
    for patch in patches:
        view[patch.rect.slices] = view_rect(native, photo.picture.icc, patch.rect)
    view.flags.writeable = False
    return view
