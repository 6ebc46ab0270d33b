"""Makes the pictures (NAME.jpg) and masks (NAME.png) that the selector's nets are trained on.

    python -m tests.bench.training.training_pictures COCO OUT

COCO holds `instances_*.json` of MS COCO 2017 and those of its photos that `coco_photos` names, at
any depth; the other photos come with scikit-image (`PUBLIC`), and are altered as well. Scenes with
a made-up object are added. A name begins with the photo that it shows: pictures of one must lie in
one part of a split.
Mask: 255 object, 0 not, 128 ignored. Licences of all sources: resources/CREDITS.md.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import skimage.data
from PIL import Image as Pillow

from app import paths
from engine.builtin.select.proposals import Bools
from engine.geometry import Image
from tests.bench.training.coco_photos import CC_BY, CC_BY_SA, LEFT_OUT, NO_RESTRICTIONS
from tests.bench.training.made_scenes import Scene, altered, finished, made_scene

ALTERED = 2  # pictures more of each object of scikit-image
MADE = 15
OBJECTS = 4  # of a photo of COCO, the largest
SHARES = 0.008, 0.6  # of its pixels that an object has
CORNERS = 14  # of its outline, at least
FINER = 4  # outlines are drawn so many times larger, and averaged


@dataclass(frozen=True, slots=True)
class PublicObject:
    """An outlined object of a scikit-image photo that is CC0 or in the public domain."""

    name: str
    photo: Callable[[], Image]
    corners: tuple[tuple[int, int], ...]  # x, y; `width` is the photo's in the same unit
    width: int


_CUP = (
    *((50, 140), (55, 110), (75, 80), (113, 55), (113, 45), (125, 22), (150, 12), (185, 9)),
    *((225, 17), (255, 35), (262, 47), (272, 43), (278, 50), (272, 70), (300, 100), (312, 130)),
    *((313, 160), (300, 190), (275, 218), (240, 238), (200, 249), (160, 246), (120, 230)),
    *((85, 205), (60, 175)),
)
_ROCKET = (
    *((191, 85), (196, 78), (202, 85), (204, 120), (204, 240), (205, 249), (188, 249)),
    *((189, 240), (190, 120)),
)
_ASTRONAUT = (
    *((118, 50), (126, 25), (151, 12), (181, 10), (216, 25), (230, 50), (226, 80), (201, 100)),
    *((196, 115), (221, 130), (234, 165), (226, 195), (256, 200), (271, 230), (276, 262)),
    *((226, 300), (216, 340), (216, 392), (18, 392), (21, 340), (36, 240), (61, 190), (91, 170)),
    *((88, 150), (106, 120), (138, 115), (140, 95), (121, 85)),
)
_HELMET = (
    *((216, 345), (221, 310), (241, 280), (276, 265), (306, 263), (346, 275), (371, 305)),
    *((384, 345), (388, 375), (381, 392), (221, 392)),
)
_GLAND = (
    *((194, 268), (199, 248), (224, 230), (249, 236), (289, 263), (294, 298), (294, 335)),
    *((285, 370), (262, 386), (238, 378), (217, 350), (202, 328), (194, 298)),
)


def _round(x: int, y: int, radius: int) -> tuple[tuple[int, int], ...]:
    turns = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    return tuple((round(x + radius * np.cos(t)), round(y + radius * np.sin(t))) for t in turns)


PUBLIC = (
    PublicObject("cup", skimage.data.coffee, _CUP, 392),
    PublicObject("rocket", skimage.data.rocket, _ROCKET, 392),
    PublicObject("astronaut", skimage.data.astronaut, _ASTRONAUT, 392),
    PublicObject("helmet", skimage.data.astronaut, _HELMET, 392),
    PublicObject("gland", skimage.data.immunohistochemistry, _GLAND, 392),
    PublicObject("retina", skimage.data.retina, _round(196, 196, 191), 392),
    PublicObject("coin", skimage.data.coins, _round(340, 184, 30), 376),
)


def of_coco(folder: Path) -> Iterator[tuple[str, Scene]]:
    """Name and photo with the mask of one of its objects."""
    free = {*CC_BY, *CC_BY_SA, *NO_RESTRICTIONS}
    photos = {int(path.stem): path for path in folder.rglob("*.jpg") if path.stem.isdigit()}
    seen: set[int] = set()
    for listed in sorted(folder.rglob("instances_*.json")):
        content = json.loads(listed.read_text(encoding="utf-8"))
        for photo in content["images"]:
            number = photo["id"]
            if number in free and number in photos and number not in seen:
                seen.add(number)
                own = [each for each in content["annotations"] if each["image_id"] == number]
                yield from _objects(number, photos[number], own)


def _objects(
    number: int, path: Path, annotations: Sequence[dict[str, Any]]
) -> Iterator[tuple[str, Scene]]:
    image = np.asarray(Pillow.open(path).convert("RGB"))
    pixels = image.shape[0] * image.shape[1]
    kept = [each for each in annotations if _is_kept(each, pixels)]
    kept.sort(key=lambda each: -each["area"])
    for place, each in enumerate(kept[:OBJECTS]):
        if (number, place) not in LEFT_OUT:
            yield f"{number:012}-{place}", Scene(image, _outlined(each, image.shape[:2]))


def _is_kept(annotation: dict[str, Any], pixels: int) -> bool:
    outline = annotation["segmentation"]
    if annotation.get("iscrowd") or not isinstance(outline, list):
        return False
    is_detailed = sum(len(part) // 2 for part in outline) >= CORNERS
    return is_detailed and SHARES[0] < annotation["area"] / pixels < SHARES[1]


def _outlined(annotation: dict[str, Any], shape: tuple[int, ...]) -> Bools:
    large = np.zeros((shape[0] * FINER, shape[1] * FINER), np.uint8)
    parts = [np.reshape(part, (-1, 2)) * FINER for part in annotation["segmentation"]]
    cv2.fillPoly(large, [np.round(part).astype(np.int32) for part in parts], 255)
    return np.asarray(cv2.resize(large, shape[1::-1], interpolation=cv2.INTER_AREA)) > 127


def of_public() -> Iterator[tuple[str, Scene]]:
    for each in PUBLIC:
        image = each.photo()
        image = image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)
        corners = np.array(each.corners) * (image.shape[1] / each.width)
        mask = np.zeros(image.shape[:2], np.uint8)
        cv2.fillPoly(mask, [np.round(corners).astype(np.int32)], 1)
        yield each.name, _reduced(Scene(image, mask > 0))


def _reduced(scene: Scene, side_px: int = 640) -> Scene:
    scale = side_px / max(scene.mask.shape)
    if scale >= 1:
        return scene
    size = round(scene.mask.shape[1] * scale), round(scene.mask.shape[0] * scale)
    image = cv2.resize(scene.image, size, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(scene.mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return Scene(np.asarray(image, np.uint8), mask >= 0.5)


def tiles() -> list[Image]:
    """Backgrounds: (H, W, 3) photos without an object that is outlined, each CC0."""
    greys = [skimage.data.grass(), skimage.data.gravel(), skimage.data.brick()]
    coffee = skimage.data.coffee()
    found = [np.repeat(grey[..., None], 3, axis=2) for grey in greys]
    return [*found, np.ascontiguousarray(coffee[250:, 380:]), skimage.data.chelsea(), _sample()]


def _sample() -> Image:
    return np.asarray(Pillow.open(paths.resource("sample.jpg")).convert("RGB"))


def written(folder: Path, name: str, scene: Scene) -> None:
    mask = np.where(scene.mask, 255, 0).astype(np.uint8)
    Pillow.fromarray(scene.image).save(folder / f"{name}.jpg", quality=95)
    Pillow.fromarray(mask).save(folder / f"{name}.png")


def make(coco: Path, out: Path) -> int:
    """Writes all pictures; answers how many."""
    random = np.random.default_rng(7)
    out.mkdir(parents=True, exist_ok=True)
    for name, scene in of_coco(coco):
        written(out, name, scene)
    for name, scene in of_public():
        written(out, name, scene)
        for number in range(ALTERED):
            written(out, f"{name}-{number}", altered(scene, random))
    surfaces = tiles()
    for number in range(MADE):
        written(out, f"made{number:02d}", finished(made_scene(surfaces, random), random))
    return len(list(out.glob("*.jpg")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("coco", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    print(make(given.coco, given.out), "pictures")


if __name__ == "__main__":
    main()
