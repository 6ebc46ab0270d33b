"""Stamp of a file: size and time, to find out whether it changed since it was read."""

import os
from pathlib import Path
from typing import NamedTuple, Self


class FileStamp(NamedTuple):
    """Size and time of the last change of a file."""

    size: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path) -> Self | None:
        """None when there is no such file, or none that may be looked at."""
        try:
            return cls.of_stat(path.stat())
        except OSError:
            return None

    @classmethod
    def of_stat(cls, found: os.stat_result) -> Self:
        return cls(found.st_size, found.st_mtime_ns)
