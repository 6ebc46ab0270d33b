"""Small files that the program keeps for convenience: none of them keeps it from going on.

A file that cannot be read, for whatever reason, is put aside as `*.broken`, with one line in the
log; what asked for it gets its default.
"""

import contextlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from engine.storage.foreign_file import read_file

MAX_BYTES = 64 << 20

T = TypeVar("T")

logger = logging.getLogger(__name__)


def load(
    path: Path, parse: Callable[[bytes], T], default: Callable[[], T], *, limit: int = MAX_BYTES
) -> tuple[T, bool]:
    """What `parse` makes of the file, and whether it was whole; a file that is not there is."""
    try:
        return parse(read_file(path, limit)), True
    except (FileNotFoundError, NotADirectoryError):
        return default(), True
    except Exception as error:  # noqa: BLE001 - whatever is odd, it is not worth the program
        logger.warning("%s cannot be read and is put aside: %r", path, error)
        put_aside(path)
        return default(), False


def put_aside(path: Path) -> None:
    """Rename it to `*.broken`, so that writing the file anew does not lose it."""
    with contextlib.suppress(OSError):
        path.replace(path.with_suffix(".broken"))


def is_file(path: Path) -> bool:
    """Whether a file is there and may be looked at; never raises. A dead mount makes it wait."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
