"""The light backend: a model is used once its self-check went well, and once for each runtime."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import (
    BackendStopped,
    CapabilityMissing,
    EngineError,
    EngineMissing,
    ModelMissing,
    ModelWrong,
    OutOfMemory,
)
from engine.geometry import Image, Rect
from engine.jobs.backend import Backend, Capability
from engine.jobs.operations import Encode, Fill, Salient
from engine.jobs.requests import Click, FindRequest, Hole, PrepareRequest, SegmentRequest
from engine.local.checks import answers
from engine.local.checks.answers import RecordedAnswer
from engine.local.checks.sample import CheckSample, sample_of
from engine.local.checks.self_check import SelfCheck
from engine.local.light_backend import CheckMeans, LightBackend
from engine.models.families import Family
from engine.models.model_file import Installed, ModelFile
from engine.models.verdicts import Verdicts
from tests.support.light_process import LightProcess
from tests.support.models_at_hand import model
from tests.support.scripted import Quiet

JOB = Quiet()
X, Y = 0.25, 0.4


def scene() -> Image:
    """Grass with a red disc, 720 x 400."""
    picture = np.full((400, 720, 3), (60, 110, 50), np.uint8)
    y, x = np.mgrid[:400, :720] + 0.5
    picture[(x - X * 720) ** 2 + (y - Y * 400) ** 2 < 60**2] = (200, 40, 40)
    return picture


def sample() -> CheckSample:
    return sample_of(scene(), X, Y)


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., Installed]:
    def put(*families: Family) -> Installed:
        models: list[ModelFile] = []
        for family in families:
            path = tmp_path / f"{family.value}.bin"
            path.write_bytes(family.value.encode())
            models.append(replace(model(family), path=path))
        return Installed(models=tuple(models))

    return put


def backend(
    found: Installed, folder: Path, fault: str = "", **means: Any
) -> tuple[LightBackend, LightProcess]:
    process: Any = LightProcess(fault)
    usual: dict[str, Any] = {
        "sample": sample, "verdicts": Verdicts(folder / "v.json"), "runtime": "onnxruntime 1"
    }  # fmt: skip
    return LightBackend(lambda: found, process, CheckMeans(**(usual | means))), process


def hole() -> Hole:
    mask = np.zeros((64, 64), np.uint8)
    mask[20:40, 20:40] = 255
    image = np.full((64, 64, 3), 90, np.uint8)
    return Hole(rect=Rect(0, 0, 64, 64), image=image, mask=mask, blend=mask)


def click_on_red() -> SegmentRequest:
    return SegmentRequest(image=scene(), key="k", clicks=(Click(X * 720, Y * 400),))


def subject() -> SegmentRequest:
    return SegmentRequest(image=scene(), key="k", subject=True)


def test_the_subject_is_marked_by_the_better_model_after_its_check(
    files: Callable[..., Installed], tmp_path: Path
) -> None:
    for families, engine, side in (
        ((Family.U2NETP,), "u2netp", 320),
        ((Family.U2NETP, Family.ISNET), "isnet", 1024),
    ):
        light, process = backend(files(*families), tmp_path / engine)
        assert light.capabilities() == {Capability.SUBJECT}
        found = light.segment(subject(), JOB)
        assert found.engine == engine
        assert [each.pixels.shape for each in process.of(Salient)] == [(side, side, 3)] * 3
        whole = np.zeros((400, 720), bool)
        whole[found.candidates[0].rect.slices] = found.candidates[0].mask > 127
        red = scene()[..., 0] == 200
        assert (whole & red).sum() / (whole | red).sum() > 0.97


def test_clicks_and_holes_are_answered_after_one_check_of_each(
    files: Callable[..., Installed], tmp_path: Path
) -> None:
    light, process = backend(files(Family.EDGETAM, Family.LAMA), tmp_path)
    assert light.capabilities() == {Capability.CLICK, Capability.BOX, Capability.REMOVE}
    light.prepare(PrepareRequest(image=scene(), key="k"), JOB)
    assert len(process.of(Encode)) == 2 + 2  # of the check, then what is known, then the pixels
    found = light.segment(click_on_red(), JOB)
    assert found.engine == "edgetam"
    assert found.candidates[0].mask.any()
    assert light.fill(hole(), 0, JOB).shape == (64, 64, 3)
    assert len(process.of(Fill)) == 3
    light.fill(hole(), 0, JOB)
    assert len(process.of(Fill)) == 4
    as_backend: Backend = light
    as_backend.close()
    assert process.ended == 1


def test_a_check_is_remembered_until_the_runtime_changes(
    files: Callable[..., Installed], tmp_path: Path
) -> None:
    found = files(Family.LAMA)
    backend(found, tmp_path)[0].fill(hole(), 0, JOB)
    again, process = backend(found, tmp_path)
    again.fill(hole(), 0, JOB)
    assert len(process.of(Fill)) == 1
    later, process = backend(found, tmp_path, runtime="onnxruntime 2")
    later.fill(hole(), 0, JOB)
    assert len(process.of(Fill)) == 3


@pytest.mark.parametrize(
    ("family", "fault", "why"),
    [
        (Family.EDGETAM, "miss", "click"),
        (Family.EDGETAM, "tiny", "size"),
        (Family.EDGETAM, "still", "shift"),
        (Family.EDGETAM, "keys", "file"),
        (Family.U2NETP, "miss", "click"),
        (Family.U2NETP, "tiny", "click"),
        (Family.ISNET, "still", "shift"),
        (Family.ISNET, "keys", "file"),
        (Family.LAMA, "dark", "shades"),
        (Family.LAMA, "random", "repeat"),
        (Family.MIGAN, "keys", "file"),
    ],
)
def test_a_model_that_computes_wrongly_is_not_used(
    files: Callable[..., Installed], tmp_path: Path, family: Family, fault: str, why: str
) -> None:
    def use(light: LightBackend) -> object:
        if family is Family.EDGETAM:
            return light.segment(click_on_red(), JOB)
        if family in (Family.U2NETP, Family.ISNET):
            return light.segment(subject(), JOB)
        return light.fill(hole(), 0, JOB)

    found = files(family)
    light, process = backend(found, tmp_path, fault)
    for _ in range(2):
        with pytest.raises(ModelWrong) as caught:
            use(light)
        assert caught.value.check == why
    asked = len(process.asked)
    (marked,) = Verdicts(tmp_path / "v.json").applied(found, "onnxruntime 1").models
    assert marked.wrong_on == ("light",)
    with pytest.raises(ModelWrong):
        use(light)
    assert len(process.asked) == asked


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("memory", OutOfMemory), ("killed", BackendStopped), ("absent", EngineMissing)],
)
def test_trouble_that_passes_is_no_verdict(
    files: Callable[..., Installed], tmp_path: Path, fault: str, kind: type[EngineError]
) -> None:
    found = files(Family.LAMA)
    light, process = backend(found, tmp_path, fault)
    with pytest.raises(kind):
        light.fill(hole(), 0, JOB)
    process.fault = ""
    assert light.fill(hole(), 0, JOB).any()


def test_torch_has_the_last_word_where_it_has_the_network(
    files: Callable[..., Installed], tmp_path: Path
) -> None:
    made: list[LightProcess] = []

    def torch(fault: str) -> Any:
        made.append(LightProcess(fault))
        return made[-1]

    found = files(Family.SAM2, Family.LAMA)
    light, _ = backend(found, tmp_path / "a", torch=lambda: torch(""))
    light.segment(click_on_red(), JOB)
    light.fill(hole(), 0, JOB)
    assert [(bool(each.asked), each.ended) for each in made] == [(True, 1), (True, 1)]
    other, _ = backend(found, tmp_path / "b", torch=lambda: torch("tiny"))
    with pytest.raises(ModelWrong, match="torch"):
        other.segment(click_on_red(), JOB)
    assert made[-1].ended == 1
    alone, _ = backend(files(Family.EDGETAM), tmp_path / "c", torch=lambda: torch("tiny"))
    alone.segment(click_on_red(), JOB)
    assert len(made) == 3


@pytest.mark.parametrize("family", [Family.EDGETAM, Family.LAMA, Family.U2NETP])
def test_a_recorded_answer_decides_alone(
    files: Callable[..., Installed], tmp_path: Path, family: Family
) -> None:
    (found,) = files(family).models
    check = SelfCheck(ask=LightProcess(), runtime="r", sample=sample())
    is_selector = family is not Family.LAMA
    values = check.masks(check.ask, found, JOB)[0] if is_selector else check.tile(
        check.ask, found, JOB
    )  # fmt: skip
    folder, sha256 = tmp_path / "answers", answers.checksum(found, JOB)
    answers.write(folder, sha256, RecordedAnswer(values, "a test"))
    right, _ = backend(Installed(models=(found,)), tmp_path, answers=(folder,))
    assert right.check(found, JOB).why == ""
    other = ~values if is_selector else values + np.uint8(9)
    answers.write(folder, sha256, RecordedAnswer(np.asarray(other), "a test"))
    wrong, _ = backend(
        Installed(models=(found,)), tmp_path, runtime="onnxruntime 2", answers=(folder,)
    )
    assert wrong.check(found, JOB).why == "recorded"


def test_a_damaged_recorded_answer_counts_as_none(tmp_path: Path) -> None:
    path = answers.write(tmp_path, "a" * 64, RecordedAnswer(np.zeros((4, 4), bool), "a test"))
    assert answers.find("a" * 64, (tmp_path / "no", tmp_path)) is not None
    for content in (b"", path.read_bytes()[:-30], b"PK\x03\x04"):
        path.write_bytes(content)
        assert answers.find("a" * 64, (tmp_path,)) is None


def test_there_is_no_model_for_it(files: Callable[..., Installed], tmp_path: Path) -> None:
    light, process = backend(files(Family.SAM3, Family.MAT), tmp_path)
    assert not light.capabilities()
    with pytest.raises(ModelMissing):
        light.segment(click_on_red(), JOB)
    with pytest.raises(CapabilityMissing):
        light.find(FindRequest(image=scene(), key="k", prompt="disc"), JOB)
    assert not process.asked


def test_what_the_program_ships_is_a_sample() -> None:
    from app.engines.factories import sample as shipped

    found = shipped()
    assert found.first.shape == found.second.shape == (1024, 1024, 3)
    assert np.array_equal(found.first[:, 16:], found.second[:, :-16])
    x, y = int(found.click.x), int(found.click.y)
    assert found.first[y - 90 : y + 90, x - 90 : x + 90].mean() > found.first[-300:, :300].mean()
