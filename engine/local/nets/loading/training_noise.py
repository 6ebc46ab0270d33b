"""Noise schedule and prediction type that a checkpoint was trained with."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import torch

from engine.errors import ModelUnreadable
from engine.local.nets.components import Prediction
from engine.local.nets.tensors import Tensors
from engine.models.accounting import listed
from engine.models.families import Family
from engine.models.recognition.networks import MARKERS
from engine.models.weights import WeightHeader

LAST_ZERO = 4.8973451890853435e-08  # ComfyUI's: without any signal there would be no last level
EDM_LEAST, EDM_MOST = 0.002, 80.0  # noise levels of Karras et al. 2022, table 1
EDM_DATA = 0.5
V_STATED = ("v", "v_prediction")
_V_SPREAD = 0.09
_V_NORM = "model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias"


class TrainingNoise(NamedTuple):
    """The noise levels, and what the network predicts at each."""

    prediction: Prediction
    alphas_cumprod: torch.Tensor | None = None  # (steps,) float64; None for EDM
    sigma_range: tuple[float, float] | None = None  # of EDM
    sigma_data: float = 1.0
    latent_space: Mapping[str, Any] = MappingProxyType({})  # entries of the VAE's configuration


def of_folder(path: Path) -> TrainingNoise:
    """By the scheduler's configuration. Raises ModelUnreadable (partial, damaged)."""
    try:
        noise = json.loads((path / "scheduler" / "scheduler_config.json").read_bytes())
    except OSError as error:
        raise ModelUnreadable(path, "partial", "scheduler") from error
    except ValueError as error:
        raise ModelUnreadable(path, "damaged", "scheduler") from error
    if not str(noise.get("_class_name")).startswith("EDM"):
        return TrainingNoise(prediction_of(noise), alphas_cumprod(noise))
    levels = noise.get("sigma_min", EDM_LEAST), noise.get("sigma_max", EDM_MOST)
    prediction = "v_prediction" if prediction_of(noise) == "v_prediction" else "edm"
    return TrainingNoise(prediction, None, levels, noise.get("sigma_data", EDM_DATA))


def of_file(
    path: Path, header: WeightHeader, tensors: Tensors, family: Family, base: Mapping[str, Any]
) -> TrainingNoise:
    """By the markers among the tensors; `base` is the configuration of the family's scheduler.

    Raises ModelUnreadable (unknown) for markers of which a part is missing.
    """
    marked = [name for name in MARKERS if name in tensors]
    if "edm_mean" in marked and "edm_std" in marked:  # Playground 2.5
        space = {
            "latents_mean": tensors["edm_mean"].float().flatten().tolist(),
            "latents_std": tensors["edm_std"].float().flatten().tolist(),
            "scaling_factor": EDM_DATA,
        }
        return TrainingNoise("edm", None, (EDM_LEAST, EDM_MOST), EDM_DATA, space)
    if "edm_vpred.sigma_max" in marked:  # CosXL
        least = tensors.get("edm_vpred.sigma_min", torch.tensor(EDM_LEAST))
        levels = float(least), float(tensors["edm_vpred.sigma_max"])
        return TrainingNoise("v_prediction", None, levels)
    lonely = sorted(name for name in marked if name.startswith("edm"))
    if lonely:
        raise ModelUnreadable(path, "unknown", listed(lonely))
    alphas = alphas_cumprod(base, zero_snr="ztsnr" in marked)
    return TrainingNoise(prediction_in_file(path, header, tensors, family), alphas)


def prediction_of(noise: Mapping[str, Any]) -> Prediction:
    """What a scheduler's configuration says of it."""
    return "v_prediction" if noise.get("prediction_type") == "v_prediction" else "epsilon"


def prediction_in_file(
    path: Path, header: WeightHeader, tensors: Tensors, family: Family
) -> Prediction:
    """By the keys and metadata that say so, a .yaml beside the file, or, for SD 2.1, a norm.

    SD 2.1 has no key for it; ComfyUI looks at the spread of one layer, which tells the published
    ones apart.
    """
    stated = header.metadata.get("modelspec.prediction_type", "").lower()
    if "v_pred" in header.tensors or stated in V_STATED or _yaml_says_v(path):
        return "v_prediction"
    if family is Family.SD21 and not stated and _V_NORM in tensors:
        spread = tensors[_V_NORM].float().std(correction=0)
        return "v_prediction" if spread > _V_SPREAD else "epsilon"
    return "epsilon"


def _yaml_says_v(path: Path) -> bool:
    """A1111 wants a configuration of the original code beside such a file."""
    try:
        text = path.with_suffix(".yaml").read_text(errors="replace")[: 1 << 16]
    except OSError:
        return False
    return re.search(r"""^\s*parameterization:\s*["']?v\b""", text, re.MULTILINE) is not None


def alphas_cumprod(noise: Mapping[str, Any], *, zero_snr: bool = False) -> torch.Tensor:
    """(steps,) how much of the picture's energy is left, in float64 from the start.

    With `zero_snr` nothing is left at the end (Lin et al. 2023).
    """
    first, last = noise.get("beta_start", 0.00085), noise.get("beta_end", 0.012)
    steps = noise.get("num_train_timesteps", 1000)
    if noise.get("beta_schedule", "scaled_linear") == "linear":
        betas = torch.linspace(first, last, steps, dtype=torch.float64)
    else:
        betas = torch.linspace(first**0.5, last**0.5, steps, dtype=torch.float64) ** 2
    alphas = torch.cumprod(1.0 - betas, 0)
    if zero_snr or noise.get("rescale_betas_zero_snr"):
        roots = alphas.sqrt()
        roots = (roots - roots[-1]) * roots[0] / (roots[0] - roots[-1])
        alphas = roots**2
        alphas[-1] = LAST_ZERO
    return alphas
