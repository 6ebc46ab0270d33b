"""diffusers' pipelines around the networks of a Parts, on a list of levels of ours.

They draw the noise that they are given, and begin below the highest level, where they add it to
the picture's latents as we do.
"""

from collections.abc import Sequence
from typing import Any
from unittest import mock

import diffusers
import torch
from PIL import Image as Pillow

from engine.jobs.operations import Paint
from engine.local.nets.components import PipelineComponents
from engine.models.families import Family
from tests.engine.local.nets.diffusers_samplers import TRAINED, with_sigmas

_SD = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}


def made(parts: PipelineComponents, levels: Sequence[float]) -> Any:
    """The pipeline that fits the family, its scheduler on these levels."""
    names = {"unet": parts.backbone, "vae": parts.vae, "tokenizer": parts.tokenizers[0]}
    names |= {"text_encoder": parts.text_encoders[0]}
    if parts.family.is_flux:
        names["transformer"] = names.pop("unet")
    if len(parts.text_encoders) == 2:
        names |= {"tokenizer_2": parts.tokenizers[1], "text_encoder_2": parts.text_encoders[1]}
    if parts.family.is_flux:
        kind = {
            Family.FLUX_DEV: diffusers.FluxInpaintPipeline,
            Family.FLUX_FILL: diffusers.FluxFillPipeline,
            Family.FLUX_KONTEXT: diffusers.FluxKontextInpaintPipeline,
        }[parts.family]
        names["scheduler"] = diffusers.FlowMatchEulerDiscreteScheduler()
    else:
        names["scheduler"] = with_sigmas(
            diffusers.EulerDiscreteScheduler(**TRAINED, steps_offset=1), levels
        )
        if parts.family.base == "sdxl":
            kind, names["force_zeros_for_empty_prompt"] = (
                diffusers.StableDiffusionXLInpaintPipeline, False
            )  # fmt: skip
        else:
            kind, names = diffusers.StableDiffusionInpaintPipeline, names | _SD
    pipe = kind(**names)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def latents(
    parts: PipelineComponents, op: Paint, walk: Sequence[float], noise: torch.Tensor
) -> torch.Tensor:
    """What the pipeline has after its last step, as it has it."""
    levels = [walk[0] * 1.01, *walk]  # it leaves out the first of them, by its strength
    pipe = made(parts, levels)
    steps = len(levels) - 1
    rounded = -1e-6 if parts.family.is_flux else 1e-6  # each cuts to whole steps in its own way
    given: dict[str, Any] = {
        "prompt": op.settings.prompt,
        "image": Pillow.fromarray(op.start),
        "mask_image": Pillow.fromarray(op.mask),
        "width": op.image.shape[1],
        "height": op.image.shape[0],
        "strength": (steps - 1) / steps + rounded,
        "num_inference_steps": steps,
        "guidance_scale": op.settings.guidance,
        "output_type": "latent",
    }
    if parts.family.is_flux:
        given |= {"sigmas": levels[:-1], "max_sequence_length": 256}
    else:
        given["negative_prompt"] = op.settings.negative_prompt
    if parts.family is Family.FLUX_KONTEXT:
        given |= {"_auto_resize": False, "max_area": op.mask.size}
    module = type(pipe).__module__
    with mock.patch(f"{module}.randn_tensor", return_value=noise):
        return pipe(**given).images
