import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import PlaceOutside, RecipeInvalid
from engine.geometry import Rect, Size
from engine.inpaint.crops import RemoveOptions
from engine.jobs.requests import Click
from engine.recipes.recipe import MAX_BYTES, OutputOptions, load, parse
from engine.recipes.steps import AdjustStep, MaskPath, RemoveStep, SelectStep
from engine.selection.adjust import Adjustments
from engine.selection.masks import CombineMode

FULL = """
lacuna: 1
steps:
  - select: {points: [[120, 34.5], ["50%", "25%"]], not: [[10, 10]], candidate: 2}
  - select: {box: ["10%", 20, "30%", 40], mode: add}
  - adjust: {grow: -2.5, feather: 3, smooth: 1, fill_holes: true, min_island: 9, invert: false}
  - remove: {grow: 6, feather: 0, context: 50, match: 0.5, seed: 11}
  - select: {mask: marks/m.png}
  - remove:
output: {format: jpeg, quality: 80, private: true}
"""


def test_every_field_arrives(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(FULL)
    recipe = load(tmp_path / "r.yaml")
    points, box, adjust, remove, mask, plain = recipe.steps
    size = Size(1000, 400)
    assert isinstance(points, SelectStep)
    assert [point.click(size) for point in points.points] == [
        Click(120, 34.5), Click(500, 100), Click(10, 10, False),
    ]  # fmt: skip
    assert points.candidate == 2
    assert isinstance(box, SelectStep)
    assert box.mode is CombineMode.ADD
    assert box.boxes[0].rect(size) == Rect(100, 20, 300, 40)
    assert box.boxes[0].rect(Size(50, 30)) == Rect(5, 20, 15, 10)
    assert adjust == AdjustStep(
        adjustments=Adjustments(
            grow_px=-2.5, feather_px=3, smooth_px=1, fill_holes=True, min_island_px=9
        )
    )
    assert isinstance(remove, RemoveStep)
    assert remove.seed == 11
    assert remove.options(size) == RemoveOptions(grow_px=6, feather_px=0, context_px=50, match=0.5)
    assert isinstance(mask, SelectStep)
    assert mask.masks == (MaskPath(name="marks/m.png", folder=tmp_path),)
    assert plain == RemoveStep()
    assert RemoveStep().options(size) == RemoveOptions.for_size(size)
    assert recipe.output == OutputOptions(format="jpeg", quality=80, private=True)


POINT = "select: {points: [[1, 2]]}"


@pytest.mark.parametrize(
    ("text", "where", "reason"),
    [
        ("", "the recipe", "expected names"),
        ("lacuna: [", "line 1 of the recipe", "no YAML"),
        ("lacuna: 2\nsteps: []", "the recipe, lacuna", "from 1 to 1"),
        ("steps: []", "the recipe", "lacuna: 1"),
        ("lacuna: 1", "the recipe", "no steps"),
        ("lacuna: 1\nstep: []", "the recipe", "does not know 'step'; allowed: lacuna, steps"),
        ("lacuna: 1\nsteps: [remove]", "step 1", "one of select, find, adjust, remove"),
        ("lacuna: 1\nsteps: [{crop: {}}]", "step 1 (crop)", "allowed: select"),
        ("lacuna: 1\nsteps: [remove: {}]", "step 1", "put a select or find before"),
        (
            f"lacuna: 1\nsteps: [{POINT}, remove: , remove: ]",
            "step 3",
            "put a select or find before",
        ),
        (f"lacuna: 1\nsteps: [{POINT}, remove: {{grow: -1}}]", "step 2 (remove), grow", "0 to 500"),
        (f"lacuna: 1\nsteps: [{POINT}, remove: {{grow: 1.5}}]", "step 2 (remove), grow", "whole"),
        (f"lacuna: 1\nsteps: [{POINT}, remove: {{grow: yes}}]", "step 2 (remove), grow", "True"),
        (f"lacuna: 1\nsteps: [{POINT}, remove: {{match: .nan}}]", "step 2 (remove), match", "nan"),
        (f"lacuna: 1\nsteps: [{POINT}, remove: {{size: 3}}]", "step 2 (remove)", "allowed: match"),
        ("lacuna: 1\nsteps: [select: {}]", "step 1 (select)", "exactly one of"),
        ("lacuna: 1\nsteps: [select: {not: [[1, 2]]}]", "step 1 (select)", "not under 'not'"),
        ("lacuna: 1\nsteps: [select: {points: [[1]]}]", "step 1 (select), points", "2 numbers"),
        ("lacuna: 1\nsteps: [select: {points: [[1, x%]]}]", "step 1 (select), points", "no perc"),
        ("lacuna: 1\nsteps: [select: {points: 3}]", "step 1 (select), points", "list of at most"),
        ("lacuna: 1\nsteps: [select: {mask: 3}]", "step 1 (select), mask", "file name"),
        (
            "lacuna: 1\nsteps: [select: {mask: a, mode: xor}]",
            "step 1 (select), mode",
            "replace, add, subtract, intersect",
        ),
        (f"lacuna: 1\nsteps: [{POINT}]\noutput: {{format: gif}}", "output, format", "png, jpeg"),
        (f"lacuna: 1\nsteps: [{POINT}, adjust: {{invert: 1}}]", "step 2 (adjust), invert", "true"),
    ],
)
def test_what_is_wrong_is_named_with_what_is_allowed(text: str, where: str, reason: str) -> None:
    with pytest.raises(RecipeInvalid) as caught:
        parse(text.encode(), Path())
    assert caught.value.where == where
    assert reason in caught.value.reason


def test_a_file_that_is_missing_or_huge_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeInvalid, match="No such file"):
        load(tmp_path / "none.yaml")
    (tmp_path / "huge.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(RecipeInvalid, match="longer than"):
        load(tmp_path / "huge.yaml")
    with pytest.raises(RecipeInvalid, match="longer than"):
        parse(b"#" * (MAX_BYTES + 1), tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"!!python/object/apply:os.system [echo]",
        b"[" * 50_000,
        b"\xff\xfe\x00",
        b"a: &a [x]\nb: &b [*a, *a, *a, *a]\nc: [*b, *b, *b, *b]",
        b"? [1, 2]\n: 3",
        b"lacuna: 1\nsteps: [{[1]: 2}]",
        b"lacuna: 2026-13-45",
    ],
)
def test_hostile_yaml_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(RecipeInvalid):
        parse(content, Path())


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_a_recipe_or_refused(content: bytes) -> None:
    with contextlib.suppress(RecipeInvalid):
        parse(b"lacuna: 1\n" + content, Path())


def test_places_beside_the_picture_are_refused_with_both_numbers(tmp_path: Path) -> None:
    step = parse(b"lacuna: 1\nsteps: [select: {points: [[500, 150]]}]", tmp_path).steps[0]
    assert isinstance(step, SelectStep)
    with pytest.raises(PlaceOutside) as caught:
        step.points[0].click(Size(400, 300))
    assert (caught.value.place, caught.value.size) == ("500, 150", "400 x 300")
    assert step.points[0].click(Size(501, 300)) == Click(500, 150)


def test_points_go_with_boxes_and_masks_are_one_or_several(tmp_path: Path) -> None:
    text = (
        "lacuna: 1\nsteps: [select: {points: [[1, 2]], box: [1, 2, 3, 4], boxes: [[5, 6, 7, 8]]}]"
    )
    step = parse(text.encode(), tmp_path).steps[0]
    assert isinstance(step, SelectStep)
    assert (len(step.points), len(step.boxes)) == (1, 2)
    step = parse(b"lacuna: 1\nsteps: [select: {mask: [a.png, b.png]}]", tmp_path).steps[0]
    assert isinstance(step, SelectStep)
    assert [mask.name for mask in step.masks] == ["a.png", "b.png"]


def test_a_step_may_select_the_subject() -> None:
    (step,) = parse(b"lacuna: 1\nsteps:\n  - select: {subject: true, mode: add}\n", Path()).steps
    assert step == SelectStep(subject=True, mode=CombineMode.ADD)


@pytest.mark.parametrize("other", ["points: [[1, 2]]", "box: [1, 2, 3, 4]", "mask: a.png"])
def test_the_subject_stands_alone(other: str) -> None:
    with pytest.raises(RecipeInvalid, match="exactly one"):
        parse(f"lacuna: 1\nsteps:\n  - select: {{subject: true, {other}}}\n".encode(), Path())
