"""Fills networks of diffusers and transformers with tensors: all of both, or not at all."""

import math
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

import torch
from accelerate import init_empty_weights
from transformers.initialization import no_init_weights

from engine.errors import ModelUnreadable
from engine.local.nets.tensors import Tensors
from engine.models.accounting import account, listed

UNUSED = {
    "text encoder": ("text_projection.weight", "vision_model.", "visual_projection.", "visual."),
    "t5": ("decoder.", "lm_head.weight", "encoder.embed_tokens.weight"),
    "vae": ("loss.",),
}
"""Starts of names that belong to other uses of a network: CLIP of pictures, T5 that writes."""


def assembled(
    make: Callable[[], Any], weights: Tensors, dtype: torch.dtype, path: Path, what: str
) -> Any:
    """The network that `make` gives, with these tensors in it and none besides.

    Raises ModelUnreadable: keys (it would be random in part), unknown (a tensor that nothing uses
    and that is not known to be harmless), nan (numbers that are not finite).
    """
    with no_init_weights(), init_empty_weights():  # what is computed, not stored, stays real
        net = make()
    wanted = net.state_dict()
    check_names(wanted, {name: tensor.shape for name, tensor in weights.items()}, path, what)
    exact = _kept_exact(net, dtype)
    made = {n: weights[n].to(torch.float32 if exact(n) else dtype) for n in wanted}
    check_numbers(made, path, what)
    net.load_state_dict(made, assign=True)
    return net.eval().requires_grad_(requires_grad=False)


def check_names(
    wanted: Tensors, found: dict[str, torch.Size], path: Path, what: str, *, shapes: bool = True
) -> None:
    """Raises ModelUnreadable unless all that is wanted is there, in the right shape (keys), and
    all that is there is wanted or harmless (unknown).
    """
    missing = [name for name in wanted if name not in found]
    strange = [
        name for name in wanted if shapes and name in found and wanted[name].shape != found[name]
    ]
    if missing or strange:
        examples = ", ".join([*missing, *strange][:4])
        counts = f"{len(missing)} missing, {len(strange)} of another shape"
        raise ModelUnreadable(path, "keys", f"{what}: {counts}: {examples}")
    check_unused(found, wanted, path, what)


def check_unused(found: Iterable[str], used: Collection[str], path: Path, what: str) -> None:
    """Raises ModelUnreadable (unknown) for a name that is neither used nor known to be harmless."""
    others = UNUSED.get(what, ())
    unknown = account(
        found, used.__contains__, lambda name: name.removeprefix("text_model.").startswith(others)
    ).unknown
    if unknown:
        raise ModelUnreadable(path, "unknown", f"{what}: {listed(unknown)}")


def check_kept(before: Tensors, after: Tensors, path: Path, what: str) -> None:
    """Raises ModelUnreadable (unknown) where a change of names has lost a tensor.

    Told by the memory that tensors lie in: the changes that are made keep it, or its beginning.
    """
    kept = {tensor.data_ptr() for tensor in after.values()}
    used = {name for name, tensor in before.items() if tensor.data_ptr() in kept}
    check_unused(before, used, path, what)


def check_numbers(tensors: Tensors, path: Path, what: str) -> None:
    """Raises ModelUnreadable (nan) for a tensor with numbers that are not finite."""
    for name, tensor in tensors.items():
        if not tensor.is_floating_point() or not tensor.numel() or tensor.dtype.itemsize < 2:
            continue
        if not all(math.isfinite(bound) for bound in torch.stack(tensor.aminmax()).tolist()):
            raise ModelUnreadable(path, "nan", f"{what}: {name}")


def _kept_exact(net: Any, dtype: torch.dtype) -> Callable[[str], bool]:
    """T5 overflows in fp16: transformers names the layers that stay in fp32."""
    named = getattr(net, "_keep_in_fp32_modules", None) or []
    parts = frozenset(named) if dtype is torch.float16 else frozenset()
    return lambda name: not parts.isdisjoint(name.split("."))
