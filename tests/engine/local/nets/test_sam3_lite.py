"""SAM3-LiteText finds what transformers' own network finds with the same weights."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from transformers import Sam3LiteTextConfig, Sam3LiteTextModel

from engine.errors import CapabilityMissing, ModelUnreadable
from engine.local.nets.clip_tokenizer import tokenizer
from engine.local.nets.segment import sam3_lite
from engine.models.families import Family
from engine.models.identify import identify
from tests.engine.local.nets.sam3_cases import SEARCHES, Job, click, picture, search

CPU = torch.device("cpu")
TOKENS = 16
PART = {"hidden_size": 32, "num_attention_heads": 8, "intermediate_size": 64}
VIT = {
    "model_type": "sam3_vit_model",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 4,
    "num_attention_heads": 1,
    "patch_size": 14,
    "window_size": 2,
    "pretrain_image_size": 28,
    "image_size": 84,
    "global_attn_indexes": [0, 1, 2, 3],
}


def config(*, is_small: bool) -> Sam3LiteTextConfig:
    """Of a tiny network; the small forms of the encoder mix by convolution at both ends."""
    text = {
        "vocab_size": 49408,
        "hidden_size": 64,
        "intermediate_size": 128,
        "projection_dim": 64,
        "num_hidden_layers": 3,
        "num_attention_heads": 1,
        "max_position_embeddings": TOKENS,
        "use_repmixer_blocks": is_small,
    }
    vision = {
        "model_type": "sam3_vision_model",
        "backbone_config": VIT,
        "fpn_hidden_size": 32,
        "backbone_feature_sizes": [[24, 24], [12, 12], [6, 6]],
    }
    return Sam3LiteTextConfig(
        vision_config=vision,
        text_config=text,
        geometry_encoder_config={**PART, "num_layers": 1, "roi_size": 3},
        detr_encoder_config={**PART, "num_layers": 1},
        detr_decoder_config={**PART, "num_layers": 2, "num_queries": 8},
        mask_decoder_config={
            "hidden_size": 32, "num_attention_heads": 8, "num_upsampling_stages": 2,
        },
    )  # fmt: skip


def network(*, is_small: bool) -> Any:
    """transformers' own, with weights that all count and norms as in the official ViT."""
    made: Any = config(is_small=is_small)
    made.vision_config.backbone_config.layer_norm_eps = 1e-5
    torch.manual_seed(5)
    found = Sam3LiteTextModel(made).eval()
    for name, value in found.state_dict().items():
        if value.is_floating_point():
            drawn = 0.1 * torch.randn(value.shape)
            value.copy_(1 + drawn.abs() if name.endswith(("running_var", "norm.weight")) else drawn)
    return found


@pytest.fixture(scope="module", params=[True, False], ids=["repmixer", "transformer"])
def reference(request):
    return network(is_small=request.param)


@pytest.fixture(scope="module", params=["file", "folder"])
def saved(request, reference, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("lite")
    weights = {name: value.contiguous() for name, value in reference.state_dict().items()}
    safetensors.torch.save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    if request.param == "file":
        return folder / "model.safetensors"
    (folder / "config.json").write_text(json.dumps(reference.config.to_dict()))
    return folder


@pytest.mark.parametrize("name", SEARCHES)
def test_it_finds_what_transformers_finds(reference, saved: Path, name: str) -> None:
    ours = sam3_lite.load(saved, CPU, torch.float32)
    found = ours.instances(ours.encode(picture(84), Job()), search(name), Job())
    expected = answer_of(reference, name)
    for part in ("pred_logits", "pred_boxes", "presence_logits", "pred_masks"):
        np.testing.assert_allclose(
            getattr(found, part).numpy(), getattr(expected, part).numpy(), atol=2e-5, err_msg=part
        )


def answer_of(reference: Any, name: str) -> Any:
    """By the network's own way in. Without a box it is given one that fills the place only."""
    request = search(name)
    words = tokenizer(TOKENS)(
        request.prompt or "visual", padding="max_length", truncation=True, return_tensors="pt"
    )
    boxes = request.boxes if len(request.boxes) else np.zeros((1, 4), np.float32)
    labels = request.labels if len(request.boxes) else np.array([-10])
    with torch.inference_mode():
        return reference(
            pixel_values=torch.from_numpy(picture(84)).permute(2, 0, 1)[None] / 127.5 - 1,
            input_ids=words.input_ids,
            attention_mask=words.attention_mask,
            input_boxes=torch.from_numpy(boxes)[None],
            input_boxes_labels=torch.from_numpy(labels)[None],
        )


def test_other_words_have_another_answer(saved: Path) -> None:
    ours = sam3_lite.load(saved, CPU, torch.float32)
    looked = ours.encode(picture(84), Job())
    one, other = (
        ours.instances(looked, search(name), Job()).pred_logits for name in ("text", "text_and_box")
    )
    assert not torch.allclose(one, other, atol=1e-3)


def test_a_click_is_left_to_others(saved: Path) -> None:
    ours = sam3_lite.load(saved, CPU, torch.float32)
    looked = ours.encode(picture(84), Job())
    assert ours.restored(looked.stored()).hidden.shape == looked.hidden.shape
    with pytest.raises(CapabilityMissing):
        ours.decode(looked, click("two_points"))


def test_a_tensor_that_is_missing_is_named(saved: Path, tmp_path: Path) -> None:
    path = saved if saved.is_file() else saved / "model.safetensors"
    tensors = safetensors.torch.load_file(path)
    del tensors["text_encoder.layers.1.mlp.fc1.bias"]
    safetensors.torch.save_file(tensors, tmp_path / "model.safetensors")
    with pytest.raises(ModelUnreadable) as caught:
        sam3_lite.load(tmp_path / "model.safetensors", CPU, torch.float32)
    assert "layers.1.mlp.fc1.bias" in caught.value.detail


def test_its_file_and_its_folder_are_known(saved: Path) -> None:
    found = identify(saved)
    assert (found.family, found.problem) == (Family.SAM3_LITE_TEXT, "")


def test_the_layout_of_its_authors_is_refused_by_name(tmp_path: Path) -> None:
    encoder = "detector.backbone.language_backbone.encoder.transformer.1.pre_norm_mha.1.qkv.weight"
    names = (encoder, "detector.backbone.vision_backbone.trunk.pos_embed")
    torch.save({name: torch.zeros(2) for name in names}, tmp_path / "lite.pt")
    found = identify(tmp_path / "lite.pt")
    assert (found.family, found.problem) == (Family.SAM3_LITE_TEXT, "lite-text")


@pytest.mark.parametrize(
    ("kind", "lacking"), [("sam3", "tracker_model"), ("sam3_tracker", "detector_model")]
)
def test_a_half_of_sam3_says_what_it_lacks(tmp_path: Path, kind: str, lacking: str) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": kind}))
    (tmp_path / "model.safetensors").write_bytes(safetensors.torch.save({"a": torch.zeros(2)}))
    found = identify(tmp_path)
    assert (found.family, found.problem, found.detail) == (Family.SAM3, "partial", lacking)
