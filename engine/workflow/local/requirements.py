"""Models that a workflow names and this computer lacks, or that do not fit each other."""

from collections.abc import Iterable

from engine.models.families import Kind
from engine.models.model_file import Installed, ModelFile
from engine.workflow.local.inputs import WorkflowProblems
from engine.workflow.local.values import FoundInstances, Model, RemovedPicture, Sampled, UsedLora

FLUX_ENCODERS = ("clip-l", "t5-xxl")
FLUX_VAE = "flux"


def note_missing_models(
    work: Iterable[FoundInstances | RemovedPicture | Sampled],
    installed: Installed,
    problems: WorkflowProblems,
) -> None:
    """Note each missing file that painting or finding needs; removal is built in."""
    for each in work:
        match each:
            case Sampled():
                _note_painting(each, installed, problems)
            case FoundInstances() if installed.finder is None:
                finder = each.finder
                problems.add_absent(finder.origin, finder.input, finder.name, "sam3", ())
            case _:
                pass


def base_model(model: Model, installed: Installed) -> ModelFile | None:
    """The installed checkpoint of this name, which may contain folders of any system."""
    return installed.named(Kind.CHECKPOINT, posix_name(model.name))


def posix_name(name: str) -> str:
    """The name with forward slashes: servers on Windows write backslashes."""
    return name.replace("\\", "/")


def _note_painting(sampled: Sampled, installed: Installed, problems: WorkflowProblems) -> None:
    model = base_model(sampled.model, installed)
    if model is None:
        named = sampled.model
        choices = _names(installed, Kind.CHECKPOINT)
        problems.add_absent(named.origin, named.input, named.name, named.folder, choices)
    for lora in sampled.model.loras:
        _note_lora(lora, model, installed, problems)
    if model is not None and model.family is not None and model.family.is_flux:
        _note_parts(sampled, model, installed, problems)


def _note_lora(
    lora: UsedLora, model: ModelFile | None, installed: Installed, problems: WorkflowProblems
) -> None:
    if not lora.weight:
        return
    found = installed.named(Kind.LORA, posix_name(lora.name))
    if found is None:
        choices = _names(installed, Kind.LORA)
        problems.add_absent(lora.origin, "lora_name", lora.name, "loras", choices)
    elif not _fits(found, model):
        problems.add_unsupported(lora.origin, "kind")


def _fits(lora: ModelFile, model: ModelFile | None) -> bool:
    if model is None or lora.family is None or model.family is None:
        return True
    return lora.family.base == model.family.base


def _note_parts(
    sampled: Sampled, model: ModelFile, installed: Installed, problems: WorkflowProblems
) -> None:
    """Text encoders and the VAE of FLUX: any file of the same part will do."""
    if model.path.is_dir():
        return
    clip, vae = sampled.positive.clip, sampled.latent.vae
    for input, name in clip.files:
        if not _is_installed(installed, Kind.TEXT_ENCODER, name, FLUX_ENCODERS):
            choices = _names(installed, Kind.TEXT_ENCODER)
            problems.add_absent(clip.origin, input, name, "text_encoders", choices)
    if vae.name and not _is_installed(installed, Kind.VAE, vae.name, (FLUX_VAE,)):
        problems.add_absent(vae.origin, "vae_name", vae.name, "vae", _names(installed, Kind.VAE))


def _is_installed(installed: Installed, kind: Kind, name: str, parts: tuple[str, ...]) -> bool:
    if installed.named(kind, posix_name(name)) is not None:
        return True
    here = {model.part for model in installed.of(kind)}
    return all(part in here for part in parts)


def _names(installed: Installed, kind: Kind) -> tuple[str, ...]:
    return tuple(model.name for model in installed.of(kind))
