"""Reading the tensors of a weight file, after its header has been looked at."""

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import safetensors.torch
import torch
from safetensors import SafetensorError

from engine.errors import ModelUnreadable
from engine.models.weights import read_header
from engine.models.weights_torch import check_pickle

Tensors: TypeAlias = Mapping[str, torch.Tensor]

_DAMAGES = (
    SafetensorError, RuntimeError, EOFError, ValueError, KeyError, pickle.UnpicklingError
)  # fmt: skip


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    """All tensors of a .safetensors file, or of a checked file of torch, mapped from the disk.

    Raises ModelUnsafe, ModelUnreadable.
    """
    try:
        if path.suffix.lower() in (".safetensors", ".sft"):
            read_header(path)
            return safetensors.torch.load_file(path)
        check_pickle(path)
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except _DAMAGES as error:
        raise ModelUnreadable(path, "damaged", str(error)) from error
    except OSError as error:
        raise ModelUnreadable(path, "missing", error.strerror or "") from error
    return _table(path, content)


def _table(path: Path, content: Any) -> dict[str, torch.Tensor]:
    """Some files keep the table of tensors under "model" or "state_dict"."""
    inner = content if isinstance(content, dict) else {}
    table = next(
        (inner[k] for k in ("model", "state_dict") if isinstance(inner.get(k), dict)), content
    )
    if not isinstance(table, dict):
        raise ModelUnreadable(path, "format")
    return {name: value for name, value in table.items() if isinstance(value, torch.Tensor)}
