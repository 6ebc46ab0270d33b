"""Presets of the Paint panel: the shipped ones and the user's own, a file each.

A preset may come from anybody: it is read as foreign data, whole or not at all.
"""

import contextlib
import json
import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import msgspec

from app.settings.paint_choices import PaintChoices
from app.settings.paint_json import ValueMisfit, load_choices, store_choices
from engine.errors import PresetInvalid
from engine.storage import atomic_file as atomic
from engine.storage import small_file
from engine.storage.foreign_file import FileTooLong, read_file

FORMAT = "lacuna-paint-preset"
VERSION = 1
SUFFIX = ".json"
MAX_BYTES = 64 << 10
MAX_TITLE = 80
DAMAGED = ("format", "size")  # reasons of PresetInvalid; others can be mended, or are newer

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A name and values by the keys of `paint_json`; other settings stay as they are."""

    name: str
    values: dict[str, Any]
    is_shipped: bool = False  # with the program: it cannot be deleted

    def onto(self, choices: PaintChoices) -> PaintChoices:
        """The choices with this preset applied. Raises PresetInvalid."""
        return _checked(self.name, self.values, choices)


class Presets:
    """The shipped ones first; one of the user's hides a shipped one of the same name."""

    def __init__(self, shipped: Path, own: Path) -> None:
        self._shipped, self._own = shipped, own

    def all(self) -> list[Preset]:
        """The presets that can be read; damaged ones of the user are put aside."""
        own = {preset.name: preset for preset in self._in(self._own, is_shipped=False)}
        shipped = [p for p in self._in(self._shipped, is_shipped=True) if p.name not in own]
        return [*shipped, *sorted(own.values(), key=lambda preset: preset.name.casefold())]

    def save(self, name: str, choices: PaintChoices, *, prompts: bool) -> Preset:
        """Save the choices under a name. Raises PresetInvalid or FileError."""
        preset = Preset(name=_title(name), values=store_choices(choices, prompts=prompts))
        self._own.mkdir(parents=True, exist_ok=True)
        export(preset, self._path(preset.name))
        return preset

    def add_file(self, path: Path) -> Preset:
        """Copy a preset file to the user's own. Raises PresetInvalid or FileError."""
        preset = read(path)
        self._own.mkdir(parents=True, exist_ok=True)
        export(preset, self._path(preset.name))
        return preset

    def delete(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def _in(self, folder: Path, *, is_shipped: bool) -> list[Preset]:
        found: list[Preset] = []
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            try:
                preset = read(path)
            except PresetInvalid as error:
                if error.reason in DAMAGED and not is_shipped:
                    logger.warning("the preset %s cannot be read and is put aside", path)
                    small_file.put_aside(path)
                continue
            found.append(Preset(name=preset.name, values=preset.values, is_shipped=is_shipped))
        return found

    def _path(self, name: str) -> Path:
        """The file of the preset of that name, or a free file name for it."""
        for path in self._own.glob(f"*{SUFFIX}"):
            with contextlib.suppress(PresetInvalid):
                if read(path).name == name:
                    return path
        stem = re.sub(r"[^\w-]+", "-", name).strip("-").lower()[:40] or "preset"
        path, number = self._own / f"{stem}{SUFFIX}", 2
        while path.exists():
            path, number = self._own / f"{stem}-{number}{SUFFIX}", number + 1
        return path


def export(preset: Preset, path: Path) -> None:
    """Write a preset as a file to share. Raises FileError."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "name": preset.name,
        "settings": preset.values,
    }
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    with atomic.replace(path) as file:
        file.write(text.encode())


def read(path: Path) -> Preset:
    """A preset from a file. Raises PresetInvalid."""
    content = _content(path)
    if content.get("format") != FORMAT:
        raise PresetInvalid(path.name, "format")
    version = content.get("version")
    if type(version) is not int or version < 1:
        raise PresetInvalid(path.name, "format")
    if version > VERSION:
        raise PresetInvalid(path.name, "newer")
    for key in content.keys() - {"format", "version", "name", "settings"}:
        raise PresetInvalid(path.name, "unknown", key)
    values = content.get("settings")
    if not isinstance(values, dict):
        raise PresetInvalid(path.name, "type", "settings")
    settings = cast("dict[str, Any]", values)
    _checked(path.name, settings, PaintChoices())
    return Preset(name=_title(content.get("name")), values=settings)


def _content(path: Path) -> dict[str, Any]:
    try:
        raw = read_file(path, MAX_BYTES)
    except FileTooLong as error:
        raise PresetInvalid(path.name, "size") from error
    except OSError as error:
        raise PresetInvalid(path.name, "access") from error
    try:
        return msgspec.json.decode(raw, type=dict[str, Any])
    except (ValueError, RecursionError) as error:
        raise PresetInvalid(path.name, "format") from error


def _checked(name: str, values: dict[str, Any], onto: PaintChoices) -> PaintChoices:
    try:
        return load_choices(values, onto)
    except ValueMisfit as misfit:
        raise PresetInvalid(name, misfit.reason, misfit.key) from misfit


def _title(name: object) -> str:
    if not isinstance(name, str) or not name.strip() or len(name) > MAX_TITLE:
        raise PresetInvalid("", "name")
    if not name.isprintable():
        raise PresetInvalid("", "name")
    return name.strip()
