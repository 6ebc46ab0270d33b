"""Nodes of masks: loading, converting, inverting, growing."""

from collections.abc import Callable
from functools import partial

from engine.geometry import Mask
from engine.workflow.local import mask_nodes
from engine.workflow.local.inputs import NodeInputs
from engine.workflow.local.nodes.record import (
    IMAGE,
    MASK,
    MAX_SIDE_PX,
    LocalNode,
    choice,
    flag,
    integer,
    integers,
    link,
    links,
    number,
    upload,
)
from engine.workflow.local.values import (
    Channel,
    ComputedMask,
    Grown,
    Inverted,
    Length,
    LoadedMask,
    MaskPicture,
    Union,
    Value,
)

CHANNELS = ("red", "green", "blue")
MAX_GROWTH_PX = 1000


def _load(inputs: NodeInputs) -> tuple[Value, ...]:
    channel = inputs.choice("channel", (*CHANNELS, "alpha"), "alpha")
    return (LoadedMask(origin=inputs.origin, file=inputs.text("image", ""), channel=channel),)


def _to_image(inputs: NodeInputs) -> tuple[Value, ...]:
    return (MaskPicture(masks=inputs.masks("mask")),)


def _from_image(inputs: NodeInputs) -> tuple[Value, ...]:
    channel = inputs.choice("channel", CHANNELS, "red")
    return (Channel(pictures=inputs.pictures("image"), index=CHANNELS.index(channel)),)


def _combine(inputs: NodeInputs) -> tuple[Value, ...]:
    return (Union(masks=inputs.masks("masks")),)


def _invert(inputs: NodeInputs) -> tuple[Value, ...]:
    return (Inverted(masks=inputs.masks("mask")),)


def _grow(inputs: NodeInputs) -> tuple[Value, ...]:
    return (
        Grown(
            masks=inputs.masks("mask"),
            growth_px=inputs.integer("expand", -MAX_GROWTH_PX, MAX_GROWTH_PX, 0),
            tapered=inputs.boolean("tapered_corners", True),
        ),
    )


def _solid(inputs: NodeInputs) -> tuple[Value, ...]:
    sides = tuple(inputs.length(name, 1, MAX_SIDE_PX, 512) for name in ("width", "height"))
    make = partial(mask_nodes.solid_mask, value=inputs.number("value", 0, 1, 1.0))
    return (ComputedMask(origin=inputs.origin, make=make, lengths=sides),)


def _compose(inputs: NodeInputs) -> tuple[Value, ...]:
    operation = inputs.choice("operation", mask_nodes.MASK_OPERATIONS, "multiply")
    make = partial(mask_nodes.composed_mask, operation=operation)
    places = tuple(inputs.length(name, 0, MAX_SIDE_PX, 0) for name in ("x", "y"))
    both = (inputs.masks("destination"), inputs.masks("source"))
    return (ComputedMask(origin=inputs.origin, make=make, masks=both, lengths=places),)


def _feather(inputs: NodeInputs) -> tuple[Value, ...]:
    sides = ("left", "top", "right", "bottom")
    lengths = tuple(inputs.length(name, 0, MAX_SIDE_PX, 0) for name in sides)
    return (_computed(inputs, mask_nodes.feathered_mask, *lengths),)


def _crop(inputs: NodeInputs) -> tuple[Value, ...]:
    places = [inputs.length(name, 0, MAX_SIDE_PX, 0) for name in ("x", "y")]
    sides = [inputs.length(name, 1, MAX_SIDE_PX, 512) for name in ("width", "height")]
    return (_computed(inputs, mask_nodes.cropped_mask, *places, *sides),)


def _threshold(inputs: NodeInputs) -> tuple[Value, ...]:
    value = inputs.number("value", 0, 1, 0.5)
    return (_computed(inputs, partial(mask_nodes.threshold_mask, value=value)),)


def _computed(inputs: NodeInputs, make: Callable[..., Mask], *lengths: Length) -> ComputedMask:
    """The mask of the input `mask`, changed."""
    masks = (inputs.masks("mask"),)
    return ComputedMask(origin=inputs.origin, make=make, masks=masks, lengths=lengths)


def _of_colour(inputs: NodeInputs) -> tuple[Value, ...]:
    colour = inputs.integer("color", 0, 0xFFFFFF, 0)
    found = ComputedMask(
        origin=inputs.origin,
        make=partial(mask_nodes.colour_mask, colour=colour),
        pictures=(inputs.pictures("image"),),
    )
    return (found,)


MASK_NODES = (
    LocalNode(
        name="LoadImageMask",
        title="Load Image (as Mask)",
        inputs=(upload("image"), choice("channel", *CHANNELS, "alpha", default="alpha")),
        outputs=(MASK,),
        build=_load,
    ),
    LocalNode(
        name="MaskToImage", title="Convert Mask to Image", inputs=links(mask=MASK),
        outputs=(IMAGE,), build=_to_image,
    ),
    LocalNode(
        name="ImageToMask",
        title="Convert Image to Mask",
        inputs=(link("image", IMAGE), choice("channel", *CHANNELS, "alpha")),
        outputs=(MASK,),
        build=_from_image,
    ),
    LocalNode(
        name="Masks Combine Batch", title="Masks Combine Batch", inputs=links(masks=MASK),
        outputs=(MASK,), build=_combine,
    ),
    LocalNode(
        name="InvertMask", title="Invert Mask", inputs=links(mask=MASK), outputs=(MASK,),
        build=_invert,
    ),
    LocalNode(
        name="GrowMask",
        title="Grow Mask",
        inputs=(link("mask", MASK), integer("expand", 0), flag("tapered_corners", True)),
        outputs=(MASK,),
        build=_grow,
    ),
    LocalNode(
        name="SolidMask", title="Create Solid Mask",
        inputs=(number("value", 1.0), *integers(width=512, height=512)), outputs=(MASK,),
        build=_solid,
    ),
    LocalNode(
        name="MaskComposite", title="Combine Masks",
        inputs=(
            *links(destination=MASK, source=MASK), *integers(x=0, y=0),
            choice("operation", *mask_nodes.MASK_OPERATIONS),
        ),
        outputs=(MASK,), build=_compose,
    ),
    LocalNode(
        name="FeatherMask", title="Feather Mask",
        inputs=(link("mask", MASK), *integers(left=0, top=0, right=0, bottom=0)),
        outputs=(MASK,), build=_feather,
    ),
    LocalNode(
        name="CropMask", title="Crop Mask",
        inputs=(link("mask", MASK), *integers(x=0, y=0, width=512, height=512)),
        outputs=(MASK,), build=_crop,
    ),
    LocalNode(
        name="ThresholdMask", title="Threshold Mask",
        inputs=(link("mask", MASK), number("value", 0.5)), outputs=(MASK,), build=_threshold,
    ),
    LocalNode(
        name="ImageColorToMask", title="Convert Image Color to Mask",
        inputs=(link("image", IMAGE), integer("color", 0)), outputs=(MASK,), build=_of_colour,
    ),
)  # fmt: skip
