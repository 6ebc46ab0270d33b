"""The capabilities of one server, and the nodes and models that it lacks for the others."""

from pathlib import Path

import numpy as np

from engine.comfy.errors import Lack, ServerLacks
from engine.comfy.graphs.click import click
from engine.comfy.graphs.find import find
from engine.comfy.graphs.node_packs import SD15_INPAINT
from engine.comfy.graphs.paint import paint
from engine.comfy.graphs.remove import remove
from engine.comfy.prompt_plan import Plan
from engine.comfy.protocol.snapshot import CHECKPOINTS, ServerSnapshot
from engine.comfy.server_models import PLACE, models_of, painter, parts_for
from engine.geometry import Rect
from engine.jobs.backend import Capability
from engine.jobs.operations import Fill, Paint
from engine.jobs.paint_settings import PaintSettings
from engine.jobs.requests import Click, FindRequest, SegmentRequest
from engine.models.families import Family, Kind
from engine.models.model_file import ModelFile

_SIDE = 64
_IMAGE = np.zeros((_SIDE, _SIDE, 3), np.uint8)
_MASK = np.full((_SIDE, _SIDE), 255, np.uint8)
_NONE = ModelFile(
    path=Path(CHECKPOINTS, SD15_INPAINT),
    kind=Kind.CHECKPOINT,
    family=Family.SD15_INPAINT,
    name=SD15_INPAINT,
    title=SD15_INPAINT,
    place=PLACE,
)
"""The model to fetch for a server that has nothing to paint with."""


NEEDS = (
    Capability.CLICK,
    Capability.BOX,
    Capability.FIND,
    Capability.REMOVE,
    Capability.INPAINT,
)
"""The capabilities that servers are asked for; no graph marks the subject of a picture."""


def capabilities(snapshot: ServerSnapshot) -> frozenset[Capability]:
    """The capabilities of a server as it is."""
    return frozenset(need for need in NEEDS if not lacks(need, snapshot))


def lacks(
    need: Capability,
    snapshot: ServerSnapshot,
    *,
    model: ModelFile | None = None,
    loras: tuple[tuple[ModelFile, float], ...] = (),
    settings: PaintSettings | None = None,
) -> tuple[Lack, ...]:
    """The things to install first for one of NEEDS; () = none.

    For painting: with this model, these LoRAs and settings.

    Asked by building the very graph over a tiny picture, so that it never differs from what a job
    would say.
    """
    try:
        _plan(need, snapshot, model, loras, settings or PaintSettings())
    except ServerLacks as missing:
        return missing.lacks
    return ()


def _plan(
    need: Capability, snapshot: ServerSnapshot, model: ModelFile | None,
    loras: tuple[tuple[ModelFile, float], ...], settings: PaintSettings,
) -> Plan:  # fmt: skip
    middle = Click(_SIDE / 2, _SIDE / 2)
    match need:
        case Capability.CLICK:
            return click(SegmentRequest(image=_IMAGE, key="", clicks=(middle,)), snapshot)
        case Capability.BOX:
            box = Rect(0, 0, _SIDE, _SIDE)
            return click(SegmentRequest(image=_IMAGE, key="", box=box), snapshot)
        case Capability.FIND:
            return find(FindRequest(image=_IMAGE, key="", prompt="cat"), snapshot)
        case Capability.REMOVE:
            return remove(Fill(model=_NONE, image=_IMAGE, mask=_MASK), snapshot)
        case Capability.INPAINT:
            return _painting(snapshot, model, loras, settings)
        case Capability.SUBJECT:
            raise ValueError(need)


def _painting(
    snapshot: ServerSnapshot, model: ModelFile | None, loras: tuple[tuple[ModelFile, float], ...],
    settings: PaintSettings,
) -> Plan:  # fmt: skip
    found = models_of(snapshot)
    painters = (each for each in found.models if each.kind is Kind.CHECKPOINT)
    chosen = model or painter(found) or next(painters, _NONE)  # one that lacks parts says which
    operation = Paint(
        model=chosen,
        parts=parts_for(found, chosen),
        loras=loras,
        image=_IMAGE,
        start=_IMAGE,
        mask=_MASK,
        settings=settings,
        seed=0,
    )
    return paint(operation, snapshot)
