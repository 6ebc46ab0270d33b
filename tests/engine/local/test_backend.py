"""The local backend through a scripted process: which model is taken, and what is said of none."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.dispatch.lookup import checkpoint
from engine.errors import CapabilityMissing, LoraMisfit, ModelMissing
from engine.geometry import Rect
from engine.jobs.backend import Backend, Capability, JobContext
from engine.jobs.operations import Decode, Device, Encode, Fill, Paint, Search
from engine.jobs.paint_settings import Lora, PaintSettings, StartFrom
from engine.jobs.requests import Click, FindRequest, Hole, PrepareRequest, SegmentRequest
from engine.local.backend import LocalBackend, parts_for
from engine.models.families import Family, Kind
from engine.models.model_file import Installed, ModelFile
from tests.support.eyes import Disc, Eyes, drawn
from tests.support.scripted import Quiet, Scripted, model

JOB = Quiet()
SAM3 = model(Family.SAM3, Kind.SEGMENTER, "sam3.safetensors")
SAM2 = model(Family.SAM2, Kind.SEGMENTER, "sam2.safetensors")
LAMA = model(Family.LAMA, Kind.REMOVER, "lama.safetensors")
SD15 = model(Family.SD15, name="dream.safetensors")
SDXL = model(Family.SDXL_INPAINT, name="xl.safetensors")
FLUX = model(Family.FLUX_FILL, name="flux.safetensors")


class Process:
    """Stands where the link stands: selects by colour, fills and paints with noise."""

    def __init__(self) -> None:
        self.device: Device | None = None
        self.is_running = False
        self.ended = 0
        self.asked: list[Any] = []
        self._eyes, self._hands = Eyes(), Scripted()

    def __call__(self, operation: Any, job: JobContext) -> Any:
        self.is_running = True
        self.asked.append(operation)
        is_look = isinstance(operation, Encode | Decode | Search)
        return (self._eyes if is_look else self._hands)(operation, job)

    def free(self) -> None:
        self.ended += 1
        self.is_running = False

    close = free


def backend(*models: ModelFile, **given: Any) -> tuple[LocalBackend, Process]:
    process: Any = Process()
    return LocalBackend(lambda: Installed(models=models), process, **given), process


def hole(side: int = 96) -> Hole:
    image = np.random.default_rng(3).integers(0, 256, (side, side + 32, 3)).astype(np.uint8)
    mask = np.zeros(image.shape[:2], np.uint8)
    mask[30:60, 40:80] = 255
    return Hole(rect=Rect(0, 0, side + 32, side), image=image, mask=mask, blend=mask)


def part(name: str, kind: Kind = Kind.TEXT_ENCODER) -> ModelFile:
    path = Path(f"{name}.safetensors")
    return ModelFile(path=path, kind=kind, family=None, name=path.name, title=name, part=name)


def lora(family: Family, name: str = "meat.safetensors") -> ModelFile:
    return model(family, Kind.LORA, name)


@pytest.mark.parametrize(
    ("models", "able"),
    [
        ((), set()),
        ((SAM2,), {Capability.CLICK, Capability.BOX}),
        ((SAM3,), {Capability.CLICK, Capability.BOX, Capability.FIND}),
        ((LAMA, SD15), {Capability.REMOVE, Capability.INPAINT}),
        ((lora(Family.SD15), part("clip-l")), set()),
    ],
)
def test_it_can_do_what_is_installed(models: tuple[ModelFile, ...], able: set[Capability]) -> None:
    ours: Backend = backend(*models)[0]
    assert ours.capabilities() == able


def test_what_is_installed_later_counts_too() -> None:
    found: list[ModelFile] = []
    ours = LocalBackend(lambda: Installed(models=tuple(found)), Process())  # type: ignore[arg-type]
    assert not ours.capabilities()
    found.append(LAMA)
    assert ours.capabilities() == {Capability.REMOVE}


def nothing_there(ours: LocalBackend) -> list[Callable[[], object]]:
    image, _ = drawn(80, 60, [Disc(30, 30, 12)])
    return [
        lambda: ours.prepare(PrepareRequest(image=image, key="k"), JOB),
        lambda: ours.segment(SegmentRequest(image=image, key="k", clicks=(Click(1, 1),)), JOB),
        lambda: ours.find(FindRequest(image=image, key="k", prompt="plate"), JOB),
        lambda: ours.fill(hole(), 1, JOB),
        lambda: ours.inpaint(hole(), PaintSettings(), 1, JOB),
    ]


@pytest.mark.parametrize("number", range(5))
def test_without_a_model_nothing_is_started(number: int) -> None:
    ours, process = backend()
    with pytest.raises(ModelMissing):
        nothing_there(ours)[number]()
    assert not process.asked


def test_the_best_selector_answers() -> None:
    ours, process = backend(SAM2, SAM3)
    image, _ = drawn(80, 60, [Disc(30, 30, 12)])
    ours.prepare(PrepareRequest(image=image, key="k"), JOB)
    request = SegmentRequest(image=image, key="k", clicks=(Click(30, 30),))
    found = ours.segment(request, JOB)
    assert not Rect(30, 30, 1, 1).intersect(found.candidates[0].rect).is_empty
    assert ours.find(FindRequest(image=image, key="k", prompt="disc"), JOB).instances
    assert {each.model for each in process.asked} == {SAM3}


def test_a_hole_is_filled_by_the_remover() -> None:
    ours, process = backend(LAMA)
    assert ours.fill(hole(), 1, JOB).shape == hole().image.shape
    assert isinstance(process.asked[-1], Fill)


@pytest.mark.parametrize(
    ("name", "taken"), [("", SDXL), ("dream.safetensors", SD15), ("dream", SD15), ("xl", SDXL)]
)
def test_a_checkpoint_is_found_by_its_name(name: str, taken: ModelFile) -> None:
    ours, process = backend(SD15, SDXL)
    painted = ours.inpaint(hole(), PaintSettings(checkpoint=name, refine=False), 1, JOB)
    assert process.asked[-1].model is taken
    assert painted.paint_record.model == taken.name


def test_a_checkpoint_that_is_not_here_is_named() -> None:
    with pytest.raises(ModelMissing) as caught:
        checkpoint(Installed(models=(SD15,)), "other.safetensors", SD15)
    assert (caught.value.need, caught.value.name) == ("checkpoint", "other.safetensors")


def test_loras_go_with_their_weights_and_zero_leaves_one_out() -> None:
    one, two = lora(Family.SD15), lora(Family.SD15, "light.safetensors")
    ours, process = backend(SD15, one, two)
    used = (Lora("meat", 0.7), Lora("light", -0.5), Lora("gone", 0.0))
    ours.inpaint(hole(), PaintSettings(loras=used, refine=False), 1, JOB)
    assert process.asked[-1].loras == ((one, 0.7), (two, -0.5))


def test_a_lora_of_another_family_is_refused_before_anything_is_loaded() -> None:
    ours, process = backend(SD15, lora(Family.SDXL))
    with pytest.raises(LoraMisfit) as caught:
        ours.inpaint(hole(), PaintSettings(loras=(Lora("meat"),)), 1, JOB)
    assert (caught.value.found, caught.value.wanted) == ("sdxl", "sd15")
    assert not process.asked


def test_a_lora_that_is_not_here_is_named() -> None:
    ours, _ = backend(SD15)
    with pytest.raises(ModelMissing) as caught:
        ours.inpaint(hole(), PaintSettings(loras=(Lora("meat"),)), 1, JOB)
    assert caught.value.need == "lora"


def test_flux_takes_the_first_of_each_part_and_a_folder_none(tmp_path: Path) -> None:
    others = [part("clip-l"), part("t5-xxl"), part("t5-tokenizer"), part("flux", Kind.VAE)]
    found = Installed(models=(FLUX, part("sdxl", Kind.VAE), *others, part("t5-xxl"), SD15))
    assert list(parts_for(found, FLUX)) == others
    assert all(got is wanted for got, wanted in zip(parts_for(found, FLUX), others))
    assert parts_for(found, SD15) == ()
    folder = ModelFile(
        path=tmp_path, kind=Kind.CHECKPOINT, family=Family.FLUX_FILL, name="f", title="f"
    )
    assert parts_for(found, folder) == ()


REMOVED = PaintSettings(start_from=StartFrom.REMOVED, refine=False)


def test_remove_then_paint_takes_the_remover() -> None:
    ours, process = backend(LAMA, SD15)
    ours.inpaint(hole(), REMOVED, 1, JOB)
    assert [type(each) for each in process.asked] == [Fill, Paint]


def test_remove_then_paint_falls_back_on_another_remover() -> None:
    seeds: list[int] = []

    def fill_else(hole: Hole, seed: int, job: JobContext) -> np.ndarray:
        seeds.append(seed)
        return np.full_like(hole.image, 9)

    ours, process = backend(SD15, fill_else=fill_else)
    ours.inpaint(hole(), REMOVED, 5, JOB)
    assert seeds == [5]
    assert [type(each) for each in process.asked] == [Paint]
    with pytest.raises(CapabilityMissing):
        backend(SD15)[0].inpaint(hole(), REMOVED, 5, JOB)


def test_memory_is_freed_by_ending_the_process() -> None:
    ours, process = backend(LAMA)
    assert not ours.is_running
    ours.fill(hole(), 1, JOB)
    assert ours.is_running
    ours.free_memory()
    assert (ours.is_running, process.ended) == (False, 1)
    ours.close()


@pytest.mark.parametrize(("kind", "quick"), [("cpu", False), ("cuda", True), ("mps", True)])
def test_a_second_look_is_for_devices_that_are_quick(kind: str, quick: bool) -> None:
    ours, process = backend(SAM3)
    assert not ours._is_quick()
    process.device = Device(kind=kind, name="", total_mb=1, free_mb=1, torch="2")
    assert ours._is_quick() is quick
