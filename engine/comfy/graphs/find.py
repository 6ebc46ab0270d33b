"""Builds the graph that finds all instances of a phrase, or of what boxes show.

By ComfyUI's own nodes, else by the SAM 3 pack.
"""

from engine.comfy.graphs import sam3
from engine.comfy.graphs.builder import GraphBuilder, Socket, slot
from engine.comfy.graphs.node_packs import lack_of_node
from engine.comfy.prompt_plan import Plan
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.geometry import Size
from engine.jobs.backend import Capability
from engine.jobs.requests import FIND_FLOOR, MAX_INSTANCES, FindRequest

NO_WORDS = "visual"  # what SAM 3 was trained to read where only boxes are given


def find(request: FindRequest, snapshot: ServerSnapshot) -> Plan:
    """Every instance from FIND_FLOOR up, so that a threshold needs no run. Raises ServerLacks.

    Answered by engine.comfy.graphs.masks.read_found.
    """
    builder = GraphBuilder(snapshot, Capability.FIND)
    seen = sam3.send_image(builder, request.image)
    shows_what_not = any(not each.positive for each in request.exemplars)
    if not shows_what_not and sam3.notes_weights(builder, sam3.FIND):
        return builder.plan()
    if not sam3.core_file(snapshot) or (shows_what_not and sam3.has_pack(snapshot, sam3.FIND)):
        return _by_pack(builder, request, seen)
    if shows_what_not:
        builder.lacks(lack_of_node(sam3.FIND))
    return _by_core(builder, request, seen)


def _by_core(builder: GraphBuilder, request: FindRequest, seen: Socket) -> Plan:
    size, checkpoint = Size.of(request.image), sam3.core_model(builder)
    words = builder.put(
        "phrase", "CLIPTextEncode", text=phrase(request.prompt), clip=slot(checkpoint, 1)
    )
    boxes = [sam3.cornered(each.box, size) for each in request.exemplars if each.positive]
    found = builder.put(
        "find",
        sam3.CORE,
        model=checkpoint,
        image=seen,
        conditioning=words,
        threshold=FIND_FLOOR,
        refine_iterations=0,  # else the network looks at every instance as at a picture of its own
        individual_masks=True,
        **({"bboxes": {"__value__": boxes}} if boxes else {}),
    )
    builder.put(
        sam3.MASKS, "PreviewImage", images=_never_none(builder, found, sam3.sent_size(size))
    )
    builder.put(sam3.SCORES, "PreviewAny", source=slot(found, 1))
    return builder.plan(sam3.MASKS, sam3.SCORES)


def _never_none(builder: GraphBuilder, masks: Socket, size: Size) -> Socket:
    """Nothing found is no picture at all, over which PreviewImage stumbles: a black one follows."""
    drawn = builder.put("drawn", "MaskToImage", mask=masks)
    black = builder.put("black", "SolidMask", value=0.0, width=size.width, height=size.height)
    last = builder.put("last", "MaskToImage", mask=black)
    return builder.put("batch", "ImageBatch", image1=drawn, image2=last)


def _by_pack(builder: GraphBuilder, request: FindRequest, seen: Socket) -> Plan:
    size = Size.of(request.image)
    boxes: dict[str, object] = {}
    for name, positive in (("positive_boxes", True), ("negative_boxes", False)):
        shown = [sam3.centred(b, size) for b, is_so in request.exemplars if is_so is positive]
        if shown:
            boxes[name] = {"boxes": shown, "labels": [positive] * len(shown)}
    found = builder.put(
        "find",
        sam3.FIND,
        image=seen,
        confidence_threshold=FIND_FLOOR,
        text_prompt=request.prompt.strip(),
        max_detections=MAX_INSTANCES,
        **sam3.pack_model(builder, sam3.FIND),
        **boxes,
    )
    sam3.add_results(builder, found, slot(found, 3))
    return builder.plan(sam3.MASKS, sam3.SCORES)


def phrase(prompt: str) -> str:
    """One phrase and how many instances of it, as ComfyUI's own encoder reads them.

    There commas part phrases, and nothing escapes them. A number after a colon is one of instances
    only where it comes last: here ours does, and the user's stay words.
    """
    words = " ".join(prompt.replace(",", " ").split())
    return f"{words or NO_WORDS}:{MAX_INSTANCES}"
