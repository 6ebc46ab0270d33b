"""Pixels as PNG, byte for byte."""

import io

import pytest
from PIL import Image as Pil
from PIL import ImageCms

from app.serialization import exact_png as png
from engine.geometry import Size
from tests.support.documents import KINDS, picture

ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_pixels_survive_png(kind: str):
    ours = picture(kind)
    channels = 4 if ours.alpha is not None else 1 if ours.is_gray else 3
    data = png.encode(ours.pixels, ours.alpha, ICC)
    back = png.decode(data, ours.size, depth=ours.depth, channels=channels)
    own = back[..., :3] if channels == 4 else back
    expected = ours.pixels[..., None] if ours.is_gray and channels == 4 else ours.pixels
    assert (own == expected).all()
    assert ours.alpha is None or (back[..., 3] == ours.alpha).all()
    with Pil.open(io.BytesIO(data)) as image:
        assert image.info["icc_profile"] == ICC


def test_a_damaged_png_is_a_value_error():
    data = png.encode(picture().pixels)
    for wrong in (b"", data[:20], b"GIF89a" + data[6:]):
        with pytest.raises(ValueError, match="PNG"):
            png.decode(wrong, Size(61, 47), depth=8, channels=3)
