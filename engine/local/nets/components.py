"""Components of a loaded checkpoint: its networks side by side."""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import torch

from engine.models.families import Family
from engine.models.model_file import ModelFile

Prediction: TypeAlias = Literal["epsilon", "v_prediction", "edm", "flow"]


@dataclass(slots=True, kw_only=True, eq=False)
class PipelineComponents:
    """What painting needs. Modules may be offloaded: run them through `device`, not `.device`."""

    model: ModelFile
    family: Family
    backbone: Any  # UNet2DConditionModel, or FluxTransformer2DModel
    vae: Any  # AutoencoderKL
    tokenizers: tuple[Any, ...]  # CLIP; SDXL: CLIP, OpenCLIP; FLUX: CLIP, T5
    text_encoders: tuple[Any, ...]  # in the same order
    prediction: Prediction
    device: torch.device  # where the arithmetic is done
    dtype: torch.dtype
    alphas_cumprod: torch.Tensor | None = None  # (1000,) float64 on the CPU; None for others
    sigma_range: tuple[float, float] | None = None  # of EDM, whose levels are not numbered
    sigma_data: float = 1.0  # spread of the latents that EDM assumes
    adapters: dict[str, float] = field(default_factory=dict[str, float])  # LoRAs in effect, weights
    loaded_loras: dict[str, float] = field(default_factory=dict[str, float])  # shares that fit
    in_layers: bool = False  # the backbone passes the device layer by layer
