"""The nodes of a stand-in server on real pixels: pictures, masks, LaMa.

IMAGE is (N, H, W, 3) and MASK (N, H, W), both float32 0..1, as on a real server.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageFilter

from tests.engine.comfy.stand_in import painting, segmenting
from tests.engine.comfy.stand_in.files import (
    Folders,
    load_channel,
    load_image,
    random_letters,
    save,
    to_bytes,
)
from tests.engine.comfy.stand_in.segmenting import Detect, Segment

Fill = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""What LaMa is replaced with: (H, W, 3) 0..1 and a mask (H, W) of 0 and 1 -> (H, W, 3) 0..1."""

Step = Callable[[int, int, np.ndarray | None], None]
"""Says that `value` of `high` steps are done, with a picture of what is there so far."""


@dataclass(slots=True, kw_only=True)
class Stage:
    """What a node has besides its inputs."""

    folders: Folders
    step: Step
    fill: Fill
    detect: Detect
    segment: Segment
    chunks: dict[str, Any] = field(default_factory=dict)  # texts of the PNG files it writes


@dataclass(frozen=True, slots=True)
class Result:
    """Outputs by slot, and what the front end is shown."""

    outputs: tuple[Any, ...]
    ui: dict[str, Any] | None = None


def run(stage: Stage, kind: str, values: dict[str, Any]) -> Result:
    answer = NODES[kind](stage, **values)
    return answer if isinstance(answer, Result) else Result(tuple(answer))


def telea(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    hole = (mask > 0.5).astype(np.uint8)
    return cv2.inpaint(to_bytes(image), hole, 3, cv2.INPAINT_TELEA).astype(np.float32) / 255.0


def open_image(stage: Stage, image: str) -> tuple[np.ndarray, np.ndarray]:
    return load_image(stage.folders.annotated(image))


def open_mask(stage: Stage, image: str, channel: str) -> tuple[np.ndarray]:
    return (load_channel(stage.folders.annotated(image), channel),)


def preview_image(stage: Stage, images: np.ndarray) -> Result:
    prefix = f"ComfyUI_temp_{random_letters()}"
    shown = save(stage.folders, "temp", prefix, images, stage.chunks)
    return Result((images,), {"images": shown})


def save_image(stage: Stage, images: np.ndarray, filename_prefix: str = "ComfyUI") -> Result:
    shown = save(stage.folders, "output", filename_prefix, images, stage.chunks)
    return Result((images,), {"images": shown})


def compare(
    stage: Stage, image_a: np.ndarray | None = None, image_b: np.ndarray | None = None
) -> Result:
    shown: dict[str, Any] = {"a_images": [], "b_images": []}
    for name, images in (("a_images", image_a), ("b_images", image_b)):
        if images is not None:
            prefix = f"rgthree.compare._temp_{random_letters()}"
            shown[name] = save(stage.folders, "temp", prefix, images, stage.chunks)
    return Result((image_a,), shown)


def preview_any(stage: Stage, source: Any) -> Result:
    text = source if isinstance(source, str) else json.dumps(source, default=str)
    return Result((text,), {"text": [text]})


def mask_to_image(stage: Stage, mask: np.ndarray) -> tuple[np.ndarray]:
    return (np.repeat(mask[..., None], 3, axis=-1),)


def solid_mask(stage: Stage, value: float, width: int, height: int) -> tuple[np.ndarray]:
    return (np.full((1, height, width), value, np.float32),)


def combine_masks(stage: Stage, masks: np.ndarray) -> tuple[np.ndarray]:
    return (np.clip(masks.sum(axis=0, keepdims=True), 0, 1),)


def grow_mask(
    stage: Stage, mask: np.ndarray, expand: int, tapered_corners: bool = True
) -> tuple[np.ndarray]:
    corner = 0 if tapered_corners else 1
    kernel = np.array([[corner, 1, corner], [1, 1, 1], [corner, 1, corner]], np.uint8)
    change = cv2.dilate if expand > 0 else cv2.erode
    return (np.stack([change(each, kernel, iterations=abs(expand)) for each in mask]),)


def batch_images(stage: Stage, image1: np.ndarray, image2: np.ndarray) -> tuple[np.ndarray]:
    height, width = image1.shape[1:3]
    fitted = [cv2.resize(each, (width, height)) for each in image2]
    return (np.concatenate([image1, np.stack(fitted)]),)


def remove(
    stage: Stage,
    images: np.ndarray,
    masks: np.ndarray,
    mask_threshold: int,
    gaussblur_radius: int,
    invert_mask: bool,
) -> tuple[np.ndarray]:
    """LamaRemover: of one image and many masks, the first alone counts."""
    pairs = zip(images, masks, strict=False)
    grown = [
        (image, lama_mask(mask, image.shape[:2], mask_threshold, gaussblur_radius, invert_mask))
        for image, mask in pairs
    ]
    filled = [padded_fill(stage.fill, image, mask) for image, mask in grown]
    return (np.stack([to_bytes(image) for image in filled]).astype(np.float32) / 255.0,)


def lama_mask(
    mask: np.ndarray, shape: tuple[int, int], threshold: int, radius: int, is_inverted: bool
) -> np.ndarray:
    """What is taken out. A blur of 8 at 250 widens it by 16 px."""
    mask = cv2.resize(mask, shape[::-1])
    keep = to_bytes(mask if is_inverted else 1 - mask)
    blurred = Image.fromarray(keep).filter(ImageFilter.GaussianBlur(radius))
    return (np.asarray(blurred) <= threshold).astype(np.float32)


def padded_fill(fill: Fill, image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """LaMa wants sides that are multiples of 8: black is added, and cut off again."""
    height, width = mask.shape
    sides = ((0, -height % 8), (0, -width % 8))
    filled = fill(np.pad(image, (*sides, (0, 0))), np.pad(mask, sides))
    return filled[:height, :width]


NODES: dict[str, Callable[..., Any]] = {
    "LoadImage": open_image,
    "LoadImageMask": open_mask,
    "PreviewImage": preview_image,
    "SaveImage": save_image,
    "Image Comparer (rgthree)": compare,
    "PreviewAny": preview_any,
    "MaskToImage": mask_to_image,
    "Masks Combine Batch": combine_masks,
    "SolidMask": solid_mask,
    "GrowMask": grow_mask,
    "ImageBatch": batch_images,
    "LamaRemover": remove,
    **painting.NODES,
    **segmenting.NODES,
}
