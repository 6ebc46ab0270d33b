"""Scales of a LoRA's modules: from alpha in the file, or from what PEFT says beside the tensors.

PEFT's patterns are regular expressions of the end of a module's name. They come from strangers, so
only those are followed that cannot take long; another one is refused.
"""

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from engine.errors import LoraMisfit, ModelUnreadable

_FOLLOWED = re.compile(r"(?:\\?[.\w\-$^|/]|\\\\|\.\*|\\d\+?|\[0-9\]\+?)*")
_LONGEST = 200  # characters of a pattern
_WRAPPER = "base_model.model."


class Scales:
    """The number that a module's product is multiplied with."""

    def __init__(self, path: Path, metadata: Mapping[str, str]) -> None:
        self._path = path
        self._stated = _stated(path, metadata)

    def of(self, stem: str, alpha: torch.Tensor | None, rank: int | None) -> float:
        """alpha / rank; 1 without an alpha or a rank. Raises LoraMisfit, ModelUnreadable."""
        if alpha is not None:
            return self._number(stem, alpha) / rank if rank else 1.0
        if rank is None:
            return 1.0
        config, module = self._config(stem)
        stated = self._pattern(config.get("alpha_pattern"), module)
        stated = config.get("lora_alpha") if stated is None else stated
        if not isinstance(stated, int | float):
            return 1.0
        return stated / (math.sqrt(rank) if config.get("use_rslora") is True else rank)

    def _number(self, stem: str, alpha: torch.Tensor) -> float:
        if alpha.numel() != 1:
            raise LoraMisfit(self._path, "damaged", f"{stem}.alpha")
        number = float(alpha.flatten()[0])
        if not math.isfinite(number):
            raise ModelUnreadable(self._path, "nan", f"{stem}.alpha")
        return number

    def _config(self, stem: str) -> tuple[Mapping[str, Any], str]:
        stem = stem.removeprefix(_WRAPPER)
        component, _, module = stem.partition(".")
        if component in self._stated:
            return self._stated[component], module
        return self._stated.get("", {}), stem

    def _pattern(self, patterns: Any, module: str) -> float | None:
        """That of the first pattern that the end of the name matches, as PEFT does it."""
        for pattern, value in patterns.items() if isinstance(patterns, dict) else ():
            if len(pattern) > _LONGEST or not _FOLLOWED.fullmatch(pattern):
                raise LoraMisfit(self._path, "kind", f"alpha_pattern {pattern[:40]}")
            if re.match(rf"(?:.*\.)?(?:{pattern})$", module):
                return float(value) if isinstance(value, int | float) else None
        return None


def _stated(path: Path, metadata: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """PEFT's settings by component; "" for a file that has one."""
    found: dict[str, dict[str, Any]] = {}
    for key, value in _parsed(metadata.get("lora_adapter_metadata", "")).items():
        component, dot, name = key.partition(".")
        found.setdefault(component if dot else "", {})[name if dot else key] = value
    beside = path.with_name("adapter_config.json")
    if not found and path.stem == "adapter_model" and beside.is_file():
        found[""] = _parsed(_text(beside))
    return found


def _parsed(text: str) -> dict[str, Any]:
    try:
        known = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return known if isinstance(known, dict) else {}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") if path.stat().st_size < 1 << 20 else ""
    except (OSError, ValueError):
        return ""
