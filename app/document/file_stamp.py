"""Whether a file is still the one that was read."""

import os
from pathlib import Path
from typing import NamedTuple, Self


class FileStamp(NamedTuple):
    """What a file looks like without being read; any change of it shows here."""

    size: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path) -> Self | None:
        """None when there is no such file, or none that may be looked at."""
        try:
            return cls.taken(path.stat())
        except OSError:
            return None

    @classmethod
    def taken(cls, found: os.stat_result) -> Self:
        return cls(found.st_size, found.st_mtime_ns)
