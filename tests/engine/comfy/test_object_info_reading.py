"""/object_info in every encoding that is about, and in forms that should not be."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.comfy.protocol.object_info import COMBO, InputSpec, Nodes
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.jobs.operations import Device
from tests.conftest import SHARED

FIXTURES = ("object_info.json", "object_info_0.11.1_lab.json", "object_info_0.33.json")
SEED = {"default": 0, "min": 0, "max": 2**64 - 1}


def read_input(form: object, name: str = "x", **more: Any) -> InputSpec:
    node = {"input": {"required": {name: form}}, **more}
    found = Nodes.read({"N": node}).input("N", name)
    assert found is not None
    return found


def fixture(name: str) -> dict[str, Any]:
    path = SHARED / "comfyui" / name
    if not path.is_file():
        pytest.skip("no answers of real servers here")
    return json.loads(path.read_text())


def test_choices_in_both_encodings() -> None:
    old = read_input([["a", "b"], {"default": "b"}])
    new = read_input(["COMBO", {"options": ["a", "b"], "default": "b"}])
    assert old == new
    assert (old.type, old.options, old.default, old.is_widget) == (COMBO, ("a", "b"), "b", True)


def test_choices_without_more() -> None:
    assert read_input([["a", "b"]]).default == "a"
    assert read_input([["a"], {"default": "gone"}]).default == "a"
    unknown = read_input(["COMBO", {"remote": {}}])
    assert (unknown.options, unknown.default, unknown.is_widget) == ((), None, True)
    assert read_input([[1, 2.5, "x"]]).options == ("1", "2.5", "x")


def test_choices_that_bring_inputs_of_their_own() -> None:
    form = ["COMFY_DYNAMICCOMBO_V3", {"options": [{"key": "png", "inputs": {}}, {"key": "exr"}]}]
    spec = read_input(form)
    assert spec.is_widget
    assert spec.options == ("png", "exr")
    assert spec.default == "png"


def test_an_option_brings_inputs_that_are_named_after_the_choice() -> None:
    deep = ["COMFY_DYNAMICCOMBO_V3", {"options": [
        {"key": "a", "inputs": {"required": {"x": ["INT", {"default": 3}]}}}]}]  # fmt: skip
    nodes = Nodes.read({"N": {"input": {"required": {"mode": ["COMFY_DYNAMICCOMBO_V3", {"options": [
        {"key": "on", "inputs": {"required": {"seed": ["INT"]}, "optional": {"deep": deep}}},
        {"key": "off", "inputs": None}, {"inputs": {}}, 5]}]}}}})  # fmt: skip
    names = [each.name for each in nodes["N"].inputs_with({"mode": "on"})]
    assert names == ["mode", "mode.seed", "mode.deep", "mode.deep.x"]
    assert [each.name for each in nodes["N"].inputs_with({"mode": "off"})] == ["mode"]
    assert nodes.input("N", "mode.deep.x", {"mode": "on"}) is not None
    assert nodes.input("N", "mode.seed", {"mode": "off"}) is None
    seed = nodes.input("N", "mode.seed")
    assert seed is not None
    assert not seed.has_control


def test_an_input_that_grows_has_as_many_as_are_given() -> None:
    form = ["COMFY_AUTOGROW_V3", {"template": {"input": {"required": {"mask": ["MASK", {}]}}}}]
    nodes = Nodes.read({"N": {"input": {"required": {"masks": form}}}})
    found = nodes["N"].inputs_with({"masks.mask0": ["1", 0], "masks.mask1": ["2", 0], "other": 1})
    assert [(each.name, each.type) for each in found[1:]] == [
        ("masks.mask0", "MASK"), ("masks.mask1", "MASK"),
    ]  # fmt: skip


def test_an_input_that_is_matched_takes_what_it_allows() -> None:
    template = {"template_id": "t", "allowed_types": "IMAGE,MASK"}
    spec = read_input(["COMFY_MATCHTYPE_V3", {"template": template}])
    assert (spec.accepts("MASK"), spec.accepts("LATENT"), spec.is_widget) == (True, False, False)
    assert read_input(["COMFY_MATCHTYPE_V3", {}]).accepts("LATENT")


def test_a_widget_of_several_types_says_that_of_its_values() -> None:
    spec = read_input(["FLOAT,INT", {"widgetType": "FLOAT", "min": 1}])
    assert (spec.is_widget, spec.type, spec.value_type) == (True, "FLOAT,INT", "FLOAT")
    assert spec.default == 1
    assert not read_input(["FLOAT,INT", {}]).is_widget


def test_choices_inside_of_choices_end_somewhere() -> None:
    form: list[Any] = ["INT"]
    for _ in range(40):
        form = ["COMFY_DYNAMICCOMBO_V3", {"options": [
            {"key": "a", "inputs": {"required": {"x": form}}}]}]  # fmt: skip
    spec = Nodes.read({"N": {"input": {"required": {"x": form}}}})["N"]
    assert len(spec.inputs_with({})) <= 6


@pytest.mark.parametrize(
    ("form", "default"),
    [(["INT"], 0), (["INT", {"min": 3}], 3), (["FLOAT", {"default": 0.5}], 0.5), (["STRING"], ""),
     (["BOOLEAN", {}], False), (["INT", {"min": -4}], 0), (["IMAGE"], None),
     (["COLOR", {"socketless": True, "default": "#fff"}], "#fff")],
)  # fmt: skip
def test_defaults_are_those_of_a_new_node(form: list[Any], default: object) -> None:
    spec = read_input(form)
    assert spec.default == default
    assert spec.is_widget is (default is not None)


def test_a_widget_that_is_forced_to_be_a_socket() -> None:
    spec = read_input(["STRING", {"forceInput": True, "default": "x"}])
    assert not spec.is_widget
    assert spec.default is None


def test_limits_are_exact() -> None:
    spec = read_input(["INT", SEED], "seed")
    assert (spec.low, spec.high) == (0, 2**64 - 1)


@pytest.mark.parametrize(
    ("name", "form", "has"),
    [("seed", ["INT", SEED], True), ("noise_seed", ["INT"], True), ("steps", ["INT"], False),
     ("steps", ["INT", {"control_after_generate": True}], True), ("seed", ["FLOAT"], False),
     ("seed", ["INT", {"control_after_generate": False}], False),
     ("n", ["INT", {"control_after_generate": "randomize"}], True),
     ("seed", ["INT", {"forceInput": True}], False)],
)  # fmt: skip
def test_what_is_followed_by_a_control(name: str, form: list[Any], has: bool) -> None:
    assert read_input(form, name).has_control is has


def test_uploads() -> None:
    assert read_input([["a.png"], {"image_upload": True}], "image").is_upload
    assert not read_input([["a.png"], {"image_upload": 0}], "image").is_upload


def test_order_is_required_then_optional_as_input_order_says() -> None:
    form = {
        "input": {
            "optional": {"d": ["INT"], "c": ["INT"]},
            "required": {"b": ["INT"], "a": ["INT"], "new": ["INT"]},
            "hidden": {"prompt": "PROMPT"},
        },
        "input_order": {"required": ["a", "b", "gone", 7], "optional": ["c", "d"]},
    }
    spec = Nodes.read({"N": form})["N"]
    assert [each.name for each in spec.inputs] == ["a", "b", "new", "c", "d"]
    assert [each.required for each in spec.inputs] == [True, True, True, False, False]


def test_outputs_and_where_a_node_comes_from() -> None:
    form = {
        "display_name": "Name for people", "python_module": "custom_nodes.Some-Pack",
        "output_node": True, "output": ["IMAGE", ["a", "b"], "*"], "output_name": ["picture"],
        "output_is_list": [True],
    }  # fmt: skip
    spec = Nodes.read({"N": form})["N"]
    assert (spec.title, spec.pack, spec.is_output) == ("Name for people", "Some-Pack", True)
    assert [(o.name, o.type) for o in spec.outputs] == [
        ("picture", "IMAGE"), ("COMBO", "COMBO"), ("*", "*"),
    ]  # fmt: skip
    assert [o.is_list for o in spec.outputs] == [True, False, False]
    assert Nodes.read({"N": {"python_module": "comfy_extras.nodes_mask"}})["N"].pack == ""


def test_links_of_several_types() -> None:
    spec = read_input(["BOUNDING_BOX,ARRAY,STRING"])
    assert spec.accepts("ARRAY")
    assert spec.accepts("*")
    assert not spec.accepts("IMAGE")


def test_one_odd_node_does_not_hide_the_others() -> None:
    odd: dict[str, Any] = {
        "Good": {"input": {"required": {"image": ["IMAGE"]}}, "output": ["IMAGE"]},
        "Null": None, "List": [], "": {"input": {}}, "x" * 5000: {"input": {}},
        "Bad": {"input": {"required": {"a": None, "b": [], "c": [None], "d": ["INT", 5], "e": "INT",
                                       "f": [7, {}], "g": [["x", None, {}], None]},
                          "optional": [1]}, "input_order": 3, "output": {}, "display_name": 4},
    }  # fmt: skip
    nodes = Nodes.read(odd)
    assert set(nodes) == {"Good", "Bad"}
    assert [each.name for each in nodes["Bad"].inputs] == ["d", "g"]
    assert nodes.options("Bad", "g") == ("x",)
    assert nodes.input("Null", "x") is None


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
    | st.sampled_from(["INT", "COMBO", "options", "seed"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)  # fmt: skip
PLACES: tuple[tuple[Any, ...], ...] = (
    ("input",), ("input", "required"), ("input", "optional"), ("input", "required", "seed"),
    ("input_order",), ("input_order", "required"), ("output",), ("output_name",),
    ("output_is_list",), ("output_node",), ("display_name",), ("python_module",),
    ("input", "required", "mode", 1), ("input", "required", "mode", 1, "options"),
    ("input", "required", "grows", 1, "template"),
)  # fmt: skip


@given(st.sampled_from(PLACES), ODD)
def test_nothing_that_arrives_is_a_crash(place: tuple[Any, ...], odd: object) -> None:
    node: dict[str, Any] = {
        "input": {
            "required": {
                "x": [["a", "b"]],
                "seed": ["INT", {}],
                "mode": ["COMFY_DYNAMICCOMBO_V3", {"options": []}],
                "grows": ["COMFY_AUTOGROW_V3", {"template": {}}],
            },
            "optional": {},
        },
        "input_order": {"required": ["x", "seed"]},
        "output": ["IMAGE"],
    }
    within: Any = node
    for key in place[:-1]:
        within = within[key]
    within[place[-1]] = odd
    assert "N" in Nodes.read({"N": node})
    assert set(Nodes.read(odd)) <= (set(odd) if isinstance(odd, dict) else set())


@pytest.mark.parametrize("name", FIXTURES)
def test_real_servers(name: str) -> None:
    nodes = Nodes.read(fixture(name))
    sampler = nodes["KSampler"]
    assert [each.name for each in sampler.inputs if each.has_control] == ["seed"]
    assert "uni_pc_bh2" in nodes.options("KSampler", "sampler_name")
    assert nodes["LamaRemover"].pack == "comfyui-lama-remover"
    assert [o.type for o in nodes["SAM3Grounding"].outputs] == ["MASK", "IMAGE", "STRING", "STRING"]
    assert nodes["PreviewImage"].is_output


def test_folders_are_those_that_were_listed_else_what_the_loader_offers() -> None:
    nodes = Nodes.read({"LoraLoader": {"input": {"required": {"lora_name": [["a.safetensors"]]}}}})
    device = Device(kind="cpu", name="", total_mb=0, free_mb=0, torch="")
    told = ServerSnapshot(version="1", device=device, nodes=nodes)
    assert told.folder("loras") == ("a.safetensors",)
    assert told.folder("vae") == told.folder("anything") == ()
    listed = ServerSnapshot(
        version="1", device=device, nodes=nodes, models={"loras": ("sub\\b.pt",)}
    )
    assert listed.folder("loras") == ("sub\\b.pt",)
