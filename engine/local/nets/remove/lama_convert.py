"""Reads the weights of the published big-lama.pt, a TorchScript program that is never run.

The only module that may call torch.jit.load, and only for a file whose checksum is the published
one. Its weights are kept as safetensors in Lacuna's own folder, so that it happens once.
"""

import hashlib
import io
import os
import warnings
from pathlib import Path

import safetensors.torch
import torch

from engine.errors import ModelUnreadable, ModelUnsafe

PINNED_MD5 = frozenset({"e3aa4aaa15225a33ec84f9f4bc47e500"})  # as IOPaint pins it
VARIABLE = "LACUNA_CACHE"
PREFIX = "model.model."
MARK = "model.1.ffc.convl2l.weight"
MAX_BYTES = 1 << 30  # the published one has 206 MB


def converted(
    path: Path, folder: Path | None = None, *, pinned: frozenset[str] = PINNED_MD5
) -> dict[str, torch.Tensor]:
    """The weights of a pinned TorchScript file, from `folder` when they are kept there already.

    Without a folder the one that the environment names; where it names none nothing is kept.
    Raises ModelUnsafe for any other file, ModelUnreadable.
    """
    content = _bytes(path)
    checksum = md5_of(content)
    if checksum not in pinned:
        raise ModelUnsafe(path, "torchscript", checksum)
    named = os.environ.get(VARIABLE, "")
    folder = folder or (Path(named) / "converted" if named else None)
    kept = folder / f"lama-{checksum}.safetensors" if folder else None
    if kept is not None and kept.is_file():
        return safetensors.torch.load_file(kept)
    weights = _weights(path, content)
    if kept is not None:
        _keep(weights, kept, hashlib.sha256(content).hexdigest())
    return weights


def md5_of(content: bytes) -> str:
    """The published checksum is an MD5; no second file with a given one can be made so far."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _bytes(path: Path) -> bytes:
    """What is checked is what is read: the file may change meanwhile."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ModelUnsafe(path, "torchscript", "larger than any LaMa")
        return path.read_bytes()
    except OSError as error:
        raise ModelUnreadable(path, "missing", error.strerror or "") from error


def _weights(path: Path, content: bytes) -> dict[str, torch.Tensor]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TorchScript goes; this is why we convert
        weights = torch.jit.load(io.BytesIO(content), map_location="cpu").state_dict()
    marked = [name for name in weights if name.endswith(MARK)]
    if not marked:
        raise ModelUnreadable(path, "keys", "no LaMa")
    prefix = marked[0].removesuffix(MARK) + "model."
    return {
        PREFIX + name.removeprefix(prefix): tensor.clone()
        for name, tensor in weights.items()
        if name.startswith(prefix)
    }


def _keep(weights: dict[str, torch.Tensor], kept: Path, sha256: str) -> None:
    """Write beside, then replace; says what it was made from."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    beside = kept.with_suffix(f".{os.getpid()}")
    safetensors.torch.save_file(weights, beside, metadata={"source_sha256": sha256})
    beside.replace(kept)
