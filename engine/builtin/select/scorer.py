"""The small nets that judge patches and regions; their weights lie in resources/selector.npz.

Each net is an average of members with one hidden layer of tanh units. Where the weights came
from stands in resources/CREDITS.md; tests/bench/training/train_selector.py makes them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files

import numpy as np

from engine.builtin.select.edges import Floats

_REACH = 4  # columns are cut at so many deviations from their mean


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScorerNet:
    """One net: columns are centred and scaled, then hidden, then one number."""

    mean: Floats  # (columns,)
    spread: Floats  # (columns,)
    inner: Floats  # (columns, hidden)
    inner_bias: Floats  # (hidden,)
    outer: Floats  # (hidden,)
    outer_bias: Floats  # (1,)

    def __call__(self, columns: Floats) -> Floats:
        scaled = np.clip((columns - self.mean) / self.spread, -_REACH, _REACH)
        hidden = np.tanh(scaled @ self.inner + self.inner_bias)
        return hidden @ self.outer + self.outer_bias[0]


Net = tuple[ScorerNet, ...]
PARTS = ("mean", "spread", "inner", "inner_bias", "outer", "outer_bias")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScorerNets:
    """All nets of one kind of prompt."""

    patch: Net  # first opinion of each patch
    context: Net  # second opinion, knowing the first one around
    region: Net  # judges whole regions


def answer(net: Net, columns: Floats) -> Floats:
    """(rows,) the mean of the members."""
    return np.asarray(np.mean([member(columns) for member in net], axis=0), np.float32)


def chance(net: Net, columns: Floats) -> Floats:
    """(n,) 0..1 for the rows of (n, columns)."""
    return 1 / (1 + np.exp(-np.clip(answer(net, columns), -30, 30)))


@cache
def nets(kind: str) -> ScorerNets:
    """The shipped nets for "first", "later" or "box"."""
    with as_file(files("resources") / "selector.npz") as path, np.load(path) as stored:
        arrays = {name: stored[name].astype(np.float32) for name in stored.files}
    return nets_from(arrays, kind)


def nets_from(arrays: dict[str, Floats], kind: str) -> ScorerNets:
    """Nets from arrays named KIND/NET/PART, (members, ...), all members of an ensemble in one."""
    return ScorerNets(
        patch=_net(arrays, f"{kind}/patch"),
        context=_net(arrays, f"{kind}/context"),
        region=_net(arrays, f"{kind}/region"),
    )


def _net(arrays: dict[str, Floats], name: str) -> Net:
    stacks: Sequence[Floats] = [arrays[f"{name}/{part}"] for part in PARTS]
    return tuple(ScorerNet(**dict(zip(PARTS, parts))) for parts in zip(*stacks))
