"""The nodes that can be run on this computer: pictures, masks, finding, removal, and outputs.

Each is a function from what a node is given to what its outputs are. Input names and usual values
are ComfyUI's, of all versions at once.
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


def _load_image(given: NodeInputs) -> tuple[Value, ...]:
    loaded = LoadedImage(origin=given.origin, file=given.text("image", ""))
    return loaded, LoadedAlpha(picture=loaded)


def _load_mask(given: NodeInputs) -> tuple[Value, ...]:
    channel = given.choice("channel", (*CHANNELS, "alpha"), "alpha")
    return (LoadedMask(origin=given.origin, file=given.text("image", ""), channel=channel),)


def _mask_to_image(given: NodeInputs) -> tuple[Value, ...]:
    return (MaskPicture(masks=given.masks("mask")),)


def _image_to_mask(given: NodeInputs) -> tuple[Value, ...]:
    channel = given.choice("channel", CHANNELS, "red")
    return (Channel(pictures=given.pictures("image"), index=CHANNELS.index(channel)),)


def _combine(given: NodeInputs) -> tuple[Value, ...]:
    return (Union(masks=given.masks("masks")),)


def _invert(given: NodeInputs) -> tuple[Value, ...]:
    return (Inverted(masks=given.masks("mask")),)


def _grow(given: NodeInputs) -> tuple[Value, ...]:
    return (
        Grown(
            masks=given.masks("mask"),
            growth_px=given.integer("expand", -MAX_GROWTH_PX, MAX_GROWTH_PX, 0),
            tapered=given.boolean("tapered_corners", True),
        ),
    )


# --- finding


def _load_sam3(given: NodeInputs) -> tuple[Value, ...]:
    return (
        TextFinder(origin=given.origin, name=given.text("model_path", "sam3"), input="model_path"),
    )


def _ground(given: NodeInputs) -> tuple[Value, ...]:
    """Three generations of one node: the model's input was renamed."""
    is_new = given.is_given("sam3_model_config")
    finder = given.linked("sam3_model_config" if is_new else "sam3_model", (TextFinder,))
    given.reject("positive_boxes", "negative_boxes")
    limit = given.integer("max_detections", -1, MAX_FOUND, -1)
    found = FoundInstances(
        origin=given.origin,
        finder=finder,
        pictures=given.pictures("image"),
        phrases=(Phrase(given.text("text_prompt", ""), None if limit < 0 else limit),),
        threshold=given.number("confidence_threshold", 0, 1, 0.2),
    )
    return found, Outlines(found=found), TextOutput(), TextOutput()


def _detect(given: NodeInputs) -> tuple[Value, ...]:
    """ComfyUI's own node: commas part the phrases, and `name:3` asks for up to three."""
    given.reject("bboxes", "positive_coords", "negative_coords")
    model, prompt = given.linked("model", (Model,)), given.linked("conditioning", (Prompt,))
    found = FoundInstances(
        origin=given.origin,
        finder=TextFinder(origin=model.origin, name=model.name, input=model.input),
        pictures=given.pictures("image"),
        phrases=phrases(prompt.text),
        threshold=given.number("threshold", 0, 1, 0.5),
        as_one=not given.boolean("individual_masks", False),
    )
    return found, TextOutput()


def phrases(text: str) -> tuple[Phrase, ...]:
    """What SAM3_Detect takes a prompt for."""
    found = [_COUNTED.match(part.strip()) for part in text.split(",")]
    return tuple(Phrase(each[1].strip(), int(each[2] or 1)) for each in found if each and each[1])


# --- removal


def _remove(given: NodeInputs) -> tuple[Value, ...]:
    return (_removal(given, given.masks("masks")),)


def _remove_by_picture(given: NodeInputs) -> tuple[Value, ...]:
    return (_removal(given, Channel(pictures=given.pictures("masks"), index=0)),)


def _removal(given: NodeInputs, masks: Masks) -> RemovedPicture:
    return RemovedPicture(
        origin=given.origin,
        pictures=given.pictures("images"),
        masks=masks,
        radius_px=given.integer("gaussblur_radius", 0, 20, 8),
        threshold=given.integer("mask_threshold", 0, 255, 250),
        inverted=given.boolean("invert_mask", False),
    )


def _composite(given: NodeInputs) -> tuple[Value, ...]:
    return (
        Composite(
            origin=given.origin,
            below=given.pictures("destination"),
            above=given.pictures("source"),
            masks=given.masks("mask") if given.is_given("mask") else None,
            x=given.integer("x", 0, MAX_PLACE_PX, 0),
            y=given.integer("y", 0, MAX_PLACE_PX, 0),
            resized=given.boolean("resize_source", False),
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


def _save(given: NodeInputs) -> Sink:
    return Sink(
        origin=given.origin,
        kind=SinkKind.SAVE,
        pictures=given.pictures("images"),
        prefix=given.text("filename_prefix", ""),
    )


def _preview(given: NodeInputs) -> Sink:
    return Sink(origin=given.origin, kind=SinkKind.PREVIEW, pictures=given.pictures("images"))


def _compare(given: NodeInputs) -> Sink:
    return Sink(
        origin=given.origin,
        kind=SinkKind.COMPARE,
        pictures=given.pictures("image_b"),
        before=given.pictures("image_a"),
    )


SINKS: Mapping[str, Callable[[NodeInputs], Sink]] = {
    "SaveImage": _save,
    "PreviewImage": _preview,
    "Image Comparer (rgthree)": _compare,
}
