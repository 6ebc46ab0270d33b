"""Sums the capabilities and models of all servers into one ServerOffer for the engine choice."""

from collections.abc import Mapping, Sequence

from engine.comfy.errors import Lack, ServerLacks
from engine.comfy.features import NEEDS, lacks
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.comfy.server_models import models_of
from engine.dispatch.choice import ServerOffer
from engine.errors import EngineError
from engine.jobs.backend import Capability
from engine.models.families import Family
from engine.models.model_file import Installed, ModelFile

CARD = Lack("card", "")
_NEEDS_CARD = (Capability.FIND, Capability.CLICK, Capability.BOX)
"""Without one SAM 3 takes half an hour, and cannot be stopped meanwhile."""


def offers(
    ready: Sequence[ServerSnapshot],
    down: Sequence[EngineError] = (),
    families: Mapping[str, Family] | None = None,
) -> ServerOffer:
    """Of the servers that answered, and why others did not; `families` is what the user set."""
    missing = {need: [missing_for(need, each) for each in ready] for need in NEEDS}
    return ServerOffer(
        capabilities=frozenset(need for need, lists in missing.items() if () in lists),
        stock=_stock(ready, families),
        troubles={
            need: _trouble(need, lists, ready, down)
            for need, lists in missing.items()
            if () not in lists and (ready or down)
        },
        is_slow=bool(ready) and all(is_slow(each) for each in ready),
    )


def is_slow(snapshot: ServerSnapshot) -> bool:
    """It computes on the processor."""
    return snapshot.device.kind == "cpu"


def missing_for(need: Capability, snapshot: ServerSnapshot) -> tuple[Lack, ...]:
    """The nodes and models that a server lacks, a graphics card included."""
    found = lacks(need, snapshot)
    return (CARD, *found) if need in _NEEDS_CARD and is_slow(snapshot) else found


def _trouble(
    need: Capability,
    lists: Sequence[tuple[Lack, ...]],
    ready: Sequence[ServerSnapshot],
    down: Sequence[EngineError],
) -> EngineError:
    """The lacks of the first server that is up, else the error of one that is down."""
    return ServerLacks(ready[0].server, need.value, lists[0]) if ready else down[0]


def _stock(ready: Sequence[ServerSnapshot], families: Mapping[str, Family] | None) -> Installed:
    """Each model once, in the order of the servers."""
    known: dict[tuple[str, str], ModelFile] = {}
    for snapshot in ready:
        for model in models_of(snapshot, families).models:
            known.setdefault((model.kind.value, model.name), model)
    return Installed(models=tuple(known.values()))
