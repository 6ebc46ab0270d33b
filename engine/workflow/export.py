"""Exports a job as a workflow: the graph for a server, and the pictures that it reads.

A job with several holes, or with a hole larger than the model, has several canvases: the first is
exported; the settings are the same for all.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from engine.comfy.graphs import find as graph_find
from engine.comfy.graphs import paint as graph_paint
from engine.comfy.graphs import remove as graph_remove
from engine.comfy.graphs.loaders import parts_of
from engine.comfy.prompt_plan import Graph, Plan
from engine.comfy.protocol.object_info import InputSpec, Nodes, NodeSpec
from engine.comfy.protocol.snapshot import (
    CHECKPOINTS,
    DIFFUSION_MODELS,
    LORAS,
    TEXT_ENCODERS,
    VAE,
    ServerSnapshot,
)
from engine.dispatch.lookup import checkpoint, lora
from engine.geometry import Image
from engine.inpaint.fill_large import fill
from engine.inpaint.paint import inpaint
from engine.jobs.backend import JobContext
from engine.jobs.operations import Device, Fill, Operation, Paint, Perform
from engine.jobs.requests import FindRequest, Hole, InpaintRequest, RemoveRequest
from engine.models.families import Family, Kind
from engine.models.model_file import Installed, ModelFile
from engine.workflow.edit.sources import with_sources
from engine.workflow.format.ui_writer import to_ui
from engine.workflow.local.nodes.table import LOCAL_NODES

Asked = TypeVar("Asked", Fill, Paint)

IMAGE_NODES = ("LoadImage", "LoadImageMask")
_LAMA = ModelFile(
    path=Path("big-lama.pt"), kind=Kind.REMOVER, family=Family.LAMA, name="lama", title="LaMa"
)
_PARTS = {
    "clip-l": "clip_l.safetensors", "clip-g": "clip_g.safetensors",
    "t5-xxl": "t5xxl_fp16.safetensors", "flux": "ae.safetensors", "sdxl": "sdxl_vae.safetensors",
}  # fmt: skip
"""Usual names of the files of each part."""

_TEXTS = NodeSpec(
    name="PreviewAny",
    title="Preview as Text",
    pack="",
    inputs=(InputSpec(name="source", type="*"),),
    outputs=(),
    is_output=True,
)
NODES = Nodes({**LOCAL_NODES, _TEXTS.name: _TEXTS})
"""The nodes of a usual server that jobs are made of."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExportedFiles:
    """Files by name, to be written into one folder."""

    api: bytes  # the graph, as a server takes it
    ui: bytes  # the workflow, as ComfyUI's window opens it
    pictures: Mapping[str, bytes]  # for ComfyUI's folder `input`


class _First(Exception):
    """Carries the first operation out of a job."""

    def __init__(self, operation: Operation) -> None:
        super().__init__()
        self.operation = operation


def export_request(
    request: InpaintRequest | RemoveRequest | FindRequest,
    installed: Installed,
    job: JobContext,
    *,
    stem: str,
    snapshot: ServerSnapshot | None = None,
) -> ExportedFiles:
    """The job as files whose names begin with `stem`. Raises ModelMissing, ServerLacks.

    The graph fits the server of `snapshot`, else ComfyUI with the usual packs.
    """
    match request:
        case InpaintRequest():
            operation = _painting(request, installed, job)
            server = snapshot or _usual(operation)
            return _files(graph_paint.paint(operation, server), server, stem)
        case RemoveRequest():
            server = snapshot or _usual(None)
            return _files(graph_remove.remove(_removal(request, job), server), server, stem)
        case FindRequest():
            server = snapshot or _usual(None)
            return _files(graph_find.find(request, server), server, stem)


def _painting(request: InpaintRequest, installed: Installed, job: JobContext) -> Paint:
    settings = request.settings
    model = checkpoint(installed, settings.checkpoint, installed.painter)
    loras = tuple((lora(installed, model, u.name), u.weight) for u in settings.loras if u.weight)
    first = _first(
        lambda ask: inpaint(
            ask, model, (), loras, request.holes[0], settings, request.seed, job, prefill=_prefill
        ),
        Paint,
    )
    return _placed(first)


def _removal(request: RemoveRequest, job: JobContext) -> Fill:
    return _first(lambda ask: fill(ask, _LAMA, request.holes[0], job), Fill)


def _first(run: Callable[[Perform], object], kind: type[Asked]) -> Asked:
    """The first operation that a job performs; it gets no answer."""
    try:
        run(_ask)
    except _First as first:
        if isinstance(first.operation, kind):
            return first.operation
    raise TypeError(f"no {kind.__name__} was asked for")


def _ask(operation: Operation, job: JobContext) -> NoReturn:
    raise _First(operation)


def _prefill(hole: Hole, job: JobContext) -> Image:
    """The fill of the built-in engine: a remover would be a second graph before this one."""
    from engine.builtin.fill.fill import fill as filled

    return filled(hole.image, hole.mask, 0, job.report)


def _placed(operation: Paint) -> Paint:
    """The operation with its model in the folder where ComfyUI looks for it."""
    model = operation.model
    is_bare = model.family is not None and model.family.is_flux
    folder = DIFFUSION_MODELS if is_bare else CHECKPOINTS
    if model.place == "":
        model = replace(model, path=Path(folder, model.name))
    parts = tuple(
        ModelFile(
            path=Path(_PARTS[part]), kind=Kind.VAE, family=None, name=_PARTS[part],
            title=part, part=part,
        )
        for part in parts_of(model)
    )  # fmt: skip
    return replace(operation, model=model, parts=parts)


def _usual(operation: Paint | None) -> ServerSnapshot:
    """A server with the models of the operation and all nodes that this program knows."""
    models: dict[str, tuple[str, ...]] = {}
    if operation is not None:
        names = (operation.model.name,)
        models = {
            CHECKPOINTS: names,
            DIFFUSION_MODELS: names,
            LORAS: tuple(lora.name for lora, _ in operation.loras),
            TEXT_ENCODERS: tuple(_PARTS.values()),
            VAE: tuple(_PARTS.values()),
        }
    device = Device(kind="cuda", name="", total_mb=0, free_mb=0, torch="")
    return ServerSnapshot(version="", device=device, nodes=NODES, models=models)


def _files(plan: Plan, snapshot: ServerSnapshot, stem: str) -> ExportedFiles:
    names = {upload.name: f"{stem}-{n}.png" for n, upload in enumerate(plan.uploads, 1)}
    graph: Graph = {id_: _renamed(node, names) for id_, node in plan.graph.items()}
    return ExportedFiles(
        api=_json(graph),
        ui=_json(with_sources(to_ui(graph, snapshot.nodes), graph, snapshot.nodes)),
        pictures={names[upload.name]: upload.content for upload in plan.uploads},
    )


def _renamed(node: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The node with the names of the exported pictures; previews become SaveImage."""
    inputs = dict(node["inputs"])
    if node["class_type"] in IMAGE_NODES:
        inputs["image"] = names.get(inputs["image"], inputs["image"])
    if node["class_type"] == "PreviewImage":
        return {"class_type": "SaveImage", "inputs": {**inputs, "filename_prefix": "Lacuna"}}
    return {**node, "inputs": inputs}


def _json(content: object) -> bytes:
    return json.dumps(content, indent=1).encode()
