"""Pictures for training the selector: made by rule, each object in one part of a split."""

import cv2
import numpy as np

from tests.bench.training.made_scenes import Scene, altered, finished, made_scene, pasted
from tests.bench.training.train_selector import parts_of
from tests.bench.training.training_pictures import of_public


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


def test_a_pasted_object_is_where_its_mask_says():
    image = np.zeros((80, 80, 3), np.uint8)
    image[20:60, 30:50] = (250, 10, 10)
    source = Scene(image, image[..., 0] > 0)
    scene = pasted(source, [tile()], np.random.default_rng(2))
    inside = cv2.erode(scene.mask.astype(np.uint8), np.ones((7, 7))) > 0
    red = scene.image[inside].astype(int)
    assert inside.any()
    assert (red[:, 0] > 150).all()
    assert (red[:, 1:] < 60).all()


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
