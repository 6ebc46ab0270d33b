"""Weights of the official files, read without torch: safetensors, checkpoints and TorchScript."""

import errno
import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelUnreadable, ModelUnsafe, OutOfMemory
from engine.light import weight_names
from engine.light.torch_files import read_torch
from engine.models.families import Family
from engine.models.identify import header_of
from engine.models.safetensors_file import Arrays, read_arrays

PINNED_MD5 = frozenset(
    {
        "e3aa4aaa15225a33ec84f9f4bc47e500",  # big-lama.pt, as IOPaint pins it
        "76eb3b1a71c400ee3290524f7a11b89c",  # migan_traced.pt, as IOPaint pins it
    }
)
"""The TorchScript files that are read; an MD5 for which no second file can be made so far."""

MAX_BYTES = 1 << 30
LAYOUTS = ("torch", "torch-legacy", "torchscript")
_NAMES: dict[Family, Callable[[Arrays], Arrays]] = {
    Family.SAM2: weight_names.sam,
    Family.EDGETAM: weight_names.sam,
    Family.LAMA: weight_names.lama,
    Family.MIGAN: weight_names.migan,
    Family.ISNET: weight_names.subject,
    Family.U2NETP: weight_names.subject,
}


def read_weights(path: Path, family: Family, *, pinned: frozenset[str] = PINNED_MD5) -> Arrays:
    """The tensors of a file or folder by the names of the graphs, as views of the file.

    Raises ModelUnreadable, ModelUnsafe, OutOfMemory; a TorchScript archive must have a pinned
    checksum.
    """
    path = path / "model.safetensors" if path.is_dir() else path
    layout = header_of(path).layout
    try:
        if layout == "safetensors":
            return _NAMES[family](read_arrays(path))
        return _NAMES[family](read_torch(path, _content(path, layout, pinned)))
    except OSError as error:
        if error.errno == errno.ENOMEM:  # it could not be mapped
            raise OutOfMemory(0, 0) from error
        raise ModelUnreadable(path, "missing", error.strerror or "") from error
    except ValueError as error:
        raise ModelUnreadable(path, "damaged", str(error)) from error


def _content(path: Path, layout: str, pinned: frozenset[str]) -> NDArray[np.uint8]:
    if path.stat().st_size > MAX_BYTES or layout not in LAYOUTS:
        raise ModelUnsafe(path, "limit" if layout != "gguf" else "format", layout)
    content = np.memmap(path, np.uint8, "r")
    if layout == "torchscript":
        checksum = hashlib.md5(content.data, usedforsecurity=False).hexdigest()
        if checksum not in pinned:
            raise ModelUnsafe(path, "torchscript", checksum)
    return content
