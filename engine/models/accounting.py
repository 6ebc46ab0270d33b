"""Accounts of weight files: each tensor is used, harmless, or not understood.

A tensor that is not understood may change what the others mean: a scale, a marker, a further layer.
A reader refuses a file that has one inside a network that it builds, and names the others.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

SHOWN = 4  # names in an error or a list

_HARMLESS = frozenset({
    "alphas_cumprod", "alphas_cumprod_prev", "betas", "sqrt_alphas_cumprod",
    "sqrt_one_minus_alphas_cumprod", "log_one_minus_alphas_cumprod", "sqrt_recip_alphas_cumprod",
    "sqrt_recipm1_alphas_cumprod", "posterior_variance", "posterior_log_variance_clipped",
    "posterior_mean_coef1", "posterior_mean_coef2", "logvar", "lvlb_weights", "scale_factor",
    "denoiser.sigmas", "denoiser.log_sigmas", "global_step", "iteration", "epoch",
})  # fmt: skip
"""Tables of the noise schedule, which follow from the family, and counters of training."""

_HARMLESS_STARTS = (
    "model_ema.", "ema.", "optimizer.", "loss.", "first_stage_model.loss.",
    "first_stage_model.model_ema.", "lr_scheduler.", "callbacks.",
)  # fmt: skip
"""Left by training: averaged copies of weights, losses, states of optimisers."""

_HARMLESS_ENDS = (
    "position_ids", "logit_scale", "num_batches_tracked", "scale_input", "input_scale",
    "spiece_model",
)  # fmt: skip
"""Counted rather than trained; of contrastive training; of quantised activations; vocabularies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightAccount:
    """All names of a file, each in one of three places."""

    used: frozenset[str]
    harmless: frozenset[str]
    unknown: tuple[str, ...]  # in the file's order

    @property
    def tensor_share(self) -> float:
        """Share of the tensors that matter that are used, 0..1; 1 where none matters."""
        return _share(len(self.used), len(self.unknown))

    def module_share(self, module_of: Callable[[str], str]) -> float:
        """Share of the modules of which every tensor that matters is used, 0..1."""
        partly = {module_of(name) for name in self.unknown}
        whole = {module_of(name) for name in self.used} - partly
        return _share(len(whole), len(partly))


def account(
    names: Iterable[str],
    is_used: Callable[[str], bool],
    is_also_harmless: Callable[[str], bool] = lambda _name: False,
) -> WeightAccount:
    """The account of names; what is used counts as used, be it on the list of the harmless."""
    every = tuple(names)
    used = frozenset(name for name in every if is_used(name))
    harmless = frozenset(
        name for name in every if name not in used and (is_harmless(name) or is_also_harmless(name))
    )
    unknown = tuple(name for name in every if name not in used and name not in harmless)
    return WeightAccount(used=used, harmless=harmless, unknown=unknown)


def is_harmless(name: str) -> bool:
    """Whether a tensor of this name changes no result, wherever it stands in a file."""
    return (
        name in _HARMLESS
        or name.startswith(_HARMLESS_STARTS)
        or name.rpartition(".")[2] in _HARMLESS_ENDS
    )


def listed(names: Iterable[str]) -> str:
    """The first names, and the count of all: "a, b, c, d and 3 more"."""
    every = tuple(names)
    more = len(every) - SHOWN
    return ", ".join(every[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _share(there: int, not_there: int) -> float:
    return there / (there + not_there) if there + not_there else 1.0
