"""Builds the graph that segments at clicks or in a box, by the SAM 3 pack or core nodes."""

import json

from engine.comfy.graphs import sam3
from engine.comfy.graphs.builder import GraphBuilder, Socket, slot
from engine.comfy.prompt_plan import Plan
from engine.comfy.protocol.snapshot import SAM3, ServerSnapshot
from engine.geometry import Size
from engine.jobs.backend import Capability
from engine.jobs.requests import FIND_FLOOR, Click, SegmentRequest


def click(request: SegmentRequest, snapshot: ServerSnapshot) -> Plan:
    """One to three candidates. Raises ServerLacks. `graphs.masks.read_found` reads its answer.

    All clicks are sent each time, and the prior is not: no node takes one. Weights that are there
    come before weights that the pack would have to fetch first.
    """
    need = Capability.CLICK if request.clicks else Capability.BOX
    builder = GraphBuilder(snapshot, need)
    seen = sam3.send_image(builder, request.image)
    if sam3.notes_weights(builder, sam3.CLICK):
        return builder.plan()
    is_ready = sam3.has_pack(snapshot, sam3.CLICK) and snapshot.folder(SAM3)
    if sam3.core_file(snapshot) and not is_ready:
        return _by_core(builder, request, seen)
    return _by_pack(builder, request, seen)


def _by_core(builder: GraphBuilder, request: SegmentRequest, seen: Socket) -> Plan:
    found = builder.put(
        "find",
        sam3.CORE,
        model=sam3.core_model(builder),
        image=seen,
        threshold=FIND_FLOOR,
        refine_iterations=0,  # the node forgets the clicks when it refines
        individual_masks=True,
        **_asked(request),
    )
    sam3.add_results(builder, found)
    return builder.plan(sam3.MASKS)


def _asked(request: SegmentRequest) -> dict[str, object]:
    """Clicks or a box: of both the node makes two objects. Beside clicks a box is one of them."""
    size, box, clicks = Size.of(request.image), request.box, list(request.clicks)
    if box is not None and not clicks:
        return {"bboxes": sam3.cornered(box, size)}
    if box is not None and not any(each.positive for each in clicks):
        clicks.append(Click(box.x + box.width / 2, box.y + box.height / 2))
    across, down = sam3.scales(size)
    points = [({"x": x * across, "y": y * down}, positive) for x, y, positive in clicks]
    return {
        "positive_coords": json.dumps([point for point, positive in points if positive]),
        "negative_coords": json.dumps([point for point, positive in points if not positive]),
    }


def _by_pack(builder: GraphBuilder, request: SegmentRequest, seen: Socket) -> Plan:
    size, clicks = Size.of(request.image), request.clicks
    several = request.box is None and len(clicks) == 1 and not request.draft
    asked: dict[str, object] = {}
    for name, positive in (("positive_points", True), ("negative_points", False)):
        points = [[x / size.width, y / size.height] for x, y, is_so in clicks if is_so is positive]
        if points:
            asked[name] = {"points": points, "labels": [int(positive)] * len(points)}
    if request.box is not None:
        asked["box"] = {"boxes": [sam3.centred(request.box, size)], "labels": [True]}
    found = builder.put(
        "find",
        sam3.CLICK,
        image=seen,
        refinement_iterations=0,
        use_multimask=several,
        output_best_mask=not several,
        **sam3.pack_model(builder, sam3.CLICK),
        **asked,
    )
    sam3.add_results(builder, found, slot(found, 4))
    return builder.plan(sam3.MASKS, sam3.SCORES)
