"""Models of a server, and the family of each."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.comfy.server_models import models_of, painter, parts_for
from engine.models.families import Family, Kind
from engine.models.model_file import ModelFile
from tests.engine.comfy import snapshots
from tests.engine.comfy.snapshots import snapshot_with


def model(
    folder: str, name: str, family: Family | None = None, kind: Kind = Kind.CHECKPOINT,
    part: str = "",
) -> ModelFile:  # fmt: skip
    return ModelFile(
        path=Path(folder, name), kind=kind, family=family, name=name, title=name, part=part
    )


def told(name: str, metadata: Mapping[str, str], folder: str = "checkpoints") -> ServerSnapshot:
    files = {folder: (name,)}
    snapshot = snapshot_with(models=files)
    return ServerSnapshot(
        version="1", device=snapshot.device, nodes=snapshot.nodes, models=files,
        metadata={(folder, name): metadata},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("sd-v1-5-inpainting.safetensors", Family.SD15_INPAINT),
        ("512-inpainting-ema.safetensors", Family.SD21_INPAINT),
        ("v1-5-pruned-emaonly-fp16.safetensors", Family.SD15),
        ("SD15\\v1-5-pruned.ckpt", Family.SD15),
        ("realisticVisionV20_inpainting.safetensors", Family.SD15_INPAINT),
        ("deliberate_v2-inpainting.safetensors", Family.SD15_INPAINT),
        ("v2-1_768-ema-pruned.safetensors", Family.SD21),
        ("sd_xl_base_1.0.safetensors", Family.SDXL),
        ("juggernautXL_v9.safetensors", Family.SDXL),
        ("ponyDiffusionV6.safetensors", Family.SDXL),
        ("xl/sdxl_inpaint_0.1.safetensors", Family.SDXL_INPAINT),
        ("flux1-dev-fp8.safetensors", Family.FLUX_DEV),
        ("fluxFill_fp8.safetensors", Family.FLUX_FILL),
        ("flux1-kontext-dev.safetensors", Family.FLUX_KONTEXT),
        ("dreamshaper_8.safetensors", None),
        ("model.safetensors", None),
    ],
)
def test_names_tell_the_family_of_a_checkpoint(name: str, family: Family | None) -> None:
    (found,) = models_of(snapshot_with(models={"checkpoints": (name,)})).models
    assert found.family is family
    assert found.problem == ""


@pytest.mark.parametrize(
    "name",
    ["sam3.1_multiplex_fp16.safetensors", "sd3.5_large.safetensors", "svd_xt.safetensors",
     "sd_xl_refiner_1.0.safetensors", "ltx-video-2b.safetensors", "flux2_dev.safetensors",
     "wan2.2_ti2v.safetensors", "stable_cascade_stage_c.safetensors"],
)  # fmt: skip
def test_what_is_no_painter_of_ours_is_not_offered(name: str) -> None:
    assert not models_of(snapshot_with(models={"checkpoints": (name,)})).of(Kind.CHECKPOINT)


def test_schnell_says_why_it_cannot_be_used() -> None:
    (found,) = models_of(
        snapshot_with(models={"checkpoints": ("flux1-schnell.safetensors",)})
    ).models
    assert found.problem == "schnell"


@pytest.mark.parametrize(
    ("name", "metadata", "family"),
    [
        ("a.safetensors", {"modelspec.architecture": "stable-diffusion-xl-v1-base"}, Family.SDXL),
        ("a.safetensors", {"modelspec.architecture": "flux-1-dev"}, Family.FLUX_DEV),
        ("a.safetensors", {"ss_base_model_version": "sd_v1"}, Family.SD15),
        ("a-inpaint.safetensors", {"ss_base_model_version": "sd_v1"}, Family.SD15_INPAINT),
        ("like-sdxl.safetensors", {"modelspec.architecture": "stable-diffusion-v1"}, Family.SD15),
        ("a.safetensors", {"modelspec.architecture": "unheard-of"}, None),
        ("sd15.safetensors", {"modelspec.architecture": "unheard-of"}, Family.SD15),
    ],
)
def test_headers_are_trusted_more_than_names(
    name: str, metadata: dict[str, str], family: Family | None
) -> None:
    (found,) = models_of(told(name, metadata)).models
    assert found.family is family


def test_a_header_of_something_else_keeps_it_out() -> None:
    metadata = {"modelspec.architecture": "stable-diffusion-v3-medium"}
    assert not models_of(told("nice.safetensors", metadata)).models


def test_the_user_is_trusted_most() -> None:
    snapshot = told("like-sdxl.safetensors", {"modelspec.architecture": "stable-diffusion-xl-v1"})
    (found,) = models_of(snapshot, {"like-sdxl.safetensors": Family.SD21}).models
    assert found.family is Family.SD21


def test_an_unknown_checkpoint_can_be_chosen_and_is_never_taken_before_a_known_one() -> None:
    both = models_of(snapshot_with(models={"checkpoints": ("a.safetensors", "sd15.safetensors")}))
    assert both.named(Kind.CHECKPOINT, "a.safetensors") is not None
    known = painter(both)
    assert known is not None
    assert known.name == "sd15.safetensors"
    alone = painter(models_of(snapshot_with(models={"checkpoints": ("a.safetensors",)})))
    assert alone is not None
    assert alone.family is None
    assert painter(models_of(snapshot_with(models={}))) is None


def test_names_are_the_servers_own() -> None:
    found = models_of(snapshot_with(models={"loras": ("sub\\dog one.safetensors",)}))
    (lora,) = found.of(Kind.LORA)
    assert lora.name == "sub\\dog one.safetensors"
    assert lora.title == "dog one"
    assert lora.path.parts[0] == "loras"
    assert lora.place == "server"


def test_loras_say_their_words_and_what_they_were_made_for() -> None:
    tags = '{"10_dog": {"tomtc": 20, "grass": 3}}'
    metadata = {"ss_tag_frequency": tags, "ss_base_model_version": "sdxl_base_v1-0"}
    (lora,) = models_of(told("x.safetensors", metadata, "loras")).of(Kind.LORA)
    assert lora.trigger_words == ("tomtc",)
    assert lora.family is Family.SDXL


def test_a_loras_name_is_no_proof() -> None:
    (lora,) = models_of(
        snapshot_with(models={"loras": ("sd15_inpainting_tomtc.safetensors",)})
    ).models
    assert lora.family is None


def test_networks_alone_are_offered_where_their_parts_are_known_and_there() -> None:
    found = models_of(snapshot_with())
    flux = found.named(Kind.CHECKPOINT, "flux1-fill-dev.safetensors")
    assert flux is not None
    assert flux.catalog_id == "flux-fill"
    assert [each.part for each in parts_for(found, flux)] == ["clip-l", "t5-xxl", "flux"]
    sdxl = found.named(Kind.CHECKPOINT, "sdxl-inpainting.safetensors")
    assert sdxl is not None
    assert [each.name for each in parts_for(found, sdxl)] == [
        "clip_l.safetensors", "clip_g.safetensors", "sdxl_vae.safetensors",
    ]  # fmt: skip
    sd = found.named(Kind.CHECKPOINT, "sd-v1-5-inpainting.safetensors")
    assert sd is not None
    assert parts_for(found, sd) == ()


def test_networks_whose_parts_are_missing_are_known_and_not_used() -> None:
    models = {**snapshots.MODELS, "text_encoders": ("clip_l.safetensors",)}
    found = models_of(snapshot_with(models=models))
    assert {m.name for m in found.models if m.problem == "partial"} == set(
        snapshots.MODELS["diffusion_models"]
    )


def test_other_networks_alone_are_left_out() -> None:
    models = {"diffusion_models": ("wan2.1_14B.safetensors", "qwen_image.safetensors", "sd15.pt")}
    assert not models_of(snapshot_with(models=models)).models


def test_full_text_encoders_come_before_reduced_ones() -> None:
    files = ("t5xxl_fp8_e4m3fn.safetensors", "t5xxl_fp16.safetensors", "clip_l.safetensors")
    found = models_of(snapshot_with(models={**snapshots.MODELS, "text_encoders": files}))
    flux = found.named(Kind.CHECKPOINT, "flux1-dev.safetensors")
    assert flux is not None
    assert "t5xxl_fp16.safetensors" in [each.name for each in parts_for(found, flux)]


def test_what_packs_keep_for_themselves_is_one_model_each() -> None:
    found = models_of(snapshot_with(snapshots.LAMA, snapshots.PACKS["march"]))
    assert found.remover is not None
    assert found.remover.catalog_id == "big-lama"
    assert found.finder is not None
    assert found.finder.path.parts[0] == "sam3"
    core = {"checkpoints": ("sam3.1_multiplex_fp16.safetensors",)}
    own = models_of(snapshot_with(snapshots.DETECT, models=core))
    assert own.finder is not None
    assert own.finder.name == "sam3.1_multiplex_fp16.safetensors"
    assert models_of(snapshot_with(models=core)).finder is None
