"""Filling a hole on a server: exactly what is marked, whatever the size."""

import numpy as np
import pytest
from PIL import Image as Pil
from PIL import ImageFilter, ImageOps

from engine.comfy.errors import Lack, ServerBroken, ServerLacks
from engine.comfy.graphs.remove import read_removed, remove
from engine.comfy.prompt_plan import PlanOutput, PlanOutputs
from engine.comfy.protocol.images import decode_png
from engine.geometry import Size
from engine.image_io.encoding.png_writer import encode_png
from engine.jobs.backend import Capability
from engine.jobs.operations import Fill
from tests.engine.comfy import snapshots
from tests.engine.comfy.snapshots import check_graph, one, snapshot_with, uploaded
from tests.engine.comfy.test_server_models import model

RNG = np.random.default_rng(1)
LAMA = model("lama", "big-lama.pt")


def operation(height: int, width: int) -> Fill:
    image = RNG.integers(0, 256, (height, width, 3), np.uint8)
    mask = np.zeros((height, width), np.uint8)
    mask[3:9, 5:14] = 255
    return Fill(model=LAMA, image=image, mask=mask)


@pytest.mark.parametrize("newer", [False, True])
def test_a_graph_that_the_server_takes(newer: bool) -> None:
    snapshot = snapshot_with(snapshots.LAMA, newer=newer)
    plan = remove(operation(32, 48), snapshot)
    check_graph(plan, snapshot)
    assert plan.wanted == ("result",)


def test_what_the_node_fills_is_the_mask() -> None:
    """By the node's own steps: invert, blur, keep what is above the threshold."""
    task = operation(32, 48)
    told = one(remove(task, snapshot_with(snapshots.LAMA)), "LamaRemover")
    inverted = ImageOps.invert(Pil.fromarray(task.mask))
    blurred = inverted.filter(ImageFilter.GaussianBlur(told["gaussblur_radius"]))
    filled = np.asarray(blurred) <= told["mask_threshold"]
    np.testing.assert_array_equal(filled, task.mask > 0)
    assert told["invert_mask"] is False


def test_odd_sides_are_filled_up_by_the_edge_rather_than_black() -> None:
    task = operation(30, 45)
    plan = remove(task, snapshot_with(snapshots.LAMA))
    told = one(plan, "LamaRemover")
    image = decode_png(uploaded(plan, told["images"]), "")
    mask = decode_png(uploaded(plan, told["masks"]), "")[..., 0]
    assert image.shape == (32, 48, 3)
    np.testing.assert_array_equal(image[:30, :45], task.image)
    np.testing.assert_array_equal(image[:30, 45:], task.image[:, -1:].repeat(3, axis=1))
    assert not mask[30:].any()
    assert not mask[:, 45:].any()


def test_the_answer_is_of_the_size_that_was_asked() -> None:
    sent = RNG.integers(0, 256, (32, 48, 3), np.uint8)
    outputs = PlanOutputs(of={"result": PlanOutput(images=(encode_png(sent),))})
    np.testing.assert_array_equal(read_removed(outputs, Size(45, 30)), sent[:30, :45])
    with pytest.raises(ServerBroken):
        read_removed(outputs, Size(64, 30))


def test_no_answer_is_trouble() -> None:
    with pytest.raises(ServerBroken) as trouble:
        read_removed(PlanOutputs(of={"result": PlanOutput()}, server="attic"), Size(8, 8))
    assert (trouble.value.server, trouble.value.reason) == ("attic", "empty")


def test_without_the_pack_it_is_named() -> None:
    with pytest.raises(ServerLacks) as missing:
        remove(operation(16, 16), snapshot_with())
    assert missing.value.server == "attic"
    assert missing.value.need == Capability.REMOVE.value
    (lack,) = missing.value.lacks
    assert lack == Lack(
        "pack", "comfyui-lama-remover", "https://github.com/Layer-norm/comfyui-lama-remover"
    )


def test_the_same_picture_is_uploaded_once_and_called_the_same() -> None:
    task = operation(16, 16)
    first, second = (remove(task, snapshot_with(snapshots.LAMA)) for _ in range(2))
    assert [u.name for u in first.uploads] == [u.name for u in second.uploads]
    assert first.graph == second.graph
