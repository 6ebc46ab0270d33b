"""The rows of the list of models: one for each catalog entry and each other model."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from app.engines.model_jobs import ModelStock
from app.services.jobs import Job
from app.services.jobs import JobState as JobState
from engine.models.catalog import Catalog, CatalogEntry
from engine.models.families import Kind
from engine.models.model_file import Installed, ModelFile

GROUPS = {
    Kind.SEGMENTER: "select",
    Kind.SUBJECT: "select",
    Kind.REMOVER: "remove",
    Kind.CHECKPOINT: "paint",
    Kind.LORA: "loras",
    Kind.VAE: "parts",
    Kind.TEXT_ENCODER: "parts",
}
"""What models are listed under; the order of the values is that of the list."""


class ModelState(Enum):
    """The state of a model on this computer."""

    OWN = "own"
    ELSEWHERE = "elsewhere"
    WAITING = "waiting"
    FETCHING = "fetching"
    BEGUN = "begun"
    ABSENT = "absent"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """One row: a catalog entry, an installed model, or both."""

    key: str
    group: str
    title: str
    state: ModelState
    entry: CatalogEntry | None = None
    model: ModelFile | None = None
    is_used: bool = False  # it does something when nothing else is chosen
    share: float = 0.0  # of a download

    @property
    def can_download(self) -> bool:
        return self.entry is not None and self.state in (ModelState.ABSENT, ModelState.BEGUN)

    @property
    def can_cancel(self) -> bool:
        return self.state in (ModelState.WAITING, ModelState.FETCHING)

    @property
    def can_verify(self) -> bool:
        return self.entry is not None and self.state in (ModelState.OWN, ModelState.ELSEWHERE)

    @property
    def can_delete(self) -> bool:
        return self.entry is not None and self.state in (ModelState.OWN, ModelState.BEGUN)


def rows(
    catalog: Catalog,
    stock: ModelStock,
    job_of: Callable[[CatalogEntry], Job | None],
    is_own: Callable[[ModelFile], bool],
) -> list[ModelRow]:
    """All rows by group; catalog entries come first in each."""
    used = set(_used(stock.installed))
    listed = [_of_entry(entry, stock, job_of(entry), is_own, used) for entry in catalog.entries]
    shown = {row.model for row in listed}
    listed += [_of_model(m, is_own, used) for m in stock.installed.models if m not in shown]
    order = list(dict.fromkeys(GROUPS.values()))
    return sorted(listed, key=lambda row: order.index(row.group))


def _used(installed: Installed) -> Iterable[ModelFile]:
    """The models that are used while the user chooses none."""
    found = (
        installed.selector,
        installed.finder,
        installed.remover,
        installed.painter,
        installed.light_selector,
        installed.light_remover,
        installed.subject_model,
    )
    return [model for model in found if model is not None]


def _of_entry(
    entry: CatalogEntry,
    stock: ModelStock,
    job: Job | None,
    is_own: Callable[[ModelFile], bool],
    used: set[ModelFile],
) -> ModelRow:
    ours = [m for m in stock.installed.models if m.catalog_id == entry.id]
    model = next((m for m in ours if not m.problem), None)
    state, share = _state(entry, stock, job, model, is_own)
    return ModelRow(
        key=entry.id,
        group=GROUPS[entry.kind],
        title=entry.title,
        state=state,
        entry=entry,
        model=model,
        is_used=model in used,
        share=share,
    )


def _state(
    entry: CatalogEntry,
    stock: ModelStock,
    job: Job | None,
    model: ModelFile | None,
    is_own: Callable[[ModelFile], bool],
) -> tuple[ModelState, float]:
    if job is not None:
        is_running = job.state is JobState.RUNNING
        return (ModelState.FETCHING if is_running else ModelState.WAITING), job.fraction
    if model is not None:
        return (ModelState.OWN if is_own(model) else ModelState.ELSEWHERE), 0.0
    arrived = stock.begun.get(entry.id, 0)
    if arrived:
        return ModelState.BEGUN, min(1.0, arrived / entry.size_bytes)
    return ModelState.ABSENT, 0.0


def _of_model(
    model: ModelFile, is_own: Callable[[ModelFile], bool], used: set[ModelFile]
) -> ModelRow:
    state = ModelState.OWN if is_own(model) else ModelState.ELSEWHERE
    return ModelRow(
        key=str(model.path),
        group=GROUPS[model.kind],
        title=model.title,
        state=ModelState.UNUSABLE if model.problem else state,
        model=model,
        is_used=model in used,
    )
