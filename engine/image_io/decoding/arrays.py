"""Brings the arrays of the decoders into the program's form: contiguous, RGB order, alpha apart."""

from dataclasses import dataclass, field
from typing import Protocol, cast

import cv2
import numpy as np
import simplejpeg  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray
from PIL import Image as Pil

from engine.colour import lcms
from engine.colour.named import Named
from engine.errors import ImageUnreadable
from engine.geometry import Native, Size
from engine.picture import Coding, Metadata

RGB = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
UNCHANGED = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
GRAY = cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION

_STRIP_ROWS = 256
_ALPHA_MODES = frozenset(["LA", "La", "PA", "RGBA", "RGBa"])
_GRAY_MODES = frozenset(["1", "L", "LA", "La"])
_COLOUR_MODES = frozenset(["P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "YCbCr"])


class ColoursOf(Protocol):
    """The profile for what a file says of its colours, of gray or RGB pixels."""

    def __call__(self, *, gray: bool) -> Named: ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decoded:
    """Pixels as they lie in the file, before orientation and profile are seen to."""

    pixels: Native
    alpha: Native | None = None
    icc: bytes | None = None
    colours: "ColoursOf | None" = None  # what the file says of them without a profile
    metadata: Metadata
    orientation: int = 1
    notes: tuple[str, ...] = ()
    coding: Coding = field(default_factory=Coding)


def expect(found: Native, dtype: type[np.generic], channels: int) -> None:
    """Raise ImageUnreadable unless (H, W, ...) has the type and channels of the header."""
    have = 1 if found.ndim == 2 else found.shape[2]
    if found.dtype != dtype or have != channels:
        raise ImageUnreadable(None, "kind", f"pixels {found.dtype} {found.shape}")


def apart(found: Native) -> tuple[Native, Native]:
    """Pixels and alpha, each in an array of its own, of (H, W, 2) or (H, W, 4)."""
    pixels = found[..., 0] if found.shape[2] == 2 else found[..., :3]
    return (
        cast(Native, np.ascontiguousarray(pixels)),
        cast(Native, np.ascontiguousarray(found[..., -1])),
    )


def by_turbo(content: bytes, size: Size, *, gray: bool = False) -> NDArray[np.uint8]:
    """(H, W) or (H, W, 3) uint8 of a JPEG, in an array of its own. Raises ValueError."""
    out = np.empty((size.height, size.width, 1 if gray else 3), np.uint8)
    simplejpeg.decode_jpeg(content, "GRAY" if gray else "RGB", buffer=out, strict=False)
    return out[..., 0] if gray else out


def by_opencv(content: bytes, flags: int, size: Size) -> Native:
    """(H, W, ...) by OpenCV. Raises ImageUnreadable when it fails or finds another size."""
    found = cv2.imdecode(np.frombuffer(content, np.uint8), flags)
    if found is None or Size.of(found) != size:
        raise ImageUnreadable(None, "damaged", "decoder")
    return cast(Native, found)


def by_pillow(image: Pil.Image) -> tuple[Native, Native | None]:
    """(H, W) or (H, W, 3) uint8 pixels, and (H, W) alpha or None, of an 8-bit image.

    Raises ImageUnreadable for modes that are not kept.
    """
    gray = image.mode in _GRAY_MODES
    if not gray and image.mode not in _COLOUR_MODES:
        raise ImageUnreadable(None, "kind", f"pixels {image.mode}")
    has_alpha = image.mode in _ALPHA_MODES or "transparency" in image.info
    mode = ("LA" if gray else "RGBA") if has_alpha else ("L" if gray else "RGB")
    found = array(image if image.mode == mode else _to_mode(image, mode), len(mode))
    if not has_alpha:
        return found, None
    return apart(found)


def _to_mode(image: Pil.Image, mode: str) -> Pil.Image:
    """Pillow converts gray with a transparent value, and palettes with alpha, by way of RGBA."""
    if mode in ("LA", "RGBA") and image.mode not in ("La", "RGBa", "LA"):
        image = image.convert("RGBA")
    return image if image.mode == mode else image.convert(mode)


def array(image: Pil.Image, channels: int) -> NDArray[np.uint8]:
    """(H, W) or (H, W, C) uint8, in pieces: `np.asarray` of the whole would hold it three times."""
    image.load()
    width, height = image.size
    out = np.empty((height, width, channels), np.uint8)
    for top in range(0, height, _STRIP_ROWS):
        bottom = min(top + _STRIP_ROWS, height)
        strip = np.asarray(image.crop((0, top, width, bottom)))
        out[top:bottom] = strip.reshape(bottom - top, width, channels)
    return out if channels > 1 else out[..., 0]


def from_cmyk(image: Pil.Image, icc: bytes | None) -> tuple[Pil.Image, tuple[str, ...]]:
    """sRGB by the file's own profile; by plain arithmetic where it has none that works."""
    by_profile = lcms.one_way_to_srgb(image, icc) if icc else None
    if by_profile is not None:
        return by_profile, ("cmyk-converted",)
    return image.convert("RGB"), ("cmyk-converted", "cmyk-no-profile")


def to_cmyk(pixels: NDArray[np.uint8], icc: bytes | None) -> NDArray[np.uint8]:
    """(N, 4) uint8 inks of (N, 3) sRGB pixels: the way back of `from_cmyk`. Raises ValueError."""
    image = Pil.fromarray(pixels[None])
    if icc and lcms.one_way_to_srgb(Pil.new("CMYK", (1, 1)), icc) is not None:
        found = lcms.srgb_to_inks(image, icc)
        if found is None:
            raise ValueError("a profile without a way back")
    else:
        found = image.convert("CMYK")
    return array(found, 4)[0]


def straight(pixels: Native, alpha: Native) -> Native:
    """(H, W) or (H, W, 3) pixels that were multiplied by (H, W) alpha, divided again, rounded."""
    top = int(np.iinfo(pixels.dtype).max)
    share = np.maximum(alpha, 1).astype(np.float32) / top
    if pixels.ndim == 3:
        share = share[..., None]
    return cast(Native, np.clip(np.rint(pixels / share), 0, top).astype(pixels.dtype))
