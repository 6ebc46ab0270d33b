"""diffusers' schedulers made to walk down a given list: a second opinion on our samplers.

They take their lists from private attributes, which is why the product does without them; here
every step is checked to have used the level that was given.
"""

from collections.abc import Sequence
from typing import Any
from unittest import mock

import diffusers
import torch

from tests.engine.local.nets.reference_samplers import Denoise, alpha

TRAINED = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
_MULTISTEP = {"solver_order": 2, "final_sigmas_type": "zero"}


def fresh(sampler: str) -> Any:
    """The class that does the same as the named sampler of ComfyUI."""
    made = {
        "euler": lambda: diffusers.EulerDiscreteScheduler(**TRAINED),
        "euler_ancestral": lambda: diffusers.EulerAncestralDiscreteScheduler(**TRAINED),
        "heun": lambda: diffusers.HeunDiscreteScheduler(**TRAINED),
        "dpmpp_2m": lambda: diffusers.DPMSolverMultistepScheduler(**TRAINED, **_MULTISTEP),
        "dpmpp_2m_sde": lambda: diffusers.DPMSolverMultistepScheduler(
            **TRAINED, **_MULTISTEP, algorithm_type="sde-dpmsolver++"
        ),
        "uni_pc_bh2": lambda: diffusers.UniPCMultistepScheduler(
            **TRAINED, solver_order=3, solver_type="bh2", final_sigmas_type="zero"
        ),
    }
    return made[sampler]()


NAMES = ("euler", "euler_ancestral", "heun", "dpmpp_2m", "dpmpp_2m_sde", "uni_pc_bh2")
_SCALED = ("dpmpp_2m", "dpmpp_2m_sde", "uni_pc_bh2")  # their state has unit variance


def with_sigmas(scheduler: Any, sigmas: Sequence[float]) -> Any:
    """Make a fresh scheduler use these levels, 0 last, whatever it is asked for later."""
    levels = torch.tensor(sigmas, dtype=torch.float64)
    trained = ((1 - scheduler.alphas_cumprod) / scheduler.alphas_cumprod).double().log()
    nearest = [(2 * level.log() - trained).abs().argmin() for level in levels[:-1]]
    times = torch.stack(nearest).double()
    if scheduler.order == 2:  # Heun counts its second call as a step
        levels = torch.cat([levels[:1], levels[1:-1].repeat_interleave(2), levels[-1:]])
        times = torch.cat([times[:1], times[1:].repeat_interleave(2)])
        levels = torch.cat([levels, levels[-1:]])[: len(times) + 1]
    scheduler.set_timesteps(len(sigmas) - 1)
    scheduler.sigmas, scheduler.timesteps = levels, times
    scheduler.num_inference_steps = len(sigmas) - 1
    scheduler._step_index = None
    scheduler.set_timesteps = lambda *args, **kwargs: None
    return scheduler


def run(sampler: str, denoise: Denoise, x: torch.Tensor, sigmas: Sequence[float]) -> torch.Tensor:
    """From a state of picture plus noise, without any fresh noise."""
    scheduler = with_sigmas(fresh(sampler), sigmas)
    scheduler.is_scale_input_called = True  # our states are not scaled
    scaled = sampler in _SCALED
    y = x.view(1, 4, 32, -1) * (alpha(sigmas[0]) if scaled else 1.0)
    for place, time in enumerate(scheduler.timesteps):
        sigma = float(scheduler.sigmas[place])
        state = y / alpha(sigma) if scaled else y
        epsilon = (state - torch.from_numpy(denoise(state.numpy(), sigma))) / sigma
        scheduler._step_index = place
        with mock.patch.object(torch, "randn", _silence):
            y = scheduler.step(epsilon, time, y).prev_sample.double()
        assert scheduler.step_index == place + 1
    return y.flatten() / (alpha(sigmas[-1]) if scaled else 1.0)


def _silence(shape: Any, **kwargs: Any) -> torch.Tensor:
    return torch.zeros(shape, dtype=torch.float64)
