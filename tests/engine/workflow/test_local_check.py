"""What stands in the way of a workflow is said before anything of it runs, all of it at once."""

import json
from typing import Any

import pytest

from app.engines.runner import InlineRunner
from engine.comfy.errors import WorkflowIncomplete, WorkflowUnreadable, WorkflowUnsupported
from engine.comfy.prompt_plan import Graph
from engine.comfy.protocol.object_info import Nodes
from engine.dispatch.choice import EngineState
from engine.errors import EngineMissing
from engine.jobs.fake import FakeBackend
from engine.jobs.paint_settings import SAMPLERS
from engine.models.families import Family, Kind
from engine.models.model_file import Installed, ModelFile
from engine.workflow.local.nodes.finding import phrases
from engine.workflow.local.nodes.table import LOCAL_NODES
from engine.workflow.local.runner import check
from engine.workflow.local.values import Sampled
from tests.conftest import SHARED
from tests.engine.workflow.local_graphs import models, node, painting, pipeline, removal, sampler
from tests.support.models_at_hand import device, installed, lora, model

ALL = installed(Family.SAM3, Family.LAMA, Family.SD15_INPAINT)
READY = EngineState(device=device())


def runner(found: Installed = ALL, state: EngineState = READY) -> InlineRunner:
    return InlineRunner(lambda: found, FakeBackend, FakeBackend, state)


def unsupported(graph: Graph, found: Installed = ALL) -> list[tuple[str, str, str]]:
    with pytest.raises(WorkflowUnsupported) as caught:
        check(graph, runner(found))
    return [(each.node, each.title, each.why) for each in caught.value.nodes]


def absent(graph: Graph, found: Installed = ALL) -> list[tuple[str, ...]]:
    with pytest.raises(WorkflowIncomplete) as caught:
        check(graph, runner(found))
    return [(e.title, e.input, e.value, e.folder, ",".join(e.choices)) for e in caught.value.absent]


def sampled(graph: Graph, found: Installed = ALL) -> Sampled:
    (only,) = [each for each in check(graph, runner(found)).work if isinstance(each, Sampled)]
    return only


def with_loras() -> Graph:
    graph = painting(model=("41", 0))
    graph["40"] = node(
        "LoraLoader", "First", model=("10", 0), clip=("10", 1), lora_name="sub\\face.safetensors",
        strength_model=0.7, strength_clip=0.7,
    )  # fmt: skip
    graph["41"] = node(
        "LoraLoaderModelOnly", model=("40", 0), lora_name="style", strength_model=-0.5
    )
    graph["11"]["inputs"]["clip"] = ["40", 1]
    return graph


def test_a_sound_workflow_says_what_it_needs() -> None:
    program = check(pipeline(), runner())
    assert [sink.origin.title for sink in program.outputs(False)] == [
        "SaveImage", "Removed", "All", "Painting",
    ]  # fmt: skip
    assert len(program.outputs(True)) == 6
    assert [(load.origin.node, load.file) for load in program.loads] == [("1", "photo.png")]
    assert len(program.work) == 3


def test_previews_are_results_where_nothing_else_is() -> None:
    graph = removal()
    graph["4"] = node("PreviewImage", images=("3", 0))
    assert len(check(graph, runner()).outputs(False)) == 1


def test_every_node_that_cannot_be_run_is_named() -> None:
    graph = pipeline()
    graph["50"] = node("Upscale by Magic", "Make it large", image=("22", 0), factor=2)
    graph["4"]["inputs"]["images"] = ["50", 0]
    graph["51"] = node("Empty Magic", width=512, height=512, batch_size=1)
    assert unsupported(graph) == [
        ("51", "Empty Magic", ""),
        ("50", "Make it large", ""),
    ]


@pytest.mark.parametrize(
    ("where", "name", "value", "why"),
    [
        ("3", "masks", ["1", 0], "link"),  # a picture for a mask
        ("3", "images", ["2", 0], "link"),
        ("3", "images", ["1", 5], "link"),  # no such output
        ("21", "latent_image", ["1", 0], "link"),
        ("22", "samples", ["20", 0], "link"),  # decoded without a sampler
        ("21", "model", ["10", 1], "link"),
        ("21", "steps", ["10", 0], "link"),
        ("21", "positive", "words", "link"),
        ("3", "gaussblur_radius", 21, "value"),
        ("3", "gaussblur_radius", 7.5, "value"),
        ("3", "invert_mask", 1, "value"),
        ("21", "seed", 2**64, "value"),
        ("21", "steps", 0, "value"),
        ("21", "denoise", 0, "value"),
        ("21", "cfg", "8", "value"),
    ],
)
def test_wrong_links_and_values(where: str, name: str, value: Any, why: str) -> None:
    graph = painting()
    graph["5"] = node("SaveImage", images=("3", 0), filename_prefix="x")
    graph[where]["inputs"][name] = value
    assert (where, graph[where]["class_type"], why) in unsupported(graph)


def test_what_follows_a_faulty_node_is_not_blamed_too() -> None:
    graph = pipeline()
    graph["6"]["inputs"]["confidence_threshold"] = 7
    assert unsupported(graph) == [("6", "SAM3Grounding", "value")]


@pytest.mark.parametrize(
    ("graph", "reason"),
    [
        ({}, "empty"),
        (models(), "empty"),
        ({"1": {"class_type": "LoadImage"}}, "format"),
        ({"1": ["LoadImage"]}, "format"),
        (removal(images=("77", 0)), "link"),
        ({"1": node("InvertMask", mask=("2", 0)), "2": node("InvertMask", mask=("1", 0))}, "cycle"),
        ({str(n): node("InvertMask", mask=(str(n + 1), 0)) for n in range(200)}
         | {"200": node("LoadImageMask", image="m.png", channel="red")}, "large"),
    ],
)  # fmt: skip
def test_graphs_that_are_none(graph: Graph, reason: str) -> None:
    with pytest.raises(WorkflowUnreadable) as caught:
        check(graph, runner())
    assert caught.value.reason == reason


def test_all_that_is_not_here_is_named_with_what_is() -> None:
    found = Installed(models=(*installed(Family.SDXL).models, lora("body.safetensors")))
    graph = with_loras()
    graph["21"]["inputs"] |= {"sampler_name": "dpm_adaptive"}
    assert absent(graph, found) == [
        ("KSampler", "sampler_name", "dpm_adaptive", "", ",".join(SAMPLERS)),
        ("Load Checkpoint", "ckpt_name", "sd15-inpaint.safetensors", "checkpoints",
         "sdxl.safetensors"),
        ("First", "lora_name", "sub\\face.safetensors", "loras", "body.safetensors"),
        ("LoraLoaderModelOnly", "lora_name", "style", "loras", "body.safetensors"),
    ]  # fmt: skip


def test_finding_needs_a_model_whatever_the_file_calls_it() -> None:
    assert absent(pipeline(), installed(Family.SD15_INPAINT)) == [
        ("LoadSAM3Model", "model_path", "sam3", "sam3", "")
    ]


def test_a_lora_for_another_base_is_refused() -> None:
    found = Installed(models=(*ALL.models, lora("face.safetensors", Family.SDXL), lora("style")))
    assert unsupported(with_loras(), found) == [("40", "First", "kind")]


def test_loras_add_up_in_their_order() -> None:
    found = Installed(models=(*ALL.models, lora("face.safetensors"), lora("style")))
    used = sampled(with_loras(), found).model.loras
    assert [(u.name, u.weight, u.clip_weight) for u in used] == [
        ("sub\\face.safetensors", 0.7, 0.7), ("style", -0.5, 0.0),
    ]  # fmt: skip


def test_without_the_libraries_nothing_is_started() -> None:
    with pytest.raises(EngineMissing):
        check(painting(), runner(ALL, EngineState(trouble="absent")))
    assert check(removal(), runner(Installed(), EngineState(trouble="absent"))).work


def part(kind: Kind, name: str, part_: str) -> ModelFile:
    plain = model(Family.FLUX_FILL, name=name)
    return ModelFile(path=plain.path, kind=kind, family=None, name=name, title=name, part=part_)


def flux() -> Graph:
    """As ComfyUI's own template for FLUX Fill."""
    graph = removal()
    graph |= {
        "10": node("UNETLoader", unet_name="flux1-fill-dev.safetensors", weight_dtype="default"),
        "13": node("DualCLIPLoader", clip_name1="clip_l", clip_name2="t5xxl_fp16", type="flux"),
        "14": node("VAELoader", vae_name="ae.safetensors"),
        "15": node("DifferentialDiffusion", model=("10", 0)),
        "16": node("CLIPTextEncode", clip=("13", 0), text="a hat"),
        "11": node("FluxGuidance", conditioning=("16", 0), guidance=30.0),
        "12": node("ConditioningZeroOut", conditioning=("16", 0)),
        "20": node(
            "InpaintModelConditioning", positive=("11", 0), negative=("12", 0), vae=("14", 0),
            pixels=("1", 0), mask=("2", 0), noise_mask=False,
        ),
        "21": sampler(
            ("20", 2), model=("15", 0), positive=("20", 0), negative=("20", 1), cfg=1.0,
            sampler_name="euler",
        ),
        "22": node("VAEDecode", samples=("21", 0), vae=("14", 0)),
        "4": node("SaveImage", images=("22", 0), filename_prefix="x"),
    }  # fmt: skip
    return graph


def test_flux_needs_its_parts_by_whatever_name() -> None:
    fill = model(Family.FLUX_FILL, name="flux1-fill-dev.safetensors")
    assert [each[:3] for each in absent(flux(), Installed(models=(fill,)))] == [
        ("DualCLIPLoader", "clip_name1", "clip_l"),
        ("DualCLIPLoader", "clip_name2", "t5xxl_fp16"),
        ("VAELoader", "vae_name", "ae.safetensors"),
    ]
    parts = (
        part(Kind.TEXT_ENCODER, "clip_l.safetensors", "clip-l"),
        part(Kind.TEXT_ENCODER, "t5-q4.gguf", "t5-xxl"),
        part(Kind.VAE, "flux_vae.safetensors", "flux"),
    )
    found = sampled(flux(), Installed(models=(fill, *parts)))
    assert found.positive.guidance == 30.0
    assert found.negative.is_zero
    assert found.latent.masks is not None


def test_a_second_pass_goes_on_where_the_first_one_painted() -> None:
    graph = painting()
    graph["23"] = sampler(("21", 0), denoise=0.4)
    graph["22"]["inputs"]["samples"] = ["23", 0]
    first, second = (w for w in check(graph, runner()).work if isinstance(w, Sampled))
    assert second.latent.masks is first.latent.masks
    assert second.strength == 0.4


def test_phrases_of_the_core_detector() -> None:
    assert [tuple(phrase) for phrase in phrases("dog:20, red car , ,x:y")] == [
        ("dog", 20), ("red car", 1), ("x:y", 1),
    ]  # fmt: skip


@pytest.mark.skipif(not SHARED.exists(), reason="needs the answers of real servers")
def test_forms_are_those_of_a_real_server() -> None:
    real = Nodes.read(json.loads((SHARED / "comfyui/object_info_0.33.json").read_text()))
    older = Nodes.read(json.loads((SHARED / "comfyui/object_info.json").read_text()))
    for name, ours in LOCAL_NODES.items():
        theirs = real.get(name) or older.get(name)
        if theirs is None:
            continue  # a pack, or a node that nobody recorded
        assert [o.type for o in ours.outputs] == [o.type for o in theirs.outputs] or ours.is_output
        assert [(i.name, i.is_widget, i.has_control, i.is_upload) for i in ours.inputs] == [
            (i.name, i.is_widget, i.has_control, i.is_upload) for i in theirs.inputs
        ], name
