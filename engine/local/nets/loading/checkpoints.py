"""Loads checkpoints into their networks, from folders and single files, with nothing fetched."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch

from engine.dispatch.memory_plan import MemoryPlan
from engine.errors import ModelUnreadable, ModelWrongFamily
from engine.jobs.backend import JobContext
from engine.local.nets import devices
from engine.local.nets.components import PipelineComponents
from engine.local.nets.loading import flux_files, folders, offload, single_files
from engine.local.nets.quiet import quiet
from engine.models.families import Family, Kind
from engine.models.identify import identify
from engine.models.model_file import ModelFile

PAINTING = ("sd15", "sd21", "sdxl", "flux")
LIBRARY_ERRORS = (
    RuntimeError, ValueError, TypeError, KeyError, IndexError, AttributeError, OSError,
)  # fmt: skip


def load(
    model: ModelFile,
    parts: Sequence[ModelFile],
    plan: MemoryPlan | None,
    job: JobContext,
    *,
    device: torch.device,
    dtype: torch.dtype,
) -> PipelineComponents:
    """All networks of a checkpoint, placed as planned.

    `parts` are the text encoders, the VAE and the tokenizer that the checkpoint lacks. Raises
    ModelUnreadable, ModelUnsafe, ModelWrongFamily, ModelMissing (what a FLUX file lacks).
    """
    family = _checked(model)
    with quiet(), _readable(model.path):
        loaded = _reader(model, family)(model, family, parts, job, device, dtype)
        job.report(0.9, "load")
    with quiet():
        offload.place(loaded, plan)
    return loaded


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Errors of the libraries while they read a file are the file's: ModelUnreadable (library)."""
    try:
        yield
    except LIBRARY_ERRORS as error:
        if devices.is_out_of_memory(error):
            raise
        detail = f"{type(error).__name__}: {error}"[:300]
        raise ModelUnreadable(path, "library", detail) from error


def _reader(model: ModelFile, family: Family) -> Callable[..., PipelineComponents]:
    if model.path.is_dir():
        return folders.load
    return flux_files.load if family.is_flux else single_files.load


def _checked(model: ModelFile) -> Family:
    """The family, after the header was read again: the file may be another one by now."""
    wanted = model.family
    if wanted is None or wanted.base not in PAINTING or model.kind is not Kind.CHECKPOINT:
        raise ModelWrongFamily(model.path, wanted.value if wanted else "", "checkpoint")
    found = identify(model.path)
    if found.problem:
        raise ModelUnreadable(model.path, found.problem, found.detail)
    is_same = found.family is not None and _built(found.family) == _built(wanted)
    if found.kind is not Kind.CHECKPOINT or not is_same:
        known = found.family.value if found.family else found.kind.value
        raise ModelWrongFamily(model.path, known, wanted.value)
    return wanted


def _built(family: Family) -> str:
    """Kontext is built as dev is: only the name tells them apart."""
    return Family.FLUX_DEV.value if family is Family.FLUX_KONTEXT else family.value
