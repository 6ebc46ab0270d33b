"""Nodes that sample: pictures of words alone, samplers that follow each other, their parts."""

from typing import Any

import pytest

from engine.comfy.errors import WorkflowIncomplete
from engine.comfy.prompt_plan import Graph
from engine.jobs.paint_settings import StartFrom
from engine.workflow.local.runner import check
from tests.engine.workflow.local_graphs import models, node, painting, sampler
from tests.engine.workflow.test_local import Watched
from tests.engine.workflow.test_local_nodes import refused, run, runner, sampled


def text_to_image(kind: str = "EmptyLatentImage", **inputs: Any) -> Graph:
    return models() | {
        "20": node(kind, width=128, height=96, batch_size=1),
        "21": sampler(("20", 0), **inputs),
        "22": node("VAEDecode", samples=("21", 0), vae=("10", 2)),
        "4": node("SaveImage", images=("22", 0), filename_prefix="x"),
    }


@pytest.mark.parametrize("kind", ["EmptyLatentImage", "EmptySD3LatentImage"])
def test_a_picture_of_nothing_but_words(kind: str) -> None:
    graph, local = text_to_image(kind), Watched()
    graph["20"]["inputs"]["batch_size"] = 2
    (result,) = run(graph, local).results
    assert [each.size for each in result.photos] == [(128, 96)] * 2
    (hole, settings, seed), (_, _, other) = local.paints
    assert (settings.start_from, other - seed) == (StartFrom.NOISE, 1)
    assert (hole.mask == 255).all()


def test_a_larger_latent_is_painted_on_once_more() -> None:
    graph, local = text_to_image(), Watched()
    graph["23"] = node("LatentUpscale", samples=("21", 0), upscale_method="nearest-exact",
                       width=192, height=144, crop="disabled")  # fmt: skip
    graph["24"] = sampler(("23", 0), denoise=0.5)
    graph["22"]["inputs"]["samples"] = ["24", 0]
    (result,) = run(graph, local).results
    assert result.photos[0].size == (192, 144)
    assert [settings.start_from for _, settings, _ in local.paints] == [
        StartFrom.NOISE, StartFrom.ORIGINAL,
    ]  # fmt: skip
    graph["23"] = node("LatentUpscaleBy", samples=("21", 0), scale_by=2.0)
    assert run(graph).results[0].photos[0].size == (256, 192)


def advanced(latent: tuple[str, int], **inputs: Any) -> Any:
    given: dict[str, Any] = {
        "model": ("10", 0), "positive": ("11", 0), "negative": ("12", 0), "noise_seed": 7,
        "steps": 20, "cfg": 6.0, "sampler_name": "euler", "scheduler": "karras",
        "add_noise": "enable", "start_at_step": 0, "end_at_step": 10_000,
        "return_with_leftover_noise": "disable",
    }  # fmt: skip
    return node("KSamplerAdvanced", latent_image=latent, **(given | inputs))


def two_samplers(**second: Any) -> Graph:
    graph = text_to_image()
    graph["21"] = advanced(("20", 0), end_at_step=16, return_with_leftover_noise="enable")
    given: dict[str, Any] = {"add_noise": "disable", "start_at_step": 16}
    graph["23"] = advanced(("21", 0), **(given | second))
    graph["22"]["inputs"]["samples"] = ["23", 0]
    return graph


def test_steps_from_the_middle_are_a_strength() -> None:
    graph = painting()
    graph["21"] = advanced(("20", 0), start_at_step=5)
    (found,) = sampled(graph)
    assert (found.steps, found.strength, found.seed) == (15, 0.75, 7)
    assert (found.sampler, found.scheduler, found.guidance) == ("euler", "karras", 6.0)


def test_a_sampler_that_goes_on_is_the_same_painting() -> None:
    local = Watched()
    (result,) = run(two_samplers(), local).results
    ((_, settings, _),) = local.paints
    assert (settings.steps, settings.strength) == (20, 1.0)
    assert "workflow_refiner" not in run(two_samplers()).reports[0].facts["notes"]
    assert len(result.photos) == 1


def test_a_refiner_is_left_out_and_told() -> None:
    graph = two_samplers(model=("30", 0))
    graph["30"] = node("CheckpointLoaderSimple", ckpt_name="refiner.safetensors")
    (report,) = run(graph).reports
    assert report.facts["notes"] == ["workflow_refiner"]
    assert report.facts["model"] == "sd15-inpaint.safetensors"


@pytest.mark.parametrize(
    ("second", "why"),
    [
        ({"start_at_step": 12}, "add_noise"),
        ({"add_noise": "enable", "start_at_step": 20}, "start_at_step"),
    ],
)
def test_samplers_that_do_not_follow_each_other_are_refused(
    second: dict[str, Any], why: str
) -> None:
    assert refused(two_samplers(**second)) == [("23", "value", why)]


def test_a_sampler_in_parts() -> None:
    graph = painting()
    graph |= {
        "50": node("RandomNoise", noise_seed=12),
        "51": node("CFGGuider", model=("10", 0), positive=("11", 0), negative=("12", 0), cfg=3.0),
        "52": node("KSamplerSelect", sampler_name="dpmpp_2m_sde_gpu"),
        "53": node("BasicScheduler", model=("10", 0), scheduler="beta", steps=9, denoise=0.5),
        "21": node("SamplerCustomAdvanced", noise=("50", 0), guider=("51", 0), sampler=("52", 0),
                   sigmas=("53", 0), latent_image=("20", 0)),
    }  # fmt: skip
    (found,) = sampled(graph)
    assert (found.seed, found.guidance, found.sampler) == (12, 3.0, "dpmpp_2m_sde")
    assert (found.scheduler, found.steps, found.strength) == ("beta", 9, 0.5)
    graph["51"] = node("BasicGuider", model=("10", 0), conditioning=("11", 0))
    (found,) = sampled(graph)
    assert (found.guidance, found.negative.text) == (1.0, "")
    graph["21"] = node("SamplerCustom", model=("10", 0), add_noise=True, noise_seed=4, cfg=5.0,
                       positive=("11", 0), negative=("12", 0), sampler=("52", 0),
                       sigmas=("53", 0), latent_image=("20", 0))  # fmt: skip
    assert (sampled(graph)[0].seed, sampled(graph)[0].guidance) == (4, 5.0)
    graph["21"]["inputs"]["add_noise"] = False
    assert refused(graph) == [("21", "value", "add_noise")]


def test_an_unknown_sampler_is_named_with_those_that_are_there() -> None:
    with pytest.raises(WorkflowIncomplete) as caught:
        check(painting(sampler_name="dreams"), runner())
    assert "euler" in caught.value.absent[0].choices
