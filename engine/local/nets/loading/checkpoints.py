"""Loads checkpoints into their networks, from folders and single files, with nothing fetched."""

from collections.abc import Callable, Sequence

import torch

from engine.dispatch.memory_plan import MemoryPlan
from engine.errors import ModelWrongFamily
from engine.jobs.backend import JobContext
from engine.local.nets.components import PipelineComponents
from engine.local.nets.loading import flux_files, folders, offload, single_files
from engine.local.nets.quiet import quiet
from engine.models.families import Family, Kind
from engine.models.identify import identify
from engine.models.model_file import ModelFile

PAINTING = ("sd15", "sd21", "sdxl", "flux")


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
    ModelUnreadable (keys: a network would stay random in part; device: weights that do not run
    here), ModelUnsafe, ModelWrongFamily, ModelMissing (what a FLUX file lacks).
    """
    family = _checked(model)
    with quiet():
        loaded = _reader(model, family)(model, family, parts, job, device, dtype)
        job.report(0.9, "load")
        offload.place(loaded, plan)
    return loaded


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
    is_same = found.family is not None and _built(found.family) == _built(wanted)
    if found.kind is not Kind.CHECKPOINT or not is_same or found.problem == "schnell":
        known = found.problem or (found.family.value if found.family else found.kind.value)
        raise ModelWrongFamily(model.path, known, wanted.value)
    return wanted


def _built(family: Family) -> str:
    """Kontext is built as dev is: only the name tells them apart."""
    return Family.FLUX_DEV.value if family is Family.FLUX_KONTEXT else family.value
