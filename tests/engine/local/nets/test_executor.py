"""The process's inside: what is loaded when, what goes for it, and what is tried without memory."""

import dataclasses
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch

from engine.errors import DeviceTooSmall, OutOfMemory
from engine.jobs.operations import Decode, Encode, Fill, Free, NotEncoded, Paint
from engine.jobs.paint_settings import PaintSettings
from engine.local.nets import device_check, devices, executor
from engine.local.nets.diffusion import sample
from engine.local.nets.executor import Executor
from engine.local.nets.model_cache import ModelCache
from engine.local.nets.remove import lama
from engine.local.process import shared_memory
from engine.local.process.client import ProcessClient
from engine.local.process.messages import Hello
from engine.local.process.shared_memory import Blocks
from engine.models.families import Family, Kind
from engine.models.model_file import ModelFile
from tests.engine.local.nets import sam3_reference, tiny
from tests.engine.local.nets.lama_nets import network
from tests.engine.local.nets.sam3_cases import NO_LABELS, NO_POINTS, picture
from tests.engine.local.nets.sam3_official import TINY_SIDE

CPU = torch.device("cpu")
SIDE = 64
PLENTY_MB = 20_000


class Job:
    """Remembers what was said."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def report(self, fraction: float, note: str = "", preview: Any = None) -> None:
        self.notes.append(note)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[Kind, ModelFile]:
    folder = tmp_path_factory.mktemp("models")
    safetensors.torch.save_file(network().state_dict(), folder / "lama.safetensors")
    torch.save(sam3_reference.tensors(), folder / "sam3.pt")
    tiny.write_sd15(folder / "dream.safetensors")
    kinds = {
        "lama.safetensors": (Kind.REMOVER, Family.LAMA),
        "sam3.pt": (Kind.SEGMENTER, Family.SAM3),
        "dream.safetensors": (Kind.CHECKPOINT, Family.SD15),
    }
    return {kind: file(folder / name, kind, family) for name, (kind, family) in kinds.items()}


def file(path: Path, kind: Kind, family: Family) -> ModelFile:
    return ModelFile(path=path, kind=kind, family=family, name=path.name, title=path.stem)


@pytest.fixture
def memory_mb(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Free and total, whatever the machine has."""
    found = [PLENTY_MB, PLENTY_MB]
    monkeypatch.setattr(devices, "memory_mb", lambda device: tuple(found))
    monkeypatch.setattr(devices, "held_mb", lambda device: 0)
    monkeypatch.setattr(devices, "choose", lambda: CPU)
    return found


@pytest.fixture
def ours(memory_mb: list[int]) -> Executor:
    return Executor()


def fill(files: dict[Kind, ModelFile], side: int = SIDE) -> Fill:
    mask = np.zeros((side, side), np.uint8)
    mask[20:40, 20:40] = 255
    return Fill(model=files[Kind.REMOVER], image=picture(side), mask=mask)


def paint(files: dict[Kind, ModelFile], side: int = SIDE) -> Paint:
    image, mask = picture(side), np.full((side, side), 255, np.uint8)
    return Paint(
        model=files[Kind.CHECKPOINT], parts=(), loras=(), image=image, start=image, mask=mask,
        settings=PaintSettings(prompt="meat", steps=2), seed=3,
    )  # fmt: skip


def look(files: dict[Kind, ModelFile], seen: bool = True) -> Encode:
    pixels = picture(TINY_SIDE) if seen else None
    return Encode(model=files[Kind.SEGMENTER], key="k", pixels=pixels)


def click(files: dict[Kind, ModelFile]) -> Decode:
    point = np.array([[0.4, 0.5]], np.float32)
    return Decode(model=files[Kind.SEGMENTER], key="k", points=point, labels=np.ones(1, np.int64))


def test_the_window_understands_what_the_device_is_called() -> None:
    """One class of torch's in there, and the window would import all of torch."""
    said = devices.describe(CPU)
    frame = Blocks("test").pack(Hello(said))
    assert shared_memory.unpack(frame).device == said
    assert all(type(value) in (str, int) for value in dataclasses.astuple(said))
    assert said.total_mb >= said.free_mb > 0


def test_a_card_that_torch_cannot_use_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for there, warning in ((True, "cpu_torch"), (False, "")):
        monkeypatch.setattr(devices, "has_nvidia", lambda there=there: there)
        assert devices.describe(CPU).warning == warning


@pytest.mark.parametrize("family", [None, *Family])
def test_a_processor_computes_in_full_precision(family: Family | None) -> None:
    assert devices.dtype_for(family, CPU) is torch.float32


@pytest.mark.parametrize(("exact", "dtype"), [(True, torch.bfloat16), (False, torch.float16)])
def test_a_card_computes_in_half_but_for_fourier_transforms(
    exact: bool, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: exact)
    card = torch.device("cuda")
    assert devices.dtype_for(Family.SDXL, card) is dtype
    assert devices.dtype_for(Family.LAMA, card) is torch.float32


def test_out_of_memory_is_known_however_it_is_said() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 55, dtype=torch.uint8)
    said = [caught.value, MemoryError(), torch.OutOfMemoryError("CUDA out of memory")]
    assert all(devices.is_out_of_memory(error) for error in said)
    assert devices.is_out_of_memory(RuntimeError("MPS backend out of memory (MPS allocated..."))
    assert not devices.is_out_of_memory(RuntimeError("shapes do not fit"))


def test_what_was_not_used_for_longest_goes_first(memory_mb: list[int]) -> None:
    memory_mb[0] = 100
    loaded, made = ModelCache(CPU), []

    def get(kind: str, key: str = "", needs_mb: int = 0) -> None:
        loaded.get(kind, key, lambda: made.append(kind + key), needs_mb)

    get("selector")
    get("remover")
    get("selector")
    assert made == ["selector", "remover"]
    get("painter", needs_mb=100)
    assert loaded.kinds == ("remover", "selector", "painter")
    get("painter", key="2")
    assert loaded.kinds == ("remover", "selector", "painter")
    memory_mb[0] = 99  # and stays so, whatever goes
    get("painter", key="3", needs_mb=100)
    assert loaded.kinds == ("painter",)
    get("painter", key="3", needs_mb=100)
    assert made[2:] == ["painter", "painter2", "painter3"]


class Filler:
    def __init__(self, level: int, error: type[Exception] | None = None) -> None:
        self._level, self._error = level, error

    def fill(self, image: np.ndarray, mask: np.ndarray, job: Any) -> np.ndarray:
        if self._error is not None:
            raise self._error
        return np.where(mask[..., None] > 0, np.uint8(self._level), image)


@pytest.mark.parametrize(
    ("other", "trusted"),
    [
        (Filler(102), True),
        (Filler(103), False),
        (Filler(100, NotImplementedError), False),
    ],
)
def test_a_device_is_trusted_when_it_does_the_same(other: Filler, trusted: bool) -> None:
    assert device_check.agree(Filler(100), other, Job()) is trusted


def test_a_hole_is_filled_by_a_network_that_is_loaded_once(
    ours: Executor, files: dict[Kind, ModelFile]
) -> None:
    first, second = Job(), Job()
    answer = ours.perform(fill(files), first)
    again = ours.perform(fill(files), second)
    assert "load" in first.notes
    assert "load" not in second.notes
    assert np.array_equal(answer, again)
    assert answer.shape == (SIDE, SIDE, 3)


def test_another_file_under_the_same_name_is_loaded_anew(
    ours: Executor, files: dict[Kind, ModelFile]
) -> None:
    ours.perform(fill(files), Job())
    os.utime(files[Kind.REMOVER].path, ns=(1, 1))
    job = Job()
    ours.perform(fill(files), job)
    assert "load" in job.notes


def test_a_picture_is_looked_at_once(ours: Executor, files: dict[Kind, ModelFile]) -> None:
    with pytest.raises(NotEncoded):
        ours.perform(click(files), Job())
    with pytest.raises(NotEncoded):
        ours.perform(look(files, seen=False), Job())
    assert ours.perform(look(files), Job()) is None
    assert ours.perform(look(files, seen=False), Job()) is None
    assert ours.perform(click(files), Job()).logits.ndim == 3
    ours.perform(Free(), Job())
    with pytest.raises(NotEncoded):
        ours.perform(click(files), Job())


@pytest.mark.parametrize(("total_mb", "stays"), [(PLENTY_MB, False), (executor.ROOMY_MB, True)])
def test_the_selector_goes_for_a_painting_and_its_picture_stays(
    total_mb: int, stays: bool, ours: Executor, memory_mb: list[int], files: dict[Kind, ModelFile]
) -> None:
    memory_mb[1] = total_mb
    ours.perform(look(files), Job())
    ours.perform(paint(files), Job())
    job = Job()
    assert ours.perform(click(files), job).logits.ndim == 3
    assert ("load" in job.notes) is not stays


def test_a_painting_is_planned_before_anything_is_loaded(
    ours: Executor, memory_mb: list[int], files: dict[Kind, ModelFile]
) -> None:
    memory_mb[0] = 3000
    job = Job()
    with pytest.raises(DeviceTooSmall):
        ours.perform(paint(files), job)
    assert "load" not in job.notes


def test_what_the_process_holds_counts_as_free(
    ours: Executor, memory_mb: list[int], files: dict[Kind, ModelFile], monkeypatch: Any
) -> None:
    memory_mb[0] = 3000
    monkeypatch.setattr(devices, "held_mb", lambda device: 8000)
    assert "slow_cpu" in ours.perform(paint(files), Job()).notes


class Failing:
    """Raises so many times, then does the work."""

    def __init__(self, times: int, work: Any, error: Exception | None = None) -> None:
        self.left, self._work = times, work
        self._error = error or torch.OutOfMemoryError("CUDA out of memory")
        self.given: list[Any] = []

    def __call__(self, *given: Any, **more: Any) -> Any:
        self.given.append(given)
        self.left -= 1
        if self.left >= 0:
            raise self._error
        return self._work(*given, **more)


def test_without_memory_all_is_put_out_and_it_is_tried_smaller(
    ours: Executor, files: dict[Kind, ModelFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = Failing(1, sample.paint)
    monkeypatch.setattr(sample, "paint", failing)
    job = Job()
    answer = ours.perform(paint(files), job)
    assert "smaller" in answer.notes
    assert job.notes.count("load") >= 2
    first, second = (given[2] for given in failing.given)
    assert (first.tiling, second.tiling) == (False, True)
    ours.perform(paint(files), Job())
    assert failing.given[-1][2].tiling  # what did not fit once is smaller at once
    ours.perform(paint(files, SIDE // 2 + SIDE // 4), Job())
    assert not failing.given[-1][2].tiling


def test_a_job_that_never_fits_says_what_it_needed(
    ours: Executor, files: dict[Kind, ModelFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "paint", Failing(9, sample.paint))
    with pytest.raises(OutOfMemory) as caught:
        ours.perform(paint(files), Job())
    assert caught.value.needed_mb > 1000
    assert caught.value.free_mb == PLENTY_MB
    pickle.dumps(caught.value)


def test_other_errors_are_let_through(
    ours: Executor, files: dict[Kind, ModelFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = Failing(1, None, RuntimeError("shapes do not fit"))
    monkeypatch.setattr(lama.LamaRemover, "fill", failing)
    with pytest.raises(RuntimeError, match="shapes"):
        ours.perform(fill(files), Job())
    assert len(failing.given) == 1


@pytest.mark.slow
def test_the_process_does_it_all(files: dict[Kind, ModelFile]) -> None:
    link, job = ProcessClient(), Job()
    try:
        answer = link(fill(files), job)
        with pytest.raises(NotEncoded):
            link(dataclasses.replace(click(files), points=NO_POINTS, labels=NO_LABELS), Job())
        device = link.device
    finally:
        link.close()
    assert answer.shape == (SIDE, SIDE, 3)
    assert device is not None
    assert device.torch == str(torch.__version__)
    order = [job.notes.index(note) for note in ("start", "import", "load", "fill")]
    assert order == sorted(order)
