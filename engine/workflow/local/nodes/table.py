"""The table of all nodes that run on this computer. A new node is one more record in it."""

from collections.abc import Mapping

from engine.comfy.protocol.object_info import Nodes
from engine.workflow.local.nodes.crops import CROP_NODES
from engine.workflow.local.nodes.finding import FINDING_NODES
from engine.workflow.local.nodes.latents import LATENT_NODES
from engine.workflow.local.nodes.masks import MASK_NODES
from engine.workflow.local.nodes.models import MODEL_NODES
from engine.workflow.local.nodes.numbers import NUMBER_NODES
from engine.workflow.local.nodes.outputs import OUTPUT_NODES
from engine.workflow.local.nodes.pictures import PICTURE_NODES
from engine.workflow.local.nodes.prompts import PROMPT_NODES
from engine.workflow.local.nodes.record import LocalNode
from engine.workflow.local.nodes.resizing import RESIZING_NODES
from engine.workflow.local.nodes.sampling import SAMPLING_NODES

NODES: Mapping[str, LocalNode] = {
    node.name: node
    for node in (
        *NUMBER_NODES,
        *PICTURE_NODES,
        *RESIZING_NODES,
        *MASK_NODES,
        *FINDING_NODES,
        *MODEL_NODES,
        *PROMPT_NODES,
        *LATENT_NODES,
        *SAMPLING_NODES,
        *CROP_NODES,
        *OUTPUT_NODES,
    )
}

LOCAL_NODES = Nodes({name: node.spec for name, node in NODES.items()})
"""Their interfaces, as those of a server."""
