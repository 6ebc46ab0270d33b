"""Translates texts where Qt runs, and returns them in English elsewhere, without importing Qt.

lupdate finds texts by the names of these functions: call them with literals, never with f-strings.
"""

import sys


def translate(context: str, text: str, disambiguation: str = "", count: int = -1) -> str:
    """The text in the user's language; `%n` becomes `count`.

    Without an application object of Qt there are no translations, and the text is returned.
    """
    core = sys.modules.get("PySide6.QtCore")
    if core is None or core.QCoreApplication.instance() is None:
        return text.replace("%n", str(count))
    return core.QCoreApplication.translate(context, text, disambiguation, count)


def QT_TRANSLATE_NOOP(_context: str, text: str) -> str:  # noqa: N802 - lupdate's name
    """Marks a text of a table, to be translated where it is shown."""
    return text


def QT_TR_NOOP(text: str) -> str:  # noqa: N802 - lupdate's name
    """Marks a text of a table whose context is empty."""
    return text
