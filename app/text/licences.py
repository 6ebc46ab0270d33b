"""Licences of models that are fetched together, and the terms of what they were trained on."""

from collections.abc import Iterable

from app.i18n import translate
from engine.models.catalog import CatalogEntry, ModelSet
from engine.models.families import Family

_TRAINED_ON = {
    Family.SAM2: "SA-1B, SA-V",
    Family.EDGETAM: "SA-1B, SA-V",
    Family.LAMA: "Places365",
    Family.MIGAN: "Places2",
    Family.ISNET: "DIS5K",
    Family.U2NETP: "DUTS",
}
"""Pictures whose terms allow research; of the families that run without torch."""


_MIRRORED = (Family.ISNET, Family.U2NETP)
"""Families whose file comes from a copy: the authors' own is on Google Drive alone."""


def training(entry: CatalogEntry | None) -> str:
    """The terms of the pictures that a free model was trained on, and where a copy comes from.

    "" where nothing is said.
    """
    pictures = _TRAINED_ON.get(entry.family) if entry is not None and entry.family else None
    if pictures is None:
        return ""
    text = translate(
        "Models",
        "Code and weights are free to use; the pictures that it was trained on ({pictures}) were "
        "given for research.",
    )
    return text.replace("{pictures}", pictures) + _copy([entry])


def _copy(entries: Iterable[CatalogEntry | None]) -> str:
    """One more sentence on those that are copies; "" where none is."""
    found = [each.title for each in entries if each is not None and each.family in _MIRRORED]
    text = translate(
        "Models",
        "{models}: the file is a copy of the authors' on the hub; its checksum is the one that "
        "several people show.",
    )
    return " " + text.replace("{models}", ", ".join(found)) if found else ""


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
    text = text.replace("{models}", licences).replace("{pictures}", pictures)
    return text + _copy(models.entries)
