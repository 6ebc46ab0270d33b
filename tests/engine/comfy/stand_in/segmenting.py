"""SAM3 without a network: what is bright is an object; three packs and the core's own node."""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import cv2
import numpy as np


class Found(NamedTuple):
    mask: np.ndarray  # (H, W) float32 0..1
    score: float  # 0..1


Detect = Callable[[np.ndarray, str], list[Found]]
"""(H, W, 3) 0..1 and words -> all that they name, in any order."""

Segment = Callable[
    [np.ndarray, list[tuple[float, float]], list[bool], tuple[float, ...] | None], Any
]
"""(H, W, 3), points (x, y) in pixels, which of them belong to it, box x1 y1 x2 y2 -> Found's."""

BRIGHT = 0.7


def bright_things(image: np.ndarray, words: str = "") -> list[Found]:
    """Connected parts of more than eight bright pixels; the larger, the surer. No word counts."""
    bright = (image.mean(axis=-1) > BRIGHT).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(bright)
    areas = [(i, int(stats[i, cv2.CC_STAT_AREA])) for i in range(1, count)]
    largest = max((area for _, area in areas), default=1)
    return [
        Found((labels == i).astype(np.float32), round(0.5 + 0.45 * area / largest, 4))
        for i, area in areas
        if area > 8
    ]


def bright_thing_at(
    image: np.ndarray,
    points: list[tuple[float, float]],
    belongs: list[bool],
    box: tuple[float, ...] | None,
) -> list[Found]:
    """Three guesses, as SAM3's: less than the object, the object, more than it."""
    inside = [xy for xy, is_in in zip(points, belongs, strict=True) if is_in]
    outside = [xy for xy, is_in in zip(points, belongs, strict=True) if not is_in]
    things = [thing.mask for thing in bright_things(image)]
    picked = [
        mask
        for mask in things
        if (any(lies(mask, xy) for xy in inside) or (box and overlaps(mask, box)))
        and not any(lies(mask, xy) for xy in outside)
    ]
    whole = np.max(picked, axis=0) if picked else np.zeros(image.shape[:2], np.float32)
    kernel = np.ones((3, 3), np.uint8)
    guesses = (cv2.erode(whole, kernel), whole, cv2.dilate(whole, kernel))
    return [Found(guess, score) for guess, score in zip(guesses, (0.6, 0.9, 0.7), strict=True)]


def lies(mask: np.ndarray, xy: tuple[float, float]) -> bool:
    x = min(int(xy[0]), mask.shape[1] - 1)
    y = min(int(xy[1]), mask.shape[0] - 1)
    return bool(mask[y, x] > 0.5)


def overlaps(mask: np.ndarray, box: tuple[float, ...]) -> bool:
    left, top, right, bottom = (max(0, int(edge)) for edge in box)
    return bool(mask[top:bottom, left:right].any())


def box_of(mask: np.ndarray) -> list[float]:
    ys, xs = np.nonzero(mask > 0.5)
    if not len(xs):
        return [0.0, 0.0, 0.0, 0.0]
    return [float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max())]


def answer(image: np.ndarray, found: list[Found]) -> tuple[np.ndarray, str, str]:
    """Masks, boxes and scores as text; nothing found is one black mask and empty lists."""
    if not found:
        return np.zeros((1, *image.shape[:2]), np.float32), "[]", "[]"
    masks = np.stack([each.mask for each in found])
    boxes = json.dumps([box_of(each.mask) for each in found], indent=2)
    return masks, boxes, json.dumps([each.score for each in found], indent=2)


def surest(found: list[Found], threshold: float) -> list[Found]:
    kept = [each for each in found if each.score >= threshold]
    return sorted(kept, key=lambda each: -each.score)


def load_model(stage: Any, **values: Any) -> tuple[tuple[Any, ...]]:
    return (tuple(values.items()),)


def ground(
    stage: Any,
    image: np.ndarray,
    confidence_threshold: float,
    text_prompt: str = "",
    max_detections: int = -1,
    **others: Any,
) -> tuple[Any, ...]:
    found = surest(stage.detect(image[0], text_prompt), confidence_threshold)
    if max_detections >= 0:
        found = found[:max_detections]
    masks, boxes, scores = answer(image[0], found)
    return masks, image[:1], boxes, scores


def segment(
    stage: Any,
    image: np.ndarray,
    positive_points: dict[str, Any] | None = None,
    negative_points: dict[str, Any] | None = None,
    box: dict[str, Any] | None = None,
    refinement_iterations: int = 0,
    use_multimask: bool = True,
    output_best_mask: bool = True,
    **others: Any,
) -> tuple[Any, ...]:
    """By points and one box, all 0..1; the best guess, or all three."""
    height, width = image.shape[1:3]
    sides = np.array([width, height])
    inside = [tuple(xy) for xy in sides * np.array(points_of(positive_points))]
    outside = [tuple(xy) for xy in sides * np.array(points_of(negative_points))]
    if not inside and not outside and not box:
        return np.zeros((1, height, width), np.float32), np.zeros((1, 256, 256)), image, "[]", "[]"
    belongs = [True] * len(inside) + [False] * len(outside)
    found = stage.segment(image[0], inside + outside, belongs, corners(box, width, height))
    if output_best_mask or not use_multimask:
        found = [max(found, key=lambda each: each.score)]
    masks, boxes, scores = answer(image[0], found)
    logits = np.stack([cv2.resize(mask * 20 - 10, (256, 256)) for mask in masks])
    return masks, logits, image[:1], boxes, scores


def points_of(points: dict[str, Any] | None) -> np.ndarray:
    return np.reshape(np.array((points or {}).get("points", []), float), (-1, 2))


def corners(box: dict[str, Any] | None, width: int, height: int) -> tuple[float, ...] | None:
    """Of the first box, which is given by its centre and size."""
    boxes = (box or {}).get("boxes", [])
    if not boxes:
        return None
    x, y, w, h = boxes[0]
    left, top, right, bottom = x - w / 2, y - h / 2, x + w / 2, y + h / 2
    return left * width, top * height, right * width, bottom * height


def detect_core(
    stage: Any,
    model: Any,
    image: np.ndarray,
    threshold: float,
    refine_iterations: int = 2,
    individual_masks: bool = False,
    conditioning: Any = None,
    bboxes: Any = None,
    positive_coords: str = "[]",
    negative_coords: str = "[]",
) -> tuple[Any, ...]:
    """The core's node, on one picture: pixels, not parts of one; words as `dog:2, car`.

    Points make one mask, each box makes one, and neither has a box or score of its own. Nothing
    found is a black mask, but with `individual_masks` no mask at all.
    """
    found, boxes = at_points(stage, image[0], positive_coords, negative_coords), []
    if conditioning is None:
        found += [within(stage, image[0], box) for box in boxes_of(bboxes)]
    else:
        named = by_name(stage.detect, image[0], conditioning.text, threshold)
        found += [each.mask for each in named]
        boxes = [core_record(each) for each in named]
    masks = np.stack([np.zeros(image.shape[1:3], np.float32), *found])
    return masks[1:] if individual_masks else masks.max(axis=0, keepdims=True), [boxes]


def at_points(stage: Any, image: np.ndarray, positive: str, negative: str) -> list[np.ndarray]:
    inside = [(each["x"], each["y"]) for each in json.loads(positive or "[]")]
    outside = [(each["x"], each["y"]) for each in json.loads(negative or "[]")]
    if not inside and not outside:
        return []
    belongs = [True] * len(inside) + [False] * len(outside)
    return [best(stage.segment(image, inside + outside, belongs, None))]


def within(stage: Any, image: np.ndarray, box: dict[str, float]) -> np.ndarray:
    right, bottom = box["x"] + box["width"], box["y"] + box["height"]
    return best(stage.segment(image, [], [], (box["x"], box["y"], right, bottom)))


def best(guesses: list[Found]) -> np.ndarray:
    return max(guesses, key=lambda each: each.score).mask


def by_name(detect: Detect, image: np.ndarray, text: str, threshold: float) -> list[Found]:
    """`name:N` is up to N of it, one without a number."""
    found: list[Found] = []
    for part in text.split(","):
        name, _, count = part.strip().rpartition(":")
        is_counted = bool(name) and count.isdigit()
        words, most = (name, int(count)) if is_counted else (part.strip(), 1)
        found += surest(detect(image, words), threshold)[:most]
    return found


def boxes_of(bboxes: Any) -> list[dict[str, float]]:
    """One, several, or several for each picture."""
    if isinstance(bboxes, dict):
        return [bboxes]
    return bboxes[0] if bboxes and isinstance(bboxes[0], list) else bboxes or []


def core_record(found: Found) -> dict[str, float]:
    left, top, right, bottom = box_of(found.mask)
    size = {"width": right - left, "height": bottom - top}
    return {"x": left, "y": top, **size, "score": found.score}


NODES: Mapping[str, Callable[..., Any]] = {
    "LoadSAM3Model": load_model,
    "SAM3Grounding": ground,
    "SAM3Segmentation": segment,
    "SAM3_Detect": detect_core,
}
