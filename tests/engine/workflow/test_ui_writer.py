import json
import uuid
from itertools import pairwise
from typing import Any

import pytest

from engine.comfy.errors import WorkflowUnsupported
from engine.comfy.prompt_plan import Graph
from engine.comfy.protocol.object_info import InputSpec, Nodes
from engine.workflow.format.embedded import text_chunks
from engine.workflow.format.reader import read_workflow
from engine.workflow.format.to_api import to_api
from engine.workflow.format.ui_writer import to_ui
from tests.engine.comfy.stand_in.build import Build
from tests.engine.workflow.sheets import nodes
from tests.engine.workflow.test_reading import chunk, png

BUILDS = [Build(version="0.11.1", pack="lab"), Build(version="0.16.0", pack="feb"), Build()]


def everything(known: Nodes, prefix: str = "") -> Graph:
    """One node of each class, every value another than the usual, every socket linked."""
    made: dict[str, list[Any]] = {}
    graph: Graph = {}
    for at, spec in enumerate(known.values(), 1):
        if any(each.type.startswith("COMFY_") for each in spec.inputs):
            continue
        inputs: dict[str, Any] = {
            each.name: _odd(each) for each in spec.inputs if each.is_widget and each.default
        }
        inputs |= {each.name: made[each.type] for each in spec.inputs if each.type in made}
        title = "Mine" if at % 3 == 0 else spec.title
        name = f"{prefix}{at}"
        graph[name] = {"class_type": spec.name, "inputs": inputs, "_meta": {"title": title}}
        made |= {each.type: [name, slot] for slot, each in enumerate(spec.outputs)}
    return graph


def _odd(spec: InputSpec) -> Any:
    match spec.default:
        case bool() as flag:
            return not flag
        case int() | float() as number:
            return number / 2 if spec.type == "FLOAT" else number + 1
        case _:
            return spec.options[-1] if spec.options else 'a "text"\né'


@pytest.mark.parametrize("prefix", ["", "n"])
@pytest.mark.parametrize("build", BUILDS)
def test_every_node_comes_back_as_it_was(build: Build, prefix: str):
    known = nodes(build)
    graph = everything(known, prefix)
    usual = _with_defaults(graph, known)
    found = to_api(read_workflow(json.dumps(to_ui(graph, known)).encode()), known)
    assert len(graph) > 25
    assert (found.graph, found.repairs) == (usual, ())


def _with_defaults(graph: Graph, known: Nodes) -> Graph:
    """A file has a value for every widget."""
    return {
        name: node
        | {
            "inputs": {
                each.name: each.default
                for each in known[node["class_type"]].inputs
                if each.is_widget and each.default is not None
            }
            | node["inputs"]
        }
        for name, node in graph.items()
    }


def test_the_window_finds_all_that_it_needs():
    known = nodes()
    file = to_ui(everything(known), known)
    assert str(uuid.UUID(file["id"])) == file["id"]
    assert file["version"] == 0.4
    assert file["last_node_id"] == max(box["id"] for box in file["nodes"])
    boxes = {box["id"]: box for box in file["nodes"]}
    for id_, origin, origin_slot, target, target_slot, _ in file["links"]:
        assert id_ in boxes[origin]["outputs"][origin_slot]["links"]
        assert boxes[target]["inputs"][target_slot]["link"] == id_


def test_boxes_go_from_left_to_right_and_cover_none():
    known = nodes()
    file = to_ui(everything(known), known)
    boxes = {box["id"]: box for box in file["nodes"]}
    for _, origin, _, target, _, _ in file["links"]:
        assert boxes[origin]["pos"][0] + boxes[origin]["size"][0] < boxes[target]["pos"][0]
    columns: dict[int, list[tuple[int, int]]] = {}
    for box in file["nodes"]:
        span = (box["pos"][1], box["pos"][1] + box["size"][1])
        columns.setdefault(box["pos"][0], []).append(span)
    for spans in columns.values():
        spans.sort()
        assert all(above[1] < below[0] for above, below in pairwise(spans))


def test_entries_that_only_the_window_needs_are_there():
    graph: Graph = {
        "1": {"class_type": "LoadImageMask", "inputs": {"image": "a.png", "channel": "red"}},
        "2": {"class_type": "KSampler", "inputs": {"seed": 5}},
    }
    mask, sampler = to_ui(graph, nodes())["nodes"]
    assert mask["widgets_values"] == ["a.png", "red", "image"]
    assert sampler["widgets_values"][:3] == [5, "fixed", 20]


def test_lists_and_choices_of_choices_come_back():
    graph: Graph = {
        "1": {"class_type": "Maker", "inputs": {"format": "png", "format.depth": 16, "name": "x"}},
        "2": {"class_type": "LoadImage", "inputs": {"image": {"__value__": ["1", 0]}}},
    }
    found = to_api(read_workflow(json.dumps(to_ui(graph, nodes())).encode()), nodes()).graph
    assert {name: node["inputs"] for name, node in found.items()} == {
        name: node["inputs"] for name, node in graph.items()
    }


def test_a_class_without_a_table_cannot_be_drawn():
    with pytest.raises(WorkflowUnsupported):
        to_ui({"1": {"class_type": "Magic", "inputs": {}}}, nodes())


def test_a_picture_carries_both_forms_in_ascii():
    known = nodes()
    graph = everything(known)
    texts = text_chunks(graph, to_ui(graph, known))
    assert [key for key, _ in texts] == ["prompt", "workflow"]
    assert all(text.isascii() for _, text in texts)
    parts = [chunk(b"tEXt", key.encode() + b"\0" + text.encode()) for key, text in texts]
    assert read_workflow(png(*parts)) == graph
    assert to_api(read_workflow(png(parts[1])), known).graph == _with_defaults(graph, known)
