"""Licences of models that are fetched together, and the terms of what they were trained on."""

from app.i18n import translate
from engine.models.catalog import CatalogEntry, ModelSet
from engine.models.families import Family

_TRAINED_ON = {
    Family.SAM2: "SA-1B, SA-V",
    Family.EDGETAM: "SA-1B, SA-V",
    Family.LAMA: "Places365",
    Family.MIGAN: "Places2",
}
"""Pictures whose terms allow research; of the families that run without torch."""


def training(entry: CatalogEntry | None) -> str:
    """The terms of the pictures that a free model was trained on; "" where nothing is said."""
    pictures = _TRAINED_ON.get(entry.family) if entry is not None and entry.family else None
    if pictures is None:
        return ""
    text = translate(
        "Models",
        "Code and weights are free to use; the pictures that it was trained on ({pictures}) were "
        "given for research.",
    )
    return text.replace("{pictures}", pictures)


def terms(models: ModelSet) -> str:
    """The licence of each model of a set, and one sentence on the training pictures."""
    licences = ", ".join(f"{entry.title} ({entry.licence})" for entry in models.entries)
    families = [entry.family for entry in models.entries if entry.family in _TRAINED_ON]
    pictures = ", ".join(_TRAINED_ON[family] for family in families if family is not None)
    text = translate(
        "Models",
        "{models}. Code and weights are free to use; the pictures that they were trained on "
        "({pictures}) were given for research.",
    )
    return text.replace("{models}", licences).replace("{pictures}", pictures)
