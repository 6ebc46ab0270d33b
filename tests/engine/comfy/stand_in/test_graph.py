"""The stand-in refuses wrong graphs in the words of real servers."""

from typing import Any

import numpy as np
import pytest

from tests.engine.comfy.raw_client import Node, RawClient, node, raw_client, said, sampling, shown
from tests.engine.comfy.stand_in.graph import next_node

GREY = np.full((24, 32, 3), 128, np.uint8)


@pytest.fixture(scope="module")
def talk():
    with raw_client() as talk:
        talk.upload("a.png", GREY)
        yield talk


def refused(talk: RawClient, graph: dict[str, Node], **more: Any) -> dict[str, Any]:
    answer = talk.post(graph, **more)
    assert answer.status_code == 400, answer.text
    assert talk.server.queue.remaining() == 0
    return answer.json()


def reason(talk: RawClient, graph: dict[str, Node], name: str) -> dict[str, Any]:
    """The one thing that is wrong with this node; its class and the output it hinders are told."""
    entry = refused(talk, graph)["node_errors"][name]
    assert entry["class_type"] == graph[name]["class_type"]
    assert entry["dependent_outputs"] == ["out"]
    (only,) = entry["errors"]
    return only


def with_input(graph: dict[str, Node], name: str, **values: Any) -> dict[str, Node]:
    changed = {**graph[name], "inputs": graph[name]["inputs"] | values}
    return {**graph, name: changed}


def test_nothing_to_do_is_refused(talk: RawClient) -> None:
    loads = {"i": node("LoadImage", image="a.png")}
    assert refused(talk, {})["error"]["type"] == "prompt_no_outputs"
    assert refused(talk, loads)["error"]["type"] == "prompt_no_outputs"
    answer = talk.http.post("/prompt", json={"client_id": talk.id})
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "no_prompt")
    assert talk.http.post("/prompt", content=b"").status_code == 500


def test_one_unknown_class_refuses_the_whole(talk: RawClient) -> None:
    graph = said() | {"x": node("Nothing")}
    error = refused(talk, graph)["error"]
    assert (error["type"], error["extra_info"]["class_type"]) == ("missing_node_type", "Nothing")
    with raw_client(version="0.11.1") as old:
        error = refused(old, graph)["error"]
    assert error["type"] == "invalid_prompt"
    assert error["message"] == "Cannot execute because node Nothing does not exist."


def test_a_missing_file_is_named(talk: RawClient) -> None:
    wrong = reason(talk, with_input(sampling(), "i", image="gone.png"), "i")
    assert wrong["type"] == "custom_validation_failed"
    assert wrong["details"] == "image - Invalid image file: gone.png"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"steps": 0}, "value_smaller_than_min"),
        ({"cfg": 101}, "value_bigger_than_max"),
        ({"steps": "many"}, "invalid_input_type"),
        ({"model": ["ck", 1]}, "return_type_mismatch"),
        ({"model": ["ck", 1, 2]}, "bad_linked_input"),
        ({"model": ["77", 0]}, "exception_during_inner_validation"),
    ],
)
def test_wrong_values_and_links_have_names(
    talk: RawClient, values: dict[str, Any], kind: str
) -> None:
    assert reason(talk, with_input(sampling(), "k", **values), "k")["type"] == kind


def test_a_required_input_may_not_be_left_out(talk: RawClient) -> None:
    graph = shown(g=node("SAM3Grounding"), last=node("MaskToImage", mask=["g", 0]))
    errors = refused(talk, graph)["node_errors"]["g"]["errors"]
    assert {each["type"] for each in errors} == {"required_input_missing"}
    assert [each["details"] for each in errors] == [
        "sam3_model_config",
        "image",
        "confidence_threshold",
    ]


def test_an_output_linked_to_nowhere_says_the_id(talk: RawClient) -> None:
    wrong = reason(talk, {"out": node("PreviewImage", images=["77", 0])}, "out")
    assert (wrong["type"], wrong["details"]) == ("exception_during_validation", "'77'")


def cycle() -> dict[str, Node]:
    grown = {"expand": 1, "tapered_corners": True}
    return shown(
        a=node("GrowMask", mask=["b", 0], **grown),
        b=node("GrowMask", mask=["a", 0], **grown),
        last=node("MaskToImage", mask=["a", 0]),
    )


def test_a_cycle_is_named_by_new_servers_alone(talk: RawClient) -> None:
    told = refused(talk, cycle())["node_errors"]
    assert "dependency_cycle" in {each["type"] for of in told.values() for each in of["errors"]}
    with raw_client(version="0.3.64") as old:
        assert refused(old, cycle())["node_errors"] == {}


def test_where_one_output_is_sound_the_rest_is_a_note(talk: RawClient) -> None:
    graph = said("fine") | with_input(sampling(), "ck", ckpt_name="x")
    answer = talk.post(graph)
    assert answer.status_code == 200
    assert list(answer.json()["node_errors"]) == ["ck"]
    talk.server.wait_idle()
    assert list(talk.history(answer.json()["prompt_id"])["outputs"]) == ["say"]


def test_an_id_is_a_uuid_or_the_prompt_is_refused(talk: RawClient) -> None:
    for wrong in ("mine", "00000000000000000000000000000000", "ABCDEF00-" + "0000-" * 3 + "0" * 12):
        assert refused(talk, said(), prompt_id=wrong)["error"]["type"] == "invalid_prompt_id"
    with raw_client(version="0.3.64") as old:
        assert old.posted(said(), prompt_id="mine") == "mine"


def test_a_list_is_a_link_unless_it_is_wrapped(talk: RawClient) -> None:
    boxes = [{"x": 0, "y": 0, "width": 9, "height": 9}] * 2
    graph = shown(
        i=node("LoadImage", image="a.png"),
        ck=node("CheckpointLoaderSimple", ckpt_name="sam3.1_multiplex_fp16.safetensors"),
        s=node(
            "SAM3_Detect",
            model=["ck", 0],
            image=["i", 0],
            threshold=0.5,
            refine_iterations=2,
            individual_masks=False,
            bboxes={"__value__": boxes},
        ),
        last=node("MaskToImage", mask=["s", 0]),
    )
    assert talk.done(graph)["status"]["completed"]
    wrong = refused(talk, with_input(graph, "s", bboxes=boxes))["node_errors"]
    assert "unhashable type" in str(wrong)


def test_old_servers_do_not_look_into_the_newer_lists() -> None:
    graph = shown(
        i=node("LoadImage", image="a.png"),
        sam=node("LoadSAM3Model", precision="fp3"),
        g=node(
            "SAM3Grounding", sam3_model_config=["sam", 0], image=["i", 0], confidence_threshold=1
        ),
        last=node("MaskToImage", mask=["g", 0]),
    )
    for version, status in (("0.3.64", 200), ("0.8.0", 400)):
        with raw_client(version=version) as talk:
            talk.upload("a.png", GREY)
            assert talk.post(graph).status_code == status


def test_outputs_come_as_soon_as_they_can() -> None:
    graph = {"b": node("X"), "a": node("X"), "end": node("Y", of=["a", 0])}
    waiting, order = set(graph), []
    while waiting:
        order.append(next_node(graph, waiting, {"end"}))
        waiting.remove(order[-1])
    assert order == ["a", "end", "b"]
