"""Words for the window and for the command line: translated where Qt runs, English elsewhere.

lupdate finds texts by these names, called with literal texts: never with an f-string.
"""

import sys


def translate(context: str, text: str, disambiguation: str = "", count: int = -1) -> str:
    """The text in the user's language; `%n` becomes `count`.

    Never imports Qt: a program that has not done so has no translations either.
    """
    core = sys.modules.get("PySide6.QtCore")
    if core is None or core.QCoreApplication.instance() is None:
        return text.replace("%n", str(count))
    return core.QCoreApplication.translate(context, text, disambiguation, count)


def QT_TRANSLATE_NOOP(_context: str, text: str) -> str:  # noqa: N802 - lupdate's name
    """A text of a table, translated later, where it is shown."""
    return text


def QT_TR_NOOP(text: str) -> str:  # noqa: N802 - lupdate's name
    """The same for a table without a context: it is translated with an empty one."""
    return text
