"""The light backend on its real process, with random weights: recorded answers make them right.

What goes wrong there ends in an error with words, and the next question is answered.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.engines import factories, model_places
from app.text.errors.explain import explain
from engine.errors import BackendStopped, Cancelled, EngineMissing, ModelWrong, OutOfMemory
from engine.geometry import Image, Rect, Size
from engine.inpaint.crops import RemoveOptions
from engine.jobs.operations import Encode
from engine.jobs.requests import Click, PrepareRequest, SegmentRequest
from engine.local.checks import answers
from engine.local.light_backend import CheckMeans, LightBackend
from engine.local.process.client import LIGHT_EXECUTOR, MODULE, ProcessClient, light_client
from engine.models.model_file import Installed, ModelFile
from engine.models.verdicts import Verdicts, light_runtime
from engine.tasks import changed_outside, plan_remove, run
from tests.bench.record_light import record
from tests.engine.light import random_weights
from tests.support.scripted import Quiet

pytest.importorskip("onnxruntime")

JOB = Quiet()


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("models")
    edgetam = random_weights.write_edgetam(folder / "edgetam.safetensors")
    migan = random_weights.write_migan(folder / "migan.safetensors")
    return Installed(models=(edgetam, migan))


@pytest.fixture(scope="module")
def recorded(models: Installed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, client = tmp_path_factory.mktemp("answers"), light_client()
    for model in models.models:
        record(model, client, light_runtime(), folder)
    client.close()
    return folder


@pytest.fixture(scope="module")
def light(
    models: Installed, recorded: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LightBackend]:
    """One process for the tests that ask it: each asks by keys of its own."""
    verdicts = tmp_path_factory.mktemp("verdicts") / "v.json"
    backend = LightBackend(lambda: models, light_client(), means(recorded, verdicts))
    yield backend
    backend.close()


def means(recorded: Path, verdicts: Path) -> CheckMeans:
    return CheckMeans(
        sample=factories.sample,
        verdicts=Verdicts(verdicts),
        runtime=light_runtime(),
        answers=(recorded,),
    )


def scene(width: int = 400, height: int = 300) -> Image:
    random = np.random.default_rng(3)
    return random.integers(0, 255, (height, width, 3), np.uint8)


def asked(image: Image, x: float = 200, y: float = 150) -> SegmentRequest:
    return SegmentRequest(image=image, key="k", clicks=(Click(x, y),))


def test_a_click_and_a_removal(light: LightBackend) -> None:
    found = light.segment(asked(scene()), JOB)
    assert found.engine == "edgetam"
    image, mask = scene(), np.zeros((300, 400), np.uint8)
    mask[100:140, 120:180] = 255
    request = plan_remove(image, mask, RemoveOptions.for_size(Size.of(image)), seed=1)
    result = run(light, request, JOB)
    changed = image.copy()
    for patch in result.patches:  # type: ignore[union-attr]
        at = patch.rect.slices
        share = patch.blend[..., None] / 255
        changed[at] = np.rint(image[at] * (1 - share) + patch.pixels * share).astype(np.uint8)
    ring = np.zeros_like(mask)
    for patch in result.patches:  # type: ignore[union-attr]
        ring[patch.rect.slices] |= np.where(patch.blend > 0, np.uint8(255), np.uint8(0))
    assert changed_outside(image, changed, ring) == 0
    assert (changed != image).any()


def test_random_weights_are_found_out_without_a_recorded_answer(models: Installed) -> None:
    backend = factories.light(lambda: models)
    try:
        verdict = backend.check(models.models[0], JOB)
    finally:
        backend.close()
    assert verdict.why in ("click", "size", "shift")
    kept = Verdicts(model_places.verdicts_file()).applied(models, light_runtime())
    assert kept.models[0].problem == "wrong"


def test_a_process_that_is_killed_while_it_looks_is_told_and_starts_again(
    light: LightBackend,
) -> None:
    light.segment(asked(scene()), JOB)
    killer = threading.Thread(target=_kill_when_busy, args=(light,))
    killer.start()
    with pytest.raises(BackendStopped) as caught:
        _look_for_long(light)
    killer.join()
    words = explain(caught.value)
    assert words.title
    assert words.next_step
    assert light.segment(asked(scene()), JOB).candidates


def _look_for_long(light: LightBackend) -> None:
    for number in range(1, 51):
        picture = np.roll(scene(), number, axis=0)
        light.prepare(PrepareRequest(image=picture, key=f"k{number}"), JOB)


def _kill_when_busy(light: LightBackend) -> None:
    time.sleep(0.3)
    os.kill(light.client.pid, signal.SIGKILL)


class Impatient:
    """Presses Cancel once the picture is being looked at."""

    def __init__(self) -> None:
        self.reports = 0

    def report(self, fraction: float, note: str = "", preview: object = None) -> None:
        self.reports += 1
        if self.reports > 3:
            raise Cancelled


def test_reading_is_cancelled_within_seconds(light: LightBackend) -> None:
    light.segment(asked(scene()), JOB)
    began = time.monotonic()
    with pytest.raises(Cancelled):
        light.prepare(PrepareRequest(image=np.roll(scene(), 5), key="other"), Impatient())
    assert time.monotonic() - began < 30
    assert light.segment(asked(scene()), JOB).candidates


def test_nothing_is_read_twice(light: LightBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[object] = []
    ask = type(light.client).__call__

    def noted(client: object, operation: object, job: object) -> object:
        if isinstance(operation, Encode) and operation.pixels is not None:
            sent.append(operation.key)
        return ask(client, operation, job)  # type: ignore[arg-type]

    monkeypatch.setattr(type(light.client), "__call__", noted)
    picture = np.roll(scene(), 9, axis=1)
    light.prepare(PrepareRequest(image=picture, key="a"), JOB)
    before = len(sent)
    light.prepare(PrepareRequest(image=picture, key="b"), JOB)
    light.segment(replace(asked(picture), key="c"), JOB)
    assert len(sent) == before


@pytest.mark.parametrize("harm", ["cut", "other family", "other size"])
def test_weights_that_do_not_fit_are_found_out(
    tmp_path: Path, models: Installed, harm: str
) -> None:
    edgetam, migan = models.models
    broken = _harmed(harm, edgetam, migan, tmp_path / "edgetam.safetensors")
    backend = factories.light(lambda: Installed(models=(broken,)))
    try:
        with pytest.raises(ModelWrong) as caught:
            backend.segment(asked(scene()), JOB)
    finally:
        backend.close()
    assert caught.value.check == "file"
    assert "another size or kind" in explain(caught.value).text


def _harmed(harm: str, edgetam: ModelFile, migan: ModelFile, path: Path) -> ModelFile:
    content = edgetam.path.read_bytes()
    if harm == "cut":
        path.write_bytes(content[:-1000])
    elif harm == "other family":
        path.write_bytes(migan.path.read_bytes())
    else:
        from engine.models.safetensors_file import packed

        tensors = random_weights.random_tensors("edgetam", "sam_decoder")
        name = next(each for each, values in tensors.items() if values.ndim == 2)
        path.write_bytes(packed(tensors | {name: tensors[name][:-1]}))
    return replace(edgetam, path=path)


def test_a_large_picture_is_reduced_before_it_is_sent(light: LightBackend) -> None:
    """100 megapixels: only the reduced picture goes to the process."""
    picture = np.zeros((8_000, 12_500, 3), np.uint8)
    picture[3_000:5_000, 4_000:9_000] = (200, 40, 40)
    found = light.segment(replace(asked(picture, 6_000, 4_000), key="large", draft=True), JOB)
    assert not found.candidates[0].rect.intersect(Rect(0, 0, 12_500, 8_000)).is_empty


@pytest.fixture
def limited(
    models: Installed, recorded: Path, tmp_path: Path
) -> Iterator[Callable[[str], LightBackend]]:
    """A light backend whose process is started by a shell that does something first."""
    made: list[LightBackend] = []

    def make(before: str) -> LightBackend:
        script = f'{before}; exec "$0" -m {MODULE} "$@"'
        program = ("/bin/sh", "-c", script, sys.executable)
        client = ProcessClient(program, ("--executor", LIGHT_EXECUTOR))
        checks = means(recorded, tmp_path / "v.json")
        made.append(LightBackend(lambda: models, client, checks))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.mark.skipif(sys.platform == "win32", reason="a shell that limits memory")
def test_too_little_memory_is_told(limited: Callable[[str], LightBackend]) -> None:
    light = limited("ulimit -v 900000")
    with pytest.raises((OutOfMemory, BackendStopped, EngineMissing)) as caught:
        light.segment(asked(scene()), JOB)
    assert explain(caught.value).next_step


@pytest.mark.skipif(sys.platform == "win32", reason="a shell that sets a variable")
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("raise ImportError('libonnxruntime.so: wrong ELF class')", "broken"),
        ("raise ModuleNotFoundError('no', name='onnxruntime')", "absent"),
    ],
)
def test_onnxruntime_that_is_missing_or_broken_is_told(
    limited: Callable[[str], LightBackend], tmp_path: Path, content: str, reason: str
) -> None:
    (tmp_path / "onnxruntime.py").write_text(content)
    light = limited(f'export PYTHONPATH="{tmp_path}:$PYTHONPATH"')
    with pytest.raises(EngineMissing) as caught:
        light.segment(asked(scene()), JOB)
    assert caught.value.reason == reason
    assert not (tmp_path / "v.json").exists()


def test_answers_are_kept_by_the_weights(models: Installed, recorded: Path) -> None:
    found = [answers.find(answers.checksum(each, JOB), (recorded,)) for each in models.models]
    assert [each.source for each in found if each] == [light_runtime()] * 2
    make: Callable[[], Path] = answers.shipped
    assert make().name == "answers"
