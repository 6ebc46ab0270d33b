"""The folders where models are looked for: the program's own, the user's, other programs'."""

import os
from pathlib import Path

from app import paths
from app.settings.schema import Settings
from engine.models.places import ModelPlaces, hub_caches, usual_installs

REMEMBERED = "models.json"


def own_folder(settings: Settings) -> Path:
    """Where downloads go."""
    return _expanded(settings.models_dir) if settings.models_dir else paths.models_dir()


def places(settings: Settings) -> ModelPlaces:
    """Everywhere. With LACUNA_HOME nothing outside of it is looked at, but what was added."""
    is_portable = bool(os.environ.get("LACUNA_HOME"))
    usual = () if is_portable else usual_installs(Path.home())
    added = tuple(_expanded(folder) for folder in settings.model_folders)
    return ModelPlaces(
        own=own_folder(settings),
        extra=(*added, *usual),
        hubs=() if is_portable else hub_caches(),
        memory=paths.state_dir() / REMEMBERED,
        verdicts=verdicts_file(),
    )


def verdicts_file() -> Path:
    """Where it is kept which light models compute rightly on this computer."""
    return paths.state_dir() / "self-checks.json"


def _expanded(folder: str) -> Path:
    """With the home folder for ~; that of a user who does not exist stays as it is written."""
    try:
        return Path(folder).expanduser()
    except RuntimeError:
        return Path(folder)
