"""Workflows that run on this computer, with engines that are fakes: results, pixels, reports."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app.engines.runner import InlineRunner
from engine.builtin.backend import BuiltinBackend
from engine.colour.convert import view_of
from engine.comfy.errors import WorkflowIncomplete
from engine.comfy.prompt_plan import Graph
from engine.dispatch.choice import EngineState
from engine.errors import Cancelled, NothingFound, NothingSelected
from engine.geometry import Image, Mask, Native, Size
from engine.inpaint.crops import RemoveOptions, ring
from engine.jobs.backend import Backend, JobContext
from engine.jobs.fake import FakeBackend
from engine.jobs.paint_settings import Painted, PaintSettings, StartFrom
from engine.jobs.requests import FindRequest, FindResult, Hole
from engine.models.families import Family
from engine.models.model_file import Installed
from engine.picture import Metadata, Picture
from engine.workflow.local.mask_nodes import removed_area
from engine.workflow.local.runner import Source, WorkflowRun, check, run_local
from tests.engine.workflow.local_graphs import node, painting, pipeline, removal, sampler
from tests.support.models_at_hand import device, installed, lora
from tests.support.pictures import ADOBE_RGB, noise, rgb_profile

SIZE = Size(240, 180)
ALL = installed(Family.SAM3, Family.LAMA, Family.SD15_INPAINT)


class Quiet:
    """A job that nobody stops."""

    def __init__(self) -> None:
        self.told: list[float] = []

    def report(self, fraction: float, note: str = "", preview: Image | None = None) -> None:
        self.told.append(fraction)


class Watched(FakeBackend):
    """Remembers what it was asked."""

    name = "local"

    def __init__(self) -> None:
        self.finds: list[FindRequest] = []
        self.fills: list[Hole] = []
        self.paints: list[tuple[Hole, PaintSettings, int]] = []

    def find(self, request: FindRequest, job: JobContext) -> FindResult:
        self.finds.append(request)
        return super().find(request, job)

    def fill(self, hole: Hole, seed: int, job: JobContext) -> Image:
        self.fills.append(hole)
        return super().fill(hole, seed, job)

    def inpaint(self, hole: Hole, settings: PaintSettings, seed: int, job: JobContext) -> Painted:
        self.paints.append((hole, settings, seed))
        return super().inpaint(hole, settings, seed, job)


@pytest.fixture
def local() -> Watched:
    return Watched()


def photo(*, depth: int = 8, icc: bytes | None = None, alpha: bool = False) -> Picture:
    return Picture(
        pixels=noise(SIZE.height, SIZE.width, depth=depth),
        alpha=noise(SIZE.height, SIZE.width, depth=depth, gray=True) if alpha else None,
        icc=icc,
        metadata=Metadata(dpi=(72.0, 72.0)),
        format="tiff",
    )


def block(*, height: int = SIZE.height, width: int = SIZE.width) -> Mask:
    mask = np.zeros((height, width), np.uint8)
    mask[height // 3 : height // 2, width // 3 : width // 2] = 255
    return mask


def run(
    graph: Graph, local: Backend, picture: Picture | None = None, mask: Mask | None = None,
    *, previews: bool = False, found: Installed = ALL, marked: Mask | None = None,
) -> WorkflowRun:  # fmt: skip
    runner = InlineRunner(lambda: found, FakeBackend, lambda: local, EngineState(device=device()))
    sources = {
        "1": Source(picture=picture or photo(), key="photo", mask=marked),
        "2": Source(picture=Picture(pixels=block() if mask is None else mask)),
    }
    return run_local(check(graph, runner), sources, runner, Quiet(), previews=previews)


def changed(before: Native, after: Native) -> Mask:
    differs = (before != after).any(2) if before.ndim == 3 else before != after
    return differs.astype(np.uint8) * 255


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("profile", [None, rgb_profile(*ADOBE_RGB)])
def test_a_removal_keeps_depth_profile_and_all_outside_its_ring(
    depth: int, profile: bytes | None, local: Watched
) -> None:
    picture = photo(depth=depth, icc=profile, alpha=True)
    (result,) = run(removal(), local, picture).results
    (made,) = result.photos
    assert (result.title, result.kind) == ("SaveImage", "image")
    after = made.picture
    assert after.pixels.dtype == picture.pixels.dtype
    assert (after.icc, after.metadata, after.format) == (profile, picture.metadata, "tiff")
    area = removed_area(block(), radius_px=8, threshold=250, inverted=False)
    allowed = ring(area, replace(RemoveOptions.for_size(SIZE), grow_px=0))
    assert after.alpha is not None
    assert picture.alpha is not None
    assert np.array_equal(after.alpha[allowed == 0], picture.alpha[allowed == 0])
    differs = changed(picture.pixels, after.pixels)
    assert not differs[allowed == 0].any()
    assert (differs[area > 0] > 0).mean() > 0.95
    assert np.array_equal(made.view, view_of(after))


def test_reports_say_who_where_and_that_nothing_else_changed(local: Watched) -> None:
    (report,) = run(removal(), local).reports
    assert (report.verb, report.origin.node) == ("remove", "3")
    facts = report.facts
    assert (facts["engine"], facts["model"]) == ("local", "lama.safetensors")
    assert facts["changed_outside_px"] == 0
    assert facts["ring_px"] > 0
    assert [tuple(rect) for rect in facts["crops"]] == [hole.rect for hole in local.fills]


def test_the_pipeline_of_the_first_user(local: Watched) -> None:
    done = run(pipeline(), local, previews=True)
    kinds = {result.title: result.kind for result in done.results}
    assert kinds == {
        "SaveImage": "image", "Removed": "image", "PreviewImage": "image", "The mask": "mask",
        "All": "comparison", "Painting": "comparison",
    }  # fmt: skip
    assert [report.verb for report in done.reports] == ["find", "remove", "paint"]
    assert (len(local.finds), local.finds[0].prompt) == (1, "plate with food")
    assert done.reports[0].facts["scores"] == [0.9, 0.5]
    by_title = {result.title: result for result in done.results}
    final, removed = by_title["SaveImage"].photos[0], by_title["Removed"].photos[0]
    assert by_title["All"].before[0].steps == ()
    assert by_title["Painting"].before[0] is removed
    assert by_title["Painting"].photos[0] is by_title["All"].photos[0] is final
    assert [step.verb for step in final.steps] == ["remove", "paint"]
    assert [step.verb for step in removed.steps] == ["remove"]
    hole, settings, seed = local.paints[0]
    whole = removed.view[hole.rect.slices]
    assert np.array_equal(hole.image, whole)  # it paints on what the removal left
    assert settings == PaintSettings(
        prompt="piece of meat", negative_prompt="watermark, text",
        checkpoint="sd15-inpaint.safetensors", steps=7, guidance=8.0, sampler="uni_pc_bh2",
        scheduler="normal", strength=1.0, start_from=StartFrom.NOISE,
    )  # fmt: skip
    assert seed == 2**63 + 5
    assert final.steps[1].request is not None


def test_what_is_not_wanted_is_not_made(local: Watched) -> None:
    graph = pipeline()
    for name in ("4", "32", "33"):
        del graph[name]
    run(graph, local)
    assert local.fills
    assert not local.paints


def test_steps_can_be_made_again_on_a_document(local: Watched) -> None:
    from app.document.document import Document

    done = run(painting(), local)
    made = done.results[0].photos[0]
    document = Document.from_picture(photo())
    for step in made.steps:
        assert sum(document.write(patch) for patch in step.patches) == 0
    assert np.array_equal(document.native, made.picture.pixels)


@pytest.mark.parametrize(
    ("latent", "start", "strength"),
    [
        ({"20": node("VAEEncode", pixels=("1", 0), vae=("10", 2)),
          "23": node("SetLatentNoiseMask", samples=("20", 0), mask=("2", 0)),
          "21": sampler(("23", 0), denoise=0.6)}, StartFrom.ORIGINAL, 0.6),
        ({"20": node("InpaintModelConditioning", positive=("11", 0), negative=("12", 0),
                     vae=("10", 2), pixels=("1", 0), mask=("2", 0), noise_mask=True),
          "21": sampler(("20", 2), positive=("20", 0), negative=("20", 1))},
         StartFrom.ORIGINAL, 1.0),
        ({}, StartFrom.NOISE, 1.0),
    ],
)  # fmt: skip
def test_three_ways_to_paint(
    latent: Graph, start: StartFrom, strength: float, local: Watched
) -> None:
    done = run(painting() | latent, local)
    hole, settings, _ = local.paints[0]
    assert (settings.start_from, settings.strength) == (start, strength)
    picture = done.results[0].photos[0].picture
    differs = changed(photo().pixels, picture.pixels)
    assert (differs[block() > 0] > 0).mean() > 0.95
    assert done.reports[0].facts["changed_outside_px"] == 0
    assert hole.rect.width <= SIZE.width


def test_without_a_mask_all_of_it_is_painted(local: Watched) -> None:
    graph = painting() | {
        "20": node("VAEEncode", pixels=("1", 0), vae=("10", 2)),
        "21": sampler(("20", 0), denoise=0.3),
    }
    made = run(graph, local).results[0].photos[0]
    assert (changed(photo().pixels, made.picture.pixels) > 0).mean() > 0.95


def test_a_batch_has_a_seed_for_each(local: Watched) -> None:
    graph = painting()
    graph["23"] = node("RepeatLatentBatch", samples=("20", 0), amount=3)
    graph["21"] = sampler(("23", 0), seed=2**64 - 1)
    (result,) = run(graph, local).results
    assert len(result.photos) == 3
    assert [seed for _, _, seed in local.paints] == [2**64 - 1, 0, 1]


def test_of_several_masks_for_one_picture_the_first_counts(local: Watched) -> None:
    graph = pipeline()
    graph["3"]["inputs"]["masks"] = ["6", 0]
    done = run(graph, local)
    (removed,) = (result for result in done.results if result.title == "Removed")
    assert len(removed.photos) == 1
    assert len(local.fills) == 1


def test_a_mask_of_another_size_is_stretched(local: Watched) -> None:
    mask = block(height=90, width=120)
    made = run(removal(gaussblur_radius=0), local, mask=mask).results[0].photos[0]
    differs = changed(photo().pixels, made.picture.pixels)
    assert (differs[block() > 0] > 0).mean() > 0.9


def alpha_graph() -> Graph:
    graph = removal(masks=("1", 1))
    del graph["2"]
    return graph


def test_transparency_meant_as_a_mask_is_not_in_the_result(local: Watched) -> None:
    picture = replace(photo(), alpha=255 - block())
    made = run(alpha_graph(), local, picture).results[0].photos[0]
    assert made.picture.alpha is None
    assert (changed(picture.pixels, made.picture.pixels)[block() > 0] > 0).mean() > 0.95


def test_what_is_marked_in_a_window_takes_its_place(local: Watched) -> None:
    picture = photo(alpha=True)
    made = run(alpha_graph(), local, picture, marked=block()).results[0].photos[0]
    above = slice(SIZE.height // 6)
    assert made.picture.alpha is not None
    assert picture.alpha is not None
    assert np.array_equal(made.picture.alpha[above], picture.alpha[above])
    assert not changed(picture.pixels, made.picture.pixels)[above].any()


def test_an_empty_mask_is_trouble_rather_than_the_same_picture(local: Watched) -> None:
    with pytest.raises(NothingSelected):
        run(alpha_graph(), local)


class Blind(FakeBackend):
    def find(self, request: FindRequest, job: JobContext) -> FindResult:
        raise NothingFound


def test_nothing_found_is_trouble_too() -> None:
    with pytest.raises(NothingFound):
        run(pipeline(), Blind())


def test_the_core_detector_takes_the_likeliest_of_each_phrase(local: Watched) -> None:
    graph = pipeline()
    del graph["5"], graph["9"]
    graph["13"] = node("CLIPTextEncode", clip=("10", 1), text="plate, food:2")
    graph["6"] = node(
        "SAM3_Detect", model=("10", 0), image=("1", 0), conditioning=("13", 0), threshold=0.1,
        refine_iterations=2, individual_masks=True,
    )  # fmt: skip
    done = run(graph, local)
    assert [request.prompt for request in local.finds] == ["plate", "food"]
    assert done.reports[0].facts["scores"] == [0.9, 0.9, 0.5]


def masks_graph(*steps: Any) -> Graph:
    """A mask through some nodes, as a picture."""
    graph = {"2": node("LoadImageMask", image="mask.png", channel="red")}
    for number, (kind, inputs) in enumerate(steps):
        source = (str(99 + number) if number else "2", 0)
        graph[str(100 + number)] = node(kind, mask=source, **inputs)
    last = (str(99 + len(steps)), 0)
    return graph | {
        "3": node("MaskToImage", mask=last),
        "4": node("SaveImage", images=("3", 0), filename_prefix="x"),
    }


def test_masks_alone(local: Watched) -> None:
    steps = ("InvertMask", {}), ("GrowMask", {"expand": -3, "tapered_corners": False})
    (result,) = run(masks_graph(*steps), local).results
    assert result.kind == "mask"
    made = result.photos[0].picture.pixels
    assert made.ndim == 2
    expected = np.full((SIZE.height, SIZE.width), 255, np.uint8)
    expected[60 - 3 : 90 + 3, 80 - 3 : 120 + 3] = 0
    assert np.array_equal(made, expected)


def test_a_composite_changes_what_its_mask_marks(local: Watched) -> None:
    graph = painting()
    graph["40"] = node(
        "ImageCompositeMasked", destination=("1", 0), source=("22", 0), x=0, y=0,
        resize_source=False, mask=("2", 0),
    )  # fmt: skip
    graph["4"]["inputs"]["images"] = ["40", 0]
    done = run(graph, local, photo(depth=16))
    made = done.results[0].photos[0]
    differs = changed(photo(depth=16).pixels, made.picture.pixels)
    assert not differs[block() == 0].any()
    assert (differs[block() > 0] > 0).mean() > 0.95
    assert [step.verb for step in made.steps] == ["lay"]


def test_differences_to_comfyui_are_noted(local: Watched) -> None:
    graph = painting(model=("41", 0))
    graph["41"] = node(
        "LoraLoaderModelOnly", model=("10", 0), lora_name="face.safetensors", strength_model=0.5
    )
    graph["42"] = node("VAELoader", vae_name="other.safetensors")
    graph["43"] = node("ConditioningZeroOut", conditioning=("12", 0))
    graph["20"]["inputs"]["vae"] = ["42", 0]
    graph["21"]["inputs"]["negative"] = ["43", 0]
    found = Installed(models=(*ALL.models, lora()))
    (report,) = run(graph, local, found=found).reports
    assert report.facts["notes"] == ["workflow_lora_weights", "workflow_vae", "workflow_zero"]
    assert report.facts["loras"] == [["face.safetensors", 0.5]]


def test_a_source_that_nobody_brings_is_named(local: Watched) -> None:
    runner = InlineRunner(lambda: ALL, FakeBackend, lambda: local, EngineState(device=device()))
    with pytest.raises(WorkflowIncomplete) as caught:
        run_local(check(removal(), runner), {"1": Source(picture=photo())}, runner, Quiet())
    assert [(each.node, each.value) for each in caught.value.absent] == [("2", "mask.png")]


class Stopping(Quiet):
    def report(self, fraction: float, note: str = "", preview: Image | None = None) -> None:
        super().report(fraction)
        if fraction > 0.5:
            raise Cancelled


def test_a_run_can_be_stopped_and_says_how_far_it_is(local: Watched) -> None:
    runner = InlineRunner(lambda: ALL, FakeBackend, lambda: local, EngineState(device=device()))
    sources = {"1": Source(picture=photo())}
    job = Stopping()
    with pytest.raises(Cancelled):
        run_local(check(pipeline(), runner), sources, runner, job)
    assert job.told == sorted(job.told)
    assert not local.paints


def test_the_built_in_engine_removes_without_any_model() -> None:
    runner = InlineRunner(Installed, BuiltinBackend, state=EngineState(trouble="absent"))
    smooth = np.full((SIZE.height, SIZE.width, 3), (90, 130, 160), np.uint8)
    smooth[block() > 0] = (200, 40, 30)
    sources = {
        "1": Source(picture=Picture(pixels=smooth)),
        "2": Source(picture=Picture(pixels=block())),
    }
    done = run_local(check(removal(), runner), sources, runner, Quiet())
    after = done.results[0].photos[0].view.astype(int)
    assert np.abs(after - (90, 130, 160)).max() < 8
