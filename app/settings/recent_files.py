"""Recent files: the paths opened last, newest first."""

import contextlib
import json
from pathlib import Path

from engine.errors import FileError
from engine.storage import atomic_file
from engine.storage.json_records import decode_with_paths

LIMIT = 12


class RecentFiles:
    """A list of paths kept in one small JSON file; a damaged file counts as empty."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def paths(self) -> list[Path]:
        """The paths of files that still exist."""
        return [path for path in self._stored() if path.is_file()]

    def add(self, path: Path) -> None:
        path = path.absolute()
        self._store([path, *(known for known in self._stored() if known != path)][:LIMIT])

    def clear(self) -> None:
        self._store([])

    def _stored(self) -> list[Path]:
        try:
            found = decode_with_paths(self._file.read_bytes(), list[object])
        except (OSError, ValueError):
            return []
        return [Path(entry) for entry in found if isinstance(entry, str)]

    def _store(self, paths: list[Path]) -> None:
        text = json.dumps([str(path) for path in paths])
        # a list of recent files is not worth a message
        with contextlib.suppress(FileError), atomic_file.replace(self._file, private=True) as file:
            file.write(text.encode())
