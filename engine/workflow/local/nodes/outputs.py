"""Nodes that show or save pictures."""

from engine.comfy.protocol.object_info import InputSpec
from engine.workflow.local.inputs import NodeInputs
from engine.workflow.local.nodes.record import IMAGE, MASK, LocalNode, link, links, optional, text
from engine.workflow.local.values import MaskPicture, Sink, SinkKind


def _save(inputs: NodeInputs) -> Sink:
    return Sink(
        origin=inputs.origin,
        kind=SinkKind.SAVE,
        pictures=inputs.pictures("images"),
        prefix=inputs.text("filename_prefix", ""),
    )


def _preview(inputs: NodeInputs) -> Sink:
    return Sink(origin=inputs.origin, kind=SinkKind.PREVIEW, pictures=inputs.pictures("images"))


def _preview_mask(inputs: NodeInputs) -> Sink:
    shown = MaskPicture(masks=inputs.masks("mask"))
    return Sink(origin=inputs.origin, kind=SinkKind.PREVIEW, pictures=shown)


def _compare(inputs: NodeInputs) -> Sink:
    return Sink(
        origin=inputs.origin,
        kind=SinkKind.COMPARE,
        pictures=inputs.pictures("image_b"),
        before=inputs.pictures("image_a"),
    )


OUTPUT_NODES = (
    LocalNode(
        name="SaveImage", title="Save Image",
        inputs=(link("images", IMAGE), text("filename_prefix", "ComfyUI")), build=_save,
    ),
    LocalNode(
        name="PreviewImage", title="Preview Image", inputs=links(images=IMAGE), build=_preview
    ),
    LocalNode(
        name="MaskPreview", title="Preview Mask", inputs=links(mask=MASK), build=_preview_mask
    ),
    LocalNode(
        name="ImageCompare", title="Compare Images",
        inputs=(
            InputSpec(name="compare_view", type="IMAGECOMPARE", is_widget=True),
            optional("image_a", IMAGE), optional("image_b", IMAGE),
        ),
        build=_compare,
    ),
    LocalNode(
        name="Image Comparer (rgthree)", title="Image Comparer (rgthree)",
        inputs=(optional("image_a", IMAGE), optional("image_b", IMAGE)), build=_compare,
    ),
)  # fmt: skip
