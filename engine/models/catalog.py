"""The catalog of models: where each comes from, under which licence, and what it needs.

What could not be known when the catalog was written stands in it as "unverified": the first
download asks the hub and keeps what it got in the ledger (downloads/ledger.py). Checksums that do
stand there are the makers' own, or agree in several public lists. Memory figures are measured for
SAM 3, SAM 2.1 tiny and LaMa (fp32, processor), and arithmetic otherwise: weights and a run of
usual size. Those of EdgeTAM, MI-GAN, U-2-Net and IS-Net are measured on onnxruntime. The files of
the last two come from copies of the authors' own, which are on Google Drive alone; several people
who have nothing to do with each other show the same checksum (docs/adr/0017).
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, cast

from engine.models.families import LIGHT, Family, Kind

UNVERIFIED = "unverified"
USES = ("click", "box", "find", "subject", "remove", "inpaint")

_ID = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_REPO = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PATH = re.compile(r"(?!.*(?:^|/)\.\.?(?:/|$))[A-Za-z0-9][\w.+-]*(?:/[A-Za-z0-9][\w.+-]*)*")
_PAGE = re.compile(r"https://[a-z0-9.-]+/\S+")

Form: TypeAlias = Mapping[str, Any]


class CheckpointPart(NamedTuple):
    """Something a checkpoint lacks: a VAE or text encoder, as ModelFile.part calls it."""

    kind: Kind
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """One file of an entry; None is what is not known before the first download."""

    path: str  # in the repository
    save_as: str  # below the folder of models
    size: int | None
    sha256: str | None
    url: str = ""  # where it lies, if it is in no repository


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogEntry:
    """One model that can be fetched."""

    id: str
    kind: Kind
    family: Family | None
    part: str  # as in ModelFile
    title: str
    use: tuple[str, ...]  # values of Capability; a part of others has none
    precision: str
    licence: str
    licence_page: str
    gated: bool  # its owner wants to be asked
    repo: str  # "" = plain downloads
    commit: str | None  # None: what `main` is when it is first fetched
    files: tuple[RemoteFile, ...]
    about_mb: int  # to fetch; rounded, for people
    memory_mb: Mapping[str, int]  # by precision
    needs: tuple[CheckpointPart, ...]
    fallback: str | None  # id of what to take where this one does not fit or is refused

    @property
    def is_light(self) -> bool:
        """Whether it runs without torch, on any processor."""
        return self.family is not None and LIGHT in self.family.runs_on

    @property
    def size_bytes(self) -> int:
        """To fetch: exact where every size is known."""
        sizes = [file.size for file in self.files]
        known = [size for size in sizes if size is not None]
        return sum(known) if len(known) == len(sizes) else self.about_mb * 1_000_000

    @property
    def folder(self) -> str:
        """What the files have in common below the folder of models; a file's own name if one."""
        first = self.files[0].save_as
        return first if len(self.files) == 1 else "/".join(first.split("/")[:2])


class ModelSet(NamedTuple):
    """Entries that are fetched together, by one name."""

    id: str
    entries: tuple[CatalogEntry, ...]

    @property
    def size_bytes(self) -> int:
        """To fetch, all of them together."""
        return sum(entry.size_bytes for entry in self.entries)


class Catalog:
    """All entries, in order of preference within each kind, and the sets made of them."""

    def __init__(
        self, entries: Iterable[CatalogEntry], sets: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """`sets` has ids of entries by the id of their set. Raises ValueError for unknown ones."""
        self.entries = tuple(entries)
        self._by_id = {entry.id: entry for entry in self.entries}
        self.sets = {id: self._set(id, ids) for id, ids in (sets or {}).items()}

    def _set(self, id: str, ids: Sequence[str]) -> ModelSet:
        unknown = [each for each in ids if each not in self._by_id]
        if unknown or id in self._by_id or not ids:
            raise ValueError(f"a set that cannot be: {id} {unknown}")
        return ModelSet(id, tuple(self._by_id[each] for each in ids))

    def get(self, id: str) -> CatalogEntry | None:
        return self._by_id.get(id)

    def rank(self, id: str) -> int:
        """Place in the order of preference; what is in no catalog comes last."""
        for place, entry in enumerate(self.entries):
            if entry.id == id:
                return place
        return len(self.entries)

    def offering(self, part: CheckpointPart) -> tuple[CatalogEntry, ...]:
        """What can be fetched for a part that is missing, the best first."""
        return tuple(e for e in self.entries if e.kind is part.kind and e.part == part.part)


def load(path: Path | None = None) -> Catalog:
    """The catalog that ships with the program, or another. Raises ValueError for bad forms."""
    if path is not None:
        return parse(path.read_text(encoding="utf-8"))
    return _shipped()


@cache
def _shipped() -> Catalog:
    """Read once: nothing writes to it, and each window and each search of a folder asks."""
    return parse((files("resources") / "models.json").read_text(encoding="utf-8"))


def parse(text: str) -> Catalog:
    """Strict: an unknown key, a doubtful path or a dangling reference is a ValueError."""
    content = _mapping(json.loads(text), "the catalog")
    _only(content, "the catalog", ("version", "models", "sets"))
    if content["version"] != 1:
        raise ValueError("a catalog of another version")
    entries = [_entry(_mapping(each, "a model")) for each in _list(content["models"])]
    catalog = Catalog(entries, dict(_set(_mapping(each, "a set")) for each in content["sets"]))
    _check_references(catalog)
    return catalog


def _entry(form: Form) -> CatalogEntry:
    where = str(form.get("id"))
    _only(form, where, tuple(CatalogEntry.__dataclass_fields__))
    return CatalogEntry(
        id=_formed(_ID, form["id"], where),
        kind=Kind(form["kind"]),
        family=None if form["family"] is None else Family(form["family"]),
        part=_text(form["part"], where),
        title=_text(form["title"], where),
        use=tuple(_among(USES, use, where) for use in _list(form["use"])),
        precision=_text(form["precision"], where),
        licence=_text(form["licence"], where),
        licence_page=_formed(_PAGE, form["licence_page"], where),
        gated=_truth(form["gated"], where),
        repo="" if form["repo"] == "" else _formed(_REPO, form["repo"], where),
        commit=_known(_COMMIT, form["commit"], where) if form["repo"] else None,
        files=tuple(_file(_mapping(each, where), form["repo"], where) for each in form["files"]),
        about_mb=_whole(form["about_mb"], where),
        memory_mb={k: _whole(v, where) for k, v in _mapping(form["memory_mb"], where).items()},
        needs=tuple(CheckpointPart(Kind(kind), str(part)) for kind, part in _list(form["needs"])),
        fallback=form["fallback"],
    )


def _set(form: Form) -> tuple[str, list[str]]:
    where = str(form.get("id"))
    _only(form, where, ("id", "models"))
    ids = [_text(each, where) for each in _list(form["models"])]
    return _formed(_ID, form["id"], where), ids


def _file(form: Form, repo: str, where: str) -> RemoteFile:
    known = ("path", "save_as", "size", "sha256")
    _only(form, where, known if repo else (*known, "url"))
    size = form["size"]
    return RemoteFile(
        path=_formed(_PATH, form["path"], where),
        save_as=_formed(_PATH, form["save_as"], where),
        size=None if size == UNVERIFIED else _whole(size, where),
        sha256=_known(_SHA256, form["sha256"], where),
        url="" if repo else _formed(_PAGE, form["url"], where),
    )


def _check_references(catalog: Catalog) -> None:
    ids = [entry.id for entry in catalog.entries]
    places = [file.save_as for entry in catalog.entries for file in entry.files]
    if len(set(ids)) < len(ids) or len(set(places)) < len(places):
        raise ValueError("two models of one name")
    for entry in catalog.entries:
        if not entry.files:
            raise ValueError(f"{entry.id}: no files")
        if entry.fallback is not None and catalog.get(entry.fallback) is None:
            raise ValueError(f"{entry.id}: no such fallback: {entry.fallback}")
        if any(not catalog.offering(part) for part in entry.needs):
            raise ValueError(f"{entry.id}: a part that nothing offers")


def _only(form: Form, where: str, names: tuple[str, ...]) -> None:
    if set(form) != set(names):
        raise ValueError(f"{where}: {sorted(set(form) ^ set(names))}")


def _mapping(value: object, where: str) -> Form:
    if not isinstance(value, dict):
        raise ValueError(f"{where}: an object was expected")
    return cast(Form, value)


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("a list was expected")
    return cast(list[Any], value)


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{where}: a text was expected, found {value!r}")
    return value


def _formed(form: re.Pattern[str], value: object, where: str) -> str:
    if not form.fullmatch(_text(value, where)):
        raise ValueError(f"{where}: {value!r} has not the form it should have")
    return cast(str, value)


def _known(form: re.Pattern[str], value: object, where: str) -> str | None:
    return None if value == UNVERIFIED else _formed(form, value, where)


def _among(allowed: tuple[str, ...], value: object, where: str) -> str:
    if value not in allowed:
        raise ValueError(f"{where}: {value!r} is none of {allowed}")
    return cast(str, value)


def _truth(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{where}: true or false was expected")
    return value


def _whole(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ValueError(f"{where}: a number above 0 was expected, found {value!r}")
    return value
