"""Builds the graph that fills a hole from its surroundings, by LamaRemover."""

import numpy as np

from engine.comfy.graphs.builder import GraphBuilder
from engine.comfy.prompt_plan import Plan, PlanOutputs
from engine.comfy.protocol.images import only_picture
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.geometry import Image, Size
from engine.jobs.backend import Capability
from engine.jobs.operations import Fill

GRID = 8
"""Where a side is no multiple of it the node pads with black, which LaMa carries into the hole."""

THRESHOLD = 127
"""The node inverts the mask and keeps what is above: of 0 and 255, exactly what is not marked."""

RESULT = "result"


def remove(operation: Fill, snapshot: ServerSnapshot) -> Plan:
    """The picture with the hole filled. Raises ServerLacks. The mask is taken as it is."""
    builder = GraphBuilder(snapshot, Capability.REMOVE)
    size = Size.of(operation.image)
    below, beside = -size.height % GRID, -size.width % GRID
    image = np.pad(operation.image, ((0, below), (0, beside), (0, 0)), mode="edge")
    mask = np.pad(operation.mask, ((0, below), (0, beside)))
    filled = builder.put(
        "fill",
        "LamaRemover",
        images=builder.image("image", image),
        masks=builder.mask("mask", mask),
        mask_threshold=THRESHOLD,
        gaussblur_radius=0,
        invert_mask=False,
    )
    builder.put(RESULT, "PreviewImage", images=filled)
    return builder.plan(RESULT)


def read_removed(outputs: PlanOutputs, size: Size) -> Image:
    """The filled (h, w, 3) picture, of the size of the operation's. Raises ServerBroken."""
    padded = Size(size.width + -size.width % GRID, size.height + -size.height % GRID)
    return only_picture(outputs, RESULT, padded)[: size.height, : size.width]
