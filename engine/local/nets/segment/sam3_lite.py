"""SAM3-LiteText: SAM 3's detector with the small text encoder of MobileCLIP. It finds, no clicks.

Its file is that of transformers' `Sam3LiteTextModel`: the detector's tensors without a prefix.
"""

from pathlib import Path

import torch
from transformers import Sam3LiteTextModel

from engine.local.nets.segment.sam3 import HEAVY, Sam3
from engine.local.nets.segment.sam3_config import lite_config
from engine.local.nets.segment.sam3_keys import DETECTOR
from engine.local.nets.segment.transformers_loading import filled
from engine.local.nets.tensors import read_tensors


def load(path: Path, device: torch.device, dtype: torch.dtype) -> Sam3:
    """Read `model.safetensors`, or its folder. Raises ModelUnreadable (keys, damaged...)."""
    path = path / "model.safetensors" if path.is_dir() else path
    tensors = {name.removeprefix(DETECTOR): tensor for name, tensor in read_tensors(path).items()}
    config = lite_config(path, {DETECTOR + name: tensor for name, tensor in tensors.items()})
    return Sam3(filled(path, Sam3LiteTextModel, config, tensors, dtype, HEAVY).to(device), None)
