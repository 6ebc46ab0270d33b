"""Nodes that run on this computer: pictures, masks, finding, removal and outputs.

Each is a function from the inputs of a node to the values of its outputs. Names and defaults are
ComfyUI's, of all versions at once.
"""

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from engine.workflow.local.inputs import NodeInputs
from engine.workflow.local.nodes_paint import PAINT_NODES
from engine.workflow.local.values import (
    Channel,
    Composite,
    FoundInstances,
    Grown,
    Inverted,
    LoadedAlpha,
    LoadedImage,
    LoadedMask,
    MaskPicture,
    Masks,
    Model,
    Outlines,
    Phrase,
    Prompt,
    RemovedPicture,
    Sink,
    SinkKind,
    TextFinder,
    TextOutput,
    Union,
    Value,
)

Build: TypeAlias = Callable[[NodeInputs], tuple[Value, ...]]

CHANNELS = ("red", "green", "blue")
MAX_GROWTH_PX = 1000
MAX_PLACE_PX = 16_384
MAX_FOUND = 100
_COUNTED = re.compile(r"^(.*?)(?::(\d{1,3}))?$", re.DOTALL)


def _load_image(inputs: NodeInputs) -> tuple[Value, ...]:
    loaded = LoadedImage(origin=inputs.origin, file=inputs.text("image", ""))
    return loaded, LoadedAlpha(picture=loaded)


def _load_mask(inputs: NodeInputs) -> tuple[Value, ...]:
    channel = inputs.choice("channel", (*CHANNELS, "alpha"), "alpha")
    return (LoadedMask(origin=inputs.origin, file=inputs.text("image", ""), channel=channel),)


def _mask_to_image(inputs: NodeInputs) -> tuple[Value, ...]:
    return (MaskPicture(masks=inputs.masks("mask")),)


def _image_to_mask(inputs: NodeInputs) -> tuple[Value, ...]:
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


# --- finding


def _load_sam3(inputs: NodeInputs) -> tuple[Value, ...]:
    return (
        TextFinder(
            origin=inputs.origin, name=inputs.text("model_path", "sam3"), input="model_path"
        ),
    )


def _ground(inputs: NodeInputs) -> tuple[Value, ...]:
    """SAM3Grounding in three versions, between which the model's input was renamed."""
    is_new = inputs.is_given("sam3_model_config")
    finder = inputs.linked("sam3_model_config" if is_new else "sam3_model", (TextFinder,))
    inputs.reject("positive_boxes", "negative_boxes")
    limit = inputs.integer("max_detections", -1, MAX_FOUND, -1)
    found = FoundInstances(
        origin=inputs.origin,
        finder=finder,
        pictures=inputs.pictures("image"),
        phrases=(Phrase(inputs.text("text_prompt", ""), None if limit < 0 else limit),),
        threshold=inputs.number("confidence_threshold", 0, 1, 0.2),
    )
    return found, Outlines(found=found), TextOutput(), TextOutput()


def _detect(inputs: NodeInputs) -> tuple[Value, ...]:
    """ComfyUI's own node: phrases separated by commas, `name:3` for up to three instances."""
    inputs.reject("bboxes", "positive_coords", "negative_coords")
    model, prompt = inputs.linked("model", (Model,)), inputs.linked("conditioning", (Prompt,))
    found = FoundInstances(
        origin=inputs.origin,
        finder=TextFinder(origin=model.origin, name=model.name, input=model.input),
        pictures=inputs.pictures("image"),
        phrases=phrases(prompt.text),
        threshold=inputs.number("threshold", 0, 1, 0.5),
        as_one=not inputs.boolean("individual_masks", False),
    )
    return found, TextOutput()


def phrases(text: str) -> tuple[Phrase, ...]:
    """The phrases of a prompt, as SAM3_Detect reads it."""
    found = [_COUNTED.match(part.strip()) for part in text.split(",")]
    return tuple(Phrase(each[1].strip(), int(each[2] or 1)) for each in found if each and each[1])


# --- removal


def _remove(inputs: NodeInputs) -> tuple[Value, ...]:
    return (_removal(inputs, inputs.masks("masks")),)


def _remove_by_picture(inputs: NodeInputs) -> tuple[Value, ...]:
    return (_removal(inputs, Channel(pictures=inputs.pictures("masks"), index=0)),)


def _removal(inputs: NodeInputs, masks: Masks) -> RemovedPicture:
    return RemovedPicture(
        origin=inputs.origin,
        pictures=inputs.pictures("images"),
        masks=masks,
        radius_px=inputs.integer("gaussblur_radius", 0, 20, 8),
        threshold=inputs.integer("mask_threshold", 0, 255, 250),
        inverted=inputs.boolean("invert_mask", False),
    )


def _composite(inputs: NodeInputs) -> tuple[Value, ...]:
    return (
        Composite(
            origin=inputs.origin,
            below=inputs.pictures("destination"),
            above=inputs.pictures("source"),
            masks=inputs.masks("mask") if inputs.is_given("mask") else None,
            x=inputs.integer("x", 0, MAX_PLACE_PX, 0),
            y=inputs.integer("y", 0, MAX_PLACE_PX, 0),
            resized=inputs.boolean("resize_source", False),
        ),
    )


NODES: Mapping[str, Build] = {
    "LoadImage": _load_image,
    "LoadImageMask": _load_mask,
    "MaskToImage": _mask_to_image,
    "ImageToMask": _image_to_mask,
    "Masks Combine Batch": _combine,
    "InvertMask": _invert,
    "GrowMask": _grow,
    "LoadSAM3Model": _load_sam3,
    "SAM3Grounding": _ground,
    "SAM3_Detect": _detect,
    "LamaRemover": _remove,
    "LamaRemoverIMG": _remove_by_picture,
    "ImageCompositeMasked": _composite,
    **PAINT_NODES,
}


# --- outputs


def _save(inputs: NodeInputs) -> Sink:
    return Sink(
        origin=inputs.origin,
        kind=SinkKind.SAVE,
        pictures=inputs.pictures("images"),
        prefix=inputs.text("filename_prefix", ""),
    )


def _preview(inputs: NodeInputs) -> Sink:
    return Sink(origin=inputs.origin, kind=SinkKind.PREVIEW, pictures=inputs.pictures("images"))


def _compare(inputs: NodeInputs) -> Sink:
    return Sink(
        origin=inputs.origin,
        kind=SinkKind.COMPARE,
        pictures=inputs.pictures("image_b"),
        before=inputs.pictures("image_a"),
    )


SINKS: Mapping[str, Callable[[NodeInputs], Sink]] = {
    "SaveImage": _save,
    "PreviewImage": _preview,
    "Image Comparer (rgthree)": _compare,
}
