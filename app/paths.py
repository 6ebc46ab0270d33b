"""The folders of settings, state, logs and models; LACUNA_HOME puts them all under one folder.

One that cannot be made, as where a file has its name, does not keep the program from starting:
what reads there finds nothing, and what writes there says so.
"""

import contextlib
import os
from pathlib import Path

APP_ID = "io.lacuna.Editor"


def _folder(kind: str) -> Path:
    home = os.environ.get("LACUNA_HOME")
    if home:
        path = Path(home) / kind
    else:
        from platformdirs import PlatformDirs

        path = Path(getattr(PlatformDirs("lacuna", appauthor=False), f"user_{kind}_dir"))
    with contextlib.suppress(OSError):
        path.mkdir(mode=0o700 if kind == "state" else 0o777, parents=True, exist_ok=True)
    return path


def config_dir() -> Path:
    """Settings and shortcuts."""
    return _folder("config")


def state_dir() -> Path:
    """Logs, recent files, journals: copies of private pictures, so nobody else may look in."""
    path = _folder("state")
    with contextlib.suppress(OSError):
        if path.stat().st_mode & 0o077:  # made by an earlier version
            path.chmod(0o700)
    return path


def log_dir() -> Path:
    path = state_dir() / "logs"
    with contextlib.suppress(OSError):
        path.mkdir(mode=0o700, exist_ok=True)
    return path


def journal_dir() -> Path:
    path = state_dir() / "journal"
    with contextlib.suppress(OSError):
        path.mkdir(mode=0o700, exist_ok=True)
    return path


def models_dir() -> Path:
    """Downloaded models; the folder is made with the first download."""
    return _folder("data") / "models"


def resource(*parts: str) -> Path:
    """A file that ships with the program, in a checkout, a wheel or a frozen tree."""
    return Path(__file__).resolve().parent.parent.joinpath("resources", *parts)
