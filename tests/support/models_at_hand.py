"""Records of models that are nowhere, for tests of the choice among them."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.jobs.operations import Device
from engine.models.families import Family, Kind
from engine.models.model_file import Installed, ModelFile

KINDS = {
    Family.SAM31: Kind.SEGMENTER,
    Family.SAM3: Kind.SEGMENTER,
    Family.SAM2: Kind.SEGMENTER,
    Family.EDGETAM: Kind.SEGMENTER,
    Family.LAMA: Kind.REMOVER,
    Family.MAT: Kind.REMOVER,
    Family.MIGAN: Kind.REMOVER,
    Family.ISNET: Kind.SUBJECT,
    Family.U2NETP: Kind.SUBJECT,
}
TITLES = {
    Family.SAM31: "SAM 3.1",
    Family.SAM3: "SAM 3",
    Family.SAM2: "SAM 2",
    Family.EDGETAM: "EdgeTAM",
    Family.LAMA: "LaMa",
    Family.MIGAN: "MI-GAN",
    Family.ISNET: "IS-Net",
    Family.U2NETP: "U-2-Net small",
}


def model(family: Family, problem: str = "", name: str = "") -> ModelFile:
    name = name or f"{family.value}.safetensors"
    return ModelFile(
        path=Path("/models") / name,
        kind=KINDS.get(family, Kind.CHECKPOINT),
        family=family,
        name=name,
        title=TITLES.get(family, name),
        problem=problem,
    )


def lora(name: str = "face.safetensors", family: Family = Family.SD15) -> ModelFile:
    path = Path("/models") / name
    return ModelFile(path=path, kind=Kind.LORA, family=family, name=name, title=name)


def installed(*families: Family) -> Installed:
    return Installed(models=tuple(model(family) for family in families))


def device(kind: str = "cuda", warning: str = "") -> Device:
    return Device(
        kind=kind, name=f"A {kind}", total_mb=8000, free_mb=7000, torch="2", warning=warning
    )


class FakeLibrary(QObject):
    """Holds what a test puts there."""

    changed = Signal()

    def __init__(self, *families: Family) -> None:
        super().__init__()
        self.installed = installed(*families)
        self.scans = 0

    def rescan(self) -> None:
        self.scans += 1

    def put(self, *families: Family) -> None:
        self.installed = installed(*families)
        self.changed.emit()
