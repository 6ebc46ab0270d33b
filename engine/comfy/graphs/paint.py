"""Painting by a prompt, with what a mask means the same as on this computer.

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
from engine.comfy.graphs.loaders import LoadedModels, loaded
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
    sketch = GraphBuilder(snapshot, Capability.INPAINT)
    model = loaded(sketch, operation.model, operation.parts, operation.loras)
    scene = _laid(sketch, operation, model)
    full = operation.settings.start_from is StartFrom.NOISE
    sampled = sketch.put(
        "sample",
        "KSampler",
        model=scene.network,
        positive=scene.words[0],
        negative=scene.words[1],
        latent_image=scene.latent,
        seed=operation.seed,
        steps=operation.settings.steps,
        cfg=1.0 if _is_flux(operation) else operation.settings.guidance,
        sampler_name=operation.settings.sampler,
        scheduler=operation.settings.scheduler,
        denoise=1.0 if full else operation.settings.strength,
    )
    pixels = sketch.put("decode", "VAEDecode", samples=sampled, vae=model.vae)
    sketch.put(RESULT, "PreviewImage", images=pixels)
    return sketch.plan(RESULT)


def read_painted(outputs: PlanOutputs, size: Size) -> Image:
    """The (h, w, 3) painted canvas, of the size of the operation's. Raises ServerBroken."""
    return only_picture(outputs, RESULT, size)


class _Scene(NamedTuple):
    """What the sampler is given."""

    network: Socket
    words: tuple[Socket, Socket]  # wanted, and to be avoided
    latent: Socket


def _laid(sketch: GraphBuilder, operation: Paint, model: LoadedModels) -> _Scene:
    words = _words(sketch, operation, model)
    family = operation.model.family
    if family is Family.FLUX_FILL:
        shown = _shown(sketch, operation, model, words, _hidden(operation))
        return _Scene(model.model, shown, _start(sketch, operation, model))
    hidden = cells(_hidden(operation))
    if operation.settings.start_from is StartFrom.NOISE:
        return _Scene(model.model, words, _greyed(sketch, operation, model, hidden))
    if family is None or family.is_inpainting:
        words = _shown(sketch, operation, model, words, hidden)
    latent = sketch.put(
        "free",
        "SetLatentNoiseMask",
        samples=_start(sketch, operation, model),
        mask=sketch.mask("mask", cells(operation.mask)),
    )
    return _Scene(sketch.put("soft", "DifferentialDiffusion", model=model.model), words, latent)


def _words(sketch: GraphBuilder, operation: Paint, model: LoadedModels) -> tuple[Socket, Socket]:
    settings = operation.settings
    prompt = sketch.put("prompt", "CLIPTextEncode", text=settings.prompt, clip=model.clip)
    if not _is_flux(operation):
        negative = sketch.put(
            "negative", "CLIPTextEncode", text=settings.negative_prompt, clip=model.clip
        )
        return prompt, negative
    negative = sketch.put("negative", "ConditioningZeroOut", conditioning=prompt)
    if operation.model.family is Family.FLUX_KONTEXT:
        seen = sketch.put("reference", "VAEEncode", pixels=_image(sketch, operation), vae=model.vae)
        prompt = sketch.put("look", "ReferenceLatent", conditioning=prompt, latent=seen)
    guided = sketch.put("guidance", "FluxGuidance", conditioning=prompt, guidance=settings.guidance)
    return guided, negative


def _shown(
    sketch: GraphBuilder,
    operation: Paint,
    model: LoadedModels,
    words: tuple[Socket, Socket],
    hidden: Mask,
) -> tuple[Socket, Socket]:
    """The mask, and the picture with grey under it, told to the network.

    The node's own latent is not taken: painting may start from another picture, and its noise mask
    would be this hard one.
    """
    shown = sketch.put(
        "show",
        "InpaintModelConditioning",
        positive=words[0],
        negative=words[1],
        vae=model.vae,
        pixels=_image(sketch, operation),
        mask=sketch.mask("hidden", hidden),
        noise_mask=False,
    )
    return shown, slot(shown, 1)


def _start(sketch: GraphBuilder, operation: Paint, model: LoadedModels) -> Socket:
    return sketch.put(
        "encode", "VAEEncode", pixels=sketch.image("start", operation.start), vae=model.vae
    )


def _greyed(sketch: GraphBuilder, operation: Paint, model: LoadedModels, hidden: Mask) -> Socket:
    return sketch.put(
        "encode",
        "VAEEncodeForInpaint",
        pixels=_image(sketch, operation),
        vae=model.vae,
        mask=sketch.mask("mask", hidden),
        grow_mask_by=0,
    )


def _image(sketch: GraphBuilder, operation: Paint) -> Socket:
    return sketch.image("image", operation.image)


def _hidden(operation: Paint) -> Mask:
    """What is grey: without a start all that may change, else nothing would be known of the rim."""
    least = 1 if operation.settings.start_from is StartFrom.NOISE else HALF
    return (operation.mask >= least) * np.uint8(255)


def cells(mask: Mask) -> Mask:
    """(h, w): each cell of a latent filled with its largest value. Sides are multiples of CELL."""
    height, width = mask.shape
    blocks = mask.reshape(height // CELL, CELL, width // CELL, CELL).max(axis=(1, 3))
    return np.repeat(np.repeat(blocks, CELL, axis=0), CELL, axis=1)


def _is_flux(operation: Paint) -> bool:
    return operation.model.family is not None and operation.model.family.is_flux
