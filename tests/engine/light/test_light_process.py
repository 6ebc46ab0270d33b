"""Light models in a process of their own: clicks, removal, its death, and what is kept on disk."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine import errors
from engine.geometry import Image, Rect
from engine.inpaint.fill_large import fill
from engine.jobs.operations import Encode, Fill, Salient
from engine.jobs.requests import Click, Hole, PrepareRequest, SegmentRequest
from engine.light.executor import LightExecutor
from engine.local.process import child
from engine.local.process.client import ProcessClient, light_client
from engine.local.segment.selector import LocalSelector
from engine.models.model_file import ModelFile
from tests.engine.light import random_weights
from tests.engine.light.test_executor import Job, picture

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProcessClient]:
    monkeypatch.setenv("LACUNA_CACHE", str(tmp_path))
    made = light_client()
    yield made
    made.close()


def test_a_click_and_a_removal(client: ProcessClient, edgetam: ModelFile, migan: ModelFile):
    image = picture(300)
    selector = LocalSelector(client)
    selector.prepare(edgetam, PrepareRequest(image=image, key="a"), Job())
    clicks = (Click(150, 150, True),)
    request = SegmentRequest(image=image, key="a", clicks=clicks, revision=4)
    found = selector.segment(edgetam, request, Job())
    assert found.engine == "edgetam"
    assert 1 <= len(found.candidates) <= 3
    assert client.device is not None
    assert client.device.runtime.startswith("onnxruntime")
    mask = np.zeros((300, 300), np.uint8)
    mask[100:140, 90:160] = 255
    hole = Hole(rect=Rect(0, 0, 300, 300), image=image, mask=mask, blend=mask)
    filled = fill(client, migan, hole, Job())
    assert filled.shape == image.shape
    assert np.array_equal(filled[mask == 0], image[mask == 0])


def test_a_picture_is_known_again_after_the_process_has_gone(
    client: ProcessClient, edgetam: ModelFile, tmp_path: Path
):
    client(Encode(model=edgetam, key="b", pixels=picture()), Job())
    kept = list((tmp_path / "embeddings").iterdir())
    assert [path.stat().st_size > 8_000_000 for path in kept] == [True]
    client.free()
    client(Encode(model=edgetam, key="b", pixels=None), Job())


@pytest.mark.skipif(os.name == "nt", reason="there is no kill -9")
def test_a_process_that_dies_while_it_looks_costs_one_job(
    client: ProcessClient, edgetam: ModelFile
):
    client(Encode(model=edgetam, key="c", pixels=picture()), Job())
    with pytest.raises(errors.BackendStopped) as caught:
        client(Encode(model=edgetam, key="d", pixels=picture(seed=2)), KilledAt(client, "", 2))
    assert caught.value.reason == "killed"
    client(Encode(model=edgetam, key="c", pixels=None), Job())


@pytest.mark.skipif(os.name == "nt", reason="there is no kill -9")
@pytest.mark.parametrize("note", ["load", "fill"])
def test_a_process_that_dies_while_it_fills_costs_one_job(
    client: ProcessClient, migan: ModelFile, note: str
):
    image, mask = picture(512), np.zeros((512, 512), np.uint8)
    mask[100:140, 90:160] = 255
    asked = Fill(model=migan, image=image, mask=mask)
    with pytest.raises(errors.BackendStopped) as caught:
        client(asked, KilledAt(client, note))
    assert caught.value.reason == "killed"
    filled = client(asked, Job())
    assert isinstance(filled, np.ndarray)
    assert np.array_equal(filled[mask == 0], image[mask == 0])


class KilledAt(Job):
    """Kills the process when its job says this, so many times after the first."""

    def __init__(self, client: ProcessClient, note: str, later: int = 0) -> None:
        super().__init__()
        self._client, self._note, self._later = client, note, later

    def report(self, fraction: float, note: str = "", preview: Image | None = None) -> None:
        super().report(fraction, note, preview)
        if note == self._note:
            self._later -= 1
            if self._later == -1:
                os.kill(self._client.pid, 9)


def test_cancelling_keeps_the_process(client: ProcessClient, edgetam: ModelFile):
    client(Encode(model=edgetam, key="e", pixels=picture()), Job())
    pid = client.pid
    with pytest.raises(errors.Cancelled):
        client(Encode(model=edgetam, key="f", pixels=picture(seed=3)), Job(0.2))
    client(Encode(model=edgetam, key="e", pixels=None), Job())
    assert client.pid == pid


def test_without_onnxruntime_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['onnxruntime'] = None")
    known = dict(os.environ) | child.SETTINGS
    path = os.pathsep.join((str(tmp_path), str(child.ROOT)))
    monkeypatch.setattr(child, "environment", lambda: known | {"PYTHONPATH": path})
    client = light_client()
    with pytest.raises(errors.EngineMissing) as caught:
        client(Encode(model=None, key="", pixels=None), Job())  # pyright: ignore
    client.close()
    assert caught.value.reason == "absent"


def test_a_subject_s_plane_comes_back_as_it_is(client: ProcessClient, tmp_path: Path):
    """400 kB of floats by shared memory; the same as in this process."""
    model = random_weights.write_u2netp(tmp_path / "u2netp.safetensors")
    asked = Salient(model=model, pixels=picture(320))
    found = client(asked, Job())
    assert isinstance(found, np.ndarray)
    np.testing.assert_array_equal(found, LightExecutor().perform(asked, Job()))
