"""Latin keys by their position, for keyboard layouts of other alphabets.

Qt itself looks for a Latin letter in the other layouts that are set up; where none is, as with a
Ukrainian layout alone, Ctrl+Z arrives as a Cyrillic letter that no shortcut has.
"""

import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

LAST_LATIN = 0x24F  # of the blocks Latin-1 to Latin Extended-B
FIRST_NAMED = 0x01000000  # Qt.Key of keys without a letter
_ROWS = {10: "1234567890-=", 24: "QWERTYUIOP[]", 38: "ASDFGHJKL;'`\\", 52: "ZXCVBNM,./"}
_BY_SCAN_CODE = {
    first + step: letter for first, row in _ROWS.items() for step, letter in enumerate(row)
}
"""Scan codes of X11 and Wayland: those of the kernel and 8."""


def latin_key(event: QKeyEvent) -> Qt.Key | None:
    """The key at this place of a US keyboard; None when the event has a Latin key already."""
    if not LAST_LATIN < event.key() < FIRST_NAMED:
        return None
    if sys.platform == "win32":  # the virtual keys of letters and digits are their ASCII codes
        code = event.nativeVirtualKey()
        letter = chr(code) if code < 128 and chr(code).isalnum() else ""
    else:
        letter = _BY_SCAN_CODE.get(event.nativeScanCode(), "")
    return Qt.Key(ord(letter)) if letter else None
