"""Performs operations in the engine process: finds the network, loads it if needed, runs it."""

import dataclasses
import sys
from typing import Any

import torch

from engine.dispatch.memory_plan import MemoryPlan, plan
from engine.errors import CapabilityMissing, OutOfMemory
from engine.jobs.backend import Capability, JobContext
from engine.jobs.operations import (
    Answer,
    Decode,
    Device,
    Encode,
    Fill,
    Free,
    Operation,
    Paint,
    PaintedCanvas,
    Salient,
    Search,
)
from engine.local.embedding_cache import Embeddings
from engine.local.nets import devices
from engine.local.nets.model_cache import ModelCache, identity
from engine.local.segmenter import Segmenter, answer
from engine.models.families import Family
from engine.models.model_file import ModelFile

SELECTOR, REMOVER, PAINTER = "selector", "remover", "painter"
ROOMY_MB = 24_000  # of memory, in which selector and painter may stay side by side
WORK_MB = 1000  # beside the weights, for one pass

CPU = torch.device("cpu")


class Executor:
    """Holds the networks. One operation at a time."""

    def __init__(self) -> None:
        self._torch_device = devices.choose()
        self.device: Device = devices.describe(self._torch_device)
        self._loaded = ModelCache(self._torch_device)
        self._embeddings = Embeddings()
        self._painting = PaintingExecutor(self._torch_device, self._loaded)

    def perform(self, operation: Operation, job: JobContext) -> Answer:
        """Raises OutOfMemory when it did not fit, also alone and in smaller pieces."""
        try:
            return self._perform(operation, job)
        except Exception as error:
            if not devices.is_out_of_memory(error):
                raise
        self._free()  # after the error, whose frames hold tensors
        self._painting.shrink(operation)
        job.report(0.0, "smaller")
        try:
            return self._perform(operation, job)
        except Exception as error:
            if not devices.is_out_of_memory(error):
                raise
        self._free()
        needed_mb = self._painting.needed_mb if isinstance(operation, Paint) else 0
        raise OutOfMemory(needed_mb, devices.memory_mb(self._torch_device)[0])

    def _perform(self, operation: Operation, job: JobContext) -> Answer:
        match operation:
            case Encode() | Decode() | Search():
                return self._select(operation, job)
            case Fill():
                return self._fill(operation, job)
            case Salient():
                raise CapabilityMissing("local", Capability.SUBJECT.value)
            case Paint():
                return self._painting.paint(operation, job)
            case Free():
                self._free()
                self._painting.forget()
                return None

    def _free(self) -> None:
        self._embeddings.clear()
        self._loaded.free()

    def _select(self, operation: Encode | Decode | Search, job: JobContext) -> Answer:
        report_import("segment.load", job)
        from engine.local.nets.segment import load as segment

        model = operation.model
        dtype = devices.dtype_for(model.family, self._torch_device)

        def load() -> Segmenter:
            job.report(0.0, "load")
            return segment.load(model, self._torch_device, dtype)

        segmenter = self._loaded.get(SELECTOR, identity(model), load, _needs_mb(model))
        return answer(segmenter, operation, self._embeddings, job)

    def _fill(self, operation: Fill, job: JobContext) -> Answer:
        report_import("remove.lama", job)
        from engine.local.nets import device_check
        from engine.local.nets.remove import lama

        model = operation.model

        def load() -> lama.LamaRemover:
            job.report(0.0, "load")
            if self._torch_device.type != "mps":
                return lama.load(model, self._torch_device)
            slow, quick = lama.load(model, CPU), lama.load(model, self._torch_device)
            return quick if device_check.agree(slow, quick, job) else slow

        remover = self._loaded.get(REMOVER, identity(model), load, _needs_mb(model))
        return remover.fill(operation.image, operation.mask, job)


class PaintingExecutor:
    """The painter's side: plans, makes room, loads, and learns from what did not fit."""

    def __init__(self, device: torch.device, loaded: ModelCache) -> None:
        self._device, self._loaded = device, loaded
        self._cache: Any = None  # of earlier paintings
        self._tight: dict[object, int] = {}  # so many pixels did not fit as planned
        self.needed_mb = 0

    def paint(self, operation: Paint, job: JobContext) -> PaintedCanvas:
        report_import("diffusion.sample", job)
        from engine.local.nets.adapters import use as loras
        from engine.local.nets.diffusion import cache, sample
        from engine.local.nets.loading import checkpoints

        self._cache = self._cache or cache.HostCache()
        planned = self.planned(operation)
        self.needed_mb = planned.needed_mb
        _, total_mb = devices.memory_mb(self._device)
        if total_mb < ROOMY_MB:
            self._loaded.drop(SELECTOR)

        def load() -> checkpoints.PipelineComponents:
            job.report(0.0, "load")
            dtype = devices.dtype_for(operation.model.family, self._device)
            return checkpoints.load(
                operation.model, operation.parts, planned, job, device=self._device, dtype=dtype
            )

        key = (identity(operation.model), *map(identity, operation.parts), planned.placement)
        parts = self._loaded.get(PAINTER, key, load, planned.needed_mb)
        notes = loras.use(parts, operation.loras)
        canvas = sample.paint(parts, operation, planned, job, cache=self._cache)
        partly = ("model_partly",) if operation.model.unused else ()
        notes = (*planned.notes, *partly, *notes, *canvas.notes)
        return dataclasses.replace(canvas, notes=notes)

    def planned(self, operation: Paint) -> MemoryPlan:
        """Raises DeviceTooSmall. What this process holds counts as free: it would go first."""
        model, pixels = operation.model, operation.mask.size
        family = model.family or Family.SD15
        is_own = model.precision.startswith(("gguf", "nf4"))
        dtype = devices.dtype_for(family, self._device)
        precision = model.precision if is_own else devices.PRECISIONS[dtype]
        free_mb, total_mb = devices.memory_mb(self._device)
        free_mb = min(total_mb, free_mb + devices.held_mb(self._device))
        known = dataclasses.replace(devices.describe(self._device), free_mb=free_mb)
        found = plan(family, precision, pixels, known)
        is_tight = pixels >= self._tight.get(identity(model), sys.maxsize)
        return found.smaller() if is_tight else found

    def shrink(self, operation: Operation) -> None:
        """From now on, smaller: it did not fit."""
        if isinstance(operation, Paint):
            self._tight[identity(operation.model)] = operation.mask.size

    def forget(self) -> None:
        self._cache = None
        self._tight.clear()


def report_import(name: str, job: JobContext) -> None:
    """Importing what a network is made of takes seconds, once."""
    if f"{__package__}.{name}" not in sys.modules:
        job.report(0.0, "import")


def _needs_mb(model: ModelFile) -> int:
    """Twice the file: in full precision, or while it is read."""
    return 2 * (model.size_bytes >> 20) + WORK_MB
