"""Scans all model folders and reads each header once; unchanged files come from its cache."""

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, cast

from engine.errors import FileError, ModelUnreadable, ModelUnsafe
from engine.models import catalog
from engine.models.catalog import Catalog, CatalogEntry
from engine.models.families import Family, Kind
from engine.models.file_candidates import FileCandidate, candidates
from engine.models.identify import identify
from engine.models.model_file import Installed, ModelFile
from engine.models.places import ModelPlaces, roots
from engine.models.verdicts import Verdicts, light_runtime
from engine.storage import atomic_file, small_file

READER = 3  # raise it when headers are read otherwise: what was remembered is then read again
TOKENIZER = "t5-tokenizer"

_ORIGINS = ("own", "folder", "comfyui", "a1111", "hub")
_PRECISIONS = ("fp16", "bf16", "", "fp32")  # then what is quantised
_NAMELESS = ("model", "pytorch_model", "diffusion_pytorch_model", "model.fp16")

logger = logging.getLogger(__name__)


def scan(
    places: ModelPlaces, known: Catalog | None = None, waiting: Callable[[], object] = lambda: None
) -> Installed:
    """All models in all places, the preferred first; those that cannot be used say why.

    Headers alone are read, and only of what is new or changed. `waiting` is called for each file,
    and may raise. Nothing is written but the memory.
    """
    ours = known or catalog.load()
    memory = _Memory(places.memory)
    found: list[tuple[FileCandidate, ModelFile]] = []
    for candidate in candidates(roots(places)):
        waiting()
        model = memory.model(candidate)
        if model is not None:
            entry = ours.get(_catalog_id(candidate, model, ours))
            model = _named(candidate, model)
            if entry is not None:
                model = replace(model, catalog_id=entry.id, title=entry.title)
            found.append((candidate, model))
    memory.save()
    found.sort(key=lambda pair: _order(*pair, ours))
    installed = Installed(models=tuple(model for _, model in found))
    if places.verdicts is None:
        return installed
    return Verdicts(places.verdicts).applied(installed, light_runtime())


def _look(candidate: FileCandidate) -> ModelFile | None:
    """Read the header; None for what is no model where many other things lie."""
    path = candidate.path
    if path.is_dir() and path.name == "tokenizer_2":
        return _tokenizer(path)
    try:
        return identify(path)
    except (ModelUnreadable, ModelUnsafe) as error:
        is_other = error.reason in ("format", "missing") and candidate.root.origin == "hub"
        return None if is_other else _unusable(candidate, error.reason)


def _tokenizer(path: Path) -> ModelFile:
    return ModelFile(
        path=path,
        kind=Kind.TEXT_ENCODER,
        family=None,
        name=path.name,
        title=TOKENIZER,
        part=TOKENIZER,
        size_bytes=(path / "tokenizer.json").stat().st_size,
    )


def _unusable(candidate: FileCandidate, problem: str) -> ModelFile:
    path = candidate.path
    return ModelFile(
        path=path,
        kind=candidate.root.kind or Kind.CHECKPOINT,
        family=None,
        name=path.name,
        title=path.stem,
        size_bytes=path.stat().st_size if path.is_file() else 0,
        problem=problem,
    )


def _catalog_id(candidate: FileCandidate, model: ModelFile, ours: Catalog) -> str:
    """The entry that a model is of: by its place, its repository, or its name and size."""
    for entry in ours.entries:
        fits = entry.kind is model.kind and entry.family in (model.family, None)
        if fits and entry.part in ("", model.part) and _is_of(candidate, model, entry):
            return entry.id
    return ""


def _is_of(candidate: FileCandidate, model: ModelFile, entry: CatalogEntry) -> bool:
    if candidate.path.is_dir() != (len(entry.files) > 1):
        return False
    if candidate.repo:
        inside = {file.path for file in entry.files}
        is_there = len(entry.files) > 1 or candidate.inside in inside
        return candidate.repo == entry.repo and is_there
    if candidate.root.origin == "own" and candidate.inside == entry.folder:
        return True
    file = entry.files[0]
    names = (Path(file.path).name, Path(file.save_as).name)
    is_named = model.name in names and Path(model.name).stem not in _NAMELESS
    return is_named and len(entry.files) == 1 and file.size in (None, model.size_bytes)


def _named(candidate: FileCandidate, model: ModelFile) -> ModelFile:
    """With a name that tells it apart, where its own does not."""
    repo = candidate.repo.rpartition("/")[2]
    if candidate.path.is_dir():
        return replace(model, name=repo, title=repo) if repo else model
    if candidate.path.stem not in _NAMELESS:
        return model
    name = repo or candidate.path.parent.name
    return replace(model, name=name, title=name)


def _order(
    candidate: FileCandidate, model: ModelFile, ours: Catalog
) -> tuple[int, bool, int, int, int, str]:
    precisions = {name: place for place, name in enumerate(_PRECISIONS)}
    return (
        list(Kind).index(model.kind),
        bool(model.problem),
        ours.rank(model.catalog_id),
        precisions.get(model.precision, len(precisions)),
        _ORIGINS.index(candidate.root.origin),
        model.title.casefold(),
    )


class _Memory:
    """What headers said, by path, size and time of change."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._before = _read(path) if path is not None else {}
        self._now: dict[str, list[Any]] = {}

    def model(self, candidate: FileCandidate) -> ModelFile | None:
        """Of a candidate, from memory when nothing has changed."""
        key, origin = str(candidate.path), candidate.root.origin
        try:
            stamp = _stamp(candidate.path)
            kept: list[Any] | None = self._before.get(key)
            if kept is None or kept[:2] != [stamp, origin]:
                model = _look(candidate)
                kept = [stamp, origin, None if model is None else _form(model)]
            self._now[key] = kept
            form: dict[str, Any] | None = kept[2]
            return None if form is None else _model(form)
        except (ValueError, KeyError, TypeError, IndexError):
            logger.warning("memory of models is damaged at %s", key)
            self._now.pop(key, None)
            return _look(candidate)
        except OSError:
            return None  # it went away meanwhile

    def save(self) -> None:
        if self._path is None or self._now == self._before:
            return
        text = json.dumps({"reader": READER, "seen": self._now})
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with atomic_file.replace(self._path, private=True) as file:
                file.write(text.encode())
        except (FileError, OSError) as error:
            logger.info("not remembered: %s", error)


def _read(path: Path) -> dict[str, list[Any]]:
    seen, _ = small_file.load(path, _seen, dict[str, list[Any]])
    return seen


def _seen(raw: bytes) -> dict[str, list[Any]]:
    """What an older reader saw is left out. Raises ValueError, TypeError or KeyError."""
    content = json.loads(raw)
    is_current = content["reader"] == READER
    return cast(dict[str, list[Any]], dict(content["seen"])) if is_current else {}


def _stamp(path: Path) -> list[int]:
    """Changes whenever the model may have; of a folder, whenever a file in it has."""
    files: Iterable[Path] = (
        path.rglob("*") if path.is_dir() else (path, path.with_suffix(".configs"))
    )
    total = newest = count = 0
    for file in files:
        if file.exists():
            stat = file.stat()
            total, newest, count = total + stat.st_size, max(newest, stat.st_mtime_ns), count + 1
    return [total, newest, count]


def _form(model: ModelFile) -> dict[str, Any]:
    form = asdict(model)
    family = model.family.value if model.family else None
    return form | {"path": str(model.path), "kind": model.kind.value, "family": family}


def _model(form: dict[str, Any]) -> ModelFile:
    family = form["family"]
    fields: dict[str, Any] = form | {
        "path": Path(form["path"]),
        "kind": Kind(form["kind"]),
        "family": Family(family) if family else None,
        "trigger_words": tuple(form["trigger_words"]),
        "unused": tuple(form["unused"]),
        "wrong_on": tuple(form["wrong_on"]),
    }
    return ModelFile(**fields)
