"""Painting with tiny networks: what is kept, what is seen, what is said, and when it stops."""

import dataclasses
from unittest import mock

import numpy as np
import pytest
import torch

from engine.errors import Cancelled
from engine.jobs.paint_settings import MAX_SEED, SAMPLERS, SCHEDULERS, StartFrom
from engine.local.nets.diffusion import (
    conditioning as scenes,
)
from engine.local.nets.diffusion import (
    denoisers,
    latents,
)
from engine.local.nets.diffusion import (
    sample as painter,
)
from engine.local.nets.diffusion.cache import HostCache
from engine.local.nets.diffusion.sample import paint
from engine.models.families import Family
from tests.engine.local.nets.test_painter_parity import walked
from tests.engine.local.nets.tiny_parts import (
    FAMILIES,
    HEIGHT,
    PLAN,
    WIDTH,
    Job,
    box_mask,
    operation,
    own_parts,
    parts,
    picture,
)

HOLDING = [family for family in FAMILIES if family is not Family.FLUX_FILL]


def round_trip(loaded, image):
    """The picture through the VAE and back."""
    with torch.no_grad():
        state = latents.encode(loaded, latents.pixels_of(image, loaded.device), False, Job())
        return latents.image_of(latents.decode(loaded, state, False, Job()))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_paints_the_same_for_the_same_seed(family: Family):
    loaded, job = parts(family), Job()
    canvas = paint(loaded, operation(family), PLAN, job)
    assert canvas.image.shape == (HEIGHT, WIDTH, 3)
    assert canvas.image.dtype == np.uint8
    assert len(canvas.sigmas) == 4
    assert all(type(sigma) is float for sigma in canvas.sigmas)
    assert (canvas.device, canvas.precision, canvas.notes) == ("cpu", "fp32", ())
    assert [name.split()[0] for name in canvas.versions] == ["torch", "diffusers", "transformers"]
    again = paint(loaded, operation(family), PLAN, Job())
    np.testing.assert_array_equal(canvas.image, again.image)
    other = paint(loaded, operation(family, seed=MAX_SEED), PLAN, Job())
    assert (canvas.image != other.image).any()


@pytest.mark.parametrize("family", [Family.SD15, Family.FLUX_DEV])
def test_a_picture_for_each_step_and_progress_that_rises(family: Family):
    job = Job()
    paint(parts(family), operation(family, steps=5), PLAN, job)
    assert [step.shape for step in job.steps] == [(HEIGHT // 8, WIDTH // 8, 3)] * 5
    assert all(step.dtype == np.uint8 for step in job.steps)
    fractions = [fraction for fraction, _, _ in job.reports]
    assert fractions == sorted(fractions)
    notes = dict.fromkeys(note for _, note, _ in job.reports)
    assert list(notes) == ["prompt", "encode", "sample", "decode"]


@pytest.mark.parametrize("family", HOLDING)
def test_without_a_mask_nothing_changes(family: Family):
    loaded = parts(family)
    op = operation(family, mask=np.zeros((HEIGHT, WIDTH), np.uint8))
    np.testing.assert_array_equal(
        paint(loaded, op, PLAN, Job()).image, round_trip(loaded, op.start)
    )


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_latents_outside_the_mask_are_the_starts(sampler: str):
    loaded, op = parts(Family.SD15), operation(Family.SD15, sampler=sampler)
    with torch.no_grad():
        conditioning = scenes.encode_conditioning(loaded, op, False, Job())
    ends = []
    with mock.patch.object(latents, "decode", side_effect=latents.decode) as decode:
        paint(loaded, op, PLAN, Job())
    ends = decode.call_args.args[1]
    outside = (conditioning.free == 0).expand_as(ends)
    assert 0 < int(outside.sum()) < outside.numel()
    assert torch.equal(ends[outside], conditioning.start[outside])
    assert (ends[~outside] != conditioning.start[~outside]).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_no_strength_keeps_the_start(family: Family):
    loaded, op = parts(family), operation(family, strength=0.0)
    canvas = paint(loaded, op, PLAN, Job())
    assert canvas.sigmas == ()
    np.testing.assert_array_equal(canvas.image, round_trip(loaded, op.start))


def test_a_weak_strength_stays_near_the_start():
    loaded = parts(Family.SD15)
    with torch.no_grad():
        start = scenes.encode_conditioning(loaded, operation(Family.SD15), False, Job()).start
    weak, schedule = walked(loaded, operation(Family.SD15, strength=0.02), hold=True)
    strong, _ = walked(loaded, operation(Family.SD15, strength=0.9), hold=True)
    assert len(schedule) == 4
    assert schedule[0] < 0.25
    assert (weak - start).abs().mean() < 0.2 * (strong - start).abs().mean()


def _distance(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(float) - b.astype(float)).mean())


@pytest.mark.parametrize("family", [Family.SD15, Family.SDXL_INPAINT, Family.FLUX_DEV])
def test_stopped_within_one_step(family: Family):
    loaded = parts(family)
    with mock.patch.object(loaded.backbone, "forward", wraps=loaded.backbone.forward) as forward:
        with pytest.raises(Cancelled):
            paint(loaded, operation(family, steps=20, guidance=1.0), PLAN, Job(stop_after=2))
        assert forward.call_count == 3


@pytest.mark.parametrize("family", [Family.SD15, Family.SDXL])
def test_guidance_of_one_is_a_single_call(family: Family):
    loaded = parts(family)
    with mock.patch.object(loaded.backbone, "forward", wraps=loaded.backbone.forward) as forward:
        one = paint(loaded, operation(family, guidance=1.0), PLAN, Job())
        assert [len(call.args[0]) for call in forward.call_args_list] == [1, 1, 1]
    avoiding = operation(family, guidance=1.0, negative_prompt="blurry")
    np.testing.assert_array_equal(one.image, paint(loaded, avoiding, PLAN, Job()).image)


@pytest.mark.parametrize("family", [Family.SD15, Family.SDXL])
def test_both_prompts_at_once_or_one_after_the_other(family: Family):
    loaded, apart = parts(family), dataclasses.replace(PLAN, batched=False)
    op = operation(family, negative_prompt="blurry")
    with mock.patch.object(loaded.backbone, "forward", wraps=loaded.backbone.forward) as forward:
        together = paint(loaded, op, PLAN, Job()).image
        assert [len(call.args[0]) for call in forward.call_args_list] == [2] * 3
        forward.reset_mock()
        separate = paint(loaded, op, apart, Job()).image
        assert [len(call.args[0]) for call in forward.call_args_list] == [1] * 6
    assert np.abs(together.astype(int) - separate).max() <= 1
    plain = paint(loaded, operation(family), PLAN, Job()).image
    assert (plain != together).any()


def test_a_long_prompt_and_a_short_negative_one():
    loaded = parts(Family.SD15)
    op = operation(Family.SD15, prompt="tree " * 100, negative_prompt="blurry")
    apart = dataclasses.replace(PLAN, batched=False)
    np.testing.assert_array_equal(
        paint(loaded, op, PLAN, Job()).image, paint(loaded, op, apart, Job()).image
    )


def test_sdxl_is_told_the_size_of_the_canvas():
    loaded = parts(Family.SDXL)
    with mock.patch.object(loaded.backbone, "forward", wraps=loaded.backbone.forward) as forward:
        paint(loaded, operation(Family.SDXL), PLAN, Job())
    told = forward.call_args.kwargs["added_cond_kwargs"]["time_ids"]
    assert told.tolist() == [[HEIGHT, WIDTH, 0, 0, HEIGHT, WIDTH]] * 2


@pytest.mark.parametrize("family", [f for f in FAMILIES if f is not Family.FLUX_KONTEXT])
def test_from_nothing_what_was_under_the_mask_does_not_matter(family: Family):
    """Also where the mask is soft; and it is painted at full strength."""
    loaded, mask = parts(family), box_mask()
    mask[:, 48:] //= 3
    other = np.where(mask[..., None] > 0, picture(5), picture())
    nothing = {"start_from": StartFrom.NOISE, "strength": 0.3, "mask": mask}
    one = paint(loaded, operation(family, **nothing), PLAN, Job())
    two = paint(loaded, operation(family, image=other, start=other, **nothing), PLAN, Job())
    np.testing.assert_array_equal(one.image, two.image)
    assert one.sigmas[0] == pytest.approx(painter.levels_of(loaded).sigmas.max())


@pytest.mark.parametrize("family", [Family.SD15_INPAINT, Family.SDXL_INPAINT, Family.FLUX_FILL])
def test_networks_that_see_the_mask_see_grey_under_it(family: Family):
    """They see what is around, and the start under noise; never the original in the hole."""
    loaded = parts(family)
    other = np.where(box_mask()[..., None] > 0, picture(5), picture())
    outside = np.where(box_mask()[..., None] > 0, picture(), picture(5))
    first = paint(loaded, operation(family), PLAN, Job()).image
    inside = paint(loaded, operation(family, image=other), PLAN, Job()).image
    np.testing.assert_array_equal(first, inside)
    around = paint(loaded, operation(family, image=outside), PLAN, Job()).image
    assert (first != around).any()


def test_kontext_looks_at_the_picture():
    loaded = parts(Family.FLUX_KONTEXT)
    first = paint(loaded, operation(Family.FLUX_KONTEXT), PLAN, Job()).image
    with mock.patch.object(loaded.backbone, "forward", wraps=loaded.backbone.forward) as forward:
        other = paint(loaded, operation(Family.FLUX_KONTEXT, image=picture(5)), PLAN, Job())
    assert (first != other.image).any()
    places = forward.call_args.kwargs["img_ids"]
    count = (HEIGHT // 16) * (WIDTH // 16)
    assert places.shape == (2 * count, 3)
    assert places[:, 0].tolist() == [0.0] * count + [1.0] * count
    assert places[count - 1].tolist() == [0.0, HEIGHT // 16 - 1, WIDTH // 16 - 1]


def test_half_a_mask_is_held_for_half_of_the_time():
    """Differential diffusion, by ComfyUI's thresholds; what is 0 is held to the end."""
    loaded = parts(Family.SD15)
    levels = painter.levels_of(loaded)
    start, noise = torch.full((1, 4, 1, 4), 5.0), torch.zeros(1, 4, 1, 4)
    free = torch.tensor([1.0, 0.51, 0.26, 0.0]).view(1, 1, 1, 4)
    conditioning = scenes.PaintConditioning(
        start=start, start_pixels=noise, free=free, shown=None, reference=None
    )
    schedule = painter.sigmas.schedule(levels, "normal", "euler", steps=5)  # 999, 749.25 ... 0
    seen = []

    def network(x: torch.Tensor, sigma: float) -> torch.Tensor:
        seen.append((x[0, 0, 0] != 5.0).tolist())
        return torch.zeros_like(x)

    denoise = denoisers.masked_denoiser(network, levels, conditioning, noise, schedule)
    results = [denoise(torch.ones(1, 4, 1, 4), sigma)[0, 0, 0].tolist() for sigma in schedule[:-1]]
    assert seen == [
        [True, False, False, False],
        [True, False, False, False],
        [True, True, False, False],
        [True, True, True, False],
        [True, True, True, False],
    ]
    assert results[0] == [0.0, 5.0, 5.0, 5.0]
    assert results[-1] == [0.0, 0.0, 0.0, 5.0]


def test_encoders_run_for_new_prompts_only():
    loaded, cache = parts(Family.SDXL), HostCache()
    op = operation(Family.SDXL, negative_prompt="blurry")
    encoder = loaded.text_encoders[1]
    with mock.patch.object(encoder, "forward", wraps=encoder.forward) as forward:
        first = paint(loaded, op, PLAN, Job(), cache=cache)
        assert forward.call_count == 2
        again = paint(loaded, dataclasses.replace(op, seed=7), PLAN, Job(), cache=cache)
        assert forward.call_count == 2
        settings = dataclasses.replace(op.settings, prompt="a blue truck")
        paint(loaded, dataclasses.replace(op, settings=settings), PLAN, Job(), cache=cache)
        assert forward.call_count == 3
        loaded.adapters["dog"] = 0.5
        paint(loaded, op, PLAN, Job(), cache=cache)
        assert forward.call_count == 5
    np.testing.assert_array_equal(first.image, again.image)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_flux_takes_euler_for_samplers_that_have_no_flow(sampler: str):
    canvas = paint(parts(Family.FLUX_DEV), operation(Family.FLUX_DEV, sampler=sampler), PLAN, Job())
    fits = sampler in ("euler", "ddim", "heun", "dpmpp_2m", "res_multistep")
    assert canvas.notes == (() if fits else ("sampler_flow",))
    assert len(canvas.sigmas) == 4


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
def test_predictions_of_noise_and_of_velocity(prediction: str, scheduler: str):
    """A network that answers from the known noise: both kinds lead back to the picture."""
    loaded = parts(Family.SD15, prediction=prediction)
    op = operation(
        Family.SD15, guidance=1.0, scheduler=scheduler, mask=np.full_like(box_mask(), 255)
    )
    with torch.no_grad():
        start = scenes.encode_conditioning(loaded, op, False, Job()).start
    levels = painter.levels_of(loaded)

    def forward(seen, time, **kwargs):
        sigma = float(levels.sigmas[int(time)])
        noise = (seen * (1 + sigma**2) ** 0.5 - start) / sigma
        size = (1 + sigma**2) ** 0.5
        answer = noise if prediction == "epsilon" else (noise - sigma * start) / size
        return (answer,)

    with mock.patch.object(loaded.backbone, "forward", forward):
        ends, _ = walked(loaded, op, hold=True)
    # the network is told whole training steps: levels between them are off by up to half a step
    assert (ends - start).abs().max() < 0.06


@pytest.mark.parametrize("family", [Family.SDXL_INPAINT, Family.FLUX_FILL])
def test_half_precision(family: Family):
    """The VAE may have another precision than the rest."""
    loaded, op = own_parts(family, dtype=torch.bfloat16), operation(family, steps=1)
    for net in (loaded.backbone, *loaded.text_encoders):
        net.to(torch.bfloat16)
    canvas = paint(loaded, op, PLAN, Job())
    assert canvas.precision == "bf16"
    assert _distance(canvas.image, paint(parts(family), op, PLAN, Job()).image) < 12.0


def test_no_vae_runs_in_fp16():
    loaded = own_parts(Family.SDXL)
    loaded.vae.to(torch.float16)
    paint(loaded, operation(Family.SDXL), PLAN, Job())
    assert loaded.vae.dtype is torch.float32


def test_offloaded_networks():
    """With accelerate's hooks in place: modules run where they are sent."""
    from accelerate import cpu_offload_with_hook

    loaded = own_parts(Family.SDXL)
    op = operation(Family.SDXL)
    plain = paint(loaded, op, PLAN, Job()).image
    before = None
    for net in (*loaded.text_encoders, loaded.backbone, loaded.vae):
        _, before = cpu_offload_with_hook(net, loaded.device, prev_module_hook=before)
    np.testing.assert_array_equal(plain, paint(loaded, op, PLAN, Job()).image)


def test_a_crop_is_encoded_once_for_all_its_variants(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded, cache, seen = parts(Family.SD15_INPAINT), HostCache(), []
    encode = latents.encode

    def counted(*given):
        seen.append(given[1])
        return encode(*given)

    monkeypatch.setattr(latents, "encode", counted)
    op = operation(Family.SD15_INPAINT)
    first = paint(loaded, op, PLAN, Job(), cache=cache)
    count = len(seen)
    again = paint(loaded, dataclasses.replace(op, seed=op.seed + 1), PLAN, Job(), cache=cache)
    assert len(seen) == count
    assert not np.array_equal(first.image, again.image)
    fresh = paint(loaded, dataclasses.replace(op, seed=op.seed + 1), PLAN, Job())
    assert np.array_equal(fresh.image, again.image)  # to the byte what it is without it
    moved = dataclasses.replace(op, start=255 - op.start, image=255 - op.image)
    paint(loaded, moved, PLAN, Job(), cache=cache)
    assert len(seen) > count
