"""The samplers: how a picture is walked down a list of noise levels.

Each one is a generator: it is given the network as a function, and yields after every step what
there is, so that the loop around it can show it and stop. The state is the picture plus noise of
the level's size (of a flow: the mixture of both). Formulae: Karras et al. 2022 (euler, heun), Lu
et al. 2022 (DPM-Solver++), Zhao et al. 2023 (UniPC), Zhang et al. 2023 (RES), Luo et al. 2023
(LCM); the variants and the end of each list are ComfyUI's. Coefficients are Python floats, so that
a half-precision network does not round them.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np
from torch import Tensor

Denoise: TypeAlias = Callable[[Tensor, float], Tensor]
"""The network: the clean picture that it sees in a state at a level."""

Draw: TypeAlias = Callable[[], Tensor]
"""Fresh noise of unit variance, in the state's shape."""


class SamplerStep(NamedTuple):
    """After a step: the state at the next level, and what the network saw at the one before."""

    state: Tensor
    clean: Tensor


Sampler: TypeAlias = Callable[[Denoise, Tensor, Sequence[float], Draw], Iterator[SamplerStep]]

_LAST = 0.001  # where UniPC ends instead of 0, which is infinitely far away in its time
_UNI_PC_ORDER = 3


def euler(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], draw: Draw
) -> Iterator[SamplerStep]:
    """Straight on along the slope."""
    for sigma, following in pairwise(sigmas):
        clean = denoise(x, sigma)
        x = _towards(clean, x, following / sigma)
        yield SamplerStep(x, clean)


def euler_ancestral(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], draw: Draw
) -> Iterator[SamplerStep]:
    """Below the next level, and up to it again by fresh noise."""
    for sigma, following in pairwise(sigmas):
        clean = denoise(x, sigma)
        down, up = _ancestral(sigma, following)
        x = _towards(clean, x, down / sigma)
        if up:
            x = x + up * draw()
        yield SamplerStep(x, clean)


def heun(denoise: Denoise, x: Tensor, sigmas: Sequence[float], draw: Draw) -> Iterator[SamplerStep]:
    """The mean of the slopes here and there; two calls of the network for a step."""
    for sigma, following in pairwise(sigmas):
        clean = denoise(x, sigma)
        slope = (x - clean) / sigma
        ahead = x + (following - sigma) * slope
        if following:
            slope = (slope + (ahead - denoise(ahead, following)) / following) / 2.0
            ahead = x + (following - sigma) * slope
        x = ahead
        yield SamplerStep(x, clean)


def dpmpp_2m(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], draw: Draw
) -> Iterator[SamplerStep]:
    """DPM-Solver++(2M): the network's answers, continued along a line in the logarithm."""
    before: tuple[float, Tensor] | None = None
    for sigma, following in pairwise(sigmas):
        clean = seen = denoise(x, sigma)
        if before is not None and following:
            half_ratio = _log(sigma, following) / _log(before[0], sigma) / 2.0
            seen = clean + half_ratio * (clean - before[1])
        x = _towards(seen, x, following / sigma)
        before = sigma, clean
        yield SamplerStep(x, clean)


def dpmpp_2m_sde(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], draw: Draw
) -> Iterator[SamplerStep]:
    """SDE-DPM-Solver++(2M), midpoint: twice as far towards the picture, and noise on top."""
    before: tuple[float, Tensor] | None = None
    for sigma, following in pairwise(sigmas):
        clean = seen = denoise(x, sigma)
        if before is not None and following:
            half_ratio = _log(sigma, following) / _log(before[0], sigma) / 2.0
            seen = clean + half_ratio * (clean - before[1])
        shrink = following / sigma
        x = _towards(seen, x, shrink**2)
        if following:
            x = x + following * math.sqrt(1.0 - shrink**2) * draw()
        before = sigma, clean
        yield SamplerStep(x, clean)


def dpmpp_sde(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], draw: Draw
) -> Iterator[SamplerStep]:
    """DPM-Solver++(SDE): a look from halfway, then the step; two calls of the network.

    The noise up to halfway is part of the noise of the whole step, as of one Brownian path.
    """
    for sigma, following in pairwise(sigmas):
        clean = seen = denoise(x, sigma)
        down, up = _ancestral(sigma, following)
        noise = None
        if following:
            middle = math.sqrt(sigma * following)
            early, noise = _path(sigma, middle, following, draw)
            middle_down, middle_up = _ancestral(sigma, middle)
            halfway = _towards(clean, x, middle_down / sigma) + middle_up * early
            seen = denoise(halfway, middle)
        x = _towards(seen, x, down / sigma)
        if noise is not None:
            x = x + up * noise
        yield SamplerStep(x, clean)


def dpmpp_3m_sde(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], draw: Draw
) -> Iterator[SamplerStep]:
    """SDE-DPM-Solver++(3M): along a parabola through three answers, and noise on top.

    Its bend counts half of what the integral of the parabola gives, as in k-diffusion.
    """
    past: list[tuple[float, Tensor]] = []
    for sigma, following in pairwise(sigmas):
        clean = denoise(x, sigma)
        past = [(sigma, clean), *past[:2]]
        if not following:
            yield SamplerStep(clean, clean)
            continue
        length = _log(sigma, following)
        slope, bend = _parabola(past, length)
        first = 1.0 + math.expm1(-2.0 * length) / (2.0 * length)
        x = _towards(clean, x, math.exp(-2.0 * length))
        if slope is not None:
            x = x + first * slope
        if bend is not None:
            x = x + (0.5 - first / (2.0 * length)) * bend
        x = x + following * math.sqrt(-math.expm1(-2.0 * length)) * draw()
        yield SamplerStep(x, clean)


def res_multistep(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], draw: Draw
) -> Iterator[SamplerStep]:
    """RES, two steps: the answers continued along a line, which is integrated exactly."""
    before: tuple[float, Tensor] | None = None
    for sigma, following in pairwise(sigmas):
        clean = seen = denoise(x, sigma)
        if before is not None and following:
            length = _log(sigma, following)
            share = length / -math.expm1(-length) - 1.0
            seen = clean + share * (clean - before[1]) / _log(before[0], sigma)
        x = _towards(seen, x, following / sigma)
        before = sigma, clean
        yield SamplerStep(x, clean)


def lcm(denoise: Denoise, x: Tensor, sigmas: Sequence[float], draw: Draw) -> Iterator[SamplerStep]:
    """What the network sees, noised anew."""
    for sigma, following in pairwise(sigmas):
        x = clean = denoise(x, sigma)
        if following:
            x = clean + following * draw()
        yield SamplerStep(x, clean)


def uni_pc_bh2(
    denoise: Denoise, x: Tensor, sigmas: Sequence[float], draw: Draw
) -> Iterator[SamplerStep]:
    """UniPC of order 3 in B2(h): each answer first corrects the step that led to it."""
    sigmas = [*sigmas[:-1], sigmas[-1] or _LAST]
    steps = len(sigmas) - 1
    most = max(1, min(_UNI_PC_ORDER, steps - 1))
    past: list[tuple[float, Tensor]] = []
    origin, order = x, 1
    for n, (sigma, following) in enumerate(pairwise(sigmas)):
        clean = denoise(x, sigma)
        if past:
            x = _unified(origin, past[-order:], sigma, clean)
        past = [*past[1 - _UNI_PC_ORDER :], (sigma, clean)]
        origin, order = x, min(most, n + 1, steps - n)
        x = _unified(origin, past[-order:], following, None)
        yield SamplerStep(x, clean)


SAMPLERS: dict[str, Sampler] = {
    "euler": euler,
    "euler_ancestral": euler_ancestral,
    "heun": heun,
    "dpmpp_2m": dpmpp_2m,
    "dpmpp_2m_sde": dpmpp_2m_sde,
    "dpmpp_sde": dpmpp_sde,
    "dpmpp_3m_sde": dpmpp_3m_sde,
    "res_multistep": res_multistep,
    "uni_pc_bh2": uni_pc_bh2,
    "ddim": euler,  # without fresh noise DDIM is Euler's step, and ComfyUI runs it so
    "lcm": lcm,
}
"""By ComfyUI's names."""

FOR_FLOW = ("euler", "ddim", "heun", "dpmpp_2m", "res_multistep")
"""Those that hold for a flow too: they draw no noise, and know of no size of the whole."""


def _towards(clean: Tensor, x: Tensor, kept: float) -> Tensor:
    """The state with the share `kept` of its noise: exact while the answer stays the same."""
    return clean + kept * (x - clean)


def _ancestral(sigma: float, following: float) -> tuple[float, float]:
    """How far to go down, and how much fresh noise leads up from there."""
    up = following * math.sqrt(max(0.0, 1.0 - (following / sigma) ** 2))
    return math.sqrt(max(0.0, following**2 - up**2)), up


def _log(sigma: float, following: float) -> float:
    """The length of a step in the logarithm of the level."""
    return math.log(sigma / following)


def _parabola(
    past: Sequence[tuple[float, Tensor]], length: float
) -> tuple[Tensor | None, Tensor | None]:
    """Slope and bend at the newest of up to three answers, for steps of this length."""
    gaps = [_log(old, new) / length for (new, _), (old, _) in pairwise(past)]
    slopes = [(new - old) / gap for gap, ((_, new), (_, old)) in zip(gaps, pairwise(past))]
    if len(slopes) < 2:
        return (slopes[0] if slopes else None), None
    bend = (slopes[0] - slopes[1]) / sum(gaps)
    return slopes[0] + gaps[0] * bend, bend


def _path(sigma: float, middle: float, following: float, draw: Draw) -> tuple[Tensor, Tensor]:
    """Noise of unit variance for the first part of a step, and for the whole of it."""
    early, late = draw(), draw()
    share = (sigma - middle) / (sigma - following)
    return early, math.sqrt(share) * early + math.sqrt(1.0 - share) * late


def _unified(
    x: Tensor, past: Sequence[tuple[float, Tensor]], following: float, arrived: Tensor | None
) -> Tensor:
    """From the last of the past to the next level; with the answer from there, once more."""
    sigma, clean = past[-1]
    length = _log(sigma, following)
    places = [_log(sigma, level) / length for level, _ in past[:-1]]
    slopes = [(answer - clean) / place for (_, answer), place in zip(past, places)]
    if arrived is not None:
        places.append(1.0)
        slopes.append(arrived - clean)
    result = _towards(clean, x, following / sigma)
    for weight, slope in zip(_weights(places, length), slopes):
        result = result - math.expm1(-length) * weight * slope
    return result


def _weights(places: Sequence[float], length: float) -> Sequence[float]:
    """UniPC's coefficients of the slopes; with a single one a half serves as well."""
    if len(places) < 2:
        return [0.5] * len(places)
    rows = range(len(places))
    powers = np.array([[place**row for place in places] for row in rows])
    return np.linalg.solve(powers, [_target(length, row + 1) for row in rows]).tolist()


def _target(length: float, order: int) -> float:
    """order! phi_{order + 1}(-h) h / B2(h), by UniPC's recurrence."""
    phi = math.expm1(-length) / -length
    for n in range(1, order + 1):
        phi = (phi - 1.0 / math.factorial(n)) / -length
    return phi * math.factorial(order) * -length / math.expm1(-length)
