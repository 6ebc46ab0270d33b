"""Finds the files and folders that may be models, without opening any."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from engine.models.identify import WEIGHTS
from engine.models.places import ModelRoot

MAX_DEPTH = 6
MAX_FOUND = 20_000

_SHARD = re.compile(r"-\d{5}-of-\d{5}\.")
_CACHED = re.compile(r"models--([^/]+?)--([^/]+)")
_TOKENIZER = ("tokenizer_2", "tokenizer.json")


class FileCandidate(NamedTuple):
    """A file, or a folder in the layout of diffusers; a folder of T5's tokenizer."""

    path: Path
    root: ModelRoot
    repo: str = ""  # owner/name, of the hub's cache
    inside: str = ""  # path in the repository, or below the root


def candidates(roots: list[ModelRoot]) -> Iterator[FileCandidate]:
    """All of them, at most MAX_FOUND; what is reached in two ways comes once."""
    seen: set[str] = set()
    for root in roots:
        for found in _in_hub(root) if root.origin == "hub" else _in_folder(root, root.path):
            real = os.path.realpath(found.path)
            if real not in seen and len(seen) < MAX_FOUND:
                seen.add(real)
                yield found


def _in_hub(root: ModelRoot) -> Iterator[FileCandidate]:
    """The current snapshot of each repository; nothing in it is written to."""
    for folder in sorted(root.path.glob("models--*--*")):
        name = _CACHED.fullmatch(folder.name)
        snapshot = _snapshot(folder)
        if name is not None and snapshot is not None:
            repo = f"{name[1]}/{name[2]}"
            yield from (c._replace(repo=repo) for c in _in_folder(root, snapshot))


def _snapshot(folder: Path) -> Path | None:
    try:
        commit = (folder / "refs" / "main").read_text(encoding="ascii").strip()
        current = folder / "snapshots" / Path(commit).name
        if commit and current.is_dir():
            return current
        others = [path for path in (folder / "snapshots").iterdir() if path.is_dir()]
    except (OSError, UnicodeDecodeError):
        others = [path for path in folder.glob("snapshots/*") if path.is_dir()]
    return max(others, key=lambda path: path.stat().st_mtime, default=None)


def _in_folder(root: ModelRoot, start: Path) -> Iterator[FileCandidate]:
    visited: set[str] = set()
    for place, folders, files in os.walk(start, followlinks=True):
        real, here = os.path.realpath(place), Path(place)
        depth = len(here.relative_to(start).parts)
        if real in visited or depth > MAX_DEPTH:
            folders.clear()
            continue
        visited.add(real)
        folders[:] = sorted(name for name in folders if not _is_skipped(name))
        if "model_index.json" in files:
            folders.clear()  # its parts are no models of their own
            yield FileCandidate(here, root, inside=_inside(here, start))
        if here.name == _TOKENIZER[0] and _TOKENIZER[1] in files:
            yield FileCandidate(here, root, inside=_inside(here, start))
        for name in sorted(files):
            if Path(name).suffix.lower() in WEIGHTS and not _is_skipped(name):
                yield FileCandidate(here / name, root, inside=_inside(here / name, start))


def _is_skipped(name: str) -> bool:
    return name.startswith(".") or name.endswith(".configs") or bool(_SHARD.search(name))


def _inside(path: Path, start: Path) -> str:
    return path.relative_to(start).as_posix()
