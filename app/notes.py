"""The words of the codes that reading a file or removing an object leaves behind."""

from app.words import translate
from widgets.plain import plain


def note(code: str) -> str:
    """One sentence on what happened; a code nobody knows is shown as it is."""
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
    }


def known() -> frozenset[str]:
    """The codes there are words for."""
    return frozenset(_words())
