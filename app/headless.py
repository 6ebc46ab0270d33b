"""Detects a display, with the standard library only: set-up runs before Qt is installed."""

import os
import sys


def has_display() -> bool:
    """True on Windows and macOS; elsewhere the environment names the display."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
