from typing import Any

import pytest

from engine.comfy.errors import WorkflowUnreadable
from tests.engine.workflow.sheets import box, gives, inputs, loads, samples, scales, sheet, takes

USUAL = {
    "seed": 0, "steps": 20, "cfg": 8.0, "sampler_name": "euler", "scheduler": "simple",
    "denoise": 1.0,
}  # fmt: skip


def values_of(box_: dict[str, Any]) -> dict[str, Any]:
    return inputs(sheet(box_))[str(box_["id"])]


def refused(box_: dict[str, Any]) -> str:
    with pytest.raises(WorkflowUnreadable) as caught:
        values_of(box_)
    assert caught.value.reason == "widgets"
    return caught.value.node


def test_the_entry_beside_a_seed_is_no_value():
    found = values_of(samples(3, 7, "increment", 30, 6.5, "uni_pc", "karras", 0.5))
    assert found == {
        "seed": 7,
        "steps": 30,
        "cfg": 6.5,
        "sampler_name": "uni_pc",
        "scheduler": "karras",
        "denoise": 0.5,
    }


def test_files_of_before_that_entry_are_read():
    assert values_of(samples(3, 7, 30, 6.5, "uni_pc", "karras", 0.5))["steps"] == 30


def test_the_entry_of_an_upload_comes_last():
    found = values_of(box(1, "LoadImageMask", "m.png", "red", "image"))
    assert found == {"image": "m.png", "channel": "red"}


def test_what_a_file_lacks_at_the_end_has_its_default():
    assert values_of(samples(3, 7, "fixed", 30)) == USUAL | {"seed": 7, "steps": 30}


def test_a_file_without_values_has_all_defaults():
    assert values_of({"id": 3, "type": "KSampler"}) == USUAL


def test_null_is_no_value():
    assert values_of(samples(3, None, "fixed", 30, None)) == USUAL | {"steps": 30}


@pytest.mark.parametrize(
    "values",
    [
        ("fixed", 7, 20, 8, "euler", "normal", 1),  # shifted
        (7, "fixed", 20, 8, "euler", "normal", 1, 5),  # one more
        (7, "fixed", "euler", 20, 8, "normal", 1),  # in another order
        (7, "fixed", True, 8, "euler", "normal", 1),
        (7.5, "fixed", 20, 8, "euler", "normal", 1),
        (7, "fixed", 20, "8", "euler", "normal", 1),
    ],
)
def test_values_that_do_not_fit_are_refused_rather_than_shifted(values: tuple[Any, ...]):
    assert refused(samples(3, *values)) == "KSampler"


def test_it_is_refused_by_the_title_that_the_user_sees():
    assert refused(scales(2, None, "bilinear", "x", title="Twice")) == "Twice"


@pytest.mark.parametrize("more", [None, "", "refresh", {"a": 1}, [1]])
def test_what_a_packs_buttons_leave_at_the_end_is_let_be(more: Any):
    assert values_of(scales(2, None, "area", 2.0, more)) == {
        "upscale_method": "area",
        "scale_by": 2.0,
    }


def test_a_box_without_widgets_may_keep_what_it_shows():
    assert values_of(box(3, "PreviewAny", "shown text", "more")) == {}


def test_values_by_name_need_no_order():
    file = scales(2, None) | {"widgets_values": {"scale_by": 3, "preview": {}}}
    assert values_of(file) == {"upscale_method": "nearest-exact", "scale_by": 3}


def test_names_in_the_file_help_where_the_list_does_not_fit():
    named = {"seed": 9, "steps": 31, "gone": 1}
    found = values_of(samples(3, "x", 9, 31, widgets_values_named=named))
    assert found == USUAL | {"seed": 9, "steps": 31}


def test_the_list_counts_where_both_are_there():
    found = values_of(scales(2, None, "area", 2.0, widgets_values_named={"scale_by": 5.0}))
    assert found["scale_by"] == 2.0


def test_the_files_own_sockets_tell_the_order():
    sockets = [takes(name, "FLOAT", None, widget=True) for name in ("scale_by", "gone")]
    found = values_of(scales(2, None, 2.0, 0.5, inputs=sockets))
    assert (found["scale_by"], found["upscale_method"]) == (2.0, "nearest-exact")


def test_sockets_of_linked_widgets_alone_tell_no_order():
    factor = takes("scale_by", "FLOAT", 5, widget=True)
    value = box(4, "PrimitiveNode", 4.0)
    file = sheet(scales(2, None, 2.0, inputs=[factor]), value, links=[[5, 4, 0, 2, 0, "FLOAT"]])
    with pytest.raises(WorkflowUnreadable, match="widgets"):
        inputs(file)


def test_a_linked_widget_may_hold_anything():
    factor = takes("scale_by", "FLOAT", 5, widget=True)
    resized = scales(2, None, "area", "odd", inputs=[factor])
    value = box(4, "PrimitiveNode", 4.0, outputs=[{"name": "FLOAT", "type": "FLOAT"}])
    found = inputs(sheet(resized, value, links=[[5, 4, 0, 2, 0, "FLOAT"]]))
    assert found["2"]["scale_by"] == 4.0


@pytest.mark.parametrize("control", [True, False])
def test_early_in_2023_the_entry_beside_a_seed_was_true_or_false(control: bool):
    found = values_of(samples(3, 7, control, 30, 6.5, "uni_pc", "karras", 0.5))
    assert (found["seed"], found["steps"], found["cfg"]) == (7, 30, 6.5)


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        (["png", 16, "y"], {"format": "png", "format.depth": 16, "name": "y"}),
        (["raw", "y"], {"format": "raw", "name": "y"}),
        (["png"], {"format": "png", "format.depth": 8, "name": "x"}),
        ([], {"format": "png", "format.depth": 8, "name": "x"}),
        (
            ["jpeg", 70, "steps", 5, "y"],
            {"format": "jpeg", "format.quality": 70, "format.layout": "steps",
             "format.layout.scans": 5, "name": "y"},
        ),
    ],
)  # fmt: skip
def test_values_of_a_chosen_option_follow_it(listed: list[Any], found: dict[str, Any]):
    assert values_of(box(1, "Maker", *listed)) == found


def test_values_of_another_option_are_refused():
    assert refused(box(1, "Maker", "raw", 16, "y")) == "Maker"


@pytest.mark.parametrize("more", [(), (1, 2, 30, 40)])
def test_a_region_is_one_value_whatever_fields_follow_it(more: tuple[int, ...]):
    region = {"x": 1, "y": 2, "width": 30, "height": 40}
    assert values_of(box(1, "Cutter", region, *more)) == {"region": region}


def test_a_widget_of_several_types_has_one_of_its_own():
    assert values_of(box(1, "Joiner", 0.25)) == {"amount": 0.25}
    assert refused(box(1, "Joiner", "much")) == "Joiner"


def test_options_of_ones_own_are_values_too():
    found = values_of(box(1, "CustomCombo", "b", 1, "a", "b", ""))
    assert found == {"choice": "b", "index": 1, "option1": "a", "option2": "b", "option3": ""}


def test_names_that_an_older_server_does_not_have_are_left_out():
    named = {"format": "raw", "format.depth": 16, "name": "y"}
    assert values_of(box(1, "Maker", "raw", 16, "y", widgets_values_named=named)) == {
        "format": "raw", "name": "y",
    }  # fmt: skip


def test_links_of_inputs_that_grew_keep_their_names():
    grown = [takes("texts.text0", "STRING", 1), takes("texts.text1", "STRING", 2)]
    joiner = box(1, "Joiner", 0.25, inputs=grown)
    finder = box(2, "SAM3Grounding", 0.2, "dog", -1, outputs=gives(*"abcd"))
    found = inputs(sheet(finder, joiner, links=[[1, 2, 2, 1, 0, "*"], [2, 2, 3, 1, 1, "*"]]))["1"]
    assert found == {"amount": 0.25, "texts.text0": ["2", 2], "texts.text1": ["2", 3]}


def test_choices_that_a_choice_brings_along_are_read_by_name():
    named = {"format": "png", "format.depth": 16, "name": "y", "other": 1}
    file = box(1, "Maker", "png", 16, "y", widgets_values_named=named)
    assert values_of(file) == {"format": "png", "format.depth": 16, "name": "y"}


def test_a_file_that_is_not_there_is_no_reason_to_refuse():
    assert values_of(loads(1, "gone.png")) == {"image": "gone.png"}
