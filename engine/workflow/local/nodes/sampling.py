"""Nodes that sample: the settings of a painting."""

from dataclasses import replace

from engine.jobs.paint_settings import MAX_SEED, MAX_STEPS, SAMPLERS, SCHEDULERS, StartFrom
from engine.workflow.local.inputs import NodeInputs
from engine.workflow.local.nodes.prompts import MAX_GUIDANCE
from engine.workflow.local.nodes.record import (
    CONDITIONING,
    LATENT,
    MODEL,
    LocalNode,
    choice,
    integer,
    link,
    links,
    number,
    seed,
)
from engine.workflow.local.values import DecodedPainting, Latent, Model, Prompt, Sampled, Value

MIN_STRENGTH = 0.01


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


def _to_paint_on(found: Latent | Sampled, positive: Prompt) -> Latent:
    """The latent; of an earlier sampler, its painting as the picture to start from."""
    if isinstance(found, Sampled):
        first = replace(found.latent, start=StartFrom.ORIGINAL, repeats=1)
        return replace(first, pictures=DecodedPainting(sampled=found))
    return found if found.masks is not None else replace(found, masks=positive.masks)


SAMPLING_NODES = (
    LocalNode(
        name="KSampler",
        title="KSampler",
        inputs=(
            link("model", MODEL),
            seed("seed"),
            integer("steps", 20),
            number("cfg", 8.0),
            choice("sampler_name", *SAMPLERS),
            choice("scheduler", *SCHEDULERS),
            *links(positive=CONDITIONING, negative=CONDITIONING, latent_image=LATENT),
            number("denoise", 1.0),
        ),
        outputs=(LATENT,),
        build=_sample,
    ),
)
