"""Looks up the models that a painting names among those that are installed or on a server."""

from collections.abc import Collection

from engine.errors import LoraMisfit, ModelMissing
from engine.models.families import Kind
from engine.models.model_file import Installed, ModelFile


def require(model: ModelFile | None, need: str, name: str = "") -> ModelFile:
    """The model itself. Raises ModelMissing where it is None."""
    if model is None:
        raise ModelMissing(need, name)
    return model


def checkpoint(found: Installed, name: str, best: ModelFile | None) -> ModelFile:
    """The checkpoint of this name, or the best when none is named. Raises ModelMissing."""
    model = found.named(Kind.CHECKPOINT, name) if name else best
    return require(model, Kind.CHECKPOINT.value, name)


def lora(found: Installed, model: ModelFile, name: str) -> ModelFile:
    """The LoRA of this name. Raises ModelMissing; LoraMisfit: made for another base.

    Where the base of either is not known, it is for the weights to show whether they fit.
    """
    lora = require(found.named(Kind.LORA, name), Kind.LORA.value, name)
    made_for = lora.family.base if lora.family is not None else ""
    base = model.family.base if model.family is not None else ""
    if made_for and base and made_for != base:
        raise LoraMisfit(lora.path, "family", made_for, base)
    return lora


def parts(found: Installed, names: Collection[str]) -> tuple[ModelFile, ...]:
    """The text encoders, tokenizers and VAE of these names (`ModelFile.part`), in their order.

    One of each, the preferred; those that are not in `found` are left out.
    """
    others = (*found.of(Kind.TEXT_ENCODER), *found.of(Kind.VAE))
    first = {each.part: each for each in reversed(others)}
    return tuple(first[name] for name in names if name in first)
