"""Fills networks of transformers with tensors: offline, and complete or not at all."""

import re
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedModel
from transformers.utils.logging import disable_progress_bar

from engine.errors import ModelUnreadable
from engine.local.nets.tensors import Tensors


def filled(
    path: Path,
    network: type[Any],
    config: Any,
    tensors: Tensors,
    dtype: torch.dtype,
    heavy: tuple[str, ...] = (),
) -> Any:
    """A network with its tensors: parts whose name starts with `heavy` in `dtype`, others float32.

    Without `heavy` all of it is in `dtype`. Raises ModelUnreadable (keys) unless every tensor is
    there in the right shape, and has a place.
    """
    disable_progress_bar()
    made, report = network.from_pretrained(
        None,
        config=config,
        state_dict=dict(tensors),
        dtype=dtype,
        ignore_mismatched_sizes=True,  # they are refused below
        output_loading_info=True,
        attn_implementation="sdpa",
    )
    wrong = [*report["missing_keys"], *report["unexpected_keys"]]
    wrong += [str(entry[0]) for entry in report["mismatched_keys"]]
    _refuse(path, wrong)
    if heavy:
        _make_precise(made, tensors, heavy)
    return made.eval()


def compare(path: Path, network: PreTrainedModel, tensors: Tensors) -> None:
    """The same check against a network without memory. Raises ModelUnreadable (keys)."""
    wanted = network.state_dict()
    known = network._keys_to_ignore_on_load_unexpected or ()
    wrong = [name for name in wanted if _shape(wanted, name) != _shape(tensors, name)]
    wrong += [
        name
        for name in tensors
        if name not in wanted and not any(re.search(pattern, name) for pattern in known)
    ]
    _refuse(path, wrong)


def _shape(tensors: Tensors, name: str) -> tuple[int, ...] | None:
    return tuple(tensors[name].shape) if name in tensors else None


def _refuse(path: Path, wrong: list[str]) -> None:
    if wrong:
        raise ModelUnreadable(path, "keys", f"{len(wrong)}: {', '.join(sorted(wrong)[:3])}")


def _make_precise(network: Any, tensors: Tensors, heavy: tuple[str, ...]) -> None:
    """Give the other parts what the file has: through `dtype` they lost bits."""
    for name, value in (*network.named_parameters(), *network.named_buffers()):
        if not name.startswith(heavy) and value.is_floating_point():
            value.data = tensors[name].float() if name in tensors else value.data.float()
