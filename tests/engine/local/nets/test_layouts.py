"""Layouts of checkpoints as they are published: loaded right, or refused by name."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from diffusers.schedulers.scheduling_edm_euler import EDMEulerScheduler

from app.text.errors.explain import explain
from engine.errors import ModelUnreadable
from engine.local.nets.diffusion import latents
from engine.local.nets.diffusion.denoisers import Unet
from engine.local.nets.diffusion.prompts import PromptEmbedding
from engine.local.nets.diffusion.sample import levels_of
from engine.local.nets.diffusion.sigmas import schedule
from engine.models.families import Family, Kind
from engine.models.identify import identify
from tests.engine.local.nets import tiny
from tests.engine.local.nets.loading import Job, difference, load
from tests.support import model_files

UNET = "model.diffusion_model."
MEAN, SPREAD = (-1.6574, 1.886, -1.383, 2.5155), (8.4927, 5.9022, 6.5498, 5.2299)
PLAYGROUND = {"edm_mean": torch.tensor(MEAN)[None, :, None, None],
              "edm_std": torch.tensor(SPREAD)[None, :, None, None]}  # fmt: skip
COSXL = {"edm_vpred.sigma_max": torch.tensor(120.0), "edm_vpred.sigma_min": torch.tensor(0.002)}

Change = Callable[[tiny.Weights], tiny.Weights]


def with_these(more: tiny.Weights) -> Change:
    return lambda weights: weights | more


def refusal(path: Path, *given: Path) -> ModelUnreadable:
    """The loader's, whose reason is what the header's look found, and which has words."""
    found = identify(path)
    with pytest.raises(ModelUnreadable) as caught:
        load(path, *given)
    assert caught.value.path == path
    assert found.problem in ("", caught.value.reason)
    assert explain(caught.value).text
    return caught.value


# noise of other trainings


@pytest.mark.parametrize(
    ("markers", "settings"),
    [
        (PLAYGROUND, {"sigma_max": 80.0, "sigma_data": 0.5}),
        (COSXL, {"sigma_max": 120.0, "sigma_data": 1.0, "prediction_type": "v_prediction"}),
    ],
    ids=["playground", "cosxl"],
)
@torch.no_grad()
def test_edm_denoises_as_the_scheduler_of_diffusers(
    markers: tiny.Weights, settings: dict[str, float | str], tmp_path: Path
):
    file = tiny.write_file(tmp_path / "m.safetensors", Family.SDXL, change=with_these(markers))
    parts = load(file)
    levels = levels_of(parts)
    reference = EDMEulerScheduler(sigma_min=0.002, sigma_schedule="exponential", **settings)
    reference.set_timesteps(12)
    ours = schedule(levels, "exponential", "euler", steps=12)
    assert np.allclose(ours, reference.sigmas.numpy(), rtol=1e-5)

    torch.manual_seed(0)
    words = PromptEmbedding(torch.randn(1, 77, 2 * tiny.HIDDEN), torch.randn(1, tiny.HIDDEN))
    denoise = Unet(parts, levels, words, None, 1.0, batched=False, shown=None)
    for sigma in (0.01, 1.0, 30.0):
        x = torch.randn(1, 4, 16, 16) * sigma
        told = reference.precondition_noise(torch.tensor(sigma))
        assert levels.timestep(sigma) == pytest.approx(float(told), abs=1e-6)
        assert levels.sigma(levels.timestep(sigma)) == pytest.approx(sigma)
        answer = denoise._call(reference.precondition_inputs(x, sigma), float(told), words)
        expected = reference.precondition_outputs(x, answer, torch.tensor(sigma))
        assert torch.allclose(denoise(x, sigma), expected, atol=1e-4 * sigma, rtol=1e-4)


@torch.no_grad()
def test_latents_of_playground_have_a_mean_and_a_spread_of_their_own(tmp_path: Path):
    change = with_these(PLAYGROUND)
    parts = load(tiny.write_file(tmp_path / "m.safetensors", Family.SDXL, change=change))
    plain = load(tiny.write_sdxl(tmp_path / "p.safetensors"))
    torch.manual_seed(0)
    pixels = torch.rand(1, 3, 64, 64) * 2 - 1
    bare = latents.encode(plain, pixels, False, Job()) / plain.vae.config.scaling_factor
    mean, spread = (torch.tensor(values)[None, :, None, None] for values in (MEAN, SPREAD))
    found = latents.encode(parts, pixels, False, Job())
    assert torch.allclose(found, (bare - mean) * 0.5 / spread, atol=1e-5)
    back = latents.decode(parts, found, False, Job())
    assert torch.allclose(back, parts.vae.decode(bare).sample, atol=1e-4)


def test_folders_say_edm_in_their_scheduler(tmp_path: Path):
    folder = tiny.write_folder(
        tmp_path / "f", Family.SDXL, _class_name="EDMDPMSolverMultistepScheduler",
        sigma_min=0.002, sigma_max=80.0, sigma_data=0.5,
    )  # fmt: skip
    parts = load(folder)
    assert (parts.prediction, parts.sigma_range, parts.sigma_data) == ("edm", (0.002, 80.0), 0.5)
    assert float(levels_of(parts).sigmas[-1]) == pytest.approx(80.0)


@pytest.mark.parametrize("lonely", ["edm_mean", "edm_vpred.sigma_min"])
def test_half_a_marker_is_not_understood(lonely: str, tmp_path: Path):
    change = with_these({lonely: torch.ones(4)})
    found = refusal(tiny.write_file(tmp_path / "m.safetensors", Family.SDXL, change=change))
    assert (found.reason, found.detail) == ("unknown", lonely)


# what stands beside the networks, and inside of them


def test_leftovers_of_training_are_harmless(tmp_path: Path):
    leftovers = {"betas": torch.zeros(1000), "logvar": torch.zeros(1000), "model_ema.decay":
                 torch.ones(()), "model_ema.diffusion_modelout2weight": torch.ones(4),
                 "denoiser.sigmas": torch.ones(1000)}  # fmt: skip
    plain = load(tiny.write_sd15(tmp_path / "p.safetensors"))
    change = with_these(leftovers)
    file = tiny.write_file(tmp_path / "m.safetensors", Family.SD15, change=change)
    assert identify(file).unused == ()
    assert difference(load(file), plain) == 0.0


def test_another_network_beside_is_named_and_not_used(tmp_path: Path):
    more = with_these({"control_model.x.weight": torch.ones(3), "other": torch.ones(2)})
    file = tiny.write_file(tmp_path / "m.safetensors", Family.SD15, change=more)
    assert identify(file).unused == ("control_model", "other")
    load(file)


@pytest.mark.parametrize(
    "name",
    [f"{UNET}input_blocks.0.0.lora_a", f"{UNET}middle_block.7.weight",
     "first_stage_model.decoder.extra.weight", "first_stage_model.std",
     "cond_stage_model.transformer.text_model.encoder.layers.0.adapter.weight"],
)  # fmt: skip
def test_a_tensor_within_a_network_that_nothing_uses_is_refused(name: str, tmp_path: Path):
    more = with_these({name: torch.ones(3)})
    found = refusal(tiny.write_file(tmp_path / "m.safetensors", Family.SD15, change=more))
    assert found.reason == "unknown"
    assert name.rpartition("model.")[2].rpartition("embeddings.")[2][-10:] in found.detail


def test_the_same_in_flux_in_its_parts_and_in_folders(tmp_path: Path):
    parts = tiny.write_flux_parts(tmp_path / "p")
    more = with_these({"double_blocks.0.img_gate.weight": torch.ones(2)})
    file = tiny.write_file(tmp_path / "m.safetensors", Family.FLUX_DEV, change=more)
    assert refusal(file, *parts).reason == "unknown"
    plain = tiny.write_flux_dev(tmp_path / "n.safetensors")
    t5 = safetensors.torch.load_file(parts[-1])
    safetensors.torch.save_file(t5 | {"decoder.block.0.x": torch.ones(2)}, parts[-1])
    load(plain, *parts)  # T5 that writes, too
    safetensors.torch.save_file(t5 | {"encoder.block.0.scaled": torch.ones(2)}, parts[-1])
    with pytest.raises(ModelUnreadable, match=r"encoder\.block\.0\.scaled"):
        load(plain, *parts)
    folder = tiny.write_sd15(tmp_path / "folder")
    (unet,) = (folder / "unet").glob("*.safetensors")
    weights = safetensors.torch.load_file(unet) | {"conv_in.weight_scale": torch.ones(1)}
    safetensors.torch.save_file(weights, unet)
    assert refusal(folder).detail == "unet: conv_in.weight_scale"


@pytest.mark.parametrize(
    ("name", "what"),
    [("first_stage_model.decoder.conv_out.weight", "vae: decoder.conv_out.weight"),
     (f"{UNET}out.2.bias", "unet: conv_out.bias")],
)  # fmt: skip
def test_weights_that_are_no_numbers_are_refused(name: str, what: str, tmp_path: Path):
    def spoil(weights: tiny.Weights) -> tiny.Weights:
        spoiled = weights[name].clone()
        spoiled.view(-1)[0] = float("nan")
        return weights | {name: spoiled}

    file = tiny.write_file(tmp_path / "m.safetensors", Family.SD15, change=spoil)
    found = refusal(file)
    assert (found.reason, found.detail) == ("nan", what)
    folder = tiny.write_sd15(tmp_path / "folder")
    (vae,) = (folder / "vae").glob("*.safetensors")
    weights = safetensors.torch.load_file(vae)
    weights["decoder.conv_out.bias"] += float("inf")
    safetensors.torch.save_file(weights, vae)
    assert refusal(folder).reason == "nan"


# networks that are known and not used


def _widened(name: str, width: int) -> Change:
    def change(weights: tiny.Weights) -> tiny.Weights:
        shape = list(weights[name].shape)
        shape[1] = width
        return weights | {name: torch.zeros(shape)}

    return change


IMG_IN, FIRST = "img_in.weight", f"{UNET}input_blocks.0.0.weight"
REFUSED: dict[str, tuple[Family, Change]] = {
    "flux-control": (Family.FLUX_DEV, _widened(IMG_IN, 128)),
    "flux-kind": (Family.FLUX_DEV, _widened(IMG_IN, 96)),
    "schnell": (
        Family.FLUX_DEV,
        lambda weights: {n: t for n, t in weights.items() if not n.startswith("guidance_in")},
    ),
    "chroma": (
        Family.FLUX_DEV,
        with_these({"distilled_guidance_layer.in_proj.weight": torch.ones(1)}),
    ),
    "flux2": (
        Family.FLUX_DEV,
        with_these({"double_stream_modulation_img.lin.weight": torch.ones(1)}),
    ),
    "flux-redux": (
        Family.FLUX_DEV,
        lambda _: {"redux_up.weight": torch.ones(3, 2), "redux_down.weight": torch.ones(2, 3)},
    ),
    "pix2pix": (Family.SD15, _widened(FIRST, 8)),
    "sd-depth": (Family.SD21, _widened(FIRST, 5)),
    "ema": (
        Family.SD15,
        lambda weights: {
            "model_ema." + n.removeprefix("model.").replace(".", "") if n.startswith(UNET) else n: t
            for n, t in weights.items()
        },
    ),
    "partial": (
        Family.SD15,
        lambda weights: {n: t for n, t in weights.items() if not n.startswith("first_stage")},
    ),
}


@pytest.mark.parametrize("code", REFUSED)
def test_networks_that_are_not_used_are_refused_by_name(code: str, tmp_path: Path):
    family, change = REFUSED[code]
    file = tiny.write_file(tmp_path / "m.safetensors", family, change=change)
    found = identify(file)
    assert (found.kind, found.problem) == (Kind.CHECKPOINT, code)
    model_family = {"family": Family.FLUX_DEV if family.is_flux else family}
    with pytest.raises(ModelUnreadable) as caught:
        load(file, **model_family)
    assert caught.value.reason == code
    message = explain(caught.value)
    assert message.text != explain(ModelUnreadable(file, "damaged")).text
    assert message.next_step


@pytest.mark.parametrize("start", [UNET, ""])
def test_a_unet_alone_lacks_its_parts_under_either_name(start: str, tmp_path: Path):
    names = {n.replace(UNET, start): s for n, s in model_files.SDXL.items() if n.startswith(UNET)}
    found = identify(model_files.weights(tmp_path / "m.safetensors", names))
    assert (found.family, found.problem) == (Family.SDXL, "partial")
    assert found.detail == "vae, text_encoder"


# folders


@pytest.mark.parametrize(
    ("lost", "detail"),
    [("scheduler", "scheduler"), ("vae", "vae"), ("text_encoder", "text_encoder"),
     ("model_index.json", "model_index.json"), ("unet/config.json", "unet/config.json")],
)  # fmt: skip
def test_a_folder_says_what_it_lacks(lost: str, detail: str, tmp_path: Path):
    folder = tiny.write_sd15(tmp_path / "folder")
    gone = folder / lost
    gone.unlink() if gone.is_file() else shutil.rmtree(gone)
    found = identify(folder)
    assert (found.kind, found.problem, found.detail) == (Kind.CHECKPOINT, "partial", detail)
    with pytest.raises(ModelUnreadable) as caught:
        load(folder, family=Family.SD15)
    assert (caught.value.reason, caught.value.detail) == ("partial", detail)
    assert detail in explain(caught.value).text


def test_the_files_of_another_variant_are_read_where_they_stand_alone(tmp_path: Path):
    folder = tiny.write_folder(tmp_path / "f", Family.SD15, variant="non_ema")
    assert difference(load(folder), load(tiny.write_sd15(tmp_path / "m.safetensors"))) == 0.0


def test_folders_of_other_networks_are_refused_by_name(tmp_path: Path):
    folder = tiny.write_flux_dev(tmp_path / "f")
    config = folder / "transformer" / "config.json"
    known = json.loads(config.read_text())
    for change, problem in (
        ({"in_channels": 128}, "flux-control"),
        ({"guidance_embeds": False}, "schnell"),
        ({"_class_name": "QwenImageTransformer2DModel"}, "transformer-kind"),
    ):
        config.write_text(json.dumps(known | change))
        assert identify(folder).problem == problem
        with pytest.raises(ModelUnreadable):
            load(folder, family=Family.FLUX_DEV)


def test_errors_of_the_libraries_are_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object) -> None:
        raise NotImplementedError('"mul_cpu" not implemented for such a type')

    monkeypatch.setattr("engine.local.nets.loading.single_files._unet", broken)
    found = refusal(tiny.write_sd15(tmp_path / "m.safetensors"))
    assert found.reason == "library"
    assert "mul_cpu" in found.detail
