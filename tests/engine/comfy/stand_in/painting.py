"""Diffusion without a network: noise, tinted by the words, where mask and denoise let it.

A latent keeps pixels of its own, (N, H, W, 3), with sides that are multiples of 8; a model, a text
encoder and a conditioning are tuples of names and weights, all of which decide what is painted.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

LEVELS = 63  # what is left of 255 after a VAE: every pixel changes a little


@dataclass(frozen=True, slots=True)
class Latent:
    pixels: np.ndarray
    mask: np.ndarray | None = None  # (N, H, W): where noise goes


@dataclass(frozen=True, slots=True)
class Words:
    """A conditioning: what was said, to which encoder, with what guidance; where a hole is."""

    text: str
    encoder: tuple[Any, ...] = ()
    guidance: float = 0.0
    mask: np.ndarray | None = None


def tint(text: str) -> np.ndarray:
    """The colour that these words paint in, (3,) float32 0..1; none of two prompts are equal."""
    return np.frombuffer(hashlib.sha256(text.encode()).digest()[:3], np.uint8) / np.float32(255)


def load_checkpoint(stage: Any, ckpt_name: str) -> tuple[Any, ...]:
    return (ckpt_name,), (ckpt_name,), ckpt_name


def load_unet(stage: Any, unet_name: str, weight_dtype: str) -> tuple[Any, ...]:
    return ((unet_name, weight_dtype),)


def load_encoders(
    stage: Any, clip_name1: str, clip_name2: str, type: str, device: str = "default"
) -> tuple[Any, ...]:
    return ((clip_name1, clip_name2, type),)


def load_vae(stage: Any, vae_name: str) -> tuple[str]:
    return (vae_name,)


def add_lora(
    stage: Any,
    model: tuple[Any, ...],
    clip: tuple[Any, ...],
    lora_name: str,
    strength_model: float,
    strength_clip: float,
) -> tuple[Any, ...]:
    """One for another architecture is no error, here as there."""
    return (*model, (lora_name, strength_model)), (*clip, (lora_name, strength_clip))


def add_lora_to_model(
    stage: Any, model: tuple[Any, ...], lora_name: str, strength_model: float
) -> tuple[Any, ...]:
    return ((*model, (lora_name, strength_model)),)


def differ(stage: Any, model: tuple[Any, ...], strength: float = 1.0) -> tuple[Any, ...]:
    return ((*model, ("soft masks", strength)),)


def encode_text(stage: Any, text: str, clip: tuple[Any, ...]) -> tuple[Words]:
    return (Words(text, clip),)


def guide(stage: Any, conditioning: Words, guidance: float) -> tuple[Words]:
    return (replace(conditioning, guidance=guidance),)


def refer(stage: Any, conditioning: Words, latent: Latent | None = None) -> tuple[Words]:
    """What it is shown counts as what it is told: the picture's bytes are a part of the words."""
    if latent is None:
        return (conditioning,)
    shown = hashlib.sha256(latent.pixels.tobytes()).hexdigest()
    return (replace(conditioning, encoder=(*conditioning.encoder, shown)),)


def zero_out(stage: Any, conditioning: Words) -> tuple[Words]:
    return (replace(conditioning, text=""),)


def cropped(pixels: np.ndarray) -> np.ndarray:
    """To sides that are multiples of 8, from the middle."""
    height, width = pixels.shape[1:3]
    top, left = height % 8 // 2, width % 8 // 2
    return pixels[:, top : top + height // 8 * 8, left : left + width // 8 * 8]


def through_vae(pixels: np.ndarray) -> np.ndarray:
    return np.round(cropped(pixels) * LEVELS).astype(np.float32) / np.float32(LEVELS)


def fitted(mask: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    height, width = pixels.shape[1:3]
    return np.stack([cv2.resize(each, (width, height)) for each in mask])


def encode(stage: Any, pixels: np.ndarray, vae: str) -> tuple[Latent]:
    return (Latent(through_vae(pixels)),)


def encode_for_inpaint(
    stage: Any, pixels: np.ndarray, vae: str, mask: np.ndarray, grow_mask_by: int = 6
) -> tuple[Latent]:
    """What is under the mask is grey from here on; noise goes a little further."""
    hole = np.round(fitted(mask, pixels))
    grey = (pixels - 0.5) * (1 - hole[..., None]) + 0.5
    size = max(1, grow_mask_by)
    grown = np.stack([cv2.dilate(each, np.ones((size, size), np.uint8)) for each in hole])
    return (Latent(through_vae(grey), cropped(grown)),)


def condition(
    stage: Any,
    positive: Words,
    negative: Words,
    vae: str,
    pixels: np.ndarray,
    mask: np.ndarray,
    noise_mask: bool = True,
) -> tuple[Any, ...]:
    hole = cropped(fitted(mask, pixels))
    latent = Latent(through_vae(pixels), hole if noise_mask else None)
    return replace(positive, mask=hole), replace(negative, mask=hole), latent


def set_mask(stage: Any, samples: Latent, mask: np.ndarray) -> tuple[Latent]:
    return (replace(samples, mask=fitted(mask, samples.pixels)),)


def repeat(stage: Any, samples: Latent, amount: int) -> tuple[Latent]:
    mask = None if samples.mask is None else np.repeat(samples.mask, amount, axis=0)
    return (Latent(np.repeat(samples.pixels, amount, axis=0), mask),)


def decode(stage: Any, samples: Latent, vae: str) -> tuple[np.ndarray]:
    return (samples.pixels,)


def sample(
    stage: Any,
    model: tuple[Any, ...],
    seed: int,
    steps: int,
    cfg: float,
    sampler_name: str,
    scheduler: str,
    positive: Words,
    negative: Words,
    latent_image: Latent,
    denoise: float = 1.0,
) -> tuple[Latent]:
    """The same numbers and words paint the same picture; any other, another one."""
    how = (model, steps, cfg, sampler_name, scheduler, *spoken(positive), *spoken(negative))
    pixels = latent_image.pixels
    painted = noise(pixels.shape, seed, repr(how)) * 0.5 + tint(positive.text) * 0.5
    share = denoise * room(latent_image, positive)
    for done in range(1, steps + 1):
        latest = pixels + (painted - pixels) * share * (done / steps)
        stage.step(done, steps, latest[0])
    return (replace(latent_image, pixels=latest.astype(np.float32)),)


def spoken(words: Words) -> tuple[Any, ...]:
    return words.text, words.encoder, words.guidance


def room(latent: Latent, words: Words) -> np.ndarray:
    """(N, H, W, 1): where it may paint; a model for inpainting keeps to its hole by itself."""
    mask = words.mask if latent.mask is None else latent.mask
    if mask is None:
        return np.ones((*latent.pixels.shape[:3], 1), np.float32)
    return np.broadcast_to(mask[..., None], (*latent.pixels.shape[:3], 1))


def noise(shape: tuple[int, ...], seed: int, how: str) -> np.ndarray:
    """Blotches of eight pixels; each of a batch has its own."""
    digest = hashlib.sha256(f"{seed} {how}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8]))
    count, height, width, _ = shape
    small = rng.random((count, height // 8, width // 8, 3), np.float32)
    return small.repeat(8, axis=1).repeat(8, axis=2)


NODES: Mapping[str, Callable[..., Any]] = {
    "CheckpointLoaderSimple": load_checkpoint,
    "UNETLoader": load_unet,
    "DualCLIPLoader": load_encoders,
    "VAELoader": load_vae,
    "LoraLoader": add_lora,
    "LoraLoaderModelOnly": add_lora_to_model,
    "DifferentialDiffusion": differ,
    "CLIPTextEncode": encode_text,
    "FluxGuidance": guide,
    "ConditioningZeroOut": zero_out,
    "ReferenceLatent": refer,
    "VAEEncode": encode,
    "VAEEncodeForInpaint": encode_for_inpaint,
    "InpaintModelConditioning": condition,
    "SetLatentNoiseMask": set_mask,
    "RepeatLatentBatch": repeat,
    "VAEDecode": decode,
    "KSampler": sample,
}
