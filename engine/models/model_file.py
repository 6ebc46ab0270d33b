"""Records of model files, and the choice of the preferred one among those installed."""

from dataclasses import dataclass
from pathlib import Path

from engine.models.families import LIGHT, TORCH, Family, Kind

QUICK_SAM2_BYTES = 250_000_000
"""SAM 2.1 tiny and small read a picture in some 8 s of a processor; the larger take many times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One model: a file, or a folder in the layout of diffusers; here, or on a server."""

    path: Path
    kind: Kind
    family: Family | None  # None: a text encoder or VAE, which `part` tells apart
    name: str  # what recipes and projects call it: the file's or folder's name
    title: str  # for people
    catalog_id: str = ""  # of the entry in resources/models.json, when it is one of ours
    part: str = ""  # of a text encoder: clip-l, t5-xxl; of a VAE: the families' base it is for
    precision: str = ""  # fp32, fp16, bf16, fp8, gguf-q4_k...: what the header says
    size_bytes: int = 0
    rank: int = 0  # of a LoRA
    trigger_words: tuple[str, ...] = ()  # of a LoRA, from its metadata
    place: str = ""  # "" = this computer, server = the user's servers: `path` is a name there
    problem: str = ""  # a code, when it is there but cannot be used: as ModelUnreadable.reason
    detail: str = ""  # names that belong to the problem: of networks, tensors, formats
    unused: tuple[str, ...] = ()  # groups of tensors of a usable file that nothing here reads
    wrong_on: tuple[str, ...] = ()  # runtimes that compute it wrongly on this computer

    @property
    def runs_on(self) -> frozenset[str]:
        """The runtimes that can run it: TORCH, LIGHT."""
        known = self.family.runs_on if self.family is not None else frozenset({TORCH})
        return known - set(self.wrong_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """All that was found, the preferred first within each kind."""

    models: tuple[ModelFile, ...] = ()

    def at(self, place: str) -> "Installed":
        """Those of one place alone."""
        return Installed(models=tuple(m for m in self.models if m.place == place))

    def on(self, runtime: str) -> "Installed":
        """Those that a runtime can run."""
        return Installed(models=tuple(m for m in self.models if runtime in m.runs_on))

    def of(self, kind: Kind) -> tuple[ModelFile, ...]:
        """The usable ones of a kind."""
        return tuple(m for m in self.models if m.kind is kind and not m.problem)

    def named(self, kind: Kind, name: str) -> ModelFile | None:
        """By name, catalog id, path, or name without its ending; None: not here."""
        for wanted in (name, Path(name).name):
            for model in self.of(kind):
                known = (model.name, model.catalog_id, str(model.path), Path(model.name).stem)
                if wanted in known:
                    return model
        return None

    def first(self, *families: Family) -> ModelFile | None:
        """The first usable model of the first family that has one."""
        for family in families:
            for model in self.models:
                if model.family is family and model.kind is not Kind.LORA and not model.problem:
                    return model
        return None

    @property
    def selector(self) -> ModelFile | None:
        """What answers a click."""
        return self.first(Family.SAM31, Family.SAM3, Family.SAM2)

    @property
    def light_selector(self) -> ModelFile | None:
        """What answers a click on a processor: what reads a picture in seconds, then the rest."""
        return (
            self._light(Family.SAM2, QUICK_SAM2_BYTES)
            or self._light(Family.EDGETAM)
            or self._light(Family.SAM2)
        )

    @property
    def light_remover(self) -> ModelFile | None:
        """What removes on a processor."""
        return self._light(Family.LAMA) or self._light(Family.MIGAN)

    @property
    def subject_model(self) -> ModelFile | None:
        """What marks the subject of a picture: the one with the finer outline."""
        return self._light(Family.ISNET) or self._light(Family.U2NETP)

    def _light(self, family: Family, most_bytes: int | None = None) -> ModelFile | None:
        for model in self.models:
            fits = most_bytes is None or model.size_bytes <= most_bytes
            if model.family is family and fits and not model.problem and LIGHT in model.runs_on:
                return model
        return None

    @property
    def finder(self) -> ModelFile | None:
        """What finds by text."""
        return self.first(Family.SAM31, Family.SAM3, Family.SAM3_LITE_TEXT)

    @property
    def remover(self) -> ModelFile | None:
        return self.first(Family.LAMA, Family.MAT)

    @property
    def painter(self) -> ModelFile | None:
        """The checkpoint that is taken when none is named: one that was made to inpaint, first."""
        return self.first(
            Family.SDXL_INPAINT,
            Family.SD15_INPAINT,
            Family.SD21_INPAINT,
            Family.FLUX_FILL,
            Family.SDXL,
            Family.SD15,
            Family.SD21,
            Family.FLUX_KONTEXT,
            Family.FLUX_DEV,
        )
