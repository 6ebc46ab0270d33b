"""Every sampler with every list of levels, against the formulae and against diffusers' classes."""

import numpy as np
import pytest
import torch

from engine.jobs.paint_settings import SAMPLERS, SCHEDULERS
from engine.local.nets.diffusion import samplers, sigmas
from tests.engine.local.nets import diffusers_samplers
from tests.engine.local.nets import reference_samplers as reference

COPY = "ignore:__array__ implementation:DeprecationWarning"  # diffusers' np.array(tensor)
VALUES, STEPS = 4096, 20
LEVELS = sigmas.discrete(reference.SIGNAL)
FLOW = sigmas.flow()
NOISE = np.random.default_rng(3).standard_normal((2 * STEPS + 3, VALUES))
START, DRAWN = NOISE[-1], NOISE[:-1]


def denoise(x: torch.Tensor, sigma: float) -> torch.Tensor:
    return torch.from_numpy(reference.two_modes(x.numpy(), sigma))


def ours(sampler: str, x: np.ndarray, levels: tuple[float, ...]) -> np.ndarray:
    fresh = iter(DRAWN)
    steps = [
        step.state
        for step in samplers.SAMPLERS[sampler](
            denoise, torch.from_numpy(x), levels, lambda: torch.from_numpy(next(fresh))
        )
    ]
    assert len(steps) == len(levels) - 1
    return steps[-1].numpy()


def listed(scheduler: str, sampler: str, steps: int) -> list[float]:
    """The reference's list; UniPC's is one longer and loses its last level above 0."""
    if sampler != "uni_pc_bh2":
        return reference.listed(scheduler, steps)
    found = reference.listed(scheduler, steps + 1)
    return [*found[:-2], 0.0]


def rms(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.sqrt(np.mean((a - b) ** 2)))


def test_all_names_are_here():
    assert tuple(samplers.SAMPLERS) == SAMPLERS
    assert tuple(sigmas._LISTS) == SCHEDULERS


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("strength", [1.0, 0.4])
def test_a_pair_is_what_the_formulae_say(sampler: str, scheduler: str, strength: float):
    levels = sigmas.schedule(LEVELS, scheduler, sampler, steps=STEPS, strength=strength)
    expected = listed(scheduler, sampler, int(STEPS / strength))
    if strength < 1:
        expected = expected[-(STEPS + 1) :]
    np.testing.assert_allclose(levels, expected, rtol=1e-12)
    x = reference.two_modes(START, 1.0) + levels[0] * START
    result = reference.SAMPLERS[sampler](
        reference.two_modes, x, expected, lambda place: DRAWN[place]
    )
    assert rms(ours(sampler, x, levels), result) < 1e-11
    assert result.std() > 0.5  # it arrived at the two modes


@pytest.mark.filterwarnings(COPY)
@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("sampler", diffusers_samplers.NAMES)
def test_diffusers_classes_agree_when_they_are_given_the_list(sampler: str, scheduler: str):
    levels = sigmas.schedule(LEVELS, scheduler, sampler, steps=STEPS)
    x = np.hypot(1.0, levels[0]) * START
    solver = samplers.SAMPLERS[sampler]
    quiet = torch.zeros(VALUES, dtype=torch.float64)
    *_, last = solver(denoise, torch.from_numpy(x), levels, lambda: quiet)
    ending = 0.001 if sampler == "uni_pc_bh2" else 0.0
    theirs = diffusers_samplers.run(
        sampler, reference.two_modes, torch.from_numpy(x), [*levels[:-1], ending]
    )
    assert rms(last.state.numpy(), theirs.numpy()) < 2e-6  # they keep their levels in float32


@pytest.mark.filterwarnings(COPY)
@pytest.mark.parametrize("scheduler", ["karras", "exponential", "simple"])
def test_lists_of_diffusers_own_switches(scheduler: str):
    """Those that the class can make by itself."""
    import diffusers

    switch = {
        "karras": {"use_karras_sigmas": True},
        "exponential": {"use_exponential_sigmas": True},
        "simple": {"timestep_spacing": "trailing"},
    }[scheduler]
    theirs = diffusers.EulerDiscreteScheduler(**diffusers_samplers.TRAINED, **switch)
    theirs.set_timesteps(STEPS)
    levels = sigmas.schedule(LEVELS, scheduler, "euler", steps=STEPS)
    np.testing.assert_allclose(levels, theirs.sigmas.numpy(), rtol=1e-4)


@pytest.mark.parametrize("steps", [1, 2, 3, 5])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_few_steps(sampler: str, steps: int):
    levels = sigmas.schedule(LEVELS, "karras", sampler, steps=steps)
    assert np.isfinite(ours(sampler, np.hypot(1.0, levels[0]) * START, levels)).all()
    assert len(levels) == steps + 1


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_weak_strength_has_no_step_of_no_length(sampler: str, scheduler: str):
    levels = sigmas.schedule(LEVELS, scheduler, sampler, steps=STEPS, strength=0.003)
    assert levels[-1] == 0.0
    assert (np.diff(levels) < 0).all()
    x = reference.two_modes(START, 1.0)
    assert rms(ours(sampler, x + levels[0] * START, levels), x) < 0.6


def test_no_strength_is_no_step():
    assert sigmas.schedule(LEVELS, "normal", "euler", steps=20, strength=0.0) == ()


def test_flux_simple_is_the_official_shift():
    """sigma = e^mu / (e^mu + 1 / t - 1), t = 1, 0.95 ... 0.05."""
    levels = sigmas.schedule(FLOW, "simple", "euler", steps=20)
    times = np.linspace(1.0, 1 / 20, 20)
    expected = np.exp(1.15) / (np.exp(1.15) + (1 / times - 1))
    np.testing.assert_allclose(levels, [*expected, 0.0], rtol=1e-12)


def test_flux_normal_shifts_its_ends_twice():
    levels = sigmas.schedule(FLOW, "normal", "euler", steps=5)
    lowest = np.exp(1.15) / (np.exp(1.15) + 9999)
    times = np.linspace(1.0, lowest, 5)
    expected = np.exp(1.15) / (np.exp(1.15) + (1 / times - 1))
    np.testing.assert_allclose(levels, [*expected, 0.0], rtol=1e-12)
    assert FLOW.timestep(0.3) == 0.3


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_flows_have_all_lists(scheduler: str):
    levels = sigmas.schedule(FLOW, scheduler, "euler", steps=STEPS, strength=0.7)
    assert len(levels) == STEPS + 1
    assert (np.diff(levels) < 0).all()


@pytest.mark.parametrize("sampler", samplers.FOR_FLOW)
def test_a_flow_arrives(sampler: str):
    """A flow of one known picture: the network always sees it, and it is reached exactly."""
    levels = sigmas.schedule(FLOW, "beta", sampler, steps=4)
    picture = torch.from_numpy(NOISE[0])
    *_, last = samplers.SAMPLERS[sampler](lambda x, s: picture, picture * 0, levels, _never)
    torch.testing.assert_close(last.state, picture)


@pytest.mark.parametrize("sampler", [name for name in samplers.FOR_FLOW if name != "ddim"])
def test_a_flow_converges_to_the_straight_path(sampler: str):
    """x = (1 - s) * 2 + s * n for values of spread 0: more steps, and the same end."""

    def gauss(x: torch.Tensor, sigma: float) -> torch.Tensor:
        """Posterior mean of a picture of mean 2 and spread 0.5 under x = (1 - s) p + s n."""
        signal, noise = (1 - sigma) ** 2 * 0.25, sigma**2
        centred = x - (1 - sigma) * 2
        return 2 + (1 - sigma) * 0.25 / (signal + noise) * centred

    ends = []
    for steps in (40, 400):
        levels = sigmas.schedule(FLOW, "simple", sampler, steps=steps)
        *_, last = samplers.SAMPLERS[sampler](gauss, torch.from_numpy(START), levels, _never)
        ends.append(last.state.numpy())
    assert rms(ends[1], 2 + 0.5 * START) < 0.02  # the exact map of a normal distribution
    assert rms(ends[1], 2 + 0.5 * START) < rms(ends[0], 2 + 0.5 * START)


def _never() -> torch.Tensor:
    raise AssertionError("a flow draws no noise after the first")
