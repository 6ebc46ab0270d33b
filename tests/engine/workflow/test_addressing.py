from typing import Any

import pytest

from engine.comfy.errors import WorkflowSetting
from engine.comfy.prompt_plan import Graph
from engine.workflow.edit.addressing import parse_setting
from tests.engine.workflow.local_graphs import node
from tests.engine.workflow.sheets import nodes

GRAPH: Graph = {
    "3": node("KSampler", seed=1, steps=20, cfg=8.0, sampler_name="euler", positive=("6", 0)),
    "6": node("CLIPTextEncode", "Positive", text="a"),
    "7": node("CLIPTextEncode", "Not v1.5", text="b"),
    "8": node("LoadImage", image="a.png"),
    "9": node("SAM3Grounding", confidence_threshold=0.2, offload_model=False),
    "10": node("Magic", "6", words="x", count=3, share=0.5, flag=True, model=("3", 0)),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("KSampler.seed=5", (("3", "seed"), 5)),
        ("ksampler.seed=18446744073709551615", (("3", "seed"), 2**64 - 1)),
        ("3.cfg=6.5", (("3", "cfg"), 6.5)),
        ("3.cfg=6", (("3", "cfg"), 6.0)),
        ("KSampler.sampler_name=uni_pc", (("3", "sampler_name"), "uni_pc")),
        ("Positive.text=a red car = fast. Yes", (("6", "text"), "a red car = fast. Yes")),
        ("positive.text=", (("6", "text"), "")),
        ("6.text=x", (("6", "text"), "x")),  # the id, not the title
        ("Not v1.5.text=x", (("7", "text"), "x")),
        ("LoadImage.image=new.png", (("8", "image"), "new.png")),  # still to be sent
        ("SAM3Grounding.offload_model=on", (("9", "offload_model"), True)),
        ("9.offload_model=No", (("9", "offload_model"), False)),
        ("9.text_prompt=a dog", (("9", "text_prompt"), "a dog")),  # not in the graph yet
        ("SAM3 Text Segmentation.max_detections=-1", (("9", "max_detections"), -1)),
        (" 3 . steps =4", (("3", "steps"), 4)),
        ("10.count=4", (("10", "count"), 4)),
        ("Magic.share=1", (("10", "share"), 1.0)),
        ("Magic.flag=false", (("10", "flag"), False)),
        ("Magic.words=4", (("10", "words"), "4")),
    ],
)
def test_values_are_found_and_typed(text: str, expected: Any):
    found = parse_setting(GRAPH, nodes(), text)
    assert found == expected
    assert type(found[1]) is type(expected[1])


@pytest.mark.parametrize(
    ("text", "reason", "allowed"),
    [
        ("KSampler.seed", "format", ()),
        ("seed=5", "format", ()),
        (".seed=5", "format", ()),
        ("KSampler.=5", "format", ()),
        ("CLIPTextEncode.text=x", "several", ("6 (CLIPTextEncode, Positive)",
                                              "7 (CLIPTextEncode, Not v1.5)")),
        ("LoadImage.picture=x", "input", ("image",)),
        ("KSampler.positive=x", "input", ("seed", "steps", "cfg", "sampler_name", "scheduler",
                                          "denoise")),
        ("Magic.model=x", "input", ("words", "count", "share", "flag")),
        ("3.steps=many", "range", ("1", "10000")),
        ("3.steps=0", "range", ("1", "10000")),
        ("3.steps=2.5", "range", ("1", "10000")),
        ("3.cfg=nan", "range", ("0.0", "100.0")),
        ("9.offload_model=perhaps", "value", ("true", "false")),
    ],
)  # fmt: skip
def test_what_cannot_be_followed_says_what_can(text: str, reason: str, allowed: tuple[str, ...]):
    with pytest.raises(WorkflowSetting) as caught:
        parse_setting(GRAPH, nodes(), text)
    assert (caught.value.setting, caught.value.reason) == (text, reason)
    assert caught.value.allowed == allowed


def test_unknown_nodes_are_answered_with_all_there_are():
    with pytest.raises(WorkflowSetting) as caught:
        parse_setting(GRAPH, nodes(), "Sampler.seed=5")
    assert caught.value.reason == "node"
    assert caught.value.allowed[0] == "3 (KSampler)"
    assert len(caught.value.allowed) == len(GRAPH)


def test_choices_are_told():
    with pytest.raises(WorkflowSetting) as caught:
        parse_setting(GRAPH, nodes(), "3.sampler_name=best")
    assert caught.value.allowed == nodes().options("KSampler", "sampler_name")
