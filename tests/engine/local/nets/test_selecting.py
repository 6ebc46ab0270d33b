"""From a click on a picture to a mask of it, through tiny networks with random weights."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import Sam2Model

from engine.errors import CapabilityMissing, NothingFound
from engine.geometry import Rect
from engine.jobs.operations import Decode, Encode, Search
from engine.jobs.requests import Click, FindRequest, PrepareRequest, Prior, SegmentRequest
from engine.local.embedding_cache import Embeddings
from engine.local.nets.segment.load import load
from engine.local.segment.selector import LocalSelector
from engine.local.segmenter import answer
from engine.models.families import Family, Kind
from engine.models.model_file import ModelFile
from tests.engine.local.nets import sam3_reference
from tests.engine.local.nets.sam3_cases import Job, picture, tiny_sam2
from tests.engine.local.nets.sam3_official import weights

WIDTH, HEIGHT = 330, 210
CLICKS = (Click(120, 90), Click(250, 30, False))


class Process:
    """The engine's process, without the process."""

    def __init__(self, model: ModelFile) -> None:
        self._segmenter = load(model, torch.device("cpu"), torch.float32)
        self.kept = Embeddings()
        self.asked: list[Any] = []

    def __call__(self, operation: Any, job: Any) -> Any:
        self.asked.append(operation)
        return answer(self._segmenter, operation, self.kept, job)

    def count(self, kind: type) -> int:
        return sum(isinstance(operation, kind) for operation in self.asked)


@pytest.fixture(scope="module")
def sam3(tmp_path_factory) -> ModelFile:
    path: Path = tmp_path_factory.mktemp("sam3") / "sam3.pt"
    torch.save(sam3_reference.tensors(), path)
    return ModelFile(
        path=path, kind=Kind.SEGMENTER, family=Family.SAM3, name=path.name, title="SAM3"
    )


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return np.ascontiguousarray(picture(WIDTH)[:HEIGHT])


def test_prepare_click_correct_find(sam3: ModelFile, image: np.ndarray):
    process, job = Process(sam3), Job()
    selector = LocalSelector(process)
    selector.prepare(sam3, PrepareRequest(image=image, key="k"), job)
    request = SegmentRequest(image=image, key="k", clicks=CLICKS[:1])
    first = selector.segment(sam3, request, job)
    shown = first.candidates[0]
    prior = Prior(rect=shown.rect, mask=shown.mask, clicks=1)
    request = SegmentRequest(image=image, key="k", clicks=CLICKS, prior=prior)
    second = selector.segment(sam3, request, job)
    found = selector.find(sam3, FindRequest(image=image, key="k", prompt="a wave"), job)
    for each in (*first.candidates, *second.candidates, *found.instances):
        assert each.mask.shape == (each.rect.height, each.rect.width)
        assert Rect(0, 0, WIDTH, HEIGHT).intersect(each.rect) == each.rect
        assert 0 <= each.score <= 1
    assert process.count(Encode) == 2  # asked whether it is known, then sent
    assert (process.count(Decode), process.count(Search)) == (2, 1)


def test_a_threshold_over_what_was_found_asks_nothing(sam3: ModelFile, image: np.ndarray):
    process = Process(sam3)
    selector = LocalSelector(process)
    selector.prepare(sam3, PrepareRequest(image=image, key="k"), Job())
    found = selector.find(sam3, FindRequest(image=image, key="k", prompt="a wave"), Job())
    scores = [instance.score for instance in found.instances]
    counts = [sum(score >= threshold for score in scores) for threshold in (0.1, 0.3, 0.5, 0.7)]
    assert counts == sorted(counts, reverse=True)
    assert process.count(Search) == 1


def test_where_nothing_is_likely_nothing_is_found(sam3: ModelFile, image, monkeypatch):
    monkeypatch.setattr("engine.local.segment.prompts.FIND_FLOOR", 1.0)
    with pytest.raises(NothingFound):
        LocalSelector(Process(sam3)).find(
            sam3, FindRequest(image=image, key="k", prompt="a wave"), Job()
        )


def test_sam2_answers_clicks_alone(image: np.ndarray, tmp_path: Path):
    network = Sam2Model(tiny_sam2())
    for name, value in network.state_dict().items():
        value.copy_(weights(name, tuple(value.shape)))
    network.save_pretrained(tmp_path)
    model = ModelFile(
        path=tmp_path, kind=Kind.SEGMENTER, family=Family.SAM2, name="tiny", title="SAM2"
    )
    process = Process(model)
    selector = LocalSelector(process)
    request = SegmentRequest(image=image, key="k", box=Rect(40, 20, 200, 150))
    assert selector.segment(model, request, Job()).engine == "sam2"
    assert process.count(Decode) == 2  # not encoded, then again
    with pytest.raises(CapabilityMissing):
        selector.find(model, FindRequest(image=image, key="k", prompt="x"), Job())
