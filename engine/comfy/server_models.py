"""Lists the models of a server as ModelFile records, like those of this computer.

A server says names and, of files in safetensors, what their headers say of themselves; the tensors
it keeps. So a family is, the surer first: what the user set, the header's word, the catalog's of a
file of this name, the name's own. A checkpoint of which nothing tells has none: it can be chosen,
and is never taken of itself.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from engine.comfy.graphs import sam3
from engine.comfy.graphs.loaders import parts_of
from engine.comfy.graphs.node_packs import base, entry_named, known
from engine.comfy.protocol.snapshot import (
    CHECKPOINTS,
    DIFFUSION_MODELS,
    LORAS,
    SAM3,
    TEXT_ENCODERS,
    VAE,
    ServerSnapshot,
)
from engine.dispatch import lookup
from engine.models.families import Family, Kind
from engine.models.lora_header import LoraFacts, facts_of
from engine.models.model_file import Installed, ModelFile
from engine.models.weights import WeightHeader

PLACE = "server"
"""ModelFile.place of all of them."""

_FOREIGN = (
    r"flux[\W_]*2|klein|svd|stable.?video|refiner|sd.?v?3|diffusion.?v?3|cascade|stable.?audio"
    r"|(^|[\W_])wan[\W_]?\d|ltx|hunyuan|qwen|lumina|cosmos|mochi|pixart|hidream|chroma"
    r"|z.?image|omnigen|kolors"
)
"""Networks that a checkpoint may hold and nothing here paints with."""

_FAMILIES = (
    (r"flux.*fill", Family.FLUX_FILL),
    (r"flux.*kontext", Family.FLUX_KONTEXT),
    (r"flux", Family.FLUX_DEV),
    (r"inpaint.*xl|xl.*inpaint", Family.SDXL_INPAINT),
    (r"xl|pony|illustrious|noobai", Family.SDXL),
    (r"512-inpainting|sd.?v?2.*inpaint|diffusion-v?2.*inpaint", Family.SD21_INPAINT),
    (r"inpaint", Family.SD15_INPAINT),
    (r"sd.?v?2[\W_]*[01]|^v2[-_.][01]|768-v|diffusion-v?2", Family.SD21),
    (r"sd.?v?1[\W_]*[45]|^v1[-_.][45]|diffusion-v?1", Family.SD15),
)
"""Words of names and of modelspec.architecture; the first that is found decides."""

_STATED = {"sd15": Family.SD15, "sd21": Family.SD21, "sdxl": Family.SDXL, "flux": Family.FLUX_DEV}
_PARTS = (
    (TEXT_ENCODERS, Kind.TEXT_ENCODER, r"clip[-_]?l\b|clip[-_]?l_|vit-l", "clip-l"),
    (TEXT_ENCODERS, Kind.TEXT_ENCODER, r"clip[-_]?g\b|clip[-_]?g_|bigg", "clip-g"),
    (TEXT_ENCODERS, Kind.TEXT_ENCODER, r"t5[-_]?xxl|t5[-_]v1_1[-_]xxl", "t5-xxl"),
    (VAE, Kind.VAE, r"^ae\.|flux.*(vae|ae)|(vae|ae).*flux", "flux"),
    (VAE, Kind.VAE, r"xl.*vae|vae.*xl", "sdxl"),
)
_BARE = ("flux", "sdxl")  # families whose networks come without the rest, too


def models_of(snapshot: ServerSnapshot, families: Mapping[str, Family] | None = None) -> Installed:
    """All that can be used, the preferred first. `families`: what the user set, by file name.

    Names are the server's, separators and all; `path` begins with the folder that the file lies in.
    """
    said = families or {}
    parts = list(_parts(snapshot))
    painters = [_whole(model, parts) for model in _painters(snapshot, said)]
    models = sorted([*painters, *_loras(snapshot, said), *parts], key=_rank)
    return Installed(models=(*_selectors(snapshot), *_removers(snapshot), *models))


def painter(found: Installed) -> ModelFile | None:
    """The model that paints when none is named; of unknown family where there is no other."""
    return found.painter or next(iter(found.of(Kind.CHECKPOINT)), None)


def parts_for(found: Installed, model: ModelFile) -> tuple[ModelFile, ...]:
    """The text encoders and the VAE that a model needs beside it, as far as they are there."""
    return lookup.parts(found, parts_of(model))


def _painters(snapshot: ServerSnapshot, said: Mapping[str, Family]) -> Iterator[ModelFile]:
    for folder in (CHECKPOINTS, DIFFUSION_MODELS):
        for name in snapshot.folder(folder):
            family = _family(snapshot, folder, name, said)
            if _is_listed(snapshot, folder, name, family):
                problem = "schnell" if "schnell" in name.lower() else ""
                yield _file(folder, name, Kind.CHECKPOINT, family, problem=problem)


def _is_listed(snapshot: ServerSnapshot, folder: str, name: str, family: Family | None) -> bool:
    """A network alone only where it is known what it needs; of the others all but foreign ones."""
    if folder == DIFFUSION_MODELS:
        return family is not None and family.base in _BARE
    return family is not None or not _is_foreign(snapshot, folder, name)


def _is_foreign(snapshot: ServerSnapshot, folder: str, name: str) -> bool:
    words = f"{base(name)} {_architecture(snapshot, folder, name)}".lower()
    return sam3.is_sam3(name) or re.search(_FOREIGN, words) is not None


def _whole(model: ModelFile, parts: Sequence[ModelFile]) -> ModelFile:
    """Marked where what it needs beside it is not there."""
    if model.problem or set(parts_of(model)) <= {part.part for part in parts}:
        return model
    return replace(model, problem="partial")


def _loras(snapshot: ServerSnapshot, said: Mapping[str, Family]) -> Iterator[ModelFile]:
    """A LoRA's name is trusted less: of unknown family it fits all, of a wrong one none."""
    for name in snapshot.folder(LORAS):
        facts = _facts(snapshot, LORAS, name)
        family = said.get(name) or _STATED.get(facts.stated_base)
        yield _file(LORAS, name, Kind.LORA, family, words=facts.trigger_words)


def _parts(snapshot: ServerSnapshot) -> Iterator[ModelFile]:
    for folder, kind, pattern, part in _PARTS:
        for name in snapshot.folder(folder):
            if re.search(pattern, base(name).lower()):
                yield _file(folder, name, kind, None, part=part)


def _selectors(snapshot: ServerSnapshot) -> Iterator[ModelFile]:
    """One for both makers of nodes: which of them is asked depends on the question."""
    if name := sam3.core_file(snapshot):
        family = Family.SAM31 if "3.1" in base(name) else Family.SAM3
        yield _file(CHECKPOINTS, name, Kind.SEGMENTER, family)
    elif sam3.has_pack(snapshot, sam3.FIND):
        name = next(iter(snapshot.folder(SAM3)), "sam3.safetensors")
        yield _file(SAM3, name, Kind.SEGMENTER, Family.SAM3)


def _removers(snapshot: ServerSnapshot) -> Iterator[ModelFile]:
    """The pack keeps its weights for itself, and fetches them."""
    if "LamaRemover" in snapshot.nodes:
        yield _file("lama", "big-lama.pt", Kind.REMOVER, Family.LAMA)


def _file(
    folder: str, name: str, kind: Kind, family: Family | None, *, part: str = "",
    words: tuple[str, ...] = (), problem: str = "",
) -> ModelFile:  # fmt: skip
    entry = entry_named(name)
    is_known = entry is not None and entry.kind is kind and entry.family in (family, None)
    return ModelFile(
        path=Path(folder, name),
        kind=kind,
        family=family,
        name=name,
        title=entry.title if entry and is_known else base(name).rsplit(".", 1)[0],
        catalog_id=entry.id if entry and is_known else "",
        part=part,
        trigger_words=words,
        place=PLACE,
        problem=problem,
    )


def _family(
    snapshot: ServerSnapshot, folder: str, name: str, said: Mapping[str, Family]
) -> Family | None:
    if name in said or _is_foreign(snapshot, folder, name):
        return said.get(name)
    entry = entry_named(name)
    named = entry.family if entry and entry.kind is Kind.CHECKPOINT else _in_words(base(name))
    stated = _STATED.get(_facts(snapshot, folder, name).stated_base)
    told = _in_words(_architecture(snapshot, folder, name)) or stated
    # a header seldom says more than what the model was made from: then the name may
    is_refined = told is None or (named is not None and named.base == told.base)
    return named if is_refined else told


def _in_words(words: str) -> Family | None:
    found = (family for pattern, family in _FAMILIES if re.search(pattern, words.lower()))
    return next(found, None)


def _facts(snapshot: ServerSnapshot, folder: str, name: str) -> LoraFacts:
    return facts_of(WeightHeader(tensors={}, metadata=_metadata(snapshot, folder, name)))


def _architecture(snapshot: ServerSnapshot, folder: str, name: str) -> str:
    return _metadata(snapshot, folder, name).get("modelspec.architecture", "")


def _metadata(snapshot: ServerSnapshot, folder: str, name: str) -> Mapping[str, str]:
    return snapshot.metadata.get((folder, name), {})


def _rank(model: ModelFile) -> tuple[int, bool, bool, str]:
    """Ours first, then those that are known, text encoders in full precision before others."""
    return (known().rank(model.catalog_id), model.family is None, "fp8" in model.name, model.name)
