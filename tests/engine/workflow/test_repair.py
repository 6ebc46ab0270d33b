"""The SAM3 pack had three forms; a file of any must run on a server with any other."""

from typing import Any

import pytest

from engine.comfy.errors import Absent, WorkflowUnsupported
from engine.comfy.prompt_plan import Graph
from engine.workflow.edit.missing import absent_values, suggest, with_values
from engine.workflow.format.to_api import to_api
from tests.engine.comfy.stand_in.build import Build
from tests.engine.workflow.sheets import box, gives, inputs, loads, nodes, opened, sheet, takes

SERVERS = {pack: nodes(Build(pack=pack)) for pack in ("lab", "feb", "mar")}
LINKS = {"lab": "sam3_model", "feb": "sam3_model", "mar": "sam3_model_config"}
LOADERS = {
    "lab": ["models/ckpt/sam3.pt"],
    "feb": ["models/ckpt/sam3.pt", "bf16", "sdpa", True],
    "mar": ["bf16", True],
}
FINDERS: dict[str, list[Any]] = {
    "lab": [0.3, "plate", -1, False],
    "feb": [0.3, "plate", -1],
    "mar": [0.3, "plate", -1],
}


def file_of(pack: str) -> dict[str, Any]:
    kind = LINKS[pack].upper()
    sockets = [takes(LINKS[pack], kind, 1), takes("image", "IMAGE", 2)]
    return sheet(
        box(32, "LoadSAM3Model", *LOADERS[pack], outputs=gives(kind)),
        loads(1),
        box(36, "SAM3Grounding", *FINDERS[pack], inputs=sockets, outputs=gives("MASK")),
        links=[[1, 32, 0, 36, 0, kind], [2, 1, 0, 36, 1, "IMAGE"]],
    )


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("pack", SERVERS)
def test_a_file_of_any_form_runs_on_any_server(pack: str, server: str):
    found = inputs(file_of(pack), SERVERS[server])
    finder = {"confidence_threshold": 0.3, "text_prompt": "plate", "max_detections": -1}
    finder |= {LINKS[server]: ["32", 0], "image": ["1", 0]}
    assert found["36"] == finder | ({"offload_model": False} if server == "lab" else {})
    allowed = {each.name for each in SERVERS[server]["LoadSAM3Model"].inputs}
    assert found["32"].keys() <= allowed


@pytest.mark.parametrize("server", SERVERS)
def test_values_survive_where_they_still_mean_something(server: str):
    found = inputs(file_of("feb"), SERVERS[server])["32"]
    if server != "mar":
        assert found["model_path"] == "models/ckpt/sam3.pt"
    if server != "lab":
        assert (found["precision"], found["compile"]) == ("bf16", True)


def test_what_was_done_is_told():
    changes = opened(file_of("lab"), SERVERS["mar"]).repairs
    assert [(each.node, each.kind, each.input, each.value) for each in changes] == [
        ("32", "dropped", "model_path", "models/ckpt/sam3.pt"),
        ("32", "added", "precision", "auto"),
        ("32", "added", "compile", False),
        ("36", "dropped", "offload_model", False),
        ("36", "renamed", "sam3_model", "sam3_model_config"),
    ]


@pytest.mark.parametrize("pack", SERVERS)
def test_nothing_is_done_where_all_fits(pack: str):
    assert opened(file_of(pack), SERVERS[pack]).repairs == ()


def test_graphs_of_the_servers_form_are_mended_too():
    graph = opened(file_of("lab"), SERVERS["lab"]).graph
    again = to_api(graph, SERVERS["mar"]).graph
    assert again["36"]["inputs"] == opened(file_of("lab"), SERVERS["mar"]).graph["36"]["inputs"]
    assert "offload_model" in graph["36"]["inputs"]  # the one that was given is as it was


def test_a_link_that_has_no_counterpart_is_refused():
    graph: Graph = {
        "1": {"class_type": "PreviewAny", "inputs": {}},
        "2": {"class_type": "LoadSAM3Model", "inputs": {"model_path": ["1", 0]}},
    }
    with pytest.raises(WorkflowUnsupported) as caught:
        to_api(graph, SERVERS["mar"])
    assert [(each.node, each.why) for each in caught.value.nodes] == [("2", "link")]


def test_what_a_newer_server_requires_is_added_to_graphs_of_the_servers_form():
    graph: Graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}},
        "2": {"class_type": "ImageScaleBy", "inputs": {"image": ["1", 0], "scale_by": 2.0}},
        "3": {"class_type": "Maker", "inputs": {"format": "jpeg", "name": "y"}},
    }
    found = to_api(graph, nodes())
    assert found.graph["2"]["inputs"]["upscale_method"] == "nearest-exact"
    assert found.graph["3"]["inputs"] == {"format": "jpeg", "format.quality": 90, "name": "y"}
    assert [(each.node, each.kind, each.input, each.value) for each in found.repairs] == [
        ("2", "added", "upscale_method", "nearest-exact"),
        ("3", "added", "format.quality", 90),
    ]


# --- files that are not there


def graph_of(**inputs_: Any) -> Graph:
    return {"7": {"class_type": "LoraLoader", "inputs": inputs_, "_meta": {"title": "Tom"}}}


def test_a_model_that_is_not_there_is_told_with_those_that_are():
    known = nodes()
    lora = absent_values(graph_of(lora_name="tom (1).safetensors", strength_model=1), known)
    choices = known.options("LoraLoader", "lora_name")
    assert lora == (Absent("7", "Tom", "lora_name", "tom (1).safetensors", "loras", choices),)
    assert suggest(lora[0]) == "tom.safetensors"


@pytest.mark.parametrize(
    ("value", "choices", "suggestion"),
    [
        ("old/tom.pt", ("tom.pt",), "tom.pt"),
        ("tom.pt", ("xl\\tom.pt", "a.pt"), "xl\\tom.pt"),
        ("TOM.pt", ("tom.pt",), "tom.pt"),
        ("tom (2).pt", ("sub/tom.pt",), "sub/tom.pt"),
        ("tom.pt", ("tom (1).pt",), "tom (1).pt"),
        ("tom.pt", ("a/tom.pt", "b/tom.pt"), ""),
        ("tom.pt", ("tom2.pt",), ""),
        ("tom.pt", (), ""),
    ],
)
def test_only_the_same_name_is_suggested(value: str, choices: tuple[str, ...], suggestion: str):
    assert suggest(Absent("7", "Tom", "lora_name", value, "loras", choices)) == suggestion


@pytest.mark.parametrize(
    ("image", "is_absent"),
    [
        ("a.png", False),
        ("a.png [input]", False),
        ("b.png", True),
        ("clipspace/mask.png [input]", True),
        ("x_00001_.png [output]", False),
        ("x.png [temp]", False),
        ("lacuna/0123.png", False),
    ],
)
def test_pictures_are_looked_for_in_the_folder_they_name(image: str, is_absent: bool):
    graph: Graph = {"1": {"class_type": "LoadImage", "inputs": {"image": image}}}
    assert [each.folder for each in absent_values(graph, nodes())] == ["input"] * is_absent


def test_a_server_without_pictures_has_none_of_them():
    graph: Graph = {"1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}}}
    assert absent_values(graph, nodes(inputs=()))[0].choices == ()


def test_choices_that_are_no_files_count_too():
    graph: Graph = {"1": {"class_type": "KSampler", "inputs": {"sampler_name": "new"}}}
    assert [(each.input, each.folder) for each in absent_values(graph, nodes())] == [
        ("sampler_name", "")
    ]


def test_mapping_changes_nothing_else():
    graph = graph_of(lora_name="tom", strength_model=1)
    found = with_values(graph, {("7", "lora_name"): "anna"})
    assert found["7"]["inputs"] == {"lora_name": "anna", "strength_model": 1}
    assert graph["7"]["inputs"]["lora_name"] == "tom"
