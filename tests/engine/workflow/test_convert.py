"""What the real window (1.37.11 and 1.49.6) makes of these files was measured, box by box."""

import json
from typing import Any

import pytest

from engine.comfy.errors import WorkflowUnreadable, WorkflowUnsupported
from engine.comfy.protocol.object_info import Nodes
from tests.engine.workflow.sheets import (
    SUB,
    bare,
    box,
    gives,
    inputs,
    loads,
    nodes,
    opened,
    samples,
    scales,
    sheet,
    shows,
    subgraph,
    takes,
)

CHAIN = [[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"]]


def chain(middle: Any, **more: Any) -> dict[str, Any]:
    return sheet(loads(1), middle, shows(3, 2), links=CHAIN, **more)


def test_values_get_names_and_links_overrule_nothing_else():
    assert bare(opened(chain(scales(2, 1))).graph) == {
        "1": ("LoadImage", {"image": "a.png"}),
        "2": (
            "ImageScaleBy",
            {"upscale_method": "bilinear", "scale_by": 1.5, "image": ["1", 0]},
        ),
        "3": ("PreviewImage", {"images": ["2", 0]}),
    }


def test_titles_are_the_users_or_the_classes():
    graph = opened(chain(scales(2, 1, title="Twice"))).graph
    assert [node["_meta"]["title"] for node in graph.values()] == [
        "Load Image",
        "Twice",
        "Preview Image",
    ]


def test_a_muted_box_is_left_out_with_its_links():
    assert inputs(chain(scales(2, 1, mode=2))) == {"1": {"image": "a.png"}, "3": {}}


def test_the_own_value_counts_where_the_linked_box_is_muted():
    text = box(3, "CLIPTextEncode", "own", inputs=[takes("text", "STRING", 1, widget=True)])
    finder = box(2, "SAM3Grounding", 0.2, "dog", -1, False, mode=2, outputs=gives(*"abcd"))
    assert inputs(sheet(finder, text, links=[[1, 2, 2, 3, 0, "STRING"]]))["3"] == {"text": "own"}


def test_a_bypassed_box_passes_its_first_input_of_the_type():
    assert inputs(chain(scales(2, 1, mode=4)))["3"] == {"images": ["1", 0]}


def test_a_bypassed_box_prefers_the_same_slot():
    ports = [takes("model", "MODEL", 1), takes("clip", "CLIP", 2)]
    lora = box(2, "LoraLoader", "x", 1, 1, mode=4, inputs=ports, outputs=gives("MODEL", "CLIP"))
    text = box(3, "CLIPTextEncode", "t", inputs=[takes("clip", "CLIP", 3)])
    model = box(1, "CheckpointLoaderSimple", "x", outputs=gives("MODEL", "CLIP", "VAE"))
    links = [[1, 1, 0, 2, 0, "MODEL"], [2, 1, 1, 2, 1, "CLIP"], [3, 2, 1, 3, 0, "CLIP"]]
    assert inputs(sheet(model, lora, text, links=links))["3"]["clip"] == ["1", 1]


def test_a_bypassed_box_without_an_input_of_the_type_passes_nothing():
    decode = box(2, "VAEDecode", mode=4, inputs=[takes("vae", "VAE", 1)], outputs=gives("IMAGE"))
    assert inputs(chain(decode))["3"] == {}


def test_reroutes_are_seen_through():
    first = box(2, "Reroute", inputs=[takes("", "*", 1)], outputs=gives("IMAGE"))
    second = box(4, "Reroute", inputs=[takes("", "*", 2)], outputs=gives("IMAGE"))
    links = [[1, 1, 0, 2, 0, "*"], [2, 2, 0, 4, 0, "*"], [3, 4, 0, 3, 0, "IMAGE"]]
    found = inputs(sheet(loads(1), first, second, shows(3, 3), links=links))
    assert found == {"1": {"image": "a.png"}, "3": {"images": ["1", 0]}}


def test_notes_are_no_nodes():
    notes = [box(7, "Note", "a word"), box(8, "MarkdownNote", "**a word**")]
    assert list(opened(sheet(loads(1), *notes)).graph) == ["1"]


@pytest.mark.parametrize("mode", [0, 2, 4])
def test_a_primitive_is_its_value_even_when_it_is_switched_off(mode: int):
    seed = box(2, "PrimitiveNode", 77, "fixed", mode=mode, outputs=gives("INT"))
    sampler = samples(3, inputs=[takes("seed", "INT", 1, widget=True)])
    assert inputs(sheet(seed, sampler, links=[[1, 2, 0, 3, 0, "INT"]]))["3"]["seed"] == 77


def test_a_primitive_behind_a_reroute_gives_nothing():
    seed = box(2, "PrimitiveNode", 77, "fixed", outputs=gives("INT"))
    reroute = box(4, "Reroute", inputs=[takes("", "*", 1)], outputs=gives("INT"))
    sampler = samples(3, inputs=[takes("seed", "INT", 2, widget=True)])
    file = sheet(seed, reroute, sampler, links=[[1, 2, 0, 4, 0, "*"], [2, 4, 0, 3, 0, "INT"]])
    assert inputs(file)["3"]["seed"] == 5


def test_a_list_among_the_values_is_no_link():
    found = inputs(sheet(loads(2, ["1", 0])))
    assert found == {"2": {"image": {"__value__": ["1", 0]}}}


def test_links_of_version_1_are_objects():
    names = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
    file = chain(scales(2, 1)) | {
        "version": 1,
        "links": [dict(zip(names, link)) for link in CHAIN],
    }
    assert opened(file).graph == opened(chain(scales(2, 1))).graph


def test_viewers_that_a_server_lacks_are_left_out():
    viewer = box(3, "Image Comparer (rgthree)", [], inputs=[takes("image_a", "IMAGE", 2)])
    fewer = Nodes({name: spec for name, spec in nodes().items() if name != viewer["type"]})
    file = sheet(loads(1), scales(2, 1), viewer, links=CHAIN)
    assert list(opened(file).graph) == ["1", "2", "3"]
    assert list(opened(file, fewer).graph) == ["1", "2"]


def test_nodes_that_are_not_there_are_all_named():
    file = sheet(loads(1), box(2, "Magic", title="Wand"), box(3, "workflow>mine"))
    with pytest.raises(WorkflowUnsupported) as caught:
        opened(file)
    assert caught.value.nodes == (
        ("2", "Magic", "Wand", "", ""),
        ("3", "workflow>mine", "workflow>mine", "subgraph", ""),
    )


def test_a_muted_box_need_not_be_known():
    assert list(opened(sheet(loads(1), box(2, "Magic", mode=2))).graph) == ["1"]


# --- subgraphs


def inner(**more: Any) -> dict[str, Any]:
    factor = takes("scale_by", "FLOAT", 3, widget=True)
    part = scales(1, 1, inputs=[takes("image", "IMAGE", 1), factor])
    return subgraph(
        part,
        links=[(1, -10, 0, 1, 0), (3, -10, 1, 1, 1), (2, 1, 0, -20, 0)],
        inputs=["image", "scale_by"],
        outputs=["IMAGE"],
        **more,
    )


def around(*values: Any, id: int = 2, **more: Any) -> dict[str, Any]:
    ports = [takes("image", "IMAGE", 1), takes("scale_by", "FLOAT", None, widget=True)]
    return box(id, SUB, *values, inputs=ports, outputs=gives("IMAGE"), **more)


def with_inner(middle: Any) -> dict[str, Any]:
    return chain(middle, definitions={"subgraphs": [inner()]})


def test_a_subgraph_is_opened():
    assert inputs(with_inner(around())) == {
        "1": {"image": "a.png"},
        "2:1": {"upscale_method": "bilinear", "scale_by": 1.5, "image": ["1", 0]},
        "3": {"images": ["2:1", 0]},
    }


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([2.5], None),  # version 1.49: one for each socket with a widget
        ([2.5], [["-1", "scale_by"]]),  # version 1.37: as listed
        ([None, 2.5], [["1", "upscale_method"], ["-1", "scale_by"]]),
    ],
)
def test_values_on_the_box_overrule_those_inside(values: list[Any], shown: Any):
    middle = around(*values, properties={"proxyWidgets": shown} if shown else {})
    assert inputs(with_inner(middle))["2:1"]["scale_by"] == 2.5


def test_two_boxes_of_a_subgraph_have_their_own_values():
    file = with_inner(around(2.5))
    file["nodes"].append(around(4.5, id=5))
    found = inputs(file)
    assert (found["2:1"]["scale_by"], found["5:1"]["scale_by"]) == (2.5, 4.5)


def test_a_muted_subgraph_does_not_run():
    assert list(opened(with_inner(around(mode=2))).graph) == ["1", "3"]


def test_a_bypassed_subgraph_passes_its_input():
    assert inputs(with_inner(around(mode=4))) == {
        "1": {"image": "a.png"},
        "3": {"images": ["1", 0]},
    }


def test_subgraphs_lie_in_subgraphs():
    other = "21111111-2222-4333-8444-555555555555"
    part = box(7, SUB, inputs=[takes("image", "IMAGE", 1)], outputs=gives("IMAGE"))
    links = [(1, -10, 0, 7, 0), (2, 7, 0, -20, 0)]
    outer = subgraph(part, links=links, inputs=["image"], outputs=["IMAGE"], id=other)
    middle = box(2, other, inputs=[takes("image", "IMAGE", 1)], outputs=gives("IMAGE"))
    found = inputs(chain(middle, definitions={"subgraphs": [inner(), outer]}))
    assert found["2:7:1"]["image"] == ["1", 0]
    assert found["3"] == {"images": ["2:7:1", 0]}


def test_a_primitive_reaches_into_a_subgraph():
    file = with_inner(around())
    file["nodes"].append(box(9, "PrimitiveNode", 6.5, outputs=gives("FLOAT")))
    file["links"].append([9, 9, 0, 2, 1, "FLOAT"])
    file["nodes"][1]["inputs"][1]["link"] = 9
    assert inputs(file)["2:1"]["scale_by"] == 6.5


def test_a_subgraph_inside_of_itself_is_a_ring():
    itself = subgraph(box(1, SUB), links=[], inputs=[], outputs=[])
    with pytest.raises(WorkflowUnreadable) as caught:
        opened(sheet(box(2, SUB), definitions={"subgraphs": [itself]}))
    assert caught.value.reason == "cycle"


def test_subgraphs_that_multiply_are_too_large():
    ids = [f"{n}1111111-2222-4333-8444-555555555555" for n in range(8)]
    layers = [
        subgraph(*(box(n, inside) for n in range(1, 5)), links=[], inputs=[], outputs=[], id=id_)
        for id_, inside in zip(ids, [*ids[1:], "LoadImage"])
    ]
    with pytest.raises(WorkflowUnreadable) as caught:
        opened(sheet(box(1, ids[0]), definitions={"subgraphs": layers}))
    assert caught.value.reason == "large"


def with_reader(**more: Any) -> dict[str, Any]:
    """The subgraph, and in it a node that reads the factor without a widget of its own."""
    part = inner()
    part["nodes"].append(box(2, "PreviewAny", inputs=[takes("source", "*", 4)]))
    part["links"].append({"id": 4, "origin_id": -10, "origin_slot": 1, "target_id": 2,
                          "target_slot": 0})  # fmt: skip
    return chain(around(**more), definitions={"subgraphs": [part]})


def test_a_socket_gets_the_value_of_the_widget_beside_it():
    found = inputs(with_reader())
    assert (found["2:1"]["scale_by"], found["2:2"]["source"]) == (1.5, 1.5)


def test_a_socket_gets_the_value_that_the_subgraph_shows():
    file = with_reader()
    file["nodes"][1]["widgets_values"] = [2.5]
    found = inputs(file)
    assert (found["2:1"]["scale_by"], found["2:2"]["source"]) == (2.5, 2.5)


def test_values_may_be_listed_for_more_inputs_than_the_box_has():
    part = inner()
    part["inputs"].insert(1, {"name": "upscale_method"})
    part["nodes"][0]["inputs"].append(takes("upscale_method", "COMBO", 5, widget=True))
    part["links"][1]["origin_slot"] = 2
    part["links"].append({"id": 5, "origin_id": -10, "origin_slot": 1, "target_id": 1,
                          "target_slot": 2})  # fmt: skip
    found = inputs(chain(around("area", 2.5), definitions={"subgraphs": [part]}))
    assert (found["2:1"]["upscale_method"], found["2:1"]["scale_by"]) == ("area", 2.5)


# --- broken files


def test_a_link_to_nowhere_is_said_with_its_node():
    with pytest.raises(WorkflowUnreadable) as caught:
        opened(sheet(loads(1), shows(3, 99)))
    assert (caught.value.reason, caught.value.node) == ("link", "3")


def test_reroutes_in_a_ring_end():
    ring = [box(n, "Reroute", inputs=[takes("", "*", n)], outputs=gives("*")) for n in (5, 6)]
    links = [[5, 6, 0, 5, 0, "*"], [6, 5, 0, 6, 0, "*"], [7, 5, 0, 3, 0, "IMAGE"]]
    with pytest.raises(WorkflowUnreadable) as caught:
        opened(sheet(*ring, shows(3, 7), links=links))
    assert caught.value.reason == "cycle"


def test_nodes_in_a_ring_are_refused():
    ring = [scales(5, 6), scales(6, 5)]
    with pytest.raises(WorkflowUnreadable) as caught:
        opened(sheet(*ring, links=[[5, 5, 0, 6, 0, "IMAGE"], [6, 6, 0, 5, 0, "IMAGE"]]))
    assert caught.value.reason == "cycle"


def test_a_maze_of_reroutes_is_given_up():
    maze = [
        box(n, "Reroute", inputs=[takes("", "*", n)], outputs=gives("*")) for n in range(2, 400)
    ]
    links = [[n, n - 1, 0, n, 0, "*"] for n in range(2, 401)]
    with pytest.raises(WorkflowUnreadable) as caught:
        opened(sheet(loads(1), *maze, shows(400, 400), links=links))
    assert caught.value.reason == "large"


def test_only_notes_is_empty():
    with pytest.raises(WorkflowUnreadable) as caught:
        opened(sheet(box(1, "Note", "x")))
    assert caught.value.reason == "empty"


def test_the_server_form_needs_no_conversion():
    graph = {"a": {"class_type": "LoadImage", "inputs": {"image": "a.png"}}}
    assert opened(json.loads(json.dumps(graph))).graph == graph
