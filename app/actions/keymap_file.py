"""A key map as a file: export and import of the user's shortcuts.

The table of actions and its presets stand in app/actions/table.py; here is only
what the user changed.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, cast

from PySide6.QtGui import QKeySequence

from app.actions import table as actions
from app.settings.schema import Keys
from engine.storage import atomic_file as atomic
from engine.storage.foreign_file import read_file

_MAX_BYTES = 1_000_000


class KeyMap(NamedTuple):
    """A preset and the user's own bindings; `unknown` names actions that do not exist here."""

    preset: str
    own: dict[str, Keys]
    unknown: tuple[str, ...] = ()


class KeyMapUnreadable(Exception):
    """The file is not a key map."""


def export_map(preset: str, own: Mapping[str, Keys], path: Path) -> None:
    """Write a key map. Raises ImageUnwritable or DiskFull."""
    content = {"lacuna_shortcuts": 1, "preset": preset, "shortcuts": dict(own)}
    with atomic.replace(path) as file:
        file.write(json.dumps(content, indent=2, sort_keys=True).encode())


def import_map(path: Path) -> KeyMap:
    """Read a key map; bindings of unknown actions are left out and named.

    Raises KeyMapUnreadable.
    """
    try:
        content = json.loads(read_file(path, _MAX_BYTES))
    except (OSError, ValueError) as error:
        raise KeyMapUnreadable(path) from error
    if not isinstance(content, dict) or "lacuna_shortcuts" not in content:
        raise KeyMapUnreadable(path)
    found = cast("dict[str, object]", content)
    bound = found.get("shortcuts")
    pairs = cast("dict[str, object]", bound) if isinstance(bound, dict) else {}
    known = {action.id for action in actions.TABLE}
    own = {name: _keys(value) for name, value in pairs.items() if name in known}
    preset = str(found.get("preset"))
    preset = preset if preset in actions.PRESETS else next(iter(actions.PRESETS))
    return KeyMap(preset, own, tuple(sorted(set(pairs) - known)))


def _keys(value: object) -> Keys:
    """The valid keys among values of a file, in Qt's spelling."""
    listed = cast("list[object]", value) if isinstance(value, list) else []
    spelled = (normal(key) for key in listed if isinstance(key, str))
    return tuple(key for key in spelled if key)


def normal(key: str) -> str:
    """A key in Qt's portable spelling; "" when it is not valid."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)


def changed(preset: str, own: Mapping[str, Keys], name: str, keys: Keys) -> dict[str, Keys]:
    """The user's own bindings with one changed; a binding equal to the preset's is dropped."""
    result = {**own, name: keys}
    if actions.bindings(preset)[name] == keys:
        del result[name]
    return result
