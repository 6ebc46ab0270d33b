"""Jobs on models: scanning, fetching, verifying, asking for access."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.downloads.hub import Hub
from engine.errors import DownloadError, Gated
from engine.jobs.backend import JobContext
from engine.models.catalog import Catalog, CatalogEntry
from engine.models.model_file import Installed, ModelFile
from engine.models.places import ModelPlaces
from engine.net.tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStock:
    """What a look at all places gave."""

    installed: Installed = field(default_factory=Installed)
    own: frozenset[str] = frozenset()  # ids of entries that lie whole in the own folder
    begun: Mapping[str, int] = field(default_factory=dict[str, int])  # bytes of unfinished ones
    folders: tuple[Path, ...] = ()  # where something new may appear


@dataclass(frozen=True, slots=True)
class ScanModels:
    """Look through all places; answered by a Stock."""

    places: ModelPlaces
    catalog: Catalog

    def run(self, job: JobContext) -> ModelStock:
        from engine.downloads import fetch_model as obtaining
        from engine.models import places
        from engine.models.scan import scan

        ours, own = self.catalog, self.places.own
        found = scan(self.places, ours, lambda: job.report(0.0))
        begun = {e.id: obtaining.arrived_bytes(e, own) for e in ours.entries}
        whole = frozenset(e.id for e in ours.entries if obtaining.is_whole(e, own))
        roots = [root.path for root in places.roots(self.places) if root.origin != "hub"]
        below = [path for path in own.glob("*") if path.is_dir()]
        return ModelStock(
            installed=found,
            own=whole,
            begun={id: count for id, count in begun.items() if count},
            folders=tuple(path for path in (*roots, *below) if path.is_dir()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchModel:
    """Download an entry of the catalog."""

    entry: CatalogEntry
    folder: Path
    endpoints: tuple[str, ...]
    tokens: Tokens

    def run(self, job: JobContext) -> None:
        from engine.downloads.fetch_model import DownloadSources, obtain

        sources = DownloadSources(endpoints=self.endpoints, tokens=self.tokens)
        obtain(self.entry, self.folder, sources, job)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyModel:
    """Compare a model with its checksums; answered by False where nobody knows them."""

    entry: CatalogEntry
    folder: Path
    model: ModelFile | None = None  # one that lies elsewhere

    def run(self, job: JobContext) -> bool:
        from engine.downloads.fetch_model import verify, verify_file

        if self.model is None:
            return verify(self.entry, self.folder, job)
        if self.model.path.is_dir():
            return False
        return verify_file(self.model.path, self.entry.files[0].sha256, job)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteModel:
    """Take a downloaded model off the disk."""

    entry: CatalogEntry
    folder: Path

    def run(self, _job: JobContext) -> None:
        from engine.downloads.fetch_model import delete

        delete(self.entry, self.folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAccess:
    """What a token opens: the user it belongs to, and what each repository answers."""

    where: str  # the token was found: environment, keyring, session, file, "" = there is none
    user: str = ""
    repos: Mapping[str, int] = field(default_factory=dict[str, int])  # 200, 401, 403; 0 = unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAccess:
    """Ask the hub what may be fetched; without `repos`, only where the token is."""

    endpoint: str
    tokens: Tokens
    repos: tuple[str, ...] = ()

    def run(self, job: JobContext) -> TokenAccess:
        token, where = self.tokens.find(self.endpoint)
        if not self.repos:
            return TokenAccess(where=where)
        hub = Hub(endpoint=self.endpoint, token=token, waiting=lambda: job.report(0.0))
        user = hub.user() if token is not None else ""
        return TokenAccess(where=where, user=user, repos={r: _status(hub, r) for r in self.repos})


def _status(hub: Hub, repo: str) -> int:
    try:
        hub.check_access(repo)
    except Gated as refused:
        return refused.status
    except DownloadError:
        return 0
    return 200


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepToken:
    """Keep a token, or forget it; answered by where it is now."""

    endpoint: str
    tokens: Tokens
    value: str = field(repr=False)  # "" = forget

    def run(self, _job: JobContext) -> str:
        if not self.value.strip():
            self.tokens.forget(self.endpoint)
        else:
            self.tokens.keep(self.endpoint, self.value.strip())
        return self.tokens.find(self.endpoint)[1]
