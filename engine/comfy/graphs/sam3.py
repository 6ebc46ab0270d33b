"""SAM 3 on a server: its nodes and weights, and the parts that all its graphs share.

Two makers of nodes are known. ComfyUI's own SAM3_Detect finds by a phrase and by boxes that show
what is meant, and answers a click by one mask, unscored. The pack ComfyUI-SAM3 has boxes that show
what is not meant too, and three masks for a click; it has changed its sockets twice, so that they
are looked up rather than known.
"""

import cv2
import numpy as np

from engine.comfy.errors import Lack
from engine.comfy.graphs.builder import GraphBuilder, Socket
from engine.comfy.graphs.node_packs import CORE_SAM3, base, lack_of_file, lack_of_node
from engine.comfy.protocol.snapshot import CHECKPOINTS, SAM3, ServerSnapshot
from engine.geometry import Image, Rect, Size

SENT_PX = 1536  # longest side of what is sent: the network sees 1008 x 1008
CORE = "SAM3_Detect"
FIND = "SAM3Grounding"
CLICK = "SAM3Segmentation"
LOADER = "LoadSAM3Model"
MASKS, SCORES = "masks", "scores"  # ids of what answers


def core_file(snapshot: ServerSnapshot) -> str:
    """The checkpoint for ComfyUI's own nodes; "" = none, or no such nodes."""
    if CORE not in snapshot.nodes:
        return ""
    named = [name for name in snapshot.folder(CHECKPOINTS) if is_sam3(name)]
    return min(named, key=lambda name: (".safetensors" not in name, "3.1" not in name), default="")


def has_pack(snapshot: ServerSnapshot, node: str) -> bool:
    """Whether the pack answers this kind of question; it fetches its weights itself."""
    return node in snapshot.nodes and LOADER in snapshot.nodes


def is_sam3(name: str) -> bool:
    """By its name; there are networks of bodies and of things that are called so too."""
    bare = base(name).lower().replace("_", "").replace("-", "")
    return "sam3" in bare and "sam3d" not in bare


def send_image(builder: GraphBuilder, image: Image) -> Socket:
    """The (H, W, 3) picture, reduced to what `sent_size` says."""
    size = sent_size(Size.of(image))
    if size != Size.of(image):
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return builder.image("image", image)


def sent_size(size: Size) -> Size:
    """Of the picture that is sent for one of this size, and of the masks that come back."""
    share = min(1.0, SENT_PX / max(size))
    return Size(max(1, round(size.width * share)), max(1, round(size.height * share)))


def core_model(builder: GraphBuilder) -> Socket:
    """MODEL, with CLIP in the next slot."""
    return builder.put("model", "CheckpointLoaderSimple", ckpt_name=core_file(builder.snapshot))


def notes_weights(builder: GraphBuilder, node: str) -> bool:
    """Whether nothing but weights is missing for ComfyUI's own nodes, and no pack is there.

    They are noted as missing then, alone: the pack is not needed with them.
    """
    snapshot = builder.snapshot
    if CORE not in snapshot.nodes or core_file(snapshot) or has_pack(snapshot, node):
        return False
    builder.lacks(lack_of_file(CHECKPOINTS, CORE_SAM3))
    return True


def pack_model(builder: GraphBuilder, node: str) -> dict[str, Socket]:
    """The pack's model, for whatever input of the node wants it. Notes what is missing."""
    nodes = builder.snapshot.nodes
    if not has_pack(builder.snapshot, node):
        builder.lacks(lack_of_node(node))
        return {}
    given: dict[str, object] = {}
    if nodes.input(LOADER, "model_path") is not None:
        given["model_path"] = _path(builder.snapshot)
    model = builder.put("model", LOADER, **given)
    kinds = {each.type for each in nodes[LOADER].outputs}
    wants = [each.name for each in nodes[node].inputs if each.type in kinds]
    if not wants:
        builder.lacks(Lack("node", f"{node}.{LOADER}"))
    return dict.fromkeys(wants[:1], model)


def add_results(builder: GraphBuilder, masks: Socket, scores: Socket | None = None) -> None:
    """Have masks, and what is said of each, sent back."""
    builder.put(MASKS, "PreviewImage", images=builder.put("drawn", "MaskToImage", mask=masks))
    if scores is not None:
        builder.put(SCORES, "PreviewAny", source=scores)


def centred(box: Rect, size: Size) -> list[float]:
    """Centre, width and height as shares of the picture: what the pack calls a box."""
    return [
        (box.x + box.width / 2) / size.width,
        (box.y + box.height / 2) / size.height,
        box.width / size.width,
        box.height / size.height,
    ]


def cornered(box: Rect, size: Size) -> dict[str, float]:
    """In pixels of what is sent of a picture of this size: what ComfyUI calls a box."""
    across, down = scales(size)
    return {
        "x": box.x * across,
        "y": box.y * down,
        "width": box.width * across,
        "height": box.height * down,
    }


def scales(size: Size) -> tuple[float, float]:
    """Pixels that are sent to one of the picture, across and down."""
    small = sent_size(size)
    return small.width / size.width, small.height / size.height


def _path(snapshot: ServerSnapshot) -> str:
    """Where old versions of the pack look: their own place, unless the file lies elsewhere."""
    spec = snapshot.nodes.input(LOADER, "model_path")
    usual = str(spec.default) if spec and spec.default else "models/sam3/sam3.pt"
    for folder in (SAM3, CHECKPOINTS):
        for name in snapshot.folder(folder):
            if base(name) == base(usual):
                return f"models/{folder}/{name}"
    return usual
