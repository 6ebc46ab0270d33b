"""Texts of the note codes of files, models and workflows, and of the steps of progress."""

from app.i18n import QT_TRANSLATE_NOOP, translate
from widgets.plain_text import plain

OF_FILES = {
    "cmyk-converted": QT_TRANSLATE_NOOP(
        "Notes",
        "The file is in CMYK and is shown in sRGB by its profile. A JPEG that is saved as JPEG "
        "stays in CMYK; other files are saved as RGB.",
    ),
    "cmyk-no-profile": QT_TRANSLATE_NOOP(
        "Notes",
        "The file is in CMYK without a profile: the colours shown are a guess. A JPEG that is "
        "saved as JPEG stays in CMYK; other files are saved as RGB.",
    ),
    "palette-converted": QT_TRANSLATE_NOOP(
        "Notes", "The file has a palette: it was converted to RGB, and is saved so."
    ),
    "lab-converted": QT_TRANSLATE_NOOP(
        "Notes", "The file is in Lab: it was converted to sRGB, and is saved as RGB."
    ),
    "first-frame": QT_TRANSLATE_NOOP(
        "Notes", "The file holds several pictures: the first one was opened."
    ),
    "more-pictures": QT_TRANSLATE_NOOP(
        "Notes", "The file holds more pictures beside the main one, which was opened."
    ),
    "gain-map": QT_TRANSLATE_NOOP(
        "Notes", "The file holds a gain map for HDR screens: the picture is shown without it."
    ),
    "motion-video": QT_TRANSLATE_NOOP(
        "Notes", "The file holds a short video: only its picture was opened."
    ),
    "channels-dropped": QT_TRANSLATE_NOOP(
        "Notes",
        "The file has channels that are neither colour nor transparency: they were left out.",
    ),
    "alpha-empty": QT_TRANSLATE_NOOP(
        "Notes",
        "By its alpha channel, the whole picture would be invisible: the channel was left out.",
    ),
    "profile-broken": QT_TRANSLATE_NOOP(
        "Notes", "The colour profile is damaged: the picture is shown as sRGB."
    ),
    "profile-one-way": QT_TRANSLATE_NOOP(
        "Notes",
        "The colour profile only works in one direction: the picture was converted to sRGB.",
    ),
    "colours-named": QT_TRANSLATE_NOOP(
        "Notes",
        "The file names its colours without a profile: one that says the same was made for it.",
    ),
    "colours-unknown": QT_TRANSLATE_NOOP(
        "Notes", "The file names colours that Lacuna does not know: it is shown as sRGB."
    ),
    "colours-pq": QT_TRANSLATE_NOOP(
        "Notes",
        "The picture is HDR (PQ): it is shown without its brightness, and saved as plain RGB.",
    ),
    "colours-hlg": QT_TRANSLATE_NOOP(
        "Notes",
        "The picture is HDR (HLG): it is shown without its brightness, and saved as plain RGB.",
    ),
    "depth-reduced": QT_TRANSLATE_NOOP(
        "Notes", "The file has {have} bits per channel: {kept} were kept."
    ),
    "depth-widened": QT_TRANSLATE_NOOP(
        "Notes", "The file has {have} bits per channel: it was opened with {kept}."
    ),
    "values-clipped": QT_TRANSLATE_NOOP(
        "Notes", "The file has values below black or above white: they were cut off."
    ),
    "values-shifted": QT_TRANSLATE_NOOP(
        "Notes",
        "The file has numbers below zero: the lowest there can be is black, zero is mid-gray.",
    ),
    "values-unsigned": QT_TRANSLATE_NOOP(
        "Notes",
        "The file calls its numbers signed, but they make a smooth picture only without signs: "
        "look whether it is right.",
    ),
    "end-missing": QT_TRANSLATE_NOOP(
        "Notes", "The end mark of the file is missing: look whether the picture is whole."
    ),
    "irregular": QT_TRANSLATE_NOOP(
        "Notes", "The file breaks the rules of its format: look whether the picture is whole."
    ),
    "encoded-anew": QT_TRANSLATE_NOOP(
        "Notes",
        "The blocks of this JPEG cannot be kept: an export compresses the whole picture anew.",
    ),
    "parts-broken": QT_TRANSLATE_NOOP(
        "Notes", "A part of the file beside its pixels is damaged: it was left out."
    ),
    "exif-broken": QT_TRANSLATE_NOOP(
        "Notes", "The camera data of the file is damaged: it was left out."
    ),
}

OF_MASKS = {
    "mask-visible": QT_TRANSLATE_NOOP(
        "Notes", "The mask file is transparent in parts: what is visible in it was marked."
    ),
    "mask-transparent": QT_TRANSLATE_NOOP(
        "Notes", "The mask file is transparent in parts: these were marked."
    ),
    "mask-label": QT_TRANSLATE_NOOP(
        "Notes", "The mask file holds one label, not white: what has it was marked."
    ),
    "mask-colour": QT_TRANSLATE_NOOP(
        "Notes", "The mask file holds one colour on black: what has it was marked."
    ),
    "mask-full": QT_TRANSLATE_NOOP("Notes", "The mask file marks the whole picture."),
}

OF_MODELS = {
    "offloaded": QT_TRANSLATE_NOOP(
        "Notes", "The model does not fit on the card as a whole: its parts took turns."
    ),
    "layer_by_layer": QT_TRANSLATE_NOOP(
        "Notes", "The model is much larger than the card: it passed layer by layer, slowly."
    ),
    "slow_cpu": QT_TRANSLATE_NOOP("Notes", "The processor did the work: that takes its time."),
    "smaller": QT_TRANSLATE_NOOP(
        "Notes", "Memory ran out: it was done once more, smaller, and enlarged."
    ),
    "refined": QT_TRANSLATE_NOOP(
        "Notes", "The hole is larger than the model's pictures: a second pass refined it."
    ),
    "not_refined": QT_TRANSLATE_NOOP(
        "Notes", "The hole is too large for a second pass: it stays a little soft."
    ),
    "model_partly": QT_TRANSLATE_NOOP(
        "Notes",
        "The base model's file has parts that Lacuna does not know: they were not used. "
        "The models window names them.",
    ),
    "lora_partly": QT_TRANSLATE_NOOP(
        "Notes", "Parts of a LoRA have no place in this base model: the others were used."
    ),
    "sampler_flow": QT_TRANSLATE_NOOP(
        "Notes", "FLUX cannot use the sampler that was chosen: another one was taken."
    ),
}

OF_WORKFLOWS = {
    "workflow_lora_weights": QT_TRANSLATE_NOOP(
        "Notes",
        "A LoRA has one weight here, for the model and its text encoder: that of the model.",
    ),
    "workflow_vae": QT_TRANSLATE_NOOP(
        "Notes", "The base model's own VAE was used, not the one that the workflow loads."
    ),
    "workflow_zero": QT_TRANSLATE_NOOP(
        "Notes",
        "The workflow empties the negative prompt of all meaning: an empty text was used.",
    ),
    "workflow_flux_cfg": QT_TRANSLATE_NOOP(
        "Notes", "FLUX has no CFG here: the guidance of the prompt was used alone."
    ),
    "workflow_shift": QT_TRANSLATE_NOOP(
        "Notes",
        "The workflow shifts the noise schedule of the model: the usual one was used.",
    ),
    "workflow_sampling": QT_TRANSLATE_NOOP(
        "Notes",
        "The workflow sets another kind of sampling for the model: the model's own was used.",
    ),
    "workflow_clip_layer": QT_TRANSLATE_NOOP(
        "Notes",
        "The workflow leaves out the last layers of the text encoder: all of them were used.",
    ),
    "workflow_two_texts": QT_TRANSLATE_NOOP(
        "Notes",
        "The workflow has a text for each text encoder: both got the two, one after the other.",
    ),
    "workflow_refiner": QT_TRANSLATE_NOOP(
        "Notes",
        "The workflow refines with a second model: the first one did all the steps.",
    ),
}
"""Notes on settings of a workflow that our engines do not have."""

NOTES = OF_FILES | OF_MASKS | OF_MODELS | OF_WORKFLOWS

PROGRESS = {
    "wait": QT_TRANSLATE_NOOP("Notes", "Waiting for another window"),
    "connect": QT_TRANSLATE_NOOP("Notes", "Asking the server"),
    "verify": QT_TRANSLATE_NOOP("Notes", "Comparing with the checksum"),
    "import": QT_TRANSLATE_NOOP("Notes", "Starting the engine"),
    "load": QT_TRANSLATE_NOOP("Notes", "Loading the model"),
    "prepare": QT_TRANSLATE_NOOP("Notes", "Reading the picture"),
    "encode": QT_TRANSLATE_NOOP("Notes", "Reading the picture"),
    "prompt": QT_TRANSLATE_NOOP("Notes", "Reading the prompt"),
    "prefill": QT_TRANSLATE_NOOP("Notes", "Filling the hole first"),
    "sample": QT_TRANSLATE_NOOP("Notes", "Painting"),
    "decode": QT_TRANSLATE_NOOP("Notes", "Making pixels"),
    "smaller": QT_TRANSLATE_NOOP("Notes", "Memory ran out: once more, smaller"),
}

PROGRESS_OF_SERVERS = {
    "upload": QT_TRANSLATE_NOOP("Notes", "Sending the picture"),
    "loading": QT_TRANSLATE_NOOP("Notes", "The server is loading the model"),
    "sampling": QT_TRANSLATE_NOOP("Notes", "The server is painting"),
    "working": QT_TRANSLATE_NOOP("Notes", "The server is at work"),
    "fetching": QT_TRANSLATE_NOOP("Notes", "Fetching the result"),
    "server_gone": QT_TRANSLATE_NOOP("Notes", "The server does not answer; waiting for it"),
    "stopping": QT_TRANSLATE_NOOP("Notes", "Stopping it on the server"),
    "polling": QT_TRANSLATE_NOOP(
        "Notes", "Waiting for the server, which does not say how far it is"
    ),
}


def note(code: str) -> str:
    """One sentence for a code; an unknown code is shown as it is.

    `depth-reduced:12:8` has two numbers for its text: those of the file, and those kept.
    """
    name, *numbers = code.split(":")
    if name not in NOTES:
        return plain(code)
    have, kept = (*map(plain, numbers), "?", "?")[:2]
    return translate("Notes", NOTES[name]).format(have=have, kept=kept)


def progress(code: str) -> str:
    """The step that a task is in, in a word or two; "" where its title says it."""
    text = PROGRESS.get(code) or PROGRESS_OF_SERVERS.get(code)
    return translate("Notes", text) if text else _place(code)


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
    return frozenset(NOTES)
