"""Verdicts of self-checks: which models a runtime computes rightly on this computer.

A verdict counts for one state of a file (size, time of change) and one version of the runtime. The
store is a small JSON file of the program; of two windows that write at once one verdict may be
lost, and that model is checked again.
"""

import importlib.metadata
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.errors import FileError
from engine.models.families import LIGHT
from engine.models.model_file import Installed, ModelFile
from engine.storage import atomic_file, json_records, small_file

MOST = 200  # verdicts that are kept
PROBLEM = "wrong"  # of a model that no runtime here computes rightly

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a check found. `why` is a code; "" = the model computes rightly.

    click: the mask misses the click; size: it is far too small or too large; shift: it does not
    move with the picture; shades, repeat: of a filled hole; torch, recorded: other answers than
    those; file: the weights are of another size or family.
    """

    runtime: str  # with its version
    why: str = ""
    figures: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True)
class _VerdictFile:
    verdicts: dict[str, Verdict]


class Verdicts:
    """Read when asked: another window may have written meanwhile."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(self, model: ModelFile, runtime: str) -> Verdict | None:
        """The verdict on a model as it is now; None where it was not checked on this runtime."""
        return _of(self._load(), model, runtime)

    def note(self, model: ModelFile, verdict: Verdict) -> None:
        """Keep a verdict; where it cannot be written the model is checked again next time."""
        found = self._load()
        found.pop(key := _key(model), None)
        kept = dict(list(found.items())[1 - MOST :]) | {key: verdict}
        try:
            with atomic_file.replace(self._path, private=True) as file:
                file.write(json_records.encode(_VerdictFile(kept)))
        except (FileError, OSError) as error:
            logger.info("verdict not kept: %s", error)

    def applied(self, installed: Installed, runtime: str) -> Installed:
        """The same models; those that are computed wrongly say so, and have a problem."""
        found = self._load()
        return Installed(models=tuple(_marked(m, _of(found, m, runtime)) for m in installed.models))

    def _load(self) -> dict[str, Verdict]:
        return small_file.load(self._path, _parsed, dict[str, Verdict])[0]


def light_runtime() -> str:
    """The light engine's runtime and its version, as verdicts name it; nothing is imported."""
    try:
        return f"onnxruntime {importlib.metadata.version('onnxruntime')}"
    except importlib.metadata.PackageNotFoundError:
        return "onnxruntime"


def _parsed(raw: bytes) -> dict[str, Verdict]:
    return json_records.decode_with_paths(raw, _VerdictFile).verdicts


def _of(found: Mapping[str, Verdict], model: ModelFile, runtime: str) -> Verdict | None:
    if LIGHT not in model.runs_on and LIGHT not in model.wrong_on:
        return None
    verdict = found.get(_key(model))
    return verdict if verdict is not None and verdict.runtime == runtime else None


def _key(model: ModelFile) -> str:
    try:
        stat = model.path.stat()
    except OSError:
        return str(model.path)
    return f"{model.path}|{stat.st_size}|{stat.st_mtime_ns}"


def _marked(model: ModelFile, verdict: Verdict | None) -> ModelFile:
    if verdict is None or not verdict.why:
        return model
    marked = replace(model, wrong_on=(LIGHT,))
    return marked if marked.runs_on or model.problem else replace(marked, problem=PROBLEM)
