"""Finding and clicking on a server, by ComfyUI's own nodes or by any of three ages of the pack."""

import json
from typing import Any

import numpy as np
import pytest

from engine.comfy.errors import Lack, ServerBroken, ServerLacks
from engine.comfy.graphs import masks
from engine.comfy.graphs.click import click
from engine.comfy.graphs.find import find, phrase
from engine.comfy.graphs.masks import read_found
from engine.comfy.prompt_plan import PlanOutput, PlanOutputs
from engine.comfy.protocol.images import decode_png
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.geometry import Image, Rect, Size
from engine.image_io.encoding.png_writer import encode_png
from engine.jobs.requests import FIND_FLOOR, Click, Exemplar, FindRequest, SegmentRequest
from tests.engine.comfy.snapshots import (
    DETECT,
    MODELS,
    PACKS,
    check_graph,
    kinds,
    one,
    snapshot_with,
    uploaded,
)

IMAGE = np.random.default_rng(3).integers(0, 256, (40, 64, 3), np.uint8)
SAM31 = "sam3.1_multiplex_fp16.safetensors"
WITH_SAM3 = {**MODELS, "checkpoints": ("a.safetensors", "x\\sam3.safetensors", f"x\\{SAM31}")}
GENERATIONS = list(PACKS)


def core(*blocks: str, **more: Any) -> ServerSnapshot:
    return snapshot_with(DETECT, *blocks, models={**WITH_SAM3, **more})


def finding(
    prompt: str = "dog", *exemplars: tuple[Rect, bool], image: Image = IMAGE
) -> FindRequest:
    return FindRequest(
        image=image, key="", prompt=prompt, exemplars=tuple(Exemplar(*each) for each in exemplars)
    )


def clicking(
    *clicks: tuple[float, float, bool], box: Rect | None = None, image: Image = IMAGE
) -> SegmentRequest:
    return SegmentRequest(
        image=image, key="", clicks=tuple(Click(*each) for each in clicks), box=box
    )


# --- finding ---


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("newer", [False, True])
def test_find_by_the_pack_of_any_age(generation: str, newer: bool) -> None:
    snapshot = snapshot_with(PACKS[generation], newer=newer)
    request = finding("dog, cat", (Rect(8, 10, 16, 20), True), (Rect(0, 0, 64, 40), False))
    plan = find(request, snapshot)
    check_graph(plan, snapshot)
    told = one(plan, "SAM3Grounding")
    assert told["text_prompt"] == "dog, cat"
    assert told["confidence_threshold"] == FIND_FLOOR
    assert told["positive_boxes"] == {"boxes": [[0.25, 0.5, 0.25, 0.5]], "labels": [True]}
    assert told["negative_boxes"] == {"boxes": [[0.5, 0.5, 1.0, 1.0]], "labels": [False]}
    assert plan.wanted == ("masks", "scores")


def test_find_by_the_servers_own_nodes() -> None:
    snapshot = core()
    plan = find(finding(), snapshot)
    check_graph(plan, snapshot)
    assert one(plan, "CheckpointLoaderSimple")["ckpt_name"] == f"x\\{SAM31}"
    assert one(plan, "CLIPTextEncode") == {"text": "dog:100", "clip": ["model", 1]}
    told = one(plan, "SAM3_Detect")
    assert (told["threshold"], told["individual_masks"]) == (FIND_FLOOR, True)
    assert "bboxes" not in told
    assert plan.needs == (("checkpoints", f"x\\{SAM31}"),)


def test_what_is_shown_to_the_servers_own_nodes() -> None:
    snapshot = core()
    boxes = ((Rect(8, 10, 16, 20), True), (Rect(1, 2, 3, 4), True))
    plan = find(finding("", *boxes), snapshot)
    check_graph(plan, snapshot)
    assert one(plan, "CLIPTextEncode")["text"] == "visual:100"
    assert one(plan, "SAM3_Detect")["bboxes"] == {
        "__value__": [
            {"x": 8.0, "y": 10.0, "width": 16.0, "height": 20.0},
            {"x": 1.0, "y": 2.0, "width": 3.0, "height": 4.0},
        ]
    }


def test_nothing_found_still_is_a_picture() -> None:
    """PreviewImage of none fails: a black one of the same size comes after the masks."""
    plan = find(finding(), core())
    black = one(plan, "SolidMask")
    assert (black["value"], black["width"], black["height"]) == (0.0, 64, 40)
    batch = one(plan, "ImageBatch")
    assert plan.graph[batch["image1"][0]]["inputs"]["mask"] == ["find", 0]
    assert one(plan, "PreviewImage")["images"] == ["batch", 0]


@pytest.mark.parametrize(
    ("prompt", "text"),
    [("dog", "dog:100"), ("dog, big ,cat", "dog big cat:100"), ("a:2", "a:2:100"),
     ("  ", "visual:100"), ("clock 12:30", "clock 12:30:100"), ("one\ntwo", "one two:100")],
)  # fmt: skip
def test_a_phrase_stays_one_phrase(prompt: str, text: str) -> None:
    assert phrase(prompt) == text


def test_own_nodes_come_first_but_for_what_only_the_pack_can() -> None:
    snapshot = core(PACKS["march"])
    assert "SAM3_Detect" in kinds(find(finding(), snapshot))
    left_out = find(finding("dog", (Rect(0, 0, 9, 9), False)), snapshot)
    assert "SAM3Grounding" in kinds(left_out)
    with pytest.raises(ServerLacks) as missing:
        find(finding("dog", (Rect(0, 0, 9, 9), False)), core())
    (lack,) = missing.value.lacks
    assert (lack.kind, lack.name) == ("pack", "ComfyUI-SAM3")


def test_own_nodes_without_weights_leave_it_to_the_pack() -> None:
    assert "SAM3Grounding" in kinds(find(finding(), snapshot_with(DETECT, PACKS["march"])))


def test_a_server_with_the_nodes_lacks_the_weights_alone() -> None:
    for ask in (lambda: find(finding(), snapshot_with(DETECT)),
                lambda: click(clicking((1, 1, True)), snapshot_with(DETECT))):  # fmt: skip
        with pytest.raises(ServerLacks) as missing:
            ask()
        assert missing.value.lacks == (Lack("checkpoints", SAM31, "Comfy-Org/sam3.1"),)


def test_what_would_be_needed_is_said() -> None:
    with pytest.raises(ServerLacks) as alone:
        find(finding(), snapshot_with())
    assert [each.kind for each in alone.value.lacks] == ["pack"]


def test_a_pack_whose_sockets_do_not_meet_is_noted() -> None:
    loader = "LoadSAM3Model | precision:STRING? | SAM3_SOMETHING_ELSE"
    broken = "\n".join((loader, *PACKS["march"].splitlines()[1:]))
    with pytest.raises(ServerLacks) as missing:
        find(finding(), snapshot_with(broken))
    assert missing.value.lacks == (Lack("node", "SAM3Grounding.LoadSAM3Model"),)


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({}, "models/sam3/sam3.pt"),
        ({"sam3": ("sam3.pt",)}, "models/sam3/sam3.pt"),
        ({"checkpoints": ("sub/sam3.pt",)}, "models/checkpoints/sub/sam3.pt"),
        ({"sam3": ("other.pt",)}, "models/sam3/sam3.pt"),
    ],
)
def test_where_old_packs_look_for_weights(more: dict[str, tuple[str, ...]], path: str) -> None:
    plan = find(finding(), snapshot_with(PACKS["january"], models={**MODELS, **more}))
    assert one(plan, "LoadSAM3Model")["model_path"] == path


# --- clicking ---


@pytest.mark.parametrize("generation", GENERATIONS)
def test_click_by_the_pack_of_any_age(generation: str) -> None:
    snapshot = snapshot_with(PACKS[generation])
    plan = click(clicking((16, 10, True)), snapshot)
    check_graph(plan, snapshot)
    told = one(plan, "SAM3Segmentation")
    assert told["positive_points"] == {"points": [[0.25, 0.25]], "labels": [1]}
    assert "negative_points" not in told
    assert "box" not in told
    assert (told["use_multimask"], told["output_best_mask"]) == (True, False)


def test_several_clicks_and_a_box_want_one_answer() -> None:
    snapshot = snapshot_with(PACKS["march"])
    plan = click(clicking((16, 10, True), (32, 20, False), box=Rect(8, 10, 16, 20)), snapshot)
    check_graph(plan, snapshot)
    told = one(plan, "SAM3Segmentation")
    assert told["negative_points"] == {"points": [[0.5, 0.5]], "labels": [0]}
    assert told["box"] == {"boxes": [[0.25, 0.5, 0.25, 0.5]], "labels": [True]}
    assert (told["use_multimask"], told["output_best_mask"]) == (False, True)


def test_click_by_the_servers_own_nodes() -> None:
    snapshot = core()
    plan = click(clicking((16, 10, True), (32, 20, False)), snapshot)
    check_graph(plan, snapshot)
    told = one(plan, "SAM3_Detect")
    assert json.loads(told["positive_coords"]) == [{"x": 16.0, "y": 10.0}]
    assert json.loads(told["negative_coords"]) == [{"x": 32.0, "y": 20.0}]
    assert "bboxes" not in told
    assert "conditioning" not in told
    assert plan.wanted == ("masks",)


def test_a_box_for_the_servers_own_nodes() -> None:
    snapshot = core()
    plan = click(clicking(box=Rect(8, 10, 16, 20)), snapshot)
    check_graph(plan, snapshot)
    told = one(plan, "SAM3_Detect")
    assert told["bboxes"] == {"x": 8.0, "y": 10.0, "width": 16.0, "height": 20.0}
    assert "positive_coords" not in told


def test_a_box_beside_clicks_is_a_click_where_both_would_be_two_objects() -> None:
    plan = click(clicking((32, 20, False), box=Rect(8, 10, 16, 20)), core())
    told = one(plan, "SAM3_Detect")
    assert "bboxes" not in told
    assert json.loads(told["positive_coords"]) == [{"x": 16.0, "y": 20.0}]


def test_three_answers_come_first_where_the_weights_are_there() -> None:
    ready = core(PACKS["march"], sam3=("sam3.safetensors",))
    assert "SAM3Segmentation" in kinds(click(clicking((1, 1, True)), ready))
    assert "SAM3_Detect" in kinds(click(clicking((1, 1, True)), core(PACKS["march"])))


# --- large pictures, and what comes back ---


def test_large_pictures_are_reduced_and_masks_are_brought_back() -> None:
    large = np.zeros((1000, 3072, 3), np.uint8)
    plan = click(clicking((1536, 500, True), image=large), core())
    told = one(plan, "SAM3_Detect")
    assert decode_png(uploaded(plan, told["image"]), "").shape == (500, 1536, 3)
    assert json.loads(told["positive_coords"]) == [{"x": 768.0, "y": 250.0}]
    mask = np.zeros((500, 1536), np.uint8)
    mask[100:200, 300:600] = 255
    (found,) = read_found(
        PlanOutputs(of={"masks": PlanOutput(images=(encode_png(mask),))}), Size(3072, 1000)
    )
    assert found.score == 1.0
    assert Rect(595, 195, 610, 210).union(found.rect) == Rect(595, 195, 610, 210)
    assert found.mask.shape == (found.rect.height, found.rect.width)
    assert found.rect.intersect(Rect(610, 210, 580, 180)) == Rect(610, 210, 580, 180)
    assert set(np.unique(found.mask)) <= {0, 255}
    assert abs(int((found.mask > 0).sum()) - 200 * 600) < 2000


def answer(texts: tuple[str, ...], *fills: int) -> PlanOutputs:
    """As many masks as there are numbers, each marked in so many rows."""
    masks = [np.zeros((40, 64), np.uint8) for _ in fills]
    for mask, rows in zip(masks, fills):
        mask[:rows] = 255
    images = tuple(encode_png(mask) for mask in masks)
    return PlanOutputs(
        of={"masks": PlanOutput(images=images), "scores": PlanOutput(texts=texts)},
        server="x",
    )


@pytest.mark.parametrize(
    ("text", "scores"),
    [
        ("[0.25, 0.75]", [0.75, 0.25]),
        ("[[0.25], [0.75]]", [0.75, 0.25]),
        ('[[{"x": 1, "score": 0.25}, {"x": 2, "score": 0.75}]]', [0.75, 0.25]),
        ("[1.5, -1]", [1.0, 0.0]),
        ("[0.5]", [0.5]),
        ("[]", []),
        ("", []),
        ("None", []),
        ("[" * 5000, []),
        ('{"score": [0.5, null, "x", true]}', [1.0, 0.5]),
        ("[NaN, 0.5, Infinity]", [1.0, 0.5]),
        ("[1e999, " + "9" * 400 + "]", [1.0, 1.0]),
    ],
)
def test_scores_in_all_forms(text: str, scores: list[float]) -> None:
    found = read_found(answer((text,), 5, 9), Size(64, 40))
    assert [each.score for each in found] == scores


def test_each_mask_keeps_its_score() -> None:
    found = read_found(answer(("[0.2, 0.9]",), 5, 9), Size(64, 40))
    assert [(each.score, int((each.mask > 0).sum())) for each in found] == [
        (0.9, 9 * 64), (0.2, 5 * 64),
    ]  # fmt: skip


def test_black_masks_and_those_beyond_the_scores_are_none() -> None:
    assert read_found(answer(("[]",), 0), Size(64, 40)) == []
    found = read_found(answer(("[[{}]]",), 5), Size(64, 40))
    assert found == []
    (kept,) = read_found(answer(("[0.9, 0.8]",), 5, 0, 7), Size(64, 40))
    assert kept.score == 0.9


def test_of_more_masks_than_may_be_held_the_surest_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(masks, "MAX_MASKS_BYTES", 15 * 64)
    found = read_found(answer(("[0.2, 0.9, 0.5]",), 5, 9, 6), Size(64, 40))
    assert [(each.score, each.rect) for each in found] == [
        (0.9, Rect(0, 0, 64, 9)), (0.5, Rect(0, 0, 64, 6)),
    ]  # fmt: skip


def test_no_answer_or_one_of_another_size_is_trouble() -> None:
    with pytest.raises(ServerBroken) as nothing:
        read_found(PlanOutputs(server="x"), Size(64, 40))
    assert nothing.value.reason == "empty"
    with pytest.raises(ServerBroken) as wrong:
        read_found(answer(("[0.9]",), 5), Size(64, 48))
    assert wrong.value.reason == "size"
