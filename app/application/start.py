"""Starts the program with windows, importing as little as possible before the first paint."""

import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app import paths
from app.application.application import Application
from app.application.garbage_collector import GarbageCollector

SWITCH_S = 0.0005


def run(files: list[Path], *, new_window: bool = False) -> int:
    """Show the window and stay until the last one is closed."""
    app = make_application()
    if not new_window and _handed_over(files):
        return 0
    collector = GarbageCollector(app)
    program = Application(app)
    kept: list[object] = []
    program.loading.connect(lambda: kept.append(_watch(program)))
    program.open_files(files)
    code = app.exec()
    program.close()
    collector.close()
    return code


def _watch(program: Application) -> object:
    """Start log and crash hooks; the result must live as long as the program."""
    from app.services import logging_setup as logs

    if not logs.is_in_file(logs.start(paths.log_dir())):
        program.unwritable = paths.log_dir()
    logs.catch_qt()
    return logs.CrashHooks(program.faulted.emit), logs.watch_faults(paths.log_dir())


def make_application() -> QApplication:
    # the engine's Python gives way to the window sooner: p99 of a UI timer during a removal is
    # 1.1 of idle instead of 1.5 (tests/bench/stall.py)
    sys.setswitchinterval(SWITCH_S)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Lacuna")
    app.setDesktopFileName(paths.APP_ID)
    return app


def _handed_over(files: list[Path]) -> bool:
    """Whether a running program took the files. Asks only where the mark file exists."""
    if not (paths.state_dir() / "instance").exists():
        return False
    from app.application.single_instance import hand_over

    return hand_over(paths.state_dir(), files)
