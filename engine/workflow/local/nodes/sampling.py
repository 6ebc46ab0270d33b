"""Nodes that sample: the settings of a painting.

Two samplers of which the second goes on where the first stopped are one painting here, with all the
steps; a refiner for the last of them is left out, and said.
"""

from dataclasses import replace

from engine.jobs.paint_settings import MAX_SEED, MAX_STEPS, SAMPLERS, SCHEDULERS
from engine.workflow.local.inputs import NodeInputs
from engine.workflow.local.nodes.latents import pictures_of
from engine.workflow.local.nodes.prompts import MAX_GUIDANCE
from engine.workflow.local.nodes.record import (
    CONDITIONING,
    LATENT,
    MODEL,
    LocalNode,
    choice,
    flag,
    integer,
    link,
    links,
    number,
    seed,
)
from engine.workflow.local.values import (
    DrawnNoise,
    Guider,
    Latent,
    Model,
    Prompt,
    Sampled,
    SamplerName,
    Sigmas,
    Value,
)

MIN_STRENGTH = 0.01
_ALIASES = {
    "dpmpp_2m_sde_gpu": "dpmpp_2m_sde",
    "dpmpp_sde_gpu": "dpmpp_sde",
    "dpmpp_3m_sde_gpu": "dpmpp_3m_sde",
}
"""Samplers that differ in the device that draws their noise, which here is always one."""

_SWITCH = ("disable", "enable")


def _sample(inputs: NodeInputs) -> tuple[Value, ...]:
    strength = inputs.number("denoise", MIN_STRENGTH, 1, 1.0)
    steps = inputs.integer("steps", 1, MAX_STEPS, 20)
    sampled = _sampled(
        inputs,
        _guider(inputs),
        inputs.integer("seed", 0, MAX_SEED, 0),
        Sigmas(scheduler=_scheduler(inputs), steps=steps, strength=strength),
    )
    return (sampled,)


def _guider(inputs: NodeInputs) -> Guider:
    return Guider(
        model=inputs.linked("model", (Model,)),
        positive=inputs.linked("positive", (Prompt,)),
        negative=inputs.linked("negative", (Prompt,)),
        guidance=inputs.number("cfg", 0, MAX_GUIDANCE, 8.0),
    )


def _sampled(
    inputs: NodeInputs, guider: Guider, drawn: int, sigmas: Sigmas, *, sampler: str = ""
) -> Sampled:
    found = inputs.linked("latent_image", (Latent, Sampled))
    return Sampled(
        origin=inputs.origin,
        model=guider.model,
        positive=guider.positive,
        negative=guider.negative,
        latent=_to_paint_on(found, guider.positive),
        seed=drawn,
        steps=sigmas.steps,
        guidance=guider.guidance,
        sampler=sampler or _sampler(inputs),
        scheduler=sigmas.scheduler,
        strength=sigmas.strength,
        notes=(*guider.model.notes, *guider.positive.clip.notes, *guider.positive.notes),
    )


def _to_paint_on(found: Latent | Sampled, positive: Prompt) -> Latent:
    latent = pictures_of(found)
    return latent if latent.masks is not None else replace(latent, masks=positive.masks)


def _sampler(inputs: NodeInputs) -> str:
    name = inputs.text("sampler_name", "euler")
    if name in _ALIASES:
        return _ALIASES[name]
    return inputs.choice("sampler_name", SAMPLERS, "euler")


def _scheduler(inputs: NodeInputs) -> str:
    return inputs.choice("scheduler", SCHEDULERS, "normal")


def _sample_part(inputs: NodeInputs) -> tuple[Value, ...]:
    """KSamplerAdvanced: a part of the steps of a schedule."""
    steps = inputs.integer("steps", 1, MAX_STEPS, 20)
    start = inputs.integer("start_at_step", 0, 10_000, 0)
    end = min(inputs.integer("end_at_step", 0, 10_000, 10_000), steps)
    before = inputs.linked("latent_image", (Latent, Sampled))
    goes_on = inputs.choice("return_with_leftover_noise", _SWITCH, "disable") == "enable"
    stopped_at = end if goes_on and end < steps else None
    if inputs.choice("add_noise", _SWITCH, "enable") == "disable":
        return (_continued(inputs, before, start, stopped_at),)
    if start >= end:
        raise inputs.refuse("start_at_step")
    sigmas = Sigmas(
        scheduler=_scheduler(inputs), steps=steps - start, strength=(steps - start) / steps
    )
    seed_ = inputs.integer("noise_seed", 0, MAX_SEED, 0)
    return (replace(_sampled(inputs, _guider(inputs), seed_, sigmas), stopped_at=stopped_at),)


def _continued(
    inputs: NodeInputs, before: Latent | Sampled, start: int, stopped_at: int | None
) -> Sampled:
    """The first sampler with all its steps; without its noise nothing can be painted."""
    if not isinstance(before, Sampled) or before.stopped_at is None or before.stopped_at != start:
        raise inputs.refuse("add_noise")
    model = inputs.linked("model", (Model,))
    notes = () if model.name == before.model.name else ("workflow_refiner",)
    return replace(before, stopped_at=stopped_at, notes=(*before.notes, *notes))


# --- samplers in parts


def _noise(inputs: NodeInputs) -> tuple[Value, ...]:
    return (DrawnNoise(seed=inputs.integer("noise_seed", 0, MAX_SEED, 0)),)


def _guide_by_one(inputs: NodeInputs) -> tuple[Value, ...]:
    """BasicGuider: no negative prompt."""
    positive = inputs.linked("conditioning", (Prompt,))
    negative = Prompt(text="", clip=positive.clip)
    model = inputs.linked("model", (Model,))
    return (Guider(model=model, positive=positive, negative=negative, guidance=1.0),)


def _guide_by_two(inputs: NodeInputs) -> tuple[Value, ...]:
    return (_guider(inputs),)


def _name_sampler(inputs: NodeInputs) -> tuple[Value, ...]:
    return (SamplerName(name=_sampler(inputs)),)


def _schedule(inputs: NodeInputs) -> tuple[Value, ...]:
    inputs.linked("model", (Model,))
    sigmas = Sigmas(
        scheduler=_scheduler(inputs),
        steps=inputs.integer("steps", 1, MAX_STEPS, 20),
        strength=inputs.number("denoise", MIN_STRENGTH, 1, 1.0),
    )
    return (sigmas,)


def _sample_by_parts(inputs: NodeInputs) -> tuple[Value, ...]:
    """SamplerCustomAdvanced; both outputs are the finished latent."""
    noise, guider = inputs.linked("noise", (DrawnNoise,)), inputs.linked("guider", (Guider,))
    return (_with_parts(inputs, guider, noise.seed),) * 2


def _sample_custom(inputs: NodeInputs) -> tuple[Value, ...]:
    if not inputs.boolean("add_noise", True):
        raise inputs.refuse("add_noise")
    return (_with_parts(inputs, _guider(inputs), inputs.integer("noise_seed", 0, MAX_SEED, 0)),) * 2


def _with_parts(inputs: NodeInputs, guider: Guider, drawn: int) -> Sampled:
    sigmas = inputs.linked("sigmas", (Sigmas,))
    sampler = inputs.linked("sampler", (SamplerName,)).name
    return _sampled(inputs, guider, drawn, sigmas, sampler=sampler)


_NAMES = (choice("sampler_name", *SAMPLERS), choice("scheduler", *SCHEDULERS))
_PROMPTS = links(positive=CONDITIONING, negative=CONDITIONING)
_LATENT = link("latent_image", LATENT)

SAMPLING_NODES = (
    LocalNode(
        name="KSampler", title="KSampler",
        inputs=(
            link("model", MODEL), seed("seed"), integer("steps", 20), number("cfg", 8.0), *_NAMES,
            *_PROMPTS, _LATENT, number("denoise", 1.0),
        ),
        outputs=(LATENT,), build=_sample,
    ),
    LocalNode(
        name="KSamplerAdvanced", title="KSampler (Advanced)",
        inputs=(
            link("model", MODEL), choice("add_noise", "enable", "disable"), seed("noise_seed"),
            integer("steps", 20), number("cfg", 8.0), *_NAMES, *_PROMPTS, _LATENT,
            integer("start_at_step", 0), integer("end_at_step", 10_000),
            choice("return_with_leftover_noise", *_SWITCH),
        ),
        outputs=(LATENT,), build=_sample_part,
    ),
    LocalNode(
        name="RandomNoise", title="RandomNoise", inputs=(seed("noise_seed"),), outputs=("NOISE",),
        build=_noise,
    ),
    LocalNode(
        name="BasicGuider", title="Basic Guider",
        inputs=links(model=MODEL, conditioning=CONDITIONING), outputs=("GUIDER",),
        build=_guide_by_one,
    ),
    LocalNode(
        name="CFGGuider", title="CFG Guider",
        inputs=(link("model", MODEL), *_PROMPTS, number("cfg", 8.0)), outputs=("GUIDER",),
        build=_guide_by_two,
    ),
    LocalNode(
        name="KSamplerSelect", title="KSamplerSelect", inputs=_NAMES[:1], outputs=("SAMPLER",),
        build=_name_sampler,
    ),
    LocalNode(
        name="BasicScheduler", title="BasicScheduler",
        inputs=(
            link("model", MODEL), *_NAMES[1:], integer("steps", 20), number("denoise", 1.0),
        ),
        outputs=("SIGMAS",), build=_schedule,
    ),
    LocalNode(
        name="SamplerCustomAdvanced", title="SamplerCustomAdvanced",
        inputs=(
            *links(noise="NOISE", guider="GUIDER", sampler="SAMPLER", sigmas="SIGMAS"), _LATENT,
        ),
        outputs=(LATENT, LATENT), build=_sample_by_parts,
    ),
    LocalNode(
        name="SamplerCustom", title="SamplerCustom",
        inputs=(
            link("model", MODEL), flag("add_noise", True), seed("noise_seed"), number("cfg", 8.0),
            *_PROMPTS, *links(sampler="SAMPLER", sigmas="SIGMAS"), _LATENT,
        ),
        outputs=(LATENT, LATENT), build=_sample_custom,
    ),
)  # fmt: skip
