"""Nodes of the packs Inpaint Crop and Stitch, and inpaint-nodes.

Our engines paint in crops around the masks anyhow: a crop node passes the picture on whole, and the
painting comes back in its place, so that nothing is left to stitch.
"""

from functools import partial

from engine.workflow.local import mask_nodes
from engine.workflow.local.inputs import NodeInputs
from engine.workflow.local.nodes.latents import conditioned
from engine.workflow.local.nodes.masks import MAX_GROWTH_PX
from engine.workflow.local.nodes.record import (
    CONDITIONING,
    IMAGE,
    LATENT,
    MASK,
    VAE,
    LocalNode,
    choice,
    file,
    flag,
    integer,
    integers,
    link,
    links,
    number,
    optional,
    seed,
)
from engine.workflow.local.values import (
    ComputedMask,
    Grown,
    Inverted,
    LamaModel,
    Masks,
    RemovedPicture,
    Stitcher,
    Value,
)

_STITCHER = "STITCHER"
_SCALING = ("nearest", "bilinear", "bicubic", "lanczos", "box", "hamming")
_PRERESIZE = tuple(
    f"ensure {which} resolution" for which in ("minimum", "maximum", "minimum and maximum")
)


def _crop(inputs: NodeInputs) -> tuple[Value, ...]:
    """The whole picture and its mask, grown as the node says; sizes of crops are our engines'."""
    for name in ("preresize", "extend_for_outpainting"):
        if inputs.boolean(name, False):
            raise inputs.refuse(name)
    pictures = inputs.pictures("image")
    return Stitcher(pictures=pictures), pictures, _crop_mask(inputs)


def _crop_mask(inputs: NodeInputs) -> Masks:
    floor = inputs.number("mask_hipass_filter", 0, 1, 0.1)
    make = partial(
        mask_nodes.cleaned_mask, floor=floor, filled=inputs.boolean("mask_fill_holes", True)
    )
    found: Masks = ComputedMask(origin=inputs.origin, make=make, masks=(inputs.masks("mask"),))
    if growth_px := inputs.integer("mask_expand_pixels", 0, MAX_GROWTH_PX, 0):
        found = Grown(masks=found, growth_px=growth_px, tapered=False)
    return Inverted(masks=found) if inputs.boolean("mask_invert", False) else found


def _stitch(inputs: NodeInputs) -> tuple[Value, ...]:
    inputs.linked("stitcher", (Stitcher,))
    return (inputs.pictures("inpainted_image"),)


def _load_remover(inputs: NodeInputs) -> tuple[Value, ...]:
    return (LamaModel(name=inputs.text("model_name", "")),)


def _remove(inputs: NodeInputs) -> tuple[Value, ...]:
    inputs.linked("inpaint_model", (LamaModel,))
    removed = RemovedPicture(
        origin=inputs.origin,
        pictures=inputs.pictures("image"),
        masks=inputs.masks("mask"),
        radius_px=0,
        threshold=127,
        inverted=False,
    )
    return (removed,)


def _condition(inputs: NodeInputs) -> tuple[Value, ...]:
    positive, negative, latent = conditioned(inputs)
    return positive, negative, latent, latent


def _expand(inputs: NodeInputs) -> tuple[Value, ...]:
    grown = Grown(
        masks=inputs.masks("mask"),
        growth_px=inputs.integer("grow", 0, MAX_GROWTH_PX, 16),
        tapered=False,
    )
    radius_px = inputs.integer("blur", 0, MAX_GROWTH_PX, 7)
    blurred = ComputedMask(
        origin=inputs.origin,
        make=partial(mask_nodes.blurred_mask, radius_px=radius_px),
        masks=(grown,),
    )
    return (blurred if radius_px > 1 else grown,)


CROP_NODES = (
    LocalNode(
        name="InpaintCropImproved",
        title="Inpaint Crop",
        inputs=(
            link("image", IMAGE),
            choice("downscale_algorithm", *_SCALING, default="bilinear"),
            choice("upscale_algorithm", *_SCALING, default="bicubic"),
            flag("preresize", False),
            choice("preresize_mode", *_PRERESIZE),
            *integers(preresize_min_width=1024, preresize_min_height=1024),
            *integers(preresize_max_width=16384, preresize_max_height=16384),
            flag("mask_fill_holes", True),
            integer("mask_expand_pixels", 0),
            flag("mask_invert", False),
            integer("mask_blend_pixels", 32),
            number("mask_hipass_filter", 0.1),
            flag("extend_for_outpainting", False),
            *(number(f"extend_{side}_factor", 1.0) for side in ("up", "down", "left", "right")),
            number("context_from_mask_extend_factor", 1.2),
            flag("output_resize_to_target_size", True),
            *integers(output_target_width=512, output_target_height=512),
            choice("output_padding", default="32"),
            choice("device_mode", default="gpu (much faster)"),
            optional("mask", MASK),
            optional("optional_context_mask", MASK),
        ),
        outputs=(_STITCHER, IMAGE, MASK),
        build=_crop,
    ),
    LocalNode(
        name="InpaintStitchImproved", title="Inpaint Stitch",
        inputs=links(stitcher=_STITCHER, inpainted_image=IMAGE), outputs=(IMAGE,), build=_stitch,
    ),
    LocalNode(
        name="INPAINT_LoadInpaintModel", title="Load Inpaint Model", inputs=(file("model_name"),),
        outputs=("INPAINT_MODEL",), build=_load_remover,
    ),
    LocalNode(
        name="INPAINT_InpaintWithModel",
        title="Inpaint (using Model)",
        inputs=(
            *links(inpaint_model="INPAINT_MODEL", image=IMAGE, mask=MASK), seed("seed"),
            optional("optional_upscale_model", "UPSCALE_MODEL"),
        ),
        outputs=(IMAGE,),
        build=_remove,
    ),
    LocalNode(
        name="INPAINT_VAEEncodeInpaintConditioning",
        title="VAE Encode & Inpaint Conditioning",
        inputs=(
            *links(positive=CONDITIONING, negative=CONDITIONING),
            *links(vae=VAE, pixels=IMAGE, mask=MASK),
        ),
        outputs=(CONDITIONING, CONDITIONING, LATENT, LATENT),
        build=_condition,
    ),
    LocalNode(
        name="INPAINT_ExpandMask", title="Expand Mask",
        inputs=(
            link("mask", MASK), *integers(grow=16, blur=7), choice("blur_type", default="gaussian"),
        ),
        outputs=(MASK,), build=_expand,
    ),
)  # fmt: skip
