"""Selections of several boxes, points and mask files; the mask file for a picture."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil

from app.commands import select
from app.commands.mask_path import mask_path
from app.document.document import Document
from engine.errors import MaskInvalid, PlaceOutside
from engine.geometry import Rect
from engine.jobs.requests import Click
from engine.picture import Picture
from engine.recipes.coordinates import BoxCoordinates, PointCoordinates, place
from engine.recipes.steps import MaskPath, SelectStep


def document(path: Path | None = None) -> Document:
    return Document.from_picture(Picture(pixels=np.zeros((60, 80, 3), np.uint8)), path)


def point(x: float, y: float, positive: bool = True) -> PointCoordinates:
    return PointCoordinates(place(x, ""), place(y, ""), positive)


def box(*numbers: float) -> BoxCoordinates:
    return BoxCoordinates(*(place(number, "") for number in numbers))


def test_points_go_with_the_only_box() -> None:
    step = SelectStep(points=(point(70, 50), point(1, 1, False)), boxes=(box(5, 5, 20, 20),))
    (request,) = select.plan(step, document(), "k")
    assert request.box == Rect(5, 5, 20, 20)
    assert request.clicks == (Click(70, 50), Click(1, 1, False))


def test_points_go_with_the_box_they_lie_in_or_alone() -> None:
    points = (point(10, 10), point(70, 50), point(1, 1, False))
    step = SelectStep(points=points, boxes=(box(5, 5, 20, 20), box(40, 5, 20, 20)))
    first, second, alone = select.plan(step, document(), "k")
    outside = Click(1, 1, False)
    assert (first.box, first.clicks) == (Rect(5, 5, 20, 20), (Click(10, 10), outside))
    assert (second.box, second.clicks) == (Rect(40, 5, 20, 20), (outside,))
    assert (alone.box, alone.clicks) == (None, (Click(70, 50), outside))


@pytest.mark.parametrize(("x", "y"), [(80, 10), (10, 60), (-1, 10), (500, 150)])
def test_a_point_outside_is_refused_with_both_numbers(x: float, y: float) -> None:
    with pytest.raises(PlaceOutside) as caught:
        select.plan(SelectStep(points=(point(x, y),)), document(), "k")
    assert caught.value.args == (f"{x}, {y}", "80 x 60")


def test_a_box_may_reach_over_the_edge_but_not_lie_beside() -> None:
    (request,) = select.plan(SelectStep(boxes=(box(70, 50, 50, 50),)), document(), "k")
    assert request.box == Rect(70, 50, 10, 10)
    with pytest.raises(PlaceOutside):
        select.plan(SelectStep(boxes=(box(90, 10, 20, 20),)), document(), "k")


def test_mask_files_add_up(tmp_path: Path) -> None:
    for number in (0, 1):
        mask = np.zeros((60, 80), np.uint8)
        mask[:, 20 * number : 20 * number + 10] = 255
        Pil.fromarray(mask).save(tmp_path / f"{number}.png")
    step = SelectStep(masks=tuple(MaskPath(name=str(tmp_path / f"{n}.png")) for n in (0, 1)))
    mask, paths, notes = select.masks_of_files(step, document())
    assert [path.name for path in paths] == ["0.png", "1.png"]
    assert np.count_nonzero(mask) == 2 * 600
    assert notes == ()


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a_mask.png", "a.tif"])
def test_a_folder_has_the_mask_of_the_pictures_name(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    (tmp_path / "b.png").touch()
    assert mask_path(MaskPath(name=str(tmp_path)), Path("in/a.jpg")) == tmp_path / name


def test_a_name_stands_for_the_picture(tmp_path: Path) -> None:
    (tmp_path / "a-m.png").touch()
    source = MaskPath(name=str(tmp_path / "{name}-m.png"))
    assert mask_path(source, Path("in/a.jpg")) == tmp_path / "a-m.png"
    with pytest.raises(MaskInvalid) as caught:
        mask_path(source, Path("b.jpg"))
    assert caught.value.reason == "missing"
    with pytest.raises(MaskInvalid) as caught:
        mask_path(MaskPath(name=str(tmp_path)), None)
    assert caught.value.reason == "missing"


@pytest.mark.parametrize("name", ["../m.png", "link.png", "deep/../../m.png", "{name}/m.png"])
def test_a_recipe_reaches_nothing_outside_its_folder(name: str, tmp_path: Path) -> None:
    (tmp_path / "m.png").touch()
    folder = tmp_path / "recipe"
    (folder / "deep").mkdir(parents=True)
    (folder / "link.png").symlink_to(tmp_path / "m.png")
    with pytest.raises(MaskInvalid) as caught:
        mask_path(MaskPath(name=name, folder=folder), Path("in/...png"))
    assert caught.value.reason == "outside"


def test_an_absolute_path_of_a_recipe_is_outside(tmp_path: Path) -> None:
    (tmp_path / "m.png").touch()
    folder = tmp_path / "recipe"
    folder.mkdir()
    with pytest.raises(MaskInvalid) as caught:
        mask_path(MaskPath(name=str(tmp_path / "m.png"), folder=folder), Path("a.png"))
    assert caught.value.reason == "outside"
