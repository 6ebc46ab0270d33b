"""The settings while the program runs: changed at once, kept at once, announced."""

import logging
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.settings import file as settings_file
from app.settings.schema import Settings, meta_of
from engine.errors import EngineError

logger = logging.getLogger(__name__)


class Preferences(QObject):
    """Holds the current `Settings`. Emits `changed` with the name of the field.

    `unsaved` says that the file could not be written: the choice holds until the program ends.
    """

    changed = Signal(str)
    unsaved = Signal(object)

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._current, self.problems = settings_file.load(path)

    @property
    def current(self) -> Settings:
        return self._current

    def change(self, name: str, value: object) -> None:
        """Set one field, by the name it has in `Settings`."""
        if getattr(self._current, name) == value:
            return
        self._current = replace(self._current, **{name: value})
        self.changed.emit(name)
        try:
            settings_file.save(self._current, self._path, only=name)
        except EngineError as error:
            logger.warning("settings not saved: %s", error)
            self.unsaved.emit(error)

    def reset(self) -> None:
        """Back to the defaults, field by field; shortcuts and export options stay."""
        default = Settings()
        for known in Settings.__dataclass_fields__.values():
            if meta_of(known) is not None:
                self.change(known.name, getattr(default, known.name))
