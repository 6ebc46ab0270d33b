"""Progress of a job on a server."""

import json

import pytest

from engine.comfy.errors import ServerBroken
from engine.comfy.jobs import transfer
from engine.comfy.protocol import events
from engine.comfy.protocol.history import (
    NodeAnswer,
    ServerImage,
    Waiting,
    read_place,
    read_queue,
)
from engine.comfy.protocol.json_fields import as_number
from engine.comfy.protocol.progress import MonotonicProgress, PromptProgress, kind_of
from tests.engine.comfy.job_fixtures import RecordingJob, painting


@pytest.mark.parametrize(
    ("class_type", "kind"),
    [
        ("CheckpointLoaderSimple", "loading"),
        ("LoadSAM3Model", "loading"),
        ("LoraLoader", "loading"),
        ("LoadImage", "working"),
        ("LoadImageMask", "working"),
        ("KSampler", "sampling"),
        ("KSamplerSelect", "working"),
        ("SamplerCustomAdvanced", "sampling"),
        ("SAM3Grounding", "sampling"),
        ("SAM3_Detect", "sampling"),
        ("LamaRemover", "sampling"),
        ("PreviewImage", "working"),
    ],
)
def test_nodes_have_kinds(class_type: str, kind: str) -> None:
    assert kind_of(class_type) == kind


def test_progress_is_mostly_of_the_sampler_and_never_goes_back() -> None:
    progress = PromptProgress(painting().graph)
    progress.enter("model")
    progress.enter("sampler")
    before = progress.fraction
    progress.step("sampler", 0.5)
    half = progress.fraction
    assert half - before == pytest.approx(0.9 * 0.4)
    progress.restart()
    progress.enter("model")
    assert progress.fraction == half
    progress.finish(painting().graph)
    progress.enter("out")
    progress.finish(["out"])
    assert half < progress.fraction <= 0.95


def test_a_sampler_that_loads_its_model_says_so() -> None:
    progress = PromptProgress(painting().graph)
    progress.enter("sampler")
    assert progress.note == "sampling"
    progress.load(["sampler"])
    assert progress.note == "loading"
    progress.load([])
    assert progress.note == "sampling"
    progress.load(["sampler"])
    progress.enter("out")
    assert progress.note == "working"


def test_a_job_that_moves_to_another_server_does_not_go_back() -> None:
    told = RecordingJob()
    job = MonotonicProgress(told)
    for fraction in (0.0, 0.6, 0.0, 0.3, 0.7):
        job.report(fraction, "working")
    assert told.fractions == [0.0, 0.6, 0.6, 0.6, 0.7]


@pytest.mark.parametrize(
    "value", [10**400, -(10**400), float("nan"), float("inf"), True, "1", None]
)
def test_numbers_that_are_no_floats_are_none(value: object) -> None:
    assert as_number(value) is None
    assert read_place({"jobs": [{"id": "a", "priority": value, "status": "pending"}]}, "a") == 0
    place = read_queue({"queue_running": [], "queue_pending": [[value, "a"]]}, "a")
    assert isinstance(place, Waiting)
    event = {"type": "progress", "data": {"prompt_id": "a", "value": value, "max": 2}}
    if not isinstance(value, float):
        assert events.read(json.dumps(event)) is None


def test_the_pictures_of_a_prompt_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "MAX_RESULT_BYTES", 30)
    image = ServerImage(filename="a.png", subfolder="", type="output")
    answers = {"1": NodeAnswer(images=(image,) * 4)}
    with pytest.raises(ServerBroken, match="large"):
        transfer.download_results(
            answers, ["1"], server="s", view=lambda _: bytes(10), on_progress=lambda _: None
        )
    monkeypatch.setattr(transfer, "MAX_RESULTS", 3)
    with pytest.raises(ServerBroken, match="large"):
        transfer.download_results(
            answers, ["1"], server="s", view=lambda _: b"", on_progress=lambda _: None
        )
