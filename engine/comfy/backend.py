"""Runs the requests of a Backend on the user's ComfyUI servers, through one JobPool."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from engine.comfy.errors import Lack
from engine.comfy.features import lacks
from engine.comfy.graphs import (
    click as graph_click,
)
from engine.comfy.graphs import (
    find as graph_find,
)
from engine.comfy.graphs import (
    paint as graph_paint,
)
from engine.comfy.graphs import (
    remove as graph_remove,
)
from engine.comfy.graphs.masks import read_found
from engine.comfy.jobs.pool import JobPool
from engine.comfy.prompt_plan import Plan, PlanOutputs
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.comfy.server_models import PLACE, models_of, painter, parts_for
from engine.dispatch.lookup import checkpoint, lora
from engine.errors import CapabilityMissing, NothingFound
from engine.geometry import Image, Mask, Size
from engine.inpaint.fill_large import fill
from engine.inpaint.paint import FillHole, inpaint, prefill_by
from engine.jobs.backend import Capability, JobContext
from engine.jobs.operations import Answer, Fill, Operation, Paint, PaintedCanvas
from engine.jobs.paint_settings import Painted, PaintSettings
from engine.jobs.requests import (
    FIND_FLOOR,
    FindRequest,
    FindResult,
    Hole,
    PrepareRequest,
    SegmentRequest,
    SegmentResult,
)
from engine.models.families import Family, Kind
from engine.models.model_file import Installed, ModelFile

GRID, FLUX_GRID = 16, 64  # sides of what is sent are multiples of these
_LAMA = ModelFile(
    path=Path("LamaRemover"),
    kind=Kind.REMOVER,
    family=Family.LAMA,
    name="lama",
    title="LaMa",
    place=PLACE,
)
"""The model that a server removes with, whatever its file is called."""


class ComfyBackend:
    """Asks whichever server can do it; may be used by several threads at once."""

    name = "server"

    def __init__(
        self,
        pool: JobPool,
        installed: Callable[[], Installed],
        able: Callable[[], frozenset[Capability]],
        fill_else: FillHole | None = None,
        only: str = "",
    ) -> None:
        """`installed` are the models of all servers, `able` what they can do, taken together.

        `fill_else` fills a hole before painting where no server removes; `only` names the one
        server that may be asked.
        """
        self._pool, self._installed, self._able = pool, installed, able
        self._fill_else, self._only = fill_else, only

    def capabilities(self) -> frozenset[Capability]:
        return self._able()

    def prepare(self, request: PrepareRequest, job: JobContext) -> None:
        """A server looks at a picture when it is asked about it."""

    def segment(self, request: SegmentRequest, job: JobContext) -> SegmentResult:
        """Raises NothingFound. The prior is not sent: no node takes one."""
        need = Capability.CLICK if request.clicks else Capability.BOX
        make = partial(graph_click.click, request)
        found = read_found(self._run(make, need, job), Size.of(request.image))
        if not found:
            raise NothingFound
        return SegmentResult(
            candidates=tuple(found[:3]), engine=self.name, revision=request.revision
        )

    def find(self, request: FindRequest, job: JobContext) -> FindResult:
        make = partial(graph_find.find, request)
        found = read_found(self._run(make, Capability.FIND, job), Size.of(request.image))
        found = [each for each in found if each.score >= FIND_FLOOR]
        if not found:
            raise NothingFound
        return FindResult(instances=tuple(found), engine=self.name, revision=request.revision)

    def fill(self, hole: Hole, seed: int, job: JobContext) -> Image:
        model = self._installed().remover or _LAMA
        return fill(self._ask, model, hole, job)

    def inpaint(self, hole: Hole, settings: PaintSettings, seed: int, job: JobContext) -> Painted:
        """Raises ModelMissing, LoraMisfit, and what a server does."""
        found = self._installed()
        model = checkpoint(found, settings.checkpoint, painter(found))
        remover = self.fill if Capability.REMOVE in self._able() else None
        return inpaint(
            self._ask,
            model,
            (),
            tuple((lora(found, model, u.name), u.weight) for u in settings.loras if u.weight),
            hole,
            settings,
            seed,
            job,
            prefill=prefill_by(remover, self._fill_else, seed, self.name),
        )

    def detach(self) -> None:
        """Let servers go on with what they do: cancelling ends the waiting alone."""
        self._pool.detach()

    def close(self) -> None:
        self._pool.close()

    def _ask(self, operation: Operation, job: JobContext) -> Answer:
        """One canvas."""
        match operation:
            case Fill():
                return self._filled(operation, job)
            case Paint():
                return self._painted(operation, job)
            case _:
                raise CapabilityMissing(self.name, type(operation).__name__)

    def _filled(self, operation: Fill, job: JobContext) -> Image:
        size = Size.of(operation.image)
        image, mask = _padded(operation.image, GRID), _padded(operation.mask, GRID, empty=True)
        larger = Fill(model=operation.model, image=image, mask=mask)
        outputs = self._run(partial(graph_remove.remove, larger), Capability.REMOVE, job)
        return _cut(graph_remove.read_removed(outputs, Size.of(image)), size)

    def _painted(self, operation: Paint, job: JobContext) -> PaintedCanvas:
        larger = _on_grid(operation)
        outputs = self._run(
            partial(_planned, larger),
            Capability.INPAINT,
            job,
            able=partial(_lacking, operation),
        )
        image = graph_paint.read_painted(outputs, Size.of(larger.image))
        return PaintedCanvas(
            image=_cut(image, Size.of(operation.image)),
            sigmas=(),
            device=outputs.device,
            precision="",
            versions=(outputs.server,),
        )

    def _run(
        self,
        make: Callable[[ServerSnapshot], Plan],
        need: Capability,
        job: JobContext,
        able: Callable[[ServerSnapshot], tuple[Lack, ...]] | None = None,
    ) -> PlanOutputs:
        return self._pool.run(
            make, able or partial(lacks, need), job, need=need.value, only=self._only
        )


def _planned(operation: Paint, snapshot: ServerSnapshot) -> Plan:
    """With the text encoders and the VAE as this server calls them."""
    parts = parts_for(models_of(snapshot), operation.model)
    return graph_paint.paint(replace(operation, parts=parts), snapshot)


def _lacking(operation: Paint, snapshot: ServerSnapshot) -> tuple[Lack, ...]:
    """For this very model, these LoRAs and settings; the parts are each server's own."""
    return lacks(
        Capability.INPAINT,
        snapshot,
        model=operation.model,
        loras=operation.loras,
        settings=operation.settings,
    )


def _on_grid(operation: Paint) -> Paint:
    family = operation.model.family
    grid = FLUX_GRID if family is not None and family.is_flux else GRID
    if not any(side % grid for side in Size.of(operation.image)):
        return operation
    return replace(
        operation,
        image=_padded(operation.image, grid),
        start=_padded(operation.start, grid),
        mask=_padded(operation.mask, grid, empty=True),
    )


def _padded(array: Image | Mask, grid: int, *, empty: bool = False) -> np.ndarray:  # pyright: ignore
    """Larger below and beside, by reflection, or with nothing marked."""
    height, width = array.shape[:2]
    room = ((0, -height % grid), (0, -width % grid), *((0, 0),) * (array.ndim - 2))
    if not any(after for _, after in room):
        return array
    return np.pad(array, room) if empty else np.pad(array, room, mode="symmetric")


def _cut(image: Image, size: Size) -> Image:
    return np.ascontiguousarray(image[: size.height, : size.width])
