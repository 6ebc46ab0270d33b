"""Every tensor of the official SAM3 finds its place, and what is strange is refused."""

from pathlib import Path

import pytest
import torch
from transformers import Sam3Config, Sam3Model, Sam3TrackerConfig, Sam3TrackerModel

from engine.errors import ModelUnreadable
from engine.local.nets.segment.sam3 import check
from engine.local.nets.segment.sam3_config import configs
from engine.local.nets.segment.sam3_keys import DETECTOR, NECK, TRACKER, VIT, published
from tests.engine.local.nets.sam3_layout import layout

PATH = Path("sam3.pt")


@pytest.fixture
def official() -> dict[str, torch.Tensor]:
    return {name: torch.empty(shape, device="meta") for name, shape in layout().items()}


@pytest.fixture(scope="module")
def wanted() -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """What transformers' published networks hold: no memory is taken for them."""
    with torch.device("meta"):
        return (
            Sam3Model(Sam3Config()).state_dict(),
            Sam3TrackerModel(Sam3TrackerConfig()).state_dict(),
        )


def test_all_1468_of_the_detector_and_685_of_the_tracker_are_there(official, wanted):
    found = published(PATH, official)
    detector, tracker = wanted
    assert (len(official), len(detector), len(tracker)) == (1465, 1468, 685)
    for name, tensor in detector.items():
        assert found[DETECTOR + name].shape == tensor.shape
    for name, tensor in tracker.items():
        assert found[_of_tracker(name)].shape == tensor.shape
    places = {DETECTOR + name for name in detector} | {_of_tracker(name) for name in tracker}
    assert set(found) == places


def _of_tracker(name: str) -> str:
    for start, new in (("vision_encoder.backbone.", VIT), ("vision_encoder.neck.", NECK)):
        if name.startswith(start):
            return new + name.removeprefix(start)
    return TRACKER + name


def test_sizes_read_from_the_tensors_are_the_published_ones(official):
    detector, tracker = configs(PATH, published(PATH, official))
    for found, usual in ((detector, Sam3Config()), (tracker, Sam3TrackerConfig())):
        usual.vision_config.backbone_config.layer_norm_eps = 1e-5
        assert _plain(found) == _plain(usual)


def _plain(config) -> dict:
    return {name: value for name, value in config.to_dict().items() if name != "dtype"}


def test_the_full_set_passes_the_check(official):
    check(PATH, published(PATH, official))


@pytest.mark.parametrize(
    "name",
    [
        "detector.transformer.decoder.layers.3.norm1.weight",
        "tracker.sam_mask_decoder.conv_s0.bias",
        "tracker.no_mem_embed",
        "detector.backbone.vision_backbone.sam2_convs.3.conv_3x3.weight",
    ],
)
def test_a_missing_tensor_is_refused(official, name: str):
    del official[name]
    with pytest.raises(ModelUnreadable) as caught:
        check(PATH, published(PATH, official))
    assert caught.value.reason == "keys"


def test_a_tensor_of_another_shape_is_refused(official):
    official["detector.dot_prod_scoring.hs_proj.weight"] = torch.empty(256, 255, device="meta")
    with pytest.raises(ModelUnreadable) as caught:
        check(PATH, published(PATH, official))
    assert caught.value.detail == "1: dot_product_scoring.query_proj.weight"


@pytest.mark.parametrize("name", ["detector.new_head.weight", "ema.weight", "tracker.thing.bias"])
def test_a_name_that_no_rule_knows_is_refused(official, name: str):
    official[name] = torch.empty(1, device="meta")
    with pytest.raises(ModelUnreadable) as caught:
        check(PATH, published(PATH, official))
    assert (caught.value.reason, caught.value.detail) == ("keys", name)


def test_a_known_part_with_a_new_tensor_is_refused(official):
    official["detector.transformer.decoder.gate.weight"] = torch.empty(1, device="meta")
    with pytest.raises(ModelUnreadable) as caught:
        check(PATH, published(PATH, official))
    assert "detr_decoder.gate.weight" in caught.value.detail


def test_another_network_is_no_sam3():
    with pytest.raises(ModelUnreadable) as caught:
        published(PATH, {"unet.conv_in.weight": torch.empty(1)})
    assert caught.value.reason == "keys"
