"""Builds a graph node by node, collecting its uploads and what the server lacks for it.

Nothing is guessed: a node, a choice or a file that the server does not offer is noted, and all of
it is said at once when the plan is wanted.
"""

from collections.abc import Iterable
from typing import TypeAlias

from engine.comfy.errors import Lack, ServerLacks
from engine.comfy.graphs.node_packs import lack_of_file, lack_of_node
from engine.comfy.prompt_plan import Graph, Plan, Upload
from engine.comfy.protocol.object_info import COMBO, InputSpec, NodeSpec
from engine.comfy.protocol.snapshot import (
    CHECKPOINTS,
    DIFFUSION_MODELS,
    LORAS,
    TEXT_ENCODERS,
    VAE,
    ServerSnapshot,
)
from engine.geometry import Image, Mask
from engine.image_io.encoding.png_writer import QUICK, encode_png
from engine.jobs.backend import Capability

Socket: TypeAlias = list[str | int]
"""An output of a node, as a link to it is written: [id, slot]."""

_FOLDERS = {
    "ckpt_name": CHECKPOINTS,
    "lora_name": LORAS,
    "unet_name": DIFFUSION_MODELS,
    "vae_name": VAE,
    "clip_name1": TEXT_ENCODERS,
    "clip_name2": TEXT_ENCODERS,
}


class GraphBuilder:
    """A graph to which nodes are added."""

    def __init__(self, snapshot: ServerSnapshot, need: Capability) -> None:
        self.snapshot = snapshot
        self._need = need
        self._graph: Graph = {}
        self._uploads: dict[str, Upload] = {}
        self._needs: list[tuple[str, str]] = []
        self._lacks: list[Lack] = []

    def put(self, id_: str, node: str, **inputs: object) -> Socket:
        """Add a node and return its first output.

        Widgets that are required and not given get the server's own default: newer versions have
        more of them.
        """
        spec = self.snapshot.nodes.get(node)
        if spec is None:
            self.lacks(lack_of_node(node))
        else:
            self._check(spec, inputs)
            inputs = {**_defaults(spec, inputs), **inputs}
        self._graph[id_] = {"class_type": node, "inputs": inputs}
        return [id_, 0]

    def lacks(self, *lacks: Lack) -> None:
        """Note what is missing."""
        self._lacks.extend(lacks)

    def image(self, id_: str, pixels: Image) -> Socket:
        """A picture (h, w, 3) as an IMAGE."""
        return self.put(id_, "LoadImage", image=self._upload(pixels))

    def mask(self, id_: str, mask: Mask) -> Socket:
        """A mask (h, w) as a MASK; red, for alpha means its opposite there."""
        return self.put(id_, "LoadImageMask", image=self._upload(mask), channel="red")

    def plan(self, *wanted: str) -> Plan:
        """All of it, to be answered by these nodes. Raises ServerLacks."""
        if self._lacks:
            lacks = tuple(dict.fromkeys(self._lacks))
            raise ServerLacks(self.snapshot.server, self._need.value, lacks)
        return Plan(
            graph=self._graph,
            wanted=wanted,
            uploads=tuple(self._uploads.values()),
            needs=tuple(dict.fromkeys(self._needs)),
        )

    def _upload(self, pixels: Image | Mask) -> str:
        upload = Upload(content=encode_png(pixels, compression=QUICK))
        return self._uploads.setdefault(upload.name, upload).name

    def _check(self, spec: NodeSpec, inputs: dict[str, object]) -> None:
        for name, value in inputs.items():
            known = spec.input(name)
            if known is None:
                self.lacks(Lack("node", f"{spec.name}.{name}"))
            elif known.type == COMBO and not known.is_upload:
                self._check_choice(known, str(value))

    def _check_choice(self, known: InputSpec, value: str) -> None:
        folder = _FOLDERS.get(known.name, "")
        if folder:
            self._needs.append((folder, value))
            if value not in self.snapshot.folder(folder):
                self.lacks(lack_of_file(folder, value))
        elif known.options and value not in known.options:
            self.lacks(Lack(known.name, value))


def slot(socket: Socket, number: int) -> Socket:
    """Another output of the same node."""
    return [socket[0], number]


def _defaults(spec: NodeSpec, given: Iterable[str]) -> dict[str, object]:
    return {
        each.name: each.default
        for each in spec.inputs
        if each.required and each.is_widget and each.name not in given
    }
