"""Pictures for training the selector: made by rule, each object in one part of a split."""

import json
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pillow

from tests.bench.training.coco_photos import CC_BY, LEFT_OUT
from tests.bench.training.made_scenes import Scene, altered, finished, made_scene
from tests.bench.training.train_selector import parts_of
from tests.bench.training.training_pictures import of_coco, of_public

FREE = next(n for n in CC_BY if not {(n, 0), (n, 1)} & LEFT_OUT)


def tile() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (90, 120, 3), np.uint8)


def test_a_made_scene_holds_one_connected_object():
    scene = made_scene([tile()], np.random.default_rng(1))
    count, _ = cv2.connectedComponents(scene.mask.astype(np.uint8))
    assert scene.image.shape == (*scene.mask.shape, 3)
    assert count == 2


def test_scenes_are_the_same_for_the_same_seed():
    one, two = (
        finished(made_scene([tile()], random), random)
        for random in (np.random.default_rng(3), np.random.default_rng(3))
    )
    np.testing.assert_array_equal(one.image, two.image)
    np.testing.assert_array_equal(one.mask, two.mask)


def test_pictures_of_one_object_lie_in_one_part():
    names = [f"object{number}{end}" for number in range(12) for end in ("", "-0", "-1")]
    parts = parts_of(names)
    assert set(parts.values()) == set(range(5))
    assert all(parts[f"object{n}"] == parts[f"object{n}-1"] for n in range(12))


def test_outlines_of_public_photos_lie_in_them():
    for name, scene in of_public():
        assert 0.005 < scene.mask.mean() < 0.8, name
        assert max(scene.mask.shape) <= 640, name


def test_an_altered_photo_keeps_its_object_under_the_mask():
    image = np.full((120, 160, 3), 90, np.uint8)
    image[40:80, 60:110] = (250, 10, 10)
    scene = altered(Scene(image, image[..., 0] > 200), np.random.default_rng(4))
    inside = cv2.erode(scene.mask.astype(np.uint8), np.ones((7, 7))) > 0
    assert inside.any()
    assert (scene.image[inside][:, 0] > 150).all()


def test_objects_of_coco_are_those_of_free_photos_that_are_outlined_well(tmp_path: Path):
    def square(side: float, corners: int, **more: object) -> dict[str, object]:
        steps = np.linspace(0, 2 * np.pi, corners, endpoint=False)
        points = np.stack([60 + side * np.cos(steps), 50 + side * np.sin(steps)], 1)
        area = float(np.pi * side**2)
        return {"image_id": FREE, "area": area, "segmentation": [points.ravel().tolist()], **more}

    annotations = [
        square(20, 20),
        square(30, 40),
        square(20, 8),  # a rough outline
        square(3, 20),  # a speck
        square(20, 20, iscrowd=1),
        square(20, 20, image_id=FREE + 1),  # not among those that may be used
    ]
    images = [{"id": FREE}, {"id": FREE + 1}]
    for image in images:
        Pillow.new("RGB", (120, 100)).save(tmp_path / f"{image['id']:012}.jpg")
    content = json.dumps({"images": images, "annotations": annotations})
    (tmp_path / "instances_some.json").write_text(content)
    found = dict(of_coco(tmp_path))
    assert list(found) == [f"{FREE:012}-0", f"{FREE:012}-1"]
    assert abs(found[f"{FREE:012}-0"].mask.sum() - np.pi * 900) < 90
