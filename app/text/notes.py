"""Texts of the note codes of files, models and workflows, and of the steps of progress."""

from app.i18n import translate
from widgets.plain_text import plain


def note(code: str) -> str:
    """One sentence for a code; an unknown code is shown as it is."""
    return _words().get(code) or plain(code)


def _words() -> dict[str, str]:
    return {
        "cmyk-converted": translate(
            "Notes",
            "The file is in CMYK: it was converted to sRGB with its profile, and is saved as RGB.",
        ),
        "cmyk-no-profile": translate(
            "Notes",
            "The file is in CMYK without a profile: its colours are a guess, and it is saved as "
            "RGB.",
        ),
        "palette-converted": translate(
            "Notes", "The file has a palette: it was converted to RGB, and is saved so."
        ),
        "first-frame": translate(
            "Notes", "The file holds several pictures: the first one was opened."
        ),
        "profile-broken": translate(
            "Notes", "The colour profile is damaged: the picture is shown as sRGB."
        ),
        "profile-one-way": translate(
            "Notes",
            "The colour profile only works in one direction: the picture was converted to sRGB.",
        ),
        "depth-reduced": translate(
            "Notes", "The file has more than 16 bits per channel: 16 were kept."
        ),
        "exif-broken": translate(
            "Notes", "The camera data of the file is damaged: it was left out."
        ),
        **_of_models(),
        **_of_workflows(),
    }


def _of_models() -> dict[str, str]:
    return {
        "offloaded": translate(
            "Notes", "The model does not fit on the card as a whole: its parts took turns."
        ),
        "layer_by_layer": translate(
            "Notes", "The model is much larger than the card: it passed layer by layer, slowly."
        ),
        "slow_cpu": translate("Notes", "The processor did the work: that takes its time."),
        "smaller": translate(
            "Notes", "Memory ran out: it was done once more, smaller, and enlarged."
        ),
        "refined": translate(
            "Notes", "The hole is larger than the model's pictures: a second pass refined it."
        ),
        "not_refined": translate(
            "Notes", "The hole is too large for a second pass: it stays a little soft."
        ),
        "lora_partly": translate(
            "Notes", "Parts of a LoRA have no place in this base model: the others were used."
        ),
        "sampler_flow": translate(
            "Notes", "FLUX cannot use the sampler that was chosen: another one was taken."
        ),
    }


def _of_workflows() -> dict[str, str]:
    """Notes on settings of a workflow that our engines do not have."""
    return {
        "workflow_lora_weights": translate(
            "Notes",
            "A LoRA has one weight here, for the model and its text encoder: that of the model.",
        ),
        "workflow_vae": translate(
            "Notes", "The base model's own VAE was used, not the one that the workflow loads."
        ),
        "workflow_zero": translate(
            "Notes",
            "The workflow empties the negative prompt of all meaning: an empty text was used.",
        ),
        "workflow_flux_cfg": translate(
            "Notes", "FLUX has no CFG here: the guidance of the prompt was used alone."
        ),
    }


def progress(code: str) -> str:
    """The step that a task is in, in a word or two; "" where its title says it."""
    return {
        "wait": translate("Notes", "Waiting for another window"),
        "connect": translate("Notes", "Asking the server"),
        "verify": translate("Notes", "Comparing with the checksum"),
        "import": translate("Notes", "Starting the engine"),
        "load": translate("Notes", "Loading the model"),
        "prepare": translate("Notes", "Reading the picture"),
        "encode": translate("Notes", "Reading the picture"),
        "prompt": translate("Notes", "Reading the prompt"),
        "prefill": translate("Notes", "Filling the hole first"),
        "sample": translate("Notes", "Painting"),
        "decode": translate("Notes", "Making pixels"),
        "smaller": translate("Notes", "Memory ran out: once more, smaller"),
        **_of_servers(),
    }.get(code) or _place(code)


def _of_servers() -> dict[str, str]:
    return {
        "upload": translate("Notes", "Sending the picture"),
        "loading": translate("Notes", "The server is loading the model"),
        "sampling": translate("Notes", "The server is painting"),
        "working": translate("Notes", "The server is at work"),
        "fetching": translate("Notes", "Fetching the result"),
        "server_gone": translate("Notes", "The server does not answer; waiting for it"),
        "stopping": translate("Notes", "Stopping it on the server"),
        "polling": translate("Notes", "Waiting for the server, which does not say how far it is"),
    }


def _place(code: str) -> str:
    """`queued:3`: the place in a server's queue."""
    name, _, count = code.partition(":")
    if name != "queued":
        return ""
    if count.isdecimal() and int(count) > 0:
        text = translate("Notes", "Waiting on the server, {count} in front")
        return text.format(count=int(count))
    return translate("Notes", "Waiting on the server")


def known() -> frozenset[str]:
    """All codes with a text."""
    return frozenset(_words())
