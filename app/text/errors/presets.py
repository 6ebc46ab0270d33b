"""The words of trouble with presets of the Paint panel."""

from collections.abc import Callable
from typing import Any

from app.i18n import translate
from app.text.message import Message
from engine import errors
from widgets.plain_text import plain


def _preset(error: errors.PresetInvalid) -> Message:
    title = translate("Explain", "The preset {name} cannot be used.")
    return Message(
        title.format(name=plain(error.name)) if error.name else _nameless(),
        _why(error),
        translate("Explain", "Choose another file; nothing was changed."),
    )


def _nameless() -> str:
    return translate("Explain", "This name of a preset cannot be used.")


def _why(error: errors.PresetInvalid) -> str:
    reasons = {
        "newer": translate("Explain", "It was made by a newer version of Lacuna."),
        "size": translate("Explain", "It is larger than any preset."),
        "access": translate("Explain", "It is not there, or you may not read it."),
        "name": translate("Explain", "A name has 1 to 80 letters, all of them visible."),
        "unknown": translate("Explain", "It sets “{key}”, which Lacuna does not know."),
        "type": translate("Explain", "“{key}” is of another kind than it should be."),
        "range": translate("Explain", "“{key}” is out of its range."),
        "long": translate("Explain", "“{key}” is too long."),
        "choice": translate("Explain", "“{key}” is none of the choices there are."),
    }
    unknown = translate("Explain", "It is not a preset of Lacuna, or it is damaged.")
    return reasons.get(error.reason, unknown).format(key=plain(error.key[:80]))


WORDS: dict[type[BaseException], Callable[[Any], Message]] = {errors.PresetInvalid: _preset}
