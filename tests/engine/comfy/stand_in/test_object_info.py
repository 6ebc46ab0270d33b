"""The stand-in's /object_info equals that of real servers."""

import json
from typing import Any

import pytest

from tests.conftest import SHARED
from tests.engine.comfy.stand_in.build import Build
from tests.engine.comfy.stand_in.graph import inputs_of
from tests.engine.comfy.stand_in.nodes import NODES
from tests.engine.comfy.stand_in.object_info import described

SERVERS = {
    "object_info.json": Build(version="0.3.64", pack="mar"),
    "object_info_0.11.1_lab.json": Build(version="0.11.1", pack="lab"),
    "object_info_0.33.json": Build(version="0.33.0", pack="mar", packs=("lama", "rgthree")),
}
NOT_ASKED = {"ReferenceLatent"}  # a class of the core's that is not in those answers
LIMITS = ("default", "min", "max", "step", "round", "control_after_generate", "image_upload")


@pytest.mark.parametrize("file", SERVERS)
def test_classes_are_those_of_a_real_server(file: str) -> None:
    path = SHARED / "comfyui" / file
    if not path.is_file():
        pytest.skip("no answers of real servers here")
    real = json.loads(path.read_text())
    ours = described(SERVERS[file])
    assert set(ours) - set(real) <= NOT_ASKED
    assert {name: shape(ours[name]) for name in ours if name in real} == {
        name: shape(real[name]) for name in ours if name in real
    }


def shape(node: dict[str, Any]) -> dict[str, Any]:
    """Order counts, words do not."""
    keys = ("output", "output_name", "output_is_list", "output_node", "name")
    inputs = [(key, part, kind(spec), limits(spec)) for key, spec, part in inputs_of(node)]
    parts = {part: list(of) for part, of in node["input"].items()}
    return {key: node[key] for key in keys} | {"inputs": inputs, "parts": parts}


def kind(spec: list[Any]) -> str:
    return "list" if isinstance(spec[0], list) else spec[0]


def limits(spec: list[Any]) -> dict[str, Any]:
    facts = spec[1] if len(spec) > 1 else {}
    return {key: facts[key] for key in LIMITS if key in facts and kind(spec) != "BOUNDING_BOX"}


@pytest.mark.parametrize("pack", ["none", "lab", "feb", "mar"])
def test_whatever_is_described_can_be_run(pack: str) -> None:
    assert set(described(Build(pack=pack))) <= set(NODES)


def test_generations_of_the_pack_link_differently() -> None:
    links = {
        pack: described(Build(pack=pack))["SAM3Grounding"]["input_order"]["required"][0]
        for pack in ("lab", "feb", "mar")
    }
    assert links == {"lab": "sam3_model", "feb": "sam3_model", "mar": "sam3_model_config"}


def test_a_server_has_what_its_version_has() -> None:
    assert "SAM3_Detect" not in described(Build(version="0.11.1"))
    assert "SAM3_Detect" in described(Build(version="0.11.1", core_sam3=True))
    assert "LoadSAM3Model" not in described(Build(pack="none"))
