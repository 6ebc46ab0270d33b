"""The log and the last words: what happened is on disk before anybody is asked for it.

Needs no Qt, so that the command line can use it; `catch_qt` adds Qt's own messages.
"""

import faulthandler
import logging
import os
import sys
import threading
from collections.abc import Callable
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TextIO, cast

from engine.net.tokens import HidingFormatter
from engine.storage.atomic_file import private_opener

LOG = "lacuna.log"
FAULTS = "faults.log"
_SIZE_BYTES = 2_000_000
_KEPT = 2  # beside the current one: three files in all
_FORM = "%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"

logger = logging.getLogger("lacuna")


def start(folder: Path, level: int = logging.INFO) -> logging.Handler:
    """Write what is logged into a rotating file; also what Python warns of.

    Where no file can be written there, it goes to the standard error.
    """
    handler = _handler(folder / LOG)
    handler.setFormatter(HidingFormatter(_FORM))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)
    logging.captureWarnings(True)
    logging.getLogger("PIL").setLevel(logging.INFO)  # it logs each chunk of a file
    logging.getLogger("httpx2").setLevel(max(level, logging.WARNING))  # a line for every request
    return handler


def _handler(path: Path) -> logging.Handler:
    try:
        return _PrivateLog(path, maxBytes=_SIZE_BYTES, backupCount=_KEPT, encoding="utf-8")
    except OSError:
        return logging.StreamHandler() if sys.stderr is not None else logging.NullHandler()


def is_in_file(handler: logging.Handler) -> bool:
    """Whether what `start` gave writes a file."""
    return isinstance(handler, _PrivateLog)


class _PrivateLog(RotatingFileHandler):
    """A rotating log that nobody else may read: it names files."""

    def _open(self) -> TextIOWrapper:
        return cast(
            TextIOWrapper,
            open(self.baseFilename, "a", encoding=self.encoding, opener=private_opener),
        )


class CrashHooks:
    """Takes every way by which an exception can get lost, and gives them back with `remove`.

    `on_bug` is told of each, in the thread where it happened; it must not raise.
    """

    def __init__(self, on_bug: Callable[[BaseException], None] | None = None) -> None:
        self._on_bug = on_bug
        self._before = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread
        sys.unraisablehook = self._on_unraisable

    def remove(self) -> None:
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._before

    def _on_exception(
        self,
        kind: type[BaseException],
        error: BaseException,
        traceback: TracebackType | None,
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, traceback)
            return
        self._tell("uncaught", error, traceback)

    def _on_thread(self, args: threading.ExceptHookArgs) -> None:
        name = args.thread.name if args.thread else "?"
        if args.exc_value is not None:
            self._tell(f"uncaught in thread {name}", args.exc_value, args.exc_traceback)

    def _on_unraisable(self, args: "sys.UnraisableHookArgs") -> None:
        if args.exc_value is not None:
            where = args.err_msg or f"ignored in {args.object!r}"
            self._tell(where, args.exc_value, args.exc_traceback)

    def _tell(self, where: str, error: BaseException, traceback: TracebackType | None) -> None:
        logger.critical(where, exc_info=(type(error), error, traceback))
        if self._on_bug is not None:
            self._on_bug(error)


def watch_faults(folder: Path) -> TextIO | None:
    """Let a crash of the interpreter leave its stack; the file must stay open until the end.

    What an earlier crash left goes into the log first. None: no file can be written there.
    """
    try:
        return _watch_faults(folder / FAULTS)
    except OSError as error:
        logger.warning("stacks of crashes cannot be kept in %s: %s", folder, error)
        return None


def _watch_faults(path: Path) -> TextIO:
    left = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    if left.strip():
        logger.critical("an earlier run crashed:\n%s", left)
    descriptor = private_opener(str(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    file = os.fdopen(descriptor, "w", encoding="utf-8")
    faulthandler.enable(file)
    return file


def catch_qt() -> None:
    """Let Qt's messages into the log, each under the name of its category."""
    from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

    levels = {
        QtMsgType.QtDebugMsg: logging.DEBUG,
        QtMsgType.QtInfoMsg: logging.INFO,
        QtMsgType.QtWarningMsg: logging.WARNING,
        QtMsgType.QtCriticalMsg: logging.ERROR,
        QtMsgType.QtFatalMsg: logging.CRITICAL,
    }

    def receive(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        category = context.category or "default"
        logging.getLogger(f"qt.{category}").log(levels[kind], "%s", text)

    qInstallMessageHandler(receive)


def last_lines(folder: Path, count: int) -> list[str]:
    """The end of the log, over its files."""
    names = (f"{LOG}.{number}" for number in range(_KEPT, 0, -1))
    lines: list[str] = []
    for path in (*(folder / name for name in names), folder / LOG):
        if path.exists():
            lines += path.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]
    return lines[-count:]
