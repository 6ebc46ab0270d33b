"""Fills networks of diffusers and transformers with tensors: complete, or not at all."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from accelerate import init_empty_weights
from transformers.initialization import no_init_weights

from engine.errors import ModelUnreadable
from engine.local.nets.tensors import Tensors

logger = logging.getLogger(__name__)


def assembled(
    make: Callable[[], Any], weights: Tensors, dtype: torch.dtype, path: Path, what: str
) -> Any:
    """The network that `make` gives, with these tensors in it and none besides.

    Raises ModelUnreadable (keys): it would be random in part. Tensors that it has no use for are
    left out, and counted in the log.
    """
    with no_init_weights(), init_empty_weights():  # what is computed, not stored, stays real
        net = make()
    wanted = net.state_dict()
    check_names(wanted, {name: tensor.shape for name, tensor in weights.items()}, path, what)
    exact = _kept_exact(net, dtype)
    net.load_state_dict(
        {n: weights[n].to(torch.float32 if exact(n) else dtype) for n in wanted}, assign=True
    )
    return net.eval().requires_grad_(requires_grad=False)


def check_names(
    wanted: Tensors, found: dict[str, torch.Size], path: Path, what: str, *, shapes: bool = True
) -> None:
    """Raises ModelUnreadable (keys) unless all that is wanted is there, in the right shape."""
    missing = [name for name in wanted if name not in found]
    strange = [
        name for name in wanted if shapes and name in found and wanted[name].shape != found[name]
    ]
    if missing or strange:
        examples = ", ".join([*missing, *strange][:4])
        counts = f"{len(missing)} missing, {len(strange)} of another shape"
        raise ModelUnreadable(path, "keys", f"{what}: {counts}: {examples}")
    if len(found) > len(wanted):
        logger.info("%s of %s: %d tensors not used", what, path.name, len(found) - len(wanted))


def _kept_exact(net: Any, dtype: torch.dtype) -> Callable[[str], bool]:
    """T5 overflows in fp16: transformers names the layers that stay in fp32."""
    named = getattr(net, "_keep_in_fp32_modules", None) or []
    parts = frozenset(named) if dtype is torch.float16 else frozenset()
    return lambda name: not parts.isdisjoint(name.split("."))
