"""The stand-in finds bright things, and tells of them as SAM3's nodes do."""

import json

import numpy as np

from tests.engine.comfy.raw_client import Node, blobs, found, node, raw_client, shown
from tests.engine.comfy.stand_in.segmenting import Found, bright_things


def selecting(threshold: float = 0.2, link: str = "sam3_model_config", **loader: str):
    return shown(
        i=node("LoadImage", image="i.png"),
        sam=node("LoadSAM3Model", **loader),
        g=found("i", threshold, link),
        last=node("MaskToImage", mask=["g", 0]),
        boxes=node("PreviewAny", source=["g", 2]),
        scores=node("PreviewAny", source=["g", 3]),
    )


def test_bright_things_are_found_the_surest_first() -> None:
    with raw_client() as talk:
        talk.upload("i.png", blobs())
        outputs = talk.done(selecting())["outputs"]
    assert len(outputs["out"]["images"]) == 2
    assert json.loads(outputs["boxes"]["text"][0]) == [[10, 10, 39, 29], [60, 40, 69, 49]]
    scores = json.loads(outputs["scores"]["text"][0])
    assert scores == sorted(scores, reverse=True)


def test_nothing_found_is_one_black_mask() -> None:
    with raw_client(pack="lab") as talk:
        talk.upload("i.png", blobs())
        graph = selecting(1.0, "sam3_model", model_path="models/ckpt/sam3.pt")
        entry = talk.done(graph)
        masks = talk.pictures(graph)
    assert entry["outputs"]["boxes"]["text"] == ["[]"]
    assert len(masks) == 1
    assert not masks[0].any()


def pointing(**how: object) -> dict[str, Node]:
    points = {"points": [[0.3, 0.3]], "labels": [1]}
    values = {"sam3_model_config": ["sam", 0], "image": ["i", 0], "positive_points": points}
    return shown(
        i=node("LoadImage", image="i.png"),
        sam=node("LoadSAM3Model"),
        g=node("SAM3Segmentation", **values | how),
        last=node("MaskToImage", mask=["g", 0]),
    )


def test_a_point_picks_one_thing_in_one_or_three_guesses() -> None:
    large = np.zeros((60, 80), bool)
    large[10:30, 10:40] = True
    small = {"points": [[0.8, 0.75]], "labels": [1]}
    box = {"boxes": [[0.8, 0.75, 0.1, 0.1]], "labels": [True]}
    with raw_client() as talk:
        talk.upload("i.png", blobs())
        assert np.array_equal(talk.pictures(pointing())[0][..., 0] > 0, large)
        guesses = talk.pictures(pointing(use_multimask=True, output_best_mask=False))
        boxed = talk.pictures(pointing(positive_points={}, box=box))[0]
        unwanted = talk.pictures(pointing(positive_points=small, negative_points=small))[0]
    assert [bool(guess.any()) for guess in guesses] == [True] * 3
    assert guesses[0].sum() < guesses[1].sum() < guesses[2].sum()
    assert boxed[45, 65].all()
    assert not boxed[20, 20].any()
    assert not unwanted.any()


def detecting(**how: object) -> dict[str, Node]:
    values = {"model": ["ck", 0], "image": ["i", 0], "threshold": 0.5, "refine_iterations": 2}
    return shown(
        i=node("LoadImage", image="i.png"),
        ck=node("CheckpointLoaderSimple", ckpt_name="sam3.1_multiplex_fp16.safetensors"),
        t=node("CLIPTextEncode", text="thing:2", clip=["ck", 1]),
        s=node("SAM3_Detect", **values | {"individual_masks": True} | how),
        boxes=node("PreviewAny", source=["s", 1]),
        last=node("MaskToImage", mask=["s", 0]),
    )


def test_the_core_finds_by_words_points_and_boxes() -> None:
    words, point = {"conditioning": ["t", 0]}, '[{"x": 65, "y": 45}]'
    box = {"x": 5, "y": 5, "width": 20, "height": 20}
    with raw_client() as talk:
        talk.upload("i.png", blobs())
        entry = talk.done(detecting(**words))
        assert len(entry["outputs"]["out"]["images"]) == 2
        first = json.loads(entry["outputs"]["boxes"]["text"][0])[0][0]
        union = talk.pictures(detecting(**words, individual_masks=False))
        small = talk.pictures(detecting(positive_coords=point))
        large = talk.pictures(detecting(bboxes=box))
    assert first == {"x": 10, "y": 10, "width": 29, "height": 19, "score": 0.95}
    assert len(union) == len(small) == len(large) == 1
    assert np.array_equal(union[0], small[0] | large[0])


def test_words_for_the_core_end_in_how_many_are_meant() -> None:
    asked: list[str] = []

    def detect(image: np.ndarray, words: str) -> list[Found]:
        asked.append(words)
        return bright_things(image)

    text = node("CLIPTextEncode", text="a 2:1 dog, ball:2", clip=["ck", 1])
    with raw_client(detect=detect) as talk:
        talk.upload("i.png", blobs())
        masks = talk.pictures(detecting(conditioning=["t", 0]) | {"t": text})
    assert asked == ["a 2:1 dog", "ball"]
    assert len(masks) == 3


def test_the_core_without_a_hit_has_no_masks_to_show() -> None:
    with raw_client() as talk:
        talk.upload("i.png", blobs())
        entry = talk.done(detecting(conditioning=["t", 0], threshold=0.99))
    error = dict(entry["status"]["messages"])["execution_error"]
    assert (error["node_type"], error["exception_type"]) == ("PreviewImage", "IndexError")


def test_no_masks_and_a_black_one_are_a_black_one() -> None:
    black = {
        "b": node("SolidMask", value=0.0, width=80, height=60),
        "first": node("MaskToImage", mask=["s", 0]),
        "second": node("MaskToImage", mask=["b", 0]),
        "last": node("ImageBatch", image1=["first", 0], image2=["second", 0]),
    }
    with raw_client() as talk:
        talk.upload("i.png", blobs())
        (only,) = talk.pictures(detecting(conditioning=["t", 0], threshold=0.99) | black)
    assert only.shape == (60, 80, 3)
    assert not only.any()
