"""Loads a segmenter."""

from typing import Any

import torch

from engine.local.nets.segment import sam2, sam3, sam3_lite
from engine.local.segmenter import Segmenter
from engine.models.families import Family
from engine.models.model_file import ModelFile

_KINDS: dict[Family | None, Any] = {
    Family.SAM31: sam3,
    Family.SAM3: sam3,
    Family.SAM3_LITE_TEXT: sam3_lite,
}


def load(model: ModelFile, device: torch.device, dtype: torch.dtype) -> Segmenter:
    """Read a selector. Raises ModelUnreadable, ModelUnsafe."""
    return _KINDS.get(model.family, sam2).load(model.path, device, dtype)
