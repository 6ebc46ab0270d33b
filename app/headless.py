"""Whether a window could be seen here. Standard library only: set-up asks before Qt is there."""

import os
import sys


def has_display() -> bool:
    """Always on Windows and macOS; elsewhere the environment says."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
