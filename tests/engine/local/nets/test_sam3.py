"""SAM3 against stored answers of the official network, and through all the layouts it comes in.

Where the package is at hand, test_sam3_oracle.py asks it directly.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from engine.errors import Cancelled, ModelUnreadable, ModelUnsafe
from engine.local.nets.segment import sam3
from engine.local.nets.segment.sam3 import Sam3
from engine.local.nets.segment.sam3_config import configs
from engine.local.nets.segment.sam3_keys import TRACKER, published
from tests.engine.local.nets import sam3_reference
from tests.engine.local.nets.sam3_cases import CLICKS, SEARCHES, Job, click, picture, search

CPU = torch.device("cpu")
THIN = sam3_reference.THINNED


@pytest.fixture(scope="module")
def official() -> dict[str, torch.Tensor]:
    return sam3_reference.tensors()


@pytest.fixture(scope="module")
def file(official, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("sam3") / "sam3.pt"
    torch.save(official, path)
    return path


@pytest.fixture(scope="module")
def network(file: Path) -> Sam3:
    return sam3.load(file, CPU, torch.float32)


@pytest.fixture(scope="module")
def embedding(network: Sam3):
    return network.encode(picture(network.size_px), Job())


@pytest.fixture(scope="module")
def reference() -> dict[str, np.ndarray]:
    with np.load(sam3_reference.FILE) as stored:
        return dict(stored)


@pytest.mark.parametrize("name", CLICKS)
def test_clicks_are_answered_as_by_the_official_network(network, embedding, reference, name: str):
    previous = reference["two_points.logits"][0] if name == "corrected" else None
    answer = network.decode(embedding, click(name, previous))
    np.testing.assert_allclose(answer.logits, reference[name + ".logits"], atol=3e-5)
    np.testing.assert_allclose(answer.scores, reference[name + ".scores"], atol=1e-6)
    assert answer.logits.dtype == answer.scores.dtype == np.float32


@pytest.mark.parametrize("name", SEARCHES)
def test_all_that_is_found_is_as_with_the_official_network(network, embedding, reference, name):
    found = network.instances(embedding, search(name), Job())
    for part, atol in (("pred_logits", 2e-6), ("pred_boxes", 2e-6), ("presence_logits", 2e-6)):
        value = getattr(found, part)[0].numpy()
        np.testing.assert_allclose(value, reference[f"{name}.{part}"], atol=atol)
    masks = found.pred_masks[0, :, ::THIN, ::THIN].numpy()
    np.testing.assert_allclose(masks, reference[f"{name}.pred_masks"], atol=3e-5)


def test_the_library_alone_still_loses_what_says_no_video(network, reference):
    """When this fails the library was repaired: our fix in click_features has to go or stay so."""
    pixels = torch.from_numpy(picture(network.size_px)).permute(2, 0, 1)[None] / 127.5 - 1
    request = click("two_points")
    with torch.inference_mode():
        alone = network._tracker(
            pixel_values=pixels,
            input_points=torch.from_numpy(request.points * network.size_px)[None, None],
            input_labels=torch.from_numpy(request.labels)[None, None],
            multimask_output=True,
        )
    order = alone.iou_scores[0, 0].argsort(descending=True)
    difference = alone.pred_masks[0, 0, order].numpy() - reference["two_points.logits"]
    assert np.abs(difference).max() > 0.1


def test_the_library_alone_still_leaves_out_a_token_of_the_phrase(network, embedding, reference):
    words = network._tokens("a red truck", padding="max_length", return_tensors="pt")
    with torch.inference_mode():
        alone = network._detector(
            vision_embeds=network._search_features(embedding),
            input_ids=words.input_ids,
            attention_mask=words.attention_mask,
        )
    difference = alone.pred_logits[0].numpy() - reference["text.pred_logits"]
    assert np.abs(difference).max() > 0.005


def test_the_floor_cuts_and_the_best_come_first(network, embedding):
    everything = network.search(embedding, search("text"), Job())
    assert len(everything.scores) == 12
    assert (np.diff(everything.scores) <= 0).all()
    floor = float(everything.scores[4])
    some = network.search(embedding, search("text", floor), Job())
    np.testing.assert_array_equal(some.scores, everything.scores[:5])
    np.testing.assert_array_equal(some.boxes, everything.boxes[:5])
    np.testing.assert_array_equal(some.logits, everything.logits[:5])
    assert some.logits.dtype == np.float16


def test_the_vit_looks_once_for_clicks_and_words(network, monkeypatch):
    looked = []
    hook = network._vit.register_forward_hook(lambda *_: looked.append(1))
    kept = network.encode(picture(network.size_px), Job())
    network.decode(kept, click("two_points"))
    network.decode(kept, click("box"))
    network.search(kept, search("text"), Job())
    hook.remove()
    assert len(looked) == 1
    assert network._tracker.vision_encoder.backbone is network._vit


def test_looking_stops_after_the_layer_in_which_it_is_cancelled(network):
    job = Job(stop_at=3, error=Cancelled)
    with pytest.raises(Cancelled):
        network.encode(picture(network.size_px), job)
    assert job.fractions == [1 / 8, 2 / 8, 3 / 8]
    assert not any(layer._forward_hooks for layer in network._vit.layers)


def test_pixels_of_another_size_are_resampled(network, embedding):
    kept = network.encode(picture(4 * network.size_px), Job())
    assert kept.hidden.shape == embedding.hidden.shape
    one, other = (network.decode(e, click("two_points")).logits for e in (kept, embedding))
    assert np.abs(one - other).mean() < 0.1 * np.abs(other).mean()


def test_what_is_kept_answers_like_what_was_seen(network, embedding):
    again = network.restored(embedding.stored())
    one, other = (network.decode(e, click("two_points")).logits for e in (embedding, again))
    assert 0 < np.abs(one - other).max() < 0.005 * np.ptp(one)
    found, kept = (network.search(e, search("text"), Job()) for e in (embedding, again))
    np.testing.assert_allclose(found.scores, kept.scores, atol=2e-3)
    with pytest.raises(ValueError, match="an embedding of"):
        network.restored({"hidden": np.zeros((1, 9, 64), np.float16)})
    with pytest.raises(KeyError):
        network.restored({"0": np.zeros(1)})


@pytest.mark.parametrize("layout", ["official", "wrapped", "safetensors"])
def test_the_official_layout_in_all_its_files(official, network, tmp_path: Path, layout: str):
    path = tmp_path / "model.pt"
    if layout == "safetensors":
        path = tmp_path / "sam3.safetensors"
        safetensors.torch.save_file(official, path)
    else:
        torch.save({"model": official} if layout == "wrapped" else official, path)
    _assert_same(sam3.load(path, CPU, torch.float32), network)


def test_the_published_folder(official, network, tmp_path: Path):
    """With the video parts that are not ours, and with sizes from its config."""
    tensors = published(tmp_path, official)
    for name in ("memory_attention.layers.0.mlp.weight", "mask_downsample.bias"):
        tensors[TRACKER + name] = torch.ones(3)
    contiguous = {name: tensor.contiguous() for name, tensor in tensors.items()}
    safetensors.torch.save_file(contiguous, tmp_path / "model.safetensors")
    detector, tracker = configs(tmp_path / "model.safetensors", tensors)
    config = {
        "model_type": "sam3_video",
        "detector_config": detector.to_dict(),
        "tracker_config": {**tracker.to_dict(), "num_maskmem": 7},
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    _assert_same(sam3.load(tmp_path, CPU, torch.float32), network)
    _assert_same(sam3.load(tmp_path / "model.safetensors", CPU, torch.float32), network)


def test_each_tensor_of_the_file_is_in_the_networks(official, network, tmp_path: Path):
    tensors = published(tmp_path, official)
    found = sam3._of_tracker(tensors)
    for name, value in network._tracker.state_dict().items():
        torch.testing.assert_close(value, found[name], rtol=0, atol=0)
    for name, value in network._detector.state_dict().items():
        torch.testing.assert_close(value, sam3._of_detector(tensors)[name], rtol=0, atol=0)


def test_converted_it_is_half_as_large_and_nearly_the_same(file, network, embedding, tmp_path):
    target = tmp_path / "converted" / "model.safetensors"
    target.parent.mkdir()
    sam3.save_converted(file, target)
    assert target.stat().st_size < 0.55 * file.stat().st_size
    assert [path.name for path in target.parent.iterdir()] == ["model.safetensors"]
    again = sam3.load(target, CPU, torch.float32)
    answer = again.decode(again.encode(picture(96), Job()), click("two_points"))
    first = network.decode(embedding, click("two_points"))
    assert 0 < np.abs(answer.logits - first.logits).max() < 0.05


def test_heads_keep_the_bits_of_the_file_when_the_vit_is_halved(file: Path, network: Sam3):
    half = sam3.load(file, CPU, torch.bfloat16)
    assert {p.dtype for p in half._vit.parameters()} == {torch.bfloat16}
    assert {p.dtype for p in half._detector.text_encoder.parameters()} == {torch.bfloat16}
    exact = network._detector.state_dict()
    for name, value in half._detector.state_dict().items():
        if not name.startswith(sam3.HEAVY):
            torch.testing.assert_close(value, exact[name], rtol=0, atol=0)
    kept = half.encode(picture(96), Job())
    assert kept.hidden.dtype == torch.bfloat16
    assert half.decode(kept, click("box")).logits.shape == (1, 48, 48)
    assert len(half.search(kept, search("text"), Job()).scores) == 12


@pytest.mark.parametrize("change", ["missing", "strange", "misshaped"])
def test_an_incomplete_file_is_refused(official, tmp_path: Path, change: str):
    tensors = dict(official)
    name = "tracker.sam_mask_decoder.conv_s0.weight"
    if change == "missing":
        del tensors[name]
    elif change == "strange":
        tensors["tracker.sam_mask_decoder.conv_s2.weight"] = torch.zeros(3)
    else:
        tensors[name] = tensors[name][:-1].clone()
    torch.save(tensors, tmp_path / "sam3.pt")
    for attempt in (lambda p: sam3.load(p, CPU, torch.float32), _converted):
        with pytest.raises(ModelUnreadable) as caught:
            attempt(tmp_path / "sam3.pt")
        assert caught.value.reason == "keys"
        assert "conv_s" in caught.value.detail


def _converted(path: Path) -> None:
    sam3.save_converted(path, path.with_name("model.safetensors"))


def test_a_file_that_holds_more_than_tensors_is_never_loaded(tmp_path: Path):
    torch.save({"detector.x": torch.zeros(1), "run": print}, tmp_path / "sam3.pt")
    with pytest.raises(ModelUnsafe):
        sam3.load(tmp_path / "sam3.pt", CPU, torch.float32)


def test_a_file_that_is_cut_off_is_damaged(official, tmp_path: Path):
    path = tmp_path / "sam3.safetensors"
    safetensors.torch.save_file(official, path)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(ModelUnreadable) as caught:
        sam3.load(path, CPU, torch.float32)
    assert caught.value.reason == "damaged"


def _assert_same(found: Sam3, wanted: Sam3) -> None:
    for part in ("_detector", "_tracker"):
        one, other = getattr(found, part).state_dict(), getattr(wanted, part).state_dict()
        assert one.keys() == other.keys()
        for name, value in other.items():
            torch.testing.assert_close(one[name], value, rtol=0, atol=0)
