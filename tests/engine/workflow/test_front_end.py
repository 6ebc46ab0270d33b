"""The first user's workflows, beside what ComfyUI's own window makes of them.

How the sums were made: comfyui-frontend-package 1.37.11, the version that the files name, in a
headless Chromium, served with the recorded /object_info of a 0.11.1 server with the same packs;
`app.loadGraphData(file)`, then `(await app.graphToPrompt()).output` without `_meta`: its titles
are translated. As JSON with sorted keys, no spaces, in ASCII.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from engine.comfy.prompt_plan import Graph
from engine.comfy.protocol.object_info import Nodes
from engine.workflow.edit.missing import absent_values
from engine.workflow.format.reader import read_workflow
from engine.workflow.format.to_api import to_api
from engine.workflow.format.ui_writer import to_ui
from tests.conftest import SHARED

FILES = {
    "02": "2d5f3334265b9e2a06388da2994af25662bbefb784ed44955f1e8960a04c135a",
    "03": "f8759653b38e99a424f91085e24a73850a57d4c08705e6be62c0ae99908a5fd0",
}
SERVERS = ("", "_0.11.1_lab", "_0.33")

pytestmark = pytest.mark.skipif(
    not (SHARED / "comfyui").is_dir() or not (SHARED / "lab").is_dir(),
    reason="the first user's files are not here",
)


def server(name: str) -> Nodes:
    found = json.loads((SHARED / "comfyui" / f"object_info{name}.json").read_bytes())
    return Nodes.read(_with_unions(found))


def _with_unions(found: dict[str, Any]) -> dict[str, Any]:
    """The newest server was recorded without a pack that the files need."""
    older = json.loads((SHARED / "comfyui" / "object_info.json").read_bytes())
    return {"Masks Combine Batch": older["Masks Combine Batch"]} | found


def file(number: str) -> Path:
    return next((SHARED / "lab" / "workflow").glob(f"{number}-*.json"))


def checksum(graph: Graph) -> str:
    bare = {
        name: {"class_type": node["class_type"], "inputs": node["inputs"]}
        for name, node in graph.items()
    }
    return hashlib.sha256(
        json.dumps(bare, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()


@pytest.mark.parametrize("number", FILES)
def test_the_graph_is_the_windows_own(number: str):
    found = to_api(read_workflow(file(number)), server("_0.11.1_lab"))
    assert checksum(found.graph) == FILES[number]
    assert found.repairs == ()


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize("number", FILES)
def test_every_server_gets_the_names_that_it_has(number: str, name: str):
    nodes = server(name)
    graph = to_api(read_workflow(file(number)), nodes).graph
    for node in graph.values():
        spec = nodes[node["class_type"]]
        assert set(node["inputs"]) <= {each.name for each in spec.inputs}
        open_ = {each.name for each in spec.inputs if each.required} - set(node["inputs"])
        assert not open_


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize("number", FILES)
def test_drawn_and_read_again_it_is_the_same(number: str, name: str):
    nodes = server(name)
    graph = to_api(read_workflow(file(number)), nodes).graph
    again = to_api(read_workflow(json.dumps(to_ui(graph, nodes)).encode()), nodes)
    assert (again.graph, again.repairs) == (graph, ())


def test_what_its_servers_never_had_is_told():
    nodes = server("_0.11.1_lab")
    graph = to_api(read_workflow(file("03")), nodes).graph
    assert {each.folder for each in absent_values(graph, nodes)} == {
        "checkpoints",
        "loras",
        "input",
    }
