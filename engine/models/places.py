"""Folders of models: the own one, those of other programs, the cache of the hub's client.

All but the own folder are only read. Layouts are recognised by their folders: ComfyUI (also by its
extra_model_paths.yaml), AUTOMATIC1111 and its kin, the hub's cache, or any folder at all.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

from engine.models.families import Kind
from engine.net.tokens import hub_home
from engine.storage.foreign_file import read_file

MAX_YAML = 1 << 20  # bytes
YAML = ("extra_model_paths.yaml", "extra_model_paths.yml")

COMFY = {
    "checkpoints": Kind.CHECKPOINT,
    "diffusion_models": Kind.CHECKPOINT,
    "unet": Kind.CHECKPOINT,
    "loras": Kind.LORA,
    "vae": Kind.VAE,
    "text_encoders": Kind.TEXT_ENCODER,
    "clip": Kind.TEXT_ENCODER,
    "sams": Kind.SEGMENTER,
    "sam2": Kind.SEGMENTER,
    "sam3": Kind.SEGMENTER,
    "inpaint": Kind.REMOVER,
    "lama": Kind.REMOVER,
}
"""Folders of ComfyUI that hold what we can use."""

A1111 = {
    "Stable-diffusion": Kind.CHECKPOINT,
    "Lora": Kind.LORA,
    "LyCORIS": Kind.LORA,
    "VAE": Kind.VAE,
    "text_encoder": Kind.TEXT_ENCODER,
}
"""The same of AUTOMATIC1111."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPlaces:
    """Where to look, in this order."""

    own: Path
    extra: tuple[Path, ...] = ()  # folders, or yaml files in ComfyUI's form
    hubs: tuple[Path, ...] = ()  # caches of the hub's client
    memory: Path | None = None  # a file that remembers what was found before
    verdicts: Path | None = None  # the file of self-checks


class ModelRoot(NamedTuple):
    """A folder to look through; `kind` is what its name promises."""

    path: Path
    origin: str  # own, folder, comfyui, a1111, hub
    kind: Kind | None = None


def roots(places: ModelPlaces) -> list[ModelRoot]:
    """Every folder to look through, each once, the own first."""
    found = [ModelRoot(places.own, "own")]
    for folder in places.extra:
        found += _roots_of(folder)
    found += [ModelRoot(path, "hub") for path in places.hubs]
    first: dict[Path, ModelRoot] = {}
    for root in found:
        first.setdefault(root.path, root)
    return list(first.values())


def hub_caches(environ: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """The cache of the hub's own client, where there is one."""
    chosen = environ.get("HF_HUB_CACHE") or environ.get("HUGGINGFACE_HUB_CACHE")
    cache = Path(chosen).expanduser() if chosen else hub_home(environ) / "hub"
    return (cache,) if cache.is_dir() else ()


def usual_installs(home: Path) -> tuple[Path, ...]:
    """ComfyUI and A1111 where people put them."""
    names = (
        "ComfyUI",
        "Documents/ComfyUI",
        "stable-diffusion-webui",
        "stable-diffusion-webui-forge",
    )
    return tuple(home / name for name in names if (home / name / "models").is_dir())


def _roots_of(chosen: Path) -> list[ModelRoot]:
    if chosen.suffix.lower() in (".yaml", ".yml"):
        return extra_paths(chosen)
    for models in (chosen / "models", chosen):
        for layout, origin in ((COMFY, "comfyui"), (A1111, "a1111")):
            if any((models / name).is_dir() for name in list(layout)[:4]):
                beside = [root for name in YAML for root in extra_paths(chosen / name)]
                return [*_categories(models, layout, origin), *beside]
    if any(chosen.glob("models--*--*")):
        return [ModelRoot(chosen, "hub")]
    return [ModelRoot(chosen, "folder")]


def _categories(models: Path, layout: Mapping[str, Kind], origin: str) -> list[ModelRoot]:
    folders = ((models / name, kind) for name, kind in layout.items())
    return [ModelRoot(path, origin, kind) for path, kind in folders if path.is_dir()]


def extra_paths(path: Path) -> list[ModelRoot]:
    """The folders that an extra_model_paths.yaml names; nothing for one that makes no sense.

    Sections hold a `base_path` (with ~ and variables, or relative to the file) and categories,
    each with one folder a line. What is no text, no category we use, or not there, is left out.
    """
    import yaml  # few have such a file: no start of the window waits for it

    try:
        content = yaml.safe_load(read_file(path, MAX_YAML).decode())
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError, ValueError) as error:
        logger.warning("not usable: %s: %s", path, type(error).__name__)
        return []
    if not isinstance(content, dict):
        return []
    sections = cast(dict[object, object], content).values()
    return [root for section in sections for root in _section(section, path.parent)]


def _section(section: object, beside: Path) -> Iterator[ModelRoot]:
    if not isinstance(section, dict):
        return
    entries = cast(dict[Any, Any], section)
    base = entries.get("base_path")
    start = beside / _expanded(base) if isinstance(base, str) else beside
    for name, lines in entries.items():
        kind = COMFY.get(name) if isinstance(name, str) else None
        if kind is None or not isinstance(lines, str):
            continue
        for line in filter(None, map(str.strip, lines.splitlines())):
            folder = start / _expanded(line)
            if folder.is_dir():
                yield ModelRoot(Path(os.path.normpath(folder)), "comfyui", kind)


def _expanded(text: str) -> str:
    return os.path.expandvars(os.path.expanduser(text.replace("\0", "")))
