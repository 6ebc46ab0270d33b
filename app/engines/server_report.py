"""What a look at a server gave, worked out once, in the background."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.comfy.errors import Lack
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.jobs.backend import Capability
from engine.models.families import Family

FEATURES = (Capability.FIND, Capability.REMOVE, Capability.INPAINT)
"""What users ask a server for; clicks are answered here, if there is any way."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ServerReport:
    """What a server can do, and what it would need for the rest."""

    snapshot: ServerSnapshot
    lacks: Mapping[Capability, tuple[Lack, ...]]  # of each feature; () = it can do it
    families: tuple[Family, ...]  # that it can paint with
    checkpoints: int
    loras: int

    @property
    def is_slow(self) -> bool:
        """It has no card: painting takes minutes there, and SAM 3 longer than anybody waits."""
        return self.snapshot.device.kind == "cpu"

    @property
    def is_whole(self) -> bool:
        """Nothing is missing, and it is fit for the work."""
        return not self.is_slow and not any(self.lacks.values())


def report_on(snapshot: ServerSnapshot) -> ServerReport:
    """Builds graphs to see what is missing for them: some tens of milliseconds."""
    from engine.comfy.features import lacks
    from engine.comfy.server_models import models_of
    from engine.models.families import Kind

    found = models_of(snapshot)
    painters = {model.family: model for model in reversed(found.of(Kind.CHECKPOINT))}
    families = [
        family
        for family in Family
        if family in painters and not lacks(Capability.INPAINT, snapshot, model=painters[family])
    ]
    return ServerReport(
        snapshot=snapshot,
        lacks={need: lacks(need, snapshot) for need in FEATURES},
        families=tuple(families),
        checkpoints=len(found.of(Kind.CHECKPOINT)),
        loras=len(found.of(Kind.LORA)),
    )
