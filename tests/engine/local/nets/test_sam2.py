"""SAM2 against transformers' own way from a picture to a mask, on a picture that is not square."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import Sam2ImageProcessor, Sam2Model, Sam2Processor

from engine.errors import Cancelled, CapabilityMissing, ModelUnreadable
from engine.jobs.operations import Decode
from engine.local.nets.segment import sam2
from engine.local.nets.segment.sam2 import DEVIATION, HIERAS, MEAN, Sam2
from tests.engine.local.nets.sam3_cases import MODEL, SAM2_SIDE, Job, picture, search, tiny_sam2
from tests.engine.local.nets.sam3_official import weights

CPU = torch.device("cpu")
SIDE = SAM2_SIDE
WIDTH, HEIGHT = 300, 170


@pytest.fixture(scope="module")
def library() -> Sam2Model:
    network = Sam2Model(tiny_sam2()).eval()
    for name, value in network.state_dict().items():
        value.copy_(weights(name, tuple(value.shape)))
    return network


@pytest.fixture(scope="module")
def folder(library: Sam2Model, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("sam2") / "sam2.1-hiera-tiny"
    library.save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def network(folder: Path) -> Sam2:
    return sam2.load(folder, CPU, torch.float32)


@pytest.fixture(scope="module")
def processor() -> Sam2Processor:
    size = {"height": SIDE, "width": SIDE}
    return Sam2Processor(Sam2ImageProcessor(size=size), target_size=SIDE)


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    return Image.fromarray(picture(WIDTH)[:HEIGHT])


def _pixels(processed: torch.Tensor) -> np.ndarray:
    """The small picture that the library's processor made, before it was normalised."""
    mean, deviation = np.array(MEAN), np.array(DEVIATION)
    values = processed[0].permute(1, 2, 0).numpy() * deviation + mean
    return np.rint(values * 255).astype(np.uint8)


ASKED = {
    "click": ([[90, 60]], [1], None, True),
    "two": ([[90, 60], [200, 150]], [1, 0], None, False),
    "box": ([], [], [40, 30, 220, 140], False),
    "box_and_not": ([[200, 150]], [0], [40, 30, 220, 140], False),
}


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("corrected", [False, True])
def test_answers_are_those_of_the_librarys_own_way(
    network, library, processor, photo, name: str, corrected: bool
):
    points, labels, box, several = ASKED[name]
    inputs = processor(
        images=photo,
        input_points=[[points]] if points else None,
        input_labels=[[labels]] if points else None,
        input_boxes=[[box]] if box else None,
        return_tensors="pt",
    )
    inputs.pop("original_sizes")
    previous = 8 * np.cos(np.mgrid[:32, :32].sum(0) / 6).astype(np.float32) if corrected else None
    masks = None if previous is None else torch.from_numpy(previous)[None, None]
    with torch.inference_mode():
        wanted = library(**inputs, input_masks=masks, multimask_output=several)
    kept = network.encode(_pixels(inputs["pixel_values"]), Job())
    size = np.array([WIDTH, HEIGHT], np.float32)
    answer = network.decode(
        kept,
        Decode(
            model=MODEL,
            key="key",
            points=np.array(points, np.float32).reshape(-1, 2) / size,
            labels=np.array(labels, np.int64),
            box=None if box is None else np.array(box, np.float32) / np.tile(size, 2),
            previous=previous,
            several=several,
        ),
    )
    order = wanted.iou_scores[0, 0].argsort(descending=True)
    masks_wanted = wanted.pred_masks[0, 0, order].numpy()
    assert answer.logits.shape == (3 if several else 1, 32, 32)
    assert np.ptp(masks_wanted) > 1
    np.testing.assert_allclose(answer.logits, masks_wanted, atol=2e-5)
    np.testing.assert_allclose(answer.scores, wanted.iou_scores[0, 0, order].numpy(), atol=1e-5)


def test_what_is_kept_answers_like_what_was_seen(network):
    kept = network.encode(picture(SIDE), Job())
    again = network.restored(kept.stored())
    request = Decode(
        model=MODEL, key="", points=np.array([[0.3, 0.6]], np.float32), labels=np.array([1])
    )
    one, other = network.decode(kept, request), network.decode(again, request)
    assert np.abs(one.logits - other.logits).max() < 0.01 * np.ptp(one.logits)
    with pytest.raises((ValueError, KeyError)):
        network.restored({"hidden": np.zeros(1)})
    with pytest.raises(ValueError, match="another size"):
        network.restored({str(n): np.zeros((1, 2, 3, 3)) for n in range(3)})


def test_it_knows_no_words(network):
    kept = network.encode(picture(SIDE), Job())
    with pytest.raises(CapabilityMissing) as caught:
        network.search(kept, search("text"), Job())
    assert caught.value.capability == "find"


def test_looking_can_be_cancelled(network):
    job = Job(stop_at=2, error=Cancelled)
    with pytest.raises(Cancelled):
        network.encode(picture(SIDE), job)
    assert job.fractions == [1 / 5, 2 / 5]


def test_half_of_it_in_bfloat16(folder: Path):
    network = sam2.load(folder, CPU, torch.bfloat16)
    kept = network.encode(picture(SIDE), Job())
    assert {level.dtype for level in kept.levels} == {torch.float32}
    assert network._network.prompt_encoder.point_embed.weight.dtype == torch.float32
    assert network._network.vision_encoder.backbone.pos_embed.dtype == torch.bfloat16


def test_a_missing_tensor_is_refused(library, tmp_path: Path):
    state = library.state_dict()
    del state["mask_decoder.conv_s0.weight"]
    library.save_pretrained(tmp_path, state_dict=state)
    with pytest.raises(ModelUnreadable) as caught:
        sam2.load(tmp_path, CPU, torch.float32)
    assert (caught.value.reason, caught.value.detail) == ("keys", "1: mask_decoder.conv_s0.weight")


def test_an_unknown_size_without_config_is_refused(library, tmp_path: Path):
    library.save_pretrained(tmp_path)
    (tmp_path / "config.json").unlink()
    with pytest.raises(ModelUnreadable):
        sam2.load(tmp_path, CPU, torch.float32)


@pytest.mark.parametrize(
    ("width", "blocks", "millions"),
    [(96, 12, 31.4), (96, 16, 38.5), (112, 24, 73.3), (144, 48, 216.9)],
)
def test_the_four_published_sizes_are_known_by_their_shapes(width, blocks, millions):
    """Counts of all parameters that a click needs."""
    names = {
        sam2.BACKBONE + "patch_embed.projection.weight": torch.empty(width, 3, 7, 7, device="meta"),
        f"{sam2.BACKBONE}blocks.{blocks - 1}.layer_norm1.weight": torch.empty(1, device="meta"),
    }
    with torch.device("meta"):
        network = Sam2Model(sam2._measured(names))
    assert sum(p.numel() for p in network.parameters()) / 1e6 == pytest.approx(millions, abs=0.1)
    again = sam2._measured(network.state_dict())
    assert again.to_dict() == network.config.to_dict()
    assert set(HIERAS) == {(96, 12), (96, 16), (112, 24), (144, 48)}
