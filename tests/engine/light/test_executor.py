"""Clicks, boxes and removal on onnxruntime with random weights of the published layouts."""

import time
from dataclasses import replace

import numpy as np
import pytest

from engine import errors
from engine.geometry import Image
from engine.jobs.operations import Decode, Encode, Fill, Free, MaskLogits, NotEncoded, Search
from engine.light.executor import LightExecutor
from engine.light.lama import cells_of
from engine.light.sessions import Sessions
from engine.models.families import Family
from engine.models.model_file import ModelFile


class Job:
    """Cancelled after so many seconds."""

    def __init__(self, cancelled_after_s: float = float("inf")) -> None:
        self._until_s = time.monotonic() + cancelled_after_s
        self.notes: list[str] = []

    def report(self, fraction: float, note: str = "", preview: Image | None = None) -> None:
        if time.monotonic() > self._until_s:
            raise errors.Cancelled
        self.notes.append(note)


def picture(side: int = 1024, seed: int = 0) -> Image:
    random = np.random.default_rng(seed)
    return random.integers(0, 256, (side, side, 3), np.uint8, endpoint=False)


def question(model: ModelFile, **changes) -> Decode:
    points, labels = np.array([[0.4, 0.6]], np.float32), np.array([1], np.int64)
    return replace(Decode(model=model, key="picture", points=points, labels=labels), **changes)


@pytest.fixture(scope="module")
def encoded(executor: LightExecutor, edgetam: ModelFile) -> LightExecutor:
    job = Job()
    executor.perform(Encode(model=edgetam, key="picture", pixels=picture()), job)
    assert "load" in job.notes
    return executor


def decoded(executor: LightExecutor, request: Decode) -> MaskLogits:
    found = executor.perform(request, Job())
    assert isinstance(found, MaskLogits)
    assert found.logits.dtype == found.scores.dtype == np.float32
    assert np.isfinite(found.logits).all()
    return found


def test_it_says_where_it_computes(executor: LightExecutor):
    assert executor.device.kind == "cpu"
    assert executor.device.runtime.startswith("onnxruntime 1.")
    assert executor.device.torch == ""


def test_a_click_has_three_candidates_and_a_second_look_one(
    encoded: LightExecutor, edgetam: ModelFile
):
    found = decoded(encoded, question(edgetam))
    assert found.logits.shape == (3, 256, 256)
    assert list(found.scores) == sorted(found.scores, reverse=True)
    assert decoded(encoded, question(edgetam, several=False)).logits.shape == (1, 256, 256)


def test_each_part_of_a_question_changes_the_answer(encoded: LightExecutor, edgetam: ModelFile):
    box = np.array([0.1, 0.2, 0.7, 0.8], np.float32)
    previous = 20 * np.ones((256, 256), np.float32)
    nothing = {"points": np.zeros((0, 2), np.float32), "labels": np.zeros(0, np.int64)}
    answers = [
        decoded(encoded, question(edgetam, several=False, **changes)).logits
        for changes in (
            {}, {"labels": np.array([0])}, {"box": box}, {"box": box, **nothing},
            {"previous": previous}, {"previous": previous, **nothing},
        )
    ]  # fmt: skip
    for number, one in enumerate(answers):
        assert all(np.abs(one - other).max() > 1e-4 for other in answers[number + 1 :])


def test_a_picture_that_was_not_sent_is_asked_for(executor: LightExecutor, edgetam: ModelFile):
    with pytest.raises(NotEncoded):
        executor.perform(question(edgetam, key="another"), Job())
    with pytest.raises(NotEncoded):
        executor.perform(Encode(model=edgetam, key="another", pixels=None), Job())


def test_reading_a_picture_can_be_cancelled(encoded: LightExecutor, edgetam: ModelFile):
    with pytest.raises(errors.Cancelled):
        encoded.perform(Encode(model=edgetam, key="late", pixels=picture(seed=1)), Job(0.15))
    encoded.perform(Encode(model=edgetam, key="late", pixels=picture(seed=1)), Job())


@pytest.mark.parametrize("size", [(96, 136), (37, 50), (8, 5)])
@pytest.mark.parametrize("name", ["lama", "migan"])  # the last to change: one is loaded at a time
def test_nothing_changes_outside_the_hole(
    executor: LightExecutor, request: pytest.FixtureRequest, name: str, size: tuple[int, int]
):
    image = picture()[: size[0], : size[1]]
    mask = np.zeros(size, np.uint8)
    mask[2 : size[0] // 2, 1 : size[1] // 2] = 200
    model = request.getfixturevalue(name)
    found = executor.perform(Fill(model=model, image=image, mask=mask), Job())
    assert isinstance(found, np.ndarray)
    assert found.dtype == np.uint8
    assert found.shape == image.shape
    assert np.array_equal(found[mask == 0], image[mask == 0])
    assert (found != image)[mask > 0].any()


def test_what_only_torch_can_do_is_refused(
    executor: LightExecutor, lama: ModelFile, edgetam: ModelFile
):
    nothing = np.zeros((0, 4), np.float32)
    search = Search(
        model=edgetam, key="", prompt="cat", boxes=nothing, labels=np.zeros(0, int), floor=0.1
    )
    with pytest.raises(errors.CapabilityMissing):
        executor.perform(search, Job())
    with pytest.raises(errors.ModelWrongFamily):
        executor.perform(question(lama), Job())
    image, mask = np.zeros((16, 16, 3), np.uint8), np.zeros((16, 16), np.uint8)
    with pytest.raises(errors.ModelWrongFamily):
        executor.perform(Fill(model=edgetam, image=image, mask=mask), Job())


def test_weights_of_another_size_are_refused_before_anything_runs(
    executor: LightExecutor, edgetam: ModelFile
):
    wrong = replace(edgetam, family=Family.SAM2)
    with pytest.raises(errors.ModelUnreadable) as caught:
        executor.perform(Encode(model=wrong, key="x", pixels=picture()), Job())
    assert caught.value.reason == "keys"


def test_memory_is_given_back(encoded: LightExecutor, edgetam: ModelFile):
    encoded.perform(Free(), Job())
    with pytest.raises(NotEncoded):
        encoded.perform(question(edgetam), Job())
    encoded.perform(Encode(model=edgetam, key="picture", pixels=picture()), Job())


def test_sessions_that_nobody_uses_go():
    now_s, made = [0.0], []

    def make() -> object:
        made.append(object())
        return made[-1]

    sessions = Sessions(clock=lambda: now_s[0])
    first = sessions.get("encoder", "a", make)
    assert sessions.get("encoder", "a", make) is first
    now_s[0] = 299.0
    sessions.drop_idle()
    assert sessions.get("encoder", "a", make) is first
    now_s[0] = 700.0
    sessions.drop_idle()
    assert sessions.get("encoder", "a", make) is not first
    assert sessions.get("encoder", "b", make) is made[-1]
    assert len(made) == 3


@pytest.mark.parametrize(
    ("hole", "first", "last"), [((0, 3), 0, 2), ((47, 56), 4, 8), ((125, 128), 14, 15)]
)
def test_the_last_steps_are_computed_beside_the_hole_alone(
    hole: tuple[int, int], first: int, last: int
):
    side = np.zeros(128, bool)
    side[slice(*hole)] = True
    assert list(cells_of(side)) == list(range(first, last + 1))


def test_a_picture_without_a_hole_comes_back(executor: LightExecutor, lama: ModelFile):
    image = picture(64)
    request = Fill(model=lama, image=image, mask=np.zeros((64, 64), np.uint8))
    assert np.array_equal(executor.perform(request, Job()), image)
