"""The nodes that can be run on this computer: base models, prompts and painting."""

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


def _checkpoint(given: NodeInputs) -> tuple[Value, ...]:
    origin = given.origin
    name = given.text("ckpt_name")
    model = Model(origin=origin, name=name, input="ckpt_name", folder="checkpoints")
    return model, Clip(origin=origin), Vae(origin=origin)


def _unet(given: NodeInputs) -> tuple[Value, ...]:
    name = given.text("unet_name")
    return (Model(origin=given.origin, name=name, input="unet_name", folder="diffusion_models"),)


def _two_clips(given: NodeInputs) -> tuple[Value, ...]:
    files = tuple((name, given.text(name)) for name in ("clip_name1", "clip_name2"))
    return (Clip(origin=given.origin, files=files),)


def _vae(given: NodeInputs) -> tuple[Value, ...]:
    return (Vae(origin=given.origin, name=given.text("vae_name")),)


def _lora(given: NodeInputs) -> tuple[Value, ...]:
    clip = given.linked("clip", (Clip,))
    weight = given.number("strength_clip", -MAX_WEIGHT, MAX_WEIGHT, 1.0)
    return _with_lora(given, clip_weight=weight), clip


def _lora_of_model(given: NodeInputs) -> tuple[Value, ...]:
    return (_with_lora(given, clip_weight=0.0),)


def _with_lora(given: NodeInputs, *, clip_weight: float) -> Model:
    model = given.linked("model", (Model,))
    weight = given.number("strength_model", -MAX_WEIGHT, MAX_WEIGHT, 1.0)
    lora = UsedLora(
        origin=given.origin, name=given.text("lora_name"), weight=weight, clip_weight=clip_weight
    )
    return replace(model, loras=(*model.loras, lora))


def _softer(given: NodeInputs) -> tuple[Value, ...]:
    """Soft masks change gradually: our painting always does that."""
    return (given.linked("model", (Model,)),)


def _prompt(given: NodeInputs) -> tuple[Value, ...]:
    return (Prompt(text=given.text("text").strip(), clip=given.linked("clip", (Clip,))),)


def _guidance(given: NodeInputs) -> tuple[Value, ...]:
    prompt = given.linked("conditioning", (Prompt,))
    return (replace(prompt, guidance=given.number("guidance", 0, MAX_GUIDANCE, 3.5)),)


def _zero(given: NodeInputs) -> tuple[Value, ...]:
    return (replace(given.linked("conditioning", (Prompt,)), text="", is_zero=True),)


# --- what is painted on


def _encode(given: NodeInputs) -> tuple[Value, ...]:
    return (Latent(pictures=given.pictures("pixels"), vae=given.linked("vae", (Vae,))),)


def _encode_for_inpaint(given: NodeInputs) -> tuple[Value, ...]:
    """What lies under the mask is grey there: painting begins from nothing."""
    latent = Latent(
        pictures=given.pictures("pixels"),
        vae=given.linked("vae", (Vae,)),
        masks=given.masks("mask"),
        growth_px=given.integer("grow_mask_by", 0, 64, 6),
        start=StartFrom.NOISE,
    )
    return (latent,)


def _noise_mask(given: NodeInputs) -> tuple[Value, ...]:
    latent = given.linked("samples", (Latent,))
    return (replace(latent, masks=given.masks("mask"), growth_px=None),)


def _condition(given: NodeInputs) -> tuple[Value, ...]:
    """Without `noise_mask` ComfyUI paints everything anew; here the rest stays either way."""
    given.boolean("noise_mask", True)
    masks = given.masks("mask")
    pictures, vae = given.pictures("pixels"), given.linked("vae", (Vae,))
    positive, negative = (given.linked(name, (Prompt,)) for name in ("positive", "negative"))
    return (
        replace(positive, masks=masks),
        replace(negative, masks=masks),
        Latent(pictures=pictures, vae=vae, masks=masks),
    )


def _repeat(given: NodeInputs) -> tuple[Value, ...]:
    latent = given.linked("samples", (Latent,))
    amount = given.integer("amount", 1, MAX_REPEATS, 1)
    return (replace(latent, repeats=latent.repeats * amount),)


# --- painting


def _sample(given: NodeInputs) -> tuple[Value, ...]:
    positive = given.linked("positive", (Prompt,))
    sampled = Sampled(
        origin=given.origin,
        model=given.linked("model", (Model,)),
        positive=positive,
        negative=given.linked("negative", (Prompt,)),
        latent=_to_paint_on(given.linked("latent_image", (Latent, Sampled)), positive),
        seed=given.integer("seed", 0, MAX_SEED, 0),
        steps=given.integer("steps", 1, MAX_STEPS, 20),
        guidance=given.number("cfg", 0, MAX_GUIDANCE, 8.0),
        sampler=given.choice("sampler_name", SAMPLERS, "euler"),
        scheduler=given.choice("scheduler", SCHEDULERS, "normal"),
        strength=given.number("denoise", MIN_STRENGTH, 1, 1.0),
    )
    return (sampled,)


def _to_paint_on(given: Latent | Sampled, positive: Prompt) -> Latent:
    """A second pass goes on where the first one painted."""
    if isinstance(given, Sampled):
        first = replace(given.latent, start=StartFrom.ORIGINAL, repeats=1)
        return replace(first, pictures=DecodedPainting(sampled=given))
    return given if given.masks is not None else replace(given, masks=positive.masks)


def _decode(given: NodeInputs) -> tuple[Value, ...]:
    given.linked("vae", (Vae,))
    return (DecodedPainting(sampled=given.linked("samples", (Sampled,))),)


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
