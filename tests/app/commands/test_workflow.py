"""Which of several pictures of a workflow is the one that is worked on."""

from app.commands.workflow import made_of
from tests.engine.workflow.local_graphs import node, painting, removal


def test_pictures_that_only_say_where_are_none():
    graph = {"0": node("LoadImage", image="marks.png"), **painting()}
    graph["00"] = node("ImageToMask", image=("0", 0), channel="red")
    graph["20"]["inputs"]["mask"] = ["00", 0]
    assert made_of(graph) == ["1"]


def test_that_of_the_most_results_comes_first():
    graph = {"0": node("LoadImage", image="b.png"), **removal()}
    graph["6"] = node("SaveImage", images=("0", 0), filename_prefix="b")
    graph["7"] = node("Image Comparer (rgthree)", image_a=("0", 0), image_b=("3", 0))
    assert made_of(graph) == ["1", "0"]


def test_masks_are_made_of_no_picture():
    graph = {
        "1": node("LoadImageMask", image="mask.png", channel="red"),
        "2": node("MaskToImage", mask=("1", 0)),
        "3": node("SaveImage", images=("2", 0), filename_prefix="mask"),
    }
    assert made_of(graph) == []
