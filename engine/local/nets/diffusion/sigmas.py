"""Noise levels: which ones a model knows, and the lists that ComfyUI's schedulers pick from them.

The names, the lengths and the values are ComfyUI's, so that a setting means the same here and
there; that includes its oddities, which are said where they stand.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

Doubles: TypeAlias = NDArray[np.float64]

EDM_TIME = 0.25  # Karras et al. 2022, table 1: c_noise
FLUX_SHIFT = 1.15
"""ComfyUI's for all of FLUX, whatever the size of the picture."""

_FLOW_LEVELS = 10_000
_EDM_LEVELS = 1000
_KARRAS_RHO = 7.0
_BETA_SHAPE = 0.6
_ONE_MORE = ("uni_pc_bh2",)  # ask for one step more, and leave out the last level above 0
_ALL_OF_IT = 0.9999  # strengths above are 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NoiseLevels:
    """The levels a model was trained on, rising, and how a level is told to the network."""

    sigmas: Doubles
    shift: float | None = None  # of a flow; None: noise is added
    numbered: bool = True  # in training steps; else told by the logarithm of the level (EDM)

    @property
    def flow(self) -> bool:
        """Whether noise takes the picture's place rather than being added to it."""
        return self.shift is not None

    def timestep(self, sigma: float) -> float:
        """What the network is told: the nearest training step; of a flow the level itself."""
        if self.flow:
            return sigma
        if not self.numbered:
            return EDM_TIME * math.log(sigma)
        return float(np.abs(np.log(self.sigmas) - math.log(sigma)).argmin())

    def sigma(self, timestep: float) -> float:
        """The level at a timestep, interpolated between training steps in the logarithm."""
        if self.shift is not None:
            return _shifted(timestep, self.shift)
        if not self.numbered:
            return math.exp(timestep / EDM_TIME)
        return math.exp(np.interp(timestep, np.arange(len(self.sigmas)), np.log(self.sigmas)))


def discrete(alphas_cumprod: Doubles) -> NoiseLevels:
    """The levels of SD and SDXL: noise over signal, from the share of signal that is left."""
    signal = np.asarray(alphas_cumprod, np.float64)
    return NoiseLevels(sigmas=np.sqrt((1.0 - signal) / signal))


def continuous(least: float, most: float) -> NoiseLevels:
    """The levels of EDM, evenly in the logarithm."""
    levels = np.exp(np.linspace(math.log(least), math.log(most), _EDM_LEVELS))
    return NoiseLevels(sigmas=levels, numbered=False)


def flow(shift: float = FLUX_SHIFT) -> NoiseLevels:
    """The levels of FLUX, 0..1."""
    times = np.arange(1, _FLOW_LEVELS + 1) / _FLOW_LEVELS
    return NoiseLevels(sigmas=np.array([_shifted(time, shift) for time in times]), shift=shift)


def schedule(
    levels: NoiseLevels, scheduler: str, sampler: str, *, steps: int, strength: float = 1.0
) -> tuple[float, ...]:
    """Falling levels for a run of `steps` steps, 0 last; empty when the strength is 0.

    A strength below 1 takes the end of a list for steps / strength steps. Levels that stand twice
    are left out: a step between them would do nothing, and some samplers divide by its length.
    """
    if strength <= 0.0 or steps < 1:
        return ()
    whole = steps if strength > _ALL_OF_IT else int(steps / strength)
    one_more = sampler in _ONE_MORE
    found = _LISTS[scheduler](levels, whole + one_more)
    if one_more:
        found = [*found[:-2], found[-1]]
    if strength <= _ALL_OF_IT:
        found = found[-(steps + 1) :]
    return tuple(dict.fromkeys(found))


def _shifted(time: float, shift: float) -> float:
    stretch = math.exp(shift)
    return float(stretch / (stretch + (1.0 / time - 1.0)))


def _normal(levels: NoiseLevels, steps: int) -> list[float]:
    """Equal steps in time, both ends included."""
    return [*_at(levels, np.linspace(*_ends(levels), steps)), 0.0]


def _sgm_uniform(levels: NoiseLevels, steps: int) -> list[float]:
    """Equal steps in time, without the last."""
    return [*_at(levels, np.linspace(*_ends(levels), steps + 1)[:-1]), 0.0]


def _ends(levels: NoiseLevels) -> tuple[float, float]:
    return levels.timestep(levels.sigmas[-1]), levels.timestep(levels.sigmas[0])


def _at(levels: NoiseLevels, times: Doubles) -> list[float]:
    """Of a flow the shift is applied to times that were levels already: so it is in ComfyUI."""
    return [levels.sigma(time) for time in times]


def _simple(levels: NoiseLevels, steps: int) -> list[float]:
    """Training steps from the top, evenly spaced."""
    stride = len(levels.sigmas) / steps
    return [*(float(levels.sigmas[-(1 + int(n * stride))]) for n in range(steps)), 0.0]


def _ddim_uniform(levels: NoiseLevels, steps: int) -> list[float]:
    """Training steps from the bottom; a step more where the count does not divide evenly."""
    stride = max(len(levels.sigmas) // steps, 1)
    return [*(float(sigma) for sigma in levels.sigmas[1::stride][::-1]), 0.0]


def _karras(levels: NoiseLevels, steps: int) -> list[float]:
    """Karras et al. 2022, equation 5: equal steps in the seventh root."""
    high, low = levels.sigmas[[-1, 0]] ** (1.0 / _KARRAS_RHO)
    return [*(np.linspace(high, low, steps) ** _KARRAS_RHO).tolist(), 0.0]


def _exponential(levels: NoiseLevels, steps: int) -> list[float]:
    """Equal steps in the logarithm."""
    high, low = np.log(levels.sigmas[[-1, 0]])
    return [*np.exp(np.linspace(high, low, steps)).tolist(), 0.0]


def _beta(levels: NoiseLevels, steps: int) -> list[float]:
    """Training steps at the quantiles of a beta distribution: dense at both ends."""
    shares = 1.0 - np.linspace(0.0, 1.0, steps, endpoint=False)
    places = betaincinv(_BETA_SHAPE, _BETA_SHAPE, shares) * (len(levels.sigmas) - 1)
    chosen: Sequence[int] = np.rint(places).astype(int).tolist()
    return [*(float(levels.sigmas[place]) for place in dict.fromkeys(chosen)), 0.0]


_LISTS: dict[str, Callable[[NoiseLevels, int], list[float]]] = {
    "normal": _normal,
    "karras": _karras,
    "exponential": _exponential,
    "sgm_uniform": _sgm_uniform,
    "simple": _simple,
    "ddim_uniform": _ddim_uniform,
    "beta": _beta,
}
