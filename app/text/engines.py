"""Names of engines and models, and the reason why no better one is used."""

from app.i18n import QT_TRANSLATE_NOOP, translate
from engine.dispatch.choice import BUILTIN, LOCAL, SERVER, Choice
from engine.jobs.backend import Capability
from engine.jobs.operations import Device
from engine.models.model_file import ModelFile
from widgets.plain_text import plain

_OF_MODELS = {
    Capability.CLICK: QT_TRANSLATE_NOOP("Engines", "it knows objects."),
    Capability.BOX: QT_TRANSLATE_NOOP("Engines", "it knows objects."),
    Capability.FIND: QT_TRANSLATE_NOOP("Engines", "it finds what you name."),
    Capability.REMOVE: QT_TRANSLATE_NOOP("Engines", "it continues what surrounds the hole."),
    Capability.INPAINT: QT_TRANSLATE_NOOP("Engines", "it paints what you describe."),
}

_HOW_TO_GET = {
    Capability.CLICK: QT_TRANSLATE_NOOP(
        "Engines", "Get SAM 3 or SAM 2 in the models window for more."
    ),
    Capability.BOX: QT_TRANSLATE_NOOP(
        "Engines", "Get SAM 3 or SAM 2 in the models window for more."
    ),
    Capability.FIND: QT_TRANSLATE_NOOP(
        "Engines", "Finding by text needs SAM 3: get it in the models window."
    ),
    Capability.REMOVE: QT_TRANSLATE_NOOP("Engines", "Get LaMa in the models window for more."),
    Capability.INPAINT: QT_TRANSLATE_NOOP(
        "Engines", "Painting needs a base model: get one in the models window."
    ),
}


def name_of(choice: Choice) -> str:
    """The engine in a word or two."""
    if choice.backend == LOCAL and choice.model is not None:
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
    return choice.model.title if choice.backend in (LOCAL, SERVER) and choice.model else engine


def engine_name(label: str) -> str:
    """The text for a label that a result keeps."""
    return translate("Engines", "Basic mode") if label == BUILTIN else plain(label)


def sentence(need: Capability, choice: Choice) -> str:
    """The engine, what it does, and why no better one is used."""
    if choice.backend in (LOCAL, SERVER):
        text = f"{name_of(choice)}: {translate('Engines', _OF_MODELS[need])}"
        return f"{text} {_slow(need, choice)}" if choice.reason == "slow" else text
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
    if need is Capability.REMOVE:
        return translate("Engines", "Basic mode: built in, it fills from the surroundings.")
    return translate("Engines", "Basic mode: built in, it goes by colours and edges.")


def _slow(need: Capability, choice: Choice) -> str:
    if choice.backend == SERVER:
        return translate("Engines", "That server has no card, so it takes its time.")
    if need in (Capability.CLICK, Capability.BOX):
        return translate(
            "Engines", "It runs on the processor: basic mode answers until it has read the picture."
        )
    return translate("Engines", "It runs on the processor, which takes its time.")
