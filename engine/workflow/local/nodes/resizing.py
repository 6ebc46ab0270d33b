"""Nodes that resize, crop, pad and join pictures."""

from collections.abc import Callable
from functools import partial

from engine.workflow.local import picture_nodes
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
    optional,
    region,
)
from engine.workflow.local.photo import Photo
from engine.workflow.local.resampling import METHODS
from engine.workflow.local.values import (
    ComputedMask,
    ComputedPicture,
    Length,
    PictureBatch,
    Value,
)

MAX_BATCH = 8
_MARGINS = ("left", "top", "right", "bottom")
_KONTEXT_SIZES = (
    (672, 1568), (688, 1504), (720, 1456), (752, 1392), (800, 1328), (832, 1248), (880, 1184),
    (944, 1104), (1024, 1024), (1104, 944), (1184, 880), (1248, 832), (1328, 800), (1392, 752),
    (1456, 720), (1504, 688), (1568, 672),
)  # fmt: skip
"""Width and height in pixels that FLUX Kontext was trained with."""


def _computed(
    inputs: NodeInputs, make: Callable[..., Photo], *lengths: Length
) -> tuple[ComputedPicture]:
    """The picture of the input `image`, changed."""
    pictures = (inputs.pictures("image"),)
    return (ComputedPicture(origin=inputs.origin, make=make, pictures=pictures, lengths=lengths),)


def _method(inputs: NodeInputs, name: str = "upscale_method") -> str:
    return inputs.choice(name, METHODS, "bilinear")


def _scale(inputs: NodeInputs) -> tuple[Value, ...]:
    is_cropped = inputs.choice("crop", ("disabled", "center"), "disabled") == "center"
    make = partial(picture_nodes.scaled, method=_method(inputs), cropped=is_cropped)
    sides = (inputs.length(name, 0, MAX_SIDE_PX, 512) for name in ("width", "height"))
    return _computed(inputs, make, *sides)


def _scale_by(inputs: NodeInputs) -> tuple[Value, ...]:
    factor = inputs.number("scale_by", 0.01, 8, 1.0)
    make = partial(picture_nodes.scaled_by, factor=factor, method=_method(inputs))
    return _computed(inputs, make)


def _scale_to_pixels(inputs: NodeInputs) -> tuple[Value, ...]:
    make = partial(
        picture_nodes.scaled_to_pixels,
        megapixels=inputs.number("megapixels", 0.01, 16, 1.0),
        step_px=inputs.integer("resolution_steps", 1, 256, 1),
        method=_method(inputs),
    )
    return _computed(inputs, make)


def _scale_to_longest(inputs: NodeInputs) -> tuple[Value, ...]:
    make = partial(picture_nodes.scaled_to_longest, method=_method(inputs))
    return _computed(inputs, make, inputs.length("largest_size", 1, MAX_SIDE_PX, 512))


def _scale_for_kontext(inputs: NodeInputs) -> tuple[Value, ...]:
    return _computed(inputs, _kontext)


def _kontext(photo: Photo) -> Photo:
    """Scaled to the one of its sizes that has the most similar shape."""
    shape = photo.size.width / photo.size.height
    size = min(_KONTEXT_SIZES, key=lambda each: (abs(shape - each[0] / each[1]), each))
    return picture_nodes.scaled(photo, *size, method="lanczos", cropped=True)


def _crop(inputs: NodeInputs) -> tuple[Value, ...]:
    places = [inputs.length(name, 0, MAX_SIDE_PX, 0) for name in ("x", "y")]
    sides = [inputs.length(name, 1, MAX_SIDE_PX, 512) for name in ("width", "height")]
    return _computed(inputs, picture_nodes.cropped, *places, *sides)


def _crop_region(inputs: NodeInputs) -> tuple[Value, ...]:
    return _computed(inputs, picture_nodes.cropped, *inputs.region("crop_region"))


def _pad(inputs: NodeInputs) -> tuple[Value, ...]:
    margins = tuple(inputs.length(name, 0, MAX_SIDE_PX, 0) for name in _MARGINS)
    feather_px = inputs.integer("feathering", 0, MAX_SIDE_PX, 40)
    (padded,) = _computed(inputs, picture_nodes.padded, *margins)
    mask = ComputedMask(
        origin=inputs.origin,
        make=partial(picture_nodes.outpaint_mask, feather_px=feather_px),
        pictures=padded.pictures,
        lengths=margins,
    )
    return padded, mask


def _stitch(inputs: NodeInputs) -> tuple[Value, ...]:
    first = inputs.pictures("image1")
    if not inputs.is_given("image2"):
        return (first,)
    make = partial(
        picture_nodes.stitched,
        direction=inputs.choice("direction", ("right", "down", "left", "up"), "right"),
        matched=inputs.boolean("match_image_size", True),
        spacing_px=inputs.integer("spacing_width", 0, 1024, 0),
        colour=inputs.choice("spacing_color", tuple(picture_nodes.COLOURS), "white"),
    )
    pictures = (first, inputs.pictures("image2"))
    return (ComputedPicture(origin=inputs.origin, make=make, pictures=pictures),)


def _batch(inputs: NodeInputs) -> tuple[Value, ...]:
    return (PictureBatch(parts=(inputs.pictures("image1"), inputs.pictures("image2"))),)


def _join_alpha(inputs: NodeInputs) -> tuple[Value, ...]:
    joined = ComputedPicture(
        origin=inputs.origin,
        make=picture_nodes.with_alpha,
        pictures=(inputs.pictures("image"),),
        masks=(inputs.masks("alpha"),),
    )
    return (joined,)


def _split_alpha(inputs: NodeInputs) -> tuple[Value, ...]:
    (opaque,) = _computed(inputs, picture_nodes.without_alpha)
    clear = ComputedMask(
        origin=inputs.origin, make=picture_nodes.clear_mask, pictures=opaque.pictures
    )
    return opaque, clear


def _empty(inputs: NodeInputs) -> tuple[Value, ...]:
    sides = tuple(inputs.length(name, 1, MAX_SIDE_PX, 512) for name in ("width", "height"))
    colour = inputs.integer("color", 0, 0xFFFFFF, 0)
    made = ComputedPicture(
        origin=inputs.origin,
        make=partial(picture_nodes.blank, colour=colour),
        lengths=sides,
        repeats=inputs.integer("batch_size", 1, MAX_BATCH, 1),
    )
    return (made,)


_METHOD = choice("upscale_method", *METHODS)

RESIZING_NODES = (
    LocalNode(
        name="ImageScale", title="Upscale Image",
        inputs=(
            link("image", IMAGE), _METHOD, *integers(width=512, height=512),
            choice("crop", "disabled", "center"),
        ),
        outputs=(IMAGE,), build=_scale,
    ),
    LocalNode(
        name="ImageScaleBy", title="Upscale Image By",
        inputs=(link("image", IMAGE), _METHOD, number("scale_by", 1.0)), outputs=(IMAGE,),
        build=_scale_by,
    ),
    LocalNode(
        name="ImageScaleToTotalPixels", title="Scale Image to Total Pixels",
        inputs=(
            link("image", IMAGE), _METHOD, number("megapixels", 1.0),
            integer("resolution_steps", 1),
        ),
        outputs=(IMAGE,), build=_scale_to_pixels,
    ),
    LocalNode(
        name="ImageScaleToMaxDimension", title="Scale Image to Max Dimension",
        inputs=(
            link("image", IMAGE), choice("upscale_method", *METHODS, default="area"),
            integer("largest_size", 512),
        ),
        outputs=(IMAGE,), build=_scale_to_longest,
    ),
    LocalNode(
        name="FluxKontextImageScale", title="FluxKontextImageScale", inputs=links(image=IMAGE),
        outputs=(IMAGE,), build=_scale_for_kontext,
    ),
    LocalNode(
        name="ImageCrop", title="Crop Image",
        inputs=(link("image", IMAGE), *integers(width=512, height=512, x=0, y=0)),
        outputs=(IMAGE,), build=_crop,
    ),
    LocalNode(
        name="ImageCropV2", title="Crop Image",
        inputs=(link("image", IMAGE), region("crop_region")), outputs=(IMAGE,),
        build=_crop_region,
    ),
    LocalNode(
        name="ImagePadForOutpaint", title="Pad Image for Outpainting",
        inputs=(
            link("image", IMAGE), *integers(left=0, top=0, right=0, bottom=0, feathering=40),
        ),
        outputs=(IMAGE, MASK), build=_pad,
    ),
    LocalNode(
        name="ImageStitch", title="Stitch Images",
        inputs=(
            link("image1", IMAGE), choice("direction", "right", "down", "left", "up"),
            flag("match_image_size", True), integer("spacing_width", 0),
            choice("spacing_color", *picture_nodes.COLOURS), optional("image2", IMAGE),
        ),
        outputs=(IMAGE,), build=_stitch,
    ),
    LocalNode(
        name="ImageBatch", title="Batch Images", inputs=links(image1=IMAGE, image2=IMAGE),
        outputs=(IMAGE,), build=_batch,
    ),
    LocalNode(
        name="JoinImageWithAlpha", title="Join Image with Alpha",
        inputs=links(image=IMAGE, alpha=MASK), outputs=(IMAGE,), build=_join_alpha,
    ),
    LocalNode(
        name="SplitImageWithAlpha", title="Split Image with Alpha", inputs=links(image=IMAGE),
        outputs=(IMAGE, MASK), build=_split_alpha,
    ),
    LocalNode(
        name="EmptyImage", title="EmptyImage",
        inputs=integers(width=512, height=512, batch_size=1, color=0), outputs=(IMAGE,),
        build=_empty,
    ),
)  # fmt: skip
