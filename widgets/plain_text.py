"""Foreign text made fit to show: file names may hold line breaks and marks that turn text round.

Labels that show it are set to plain text; these functions do the rest. Needs no Qt.
"""

import unicodedata

_SHOWN_AS = "\N{REPLACEMENT CHARACTER}"


def plain(text: str) -> str:
    """The text with control, direction and unpaired characters replaced, one for one."""
    if text.isprintable():  # none of them: nearly always
        return text
    return "".join(_SHOWN_AS if _is_hidden(letter) else letter for letter in text)


def _is_hidden(letter: str) -> bool:
    # Cc control, Cf direction marks and the like, Cs half pairs, Zl and Zp line breaks
    return unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def unmnemonic(text: str) -> str:
    """`plain`, for menus and buttons, where a single & would underline the next letter."""
    return plain(text).replace("&", "&&")
