"""The state of a server, and a report on what it can do, made once from its snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from engine.comfy.errors import Lack
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.errors import EngineError
from engine.jobs.backend import Capability
from engine.models.families import Family

FEATURES = (Capability.FIND, Capability.REMOVE, Capability.INPAINT)
"""What servers are reported on; clicks run on this computer wherever that is possible."""


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
        """It has no GPU: painting takes minutes, SAM 3 far longer."""
        return self.snapshot.device.kind == "cpu"

    @property
    def is_whole(self) -> bool:
        """It has a GPU, and nothing is missing."""
        return not self.is_slow and not any(self.lacks.values())


class ServerState(Enum):
    """Whether a server can be given jobs, as far as is known."""

    OFF = "off"  # the user switched it off
    UNKNOWN = "unknown"
    ASKING = "asking"
    READY = "ready"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerHealth:
    """The answer of a server when it was last asked."""

    state: ServerState = ServerState.UNKNOWN
    report: ServerReport | None = None  # of the last time that it was ready
    error: EngineError | None = None  # when it is down


def report_on(snapshot: ServerSnapshot) -> ServerReport:
    """Build the graphs of all features to see what is missing: some tens of milliseconds."""
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
