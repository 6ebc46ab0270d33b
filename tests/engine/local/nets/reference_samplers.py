"""The samplers once more, in numpy and float64, written from the papers in other coordinates.

The product works on picture plus noise (variance exploding); here the state has unit variance
(variance preserving: a * picture + s * noise, a^2 + s^2 = 1) wherever the paper has it so, and the
steps are written in the half log signal-to-noise ratio. A slip in one is not repeated in the other.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from scipy import stats

Array = np.ndarray
Denoise = Callable[[Array, float], Array]
Noise = Callable[[int], Array]  # standard normal values, a new set for each number

BETAS = np.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2
SIGNAL = np.cumprod(1.0 - BETAS)
TRAINED = np.sqrt(1.0 / SIGNAL - 1.0)


def two_modes(x: Array, sigma: float, mode: float = 0.8, width: float = 0.2) -> Array:
    """The posterior mean of values that are near +mode or -mode, seen under noise of sigma."""
    total = width**2 + sigma**2
    above, below = ((x * width**2 + m * sigma**2) / total for m in (mode, -mode))
    chance = 1.0 / (1.0 + np.exp(-np.clip(2.0 * x * mode / total, -700, 700)))
    return chance * above + (1.0 - chance) * below


def alpha(sigma: float) -> float:
    return 1.0 / math.hypot(1.0, sigma)


def spread(sigma: float) -> float:
    return sigma / math.hypot(1.0, sigma)


def lam(sigma: float) -> float:
    """Half the log signal-to-noise ratio."""
    return math.log(alpha(sigma)) - math.log(spread(sigma))


# --- lists -----------------------------------------------------------------------------------


def listed(name: str, n: int, trained: Array = TRAINED) -> list[float]:
    """ComfyUI's list for a model with numbered training steps."""
    count = len(trained)
    low, high = trained[0], trained[-1]
    if name == "karras":
        kept = [(high ** (1 / 7) * (1 - k) + low ** (1 / 7) * k) ** 7 for k in np.linspace(0, 1, n)]
    elif name == "exponential":
        kept = [high * (low / high) ** k for k in np.linspace(0, 1, n)]
    elif name == "normal":
        kept = [_between(trained, count - 1 - k * (count - 1) / (n - 1)) for k in range(n)]
    elif name == "sgm_uniform":
        kept = [_between(trained, count - 1 - k * (count - 1) / n) for k in range(n)]
    elif name == "simple":
        kept = [trained[count - 1 - math.floor(k * count / n)] for k in range(n)]
    elif name == "ddim_uniform":
        kept = [trained[k] for k in range(1, count, max(count // n, 1))][::-1]
    else:
        quantiles = stats.beta.ppf([1 - k / n for k in range(n)], 0.6, 0.6)
        kept = [trained[k] for k in sorted({round(q * (count - 1)) for q in quantiles})][::-1]
    return [float(value) for value in kept] + [0.0]


def _between(trained: Array, place: float) -> float:
    lower = min(math.floor(place), len(trained) - 2)
    share = place - lower
    return trained[lower] ** (1 - share) * trained[lower + 1] ** share


# --- samplers --------------------------------------------------------------------------------


def euler(f: Denoise, x: Array, sigmas: Sequence[float], noise: Noise) -> Array:
    for a, b in _steps(sigmas):
        x = x + (b - a) * (x - f(x, a)) / a
    return x


def ddim(f: Denoise, x: Array, sigmas: Sequence[float], noise: Noise) -> Array:
    """Song et al. 2021 with eta 0, on the state of unit variance."""
    y = alpha(sigmas[0]) * x
    for a, b in _steps(sigmas):
        clean = f(y / alpha(a), a)
        epsilon = (y - alpha(a) * clean) / spread(a)
        y = alpha(b) * clean + spread(b) * epsilon
    return y / alpha(sigmas[-1])


def euler_ancestral(f: Denoise, x: Array, sigmas: Sequence[float], noise: Noise) -> Array:
    for n, (a, b) in enumerate(_steps(sigmas)):
        up = math.sqrt(b**2 * (a**2 - b**2) / a**2)
        down = math.sqrt(b**2 - up**2)
        x = x + (x - f(x, a)) / a * (down - a) + up * noise(n)
    return x


def heun(f: Denoise, x: Array, sigmas: Sequence[float], noise: Noise) -> Array:
    """Karras et al. 2022, algorithm 1."""
    for a, b in _steps(sigmas):
        d = (x - f(x, a)) / a
        ahead = x + (b - a) * d
        if b > 0:
            d = 0.5 * d + 0.5 * (ahead - f(ahead, b)) / b
        x = x + (b - a) * d
    return x


def dpmpp_2m(f: Denoise, x: Array, sigmas: Sequence[float], noise: Noise) -> Array:
    """Lu et al. 2022b, algorithm 2, unit variance; the last step is of first order."""
    y, old, old_h = alpha(sigmas[0]) * x, None, 0.0
    for a, b in _steps(sigmas):
        clean = f(y / alpha(a), a)
        if b == 0:
            return clean
        h = lam(b) - lam(a)
        d = clean
        if old is not None:
            r = old_h / h
            d = (1 + 1 / (2 * r)) * clean - 1 / (2 * r) * old
        y = spread(b) / spread(a) * y - alpha(b) * (math.exp(-h) - 1) * d
        old, old_h = clean, h
    return y / alpha(sigmas[-1])


def dpmpp_2m_sde(f: Denoise, x: Array, sigmas: Sequence[float], noise: Noise) -> Array:
    """Lu et al. 2022b, SDE-DPM-Solver++(2M), unit variance."""
    y, old, old_h = alpha(sigmas[0]) * x, None, 0.0
    for n, (a, b) in enumerate(_steps(sigmas)):
        clean = f(y / alpha(a), a)
        if b == 0:
            return clean
        h = lam(b) - lam(a)
        y = spread(b) / spread(a) * math.exp(-h) * y + alpha(b) * (1 - math.exp(-2 * h)) * clean
        if old is not None:
            slope = (clean - old) / (old_h / h)
            y = y + 0.5 * alpha(b) * (1 - math.exp(-2 * h)) * slope
        y = y + spread(b) * math.sqrt(1 - math.exp(-2 * h)) * noise(n)
        old, old_h = clean, h
    return y / alpha(sigmas[-1])


def dpmpp_sde(f: Denoise, x: Array, sigmas: Sequence[float], noise: Noise) -> Array:
    """DPM-Solver++(SDE) with r = 1/2 as an ancestral method on picture plus noise.

    noise(2n), noise(2n + 1): increments of one Brownian path in sigma, to halfway and from there.
    """
    for n, (a, b) in enumerate(_steps(sigmas)):
        clean = f(x, a)
        if b == 0:
            return clean
        middle = math.exp((math.log(a) + math.log(b)) / 2)
        first = noise(2 * n) * math.sqrt(a - middle)
        whole = first + noise(2 * n + 1) * math.sqrt(middle - b)
        down, up = _down_up(a, middle)
        u = down / a * x - math.expm1(math.log(down) - math.log(a)) * clean
        u = u + up * first / math.sqrt(a - middle)
        clean = f(u, middle)
        down, up = _down_up(a, b)
        x = down / a * x - math.expm1(math.log(down) - math.log(a)) * clean
        x = x + up * whole / math.sqrt(a - b)
    return x


def dpmpp_3m_sde(f: Denoise, x: Array, sigmas: Sequence[float], noise: Noise) -> Array:
    """k-diffusion's third order: unit variance, with derivatives by divided differences."""
    y, seen = alpha(sigmas[0]) * x, []
    for n, (a, b) in enumerate(_steps(sigmas)):
        clean = f(y / alpha(a), a)
        if b == 0:
            return clean
        seen = [(lam(a), clean), *seen[:2]]
        h = lam(b) - lam(a)
        step = (1 - math.exp(-2 * h)) * clean
        if len(seen) > 1:
            first = (seen[0][1] - seen[1][1]) / (seen[0][0] - seen[1][0])
            if len(seen) > 2:
                older = (seen[1][1] - seen[2][1]) / (seen[1][0] - seen[2][0])
                second = (first - older) / (seen[0][0] - seen[2][0])
                first = first + (seen[0][0] - seen[1][0]) * second
                # half of the integral of 2 exp(-2 (h - u)) u^2 second du
                step = step + 2 * h**2 * (2 * h) * _phi(3, -2 * h) * second / 2
            step = step + h * (2 * h) * _phi(2, -2 * h) * first
        y = spread(b) / spread(a) * math.exp(-h) * y + alpha(b) * step
        y = y + spread(b) * math.sqrt(1 - math.exp(-2 * h)) * noise(n)
    return y / alpha(sigmas[-1])


def res_multistep(f: Denoise, x: Array, sigmas: Sequence[float], noise: Noise) -> Array:
    """Zhang et al. 2023: exponential Adams-Bashforth of two steps, unit variance, by quadrature."""
    places, weights = np.polynomial.legendre.leggauss(12)
    y, old = alpha(sigmas[0]) * x, None
    for a, b in _steps(sigmas):
        clean = f(y / alpha(a), a)
        if b == 0:
            return clean
        h = lam(b) - lam(a)
        y = spread(b) / spread(a) * y
        for place, weight in zip(places, weights):
            u = h * (place + 1) / 2
            value = clean if old is None else clean + u * (clean - old[1]) / (lam(a) - old[0])
            y = y + alpha(b) * weight * h / 2 * math.exp(u - h) * value
        old = lam(a), clean
    return y / alpha(sigmas[-1])


def _down_up(a: float, b: float) -> tuple[float, float]:
    return b * b / a, b * math.sqrt(1 - (b / a) ** 2)


def lcm(f: Denoise, x: Array, sigmas: Sequence[float], noise: Noise) -> Array:
    """Luo et al. 2023, multistep consistency sampling, unit variance."""
    y = alpha(sigmas[0]) * x
    for n, (a, b) in enumerate(_steps(sigmas)):
        clean = f(y / alpha(a), a)
        y = alpha(b) * clean + (spread(b) * noise(n) if b else 0.0)
    return y / alpha(sigmas[-1])


def uni_pc_bh2(f: Denoise, x: Array, sigmas: Sequence[float], noise: Noise) -> Array:
    """Zhao et al. 2023, algorithm 7 (UniPC, data prediction), B2, order 3, unit variance.

    As ComfyUI runs it: the list ends at 0.001, orders rise from 1 and fall to 1 at the end, the
    last step is not corrected.
    """
    times = [*sigmas[:-1], 0.001]
    last = len(times) - 1
    order = max(1, min(3, len(times) - 2))
    y = alpha(times[0]) * x
    seen = [f(x, times[0])]
    for i in range(1, last + 1):
        p = min(order, i, last + 1 - i)
        predicted = _uni_step(y, times, seen, i, p, None)
        if i == last:
            return predicted / alpha(times[i])
        seen.append(f(predicted / alpha(times[i]), times[i]))
        y = _uni_step(y, times, seen, i, p, seen[i])
    raise AssertionError


def _uni_step(y: Array, times: list[float], seen: list, i: int, p: int, new) -> Array:
    h = lam(times[i]) - lam(times[i - 1])
    r = [(lam(times[i - 1 - m]) - lam(times[i - 1])) / h for m in range(1, p)]
    d = [(seen[i - 1 - m] - seen[i - 1]) / r[m - 1] for m in range(1, p)]
    if new is not None:
        r, d = [*r, 1.0], [*d, new - seen[i - 1]]
    q, b = len(r), math.expm1(-h)
    if q == 1:
        weights = np.array([0.5])
    else:
        matrix = np.array([[rm**k for rm in r] for k in range(q)])
        right = np.array([_phi(k + 2, -h) * math.factorial(k + 1) * -h / b for k in range(q)])
        weights = np.linalg.solve(matrix, right) if q else np.array([])
    residual = sum((w * dm for w, dm in zip(weights, d)), start=np.zeros_like(y))
    base = spread(times[i]) / spread(times[i - 1]) * y - alpha(times[i]) * b * seen[i - 1]
    return base - alpha(times[i]) * b * residual


def _phi(k: int, z: float) -> float:
    """phi_k(z) = sum of z^j / (j + k)!, by its series: no recurrence, no cancellation."""
    return math.fsum(z**j / math.factorial(j + k) for j in range(60))


def _steps(sigmas: Sequence[float]) -> Iterator[tuple[float, float]]:
    return iter(pairwise(sigmas))


SAMPLERS = {
    "euler": euler,
    "euler_ancestral": euler_ancestral,
    "heun": heun,
    "dpmpp_2m": dpmpp_2m,
    "dpmpp_2m_sde": dpmpp_2m_sde,
    "dpmpp_sde": dpmpp_sde,
    "dpmpp_3m_sde": dpmpp_3m_sde,
    "res_multistep": res_multistep,
    "uni_pc_bh2": uni_pc_bh2,
    "ddim": ddim,
    "lcm": lcm,
}
