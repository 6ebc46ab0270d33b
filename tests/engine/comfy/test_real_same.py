"""A real ComfyUI and this computer, asked the same with the same weights: the same pictures."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.comfy.graphs.paint import paint, read_painted
from engine.comfy.graphs.remove import read_removed, remove
from engine.comfy.jobs.connection import Connection
from engine.comfy.protocol.snapshot import CHECKPOINTS, ServerSnapshot
from engine.geometry import Size
from engine.jobs.operations import PaintedCanvas
from engine.jobs.paint_settings import PaintSettings, StartFrom
from engine.local.process.client import ProcessClient
from engine.models.identify import identify
from tests.engine.comfy.real import GONE_S, SIZE, URL, Job, fresh, met, painting, removal, told

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not URL, reason="LACUNA_COMFY_URL is not set: no ComfyUI to ask"),
]

SAME = [Path(each) for each in os.environ.get("LACUNA_COMFY_SAME", "").split(",") if each]
SETTINGS = {
    "start": PaintSettings(prompt="a lantern", steps=4, strength=0.6),
    "full": PaintSettings(
        prompt="a lantern", negative_prompt="fog", steps=4, sampler="dpmpp_2m", scheduler="karras"
    ),
    "two calls": PaintSettings(
        prompt="a lantern", steps=4, guidance=3.0, sampler="heun", scheduler="sgm_uniform"
    ),
    "ddim": PaintSettings(prompt="a lantern", steps=4, sampler="ddim", scheduler="ddim_uniform"),
    "noise": PaintSettings(
        prompt="a lantern", steps=4, sampler="uni_pc_bh2", start_from=StartFrom.NOISE
    ),
}
"""Not the samplers that draw noise at every step: servers draw theirs on whatever they run on."""


@pytest.fixture
def yours(tmp_path: Path) -> Iterator[tuple[Connection, ServerSnapshot]]:
    with met(tmp_path / "kept") as found:
        yield found


@pytest.fixture(scope="module")
def link() -> Iterator[ProcessClient]:
    link = ProcessClient()
    yield link
    link.close()


@pytest.mark.parametrize("size", [SIZE, Size(200, 312), Size(512, 512)])
def test_removed_there_is_removed_here(
    yours: tuple[Connection, ServerSnapshot], link: ProcessClient, size: Size
):
    connection, snapshot = yours
    operation = removal(size, fresh(), Path(told("LACUNA_COMFY_LAMA")))
    outputs = connection.run(remove(operation, snapshot), Job(), gone_s=GONE_S)
    there, here = read_removed(outputs, size), link(operation, Job())
    assert isinstance(here, np.ndarray)
    assert np.abs(there.astype(int) - here).max() <= 2
    assert np.abs(here.astype(int) - operation.image).max() > 32  # something was done


@pytest.mark.parametrize("kind", list(SETTINGS))
@pytest.mark.parametrize("path", SAME or [None], ids=lambda path: path.stem if path else "none")
def test_painted_there_is_painted_here(
    yours: tuple[Connection, ServerSnapshot], link: ProcessClient, path: Path | None, kind: str
):
    connection, snapshot = yours
    model = identify(path or Path(told("LACUNA_COMFY_SAME")))
    assert model.name in snapshot.folder(CHECKPOINTS)
    operation = painting(model, settings=SETTINGS[kind])
    there = read_painted(connection.run(paint(operation, snapshot), Job(), gone_s=GONE_S), SIZE)
    here = link(operation, Job())
    assert isinstance(here, PaintedCanvas)
    off = np.abs(there.astype(int) - here.image)  # a server cuts off what we round
    assert off.mean() <= 1.0
    assert np.percentile(off, 99) <= 4
    assert np.abs(here.image.astype(int) - operation.start).mean() > 16  # something was done
