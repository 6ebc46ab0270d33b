"""Nodes of prompts: texts, and the options attached to them."""

from dataclasses import replace

from engine.workflow.local.inputs import NodeInputs
from engine.workflow.local.nodes.record import (
    CLIP,
    CONDITIONING,
    LocalNode,
    link,
    links,
    number,
    text,
)
from engine.workflow.local.values import Clip, Prompt, Value

MAX_GUIDANCE = 100.0


def _prompt(inputs: NodeInputs) -> tuple[Value, ...]:
    return (Prompt(text=inputs.text("text").strip(), clip=inputs.linked("clip", (Clip,))),)


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
        name="FluxGuidance", title="FluxGuidance",
        inputs=(link("conditioning", CONDITIONING), number("guidance", 3.5)),
        outputs=(CONDITIONING,), build=_guidance,
    ),
    LocalNode(
        name="ConditioningZeroOut", title="Conditioning Zero Out",
        inputs=links(conditioning=CONDITIONING), outputs=(CONDITIONING,), build=_zero,
    ),
)  # fmt: skip
