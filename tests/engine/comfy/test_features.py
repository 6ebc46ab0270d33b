"""Capabilities of servers: each for itself, with a name for what is missing."""

import pytest

from engine.comfy.errors import Lack
from engine.comfy.features import NEEDS, capabilities, lacks
from engine.comfy.graphs.click import click
from engine.comfy.graphs.find import find
from engine.comfy.graphs.paint import paint
from engine.comfy.graphs.remove import remove
from engine.comfy.protocol.object_info import Nodes
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.comfy.server_models import models_of
from engine.jobs.backend import Capability
from engine.jobs.operations import Device
from engine.jobs.paint_settings import PaintSettings, StartFrom
from engine.models.families import Kind
from tests.engine.comfy import snapshots
from tests.engine.comfy.snapshots import MODELS, PACKS, check_graph, snapshot_with
from tests.engine.comfy.test_graphs_paint import operation as painting
from tests.engine.comfy.test_graphs_remove import operation as removing
from tests.engine.comfy.test_graphs_select import clicking, finding
from tests.engine.comfy.test_object_info_reading import FIXTURES, fixture
from tests.engine.comfy.test_server_models import model

ALL = frozenset(NEEDS)


def real(name: str) -> ServerSnapshot:
    device = Device(kind="cpu", name="", total_mb=0, free_mb=0, torch="")
    return ServerSnapshot(version="", device=device, nodes=Nodes.read(fixture(name)))


def test_a_server_with_everything() -> None:
    snapshot = snapshot_with(snapshots.LAMA, PACKS["march"])
    assert capabilities(snapshot) == ALL


@pytest.mark.parametrize(
    ("blocks", "models", "able"),
    [
        ((), {}, set()),
        ((snapshots.LAMA,), {}, {Capability.REMOVE}),
        ((), MODELS, {Capability.INPAINT}),
        ((PACKS["january"],), {}, {Capability.CLICK, Capability.BOX, Capability.FIND}),
        ((snapshots.DETECT,), {"checkpoints": ("sam3.safetensors",)},
         {Capability.CLICK, Capability.BOX, Capability.FIND}),
        ((snapshots.DETECT,), {}, set()),
    ],
)  # fmt: skip
def test_what_is_missing_for_one_leaves_the_others(
    blocks: tuple[str, ...], models: dict[str, tuple[str, ...]], able: set[Capability]
) -> None:
    assert capabilities(snapshot_with(*blocks, models=models)) == able


def test_without_any_checkpoint_one_is_named() -> None:
    assert lacks(Capability.INPAINT, snapshot_with(models={})) == (
        Lack("checkpoints", "sd-v1-5-inpainting.safetensors", "webui/stable-diffusion-inpainting"),
    )


def test_a_network_without_its_parts_says_which() -> None:
    snapshot = snapshot_with(
        models={
            "diffusion_models": ("flux1-dev.safetensors",),
            "text_encoders": ("clip_l.safetensors",),
        }
    )
    parts = {each.name for each in lacks(Capability.INPAINT, snapshot)}
    assert parts == {"t5xxl_fp16.safetensors", "ae.safetensors"}


def test_a_network_without_its_parts_is_no_bar_to_another() -> None:
    files = {"diffusion_models": ("sdxl_inpaint.safetensors",), "checkpoints": ("sd15.ckpt",)}
    snapshot = snapshot_with(models=files)
    assert capabilities(snapshot) == {Capability.INPAINT}
    (partial,) = [each for each in models_of(snapshot).models if each.problem == "partial"]
    assert {each.kind for each in lacks(Capability.INPAINT, snapshot, model=partial)} == {
        "text_encoders", "vae",
    }  # fmt: skip


def test_settings_and_loras_are_looked_at() -> None:
    snapshot = snapshot_with()
    lora = model("loras", "gone.safetensors", kind=Kind.LORA)
    found = lacks(
        Capability.INPAINT,
        snapshot,
        loras=((lora, 1.0),),
        settings=PaintSettings(sampler="ddim", scheduler="beta"),
    )
    assert found == (
        Lack("loras", "gone.safetensors"),
        Lack("sampler_name", "ddim"),
        Lack("scheduler", "beta"),
    )


def test_nodes_of_old_servers_are_named() -> None:
    snapshot = snapshot_with(without=("DifferentialDiffusion",))
    assert lacks(Capability.INPAINT, snapshot) == (Lack("node", "DifferentialDiffusion"),)


@pytest.mark.parametrize("name", FIXTURES)
def test_real_servers_can_do_all_of_it(name: str) -> None:
    assert capabilities(real(name)) == ALL


@pytest.mark.parametrize("name", FIXTURES)
def test_graphs_that_real_servers_take(name: str) -> None:
    snapshot = real(name)
    check_graph(find(finding(), snapshot), snapshot)
    check_graph(click(clicking((3, 4, True)), snapshot), snapshot)
    check_graph(remove(removing(30, 44), snapshot), snapshot)
    found = models_of(snapshot)
    loras = tuple((lora, 0.7) for lora in found.of(Kind.LORA))
    for checkpoint in found.of(Kind.CHECKPOINT):
        for start in StartFrom:
            task = painting(checkpoint, snapshot, start, loras)
            check_graph(paint(task, snapshot), snapshot)


def test_own_nodes_of_a_real_server() -> None:
    """With weights that it has not: then its own nodes come first."""
    base = real(FIXTURES[2])
    models = {"checkpoints": ("sam3.1_multiplex_fp16.safetensors",)}
    nodes = fixture(FIXTURES[2])
    nodes["CheckpointLoaderSimple"]["input"]["required"]["ckpt_name"][0] = [*models["checkpoints"]]
    snapshot = ServerSnapshot(
        version="", device=base.device, nodes=Nodes.read(nodes), models=models
    )
    check_graph(find(finding("a dog, big"), snapshot), snapshot)
    check_graph(click(clicking((3, 4, True), (9, 9, False)), snapshot), snapshot)
