"""Nodes of masks: loading, converting, inverting, growing."""

from engine.workflow.local.inputs import NodeInputs
from engine.workflow.local.nodes.record import (
    IMAGE,
    MASK,
    LocalNode,
    choice,
    flag,
    integer,
    link,
    links,
    upload,
)
from engine.workflow.local.values import (
    Channel,
    Grown,
    Inverted,
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
)  # fmt: skip
