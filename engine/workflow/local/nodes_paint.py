"""Nodes that run on this computer: base models, LoRAs, prompts, latents and sampling."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from engine.jobs.paint_settings import MAX_SEED, MAX_STEPS, SAMPLERS, SCHEDULERS, StartFrom
from engine.workflow.local.inputs import NodeInputs
from engine.workflow.local.values import (
    Clip,
    DecodedPainting,
    Latent,
    Model,
    Prompt,
    Sampled,
    UsedLora,
    Vae,
    Value,
)

MIN_STRENGTH = 0.01
MAX_WEIGHT = 100.0
MAX_GUIDANCE = 100.0
MAX_REPEATS = 8


def _checkpoint(inputs: NodeInputs) -> tuple[Value, ...]:
    origin = inputs.origin
    name = inputs.text("ckpt_name")
    model = Model(origin=origin, name=name, input="ckpt_name", folder="checkpoints")
    return model, Clip(origin=origin), Vae(origin=origin)


def _unet(inputs: NodeInputs) -> tuple[Value, ...]:
    name = inputs.text("unet_name")
    return (Model(origin=inputs.origin, name=name, input="unet_name", folder="diffusion_models"),)


def _two_clips(inputs: NodeInputs) -> tuple[Value, ...]:
    files = tuple((name, inputs.text(name)) for name in ("clip_name1", "clip_name2"))
    return (Clip(origin=inputs.origin, files=files),)


def _vae(inputs: NodeInputs) -> tuple[Value, ...]:
    return (Vae(origin=inputs.origin, name=inputs.text("vae_name")),)


def _lora(inputs: NodeInputs) -> tuple[Value, ...]:
    clip = inputs.linked("clip", (Clip,))
    weight = inputs.number("strength_clip", -MAX_WEIGHT, MAX_WEIGHT, 1.0)
    return _with_lora(inputs, clip_weight=weight), clip


def _lora_of_model(inputs: NodeInputs) -> tuple[Value, ...]:
    return (_with_lora(inputs, clip_weight=0.0),)


def _with_lora(inputs: NodeInputs, *, clip_weight: float) -> Model:
    model = inputs.linked("model", (Model,))
    weight = inputs.number("strength_model", -MAX_WEIGHT, MAX_WEIGHT, 1.0)
    lora = UsedLora(
        origin=inputs.origin, name=inputs.text("lora_name"), weight=weight, clip_weight=clip_weight
    )
    return replace(model, loras=(*model.loras, lora))


def _softer(inputs: NodeInputs) -> tuple[Value, ...]:
    """DifferentialDiffusion: our painting treats soft masks gradually in any case."""
    return (inputs.linked("model", (Model,)),)


def _prompt(inputs: NodeInputs) -> tuple[Value, ...]:
    return (Prompt(text=inputs.text("text").strip(), clip=inputs.linked("clip", (Clip,))),)


def _guidance(inputs: NodeInputs) -> tuple[Value, ...]:
    prompt = inputs.linked("conditioning", (Prompt,))
    return (replace(prompt, guidance=inputs.number("guidance", 0, MAX_GUIDANCE, 3.5)),)


def _zero(inputs: NodeInputs) -> tuple[Value, ...]:
    return (replace(inputs.linked("conditioning", (Prompt,)), text="", is_zero=True),)


# --- latents


def _encode(inputs: NodeInputs) -> tuple[Value, ...]:
    return (Latent(pictures=inputs.pictures("pixels"), vae=inputs.linked("vae", (Vae,))),)


def _encode_for_inpaint(inputs: NodeInputs) -> tuple[Value, ...]:
    """VAEEncodeForInpaint greys the masked area: painting starts from noise."""
    latent = Latent(
        pictures=inputs.pictures("pixels"),
        vae=inputs.linked("vae", (Vae,)),
        masks=inputs.masks("mask"),
        growth_px=inputs.integer("grow_mask_by", 0, 64, 6),
        start=StartFrom.NOISE,
    )
    return (latent,)


def _noise_mask(inputs: NodeInputs) -> tuple[Value, ...]:
    latent = inputs.linked("samples", (Latent,))
    return (replace(latent, masks=inputs.masks("mask"), growth_px=None),)


def _condition(inputs: NodeInputs) -> tuple[Value, ...]:
    """Without `noise_mask` ComfyUI repaints the whole picture; here the rest stays."""
    inputs.boolean("noise_mask", True)
    masks = inputs.masks("mask")
    pictures, vae = inputs.pictures("pixels"), inputs.linked("vae", (Vae,))
    positive, negative = (inputs.linked(name, (Prompt,)) for name in ("positive", "negative"))
    return (
        replace(positive, masks=masks),
        replace(negative, masks=masks),
        Latent(pictures=pictures, vae=vae, masks=masks),
    )


def _repeat(inputs: NodeInputs) -> tuple[Value, ...]:
    latent = inputs.linked("samples", (Latent,))
    amount = inputs.integer("amount", 1, MAX_REPEATS, 1)
    return (replace(latent, repeats=latent.repeats * amount),)


# --- painting


def _sample(inputs: NodeInputs) -> tuple[Value, ...]:
    positive = inputs.linked("positive", (Prompt,))
    sampled = Sampled(
        origin=inputs.origin,
        model=inputs.linked("model", (Model,)),
        positive=positive,
        negative=inputs.linked("negative", (Prompt,)),
        latent=_to_paint_on(inputs.linked("latent_image", (Latent, Sampled)), positive),
        seed=inputs.integer("seed", 0, MAX_SEED, 0),
        steps=inputs.integer("steps", 1, MAX_STEPS, 20),
        guidance=inputs.number("cfg", 0, MAX_GUIDANCE, 8.0),
        sampler=inputs.choice("sampler_name", SAMPLERS, "euler"),
        scheduler=inputs.choice("scheduler", SCHEDULERS, "normal"),
        strength=inputs.number("denoise", MIN_STRENGTH, 1, 1.0),
    )
    return (sampled,)


def _to_paint_on(inputs: Latent | Sampled, positive: Prompt) -> Latent:
    """The latent; of an earlier sampler, its painting as the picture to start from."""
    if isinstance(inputs, Sampled):
        first = replace(inputs.latent, start=StartFrom.ORIGINAL, repeats=1)
        return replace(first, pictures=DecodedPainting(sampled=inputs))
    return inputs if inputs.masks is not None else replace(inputs, masks=positive.masks)


def _decode(inputs: NodeInputs) -> tuple[Value, ...]:
    inputs.linked("vae", (Vae,))
    return (DecodedPainting(sampled=inputs.linked("samples", (Sampled,))),)


PAINT_NODES: Mapping[str, Callable[[NodeInputs], tuple[Value, ...]]] = {
    "CheckpointLoaderSimple": _checkpoint,
    "UNETLoader": _unet,
    "DualCLIPLoader": _two_clips,
    "VAELoader": _vae,
    "LoraLoader": _lora,
    "LoraLoaderModelOnly": _lora_of_model,
    "DifferentialDiffusion": _softer,
    "CLIPTextEncode": _prompt,
    "FluxGuidance": _guidance,
    "ConditioningZeroOut": _zero,
    "VAEEncode": _encode,
    "VAEEncodeForInpaint": _encode_for_inpaint,
    "SetLatentNoiseMask": _noise_mask,
    "InpaintModelConditioning": _condition,
    "RepeatLatentBatch": _repeat,
    "KSampler": _sample,
    "VAEDecode": _decode,
}
