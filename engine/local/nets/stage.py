"""Performs what the window asks: finds the network, loads it if need be, and runs it."""

import dataclasses

import torch

from engine.backend import JobContext
from engine.errors import OutOfMemory
from engine.families import Family
from engine.local.messages import (
    Answer,
    Decode,
    Device,
    Encode,
    Fill,
    Free,
    Operation,
    Paint,
    PaintedCanvas,
    Search,
)
from engine.local.nets import devices
from engine.local.nets.embeddings import Embeddings
from engine.local.nets.loaded import Loaded
from engine.memory import MemoryPlan, plan
from engine.models import ModelFile

SELECTOR, REMOVER, PAINTER = "selector", "remover", "painter"
ROOMY_MB = 24_000  # a card on which selector and painter may stay side by side


class Stage:
    """Holds the networks. One operation at a time."""

    def __init__(self) -> None:
        self._torch_device = devices.choose()
        self.device: Device = devices.describe(self._torch_device)
        self._loaded = Loaded(self._torch_device)
        self._embeddings = Embeddings()

    def perform(self, operation: Operation, job: JobContext) -> Answer:
        """Raises OutOfMemory when it did not fit, also alone and in smaller pieces."""
        try:
            return self._perform(operation, job, smaller=False)
        except Exception as error:
            if not devices.is_out_of_memory(error):
                raise
        self._loaded.free()
        job.report(0.0, "smaller")
        try:
            return self._perform(operation, job, smaller=True)
        except Exception as error:
            if not devices.is_out_of_memory(error):
                raise
        self._loaded.free()
        raise OutOfMemory(0, devices.memory_mb(self._torch_device)[0])

    def _perform(self, operation: Operation, job: JobContext, *, smaller: bool) -> Answer:
        match operation:
            case Encode() | Decode() | Search():
                return self._select(operation, job)
            case Fill():
                return self._fill(operation, job)
            case Paint():
                return self._paint(operation, job, smaller=smaller)
            case Free():
                self._loaded.free()
                self._embeddings.clear()
                return None

    def _select(self, operation: Encode | Decode | Search, job: JobContext) -> Answer:
        from engine.local.nets import segment

        model = operation.model
        dtype = devices.dtype_for(model.family, self._torch_device)

        def load() -> segment.Segmenter:
            job.report(0.0, "load")
            return segment.load(model, self._torch_device, dtype)

        segmenter = self._loaded.get(SELECTOR, _identity(model), load)
        return segment.answer(segmenter, operation, self._embeddings, job)

    def _fill(self, operation: Fill, job: JobContext) -> Answer:
        from engine.local.nets import lama

        def load() -> lama.Remover:
            job.report(0.0, "load")
            return lama.load(operation.model, self._fill_device())

        remover = self._loaded.get(REMOVER, _identity(operation.model), load)
        return remover.fill(operation.image, operation.mask, job)

    def _fill_device(self) -> torch.device:
        """A Mac's Fourier transforms are not trusted: LaMa runs on its processor."""
        is_mac = self._torch_device.type == "mps"
        return torch.device("cpu") if is_mac else self._torch_device

    def _paint(self, operation: Paint, job: JobContext, *, smaller: bool) -> PaintedCanvas:
        from engine.local.nets import checkpoints, loras, painter

        if self.device.kind != "cpu" and self.device.total_mb < ROOMY_MB:
            self._loaded.drop(SELECTOR)
        planned = self._planned(operation, smaller=smaller)

        def load() -> checkpoints.Parts:
            job.report(0.0, "load")
            dtype = devices.dtype_for(operation.model.family, self._torch_device)
            return checkpoints.load(
                operation.model, operation.parts, planned, job,
                device=self._torch_device, dtype=dtype,
            )  # fmt: skip

        key = (_identity(operation.model), *map(_identity, operation.parts), planned.placement)
        parts = self._loaded.get(PAINTER, key, load)
        notes = loras.use(parts, operation.loras)
        canvas = painter.paint(parts, operation, planned, job)
        return dataclasses.replace(canvas, notes=(*planned.notes, *notes, *canvas.notes))

    def _planned(self, operation: Paint, *, smaller: bool) -> MemoryPlan:
        family = operation.model.family or Family.SD15
        dtype = devices.dtype_for(family, self._torch_device)
        own = operation.model.precision
        precision = own if own.startswith(("gguf", "nf4")) else devices.PRECISIONS[dtype]
        free_mb, _ = devices.memory_mb(self._torch_device)
        held = PAINTER in self._loaded.kinds  # its own memory counts as free
        known = dataclasses.replace(self.device, free_mb=self.device.total_mb if held else free_mb)
        height, width = operation.mask.shape
        planned = plan(family, precision, height * width, known)
        return planned.smaller() if smaller else planned


def _identity(model: ModelFile) -> tuple[str, int]:
    """Another file under the same name is another model."""
    try:
        return str(model.path), model.path.stat().st_mtime_ns
    except OSError:
        return str(model.path), 0
