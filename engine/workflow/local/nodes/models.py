"""Nodes of models: checkpoints, networks, text encoders, VAEs and LoRAs."""

from dataclasses import replace

from engine.workflow.local.inputs import NodeInputs
from engine.workflow.local.nodes.record import (
    CLIP,
    MODEL,
    VAE,
    LocalNode,
    choice,
    file,
    link,
    links,
    number,
)
from engine.workflow.local.values import Clip, Model, UsedLora, Vae, Value

MAX_WEIGHT = 100.0


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


MODEL_NODES = (
    LocalNode(
        name="CheckpointLoaderSimple", title="Load Checkpoint", inputs=(file("ckpt_name"),),
        outputs=(MODEL, CLIP, VAE), build=_checkpoint,
    ),
    LocalNode(
        name="UNETLoader", title="Load Diffusion Model",
        inputs=(file("unet_name"), choice("weight_dtype", default="default")), outputs=(MODEL,),
        build=_unet,
    ),
    LocalNode(
        name="DualCLIPLoader",
        title="Load CLIP (Dual)",
        inputs=(
            file("clip_name1"), file("clip_name2"), choice("type", default="flux"),
            choice("device", default="default"),
        ),
        outputs=(CLIP,),
        build=_two_clips,
    ),
    LocalNode(
        name="VAELoader", title="Load VAE", inputs=(file("vae_name"),), outputs=(VAE,), build=_vae
    ),
    LocalNode(
        name="LoraLoader",
        title="Load LoRA (Model and CLIP)",
        inputs=(
            *links(model=MODEL, clip=CLIP), file("lora_name"), number("strength_model", 1.0),
            number("strength_clip", 1.0),
        ),
        outputs=(MODEL, CLIP),
        build=_lora,
    ),
    LocalNode(
        name="LoraLoaderModelOnly",
        title="Load LoRA",
        inputs=(link("model", MODEL), file("lora_name"), number("strength_model", 1.0)),
        outputs=(MODEL,),
        build=_lora_of_model,
    ),
    LocalNode(
        name="DifferentialDiffusion", title="Differential Diffusion",
        inputs=(link("model", MODEL), number("strength", 1.0)), outputs=(MODEL,), build=_softer,
    ),
)  # fmt: skip
