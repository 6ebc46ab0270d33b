"""Reads the safetensors headers of a server's files: a LoRA's base and words, a model's family."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote

from engine.comfy.protocol.json_fields import as_object
from engine.comfy.protocol.snapshot import CHECKPOINTS, DIFFUSION_MODELS, LORAS

MAX_FILES = 400  # each is a request of its own
MAX_TEXT = 400_000  # characters of one value: tags of thousands of training pictures
ENDING = ".safetensors"  # no other format has a header to read

Headers: TypeAlias = Mapping[tuple[str, str], Mapping[str, str]]
"""By folder and file name."""


def headers(
    get: Callable[[str], Any],
    models: Mapping[str, tuple[str, ...]],
    known: Headers | None = None,
) -> Headers:
    """Of base models and LoRAs; files without any are left out. `get` gives None for a 404.

    Those in `known` are not asked for again: a file under the same name is taken for the same.
    """
    known = known or {}
    found = {key: known[key] for key in _files(models) if key in known}
    fresh = [key for key in _files(models) if key not in known][:MAX_FILES]
    for folder, name in fresh:
        header = as_object(get(f"/view_metadata/{folder}?filename={quote(name, safe='')}"))
        texts = {k: v for k, v in header.items() if isinstance(v, str) and len(v) <= MAX_TEXT}
        if texts:
            found[folder, name] = texts
    return found


def _files(models: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """LoRAs first: of the others the name tells more."""
    for folder in (LORAS, CHECKPOINTS, DIFFUSION_MODELS):
        for name in models.get(folder, ()):
            if name.lower().endswith(ENDING):
                yield folder, name
