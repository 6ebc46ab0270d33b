"""SAM 3.1: the weights of SAM 3 in the places of SAM 3.1 give the official answers of SAM 3.

Its heads for following objects hold other weights of the same names and shapes: a reader that
takes those for clicks answers something else.
"""

from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from engine.errors import ModelUnreadable
from engine.local.nets.segment import sam3
from engine.models.families import Family
from engine.models.identify import identify
from tests.engine.local.nets import sam3_reference
from tests.engine.local.nets.sam3_cases import CLICKS, SEARCHES, Job, click, picture, search

CPU = torch.device("cpu")
THIN = sam3_reference.THINNED
VISION = "detector.backbone.vision_backbone."
HEADS = {
    "tracker.sam_prompt_encoder.": "tracker.model.interactive_sam_prompt_encoder.",
    "tracker.sam_mask_decoder.": "tracker.model.interactive_sam_mask_decoder.",
    "tracker.no_mem_embed": "tracker.model.interactivity_no_mem_embed",
}
FOLLOWING = (
    "transformer.encoder.layers.0.norm1.weight", "maskmem_backbone.out_proj.weight",
    "maskmem_tpos_enc", "obj_ptr_proj.layers.0.weight", "interactive_obj_ptr_proj.layers.0.weight",
    "obj_ptr_tpos_proj.weight", "no_obj_ptr_linear.weight", "no_obj_embed_spatial",
    "interactive_mask_downsample.weight", "output_valid_embed", "output_invalid_embed",
    "image_pe_layer.positional_encoding_gaussian_matrix",
)  # fmt: skip


def tensors() -> dict[str, torch.Tensor]:
    """The tiny network of the reference, named as `sam3.1_multiplex.pt` names it."""
    found = {"tracker.model." + name: torch.randn(2) for name in FOLLOWING}
    for name, tensor in sam3_reference.tensors().items():
        if name.startswith((VISION + "convs.3.", VISION + "sam2_convs.3.")):
            continue
        new = name.replace("sam2_convs.", "interactive_convs.")
        for old, head in HEADS.items():
            new = new.replace(old, head)
        if name.startswith("tracker.") and new == name:
            continue
        found[new] = tensor
        for ours, other in (
            ("interactive_convs.", "propagation_convs."),
            ("interactive_sam_mask", "sam_mask"),
        ):
            if ours in new:
                found[new.replace(ours, other)] = torch.randn_like(tensor)
    return found


@pytest.fixture(scope="module", params=["sam3.1_multiplex.pt", "sam3.1.safetensors"])
def file(request, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("sam31") / request.param
    if path.suffix == ".pt":
        torch.save(tensors(), path)
    else:
        real = {n: t.contiguous() for n, t in tensors().items() if not t.is_complex()}
        safetensors.torch.save_file(real, path)
    return path


@pytest.fixture(scope="module")
def network(file: Path):
    return sam3.load(file, CPU, torch.float32)


@pytest.fixture(scope="module")
def embedding(network):
    return network.encode(picture(network.size_px), Job())


@pytest.fixture(scope="module")
def reference() -> dict[str, np.ndarray]:
    with np.load(sam3_reference.FILE) as stored:
        return dict(stored)


@pytest.mark.parametrize("name", CLICKS)
def test_a_click_is_answered_by_the_interactive_head(network, embedding, reference, name: str):
    previous = reference["two_points.logits"][0] if name == "corrected" else None
    answer = network.decode(embedding, click(name, previous))
    np.testing.assert_allclose(answer.logits, reference[name + ".logits"], atol=3e-5)
    np.testing.assert_allclose(answer.scores, reference[name + ".scores"], atol=1e-6)


@pytest.mark.parametrize("name", SEARCHES)
def test_words_and_boxes_find_by_its_detector(network, embedding, reference, name: str):
    found = network.instances(embedding, search(name), Job())
    for part in ("pred_logits", "pred_boxes", "presence_logits"):
        value = getattr(found, part)[0].numpy()
        np.testing.assert_allclose(value, reference[f"{name}.{part}"], atol=2e-6)
    masks = found.pred_masks[0, :, ::THIN, ::THIN].numpy()
    np.testing.assert_allclose(masks, reference[f"{name}.pred_masks"], atol=3e-5)


def test_its_file_is_known_by_its_names(file: Path):
    found = identify(file)
    assert (found.family, found.problem) == (Family.SAM31, "")


def test_it_is_kept_converted_under_the_published_names(file: Path, tmp_path: Path, reference):
    kept = tmp_path / "kept.safetensors"
    sam3.save_converted(file, kept)
    network = sam3.load(kept, CPU, torch.float32)
    answer = network.decode(network.encode(picture(network.size_px), Job()), click("two_points"))
    np.testing.assert_allclose(answer.logits, reference["two_points.logits"], atol=0.05)


@pytest.mark.parametrize(
    "name",
    [
        "tracker.model.interactive_sam_mask_decoder.conv_s0.bias",
        "tracker.model.interactivity_no_mem_embed",
        VISION + "interactive_convs.2.conv_3x3.weight",
        VISION + "convs.0.conv_1x1.weight",
    ],
)
def test_a_missing_tensor_is_refused_by_name(tmp_path: Path, name: str):
    found = tensors()
    del found[name]
    torch.save(found, tmp_path / "sam3.1.pt")
    with pytest.raises(ModelUnreadable) as caught:
        sam3.load(tmp_path / "sam3.1.pt", CPU, torch.float32)
    assert caught.value.reason == "keys"


def test_a_part_that_no_rule_knows_is_refused_by_name(tmp_path: Path):
    torch.save(tensors() | {"tracker.model.new_head.weight": torch.ones(1)}, tmp_path / "new.pt")
    with pytest.raises(ModelUnreadable) as caught:
        sam3.load(tmp_path / "new.pt", CPU, torch.float32)
    assert (caught.value.reason, caught.value.detail) == ("keys", "tracker.model.new_head.weight")
