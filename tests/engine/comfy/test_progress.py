"""Progress of a job on a server."""

import pytest

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


def test_a_job_that_moves_to_another_server_does_not_go_back() -> None:
    told = RecordingJob()
    job = MonotonicProgress(told)
    for fraction in (0.0, 0.6, 0.0, 0.3, 0.7):
        job.report(fraction, "working")
    assert told.fractions == [0.0, 0.6, 0.6, 0.6, 0.7]
