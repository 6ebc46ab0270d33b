"""Configurations of the networks of each family, from the folders in resources/configs."""

import json
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from engine.models.families import Family


def folder(family: Family | None) -> Path:
    """The folder of a family, in diffusers' layout. Kontext is built as dev is."""
    name = "flux-dev" if family in (Family.FLUX_KONTEXT, None) else family.value
    with as_file(files("resources") / "configs" / name) as path:
        return Path(path)


def config(family: Family, network: str) -> dict[str, Any]:
    """Of one network (unet, vae, text_encoder...), under the names of its library."""
    file = "scheduler_config.json" if network == "scheduler" else "config.json"
    return json.loads((folder(family) / network / file).read_bytes())
