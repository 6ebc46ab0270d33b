"""The file of the settings: only what differs from the defaults, written whole or not at all.

Unknown keys stay in the file, so that an older version of the program keeps the settings of a
newer one.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, cast

from app.settings import servers as server_records
from app.settings.schema import Keys, SettingMeta, Settings, meta_of
from engine.storage import atomic_file as atomic
from engine.storage import small_file
from engine.storage.json_records import decode_with_paths

logger = logging.getLogger(__name__)

Json: TypeAlias = dict[str, Any]


class LoadedSettings(NamedTuple):
    """Settings of a file; `problems` names the keys whose values were not usable."""

    settings: Settings = Settings()
    problems: tuple[str, ...] = ()


MIGRATIONS: tuple[Callable[[Json], Json], ...] = ()
"""Step n turns a file of version n + 1 into one of version n + 2."""

VERSION = len(MIGRATIONS) + 1


def load(path: Path) -> LoadedSettings:
    """Read the settings; a value that is not usable leaves its default.

    A file that cannot be read is put aside as `*.broken`, so that saving does not lose it.
    """
    loaded, is_whole = small_file.load(path, _settings, LoadedSettings)
    if not is_whole:
        return LoadedSettings(Settings(), ("*",))
    if loaded.problems:
        logger.warning("settings not usable, defaults taken: %s", ", ".join(loaded.problems))
    return loaded


def _settings(raw: bytes) -> LoadedSettings:
    content = _content(raw)
    for step in MIGRATIONS[int(content.get("version", VERSION)) - 1 :]:
        content = step(content)
    good, bad = _sorted_out(content)
    return LoadedSettings(Settings(**good), tuple(bad))


def save(settings: Settings, path: Path, *, only: str = "") -> None:
    """Write what differs from the defaults; with `only`, nothing but this field of it.

    What another program wrote into the other fields meanwhile then stays. Raises ImageUnwritable
    or DiskFull.
    """
    content, is_whole = small_file.load(path, _content, dict[str, Any])
    if not is_whole:
        only = ""  # nothing is left there to be kept
    default = Settings()
    for known in fields(Settings):
        if only not in ("", known.name):
            continue
        value = getattr(settings, known.name)
        content.pop(known.name, None)
        if value != getattr(default, known.name):
            is_servers = known.name == "servers"
            content[known.name] = server_records.written(value) if is_servers else value
    content["version"] = max(VERSION, int(content.get("version", VERSION)))
    text = json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True)
    with atomic.replace(path) as file:
        file.write(text.encode(errors="backslashreplace"))  # paths that are no UTF-8


def _content(raw: bytes) -> Json:
    """The file as a dictionary with a usable version. Raises ValueError for anything else."""
    content = decode_with_paths(raw, Json)
    version = content.get("version", VERSION)
    if not isinstance(version, int) or version < 1:
        raise ValueError("no version")
    return content


def _sorted_out(content: Json) -> tuple[Json, list[str]]:
    good: Json = {}
    bad: list[str] = []
    for known in fields(Settings):
        if known.name == "servers" and known.name in content:  # a bad one leaves the others
            good[known.name], is_whole = server_records.read(content[known.name])
            bad += [] if is_whole else [known.name]
        elif known.name in content:
            value = _converted(known, content[known.name])
            if value is None:
                bad.append(known.name)
            else:
                good[known.name] = value
    return good, bad


def _converted(known: "Field[Any]", value: object) -> object | None:
    """The value as the field wants it, None when it cannot be used."""
    meta = meta_of(known)
    if known.name == "shortcuts":
        return _as_shortcuts(value)
    if known.name == "export":
        return _as_plain(value)
    if known.name == "paint":
        return cast(Json, value) if isinstance(value, dict) else None
    if isinstance(known.default, tuple):
        return _as_texts(value)
    if meta is None:
        return value if isinstance(value, str) else None
    return value if _fits(meta, value, known.default) else None


def _fits(meta: SettingMeta, value: object, default: object) -> bool:
    if type(value) is not type(default):
        return False
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        return meta.low <= value <= meta.high
    if meta.color:
        return _is_color(str(value))
    return value in [key for key, _ in meta.choices]


def _is_color(text: str) -> bool:
    return (
        len(text) == 7 and text[0] == "#" and all(c in "0123456789abcdefABCDEF" for c in text[1:])
    )


def _as_shortcuts(value: object) -> dict[str, Keys] | None:
    if not isinstance(value, dict):
        return None
    pairs = cast("dict[str, object]", value)
    result: dict[str, Keys] = {}
    for name, keys in pairs.items():
        if not isinstance(keys, list | tuple):
            return None
        listed = cast("list[object]", keys)
        result[name] = tuple(key for key in listed if isinstance(key, str))
    return result


def _as_texts(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list | tuple):
        return None
    return tuple(each for each in cast("list[object]", value) if isinstance(each, str))


def _as_plain(value: object) -> dict[str, str | int | bool] | None:
    if not isinstance(value, dict):
        return None
    pairs = cast("dict[str, object]", value)
    return {name: item for name, item in pairs.items() if isinstance(item, str | int | bool)}
