"""Nodes of latents: the pictures and masks that are painted on."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from engine.jobs.paint_settings import StartFrom
from engine.workflow.local import picture_nodes
from engine.workflow.local.inputs import NodeInputs
from engine.workflow.local.nodes.record import (
    CONDITIONING,
    IMAGE,
    LATENT,
    MASK,
    MAX_SIDE_PX,
    VAE,
    LocalNode,
    choice,
    flag,
    integer,
    integers,
    link,
    links,
    number,
)
from engine.workflow.local.photo import Photo
from engine.workflow.local.values import (
    ComputedPicture,
    DecodedPainting,
    Latent,
    Length,
    Prompt,
    Sampled,
    Vae,
    Value,
)

MAX_REPEATS = 8
GREY = 0x7F7F7F
_METHODS = ("nearest-exact", "bilinear", "area", "bicubic", "bislerp")
_TILES = integers(tile_size=512, overlap=64, temporal_size=64, temporal_overlap=8)


def _encode(inputs: NodeInputs) -> tuple[Value, ...]:
    return (Latent(pictures=inputs.pictures("pixels"), vae=inputs.linked("vae", (Vae,))),)


def _empty(inputs: NodeInputs) -> tuple[Value, ...]:
    """A picture of noise alone: grey under full noise."""
    sides = tuple(inputs.length(name, 16, MAX_SIDE_PX, 512) for name in ("width", "height"))
    grey = ComputedPicture(
        origin=inputs.origin, make=partial(picture_nodes.blank, colour=GREY), lengths=sides
    )
    latent = Latent(
        pictures=grey,
        vae=Vae(origin=inputs.origin),
        start=StartFrom.NOISE,
        repeats=inputs.integer("batch_size", 1, MAX_REPEATS, 1),
    )
    return (latent,)


def _upscale(inputs: NodeInputs) -> tuple[Value, ...]:
    """LatentUpscale: our engines enlarge the pixels, which blurs less than enlarging latents."""
    is_cropped = inputs.choice("crop", ("disabled", "center"), "disabled") == "center"
    sides = tuple(inputs.length(name, 0, MAX_SIDE_PX, 512) for name in ("width", "height"))
    make = partial(picture_nodes.scaled, method="bicubic", cropped=is_cropped)
    return (_resized(inputs, make, *sides),)


def _upscale_by(inputs: NodeInputs) -> tuple[Value, ...]:
    factor = inputs.number("scale_by", 0.01, 8, 1.5)
    return (_resized(inputs, partial(picture_nodes.scaled_by, factor=factor, method="bicubic")),)


def _resized(inputs: NodeInputs, make: Callable[..., Photo], *lengths: Length) -> Latent:
    found = pictures_of(inputs.linked("samples", (Latent, Sampled)))
    pictures = ComputedPicture(
        origin=inputs.origin, make=make, pictures=(found.pictures,), lengths=lengths
    )
    return replace(found, pictures=pictures)


def pictures_of(found: Latent | Sampled) -> Latent:
    """The latent; of an earlier sampler, its painting as the picture to start from."""
    if isinstance(found, Latent):
        return found
    first = replace(found.latent, start=StartFrom.ORIGINAL, repeats=1)
    return replace(first, pictures=DecodedPainting(sampled=found))


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
    latent = pictures_of(inputs.linked("samples", (Latent, Sampled)))
    return (replace(latent, masks=inputs.masks("mask"), growth_px=None),)


def _condition(inputs: NodeInputs) -> tuple[Value, ...]:
    """Without `noise_mask` ComfyUI repaints the whole picture; here the rest stays."""
    inputs.boolean("noise_mask", True)
    return conditioned(inputs)


def conditioned(inputs: NodeInputs) -> tuple[Prompt, Prompt, Latent]:
    """Prompts with the mask of an inpainting model, and the latent that it paints on."""
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
        name="VAEEncodeTiled", title="VAE Encode (Tiled)",
        inputs=(*links(pixels=IMAGE, vae=VAE), *_TILES), outputs=(LATENT,), build=_encode,
    ),
    *(
        LocalNode(
            name=name, title=title,
            inputs=integers(width=usual_px, height=usual_px, batch_size=1), outputs=(LATENT,),
            build=_empty,
        )
        for name, title, usual_px in (
            ("EmptyLatentImage", "Empty Latent Image", 512),
            ("EmptySD3LatentImage", "EmptySD3LatentImage", 1024),
        )
    ),
    LocalNode(
        name="LatentUpscale", title="Upscale Latent",
        inputs=(
            link("samples", LATENT), choice("upscale_method", *_METHODS),
            *integers(width=512, height=512), choice("crop", "disabled", "center"),
        ),
        outputs=(LATENT,), build=_upscale,
    ),
    LocalNode(
        name="LatentUpscaleBy", title="Upscale Latent By",
        inputs=(
            link("samples", LATENT), choice("upscale_method", *_METHODS), number("scale_by", 1.5),
        ),
        outputs=(LATENT,), build=_upscale_by,
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
        name="VAEDecodeTiled", title="VAE Decode (Tiled)",
        inputs=(*links(samples=LATENT, vae=VAE), *_TILES), outputs=(IMAGE,), build=_decode,
    ),
    LocalNode(
        name="VAEDecode", title="VAE Decode", inputs=links(samples=LATENT, vae=VAE),
        outputs=(IMAGE,), build=_decode,
    ),
)  # fmt: skip
