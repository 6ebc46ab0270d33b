"""The server modules against a real ComfyUI; tests.engine.comfy.real says what to set."""

import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.comfy.errors import ServerFailed, ServerRefused
from engine.comfy.features import capabilities, lacks
from engine.comfy.graphs.paint import paint, read_painted
from engine.comfy.graphs.remove import read_removed, remove
from engine.comfy.jobs.connection import Connection
from engine.comfy.jobs.pool import JobPool
from engine.comfy.prompt_plan import Graph, Plan, Upload
from engine.comfy.protocol.images import only_picture
from engine.comfy.protocol.snapshot import CHECKPOINTS, ServerSnapshot
from engine.errors import Cancelled
from engine.geometry import Image, Size
from engine.jobs.backend import Capability
from tests.engine.comfy.real import (
    GONE_S,
    LONG,
    SIZE,
    URL,
    Job,
    asked,
    checkpoint,
    fresh,
    lab,
    met,
    painting,
    queued,
    removal,
    told,
    two_loras,
)

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not URL, reason="LACUNA_COMFY_URL is not set: no ComfyUI to ask"),
]


@pytest.fixture
def yours(tmp_path: Path) -> Iterator[tuple[Connection, ServerSnapshot]]:
    with met(tmp_path / "kept") as found:
        yield found


@pytest.fixture
def connection(yours: tuple[Connection, ServerSnapshot]) -> Connection:
    return yours[0]


@pytest.fixture
def snapshot(yours: tuple[Connection, ServerSnapshot]) -> ServerSnapshot:
    return yours[1]


@pytest.fixture
def remover(snapshot: ServerSnapshot) -> ServerSnapshot:
    """A server that can remove."""
    missing = lacks(Capability.REMOVE, snapshot)
    return snapshot if not missing else pytest.skip(f"the server lacks {missing}")


def long(snapshot: ServerSnapshot, steps: int = LONG) -> Plan:
    return paint(painting(checkpoint(snapshot), steps=steps), snapshot)


def test_it_says_what_it_is_and_has(snapshot: ServerSnapshot):
    assert snapshot.version.count(".") >= 2
    assert snapshot.device.kind
    assert snapshot.device.total_mb > 0
    assert snapshot.max_upload_bytes > 1 << 20
    assert "euler" in snapshot.nodes.options("KSampler", "sampler_name")
    assert snapshot.folder(CHECKPOINTS)
    assert Capability.INPAINT in capabilities(snapshot)


@pytest.mark.parametrize("size", [SIZE, Size(131, 93)])
def test_it_removes_and_leaves_the_rest(
    connection: Connection, remover: ServerSnapshot, size: Size
):
    operation = removal(size, fresh())
    outputs = connection.run(remove(operation, remover), Job(), gone_s=GONE_S)
    filled, hole = read_removed(outputs, size), operation.mask > 0
    assert outputs.device == remover.device.kind
    assert np.array_equal(filled[~hole], operation.image[~hole])
    assert (filled[hole] != operation.image[hole]).any(axis=-1).mean() > 0.5


def test_it_paints_with_two_loras(connection: Connection, snapshot: ServerSnapshot):
    both, job = two_loras(snapshot), Job()
    operation = painting(checkpoint(snapshot), loras=both)
    plan = paint(operation, snapshot)
    first = read_painted(connection.run(plan, job, gone_s=GONE_S), SIZE)
    assert job.fractions == sorted(job.fractions)
    assert "sampling" in job.notes
    assert connection.has_loaded(plan)
    for number in (1, 2):  # each has a say
        plan.graph[f"lora{number}"]["inputs"] |= {"strength_model": 0.0, "strength_clip": 0.0}
        other = read_painted(connection.run(plan, Job(), gone_s=GONE_S), SIZE)
        assert not np.array_equal(other, first)
        first = other


def test_it_says_what_it_does_not_take(connection: Connection, snapshot: ServerSnapshot):
    plan = long(snapshot)
    plan.graph["model"]["inputs"]["ckpt_name"] = "nobody-has-this.safetensors"
    with pytest.raises(ServerRefused) as caught:
        connection.run(plan, Job(), gone_s=GONE_S)
    assert (caught.value.node, caught.value.kind) == ("CheckpointLoaderSimple", "value_not_in_list")
    assert queued() == 0


def test_it_says_which_node_failed(connection: Connection):
    broken = Upload(content=f"no picture {fresh()}".encode())
    graph: Graph = {
        "image": {"class_type": "LoadImage", "inputs": {"image": broken.name}},
        "result": {"class_type": "PreviewImage", "inputs": {"images": ["image", 0]}},
    }
    plan = Plan(graph=graph, wanted=("result",), uploads=(broken,))
    with pytest.raises(ServerFailed) as caught:
        connection.run(plan, Job(), gone_s=GONE_S)
    assert (caught.value.node, caught.value.kind) == ("LoadImage", "upload")


def test_it_stops_while_it_samples_and_goes_on_with_the_next(
    connection: Connection, snapshot: ServerSnapshot, tmp_path: Path
):
    job = Job(on_step=lambda: job.is_stopped.set())
    with pytest.raises(Cancelled):
        connection.run(long(snapshot), job, gone_s=GONE_S)
    assert job.fractions[-1] < 0.6
    assert queued() == 0
    assert not list((tmp_path / "kept").glob("*.json"))
    read_painted(connection.run(long(snapshot, steps=2), Job(), gone_s=GONE_S), SIZE)


def test_what_waits_is_stopped_without_what_runs(connection: Connection, snapshot: ServerSnapshot):
    """The second waits behind the first, and is stopped there; then the first."""
    first = Job(on_step=lambda: behind.start())
    second = Job(on_note=lambda note: second.is_stopped.set() if note == "queued:1" else None)
    left: list[int] = []

    def wait_behind() -> None:
        try:
            with pytest.raises(Cancelled):
                connection.run(long(snapshot), second, gone_s=GONE_S)
            left.append(queued())
        finally:
            first.is_stopped.set()

    behind = threading.Thread(target=wait_behind)
    with pytest.raises(Cancelled):
        connection.run(long(snapshot), first, gone_s=GONE_S)
    behind.join(GONE_S)
    assert left == [1]
    assert queued() == 0


def test_two_clients_at_once_get_what_is_theirs(remover: ServerSnapshot, tmp_path: Path):
    operations = {name: removal(SIZE, fresh()) for name in ("one", "other")}
    filled: dict[str, Image] = {}

    def remove_as(name: str) -> None:
        with met(tmp_path / name) as (connection, snapshot):
            outputs = connection.run(remove(operations[name], snapshot), Job(), gone_s=GONE_S)
            filled[name] = read_removed(outputs, SIZE)

    threads = [threading.Thread(target=remove_as, args=(name,)) for name in operations]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(GONE_S)
    for name, operation in operations.items():
        outside = operation.mask == 0
        assert np.array_equal(filled[name][outside], operation.image[outside])


def test_the_pool_finds_it(connection: Connection, remover: ServerSnapshot):
    pool = JobPool(lambda server, changed: connection)
    pool.set_servers([connection.server])
    operation = removal(SIZE, fresh())
    outputs = pool.run(
        lambda snapshot: remove(operation, snapshot),
        lambda snapshot: lacks(Capability.REMOVE, snapshot),
        Job(),
        need=Capability.REMOVE.value,
    )
    pool.close()
    assert outputs.server == connection.name
    assert read_removed(outputs, SIZE).shape == operation.image.shape


def test_a_drawn_workflow_removes_and_paints(connection: Connection, remover: ServerSnapshot):
    outputs = connection.run(lab(remover), Job(), gone_s=GONE_S)
    removed, painted = (only_picture(outputs, node, SIZE) for node in ("5", "11"))
    assert removed.shape == painted.shape
    assert not np.array_equal(removed, painted)


def test_a_job_outlives_the_server(connection: Connection, snapshot: ServerSnapshot):
    """Killed while it samples: when it is back, the job is sent again, and is done."""
    command, killed = told("LACUNA_COMFY_RESTART"), []
    job = Job(on_step=lambda: killed.append(subprocess.Popen(command, shell=True)))
    plan = long(snapshot, steps=24)
    outputs = connection.run(plan, job, gone_s=GONE_S)
    assert killed[0].wait(GONE_S) == 0
    assert "server_gone" in job.notes
    assert len(asked("/history")) == 1  # of the one that knows nothing of what was before
    read_painted(outputs, SIZE)
