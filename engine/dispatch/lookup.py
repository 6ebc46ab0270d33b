"""The models that a painting names, among those at hand: here, or on a server."""

from engine.errors import LoraMisfit, ModelMissing
from engine.models.families import Kind
from engine.models.model_file import Installed, ModelFile


def there(model: ModelFile | None, need: str, name: str = "") -> ModelFile:
    """Raises ModelMissing where there is none."""
    if model is None:
        raise ModelMissing(need, name)
    return model


def checkpoint(found: Installed, name: str, best: ModelFile | None) -> ModelFile:
    """The checkpoint of this name, or the best when none is named. Raises ModelMissing."""
    model = found.named(Kind.CHECKPOINT, name) if name else best
    return there(model, Kind.CHECKPOINT.value, name)


def lora(found: Installed, model: ModelFile, name: str) -> ModelFile:
    """The LoRA of this name. Raises ModelMissing; LoraMisfit: made for another base.

    Where the base of either is not known, it is for the weights to show whether they fit.
    """
    lora = there(found.named(Kind.LORA, name), Kind.LORA.value, name)
    made_for = lora.family.base if lora.family is not None else ""
    base = model.family.base if model.family is not None else ""
    if made_for and base and made_for != base:
        raise LoraMisfit(lora.path, "family", made_for, base)
    return lora
