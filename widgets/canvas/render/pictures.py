"""Turns arrays of the caller into the scene: levels are built beside the window when large."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from PySide6.QtCore import QObject, Slot

from widgets.canvas.render import mipmap as pyramids
from widgets.canvas.render.level_builder import LevelBuilder
from widgets.canvas.render.mipmap import Mipmap, Pixels
from widgets.canvas.render.scene import (
    Colour,
    MaskMode,
    MaskOutline,
    ScenePatch,
    ShownPicture,
    patches_of,
)
from widgets.canvas.render.screen import Screen
from widgets.canvas.view import EMPTY, Box

RING_COLOUR: Colour = (255, 176, 0)
HOVER_COLOUR: Colour = (255, 255, 255)


class Pictures(QObject):
    """Holds what the scene is made of; the arrays stay the caller's."""

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        self._screen = screen
        self._before: Pixels | Sequence[ScenePatch] | None = None
        self._patches: tuple[Mipmap, ...] = ()
        self._edges: dict[str, tuple[MaskOutline, ...]] = {}
        self._covered: tuple[Mipmap, Box] | None = None  # the mask, while a preview is shown
        self._levels = LevelBuilder(self, "canvas-levels")
        self._levels.built.connect(self._on_built)
        self._levels_before = LevelBuilder(self, "canvas-before")
        self._levels_before.built.connect(self._on_before_built)
        self._levels_alpha = LevelBuilder(
            self, "canvas-alpha", make=pyramids.of_alpha, soon=pyramids.coarse_alpha
        )
        self._levels_alpha.built.connect(self._show_alpha)

    @property
    def picture(self) -> Mipmap | None:
        after = self._screen.scene.after
        return after.picture if after else None

    @property
    def size(self) -> tuple[int, int]:
        picture = self.picture
        return (picture.width, picture.height) if picture else (0, 0)

    @property
    def is_building(self) -> bool:
        builders = (self._levels, self._levels_before, self._levels_alpha)
        return any(builder.is_busy for builder in builders)

    def clear(self) -> None:
        """Show nothing."""
        scene = self._screen.scene
        self._patches, self._edges, self._before = (), {}, None
        self._covered = None
        self._levels.forget()
        self._levels_before.forget()
        self._levels_alpha.forget()
        self._screen.set_scene(
            replace(
                scene, after=None, before=None, alpha=None, mask=None, mask_box=EMPTY, edges=(),
                split=None, show_before=False,
            )
        )  # fmt: skip

    def set_image(self, view: Pixels, changed: Box | None = None) -> None:
        """Show an (H, W, 3) array without a copy; `changed` says where it differs from the last."""
        height, width = view.shape[:2]
        same = self.picture is not None and self.size == (width, height)
        if same and changed is not None:
            assert self.picture is not None
            if not self._levels.is_busy:
                self.picture.levels[0] = view
                self.refresh_image(changed)
                return
        if not same:
            self.clear()
        self._show(self._levels.build(view, self.picture if same else None))

    def set_preview(self, small: Pixels, width: int, height: int) -> None:
        """Show a smaller copy at the full size, until the picture itself is there."""
        if self.size != (width, height):
            self.clear()
        self._levels.forget()
        self._show(pyramids.of_preview(small, width, height))

    def refresh_image(self, box: Box) -> None:
        """Show what changed in place."""
        if self.picture is None:
            return
        self._levels.note(box)
        self.picture.refresh(box)
        self._screen.mark(box, picture=True)

    @Slot(object)
    def _on_built(self, built: Mipmap) -> None:
        self._show(built)

    @Slot(object)
    def _on_before_built(self, built: Mipmap) -> None:
        self._screen.set_scene(replace(self._screen.scene, before=ShownPicture(built)))

    def _show(self, picture: Mipmap) -> None:
        after = ShownPicture(picture, self._patches)
        self._screen.set_scene(replace(self._screen.scene, after=after))
        if self._before is not None and not isinstance(self._before, np.ndarray):
            self.set_before(self._before)

    def set_alpha(self, alpha: Pixels | None) -> None:
        """Show squares through an (H, W) uint8 alpha channel; None is opaque."""
        self._levels_alpha.forget()
        self._show_alpha(None if alpha is None else self._levels_alpha.build(alpha))

    @Slot(object)
    def _show_alpha(self, alpha: Mipmap | None) -> None:
        self._screen.set_scene(replace(self._screen.scene, alpha=alpha))

    def set_mask(self, mask: Pixels | None, changed: Box | None = None) -> None:
        """Show an (H, W) mask without a copy; `changed` says where it differs from the last."""
        self.set_mask_preview(None)
        known = self._screen.scene.mask
        if mask is not None and known is not None and mask.shape == (known.height, known.width):
            known.levels[0] = mask
            self.refresh_mask(changed or known.box)
            return
        levels, marked = None, EMPTY
        if mask is not None:
            levels, marked = pyramids.of_mask(mask), _bounds(mask)
            levels.refresh(marked)
        self._screen.set_scene(replace(self._screen.scene, mask=levels, mask_box=marked))

    def refresh_mask(self, box: Box) -> None:
        """Show what changed in place; costs what is or was marked inside the box."""
        self.set_mask_preview(None)
        scene = self._screen.scene
        if scene.mask is None:
            return
        box = box.clip(scene.mask.box)
        assert scene.mask.levels[0] is not None
        marked = _bounds(scene.mask.levels[0][box.top : box.bottom, box.left : box.right])
        marked = marked.shift(box.left, box.top) if not marked.is_empty else EMPTY
        changed = box.clip(scene.mask_box).join(marked)
        scene.mask.refresh(changed)
        whole = box.clip(scene.mask_box) == scene.mask_box
        self._screen.set_mask_box(marked if whole else scene.mask_box.join(marked))
        self._screen.mark(changed, picture=False)

    def set_mask_preview(self, small: Pixels | None, box: Box = EMPTY) -> None:
        """Show a reduced mask that covers a box in the place of the mask; None brings it back."""
        scene, covered = self._screen.scene, self._covered
        if small is None and covered is not None:
            self._covered = None
            self._screen.set_mask(*covered)
        elif small is not None and scene.mask is not None:
            self._covered = covered or (scene.mask, scene.mask_box)
            depth = len(scene.mask.levels)
            self._screen.set_mask(pyramids.of_part_preview(small, box, depth), box)

    def set_mask_style(self, mode: MaskMode, colour: Colour, opacity: float) -> None:
        scene = self._screen.scene
        self._screen.set_scene(replace(scene, mode=mode, colour=colour, opacity=opacity))

    def set_patches(self, patches: Sequence[ScenePatch]) -> None:
        """Lay patches over the picture, without changing it."""
        picture = self.picture
        if picture is None:
            return
        self._patches = patches_of(patches, len(picture.levels))
        after = ShownPicture(picture, self._patches)
        self._screen.set_scene(replace(self._screen.scene, after=after))

    def set_before(self, source: Pixels | Sequence[ScenePatch] | None) -> None:
        """The other version: a whole picture, or patches that turn this one back."""
        self._before = source
        self._levels_before.forget()
        picture = self.picture
        before = None
        if source is not None and picture is not None:
            if isinstance(source, np.ndarray):
                before = ShownPicture(self._levels_before.build(source))
            else:
                before = ShownPicture(picture, patches_of(source, len(picture.levels)))
        self._screen.set_scene(replace(self._screen.scene, before=before))

    def show_before(self, shown: bool) -> None:
        self._screen.set_scene(replace(self._screen.scene, show_before=shown))

    def set_split(self, split: float | None) -> None:
        self._screen.set_scene(replace(self._screen.scene, split=split))

    def set_outlines(self, key: str, outlines: Sequence[tuple[int, int, Pixels, Colour]]) -> None:
        """Outlines of masks (x, y, (h, w) mask, colour); those of the same key are replaced."""
        self._set_edges(key, outlines, hatched=False)

    def set_hover(self, small: Pixels | None, box: Box = EMPTY) -> None:
        """Outline a reduced mask that covers a box; None ends it."""
        picture = self.picture
        if picture is None or (small is None and not self._edges.get("hover")):
            return
        edges: tuple[MaskOutline, ...] = ()
        if small is not None:
            mask = pyramids.of_part_preview(small, box, len(picture.levels))
            edges = (MaskOutline(mask, HOVER_COLOUR),)
        self._show_edges("hover", edges)

    def set_ring(self, ring: tuple[int, int, Pixels] | None) -> None:
        """Hatch what may change around the mask: x, y and the (h, w) blend."""
        self._set_edges("ring", [(*ring, RING_COLOUR)] if ring else [], hatched=True)

    def _set_edges(
        self, key: str, outlines: Sequence[tuple[int, int, Pixels, Colour]], *, hatched: bool
    ) -> None:
        picture = self.picture
        if picture is None or (not outlines and not self._edges.get(key)):
            return
        depth = len(picture.levels)
        known = {(id(edge.source), edge.colour): edge for edge in self._edges.get(key, ())}
        edges = tuple(
            known.get((id(mask), colour))
            or MaskOutline(pyramids.of_part(mask, x, y, depth), colour, hatched, mask)
            for x, y, mask, colour in outlines
        )
        self._show_edges(key, edges)

    def _show_edges(self, key: str, edges: tuple[MaskOutline, ...]) -> None:
        self._edges[key] = edges
        self._screen.set_edges(tuple(edge for found in self._edges.values() for edge in found))


def _bounds(mask: Pixels) -> Box:
    if not mask.size:
        return EMPTY
    x, y, width, height = cv2.boundingRect(mask)
    return Box(x, y, x + width, y + height)
