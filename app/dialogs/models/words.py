"""Texts of the models window: state, memory, download size, purpose and problems."""

from PySide6.QtCore import QLocale

from app.dialogs.models.rows import ModelRow, ModelState
from app.i18n import translate
from app.text.errors.models import not_used
from engine.models.accounting import listed
from engine.models.catalog import CatalogEntry
from engine.models.model_file import ModelFile
from widgets.plain_text import plain


def size(count: int) -> str:
    """A number of bytes as text with a unit, in the user's locale."""
    digits = 1 if count >= 1_000_000_000 else 0
    return QLocale().formattedDataSize(count, digits, QLocale.DataSizeFormat.DataSizeSIFormat)


def group(code: str) -> str:
    return {
        "select": translate("Models", "Select"),
        "remove": translate("Models", "Remove"),
        "paint": translate("Models", "Paint"),
        "loras": translate("Models", "LoRAs"),
        "parts": translate("Models", "Parts of FLUX"),
    }[code]


def state(row: ModelRow) -> str:
    """The state of a row in a few words."""
    percent = translate("Models", "{percent} %").replace("{percent}", str(int(row.share * 100)))
    words = {
        ModelState.OWN: translate("Models", "Here"),
        ModelState.ELSEWHERE: translate("Models", "Of another program"),
        ModelState.WAITING: translate("Models", "Waits for its turn"),
        ModelState.FETCHING: translate("Models", "Downloading, {share}"),
        ModelState.BEGUN: translate("Models", "Unfinished, {share}"),
        ModelState.ABSENT: translate("Models", "Not here"),
        ModelState.UNUSABLE: translate("Models", "Cannot be used"),
    }[row.state].replace("{share}", percent)
    if row.is_used:
        return translate("Models", "{state}, in use").replace("{state}", words)
    return words


def memory(entry: CatalogEntry | None) -> str:
    """The least memory of a run, and the precision."""
    if entry is None or not entry.memory_mb:
        return ""
    precision, least = min(entry.memory_mb.items(), key=lambda pair: pair[1])
    text = translate("Models", "about {size} ({precision})")
    return text.replace("{size}", size(least * 1_000_000)).replace(
        "{precision}", _precision(precision)
    )


def _precision(code: str) -> str:
    """The precision as file names have it: fp16, GGUF Q4_K."""
    return code.replace("gguf-", "GGUF ").upper() if code.startswith("gguf-") else code


def licence(entry: CatalogEntry | None) -> str:
    if entry is None:
        return ""
    if entry.gated:
        text = translate("Models", "To be accepted: {licence}")
        return text.replace("{licence}", entry.licence)
    return entry.licence


def to_download(entry: CatalogEntry | None) -> str:
    """The size of the download; rounded where the catalog has no exact size."""
    if entry is None:
        return ""
    if all(file.size is not None for file in entry.files):
        return size(entry.size_bytes)
    text = translate("Models", "about {size}")
    return text.replace("{size}", size(entry.size_bytes))


def about(row: ModelRow) -> str:
    """The purpose of a model in a sentence or two."""
    if row.model is not None and row.state is ModelState.UNUSABLE:
        return problem(row.model.problem, row.model.detail)
    if row.entry is None:
        return of_file(row.model) if row.model is not None else ""
    return {
        "sam3.1": translate(
            "Models", "Selects by click and box, and finds what you name. The best there is."
        ),
        "sam3": translate(
            "Models", "Selects by click and box, and finds what you name. SAM 3.1 came after it."
        ),
        "sam3-official": translate(
            "Models", "The same as SAM 3, in the file that its makers' own program reads."
        ),
        "sam3-lite-text": translate(
            "Models",
            "Finds what you name, with a smaller reader of words; clicks it leaves to others.",
        ),
        "sam2.1-hiera-large": translate(
            "Models", "Selects by click and box. For who has no access to SAM 3."
        ),
        "sam2.1-hiera-base-plus": translate(
            "Models", "Selects by click and box, faster and a little less exact."
        ),
        "sam2.1-hiera-small": translate("Models", "Selects by click and box on weak computers."),
        "sam2.1-hiera-tiny": translate(
            "Models", "Selects by click and box on the weakest computers."
        ),
        "edgetam": translate(
            "Models", "Selects by click and box on any computer, and reads a picture in a moment."
        ),
        "big-lama": translate(
            "Models", "Removes what is selected and continues what surrounds it. Fast."
        ),
        "mat-places512": translate(
            "Models", "Removes large objects from landscapes and buildings. Not for business."
        ),
        "migan": translate(
            "Models",
            "Removes what is selected. The smallest download; LaMa continues more exactly.",
        ),
        "isnet-general-use": translate(
            "Models", "Marks the subject of a picture with a fine outline. For Select Subject."
        ),
        "u2netp": translate(
            "Models",
            "Marks the subject of a picture in a moment. For Select Subject; IS-Net is finer.",
        ),
        "sdxl-inpaint": translate(
            "Models", "Made to paint into pictures. A good first choice for 8 GB cards and more."
        ),
        "sd15-inpaint": translate("Models", "Made to paint into pictures. Small, quick, 512 px."),
        "sd21-inpaint": translate("Models", "Made to paint into pictures, 512 px."),
        "flux-fill": translate(
            "Models",
            "Made to paint into pictures. The best, for cards with 24 GB. Not for business.",
        ),
        "flux-fill-q4": translate(
            "Models", "FLUX.1 Fill, made smaller for cards with 12 GB. Not for business."
        ),
        "realvisxl": translate("Models", "SDXL for photographs."),
        "sdxl": translate("Models", "The base of most LoRAs there are."),
        "illustrious-xl": translate("Models", "SDXL for drawings and anime."),
        "sd15": translate("Models", "Small and quick, with many LoRAs."),
        "flux-kontext": translate(
            "Models", "Changes a picture as you ask it to. For cards with 24 GB. Not for business."
        ),
        "flux-kontext-q4": translate(
            "Models", "FLUX.1 Kontext, made smaller for cards with 12 GB. Not for business."
        ),
        "flux-dev": translate(
            "Models", "Paints what you describe. For cards with 24 GB. Not for business."
        ),
        "flux-dev-q4": translate(
            "Models", "FLUX.1 dev, made smaller for cards with 12 GB. Not for business."
        ),
        "flux-ae": translate("Models", "Turns what FLUX paints into pixels."),
        "clip-l": translate("Models", "Reads the prompt for FLUX."),
        "t5-xxl-q5": translate("Models", "Reads the prompt for FLUX, made smaller."),
        "t5-xxl": translate("Models", "Reads the prompt for FLUX, at full precision."),
        "t5-tokenizer": translate("Models", "Takes prompts apart for T5."),
    }.get(row.entry.id, "")


def of_file(model: ModelFile) -> str:
    """The content of a model file as its header says."""
    from app.text.errors.models import family_name

    facts = [family_name(model.family.value)] if model.family else [plain(model.part)]
    facts += [_precision(model.precision)] if model.precision else []
    if model.rank:
        facts.append(translate("Models", "rank {rank}").replace("{rank}", str(model.rank)))
    if model.trigger_words:
        words = ", ".join(plain(word) for word in model.trigger_words)
        facts.append(translate("Models", "say {words}").replace("{words}", words))
    if model.unused:
        text = translate("Models", "not used: {names}")
        facts.append(text.replace("{names}", plain(listed(model.unused))))
    return ", ".join(fact for fact in facts if fact)


def problem(code: str, detail: str = "") -> str:
    """The reason why a file cannot be used, with the names that belong to it."""
    text = not_used(code) or _reason(code)
    return f"{text} ({plain(detail)})" if detail else text


def _reason(code: str) -> str:
    return {
        "format": translate("Models", "It is not a model of a kind that Lacuna knows."),
        "damaged": translate("Models", "The file is damaged or cut off."),
        "keys": translate("Models", "Parts of the model are missing."),
        "partial": translate("Models", "Parts of the model are missing."),
        "missing": translate("Models", "The file is not there, or you may not read it."),
        "quantised": translate("Models", "It is quantised in a format that Lacuna cannot unpack."),
        "ema": translate("Models", "It holds the averages of a training (EMA) and no model."),
        "old": translate("Models", "It is in a format of before 2020: it is not safe."),
        "kind": translate("Models", "It is a LoRA of a kind that Lacuna cannot use."),
        "controlnet": translate("Models", "It is a ControlNet, which Lacuna does not use."),
        "pickle": translate("Models", "It asks to run code while it is read: it is not safe."),
        "bomb": translate("Models", "It unpacks to far more than it is: it is not safe."),
        "torchscript": translate("Models", "It is a program rather than a list of weights."),
        "header": translate("Models", "Its table of contents is not what it should be."),
        "wrong": translate("Models", "It computes wrongly on this computer."),
        "limit": translate("Models", "It holds more parts than any model of its kind."),
    }.get(code, plain(code))
