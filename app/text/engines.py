"""Names of engines and models, and the reason why no better one is used."""

from app.i18n import QT_TRANSLATE_NOOP, translate
from engine.dispatch.choice import BUILTIN, HERE, SERVER, Choice
from engine.jobs.backend import Capability
from engine.jobs.operations import Device
from engine.models.model_file import ModelFile
from widgets.plain_text import plain

_OF_MODELS = {
    Capability.CLICK: QT_TRANSLATE_NOOP("Engines", "it knows objects."),
    Capability.BOX: QT_TRANSLATE_NOOP("Engines", "it knows objects."),
    Capability.FIND: QT_TRANSLATE_NOOP("Engines", "it finds what you name."),
    Capability.SUBJECT: QT_TRANSLATE_NOOP("Engines", "it sees what a picture shows."),
    Capability.REMOVE: QT_TRANSLATE_NOOP("Engines", "it continues what surrounds the hole."),
    Capability.INPAINT: QT_TRANSLATE_NOOP("Engines", "it paints what you describe."),
}

_HOW_TO_GET = {
    Capability.CLICK: QT_TRANSLATE_NOOP(
        "Engines", "A small model that any computer runs knows objects: EdgeTAM."
    ),
    Capability.BOX: QT_TRANSLATE_NOOP(
        "Engines", "A small model that any computer runs knows objects: EdgeTAM."
    ),
    Capability.FIND: QT_TRANSLATE_NOOP(
        "Engines", "Finding by text needs SAM 3: get it in the models window."
    ),
    Capability.SUBJECT: QT_TRANSLATE_NOOP(
        "Engines", "A small model that any computer runs sees the subject: U-2-Net (5 MB)."
    ),
    Capability.REMOVE: QT_TRANSLATE_NOOP(
        "Engines", "A small model that any computer runs continues patterns: LaMa."
    ),
    Capability.INPAINT: QT_TRANSLATE_NOOP(
        "Engines", "Painting needs a base model: get one in the models window."
    ),
}


def name_of(choice: Choice) -> str:
    """The engine in a word or two."""
    if choice.backend in HERE and choice.model is not None:
        return title_of(choice.model)
    if choice.backend == SERVER and choice.model is not None:
        text = translate("Engines", "{model} on the server")
        return text.replace("{model}", title_of(choice.model))
    if choice.backend == BUILTIN:
        return translate("Engines", "Basic mode")
    return translate("Engines", "No engine")


def title_of(model: ModelFile) -> str:
    return plain(model.title or model.name)


def label_of(choice: Choice, engine: str) -> str:
    """The label that a result keeps: the title of its model, or the name of the engine."""
    is_of_model = choice.backend in (*HERE, SERVER)
    return choice.model.title if is_of_model and choice.model else engine


def engine_name(label: str) -> str:
    """The text for a label that a result keeps."""
    return translate("Engines", "Basic mode") if label == BUILTIN else plain(label)


def sentence(need: Capability, choice: Choice) -> str:
    """The engine, what it does, and why no better one is used."""
    if choice.backend in (*HERE, SERVER):
        text = f"{name_of(choice)}: {translate('Engines', _OF_MODELS[need])}"
        return f"{text} {_not_more(need, choice)}".rstrip()
    if choice.backend == BUILTIN:
        return f"{_basic(need)} {why(need, choice)}".rstrip()
    return why(need, choice)


def why(need: Capability, choice: Choice) -> str:
    """The reason of a choice and what to do about it; "" where there is none."""
    match choice.reason:
        case "absent":
            return translate(
                "Engines",
                "The libraries that run models are not installed: install Lacuna with its local "
                "engine.",
            )
        case "broken":
            return translate(
                "Engines",
                "The libraries that run models do not load: install Lacuna with its local engine "
                "again.",
            )
        case "missing":
            return translate("Engines", _HOW_TO_GET[need])
        case "no_server":
            return translate("Engines", "No server is set up: add yours in the servers window.")
        case "server":
            return translate("Engines", "No server can do it now: see the servers window.")
        case "unusable" if choice.model is not None and choice.model.wrong_on:
            text = translate(
                "Engines", "{model} computes wrongly on this computer: see the models window."
            )
            return text.replace("{model}", title_of(choice.model))
        case "unusable" if choice.model is not None:
            text = translate("Engines", "{model} cannot be used: see the models window.")
            return text.replace("{model}", title_of(choice.model))
        case _:
            return ""


def device_words(device: Device) -> str:
    """The device of the local engine, for the status bar."""
    name = plain(device.name) or device.kind
    return name if device.kind != "cpu" else translate("Engines", "processor")


def device_warning(device: Device) -> str:
    """A warning about the device; "" where there is none."""
    if device.warning == "cpu_torch":
        return translate(
            "Engines",
            "This computer has an NVIDIA card, and the installed libraries cannot use it: models "
            "run on the processor, many times slower. Install the libraries for CUDA.",
        )
    return ""


def _basic(need: Capability) -> str:
    if need is Capability.SUBJECT:
        return translate(
            "Engines", "Basic mode: built in, it marks what differs in colour from the edges."
        )
    if need is Capability.REMOVE:
        return translate("Engines", "Basic mode: built in, it fills from the surroundings.")
    return translate("Engines", "Basic mode: built in, it goes by colours and edges.")


def _not_more(need: Capability, choice: Choice) -> str:
    """Why a model is not a better or a quicker one; "" where it is the best."""
    match choice.reason:
        case "slow":
            return _slow(need, choice)
        case "quick":
            return translate(
                "Engines",
                "SAM 3 would read each picture for minutes on this processor: to have it answer, "
                "choose “Models on this computer” in the settings.",
            )
        case "small" if need is Capability.SUBJECT:
            return translate("Engines", "IS-Net outlines more finely: get it in the models window.")
        case "small":
            return translate("Engines", "LaMa continues more exactly: get it in the models window.")
        case _:
            return ""


def _slow(need: Capability, choice: Choice) -> str:
    if choice.backend == SERVER:
        return translate("Engines", "That server has no card, so it takes its time.")
    if need in (Capability.CLICK, Capability.BOX):
        return translate(
            "Engines", "It runs on the processor: basic mode answers until it has read the picture."
        )
    return translate("Engines", "It runs on the processor, which takes its time.")
