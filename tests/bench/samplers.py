"""The distance of our samplers from the formulae, and of diffusers' classes with our lists.

    python -m tests.bench.samplers

RMS of 4096 final values of about unit size, 20 steps, betas of SD 1.5; the network is the exact
posterior mean of a mixture. Ours: the same fresh noise in both. diffusers': noise set to 0.
"""

import warnings

import numpy as np
import torch

from engine.jobs.paint_settings import SAMPLERS, SCHEDULERS
from engine.local.nets.diffusion import sigmas
from tests.engine.local.nets import diffusers_samplers
from tests.engine.local.nets import reference_samplers as reference
from tests.engine.local.nets.test_samplers import DRAWN, LEVELS, START, STEPS, listed, ours, rms


def main() -> None:
    warnings.simplefilter("ignore", DeprecationWarning)
    torch.set_num_threads(1)
    print("ours against float64" + " " * 17 + "".join(f"{name:>13}" for name in SCHEDULERS))
    for sampler in SAMPLERS:
        print(f"{sampler:36}" + "".join(f"{_ours(sampler, name):13.1e}" for name in SCHEDULERS))
    print("\ndiffusers with our list, against float64")
    for sampler in diffusers_samplers.NAMES:
        row = "".join(f"{_theirs(sampler, name):13.1e}" for name in SCHEDULERS)
        print(f"{sampler:36}" + row)
    print("\nstrength 0.4, ours against float64")
    for sampler in SAMPLERS:
        row = "".join(f"{_ours(sampler, name, 0.4):13.1e}" for name in SCHEDULERS)
        print(f"{sampler:36}" + row)


def _ours(sampler: str, scheduler: str, strength: float = 1.0) -> float:
    levels = sigmas.schedule(LEVELS, scheduler, sampler, steps=STEPS, strength=strength)
    expected = listed(scheduler, sampler, int(STEPS / strength))[-len(levels) :]
    x = np.hypot(1.0, levels[0]) * START
    wanted = reference.SAMPLERS[sampler](reference.two_modes, x, expected, DRAWN.__getitem__)
    return rms(ours(sampler, x, levels), wanted)


def _theirs(sampler: str, scheduler: str) -> float:
    levels = sigmas.schedule(LEVELS, scheduler, sampler, steps=STEPS)
    x = np.hypot(1.0, levels[0]) * START
    silent = np.zeros_like(START)
    wanted = reference.SAMPLERS[sampler](reference.two_modes, x, list(levels), lambda place: silent)
    ending = 0.001 if sampler == "uni_pc_bh2" else 0.0
    found = diffusers_samplers.run(
        sampler, reference.two_modes, torch.from_numpy(x), [*levels[:-1], ending]
    )
    return rms(found.numpy(), wanted)


if __name__ == "__main__":
    main()
