"""Recent files: the paths opened last, newest first."""

import contextlib
import json
from pathlib import Path

from engine.errors import FileError
from engine.storage import atomic_file, small_file
from engine.storage.json_records import decode_with_paths

LIMIT = 12


class RecentFiles:
    """A list of paths kept in one small JSON file; a damaged file counts as empty."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._missing: frozenset[Path] = frozenset()

    def paths(self) -> list[Path]:
        """All but those that `look` has missed: a folder may be far away, and its server gone."""
        return [path for path in self._stored() if path not in self._missing]

    def look(self) -> None:
        """Find out which files are gone. It may take minutes: not for the window's thread."""
        self._missing = frozenset(path for path in self._stored() if not small_file.is_file(path))

    def add(self, path: Path) -> None:
        path = path.absolute()
        self._missing -= {path}
        self._store([path, *(known for known in self._stored() if known != path)][:LIMIT])

    def clear(self) -> None:
        self._store([])

    def _stored(self) -> list[Path]:
        found, _ = small_file.load(self._file, _parse, list[object])
        return [Path(entry) for entry in found if isinstance(entry, str)]

    def _store(self, paths: list[Path]) -> None:
        text = json.dumps([str(path) for path in paths])
        # a list of recent files is not worth a message
        with contextlib.suppress(FileError), atomic_file.replace(self._file, private=True) as file:
            file.write(text.encode())


def _parse(raw: bytes) -> list[object]:
    return decode_with_paths(raw, list[object])
