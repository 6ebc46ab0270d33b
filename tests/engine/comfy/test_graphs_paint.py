"""Painting on a server: the same mask means the same as here, for every kind of network."""

from typing import Any

import cv2
import numpy as np
import pytest

from engine.comfy.errors import Lack, ServerBroken, ServerLacks
from engine.comfy.graphs.paint import cells, paint, read_painted
from engine.comfy.prompt_plan import Plan, PlanOutput, PlanOutputs
from engine.comfy.protocol.images import decode_png
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.comfy.server_models import models_of, parts_for
from engine.geometry import Mask, Size
from engine.image_io.encoding.png_writer import encode_png
from engine.jobs.operations import Paint
from engine.jobs.paint_settings import PaintSettings, StartFrom
from engine.models.families import Family, Kind
from engine.models.model_file import ModelFile
from tests.engine.comfy.snapshots import MODELS, check_graph, kinds, one, snapshot_with, uploaded
from tests.engine.comfy.test_server_models import model

RNG = np.random.default_rng(2)
H, W = 48, 64
SD, FLUX = "checkpoints", "diffusion_models"
MODEL = {
    Family.SD15: model(SD, "sub\\v1-5-pruned.safetensors", Family.SD15),
    Family.SD15_INPAINT: model(SD, "sd-v1-5-inpainting.safetensors", Family.SD15_INPAINT),
    Family.SDXL: model(SD, "juggernautXL.safetensors", Family.SDXL),
    Family.SDXL_INPAINT: model(FLUX, "sdxl-inpainting.safetensors", Family.SDXL_INPAINT),
    Family.FLUX_FILL: model(FLUX, "flux1-fill-dev.safetensors", Family.FLUX_FILL),
    Family.FLUX_DEV: model(FLUX, "flux1-dev.safetensors", Family.FLUX_DEV),
    Family.FLUX_KONTEXT: model(FLUX, "flux1-kontext-dev.safetensors", Family.FLUX_KONTEXT),
    None: model(SD, "strange.safetensors"),
}


def soft_mask() -> Mask:
    mask = np.zeros((H, W), np.uint8)
    mask[11:30, 13:40] = 255
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 3), np.uint8)


def operation(
    chosen: ModelFile, snapshot: ServerSnapshot, start: StartFrom = StartFrom.ORIGINAL,
    loras: tuple[tuple[ModelFile, float], ...] = (), **settings: Any,
) -> Paint:  # fmt: skip
    image = RNG.integers(0, 256, (H, W, 3), np.uint8)
    return Paint(
        model=chosen,
        parts=parts_for(models_of(snapshot), chosen),
        loras=loras,
        image=image,
        start=image if start is StartFrom.ORIGINAL else 255 - image,
        mask=soft_mask(),
        settings=PaintSettings(prompt="a dog", start_from=start, **settings),
        seed=2**64 - 1,
    )


def grey(plan: Plan, link: list[Any]) -> Mask:
    return decode_png(uploaded(plan, link), "")[..., 0]


@pytest.mark.parametrize("newer", [False, True])
@pytest.mark.parametrize("start", list(StartFrom))
@pytest.mark.parametrize("family", list(MODEL))
def test_graphs_that_the_server_takes(family: Family | None, start: StartFrom, newer: bool) -> None:
    snapshot = snapshot_with(newer=newer)
    loras = tuple((model("loras", name), 0.5) for name in MODELS["loras"])
    plan = paint(operation(MODEL[family], snapshot, start, loras), snapshot)
    check_graph(plan, snapshot)
    assert plan.wanted == ("result",)
    needed = {name for _, name in plan.needs}
    assert {MODEL[family].name, *MODELS["loras"]} <= needed


def test_what_is_asked_of_the_sampler() -> None:
    snapshot = snapshot_with()
    task = operation(
        MODEL[Family.SD15], snapshot, strength=0.6, steps=7, guidance=5.5, sampler="dpmpp_2m",
        scheduler="karras", negative_prompt="blur",
    )  # fmt: skip
    plan = paint(task, snapshot)
    told = one(plan, "KSampler")
    wanted = {
        "seed": 2**64 - 1, "steps": 7, "cfg": 5.5, "sampler_name": "dpmpp_2m",
        "scheduler": "karras", "denoise": 0.6,
    }  # fmt: skip
    assert {name: told[name] for name in wanted} == wanted
    assert plan.graph[told["positive"][0]]["inputs"]["text"] == "a dog"
    assert plan.graph[told["negative"][0]]["inputs"]["text"] == "blur"


@pytest.mark.parametrize("family", [Family.SD15, Family.SDXL, Family.FLUX_DEV])
def test_plain_networks_see_no_mask_and_change_by_its_softness(family: Family) -> None:
    snapshot = snapshot_with()
    task = operation(MODEL[family], snapshot, StartFrom.BLUR, strength=0.5)
    plan = paint(task, snapshot)
    assert "InpaintModelConditioning" not in kinds(plan)
    free = one(plan, "SetLatentNoiseMask")
    np.testing.assert_array_equal(grey(plan, free["mask"]), cells(task.mask))
    sampler = one(plan, "KSampler")
    assert plan.graph[sampler["model"][0]]["class_type"] == "DifferentialDiffusion"
    start = decode_png(uploaded(plan, one(plan, "VAEEncode")["pixels"]), "")
    np.testing.assert_array_equal(start, task.start)


@pytest.mark.parametrize("family", [Family.SD15_INPAINT, Family.SDXL_INPAINT, None])
def test_networks_that_see_the_mask_are_shown_the_picture_and_start_from_another(
    family: Family | None,
) -> None:
    snapshot = snapshot_with()
    task = operation(MODEL[family], snapshot, StartFrom.REMOVED)
    plan = paint(task, snapshot)
    shown = one(plan, "InpaintModelConditioning")
    assert shown["noise_mask"] is False
    np.testing.assert_array_equal(decode_png(uploaded(plan, shown["pixels"]), ""), task.image)
    hidden = (task.mask >= 128) * np.uint8(255)
    np.testing.assert_array_equal(grey(plan, shown["mask"]), cells(hidden))
    sampler = one(plan, "KSampler")
    assert [sampler["positive"], sampler["negative"]] == [["show", 0], ["show", 1]]
    start = decode_png(uploaded(plan, one(plan, "VAEEncode")["pixels"]), "")
    np.testing.assert_array_equal(start, task.start)


@pytest.mark.parametrize("family", [f for f in MODEL if f is not Family.FLUX_FILL])
def test_nothing_to_start_from_is_grey_and_full_noise(family: Family | None) -> None:
    snapshot = snapshot_with()
    task = operation(MODEL[family], snapshot, StartFrom.NOISE, strength=0.3)
    plan = paint(task, snapshot)
    greyed = one(plan, "VAEEncodeForInpaint")
    assert greyed["grow_mask_by"] == 0
    all_of_it = (task.mask > 0) * np.uint8(255)
    np.testing.assert_array_equal(grey(plan, greyed["mask"]), cells(all_of_it))
    sampler = one(plan, "KSampler")
    assert sampler["denoise"] == 1.0
    assert plan.graph[sampler["latent_image"][0]]["class_type"] == "VAEEncodeForInpaint"


def test_flux_fill_is_told_every_pixel_and_keeps_nothing() -> None:
    snapshot = snapshot_with()
    task = operation(MODEL[Family.FLUX_FILL], snapshot, guidance=30.0)
    plan = paint(task, snapshot)
    hidden = (task.mask >= 128) * np.uint8(255)
    shown = one(plan, "InpaintModelConditioning")
    np.testing.assert_array_equal(grey(plan, shown["mask"]), hidden)
    assert not kinds(plan) & {"SetLatentNoiseMask", "DifferentialDiffusion"}
    assert one(plan, "KSampler")["cfg"] == 1.0
    assert one(plan, "FluxGuidance")["guidance"] == 30.0
    assert plan.graph[shown["negative"][0]]["class_type"] == "ConditioningZeroOut"
    assert one(plan, "DualCLIPLoader") == {
        "clip_name1": "clip_l.safetensors", "clip_name2": "t5xxl_fp16.safetensors", "type": "flux",
    }  # fmt: skip
    assert one(plan, "VAELoader")["vae_name"] == "ae.safetensors"


def test_kontext_looks_at_the_picture() -> None:
    snapshot = snapshot_with()
    task = operation(MODEL[Family.FLUX_KONTEXT], snapshot, StartFrom.BLUR)
    plan = paint(task, snapshot)
    (look,) = [n for n in plan.graph.values() if n["class_type"] == "ReferenceLatent"]
    seen = plan.graph[look["inputs"]["latent"][0]]["inputs"]["pixels"]
    np.testing.assert_array_equal(decode_png(uploaded(plan, seen), ""), task.image)
    assert one(plan, "FluxGuidance")["conditioning"] == ["look", 0]


def test_a_checkpoint_that_has_all_is_loaded_at_once_whatever_its_family() -> None:
    files = {**MODELS, "checkpoints": ("flux1-dev-fp8.safetensors",)}
    snapshot = snapshot_with(models=files)
    chosen = model(SD, "flux1-dev-fp8.safetensors", Family.FLUX_DEV)
    plan = paint(operation(chosen, snapshot), snapshot)
    check_graph(plan, snapshot)
    assert not kinds(plan) & {"UNETLoader", "DualCLIPLoader", "VAELoader"}
    assert one(plan, "VAEDecode")["vae"] == ["model", 2]


def test_sdxl_networks_alone_get_sdxls_parts() -> None:
    snapshot = snapshot_with()
    plan = paint(operation(MODEL[Family.SDXL_INPAINT], snapshot), snapshot)
    assert one(plan, "DualCLIPLoader") == {
        "clip_name1": "clip_l.safetensors", "clip_name2": "clip_g.safetensors", "type": "sdxl",
    }  # fmt: skip


def test_loras_follow_each_other_and_words_are_read_by_the_last() -> None:
    snapshot = snapshot_with()
    loras = ((model("loras", "sub\\dog.safetensors"), 0.8), (model("loras", "cat.safetensors"), -1))
    plan = paint(operation(MODEL[Family.SD15], snapshot, loras=loras), snapshot)
    first, last = plan.graph["lora1"]["inputs"], plan.graph["lora2"]["inputs"]
    assert first["lora_name"] == "sub\\dog.safetensors"
    assert (first["strength_model"], first["strength_clip"]) == (0.8, 0.8)
    assert (last["model"], last["clip"]) == (["lora1", 0], ["lora1", 1])
    assert one(plan, "DifferentialDiffusion")["model"] == ["lora2", 0]
    assert plan.graph["prompt"]["inputs"]["clip"] == ["lora2", 1]
    assert plan.graph["negative"]["inputs"]["clip"] == ["lora2", 1]


def test_loras_of_flux_leave_the_words_alone() -> None:
    snapshot = snapshot_with()
    loras = ((model("loras", "cat.safetensors"), 1.0),)
    plan = paint(operation(MODEL[Family.FLUX_DEV], snapshot, loras=loras), snapshot)
    assert one(plan, "LoraLoaderModelOnly")["model"] == ["model", 0]
    assert plan.graph["prompt"]["inputs"]["clip"] == ["clip", 0]


def test_all_that_is_missing_is_said_at_once() -> None:
    snapshot = snapshot_with(
        models={**MODELS, "loras": (), "text_encoders": ("clip_l.safetensors",), "vae": ()},
        without=("FluxGuidance",),
    )
    loras = ((model("loras", "cat.safetensors"), 1.0),)
    task = operation(MODEL[Family.FLUX_DEV], snapshot, loras=loras, sampler="lcm")
    with pytest.raises(ServerLacks) as missing:
        paint(task, snapshot)
    assert missing.value.need == "inpaint"
    assert set(missing.value.lacks) == {
        Lack("text_encoders", "t5xxl_fp16.safetensors", "comfyanonymous/flux_text_encoders"),
        Lack("vae", "ae.safetensors", "black-forest-labs/FLUX.1-schnell"),
        Lack("loras", "cat.safetensors"),
        Lack("node", "FluxGuidance"),
        Lack("sampler_name", "lcm"),
    }


def test_kontext_needs_a_server_that_can_look() -> None:
    snapshot = snapshot_with(without=("ReferenceLatent",))
    with pytest.raises(ServerLacks) as missing:
        paint(operation(MODEL[Family.FLUX_KONTEXT], snapshot), snapshot)
    assert missing.value.lacks == (Lack("node", "ReferenceLatent"),)


def test_a_seed_and_a_picture_are_the_same_graph() -> None:
    snapshot = snapshot_with()
    task = operation(MODEL[Family.SD15_INPAINT], snapshot)
    first, second = paint(task, snapshot), paint(task, snapshot)
    assert first.graph == second.graph
    assert len(first.uploads) == 3  # the picture is what it starts from, too


def test_masks_arrive_in_latents_as_they_were_meant() -> None:
    """By the server's own step: the middle of each cell, between four pixels."""
    mask = soft_mask()
    seen = cv2.resize(cells(mask).astype(np.float32), (W // 8, H // 8))
    meant = mask.reshape(H // 8, 8, W // 8, 8).max(axis=(1, 3))
    np.testing.assert_array_equal(seen, meant)


def test_sides_that_a_vae_would_cut_are_a_mistake_of_ours() -> None:
    snapshot = snapshot_with()
    task = operation(MODEL[Family.SD15], snapshot)
    odd = Paint(
        model=task.model, parts=(), loras=(), image=task.image[:40], start=task.start[:40],
        mask=task.mask[:40], settings=task.settings, seed=0,
    )  # fmt: skip
    with pytest.raises(AssertionError):
        paint(odd, snapshot)


def test_what_was_painted_is_of_the_size_that_was_asked() -> None:
    image = RNG.integers(0, 256, (H, W, 3), np.uint8)
    outputs = PlanOutputs(of={"result": PlanOutput(images=(encode_png(image),))})
    np.testing.assert_array_equal(read_painted(outputs, Size(W, H)), image)
    with pytest.raises(ServerBroken):
        read_painted(outputs, Size(W, W))


def test_new_widgets_of_the_server_get_its_own_defaults() -> None:
    """Newer versions have more of them; without a value the graph would be refused."""
    sampler = (
        "KSampler | model:MODEL seed:INT steps:INT cfg:FLOAT sampler_name:COMBO scheduler:COMBO"
        " positive:CONDITIONING negative:CONDITIONING latent_image:LATENT denoise:FLOAT"
        " channel:COMBO shiny:BOOLEAN | LATENT"
    )
    snapshot = snapshot_with(sampler)
    plan = paint(operation(MODEL[Family.SD15], snapshot), snapshot)
    check_graph(plan, snapshot)
    assert one(plan, "KSampler")["shiny"] is False
    assert one(plan, "KSampler")["channel"] == "alpha"


def test_kinds_of_files_are_taken_by_where_they_lie() -> None:
    found = models_of(snapshot_with()).of(Kind.CHECKPOINT)
    assert {each.path.parts[0] for each in found} == {SD, FLUX}
