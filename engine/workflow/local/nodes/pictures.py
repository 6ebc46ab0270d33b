"""Nodes of pictures: loading, compositing and removal."""

from engine.workflow.local.inputs import NodeInputs
from engine.workflow.local.nodes.record import (
    IMAGE,
    MASK,
    MAX_SIDE_PX,
    LocalNode,
    flag,
    integers,
    links,
    optional,
    upload,
)
from engine.workflow.local.values import Composite, LoadedAlpha, LoadedImage, Value


def _load(inputs: NodeInputs) -> tuple[Value, ...]:
    loaded = LoadedImage(origin=inputs.origin, file=inputs.text("image", ""))
    return loaded, LoadedAlpha(picture=loaded)


def _composite(inputs: NodeInputs) -> tuple[Value, ...]:
    return (
        Composite(
            origin=inputs.origin,
            below=inputs.pictures("destination"),
            above=inputs.pictures("source"),
            masks=inputs.masks("mask") if inputs.is_given("mask") else None,
            x=inputs.integer("x", 0, MAX_SIDE_PX, 0),
            y=inputs.integer("y", 0, MAX_SIDE_PX, 0),
            resized=inputs.boolean("resize_source", False),
        ),
    )


PICTURE_NODES = (
    LocalNode(
        name="LoadImage", title="Load Image", inputs=(upload("image"),), outputs=(IMAGE, MASK),
        build=_load,
    ),
    LocalNode(
        name="ImageCompositeMasked",
        title="Image Composite Masked",
        inputs=(
            *links(destination=IMAGE, source=IMAGE), *integers(x=0, y=0),
            flag("resize_source", False), optional("mask", MASK),
        ),
        outputs=(IMAGE,),
        build=_composite,
    ),
)  # fmt: skip
