"""The report of a fault: versions, screen, memory, settings and the end of the log.

No pictures, no names of the user: the home folder is written as ~.
"""

import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import quote

from PySide6.QtCore import QLocale, qVersion
from PySide6.QtGui import QGuiApplication

from app import paths
from app.services import logging_setup as logs
from app.settings import file as settings_file
from app.settings.schema import Settings
from app.version import own_version
from engine.net.tokens import hide

_LINES = 200
_PACKAGES = ("PySide6-Essentials", "numpy", "opencv-python-headless", "scipy", "pillow")


def text() -> str:
    """The whole report, in English: it is read by those who mend the program."""
    parts = (
        f"Lacuna {own_version()}",
        *_system(),
        *_screens(),
        *_changed_settings(),
        "",
        f"Last {_LINES} lines of the log:",
        *logs.last_lines(paths.log_dir(), _LINES),
    )
    return hide(anonymous("\n".join(parts))) + "\n"


def anonymous(report: str, home: Path | None = None) -> str:
    """The report with the home folder as ~, also where it stands in an address."""
    folder = str(home or Path.home())
    if len(folder) < 2:  # a home of "/" would eat every slash
        return report
    for form in (folder, folder.replace("\\", "\\\\"), quote(folder)):
        report = report.replace(form, "~")
    return report


def _system() -> Iterator[str]:
    yield f"System: {platform.platform()}, {platform.machine()}"
    yield f"Python: {platform.python_version()} at {sys.executable}"
    yield f"Qt: {qVersion()}, platform {QGuiApplication.platformName()}"
    yield "Packages: " + ", ".join(f"{name} {_version(name)}" for name in _PACKAGES)
    yield f"Locale: {QLocale.system().name()}, shown in {QLocale().name()}"
    yield f"Cores: {os.cpu_count()}; memory: {_memory()}"
    yield f"Settings in {paths.config_dir()}, state in {paths.state_dir()}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def _memory() -> str:
    names = "SC_PHYS_PAGES", "SC_AVPHYS_PAGES", "SC_PAGE_SIZE"
    if not all(name in getattr(os, "sysconf_names", {}) for name in names):
        return "unknown"
    total, free, page = (os.sysconf(name) for name in names)
    return f"{total * page >> 20} MB, {free * page >> 20} MB of it free"


def _screens() -> Iterator[str]:
    for screen in QGuiApplication.screens():
        size = screen.size()
        scale, depth = screen.devicePixelRatio(), screen.depth()
        yield f"Screen: {size.width()} x {size.height()} at {scale:g}, {depth} bits"


def _changed_settings() -> Iterator[str]:
    found = settings_file.load(paths.config_dir() / "settings.json").settings
    default = Settings()
    names = [known.name for known in fields(Settings)]
    changed = [name for name in names if getattr(found, name) != getattr(default, name)]
    yield "Settings changed: " + (
        ", ".join(f"{name} = {getattr(found, name)}" for name in changed) or "none"
    )
