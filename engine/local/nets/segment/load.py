"""Loads a segmenter."""

from typing import Any

import torch

from engine.local.nets.segment import sam2, sam3
from engine.local.segmenter import Segmenter
from engine.models.families import Family
from engine.models.model_file import ModelFile


def load(model: ModelFile, device: torch.device, dtype: torch.dtype) -> Segmenter:
    """Read a selector. Raises ModelUnreadable, ModelUnsafe."""
    kind: Any = sam3 if model.family in (Family.SAM31, Family.SAM3) else sam2
    return kind.load(model.path, device, dtype)
