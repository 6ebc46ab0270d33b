"""Recorded answers: what true weights answered to the sample, by the weights' checksum.

Those in `resources/answers` were recorded by somebody with the published weights; others may lie
beside the models of this computer. A mask is `(256, 256) bool`, a tile `(128, 192, 3) uint8`.
"""

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.downloads.partial_file import sha256_of
from engine.jobs.backend import JobContext
from engine.models.model_file import ModelFile
from engine.storage import atomic_file
from engine.storage.foreign_file import read_file

FOLDER = "answers"  # in the resources, and below a folder of models
MAX_BYTES = 1 << 20
LAYOUT = 1  # another one when the sample or what is kept of an answer changes

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class RecordedAnswer:
    """The answer of some weights: a mask, or a filled tile."""

    values: NDArray[np.bool_] | NDArray[np.uint8]
    source: str  # what computed it


def shipped() -> Path:
    """The folder of answers that comes with the program."""
    return Path(str(files("resources") / FOLDER))


def checksum(model: ModelFile, job: JobContext) -> str:
    """The SHA-256 of the weights. Raises OSError."""
    path = model.path / "model.safetensors" if model.path.is_dir() else model.path
    return sha256_of(path, lambda share: job.report(0.0, "verify"))


def find(sha256: str, folders: Sequence[Path]) -> RecordedAnswer | None:
    """The answer in the first folder that has one; a damaged file counts as none."""
    for folder in folders:
        path = folder / _name(sha256)
        try:
            with np.load(io.BytesIO(read_file(path, MAX_BYTES)), allow_pickle=False) as content:
                return RecordedAnswer(np.asarray(content["values"]), str(content["source"]))
        except FileNotFoundError:
            continue
        except Exception as error:  # noqa: BLE001 - numpy raises whatever the zip inside does
            logger.warning("recorded answer %s cannot be read: %r", path.name, error)
    return None


def write(folder: Path, sha256: str, answer: RecordedAnswer) -> Path:
    """Keep an answer. Raises DiskFull, ImageUnwritable."""
    folder.mkdir(parents=True, exist_ok=True)
    path, content = folder / _name(sha256), io.BytesIO()
    np.savez_compressed(content, values=answer.values, source=np.array(answer.source))
    with atomic_file.replace(path) as file:
        file.write(content.getvalue())
    return path


def _name(sha256: str) -> str:
    return f"{sha256[:24]}-{LAYOUT}.npz"
