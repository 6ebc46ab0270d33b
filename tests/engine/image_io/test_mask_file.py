"""Mask files of many programs: each means the same marks, or is refused in words."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import ArrayLike
from PIL import Image as Pil

from engine.errors import MaskInvalid
from engine.geometry import Mask, Size
from engine.image_io.mask_file import MaskFile, read_mask

SIZE = Size(80, 60)


def marks() -> Mask:
    mask = np.zeros((60, 80), np.uint8)
    mask[10:30, 20:50] = 255
    return mask


def soft() -> Mask:
    return np.asarray(cv2.GaussianBlur(marks(), (0, 0), 3), np.uint8)


def colour(rgb: tuple[int, int, int], strength: Mask) -> Pil.Image:
    return Pil.fromarray((strength[..., None] / 255 * np.array(rgb)).round().astype(np.uint8))


def rgba(pixels: ArrayLike, alpha: Mask) -> Pil.Image:
    return Pil.fromarray(np.dstack((np.broadcast_to(pixels, (60, 80, 3)), alpha)).astype(np.uint8))


def photo() -> np.ndarray:
    y, x = np.mgrid[:60, :80]
    return np.stack((60 + x * 2, 40 + y * 3, 200 - x), 2).astype(np.uint8)


def palette(colours: list[int], labels: Mask) -> Pil.Image:
    image = Pil.fromarray(labels, "P")
    image.putpalette(colours)
    return image


def one_label(value: int) -> Mask:
    return np.where(marks() > 0, value, 0).astype(np.uint8)


TAKEN: dict[str, tuple[Callable[[], Pil.Image], str]] = {
    "gray": (lambda: Pil.fromarray(marks()), ""),
    "soft": (lambda: Pil.fromarray(soft()), ""),
    "rgb": (lambda: colour((255, 255, 255), marks()), ""),
    "one bit": (lambda: Pil.fromarray(marks()).convert("1"), ""),
    "16 bit": (lambda: Pil.fromarray(marks().astype(np.uint16) * 257), ""),
    "opaque": (lambda: rgba(marks()[..., None], np.full((60, 80), 255, np.uint8)), ""),
    "white strokes": (lambda: rgba(255, marks()), "mask-visible"),
    "soft strokes": (lambda: rgba(255, soft()), "mask-visible"),
    "red strokes": (lambda: rgba((255, 0, 0), marks()), "mask-visible"),
    "black strokes": (lambda: rgba(0, marks()), "mask-visible"),
    "white over half": (lambda: rgba(255, 255 - marks()), "mask-visible"),
    "photo with a hole": (lambda: rgba(photo(), 255 - marks()), "mask-transparent"),
    "cut-out": (lambda: rgba(photo(), marks()), "mask-visible"),
    "0 and 1": (lambda: Pil.fromarray(one_label(1)), "mask-label"),
    "0 and 15": (lambda: Pil.fromarray(one_label(15)), "mask-label"),
    "0 and 1, 16 bit": (lambda: Pil.fromarray(one_label(1).astype(np.uint16)), "mask-label"),
    "palette, dark red": (lambda: palette([0, 0, 0, 128, 0, 0], one_label(1)), "mask-colour"),
    "palette, white": (lambda: palette([0, 0, 0, 255, 255, 255], one_label(1)), ""),
    "green on black": (lambda: colour((0, 255, 0), marks()), "mask-colour"),
    "soft red on black": (lambda: colour((255, 0, 0), soft()), "mask-colour"),
}


def of(image: Pil.Image, folder: Path, ending: str = "png") -> MaskFile:
    image.save(folder / f"m.{ending}")
    return read_mask(folder / f"m.{ending}", SIZE)


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_meant_is_marked_and_said(name: str, tmp_path: Path) -> None:
    make, note = TAKEN[name]
    found = of(make(), tmp_path)
    wanted = soft() if "soft" in name else marks()
    if name == "white over half":
        wanted = 255 - wanted
    assert np.abs(found.mask.astype(int) - wanted).max() <= (2 if note == "mask-colour" else 0)
    assert found.notes == ((note,) if note else ())


def test_a_jpeg_has_stains_and_is_taken(tmp_path: Path) -> None:
    found = of(Pil.fromarray(marks()).convert("RGB"), tmp_path, "jpg")
    assert np.array_equal(found.mask > 127, marks() > 0)


def labels() -> Mask:
    mask = one_label(1)
    mask[40:50] = 3
    return mask


REFUSED: dict[str, tuple[Callable[[], Pil.Image], str, str]] = {
    "black": (lambda: Pil.fromarray(0 * marks()), "empty", ""),
    "all transparent": (lambda: rgba(255, 0 * marks()), "empty", ""),
    "labels": (lambda: Pil.fromarray(labels()), "labels", "2"),
    "border": (lambda: Pil.fromarray(np.maximum(labels(), one_label(255))), "labels", "2"),
    "palette": (
        lambda: palette([0, 0, 0, 128, 0, 0, 9, 9, 9, 0, 128, 0], labels()), "labels", "3"
    ),
    "dim": (lambda: Pil.fromarray(soft() // 3), "dim", "85"),
    "photo": (lambda: Pil.fromarray(photo()), "colours", "4800"),
    "another size": (lambda: Pil.new("L", (40, 30), 255), "size", "40 x 30"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_told_is_refused(name: str, tmp_path: Path) -> None:
    make, reason, found = REFUSED[name]
    with pytest.raises(MaskInvalid) as caught:
        of(make(), tmp_path)
    assert (caught.value.reason, caught.value.found) == (reason, found)


def test_all_of_the_picture_is_said(tmp_path: Path) -> None:
    assert of(Pil.new("L", (80, 60), 255), tmp_path).notes == ("mask-full",)
    noisy = Pil.fromarray(np.full((60, 80, 3), 255, np.uint8))
    assert of(noisy, tmp_path, "jpg").notes == ("mask-full",)
