"""Nodes of prompts: texts, and the options attached to them."""

from dataclasses import replace

from engine.workflow.local.inputs import NodeInputs
from engine.workflow.local.nodes.record import (
    CLIP,
    CONDITIONING,
    LocalNode,
    integers,
    link,
    links,
    number,
    text,
)
from engine.workflow.local.values import Clip, Prompt, Value

MAX_GUIDANCE = 100.0


def _prompt(inputs: NodeInputs) -> tuple[Value, ...]:
    return (Prompt(text=inputs.text("text").strip(), clip=inputs.linked("clip", (Clip,))),)


def _two_texts(inputs: NodeInputs) -> tuple[Value, ...]:
    """SDXL: both text encoders get one text here; sizes and crops are those of the picture."""
    texts = dict.fromkeys(inputs.text(name, "").strip() for name in ("text_g", "text_l"))
    return (_joined(inputs, [text for text in texts if text]),)


def _refiner(inputs: NodeInputs) -> tuple[Value, ...]:
    return (_joined(inputs, [inputs.text("text", "").strip()]),)


def _flux_texts(inputs: NodeInputs) -> tuple[Value, ...]:
    """FLUX reads the text of T5; that of CLIP is a summary of it."""
    said = [inputs.text(name, "").strip() for name in ("t5xxl", "clip_l")]
    prompt = _joined(inputs, [text for text in said if text][:1])
    return (replace(prompt, guidance=inputs.number("guidance", 0, MAX_GUIDANCE, 3.5)),)


def _joined(inputs: NodeInputs, texts: list[str]) -> Prompt:
    notes = ("workflow_two_texts",) if len(texts) > 1 else ()
    return Prompt(text=", ".join(texts), clip=inputs.linked("clip", (Clip,)), notes=notes)


def _guidance(inputs: NodeInputs) -> tuple[Value, ...]:
    prompt = inputs.linked("conditioning", (Prompt,))
    return (replace(prompt, guidance=inputs.number("guidance", 0, MAX_GUIDANCE, 3.5)),)


def _zero(inputs: NodeInputs) -> tuple[Value, ...]:
    return (replace(inputs.linked("conditioning", (Prompt,)), text="", is_zero=True),)


PROMPT_NODES = (
    LocalNode(
        name="CLIPTextEncode", title="CLIP Text Encode (Prompt)",
        inputs=(text("text"), link("clip", CLIP)), outputs=(CONDITIONING,), build=_prompt,
    ),
    LocalNode(
        name="CLIPTextEncodeSDXL", title="CLIPTextEncodeSDXL",
        inputs=(
            link("clip", CLIP),
            *integers(
                width=1024, height=1024, crop_w=0, crop_h=0, target_width=1024, target_height=1024
            ),
            text("text_g"), text("text_l"),
        ),
        outputs=(CONDITIONING,), build=_two_texts,
    ),
    LocalNode(
        name="CLIPTextEncodeSDXLRefiner", title="CLIPTextEncodeSDXLRefiner",
        inputs=(
            number("ascore", 6.0), *integers(width=1024, height=1024), text("text"),
            link("clip", CLIP),
        ),
        outputs=(CONDITIONING,), build=_refiner,
    ),
    LocalNode(
        name="CLIPTextEncodeFlux", title="CLIPTextEncodeFlux",
        inputs=(link("clip", CLIP), text("clip_l"), text("t5xxl"), number("guidance", 3.5)),
        outputs=(CONDITIONING,), build=_flux_texts,
    ),
    LocalNode(
        name="FluxGuidance", title="FluxGuidance",
        inputs=(link("conditioning", CONDITIONING), number("guidance", 3.5)),
        outputs=(CONDITIONING,), build=_guidance,
    ),
    LocalNode(
        name="ConditioningZeroOut", title="Conditioning Zero Out",
        inputs=links(conditioning=CONDITIONING), outputs=(CONDITIONING,), build=_zero,
    ),
)  # fmt: skip
