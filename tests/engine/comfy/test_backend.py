"""The backend of servers, through a whole server: the same contract as every other engine."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import tasks
from engine.colour import convert as colour
from engine.comfy.backend import FLUX_GRID, GRID, ComfyBackend
from engine.comfy.errors import ServerLacks
from engine.comfy.features import NEEDS
from engine.comfy.jobs.connection import Connection
from engine.comfy.jobs.job_store import KeptJobs
from engine.comfy.jobs.pool import JobPool
from engine.comfy.offers import offers
from engine.comfy.protocol.images import decode_png
from engine.comfy.server.address import Server
from engine.comfy.server.transport import Transport
from engine.errors import LoraMisfit, ModelMissing, NothingFound
from engine.geometry import Rect, Size
from engine.inpaint.crops import RemoveOptions
from engine.jobs.backend import Capability
from engine.jobs.paint_settings import Lora, PaintSettings, StartFrom
from engine.jobs.requests import Click, FindRequest, InpaintResult, Patch, SegmentRequest
from engine.models.families import Family, Kind
from engine.models.model_file import Installed
from tests.engine.comfy.job_fixtures import QUICK
from tests.engine.comfy.stand_in.server import StandIn
from tests.support.examples import at_most
from tests.support.scripted import Quiet

JOB = Quiet()


def backend_of(server: StandIn, folder: Path, families: dict[str, Family]) -> ComfyBackend:
    def connect(each: Server, changed: object) -> Connection:
        return Connection(each, Transport, KeptJobs(folder), changed=changed, timeouts=QUICK)

    pool = JobPool(connect, timeouts=QUICK)
    address = Server(name="desk", url=server.url)
    pool.set_servers([address])
    connection = connect(address, lambda: None)
    there = offers([connection.probe(lambda: None)], families=families)
    connection.close()
    return ComfyBackend(pool, lambda: there.stock, lambda: there.capabilities)


@pytest.fixture(scope="module")
def server() -> Iterator[StandIn]:
    with StandIn() as standing:
        yield standing


@pytest.fixture
def backend(server: StandIn, tmp_path: Path) -> Iterator[ComfyBackend]:
    made = backend_of(server, tmp_path, {})
    yield made
    made.close()


def photo(width: int, height: int) -> np.ndarray:
    image = np.zeros((height, width, 3), np.uint8)
    image[..., 0] = np.linspace(30, 90, width).astype(np.uint8)
    image[..., 1] = np.linspace(20, 80, height).astype(np.uint8)[:, None]
    return image


def applied(view: np.ndarray, patches: tuple[Patch, ...]) -> tuple[np.ndarray, int]:
    """The picture with the patches written into it as the editor does, and what changed outside."""
    after, blend = view.copy(), np.zeros(view.shape[:2], np.uint8)
    for patch in patches:
        after[patch.rect.slices] = colour.patch_pixels(after, None, patch)
        np.maximum(blend[patch.rect.slices], patch.blend, out=blend[patch.rect.slices])
    return after, tasks.changed_outside(view, after, blend)


def painters(backend: ComfyBackend) -> Installed:
    return backend._installed()


def test_all_it_can_do_is_said(backend: ComfyBackend) -> None:
    assert backend.capabilities() == frozenset(NEEDS)


def test_a_removal_changes_nothing_outside_the_ring(backend: ComfyBackend) -> None:
    view = photo(301, 217)
    mask = np.zeros((217, 301), np.uint8)
    mask[60:120, 90:170] = 255
    view[mask > 0] = (250, 10, 10)
    request = tasks.plan_remove(view, mask, RemoveOptions(grow_px=5, feather_px=3))
    result = tasks.remove(backend, request, JOB)
    after, outside = applied(view, result.patches)
    assert outside == 0
    assert after[90, 130, 0] < 120  # the red is gone
    assert result.engine == "server"


# each goes to a server and back
@settings(at_most(12), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 2**32 - 1))
def test_any_size_is_sent_on_a_grid_and_comes_back_as_it_was(
    server: StandIn, backend: ComfyBackend, width: int, height: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    view = rng.integers(0, 255, (height, width, 3), np.uint8)
    mask = np.zeros((height, width), np.uint8)
    mask[rng.integers(height), rng.integers(width)] = 255
    request = tasks.plan_inpaint(
        view, mask, RemoveOptions(grow_px=2, feather_px=1), PaintSettings(steps=1), seed=seed
    )
    result = tasks.inpaint(backend, request, JOB)
    assert applied(view, result.patches)[1] == 0
    sides = {side for upload in uploaded(server) for side in upload}
    assert all(side % GRID == 0 for side in sides)


def uploaded(server: StandIn) -> list[Size]:
    files = (server.folders["input"] / "lacuna").glob("*.png")
    return [Size.of(decode_png(file.read_bytes(), "desk")) for file in files]


def test_the_same_seed_paints_the_same_and_another_does_not(backend: ComfyBackend) -> None:
    results = [painted(backend, PaintSettings(steps=2), seed) for seed in (7, 7, 8)]
    first, again, other = (result.patches[0].pixels for result in results)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert results[0].paint_records[0].device == "cuda"
    assert results[0].paint_records[0].versions == ("desk",)


def painted(backend: ComfyBackend, wanted: PaintSettings, seed: int = 1) -> InpaintResult:
    view = photo(200, 160)
    mask = np.zeros((160, 200), np.uint8)
    mask[50:90, 60:120] = 255
    request = tasks.plan_inpaint(
        view, mask, RemoveOptions(grow_px=3, feather_px=2), wanted, seed=seed
    )
    return tasks.inpaint(backend, request, JOB)


@pytest.mark.parametrize("start", list(StartFrom))
def test_every_start_can_be_asked_for(backend: ComfyBackend, start: StartFrom) -> None:
    result = painted(backend, PaintSettings(steps=1, start_from=start))
    assert result.patches[0].blend.any()


def test_loras_reach_the_graph_in_their_order(server: StandIn, tmp_path: Path) -> None:
    """The user knows better than a file what it was made for."""
    backend = backend_of(server, tmp_path, {"xl\\style.safetensors": Family.SD15})
    names = [model.name for model in painters(backend).of(Kind.LORA)][:2]
    loras = tuple(Lora(name, 0.5 + number) for number, name in enumerate(names))
    checkpoint = next(
        m.name for m in painters(backend).of(Kind.CHECKPOINT) if m.family is Family.SD15_INPAINT
    )
    painted(backend, PaintSettings(steps=1, checkpoint=checkpoint, loras=loras), seed=99)
    graph = server.calls("POST", "/prompt")[-1].json["prompt"]
    chained = [
        (node["inputs"]["lora_name"], node["inputs"]["strength_model"])
        for node in graph.values()
        if node["class_type"] == "LoraLoader"
    ]
    assert chained == [(lora.name, lora.weight) for lora in loras]
    assert len(chained) == 2
    backend.close()


def test_flux_is_sent_on_its_own_grid(server: StandIn, backend: ComfyBackend) -> None:
    fill = painters(backend).first(Family.FLUX_FILL)
    if fill is None:
        pytest.fail("the stand-in has a FLUX Fill")
    painted(backend, PaintSettings(steps=1, checkpoint=fill.name), seed=3)
    graph = server.calls("POST", "/prompt")[-1].json["prompt"]
    sent = graph["image"]["inputs"]["image"]
    size = Size.of(decode_png((server.folders["input"] / sent).read_bytes(), "desk"))
    assert size.width % FLUX_GRID == size.height % FLUX_GRID == 0


def test_what_is_not_there_is_said(backend: ComfyBackend) -> None:
    with pytest.raises(ModelMissing):
        painted(backend, PaintSettings(checkpoint="nowhere.safetensors"))
    with pytest.raises(ModelMissing):
        painted(backend, PaintSettings(loras=(Lora("nowhere"),)))


def test_a_lora_for_another_base_is_not_sent(server: StandIn, tmp_path: Path) -> None:
    found = backend_of(server, tmp_path, {})
    lora = next(iter(painters(found).of(Kind.LORA)))
    found.close()
    backend = backend_of(server, tmp_path, {lora.name: Family.FLUX_DEV})
    checkpoint = next(
        m.name for m in painters(backend).of(Kind.CHECKPOINT) if m.family is Family.SD15_INPAINT
    )
    with pytest.raises(LoraMisfit):
        painted(backend, PaintSettings(checkpoint=checkpoint, loras=(Lora(lora.name),)))
    backend.close()


def bright() -> np.ndarray:
    view = np.full((120, 160, 3), 20, np.uint8)
    view[20:50, 30:70] = 240
    view[80:100, 100:140] = 230
    return view


def test_all_instances_are_found_once(backend: ComfyBackend) -> None:
    result = backend.find(FindRequest(image=bright(), key="k", prompt="bright"), JOB)
    boxes = sorted(each.rect for each in result.instances)
    assert boxes == [Rect(30, 20, 40, 30), Rect(100, 80, 40, 20)]


def test_nothing_found_is_said(backend: ComfyBackend) -> None:
    dark = np.zeros((64, 64, 3), np.uint8)
    with pytest.raises(NothingFound):
        backend.find(FindRequest(image=dark, key="k", prompt="bright"), JOB)


def test_a_click_is_answered(backend: ComfyBackend) -> None:
    request = SegmentRequest(image=bright(), key="k", clicks=(Click(50.0, 35.0),))
    best = backend.segment(request, JOB).candidates[0]
    assert best.rect.intersect(Rect(30, 20, 40, 30)) == Rect(30, 20, 40, 30)


def test_a_server_without_the_nodes_says_what_to_install(tmp_path: Path) -> None:
    with StandIn(pack="none", packs=(), core_sam3=False) as bare:
        backend = backend_of(bare, tmp_path, {})
        assert Capability.REMOVE not in backend.capabilities()
        assert Capability.INPAINT in backend.capabilities()
        mask = np.zeros((64, 64), np.uint8)
        mask[20:30, 20:30] = 255
        hole = tasks.plan_remove(photo(64, 64), mask, RemoveOptions(grow_px=1)).holes[0]
        with pytest.raises(ServerLacks) as trouble:
            backend.fill(hole, 0, JOB)
        assert any("lama-remover" in lack.get for lack in trouble.value.lacks)
        backend.close()
