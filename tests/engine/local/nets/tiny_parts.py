"""Loaded checkpoints of every family, in memory: small, and with random weights."""

import copy
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import FluxTransformer2DModel
from tokenizers import Tokenizer
from tokenizers.models import Unigram
from tokenizers.processors import TemplateProcessing
from transformers import PreTrainedTokenizerFast, T5Config, T5EncoderModel

from engine.dispatch.memory_plan import MemoryPlan, Placement
from engine.geometry import Image
from engine.jobs.operations import Paint
from engine.jobs.paint_settings import PaintSettings
from engine.local.nets.clip_tokenizer import END, FIRST, tokenizer
from engine.local.nets.components import PipelineComponents
from engine.models.families import Family, Kind
from engine.models.model_file import ModelFile
from tests.engine.local.nets import reference_samplers, tiny

FAMILIES = (
    Family.SD15,
    Family.SD15_INPAINT,
    Family.SD21_INPAINT,
    Family.SDXL,
    Family.SDXL_INPAINT,
    Family.FLUX_DEV,
    Family.FLUX_FILL,
    Family.FLUX_KONTEXT,
)
WIDTH, HEIGHT = 96, 64
PLAN = MemoryPlan(
    placement=Placement.ALL, tiling=False, batched=True, needed_mb=0, free_mb=0, notes=()
)


class Job:
    """Remembers what was reported; stops when it is told to."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.reports: list[tuple[float, str, Image | None]] = []
        self._stop_after = stop_after

    def report(self, fraction: float, note: str = "", preview: Image | None = None) -> None:
        from engine.errors import Cancelled

        self.reports.append((fraction, note, preview))
        if self._stop_after is not None and len(self.steps) > self._stop_after:
            raise Cancelled

    @property
    def steps(self) -> list[Image]:
        return [preview for _, note, preview in self.reports if preview is not None]


def parts(family: Family, seed: int = 0, **changes: Any) -> PipelineComponents:
    """The same weights for the same seed, in networks that all tests share: they are only read."""
    return _assembled(family, _nets(family, seed) | changes)


def own_parts(family: Family, seed: int = 0, **changes: Any) -> PipelineComponents:
    """With copies of the networks, for a test that changes them."""
    copies = {name: _own(net) for name, net in _nets(family, seed).items()}
    return _assembled(family, copies | changes)


def _assembled(family: Family, components: dict[str, Any]) -> PipelineComponents:
    given: dict[str, Any] = {
        "model": model_file(family),
        "family": family,
        "device": torch.device("cpu"),
        "dtype": torch.float32,
        "prediction": "flow" if family.is_flux else "epsilon",
        "alphas_cumprod": None if family.is_flux else torch.from_numpy(reference_samplers.SIGNAL),
    }
    return PipelineComponents(**given | components)


def _own(found: Any) -> Any:
    """A copy of a network, or of each of several; tokenizers are shared, they never change.

    Their 49,000 merges take longer to copy than three steps of painting.
    """
    if isinstance(found, tuple):
        return tuple(_own(each) for each in found)
    return copy.deepcopy(found) if isinstance(found, torch.nn.Module) else found


@cache
def _nets(family: Family, seed: int) -> dict[str, Any]:
    torch.manual_seed(seed)
    nets = _flux(family) if family.is_flux else _sd(family)
    for net in (nets["backbone"], nets["vae"], *nets["text_encoders"]):
        net.eval().requires_grad_(False)
        _stir(net)
    _sure(nets["vae"])
    return nets


def model_file(family: Family) -> ModelFile:
    name = f"tiny-{family.value}.safetensors"
    return ModelFile(
        path=Path(name), kind=Kind.CHECKPOINT, family=family, name=name, title=name,
        precision="fp32",
    )  # fmt: skip


def picture(seed: int = 0, width: int = WIDTH, height: int = HEIGHT) -> Image:
    """Blobs of colour."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (height // 8, width // 8, 3), dtype=np.uint8)
    return np.repeat(np.repeat(coarse, 8, 0), 8, 1)


def box_mask(width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """A box on the grid of 16 px."""
    mask = np.zeros((height, width), np.uint8)
    mask[16 : height - 16, 32 : width - 16] = 255
    return mask


def operation(family: Family, **changes: Any) -> Paint:
    """A painting of few steps; what is no field of Paint is a setting."""
    fields = {name: changes.pop(name) for name in list(changes) if name in Paint.__slots__}
    chosen = {"prompt": "a red truck", "steps": 3, "guidance": 4.0} | changes
    given = {
        "model": model_file(family),
        "parts": (),
        "loras": (),
        "image": picture(),
        "start": picture(),
        "mask": box_mask(),
        "settings": PaintSettings(**chosen),
        "seed": 7,
    }
    return Paint(**given | fields)


def _sd(family: Family) -> dict[str, Any]:
    encoders = [tiny.encoder(family)]
    tokenizers = [tokenizer(77, FIRST if family.base == "sd21" else END)]
    if family.base == "sdxl":
        encoders.append(tiny.encoder(family, second=True))
        tokenizers.append(tokenizer(77, FIRST))
    return {
        "backbone": tiny.unet(family),
        "vae": tiny.vae(),
        "tokenizers": tuple(tokenizers),
        "text_encoders": tuple(encoders),
    }


def _flux(family: Family) -> dict[str, Any]:
    vae = tiny.vae()
    vae.register_to_config(shift_factor=0.1159, scaling_factor=0.3611)
    further = 4 * 4 + 4 * 64 if family is Family.FLUX_FILL else 0
    transformer = FluxTransformer2DModel(
        in_channels=4 * 4 + further,
        out_channels=4 * 4,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=tiny.HIDDEN,
        pooled_projection_dim=tiny.HIDDEN,
        guidance_embeds=True,
        axes_dims_rope=(4, 4, 8),
    )
    t5 = T5EncoderModel(
        T5Config(vocab_size=200, d_model=tiny.HIDDEN, d_kv=8, d_ff=64, num_layers=1, num_heads=2)
    )
    return {
        "backbone": transformer,
        "vae": vae,
        "tokenizers": (tokenizer(77, END), t5_tokenizer()),
        "text_encoders": (tiny.encoder(family), t5),
    }


def t5_tokenizer() -> PreTrainedTokenizerFast:
    """Letter by letter, with T5's special tokens in their places."""
    letters = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    letters += [(chr(code), -3.0) for code in range(32, 127)]
    made = Tokenizer(Unigram(letters, unk_id=2))
    made.post_processor = TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
    )


def _stir(net: torch.nn.Module) -> None:
    for parameter in net.parameters():
        parameter.add_(torch.randn_like(parameter) * 0.02)


def _sure(vae: torch.nn.Module) -> None:
    """No spread around the mean, so that a pipeline that draws a latent draws the mean."""
    half = vae.config.latent_channels
    vae.quant_conv.weight[half:] = 0.0
    vae.quant_conv.bias[half:] = -30.0
