"""Messages of errors with models and the local engine, and the names of model families."""

from collections.abc import Callable
from typing import Any

from app.i18n import translate
from app.text import message
from app.text.message import Message, actions
from engine import errors
from widgets.plain_text import plain

NOT_USED = {
    "schnell": "FLUX.1 schnell",
    "flux-control": "FLUX.1 Canny / Depth",
    "flux-redux": "FLUX.1 Redux",
    "flux2": "FLUX.2",
    "chroma": "Chroma",
    "sd3": "Stable Diffusion 3",
    "z-image": "Z-Image",
    "qwen-image": "Qwen-Image",
    "pix2pix": "InstructPix2Pix",
    "sd-depth": "Stable Diffusion 2 Depth",
    "sd-upscaler": "Stable Diffusion x4 Upscaler",
    "sdxl-refiner": "SDXL Refiner",
    "lite-text": "SAM3-LiteText as its authors save it, not as transformers does",
}
"""Names of networks that are recognised and not used, by their codes in ModelFile.problem."""

NAMES = {
    "sam3": "SAM 3",
    "sam3.1": "SAM 3.1",
    "sam3-lite-text": "SAM3-LiteText",
    "sam2": "SAM 2",
    "edgetam": "EdgeTAM",
    "lama": "LaMa",
    "mat": "MAT",
    "migan": "MI-GAN",
    "isnet": "IS-Net",
    "u2netp": "U-2-Net",
    "sd15": "Stable Diffusion 1.5",
    "sd15-inpaint": "Stable Diffusion 1.5 Inpainting",
    "sd21": "Stable Diffusion 2.1",
    "sd21-inpaint": "Stable Diffusion 2 Inpainting",
    "sdxl": "SDXL",
    "sdxl-inpaint": "SDXL Inpainting",
    "flux": "FLUX.1",
    "flux-dev": "FLUX.1 dev",
    "flux-fill": "FLUX.1 Fill",
    "flux-kontext": "FLUX.1 Kontext",
} | NOT_USED
"""Names of families and of the bases of LoRAs, the same in every language."""


def family_name(code: str) -> str:
    """The name of a family; an unknown code is shown as it is."""
    return NAMES.get(code) or plain(code) or translate("Explain", "an unknown base model")


def _engine(error: errors.EngineMissing) -> Message:
    if error.reason == "broken":
        text = translate("Explain", "They are installed, and do not load: {detail}")
        return Message(
            translate("Explain", "The libraries that run models are broken."),
            text.format(detail=plain(error.detail)) if error.detail else "",
            translate(
                "Explain", "Run “python3 -m app.setup local” in Lacuna's folder, and try again."
            ),
            actions("retry", "help.diagnostics"),
        )
    return Message(
        translate("Explain", "The libraries that run models are not installed."),
        translate("Explain", "Without them Lacuna selects and removes in basic mode."),
        translate("Explain", "Run “python3 -m app.setup local” in Lacuna's folder to get them."),
        actions("tool.models"),
    )


def _missing(error: errors.ModelMissing) -> Message:
    title = _no_model(error.need)
    text = translate("Explain", "“{name}” is not on this computer.")
    return Message(
        title,
        text.format(name=plain(error.name)) if error.name else "",
        translate("Explain", "Download one, or add the folder that has it, in the models window."),
        actions("tool.models"),
    )


def _no_model(need: str) -> str:
    return {
        "segmenter": translate("Explain", "No model that selects is at hand."),
        "finder": translate("Explain", "Finding by text needs SAM 3, which is not at hand."),
        "subject": translate("Explain", "No model that marks the subject is at hand."),
        "remover": translate("Explain", "No model that removes is at hand."),
        "checkpoint": translate("Explain", "No base model to paint with is at hand."),
        "lora": translate("Explain", "This LoRA is not at hand."),
        "vae": translate("Explain", "The VAE of this base model is not at hand."),
        "text_encoder": translate("Explain", "The text encoder of this base model is not at hand."),
    }.get(need, translate("Explain", "The model for this is not at hand."))


def _unreadable(error: errors.ModelUnreadable) -> Message:
    text, step = _why_unreadable(error.reason)
    is_named = error.reason in _NAMED and error.detail
    return Message(
        translate("Explain", "Cannot use the model {name}.").format(
            name=message.file_name(error.path)
        ),
        f"{text} ({plain(error.detail)})" if is_named else text,
        step,
        actions("tool.models"),
    )


_NAMED = ("keys", "unknown", "nan", "partial", "quantised", "library", "transformer-kind")
"""Reasons whose details help: names of tensors, networks and formats."""


def not_used(code: str) -> str:
    """The sentence on a network that is recognised and not used; "" for other codes."""
    name = NOT_USED.get(code)
    if name is not None:
        return translate("Explain", "It is {name}, which Lacuna cannot use.").format(name=name)
    if code in ("unet-kind", "flux-kind", "transformer-kind"):
        return translate("Explain", "It is a base model of a kind that Lacuna does not know.")
    return ""


def _why_unreadable(reason: str) -> tuple[str, str]:
    if sentence := not_used(reason):
        return sentence, translate("Explain", "Choose another model.")
    again = translate("Explain", "Delete it and download it again, or choose another model.")
    reasons = {
        "format": (
            translate("Explain", "It is not a model of a kind that Lacuna knows."),
            translate("Explain", "Choose another model."),
        ),
        "keys": (
            translate("Explain", "Parts of the model are missing, or are not what they should be."),
            again,
        ),
        "unknown": (
            translate("Explain", "It has parts that Lacuna does not know, and that may change it."),
            translate("Explain", "Choose another version of the model."),
        ),
        "nan": (
            translate("Explain", "Some of its weights are no numbers: pictures would be black."),
            again,
        ),
        "partial": (translate("Explain", "Parts of the model are missing."), again),
        "quantised": (
            translate("Explain", "It is quantised in a format that Lacuna cannot unpack."),
            translate("Explain", "Choose an fp8, GGUF or unpacked version of the model."),
        ),
        "library": (
            translate("Explain", "The libraries that run models could not read it."),
            again,
        ),
        "ema": (
            translate("Explain", "It holds the averages of a training (EMA) and no model."),
            translate("Explain", "Choose another version of the model."),
        ),
        "device": (
            translate("Explain", "Its weights are packed (nf4) for NVIDIA cards alone."),
            translate("Explain", "Choose a GGUF or an unpacked version of the model."),
        ),
        "missing": (
            translate("Explain", "The file is no longer there, or you may not read it."),
            translate("Explain", "Look where it was moved to, or choose another model."),
        ),
    }
    damaged = (translate("Explain", "The file is damaged or cut off."), again)
    return reasons.get(reason, damaged)


def _unsafe(error: errors.ModelUnsafe) -> Message:
    reasons = {
        "pickle": translate("Explain", "It asks to run code while it is read."),
        "old": translate("Explain", "It is in a format of before 2020, which may hold code."),
        "bomb": translate("Explain", "It unpacks to far more than it is."),
        "torchscript": translate("Explain", "It is a program rather than a list of weights."),
        "header": translate("Explain", "Its table of contents is not what it should be."),
        "limit": translate("Explain", "It holds more parts than any model of its kind."),
    }
    unknown = translate("Explain", "It may hold more than weights.")
    return Message(
        translate("Explain", "The model {name} is not safe.").format(
            name=message.file_name(error.path)
        ),
        reasons.get(error.reason, unknown) + " " + translate("Explain", "It was not loaded."),
        translate("Explain", "Get it as .safetensors from a place you trust."),
        actions("tool.models"),
    )


def _family(error: errors.ModelWrongFamily) -> Message:
    text = translate("Explain", "It is of {found}, and {wanted} is needed.")
    return Message(
        translate("Explain", "{name} is another kind of model.").format(
            name=message.file_name(error.path)
        ),
        text.format(found=family_name(error.found), wanted=family_name(error.wanted)),
        translate("Explain", "Choose one that fits."),
        actions("tool.models"),
    )


def _corrupt(error: errors.ModelCorrupt) -> Message:
    text = translate("Explain", "Its checksum should be {expected} and is {found}.")
    return Message(
        translate("Explain", "The model {name} was changed or damaged.").format(
            name=message.file_name(error.path)
        ),
        text.format(expected=_short(error.expected), found=_short(error.found)),
        translate("Explain", "Delete it and download it again."),
        actions("tool.models"),
    )


def _wrong(error: errors.ModelWrong) -> Message:
    if error.check == "file":
        text = translate("Explain", "Its weights are of another size or kind than they should be.")
    else:
        text = translate("Explain", "On a sample picture its answers made no sense.")
    return Message(
        translate("Explain", "The model {name} computes wrongly on this computer.").format(
            name=message.file_name(error.path)
        ),
        text + " " + translate("Explain", "Without it Lacuna goes on in basic mode."),
        translate("Explain", "Delete it and download it again, or choose another model."),
        actions("tool.models", "help.diagnostics"),
    )


def _short(checksum: str) -> str:
    return plain(checksum[:12]) + "…" if len(checksum) > 12 else plain(checksum)


def _lora(error: errors.LoraMisfit) -> Message:
    text, step = _why_misfit(error)
    return Message(
        translate("Explain", "The LoRA {name} does not fit.").format(
            name=message.file_name(error.path)
        ),
        text + " " + translate("Explain", "Nothing of it was used."),
        step,
        actions("tool.models"),
    )


def _why_misfit(error: errors.LoraMisfit) -> tuple[str, str]:
    found, wanted = family_name(error.found), family_name(error.wanted)
    other_base = translate("Explain", "Choose another base model, or switch this LoRA off.")
    if error.reason == "family":
        text = translate("Explain", "It was made for {found}, and the base model is {wanted}.")
        return text.format(found=found, wanted=wanted), other_base
    if error.reason == "keys":
        text = translate("Explain", "None of its {total} parts is found in the base model.")
        return text.format(total=error.total), other_base
    if error.reason == "kind":
        text = translate("Explain", "It is of a kind that Lacuna cannot use: {kind}.")
        return text.format(kind=plain(error.found)), translate("Explain", "Choose another LoRA.")
    return (
        translate("Explain", "The file is damaged or cut off."),
        translate("Explain", "Download it again, or switch it off."),
    )


def _device(error: errors.DeviceTooSmall) -> Message:
    text = translate("Explain", "It needs {needed} MB of memory and {free} MB are free.")
    return Message(
        translate("Explain", "This does not fit on the device."),
        text.format(needed=error.needed_mb, free=error.free_mb),
        " ".join(_ways_out(error.options)),
        actions("retry", "tool.models", *(("edit.settings",) if "server" in error.options else ())),
    )


def _ways_out(options: tuple[str, ...]) -> list[str]:
    words = {
        "smaller": translate("Explain", "Select a smaller part."),
        "quantised": translate("Explain", "Choose a quantised version of the model."),
        "server": translate("Explain", "Let a server do it."),
        "free": translate("Explain", "Close other programs that use the device."),
    }
    ways = [words[option] for option in options if option in words]
    return ways or [translate("Explain", "Choose a smaller model.")]


WORDS: dict[type[BaseException], Callable[[Any], Message]] = {
    errors.EngineMissing: _engine,
    errors.ModelMissing: _missing,
    errors.ModelUnreadable: _unreadable,
    errors.ModelUnsafe: _unsafe,
    errors.ModelWrongFamily: _family,
    errors.ModelCorrupt: _corrupt,
    errors.ModelWrong: _wrong,
    errors.LoraMisfit: _lora,
    errors.DeviceTooSmall: _device,
}
