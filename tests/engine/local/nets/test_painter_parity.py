"""Where the meaning is the same, our loop gives what diffusers' pipeline gives."""

import dataclasses

import numpy as np
import pytest
import torch
from diffusers.image_processor import VaeImageProcessor
from PIL import Image as Pillow

from engine.jobs.operations import Paint
from engine.local.nets.components import PipelineComponents
from engine.local.nets.diffusion import latents, sample
from engine.local.nets.diffusion.cache import HostCache
from engine.local.nets.diffusion.conditioning import encode_conditioning
from engine.local.nets.diffusion.latents import pack, unpack
from engine.models.families import Family
from tests.engine.local.nets import pipelines
from tests.engine.local.nets.tiny_parts import HEIGHT, WIDTH, Job, operation, parts

pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


@torch.no_grad()
def walked(
    parts: PipelineComponents, op: Paint, *, hold: bool
) -> tuple[torch.Tensor, tuple[float, ...]]:
    """Our latents after the last step; `hold`: what may not change is put back in each step."""
    levels = sample.levels_of(parts)
    schedule = sample.schedule_of(levels, "euler", op.settings)
    conditioning = encode_conditioning(parts, op, False, Job())
    if not hold:
        conditioning = dataclasses.replace(conditioning, free=None)
    words = sample._words(parts, op, HostCache())
    network = sample._network(parts, op, levels, words, conditioning, True)
    colours = sample._colours(parts, op, conditioning, HostCache(), Job())
    return sample.sampled(
        network, levels, "euler", schedule, conditioning, op.seed, colours, Job()
    ), schedule


def noise_for(op: Paint) -> torch.Tensor:
    generator = torch.Generator("cpu").manual_seed(op.seed)
    return torch.randn((1, 4, HEIGHT // 8, WIDTH // 8), generator=generator)


SIZE = (HEIGHT // 8, WIDTH // 8)
HELD = (Family.SD15, Family.SDXL, Family.FLUX_DEV)  # the pipeline puts back what may not change
SEEN = (Family.SD15_INPAINT, Family.SD21_INPAINT, Family.SDXL_INPAINT, Family.FLUX_FILL)


@pytest.mark.parametrize("family", [*HELD, *SEEN, Family.FLUX_KONTEXT])
@pytest.mark.parametrize("strength", [0.5, 0.7])
def test_same_latents_as_the_pipeline(family: Family, strength: float):
    loaded = parts(family)
    op = operation(family, strength=strength, negative_prompt="blurry", scheduler="simple")
    ours, schedule = walked(loaded, op, hold=family not in SEEN)
    theirs = pipelines.latents(loaded, op, schedule, noise_for(op))
    if family.is_flux:
        theirs = unpack(theirs, *SIZE)
    assert ours.shape == theirs.shape == (1, 4, *SIZE)
    worst, largest = (ours - theirs).abs().max().item(), theirs.abs().max().item()
    assert worst < 2e-5 * largest


def test_flux_fill_from_pure_noise():
    loaded, op = parts(Family.FLUX_FILL), operation(Family.FLUX_FILL, scheduler="beta")
    ours, schedule = walked(loaded, op, hold=False)
    pipe = pipelines.made(loaded, schedule)
    start = pack(noise_for(op))
    theirs = pipe(
        prompt=op.settings.prompt, image=Pillow.fromarray(op.image),
        mask_image=Pillow.fromarray(op.mask), width=WIDTH, height=HEIGHT, latents=start,
        sigmas=list(schedule[:-1]), guidance_scale=op.settings.guidance, output_type="latent",
        max_sequence_length=256,
    ).images  # fmt: skip
    torch.testing.assert_close(ours, unpack(theirs, *SIZE), rtol=1e-4, atol=1e-5)


def test_the_picture_is_rounded_as_theirs():
    loaded, op = parts(Family.SD15), operation(Family.SD15)
    state = noise_for(op)
    with torch.no_grad():
        pixels = latents.decode(loaded, state, False, Job())
        theirs = loaded.vae.decode(state / loaded.vae.config.scaling_factor).sample
    expected = VaeImageProcessor().postprocess(theirs, output_type="pil")[0]
    np.testing.assert_array_equal(latents.image_of(pixels), np.asarray(expected))


def test_a_whole_picture_is_encoded_as_theirs():
    loaded, op = parts(Family.SD15), operation(Family.SD15)
    pixels = latents.pixels_of(op.image, loaded.device)
    theirs = VaeImageProcessor().preprocess(Pillow.fromarray(op.image))
    torch.testing.assert_close(pixels, theirs, rtol=0, atol=1e-6)
