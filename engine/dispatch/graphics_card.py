"""Guess at a graphics card that torch may find here, made without importing it.

It serves the choice before the engine process has said where it computes: files that drivers
make, and the name of torch's build. Nothing is loaded and no process is started.
"""

import ctypes.util
import importlib.metadata
import platform
import sys
from functools import cache
from pathlib import Path

DRIVERS = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")
"""Of NVIDIA, of AMD, and of either in a Linux below Windows."""


def may_be_there() -> bool:
    """False only where torch certainly computes on the processor."""
    if torch_build().endswith("+cpu"):
        return False
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    if sys.platform == "win32":
        return ctypes.util.find_library("nvcuda") is not None
    return any(Path(each).exists() for each in DRIVERS)


def torch_build() -> str:
    """The version of torch as its package names it, such as 2.9.0+cpu; "" where there is none."""
    try:
        return _version("torch")
    except importlib.metadata.PackageNotFoundError:
        return ""


@cache
def _version(package: str) -> str:
    """Raises PackageNotFoundError, anew each time: a package may come while the program runs."""
    return importlib.metadata.version(package)
