"""Profiles made of tables, through LittleCMS at 8 bits: relative colorimetric, with black point."""

import io
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image as Pil
from PIL import ImageCms

from engine.colour import icc as profile


def one_way_to_srgb(image: Pil.Image, icc: bytes) -> Pil.Image | None:
    """An 8-bit sRGB copy by a profile of any space, or None when LittleCMS refuses it."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        return _transform(source, _srgb_profile(), image.mode, "RGB").apply(image)
    except (OSError, ValueError, ImageCms.PyCMSError):
        return None


def srgb_to_inks(image: Pil.Image, icc: bytes) -> Pil.Image | None:
    """An 8-bit CMYK copy of an sRGB picture by a profile; None when LittleCMS refuses it."""
    try:
        target = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        return _transform(_srgb_profile(), target, "RGB", "CMYK").apply(image)
    except (OSError, ValueError, ImageCms.PyCMSError):
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Transform:
    """One way between two profiles, pixel by pixel."""

    transform: ImageCms.ImageCmsTransform

    def apply(self, image: Pil.Image) -> Pil.Image:
        return self.transform.apply(image)


@lru_cache(maxsize=4)
def both_ways(icc: bytes) -> tuple[Transform, Transform] | None:
    """Transforms to sRGB and back; None without tables, or when LittleCMS cannot use them."""
    if not profile.has_tables(icc):
        return None
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        srgb = _srgb_profile()
        return _transform(own, srgb, "RGB", "RGB"), _transform(srgb, own, "RGB", "RGB")
    except (OSError, ValueError, ImageCms.PyCMSError):
        return None


def _srgb_profile() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))  # pyright: ignore


def _transform(
    source: ImageCms.ImageCmsProfile, target: ImageCms.ImageCmsProfile, mode_in: str, mode_out: str
) -> Transform:
    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
    intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
    return Transform(
        ImageCms.ImageCmsTransform(source, target, mode_in, mode_out, intent, flags=flags)
    )
