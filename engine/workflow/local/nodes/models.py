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
    flag,
    integer,
    integers,
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


def _one_clip(inputs: NodeInputs) -> tuple[Value, ...]:
    return (Clip(origin=inputs.origin, files=(("clip_name", inputs.text("clip_name")),)),)


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


def _shifted(inputs: NodeInputs) -> tuple[Value, ...]:
    """A schedule that is shifted otherwise than the model's own."""
    model = inputs.linked("model", (Model,))
    usual = {"max_shift": 1.15, "base_shift": 0.5}
    is_usual = inputs.origin.type == "ModelSamplingFlux" and all(
        inputs.number(name, 0, 100, value) == value for name, value in usual.items()
    )
    return (model if is_usual else replace(model, notes=(*model.notes, "workflow_shift")),)


def _sampled_as(inputs: NodeInputs) -> tuple[Value, ...]:
    """ModelSamplingDiscrete: our loader reads the kind of a model from its file."""
    model = inputs.linked("model", (Model,))
    kind = inputs.choice("sampling", ("eps", "v_prediction", "lcm"), "eps")
    is_usual = kind == "eps" and not inputs.boolean("zsnr", False)
    return (model if is_usual else replace(model, notes=(*model.notes, "workflow_sampling")),)


def _last_layer(inputs: NodeInputs) -> tuple[Value, ...]:
    clip = inputs.linked("clip", (Clip,))
    layer = inputs.integer("stop_at_clip_layer", -24, -1, -1)
    return (clip if layer == -1 else replace(clip, notes=(*clip.notes, "workflow_clip_layer")),)


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
        name="CLIPLoader", title="Load CLIP",
        inputs=(
            file("clip_name"), choice("type", default="stable_diffusion"),
            choice("device", default="default"),
        ),
        outputs=(CLIP,), build=_one_clip,
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
        name="ModelSamplingFlux", title="ModelSamplingFlux",
        inputs=(
            link("model", MODEL), number("max_shift", 1.15), number("base_shift", 0.5),
            *integers(width=1024, height=1024),
        ),
        outputs=(MODEL,), build=_shifted,
    ),
    LocalNode(
        name="ModelSamplingSD3", title="ModelSamplingSD3",
        inputs=(link("model", MODEL), number("shift", 3.0)), outputs=(MODEL,), build=_shifted,
    ),
    LocalNode(
        name="ModelSamplingAuraFlow", title="ModelSamplingAuraFlow",
        inputs=(link("model", MODEL), number("shift", 1.73)), outputs=(MODEL,), build=_shifted,
    ),
    LocalNode(
        name="ModelSamplingDiscrete", title="ModelSamplingDiscrete",
        inputs=(
            link("model", MODEL), choice("sampling", "eps", "v_prediction", "lcm"),
            flag("zsnr", False),
        ),
        outputs=(MODEL,), build=_sampled_as,
    ),
    LocalNode(
        name="CLIPSetLastLayer", title="CLIP Set Last Layer",
        inputs=(link("clip", CLIP), integer("stop_at_clip_layer", -1)), outputs=(CLIP,),
        build=_last_layer,
    ),
    LocalNode(
        name="DifferentialDiffusion", title="Differential Diffusion",
        inputs=(link("model", MODEL), number("strength", 1.0)), outputs=(MODEL,), build=_softer,
    ),
)  # fmt: skip
