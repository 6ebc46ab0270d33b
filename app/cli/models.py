"""`lacuna models`: lists, fetches, checks and verifies models, and prints their paths.

The id of a set stands for its models. Light models are asked about the sample picture when they
have arrived.
"""

import argparse
import contextlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from app import paths
from app.cli.exit_codes import DONE, SOME_FAILED, UsageError, guarded, of_statuses
from app.cli.report import Console
from app.engines import factories, model_places
from app.paths import APP_ID
from app.settings import file as settings_file
from app.settings.schema import Settings
from app.text.errors.terminal import terminal_sentence
from app.text.licences import training
from engine.dispatch.choice import light_state
from engine.downloads import fetch_model
from engine.downloads.fetch_model import DownloadSources
from engine.downloads.hub import endpoints
from engine.errors import Cancelled, EngineError, ModelWrong
from engine.models import catalog
from engine.models.accounting import listed
from engine.models.catalog import Catalog, CatalogEntry
from engine.models.model_file import Installed, ModelFile
from engine.models.scan import scan
from engine.net.tokens import Tokens
from widgets.plain_text import plain

if TYPE_CHECKING:
    from engine.local.light_backend import LightBackend


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLine:
    """One model in a list or a report."""

    id: str
    title: str
    kind: str
    family: str
    state: str
    path: str = ""
    size_bytes: int = 0
    licence: str = ""
    gated: bool = False
    problem: str = ""
    detail: str = ""  # names that belong to the problem
    unused: tuple[str, ...] = ()  # groups of tensors that nothing here reads


@dataclass(slots=True, kw_only=True)
class FetchOutcome:
    """What became of one model that was asked for."""

    id: str
    status: str = "interrupted"  # or done, unknown (no checksum is known), failed
    message: str = ""
    error: str | None = None  # name of the type


class ModelCommandContext:
    """The catalog, the settings and what is at hand."""

    def __init__(self, settings: Settings, mirrors: Sequence[str] = ()) -> None:
        self.catalog: Catalog = catalog.load()
        self.places = model_places.places(settings)
        self.folder = self.places.own
        self._mirrors = (*mirrors, *settings.mirrors)
        self._installed: Installed | None = None
        self._light: LightBackend | None = None

    def entries(self, ids: Sequence[str]) -> list[CatalogEntry]:
        """The entries of ids, and of the ids of sets, each once. Raises UsageError."""
        found: dict[str, CatalogEntry] = {}
        for id in ids:
            named, entry = self.catalog.sets.get(id), self.catalog.get(id)
            if named is None and entry is None:
                raise UsageError(f"there is no model {id!r}; see `list`")
            found |= {each.id: each for each in (named.entries if named else (entry,)) if each}
        return list(found.values())

    def check(self, entry: CatalogEntry, console: Console) -> None:
        """Ask a light model about the sample picture. Raises ModelWrong and other EngineErrors.

        Without onnxruntime nothing is asked: the model is checked before its first use.
        """
        self._installed = None  # it has changed
        model = self.model(entry)
        if model is None or not entry.is_light or light_state().trouble:
            return
        if self._light is None:
            self._light = factories.light(lambda: self.installed, self.folder / "answers")
        verdict = self._light.check(model, console)
        if verdict.why:
            raise ModelWrong(model.path, verdict.why)

    def close(self) -> None:
        """End the process that checked models."""
        if self._light is not None:
            self._light.close()

    @property
    def installed(self) -> Installed:
        if self._installed is None:
            self._installed = scan(self.places, self.catalog)
        return self._installed

    @property
    def sources(self) -> DownloadSources:
        return DownloadSources(endpoints=tuple(endpoints(self._mirrors)), tokens=Tokens(APP_ID))

    def model(self, entry: CatalogEntry) -> ModelFile | None:
        ours = [m for m in self.installed.models if m.catalog_id == entry.id and not m.problem]
        return ours[0] if ours else None

    def lines(self) -> list[ModelLine]:
        """All of the catalog, then what else was found."""
        known = [self._of_entry(entry) for entry in self.catalog.entries]
        paths_shown = {line.path for line in known}
        others = [m for m in self.installed.models if str(m.path) not in paths_shown]
        return known + [self._of_model(model) for model in others]

    def state(self, entry: CatalogEntry) -> str:
        model = self.model(entry)
        if model is not None:
            return "own" if model.path.is_relative_to(self.folder) else "elsewhere"
        return "unfinished" if fetch_model.arrived_bytes(entry, self.folder) else "absent"

    def _of_entry(self, entry: CatalogEntry) -> ModelLine:
        model = self.model(entry)
        return ModelLine(
            id=entry.id,
            title=entry.title,
            kind=entry.kind.value,
            family=entry.family.value if entry.family else entry.part,
            state=self.state(entry),
            path=str(model.path) if model else "",
            size_bytes=entry.size_bytes,
            licence=entry.licence,
            gated=entry.gated,
        )

    def _of_model(self, model: ModelFile) -> ModelLine:
        own = "own" if model.path.is_relative_to(self.folder) else "elsewhere"
        return ModelLine(
            id="",
            title=model.title,
            kind=model.kind.value,
            family=model.family.value if model.family else model.part,
            state="unusable" if model.problem else own,
            path=str(model.path),
            size_bytes=model.size_bytes,
            problem=model.problem,
            detail=model.detail,
            unused=model.unused,
        )


def run(arguments: argparse.Namespace) -> int:
    """Do what `lacuna models` is asked; returns the exit code."""
    return guarded(Console(sys.stderr), "models", lambda: _run(arguments))


def _run(arguments: argparse.Namespace) -> int:
    settings = settings_file.load(paths.config_dir() / "settings.json").settings
    context = ModelCommandContext(settings, getattr(arguments, "mirror", ()))
    with contextlib.closing(context):
        return _VERBS[arguments.verb](context, arguments)


def _list(context: ModelCommandContext, arguments: argparse.Namespace) -> int:
    lines = context.lines()
    if arguments.json:
        _print_json({"folder": str(context.folder), "models": [asdict(line) for line in lines]})
        return DONE
    for line in lines:
        name = line.id or plain(line.title)
        facts = [_problem(line) or line.licence, "ask its owner first" if line.gated else ""]
        where = line.path if line.state in ("elsewhere", "unusable") else ""
        text = ", ".join(fact for fact in (*facts, plain(where)) if fact)
        print(f"{line.state:<10}  {name:<24}  {_size(line.size_bytes):>8}  {text}".rstrip())
    return DONE


def _problem(line: ModelLine) -> str:
    """The code and the names that belong to it; of a usable file the names of what is not used."""
    if line.problem:
        return f"{line.problem} ({plain(line.detail)})" if line.detail else line.problem
    return f"not used: {plain(listed(line.unused))}" if line.unused else ""


def _fetch(context: ModelCommandContext, arguments: argparse.Namespace) -> int:
    wanted = context.entries(arguments.ids)
    if not arguments.no_parts:
        wanted += [part for entry in wanted for part in _missing_parts(context, entry)]
    todo = list({entry.id: entry for entry in wanted}.values())
    sources = context.sources

    def fetch(entry: CatalogEntry, console: Console) -> bool:
        if terms := training(entry):
            console.say(f"{entry.id}: {entry.licence}. {terms}")
        fetch_model.obtain(entry, context.folder, sources, console)
        context.check(entry, console)
        return True

    return _each(todo, fetch, "is here", arguments.json)


def _missing_parts(context: ModelCommandContext, entry: CatalogEntry) -> list[CatalogEntry]:
    have = {(m.kind, m.part) for m in context.installed.models if not m.problem}
    return [context.catalog.offering(p)[0] for p in entry.needs if (p.kind, p.part) not in have]


def _verify(context: ModelCommandContext, arguments: argparse.Namespace) -> int:
    asked = context.entries(arguments.ids)
    todo = asked or [e for e in context.catalog.entries if context.model(e) is not None]

    def verify(entry: CatalogEntry, console: Console) -> bool:
        model = context.model(entry)
        if model is None or model.path.is_relative_to(context.folder):
            return fetch_model.verify(entry, context.folder, console)
        if model.path.is_dir():
            return False
        return fetch_model.verify_file(model.path, entry.files[0].sha256, console)

    return _each(todo, verify, "is what it should be", arguments.json)


def _each(
    todo: Sequence[CatalogEntry],
    do: Callable[[CatalogEntry, Console], bool],
    good: str,
    as_json: bool,
) -> int:
    """Do it with every entry; the trouble of one leaves the others alone."""
    console = Console(sys.stderr)
    outcomes = [FetchOutcome(id=entry.id) for entry in todo]
    try:
        for entry, outcome in zip(todo, outcomes):
            console.start(entry.id)
            _one(entry, outcome, do, good, console)
            console.say(f"{entry.id}: {outcome.message}")
    except (KeyboardInterrupt, Cancelled):
        console.say("Interrupted. What has arrived is kept, and goes on next time.")
    if as_json:
        _print_json({"models": [asdict(outcome) for outcome in outcomes]})
    return of_statuses({outcome.status for outcome in outcomes})


def _one(
    entry: CatalogEntry,
    outcome: FetchOutcome,
    do: Callable[[CatalogEntry, Console], bool],
    good: str,
    console: Console,
) -> None:
    try:
        known = do(entry, console)
    except EngineError as error:
        outcome.status, outcome.error = "failed", type(error).__name__
        outcome.message = terminal_sentence(error)
        return
    outcome.status = "done" if known else "unknown"
    outcome.message = f"{entry.title} {good}." if known else "Nobody has noted its checksum."


def _path(context: ModelCommandContext, arguments: argparse.Namespace) -> int:
    entries = context.entries(arguments.ids)
    if not entries:
        found = {"": str(context.folder)}
    else:
        models = {entry.id: context.model(entry) for entry in entries}
        found = {id: str(model.path) for id, model in models.items() if model is not None}
    if arguments.json:
        _print_json({"folder": str(context.folder), "paths": {k: v for k, v in found.items() if k}})
    else:
        for path in found.values():
            print(path)
    missing = [entry.id for entry in entries if entry.id not in found]
    for id in missing:
        print(f"lacuna models: {id} is not here", file=sys.stderr)
    return SOME_FAILED if missing else DONE


def _print_json(content: dict[str, Any]) -> None:
    print(json.dumps(content, indent=2, ensure_ascii=False))


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


_VERBS: dict[str, Callable[[ModelCommandContext, argparse.Namespace], int]] = {
    "list": _list,
    "fetch": _fetch,
    "verify": _verify,
    "path": _path,
}
