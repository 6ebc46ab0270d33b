"""Generation parameters as AUTOMATIC1111 writes them into PNG files, and back.

    prompt <lora:name:0.8>
    Negative prompt: what shall not be there
    Steps: 20, Sampler: UniPC, Schedule type: Normal, CFG scale: 8, Seed: 1, Size: 512x512, ...

File names only, never paths. A text from a file is bounded, and used as text alone.
"""

import re
from dataclasses import dataclass
from pathlib import PurePath
from unicodedata import category

from engine.geometry import Size
from engine.jobs.paint_settings import LIMITS, MAX_LORAS, MAX_SEED, Lora, PaintSettings

KEY = "parameters"  # of the text chunk
OTHERS = ("prompt", "workflow")  # chunks of ComfyUI, which hold prompts too
MAX_TEXT = 64_000  # characters; what is longer was not written by a person's picture

_SAMPLERS = {
    "euler": "Euler", "euler_ancestral": "Euler a", "heun": "Heun", "dpmpp_2m": "DPM++ 2M",
    "dpmpp_2m_sde": "DPM++ 2M SDE", "dpmpp_sde": "DPM++ SDE", "uni_pc_bh2": "UniPC",
    "ddim": "DDIM", "lcm": "LCM", "dpmpp_3m_sde": "DPM++ 3M SDE", "res_multistep": "Res Multistep",
}  # fmt: skip
_SCHEDULERS = {
    "normal": "Normal", "karras": "Karras", "exponential": "Exponential",
    "sgm_uniform": "SGM Uniform", "simple": "Simple", "ddim_uniform": "DDIM", "beta": "Beta",
}  # fmt: skip
_LORA = re.compile(r"<lora:([^<>:]{1,255})(?::(-?\d{1,3}(?:\.\d{1,6})?))?[^<>]{0,40}>")
_FIELD = re.compile(r'\s*([A-Za-z][\w ]{0,40}):\s*("(?:[^"\\]|\\.){0,2000}"|[^,]{0,300})(?:,|$)')
_NEGATIVE = "Negative prompt:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Parameters found in a picture; `seed` None: there is none."""

    settings: PaintSettings
    seed: int | None = None


def text_of(settings: PaintSettings, seed: int, size: Size, model: str = "") -> str:
    """The parameters of one painting; `size` is the canvas's, `model` the file that was used."""
    tags = " ".join(f"<lora:{PurePath(u.name).stem}:{u.weight:g}>" for u in settings.loras)
    model = PurePath(model or settings.checkpoint).stem
    facts = {
        "Steps": settings.steps,
        "Sampler": _SAMPLERS.get(settings.sampler, settings.sampler),
        "Schedule type": _SCHEDULERS.get(settings.scheduler, settings.scheduler),
        "CFG scale": f"{settings.guidance:g}",
        "Seed": seed,
        "Size": f"{size.width}x{size.height}",
        "Model": _quoted(model),
        "Denoising strength": f"{settings.strength:g}",
        "Version": "Lacuna",
    }
    lines = [" ".join(part for part in (settings.prompt, tags) if part)]
    if settings.negative_prompt:
        lines.append(f"{_NEGATIVE} {settings.negative_prompt}")
    lines.append(", ".join(f"{name}: {value}" for name, value in facts.items() if value != ""))
    return "\n".join(lines)


def read_parameters(text: str) -> Parameters | None:
    """Parse such a text; None where it is none. Numbers out of range get their defaults."""
    if len(text) > MAX_TEXT:
        return None
    body, _, last = text.replace("\r\n", "\n").rpartition("\n")
    facts = _facts(last)
    if "steps" not in facts:
        return None
    prompt, _, negative = body.partition(f"\n{_NEGATIVE}")
    if body.startswith(_NEGATIVE):
        prompt, negative = "", body.removeprefix(_NEGATIVE)
    sampler, scheduler = _names(facts)
    return Parameters(
        settings=PaintSettings(
            prompt=_plain(_LORA.sub("", prompt)),
            negative_prompt=_plain(negative),
            checkpoint=_plain(facts.get("model", "")),
            loras=_loras(prompt),
            steps=int(_number(facts, "steps", "steps")),
            guidance=_number(facts, "cfg scale", "guidance"),
            sampler=sampler,
            scheduler=scheduler,
            strength=_number(facts, "denoising strength", "strength"),
        ),
        seed=_seed(facts.get("seed", "")),
    )


def _facts(line: str) -> dict[str, str]:
    found = {name.lower(): value.strip() for name, value in _FIELD.findall(line)}
    return {name: value.strip('"') for name, value in found.items()}


def _names(facts: dict[str, str]) -> tuple[str, str]:
    """Sampler and scheduler; older versions write both in one: "DPM++ 2M Karras"."""
    sampler = facts.get("sampler", "").lower()
    scheduler = _known(facts.get("schedule type", ""), _SCHEDULERS)
    for name, words in _SCHEDULERS.items():
        if sampler.endswith(f" {words.lower()}"):
            sampler, scheduler = sampler.removesuffix(f" {words.lower()}"), scheduler or name
    usual = PaintSettings()
    return _known(sampler, _SAMPLERS) or usual.sampler, scheduler or usual.scheduler


def _known(name: str, names: dict[str, str]) -> str:
    """The name in SAMPLERS or SCHEDULERS for one of A1111; "" for an unknown one."""
    name = name.strip().lower()
    return next((ours for ours, theirs in names.items() if name in (ours, theirs.lower())), "")


def _loras(prompt: str) -> tuple[Lora, ...]:
    found = [Lora(_plain(name), float(weight or 1)) for name, weight in _LORA.findall(prompt)]
    return tuple(each for each in found if each.name)[:MAX_LORAS]


def _number(facts: dict[str, str], theirs: str, ours: str) -> float:
    """A number within LIMITS, else the default."""
    low, high = LIMITS[ours]
    usual: float = getattr(PaintSettings(), ours)
    try:
        value = float(facts.get(theirs, ""))
    except ValueError:
        return usual
    return value if low <= value <= high else usual


def _seed(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and int(text) <= MAX_SEED else None


def _plain(text: str) -> str:
    """The text without control characters; line breaks stay."""
    return "".join(c for c in text if c == "\n" or category(c)[0] != "C").strip()


def _quoted(text: str) -> str:
    if not re.search(r'[,:"\n]', text):
        return text
    return '"' + re.sub(r'["\\\n]', "", text) + '"'
