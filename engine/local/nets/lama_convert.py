"""The published big-lama.pt is a program as well as weights: here it is read, never run.

The only module that may call torch.jit.load, and only for a file whose checksum is the published
one. Its weights are kept as safetensors in Lacuna's own folder, so that it happens once.
"""

import hashlib
import os
import warnings
from pathlib import Path

import safetensors.torch
import torch

from engine.errors import ModelUnsafe

PINNED_MD5 = frozenset({"e3aa4aaa15225a33ec84f9f4bc47e500"})  # as IOPaint pins it
VARIABLE = "LACUNA_CACHE"
PREFIX = "model.model."


def converted(
    path: Path, folder: Path | None = None, *, pinned: frozenset[str] = PINNED_MD5
) -> dict[str, torch.Tensor]:
    """The weights of a pinned TorchScript file, from `folder` when they are kept there already.

    Raises ModelUnsafe for any other file.
    """
    checksum = md5_of(path)
    if checksum not in pinned:
        raise ModelUnsafe(path, "torchscript", checksum)
    named = os.environ.get(VARIABLE, "")
    folder = folder or (Path(named) / "converted" if named else None)
    kept = folder / f"lama-{checksum}.safetensors" if folder else None
    if kept is not None and kept.is_file():
        return safetensors.torch.load_file(kept)
    weights = _weights(path)
    if kept is not None:
        _keep(weights, kept)
    return weights


def md5_of(path: Path) -> str:
    """The published checksum is an MD5; it says which file it is, it does not protect."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _weights(path: Path) -> dict[str, torch.Tensor]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # TorchScript goes; this is why we convert
        weights = torch.jit.load(str(path), map_location="cpu").state_dict()
    marked = [name for name in weights if "model.1.ffc.convl2l.weight" in name]
    if not marked:
        raise ModelUnsafe(path, "torchscript", "no LaMa")
    prefix = marked[0].removesuffix("1.ffc.convl2l.weight")
    return {
        PREFIX + name.removeprefix(prefix): tensor.clone()
        for name, tensor in weights.items()
        if name.startswith(prefix)
    }


def _keep(weights: dict[str, torch.Tensor], kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    beside = kept.with_suffix(f".{os.getpid()}")
    safetensors.torch.save_file(weights, beside)
    beside.replace(kept)
