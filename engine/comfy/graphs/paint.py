"""Builds the graph that paints by a prompt; a mask means the same as in `engine.local`.

Three ways, after what the network sees (nets.diffusion.conditioning is the other half):
  nothing to start from: VAEEncodeForInpaint, grey under the mask and full noise;
  networks that see the mask: InpaintModelConditioning shows it, and grey under it;
  the others: SetLatentNoiseMask alone.
In the latter two DifferentialDiffusion lets soft masks change later. Masks are sent in cells of a
latent each, the most that any pixel of it may change: so they arrive unblurred.
"""

from typing import NamedTuple

import numpy as np

from engine.comfy.graphs.builder import GraphBuilder, Socket, slot
from engine.comfy.graphs.loaders import LoadedModels, load_models
from engine.comfy.prompt_plan import Plan, PlanOutputs
from engine.comfy.protocol.images import only_picture
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.geometry import Image, Mask, Size
from engine.jobs.backend import Capability
from engine.jobs.operations import Paint
from engine.jobs.paint_settings import StartFrom
from engine.models.families import Family

GRID = 16  # sides are multiples of it: VAEs cut off what is over
CELL = 8  # pixels to a latent, each way
HALF = 128  # from here on a pixel is hidden from networks that see the mask
RESULT = "result"


def paint(operation: Paint, snapshot: ServerSnapshot) -> Plan:
    """The whole canvas painted: mixing is done by who asked. Raises ServerLacks.

    `operation.parts` are the server's, as `server_models` names them. A model of unknown family
    is shown the mask: one that cannot see it does not mind.
    """
    size = Size.of(operation.image)
    assert size.width % GRID == size.height % GRID == 0, size
    builder = GraphBuilder(snapshot, Capability.INPAINT)
    model = load_models(builder, operation.model, operation.parts, operation.loras)
    inputs = _sampler_inputs(builder, operation, model)
    full = operation.settings.start_from is StartFrom.NOISE
    sampled = builder.put(
        "sample",
        "KSampler",
        model=inputs.network,
        positive=inputs.conditioning[0],
        negative=inputs.conditioning[1],
        latent_image=inputs.latent,
        seed=operation.seed,
        steps=operation.settings.steps,
        cfg=1.0 if _is_flux(operation) else operation.settings.guidance,
        sampler_name=operation.settings.sampler,
        scheduler=operation.settings.scheduler,
        denoise=1.0 if full else operation.settings.strength,
    )
    pixels = builder.put("decode", "VAEDecode", samples=sampled, vae=model.vae)
    builder.put(RESULT, "PreviewImage", images=pixels)
    return builder.plan(RESULT)


def read_painted(outputs: PlanOutputs, size: Size) -> Image:
    """The (h, w, 3) painted canvas, of the size of the operation's. Raises ServerBroken."""
    return only_picture(outputs, RESULT, size)


class _SamplerInputs(NamedTuple):
    """The inputs of the sampler."""

    network: Socket
    conditioning: tuple[Socket, Socket]  # wanted, and to be avoided
    latent: Socket


def _sampler_inputs(builder: GraphBuilder, operation: Paint, model: LoadedModels) -> _SamplerInputs:
    words = _conditioning(builder, operation, model)
    family = operation.model.family
    if family is Family.FLUX_FILL:
        shown = _inpaint_conditioning(builder, operation, model, words, _hidden_mask(operation))
        return _SamplerInputs(model.model, shown, _start_latent(builder, operation, model))
    hidden = cells(_hidden_mask(operation))
    if operation.settings.start_from is StartFrom.NOISE:
        return _SamplerInputs(model.model, words, _grey_latent(builder, operation, model, hidden))
    if family is None or family.is_inpainting:
        words = _inpaint_conditioning(builder, operation, model, words, hidden)
    latent = builder.put(
        "free",
        "SetLatentNoiseMask",
        samples=_start_latent(builder, operation, model),
        mask=builder.mask("mask", cells(operation.mask)),
    )
    return _SamplerInputs(
        builder.put("soft", "DifferentialDiffusion", model=model.model), words, latent
    )


def _conditioning(
    builder: GraphBuilder, operation: Paint, model: LoadedModels
) -> tuple[Socket, Socket]:
    settings = operation.settings
    prompt = builder.put("prompt", "CLIPTextEncode", text=settings.prompt, clip=model.clip)
    if not _is_flux(operation):
        negative = builder.put(
            "negative", "CLIPTextEncode", text=settings.negative_prompt, clip=model.clip
        )
        return prompt, negative
    negative = builder.put("negative", "ConditioningZeroOut", conditioning=prompt)
    if operation.model.family is Family.FLUX_KONTEXT:
        seen = builder.put(
            "reference", "VAEEncode", pixels=_image(builder, operation), vae=model.vae
        )
        prompt = builder.put("look", "ReferenceLatent", conditioning=prompt, latent=seen)
    guided = builder.put(
        "guidance", "FluxGuidance", conditioning=prompt, guidance=settings.guidance
    )
    return guided, negative


def _inpaint_conditioning(
    builder: GraphBuilder,
    operation: Paint,
    model: LoadedModels,
    words: tuple[Socket, Socket],
    hidden: Mask,
) -> tuple[Socket, Socket]:
    """The mask, and the picture with grey under it, told to the network.

    The node's own latent is not taken: painting may start from another picture, and its noise mask
    would be this hard one.
    """
    shown = builder.put(
        "show",
        "InpaintModelConditioning",
        positive=words[0],
        negative=words[1],
        vae=model.vae,
        pixels=_image(builder, operation),
        mask=builder.mask("hidden", hidden),
        noise_mask=False,
    )
    return shown, slot(shown, 1)


def _start_latent(builder: GraphBuilder, operation: Paint, model: LoadedModels) -> Socket:
    return builder.put(
        "encode", "VAEEncode", pixels=builder.image("start", operation.start), vae=model.vae
    )


def _grey_latent(
    builder: GraphBuilder, operation: Paint, model: LoadedModels, hidden: Mask
) -> Socket:
    return builder.put(
        "encode",
        "VAEEncodeForInpaint",
        pixels=_image(builder, operation),
        vae=model.vae,
        mask=builder.mask("mask", hidden),
        grow_mask_by=0,
    )


def _image(builder: GraphBuilder, operation: Paint) -> Socket:
    return builder.image("image", operation.image)


def _hidden_mask(operation: Paint) -> Mask:
    """The mask (H, W) of grey pixels: without a start picture all that may change."""
    least = 1 if operation.settings.start_from is StartFrom.NOISE else HALF
    return (operation.mask >= least) * np.uint8(255)


def cells(mask: Mask) -> Mask:
    """(h, w): each cell of a latent filled with its largest value. Sides are multiples of CELL."""
    height, width = mask.shape
    blocks = mask.reshape(height // CELL, CELL, width // CELL, CELL).max(axis=(1, 3))
    return np.repeat(np.repeat(blocks, CELL, axis=0), CELL, axis=1)


def _is_flux(operation: Paint) -> bool:
    return operation.model.family is not None and operation.model.family.is_flux
