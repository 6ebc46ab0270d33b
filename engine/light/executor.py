"""Performs operations on onnxruntime in the engine process: clicks, boxes, subjects, removal."""

import os
import platform
import threading
import time
from pathlib import Path

from engine.errors import CapabilityMissing, ModelWrongFamily
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
    Salient,
    Search,
)
from engine.light import lama, migan, subject
from engine.light.segmenter import LightSegmenter
from engine.light.sessions import Sessions, runtime
from engine.local.embedding_cache import Embeddings
from engine.local.segmenter import answer
from engine.models.families import Family
from engine.models.model_file import ModelFile

REMOVER, SUBJECT = "remover", "subject"
LOOK_S = 30.0  # between two looks for sessions that nobody uses
_REMOVERS = {Family.LAMA: lama.load, Family.MIGAN: migan.load}


class LightExecutor:
    """Holds the sessions and the embeddings. One operation at a time."""

    def __init__(self) -> None:
        self.device = Device(
            kind="cpu",
            name=_processor(),
            total_mb=_memory_mb(),
            free_mb=_memory_mb(),
            torch="",
            runtime=runtime(),
        )
        self._sessions = Sessions()
        self._embeddings = Embeddings()
        threading.Thread(target=self._drop_idle, daemon=True).start()

    def perform(self, operation: Operation, job: JobContext) -> Answer:
        """Raises CapabilityMissing for what only torch can do, ModelWrongFamily, ModelErrors."""
        match operation:
            case Encode() | Decode():
                return self._select(operation, job)
            case Fill():
                return self._fill(operation, job)
            case Salient():
                return self._salient(operation, job)
            case Free():
                self._sessions.drop()
                self._embeddings.clear()
                return None
            case Search():
                raise CapabilityMissing("light", Capability.FIND.value)
            case Paint():
                raise CapabilityMissing("light", Capability.INPAINT.value)

    def _select(self, operation: Encode | Decode, job: JobContext) -> Answer:
        model = operation.model
        if model.family not in (Family.SAM2, Family.EDGETAM):
            raise _wrong(model, Family.EDGETAM)
        segmenter = LightSegmenter(model, self._sessions, _identity(model))
        return answer(segmenter, operation, self._embeddings, job)

    def _fill(self, operation: Fill, job: JobContext) -> Answer:
        model = operation.model
        load = _REMOVERS.get(model.family or Family.SAM3)
        if load is None:
            raise _wrong(model, Family.LAMA)

        def loaded() -> lama.LightLama | migan.LightMigan:
            job.report(0.0, "load")
            return load(model)

        remover = self._sessions.get(REMOVER, _identity(model), loaded)
        return remover.fill(operation.image, operation.mask, job)

    def _salient(self, operation: Salient, job: JobContext) -> Answer:
        model = operation.model
        if model.family not in subject.SIDES_PX:
            raise _wrong(model, Family.U2NETP)

        def loaded() -> subject.LightSubject:
            job.report(0.0, "load")
            return subject.load(model)

        network = self._sessions.get(SUBJECT, _identity(model), loaded)
        return network.plane(operation.pixels, job)

    def _drop_idle(self) -> None:
        while True:
            time.sleep(LOOK_S)
            self._sessions.drop_idle()


def _wrong(model: ModelFile, wanted: Family) -> ModelWrongFamily:
    return ModelWrongFamily(model.path, model.family.value if model.family else "", wanted.value)


def _identity(model: ModelFile) -> tuple[object, ...]:
    """Another file under the same name is another model."""
    inside = model.path / "model.safetensors" if model.path.is_dir() else model.path
    try:
        return str(model.path), model.family, inside.stat().st_mtime_ns
    except OSError:
        return str(model.path), model.family, 0


def _processor() -> str:
    """Linux alone tells its name; elsewhere it is a code."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _memory_mb() -> int:
    """Of the computer; 0 where the system does not say."""
    try:
        return (os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")) >> 20
    except (AttributeError, ValueError, OSError):
        return 0
