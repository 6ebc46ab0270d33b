"""Operations of the engine process and their answers. No torch, no Qt; all of it pickles.

The process knows models and nothing of pictures: cropping, scaling, mixing and bringing answers to
full resolution happen on the caller's side, in numpy.
"""

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Image, Mask
from engine.jobs.backend import JobContext
from engine.jobs.paint_settings import PaintSettings
from engine.models.model_file import ModelFile

Floats: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encode:
    """Look at a picture once; answered by None when the embedding is kept under `key`."""

    model: ModelFile
    key: str  # hash of the pixels
    pixels: Image | None  # (S, S, 3), S = 1008 for SAM3, 1024 for SAM2; None: it was sent before


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decode:
    """Masks for one object. Raises NotEncoded when the key is not known (any more)."""

    model: ModelFile
    key: str
    points: Floats  # (N, 2) x, y as shares of the picture, 0..1
    labels: NDArray[np.int64]  # (N,) 1 on the object, 0 not on it
    box: Floats | None = None  # (4,) left, top, right, bottom as shares
    previous: Floats | None = None  # (s, s) logits of the answer that is to be corrected
    several: bool = True  # three candidates rather than one


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskLogits:
    """Logits of the candidates as the network gives them, the most likely first."""

    logits: Floats  # (C, s, s), marked where > 0; s = 288 for SAM3, 256 for SAM2
    scores: Floats  # (C,) expected IoU


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Search:
    """All instances of a phrase or of exemplar boxes. Raises NotEncoded."""

    model: ModelFile
    key: str
    prompt: str
    boxes: Floats  # (K, 4) centre x, centre y, width, height as shares
    labels: NDArray[np.int64]  # (K,) 1 such as this, 0 not such
    floor: float  # instances below are not sent


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Located:
    """Instances from the floor up, the most likely first."""

    scores: Floats  # (N,)
    boxes: Floats  # (N, 4) left, top, right, bottom as shares
    logits: NDArray[np.float16]  # (N, s, s)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Salient:
    """How much each pixel belongs to the subject; answered by an (S, S) plane, 0..1."""

    model: ModelFile
    pixels: Image  # (S, S, 3), S = 320 for U-2-Net's small form, 1024 for IS-Net


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fill:
    """Fill a hole from its surroundings; answered by an image of the same size."""

    model: ModelFile
    image: Image  # (h, w, 3), sides of any length
    mask: Mask  # (h, w) 255 = fill


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Paint:
    """Paint by a prompt, at the model's own size."""

    model: ModelFile
    parts: tuple[ModelFile, ...]  # text encoders and VAE that the checkpoint lacks
    loras: tuple[tuple[ModelFile, float], ...]
    image: Image  # (h, w, 3), sides multiples of the family's grid
    start: Image  # the same with what painting begins from under the mask
    mask: Mask  # (h, w) soft: how much may change; > 0 where anything may
    settings: PaintSettings
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PaintedCanvas:
    """The whole painted canvas; the caller mixes it in."""

    image: Image
    sigmas: tuple[float, ...]
    device: str
    precision: str
    versions: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Free:
    """Put all models out of memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Where the process computes; what it says first."""

    kind: str  # cpu, cuda, mps
    name: str  # "NVIDIA GeForce RTX 4090", or the processor's
    total_mb: int
    free_mb: int
    torch: str  # its version
    runtime: str = ""  # onnxruntime and its version, where that computes; `torch` is "" then
    warning: str = ""  # a code: cpu_torch (an NVIDIA card is there, torch cannot use it)


class NotEncoded(Exception):
    """The embedding is not kept (any more): send the pixels again."""


Operation: TypeAlias = Encode | Decode | Search | Salient | Fill | Paint | Free
Answer: TypeAlias = MaskLogits | Located | Floats | Image | PaintedCanvas | None


class Perform(Protocol):
    """Sends an operation and waits for its answer; starts the process when it does not run.

    Progress and previews are passed on to the job, which is also where it is cancelled. Raises
    Cancelled, NotEncoded and EngineErrors: EngineMissing, BackendStopped, OutOfMemory and others.
    """

    def __call__(self, operation: Operation, job: JobContext) -> Answer: ...
