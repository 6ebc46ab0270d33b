"""The inputs of a Python call: pictures, masks and selections, as files, arrays and numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from app.commands import select
from app.commands.files import open_picture
from app.commands.writer import DirectWriter
from app.document.document import Document
from engine.dispatch.choice import AUTO, WANTED
from engine.errors import RecipeInvalid
from engine.geometry import Rect, Size
from engine.image_io.limits import Limits
from engine.picture import Picture
from engine.recipes.coordinates import BoxCoordinates, Coordinate, PointCoordinates, place
from engine.recipes.steps import FindStep, MaskPath, SelectStep
from engine.recipes.yaml_fields import checked
from engine.selection.masks import CombineMode

ImageSource: TypeAlias = str | Path | NDArray[Any]
"""A picture file, or (H, W) gray, (H, W, 3) RGB or (H, W, 4) RGBA, uint8 or uint16, sRGB."""

MaskSource: TypeAlias = str | Path | NDArray[Any]
"""A picture file that is white where something is marked, or (H, W) uint8 or bool."""

Coord: TypeAlias = float | str
"""Pixels from the left or upper edge, or a share of the side such as "25%"."""

Point: TypeAlias = tuple[Coord, Coord]
"""(x, y)"""

Box: TypeAlias = tuple[Coord, Coord, Coord, Coord]
"""(x, y, width, height)"""


@dataclass(frozen=True, slots=True, eq=False)
class MaskArray:
    """A mask that the caller made."""

    values: NDArray[Any]
    soft_edge: bool = False

    def mark(self, document: Document) -> None:
        """Raises RecipeInvalid for another kind of array, or another size."""
        values = self.values
        if values.ndim != 2 or values.dtype not in (np.uint8, np.bool_):
            raise RecipeInvalid(
                "mask", f"must be (H, W) uint8 or bool, found {values.shape} {values.dtype}"
            )
        select.check_size(Size.of(values), document.size, "mask")
        mask = np.where(values, np.uint8(255), np.uint8(0)) if values.dtype == bool else values
        rect, part = Rect.whole(document.size), mask.astype(np.uint8)
        if self.soft_edge:
            rect, part = select.softened(document, rect, part)
        select.apply(DirectWriter(document), rect, part, CombineMode.REPLACE)


def opened(image: ImageSource, limits: Limits) -> tuple[Document, str]:
    """The picture and a key that names its pixels. Raises FileErrors, RecipeInvalid."""
    if isinstance(image, str | Path):
        document = open_picture(Path(image), limits)
        return document, f"{Path(image).absolute()} {document.stamp}"
    return Document.from_picture(_picture(image)), uuid4().hex


def _picture(array: NDArray[Any]) -> Picture:
    """A copy of an array, as sRGB. Raises RecipeInvalid for an array of another kind."""
    channels = array.shape[2] if array.ndim == 3 else 1
    is_known = array.ndim in (2, 3) and channels in (1, 3, 4) and array.size > 0
    if not is_known or array.dtype not in (np.uint8, np.uint16):
        raise RecipeInvalid(
            "image",
            f"must be (H, W), (H, W, 3) or (H, W, 4) uint8 or uint16, "
            f"found {array.shape} {array.dtype}",
        )
    if channels == 1:
        return Picture(pixels=np.array(array.reshape(array.shape[:2]), order="C"))
    alpha = np.array(array[..., 3], order="C") if channels == 4 else None
    return Picture(pixels=np.array(array[..., :3], order="C"), alpha=alpha)


def selection(
    *,
    mask: MaskSource | None,
    point: Point | None,
    points: Sequence[Point],
    not_points: Sequence[Point],
    box: Box | None,
    boxes: Sequence[Box],
    text: str,
    subject: bool = False,
    engine: str = AUTO,
    soft_edge: bool = False,
) -> SelectStep | FindStep | MaskArray:
    """The one way to select that was given. Raises RecipeInvalid."""
    has_places = point is not None or bool(points) or box is not None or bool(boxes)
    if (mask is not None, bool(text.strip()), has_places, subject).count(True) != 1:
        raise RecipeInvalid("selection", "give exactly one of mask, points or boxes, text, subject")
    if text.strip():
        return FindStep(text=text.strip(), soft_edge=soft_edge)
    if mask is None:
        return select_step(
            point=point, points=points, not_points=not_points, box=box, boxes=boxes,
            subject=subject, engine=engine, soft_edge=soft_edge,
        )  # fmt: skip
    if isinstance(mask, str | Path):
        return SelectStep(masks=(MaskPath(name=str(mask)),), soft_edge=soft_edge)
    return MaskArray(mask, soft_edge)


def select_step(
    *,
    point: Point | None,
    points: Sequence[Point],
    not_points: Sequence[Point],
    box: Box | None,
    boxes: Sequence[Box],
    subject: bool = False,
    candidate: int = 1,
    engine: str = AUTO,
    soft_edge: bool = False,
) -> SelectStep:
    """By points and boxes, or of the subject. Raises RecipeInvalid."""
    clicks = [*([point] if point is not None else []), *points]
    rects = [*([box] if box is not None else []), *boxes]
    if bool(clicks or rects) == subject:
        raise RecipeInvalid("selection", "give point, points, box or boxes; or subject")
    return SelectStep(
        points=(*(_point(p, True) for p in clicks), *(_point(p, False) for p in not_points)),
        boxes=tuple(map(box_of, rects)),
        subject=subject,
        candidate=int(checked(candidate, "candidate", 1, 3)),
        engine=one_of(engine, "engine", WANTED),
        soft_edge=soft_edge,
    )


def _point(point: Point, positive: bool) -> PointCoordinates:
    if len(point) != 2:
        raise RecipeInvalid("point", f"must be (x, y), found {point!r}")
    x, y = (_coordinate(each, "point") for each in point)
    return PointCoordinates(x, y, positive)


def box_of(box: Box) -> BoxCoordinates:
    """Raises RecipeInvalid."""
    if len(box) != 4:
        raise RecipeInvalid("box", f"must be (x, y, width, height), found {box!r}")
    return BoxCoordinates(*(_coordinate(each, "box") for each in box))


def _coordinate(value: Coord, name: str) -> Coordinate:
    """Also of a number of numpy."""
    return place(value if isinstance(value, str) else float(value), name)


def one_of(value: str, name: str, allowed: Sequence[str]) -> str:
    """The value of an argument, if it is allowed. Raises RecipeInvalid."""
    if value not in allowed:
        raise RecipeInvalid(name, f"must be one of {', '.join(allowed)}, found {value!r}")
    return value
