"""The folders of a stand-in server: what is uploaded, what is read, what is written and where."""

import itertools
import json
import random
import shutil
import string
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from tests.engine.comfy.stand_in.png import mended

Pixels = np.ndarray
"""(N, H, W, 3) float32, 0..1."""

KINDS = ("input", "output", "temp")


class Outside(ValueError):
    """A name that leads out of its folder."""


class Folders:
    """input, output and temp below one root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.wipe_temp()
        for kind in KINDS:
            self[kind].mkdir(parents=True, exist_ok=True)

    def __getitem__(self, kind: str) -> Path:
        if kind not in KINDS:
            raise KeyError(kind)
        return self.root / kind

    def wipe_temp(self) -> None:
        shutil.rmtree(self.root / "temp", ignore_errors=True)
        (self.root / "temp").mkdir(parents=True)

    def inputs(self) -> list[str]:
        return sorted(path.name for path in self["input"].iterdir() if path.is_file())

    def inside(self, kind: str, subfolder: str, name: str) -> Path:
        folder = self[kind].resolve()
        path = (folder / subfolder / name).resolve()
        if not path.is_relative_to(folder):
            raise Outside(name)
        return path

    def annotated(self, name: str) -> Path:
        """`name [temp]` is a file of temp; without a word, of input."""
        for kind in KINDS:
            if name.endswith(f"[{kind}]"):
                return self.inside(kind, "", name.removesuffix(f"[{kind}]").rstrip())
        return self.inside("input", "", name)

    def exists(self, name: str) -> bool:
        try:
            return self.annotated(name).is_file()
        except Outside:
            return False

    def store(self, kind: str, subfolder: str, name: str, content: bytes, overwrite: str) -> str:
        """The name under which it lies there now: another one, where this one is taken."""
        path = self.inside(kind, subfolder, name)
        self.inside(kind, subfolder, "").mkdir(parents=True, exist_ok=True)
        if overwrite not in ("true", "1"):
            path = free_name(path, content)
        path.write_bytes(content)
        return path.name


def free_name(path: Path, content: bytes) -> Path:
    for i in itertools.count(1):
        if not path.exists() or path.read_bytes() == content:
            return path
        stem = path.stem if i == 1 else path.stem.rpartition(" (")[0]
        path = path.with_name(f"{stem} ({i}){path.suffix}")
    raise AssertionError


def save(
    folders: Folders, kind: str, prefix: str, images: Pixels, chunks: dict[str, Any]
) -> list[dict[str, str]]:
    """Write a batch as PNG files, numbered on from what lies there, and say where.

    An empty batch is an IndexError, as on a real server: its first picture is asked for its size.
    """
    images[0]
    subfolder, _, stem = prefix.rpartition("/")
    folder = folders.inside(kind, subfolder, "")
    folder.mkdir(parents=True, exist_ok=True)
    first = 1 + len(list(folder.glob(f"{glob_safe(stem)}_*.png")))
    answers: list[dict[str, str]] = []
    for i, image in enumerate(images, first):
        name = f"{stem}_{i:05}_.png"
        picture = Image.fromarray(to_bytes(image))
        picture.save(folder / name, pnginfo=text_chunks(chunks), compress_level=1)
        answers.append({"filename": name, "subfolder": subfolder, "type": kind})
    return answers


def glob_safe(stem: str) -> str:
    return "".join(f"[{letter}]" if letter in "[]*?" else letter for letter in stem)


def text_chunks(chunks: dict[str, Any]) -> PngInfo:
    texts = PngInfo()
    for name, value in chunks.items():
        texts.add_text(name, json.dumps(value))
    return texts


def random_letters() -> str:
    """What a temp file's name ends in; another one in each node that writes."""
    return "".join(random.choice(string.ascii_lowercase) for _ in range(5))


def to_bytes(image: np.ndarray) -> np.ndarray:
    return np.clip(255.0 * image, 0, 255).astype(np.uint8)


def frames(path: Path) -> list[Image.Image]:
    """Upright frames in the file's own bands; the end of a truncated PNG is black, no error."""
    content = path.read_bytes()
    picture = Image.open(mended(content))
    first = ImageOps.exif_transpose(picture)
    if getattr(picture, "n_frames", 1) == 1 or picture.format == "MPO":
        return [first]
    return [first, *(frame(picture, i) for i in range(1, picture.n_frames))]


def frame(picture: Image.Image, i: int) -> Image.Image:
    picture.seek(i)
    return ImageOps.exif_transpose(picture.copy())


def load_image(path: Path) -> tuple[Pixels, np.ndarray]:
    """LoadImage: RGB of eight bits, and a mask of what is transparent, or a black 64 x 64."""
    pages = [eight_bits(page) for page in frames(path)]
    pages = [page for page in pages if page.size == pages[0].size]
    images = np.stack([np.asarray(page.convert("RGB"), np.float32) / 255.0 for page in pages])
    return images, np.stack([transparent(page) for page in pages])


def eight_bits(page: Image.Image) -> Image.Image:
    if page.mode.startswith("I"):
        return Image.fromarray((np.asarray(page) / 257).astype(np.uint8))
    return page


def transparent(page: Image.Image) -> np.ndarray:
    if page.mode == "P" and "transparency" in page.info:
        page = page.convert("RGBA")
    if "A" not in page.getbands():
        return np.zeros((64, 64), np.float32)
    return 1.0 - np.asarray(page.getchannel("A"), np.float32) / 255.0


def load_channel(path: Path, channel: str) -> np.ndarray:
    """LoadImageMask: one band, (1, H, W); alpha is turned round."""
    page = eight_bits(frames(path)[0]).convert("RGBA")
    band = np.asarray(page.getchannel(channel[0].upper()), np.float32) / 255.0
    return (1.0 - band if channel == "alpha" else band)[None]
