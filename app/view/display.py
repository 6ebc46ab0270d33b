"""Keeps the canvas in step with the session: picture, mask, points, ring, objects, variants."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.document.uniform_tiles import MaskSnapshot
from app.services.jobs import JobQueue
from app.session.click_selector import ClickSelector
from app.session.mask_adjuster import MaskAdjuster
from app.session.objects import Objects
from app.session.painter import Painter
from app.session.remover import Remover
from app.session.session import NOWHERE, Session
from app.session.variants import Variants
from app.view.clipboard import as_8_bit
from app.view.step_preview import StepPreview
from engine.geometry import Mask, Rect
from engine.inpaint import crops
from engine.inpaint.crops import RemoveOptions
from engine.jobs.backend import JobContext
from engine.jobs.requests import Priority
from engine.picture import FirstView
from widgets.canvas.canvas import Canvas
from widgets.canvas.render.scene import Colour, ScenePatch

RING_DELAY_MS = 120
MAX_OUTLINES = 250
"""So many objects are outlined at once: a frame with more would take seconds."""
OBJECT_COLOURS: tuple[Colour, ...] = (
    (86, 180, 233),
    (230, 159, 0),
    (0, 158, 115),
    (204, 121, 167),
    (240, 228, 66),
    (213, 94, 0),
)
"""Okabe and Ito's set, told apart by colour-blind eyes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RingWork:
    """Up to where a removal may change the picture."""

    mask: MaskSnapshot
    options: RemoveOptions

    def run(self, job: JobContext) -> tuple[int, int, Mask]:
        job.report(0.0)
        rect = self.mask.area.pad(self.options.reach_px + 1).clamp(self.mask.size)
        return rect.x, rect.y, crops.ring(self.mask.part(rect), self.options)


class Display(QObject):
    """Listens to the session, calls the canvas."""

    tried = Signal()  # something that is not in the picture is shown in it, or no longer

    def __init__(
        self,
        canvas: Canvas,
        session: Session,
        selecting: ClickSelector,
        adjusting: MaskAdjuster,
        objects: Objects,
        removing: Remover,
        painting: Painter,
        variants: Variants,
    ) -> None:
        super().__init__(canvas)
        self._canvas, self._session = canvas, session
        self._selecting, self._objects, self._variants = selecting, objects, variants
        self._sources = {"remove": removing, "paint": painting}
        self._source = "remove"
        self._steps = StepPreview(session, self)
        self._trial: object = None  # what is shown in the picture and is not in it
        self.is_trying = False  # and nothing may lie over it
        self._shown: dict[str, int] = {}  # where the arrays lie that the canvas holds
        self._shows_ring = True
        self._is_bare = False
        self.on_image: Callable[[], None] = lambda: None
        self._ring_timer = QTimer(self, singleShot=True, interval=RING_DELAY_MS)
        self._ring_timer.timeout.connect(self._ask_ring)
        self._connect(adjusting)

    def _connect(self, adjusting: MaskAdjuster) -> None:
        session = self._session
        session.opened.connect(self._on_opened)
        session.image_changed.connect(self._on_image_changed)
        session.mask_changed.connect(self._on_mask_changed)
        session.mask_painted.connect(self._on_mask_painted)
        session.marks_changed.connect(self._on_marks_changed)
        adjusting.previewed.connect(self._on_previewed)
        self._selecting.points_changed.connect(self._on_points_changed)
        self._variants.looked.connect(self._on_looked)
        self._steps.changed.connect(self._on_looked)
        for source in self._sources.values():
            source.options_changed.connect(self._ring_timer.start)

    def show_first(self, view: FirstView) -> None:
        """A small version while the file is still being read."""
        self._canvas.set_preview_image(view.image, view.size.width, view.size.height)

    def show_ring(self, shown: bool) -> None:
        self._shows_ring = shown
        self._ask_ring()

    def show_ring_of(self, source: str) -> None:
        """Up to where "remove" or "paint" may change the picture."""
        if source != self._source:
            self._source = source
            self._ring_timer.start()

    def show_bare(self, bare: bool) -> None:
        """Without the ring and the objects as well, when the selection is hidden."""
        if bare != self._is_bare:
            self._is_bare = bare
            self._ask_ring()
            self._show_objects()

    @property
    def shows_ring(self) -> bool:
        return self._shows_ring

    @Slot()
    def _on_opened(self) -> None:
        document = self._session.document
        self._shown = {}
        if document is None:
            self._canvas.clear()
            return
        self._canvas.set_image(document.view)
        self._canvas.set_alpha(as_8_bit(document.alpha))
        self._canvas.set_mask(document.mask)
        self._shown = {"image": place_of(document.view), "mask": place_of(document.mask)}
        self._canvas.set_patch_preview([])
        self._on_points_changed()
        self._show_objects()
        self._ask_ring()

    @Slot(object)
    def _on_image_changed(self, rects: tuple[Rect, ...]) -> None:
        document = self._session.document
        if document is None:
            return
        for rect in rects:
            if self._is_shown("image", document.view):
                self._canvas.refresh_image(*rect)
            else:
                self._canvas.set_image(document.view, _around(rects))
        self.on_image()

    @Slot(object)
    def _on_mask_changed(self, rects: tuple[Rect, ...]) -> None:
        for rect in rects:
            self._on_mask_painted(rect)
        self._ring_timer.start()
        self._set_trying(False)  # who selects has to see it, also over a variant

    @Slot(object)
    def _on_mask_painted(self, rect: Rect) -> None:
        document = self._session.document
        if document is None:
            return
        if self._is_shown("mask", document.mask):
            self._canvas.refresh_mask(*rect)
        else:
            self._canvas.set_mask(document.mask)

    @Slot(object)
    def _on_marks_changed(self, names: tuple[str, ...]) -> None:
        if "named" in names:
            self._show_objects()

    @Slot(object, object)
    def _on_previewed(self, small: Mask | None, rect: Rect | None) -> None:
        """The mask as the sliders would have it; the document's comes back after."""
        self._canvas.set_mask_preview(small, *(rect or NOWHERE))

    @Slot()
    def _on_points_changed(self) -> None:
        points = self._selecting.points
        self._canvas.marks.set_points(points.clicks)
        self._canvas.marks.set_band(points.box)

    @Slot()
    def _on_looked(self) -> None:
        """A variant the user looks at goes before the steps of one that is still painted."""
        patches = self._variants.preview or self._steps.patches
        self._canvas.set_patch_preview(
            [ScenePatch(p.rect.x, p.rect.y, p.pixels, p.blend) for p in patches]
        )
        trial = self._variants.current if self._variants.preview else bool(patches) or None
        if trial is not self._trial:
            self._trial = trial
            self._set_trying(trial is not None)

    def _set_trying(self, trying: bool) -> None:
        if trying != self.is_trying:
            self.is_trying = trying
            self.tried.emit()

    def _show_objects(self) -> None:
        """Outline the objects that are visible; of very many the last ones alone."""
        named = () if self._is_bare else self._objects.named
        visible = [(index, entry.mask) for index, entry in enumerate(named) if entry.visible]
        outlines = []
        for index, mask in visible[-MAX_OUTLINES:]:
            colour = OBJECT_COLOURS[index % len(OBJECT_COLOURS)]
            outlines.append((mask.area.x, mask.area.y, mask.unpack_part(mask.area), colour))
        self._canvas.set_outlines(outlines)

    @Slot()
    def _ask_ring(self) -> None:
        document = self._session.document
        if document is None or not self._session.has_mask or not self._wants_ring:
            self._canvas.set_ring(None)
            return
        self._session.jobs.ask(
            "ring",
            RingWork(mask=document.mask_snapshot(), options=self._sources[self._source].options),
            partial(self._on_ring, self._session.serial),
            queue=JobQueue.MASKS,
            priority=Priority.PREPARE,
            replaces="ring",
        )

    @property
    def _wants_ring(self) -> bool:
        return self._shows_ring and not self._is_bare

    def _on_ring(self, serial: int, ring: tuple[int, int, Mask]) -> None:
        if serial == self._session.serial and self._session.has_mask and self._wants_ring:
            self._canvas.set_ring(ring)

    def _is_shown(self, name: str, array: NDArray[np.generic]) -> bool:
        """Whether the canvas holds this very array; a write under a lease makes another."""
        place = place_of(array)
        same = self._shown.get(name) == place
        self._shown[name] = place
        return same


def place_of(array: NDArray[np.generic]) -> int:
    """Where an array lies in memory."""
    return int(array.__array_interface__["data"][0])


def _around(rects: tuple[Rect, ...]) -> Rect:
    whole = rects[0]
    for rect in rects[1:]:
        whole = whole.union(rect)
    return whole
