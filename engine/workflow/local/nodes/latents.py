"""Nodes of latents: the pictures and masks that are painted on."""

from dataclasses import replace

from engine.jobs.paint_settings import StartFrom
from engine.workflow.local.inputs import NodeInputs
from engine.workflow.local.nodes.record import (
    CONDITIONING,
    IMAGE,
    LATENT,
    MASK,
    VAE,
    LocalNode,
    flag,
    integer,
    link,
    links,
)
from engine.workflow.local.values import DecodedPainting, Latent, Prompt, Sampled, Vae, Value

MAX_REPEATS = 8


def _encode(inputs: NodeInputs) -> tuple[Value, ...]:
    return (Latent(pictures=inputs.pictures("pixels"), vae=inputs.linked("vae", (Vae,))),)


def _encode_for_inpaint(inputs: NodeInputs) -> tuple[Value, ...]:
    """VAEEncodeForInpaint greys the masked area: painting starts from noise."""
    latent = Latent(
        pictures=inputs.pictures("pixels"),
        vae=inputs.linked("vae", (Vae,)),
        masks=inputs.masks("mask"),
        growth_px=inputs.integer("grow_mask_by", 0, 64, 6),
        start=StartFrom.NOISE,
    )
    return (latent,)


def _noise_mask(inputs: NodeInputs) -> tuple[Value, ...]:
    latent = inputs.linked("samples", (Latent,))
    return (replace(latent, masks=inputs.masks("mask"), growth_px=None),)


def _condition(inputs: NodeInputs) -> tuple[Value, ...]:
    """Without `noise_mask` ComfyUI repaints the whole picture; here the rest stays."""
    inputs.boolean("noise_mask", True)
    masks = inputs.masks("mask")
    pictures, vae = inputs.pictures("pixels"), inputs.linked("vae", (Vae,))
    positive, negative = (inputs.linked(name, (Prompt,)) for name in ("positive", "negative"))
    return (
        replace(positive, masks=masks),
        replace(negative, masks=masks),
        Latent(pictures=pictures, vae=vae, masks=masks),
    )


def _repeat(inputs: NodeInputs) -> tuple[Value, ...]:
    latent = inputs.linked("samples", (Latent,))
    amount = inputs.integer("amount", 1, MAX_REPEATS, 1)
    return (replace(latent, repeats=latent.repeats * amount),)


def _decode(inputs: NodeInputs) -> tuple[Value, ...]:
    inputs.linked("vae", (Vae,))
    return (DecodedPainting(sampled=inputs.linked("samples", (Sampled,))),)


LATENT_NODES = (
    LocalNode(
        name="VAEEncode", title="VAE Encode", inputs=links(pixels=IMAGE, vae=VAE),
        outputs=(LATENT,), build=_encode,
    ),
    LocalNode(
        name="VAEEncodeForInpaint",
        title="VAE Encode (for Inpainting)",
        inputs=(*links(pixels=IMAGE, vae=VAE, mask=MASK), integer("grow_mask_by", 6)),
        outputs=(LATENT,),
        build=_encode_for_inpaint,
    ),
    LocalNode(
        name="SetLatentNoiseMask", title="Set Latent Noise Mask",
        inputs=links(samples=LATENT, mask=MASK), outputs=(LATENT,), build=_noise_mask,
    ),
    LocalNode(
        name="InpaintModelConditioning",
        title="InpaintModelConditioning",
        inputs=(
            *links(positive=CONDITIONING, negative=CONDITIONING, vae=VAE, pixels=IMAGE, mask=MASK),
            flag("noise_mask", True),
        ),
        outputs=(CONDITIONING, CONDITIONING, LATENT),
        build=_condition,
    ),
    LocalNode(
        name="RepeatLatentBatch", title="Repeat Latent Batch",
        inputs=(link("samples", LATENT), integer("amount", 1)), outputs=(LATENT,), build=_repeat,
    ),
    LocalNode(
        name="VAEDecode", title="VAE Decode", inputs=links(samples=LATENT, vae=VAE),
        outputs=(IMAGE,), build=_decode,
    ),
)  # fmt: skip
