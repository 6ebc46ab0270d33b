"""Letters of the keyboard that open menus, and everything else that must not take them."""

from collections.abc import Iterable

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractButton, QLabel, QMenuBar, QWidget


def give_way(menus: QMenuBar, roots: Iterable[QWidget]) -> None:
    """Take the letter away from labels and buttons that have one of a menu.

    Qt would go round among all that share a letter, and open none of the menus.
    """
    taken = {letter(action.text()) for action in menus.actions()}
    for root in roots:
        for child in (*root.findChildren(QLabel), *root.findChildren(QAbstractButton)):
            if letter(child.text()) in taken - {""}:
                child.setText(child.text().replace("&", "", 1))


def letter(text: str) -> str:
    """As a key, "Alt+F"; "" where there is none."""
    return QKeySequence.mnemonic(text).toString()
