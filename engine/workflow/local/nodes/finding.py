"""Nodes that find by text with SAM 3, and nodes that remove with LaMa."""

import re

from engine.workflow.local.inputs import NodeInputs
from engine.workflow.local.nodes.record import (
    CONDITIONING,
    IMAGE,
    MASK,
    MODEL,
    LocalNode,
    choice,
    flag,
    integer,
    integers,
    links,
    number,
    optional,
    text,
)
from engine.workflow.local.values import (
    Channel,
    FoundInstances,
    Masks,
    Model,
    Outlines,
    Phrase,
    Prompt,
    RemovedPicture,
    TextFinder,
    TextOutput,
    Value,
)

MAX_FOUND = 100
_COUNTED = re.compile(r"^(.*?)(?::(\d{1,3}))?$", re.DOTALL)


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


def phrases(said: str) -> tuple[Phrase, ...]:
    """The phrases of a prompt, as SAM3_Detect reads it."""
    found = [_COUNTED.match(part.strip()) for part in said.split(",")]
    return tuple(Phrase(each[1].strip(), int(each[2] or 1)) for each in found if each and each[1])


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


_BLUR = (*integers(mask_threshold=250, gaussblur_radius=8), flag("invert_mask", False))

FINDING_NODES = (
    LocalNode(
        name="LoadSAM3Model",
        title="(Down)Load SAM3 Model",
        inputs=(choice("precision", default="auto"), flag("compile", False)),
        outputs=("SAM3_MODEL_CONFIG",),
        build=_load_sam3,
    ),
    LocalNode(
        name="SAM3Grounding",
        title="SAM3 Text Segmentation",
        inputs=(
            *links(sam3_model_config="SAM3_MODEL_CONFIG", image=IMAGE),
            number("confidence_threshold", 0.2),
            text("text_prompt"),
            optional("positive_boxes", "SAM3_BOXES_PROMPT"),
            optional("negative_boxes", "SAM3_BOXES_PROMPT"),
            integer("max_detections", -1),
        ),
        outputs=(MASK, IMAGE, "STRING", "STRING"),
        build=_ground,
    ),
    LocalNode(
        name="SAM3_Detect",
        title="SAM3 Detect",
        inputs=(
            *links(model=MODEL, image=IMAGE),
            number("threshold", 0.5),
            integer("refine_iterations", 2),
            flag("individual_masks", False),
            optional("conditioning", CONDITIONING),
            optional("bboxes", "BOUNDING_BOX"),
            optional("positive_coords", "STRING"),
            optional("negative_coords", "STRING"),
        ),
        outputs=(MASK, "BOUNDING_BOX"),
        build=_detect,
    ),
    LocalNode(
        name="LamaRemover", title="Big lama Remover",
        inputs=(*links(images=IMAGE, masks=MASK), *_BLUR), outputs=(IMAGE,), build=_remove,
    ),
    LocalNode(
        name="LamaRemoverIMG", title="Big lama Remover(IMG)",
        inputs=(*links(images=IMAGE, masks=IMAGE), *_BLUR), outputs=(IMAGE,),
        build=_remove_by_picture,
    ),
)  # fmt: skip
