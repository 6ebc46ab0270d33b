"""Nodes that run on this computer, group by group: the values they make, and runs by fakes."""

from typing import Any

import numpy as np
import pytest

from app.engines.runner import InlineRunner
from engine.comfy.errors import WorkflowUnsupported
from engine.comfy.prompt_plan import Graph
from engine.dispatch.choice import EngineState
from engine.jobs.fake import FakeBackend
from engine.models.families import Family
from engine.picture import Picture
from engine.workflow.local.runner import Source, WorkflowRun, check, run_local
from engine.workflow.local.values import Sampled, SinkKind
from tests.engine.workflow.local_graphs import node, painting, removal, sampler
from tests.engine.workflow.test_local import Quiet, Watched, block, photo
from tests.support.models_at_hand import device, installed

ALL = installed(Family.SAM3, Family.LAMA, Family.SD15_INPAINT)


def runner(local: Watched | None = None) -> InlineRunner:
    state = EngineState(device=device())
    return InlineRunner(lambda: ALL, FakeBackend, lambda: local or FakeBackend(), state)


def run(graph: Graph, local: Watched | None = None, picture: Picture | None = None) -> WorkflowRun:
    found = runner(local or Watched())
    sources = {
        "1": Source(picture=picture or photo(), key="photo"),
        "2": Source(picture=Picture(pixels=block())),
    }
    return run_local(check(graph, found), sources, found, Quiet(), previews=True)


def sampled(graph: Graph) -> list[Sampled]:
    return [each for each in check(graph, runner()).work if isinstance(each, Sampled)]


def refused(graph: Graph) -> list[tuple[str, str, str]]:
    with pytest.raises(WorkflowUnsupported) as caught:
        check(graph, runner())
    return [(each.node, each.why, each.input) for each in caught.value.nodes]


def shown(*nodes: tuple[str, Any]) -> Graph:
    """A photo, a mask, nodes, and the first output of the last one shown."""
    graph: Graph = {
        "1": node("LoadImage", image="photo.png"),
        "2": node("LoadImageMask", image="mask.png", channel="red"),
    }
    graph |= dict(nodes)
    graph["99"] = node("PreviewImage", images=(nodes[-1][0], 0))
    return graph


def view(graph: Graph) -> np.ndarray:  # pyright: ignore
    (result,) = run(graph).results
    return result.photos[0].view


# --- numbers


def test_numbers_and_texts_come_by_links() -> None:
    graph = painting(steps=("50", 0), cfg=("51", 0), seed=("50", 0))
    graph["50"] = node("PrimitiveInt", value=9)
    graph["51"] = node("PrimitiveFloat", value=2.5)
    graph["52"] = node("StringConcatenate", string_a="a", string_b=("53", 0), delimiter=", ")
    graph["53"] = node("PrimitiveStringMultiline", value="b")
    graph["11"]["inputs"]["text"] = ["52", 0]
    (found,) = sampled(graph)
    assert (found.steps, found.guidance, found.seed) == (9, 2.5, 9)
    assert found.positive.text == "a, b"


def test_a_number_of_the_wrong_kind_is_refused() -> None:
    graph = painting(steps=("50", 0))
    graph["50"] = node("PrimitiveFloat", value=9.5)
    assert refused(graph) == [("21", "value", "steps")]


@pytest.mark.parametrize(("which", "side"), [(True, 0), (False, 255)])
def test_a_switch_passes_one_of_two(which: bool, side: int) -> None:
    graph = shown(
        ("3", node("EmptyImage", width=4, height=4, batch_size=1, color=0)),
        ("4", node("EmptyImage", width=4, height=4, batch_size=1, color=0xFFFFFF)),
        ("5", node("PrimitiveBoolean", value=which)),
        ("6", node("ComfySwitchNode", switch=("5", 0), on_true=("3", 0), on_false=("4", 0))),
    )
    assert (view(graph) == side).all()


def test_a_size_is_measured_when_the_picture_is_there() -> None:
    graph = shown(
        ("3", node("GetImageSize", image=("1", 0))),
        ("4", node("EmptyImage", width=("3", 1), height=("3", 0), batch_size=1, color=0)),
    )
    assert view(graph).shape == (240, 180, 3)
    graph["5"] = node("KSampler", steps=("3", 0))
    assert ("5", "link", "") in refused(graph | {"98": node("PreviewImage", images=("5", 0))})


# --- pictures and masks


@pytest.mark.parametrize(
    ("name", "inputs", "size"),
    [
        ("ImageScale", {"upscale_method": "area", "width": 60, "height": 0, "crop": "disabled"},
         (60, 45)),
        ("ImageScaleBy", {"upscale_method": "bicubic", "scale_by": 0.5}, (120, 90)),
        ("ImageScaleToTotalPixels", {"upscale_method": "lanczos", "megapixels": 0.01}, (118, 89)),
        ("ImageScaleToMaxDimension", {"upscale_method": "area", "largest_size": 80}, (80, 60)),
        ("FluxKontextImageScale", {}, (1184, 880)),
        ("ImageCrop", {"width": 30, "height": 20, "x": 5, "y": 6}, (30, 20)),
        ("ImageCropV2", {"crop_region": {"x": 5, "y": 6, "width": 30, "height": 20}}, (30, 20)),
        ("ImagePadForOutpaint", {"left": 8, "right": 16, "bottom": 24}, (264, 204)),
        ("SplitImageWithAlpha", {}, (240, 180)),
    ],
)  # fmt: skip
def test_pictures_are_resized(name: str, inputs: dict[str, Any], size: tuple[int, int]) -> None:
    shape = view(shown(("3", node(name, image=("1", 0), **inputs)))).shape
    assert (shape[1], shape[0]) == size


def test_pictures_are_joined() -> None:
    beside = node("ImageStitch", image1=("1", 0), image2=("3", 0), spacing_width=4)
    white = ("3", node("EmptyImage", width=10, height=10, batch_size=2, color=0xFFFFFF))
    found = run(shown(white, ("4", beside))).results[0].photos
    assert [each.size for each in found] == [(240 + 4 + 180, 180)] * 2
    batch = run(shown(white, ("4", node("ImageBatch", image1=("1", 0), image2=("3", 0)))))
    assert [each.size for each in batch.results[0].photos] == [(240, 180)] * 3
    alone = shown(("3", node("ImageStitch", image1=("1", 0))))
    assert view(alone).shape == (180, 240, 3)


def test_alpha_comes_from_a_mask_and_goes_to_one() -> None:
    graph = shown(("3", node("JoinImageWithAlpha", image=("1", 0), alpha=("2", 0))),
                  ("4", node("SplitImageWithAlpha", image=("3", 0))),
                  ("5", node("MaskToImage", mask=("4", 1))))  # fmt: skip
    assert np.array_equal(view(graph)[..., 0], block())


def test_masks_are_made_and_changed() -> None:
    graph = shown(
        ("3", node("SolidMask", value=1.0, width=240, height=180)),
        ("4", node("MaskComposite", destination=("3", 0), source=("2", 0), x=0, y=0,
                   operation="subtract")),
        ("5", node("FeatherMask", mask=("4", 0), left=0, top=0, right=0, bottom=0)),
        ("6", node("ThresholdMask", mask=("5", 0), value=0.5)),
        ("7", node("CropMask", mask=("6", 0), x=0, y=0, width=240, height=180)),
        ("8", node("MaskToImage", mask=("7", 0))),
    )  # fmt: skip
    assert np.array_equal(view(graph)[..., 0], 255 - block())


def test_a_colour_is_a_mask() -> None:
    graph = shown(
        ("3", node("EmptyImage", width=6, height=5, batch_size=1, color=0x010203)),
        ("4", node("ImageColorToMask", image=("3", 0), color=0x010203)),
        ("5", node("MaskToImage", mask=("4", 0))),
    )
    assert (view(graph) == 255).all()


def test_a_mask_is_shown_and_never_in_the_way() -> None:
    graph = removal()
    graph["5"] = node("MaskPreview", mask=("2", 0))
    program = check(graph, runner())
    assert [sink.kind for sink in program.sinks] == [SinkKind.SAVE, SinkKind.PREVIEW]
    assert len(program.outputs(False)) == 1
    assert [each.kind for each in run(graph).results] == ["image", "mask"]


def test_a_comparison_of_comfyui_itself() -> None:
    graph = removal()
    graph["4"] = node("ImageCompare", image_a=("1", 0), image_b=("3", 0))
    (result,) = run(graph).results
    assert (result.kind, len(result.before)) == ("comparison", 1)


@pytest.mark.parametrize("region", [{"x": -1}, {"width": 0}, {"height": 2.5}, 7])
def test_regions_are_whole_and_somewhere(region: Any) -> None:
    graph = shown(("3", node("ImageCropV2", image=("1", 0), crop_region=region)))
    assert refused(graph) == [("3", "value", "crop_region")]


def test_a_picture_that_is_too_large_is_refused_by_its_node(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.workflow.local.resampling.MAX_PIXELS", 100_000)
    graph = shown(("3", node("ImageScaleBy", image=("1", 0), upscale_method="area", scale_by=8.0)))
    with pytest.raises(WorkflowUnsupported) as caught:
        run(graph)
    assert caught.value.nodes[0][:2] == ("3", "ImageScaleBy")
    assert caught.value.nodes[0].input == "1920 x 1440"


# --- outpainting


def test_padding_is_painted_and_the_picture_stays() -> None:
    graph = painting()
    graph["5"] = node("ImagePadForOutpaint", image=("1", 0), right=64, feathering=0)
    graph["20"]["inputs"] |= {"pixels": ["5", 0], "mask": ["5", 1], "grow_mask_by": 0}
    local, before = Watched(), photo()
    (result,) = run(graph, local, before).results
    (made,) = result.photos
    assert made.size == (304, 180)
    assert (made.view[:, :200] == before.pixels[:, :200]).all()
    assert not (made.view[:, 244:] == 127).all()
    assert len(local.paints) == 1


# --- models and prompts


def test_texts_of_two_encoders_are_one() -> None:
    graph = painting()
    two = node("CLIPTextEncodeSDXL", clip=("10", 1), text_g="a cat", text_l="a cat")
    graph["11"] = two
    (found,) = sampled(graph)
    assert (found.positive.text, found.notes) == ("a cat", ())
    two["inputs"]["text_l"] = "soft light"
    (found,) = sampled(graph)
    assert (found.positive.text, found.notes) == ("a cat, soft light", ("workflow_two_texts",))
    graph["12"] = node("CLIPTextEncodeSDXLRefiner", clip=("10", 1), ascore=2.5, text="ugly")
    assert sampled(graph)[0].negative.text == "ugly"


def test_the_text_and_the_guidance_of_flux() -> None:
    graph = painting()
    graph["11"] = node(
        "CLIPTextEncodeFlux", clip=("10", 1), clip_l="cat", t5xxl="a black cat", guidance=2.0
    )
    (found,) = sampled(graph)
    assert (found.positive.text, found.positive.guidance) == ("a black cat", 2.0)


@pytest.mark.parametrize(
    ("name", "inputs", "notes"),
    [
        ("ModelSamplingFlux", {}, ()),
        ("ModelSamplingFlux", {"max_shift": 2.0}, ("workflow_shift",)),
        ("ModelSamplingSD3", {"shift": 3.0}, ("workflow_shift",)),
        ("ModelSamplingAuraFlow", {"shift": 3.0}, ("workflow_shift",)),
        ("ModelSamplingDiscrete", {"sampling": "eps"}, ()),
        ("ModelSamplingDiscrete", {"sampling": "lcm"}, ("workflow_sampling",)),
        ("DifferentialDiffusion", {}, ()),
    ],
)
def test_changes_of_the_schedule_are_told(
    name: str, inputs: dict[str, Any], notes: tuple[str, ...]
) -> None:
    graph = painting(model=("50", 0))
    graph["50"] = node(name, model=("10", 0), **inputs)
    assert sampled(graph)[0].notes == notes


def test_a_layer_of_the_text_encoder_is_told() -> None:
    graph = painting()
    graph["50"] = node("CLIPSetLastLayer", clip=("10", 1), stop_at_clip_layer=-2)
    graph["11"]["inputs"]["clip"] = ["50", 0]
    assert sampled(graph)[0].notes == ("workflow_clip_layer",)


def test_parts_in_files_of_their_own() -> None:
    graph = painting(model=("50", 0))
    graph["50"] = node("UNETLoader", unet_name="sd15-inpaint.safetensors")
    graph["51"] = node("CLIPLoader", clip_name="clip_l.safetensors", type="stable_diffusion")
    graph["11"]["inputs"]["clip"] = ["51", 0]
    assert sampled(graph)[0].positive.clip.files == (("clip_name", "clip_l.safetensors"),)


# --- latents and samplers


# --- packs


def test_a_crop_and_its_stitching_are_the_picture_itself() -> None:
    graph = painting()
    graph["5"] = node("InpaintCropImproved", image=("1", 0), mask=("2", 0), mask_expand_pixels=3,
                      mask_fill_holes=True, mask_hipass_filter=0.1)  # fmt: skip
    graph["20"]["inputs"] |= {"pixels": ["5", 1], "mask": ["5", 2], "grow_mask_by": 0}
    graph["6"] = node("InpaintStitchImproved", stitcher=("5", 0), inpainted_image=("22", 0))
    graph["4"]["inputs"]["images"] = ["6", 0]
    (result,) = run(graph).results
    (made,) = result.photos
    assert (made.size, made.source) == ((240, 180), "1")
    assert [step.verb for step in made.steps] == ["paint"]
    graph["5"]["inputs"]["preresize"] = True
    assert refused(graph)[0] == ("5", "value", "preresize")


def test_removal_and_masks_of_inpaint_nodes() -> None:
    graph = removal()
    graph["5"] = node("INPAINT_LoadInpaintModel", model_name="big-lama.pt")
    graph["6"] = node("INPAINT_ExpandMask", mask=("2", 0), grow=4, blur=5)
    graph["3"] = node("INPAINT_InpaintWithModel", inpaint_model=("5", 0), image=("1", 0),
                      mask=("6", 0), seed=1)  # fmt: skip
    (result,) = run(graph).results
    assert [step.verb for step in result.photos[0].steps] == ["remove"]


def test_the_conditioning_of_inpaint_nodes() -> None:
    graph = painting()
    graph["20"] = node(
        "INPAINT_VAEEncodeInpaintConditioning",
        positive=("11", 0), negative=("12", 0), vae=("10", 2), pixels=("1", 0), mask=("2", 0),
    )  # fmt: skip
    graph["21"] = sampler(("20", 3), positive=("20", 0), negative=("20", 1))
    assert sampled(graph)[0].latent.masks is not None
