"""The mask sliders: a preview while they move, the exact mask from a worker when they rest."""

from dataclasses import replace
from functools import partial

import cv2
import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from app.commands.adjust import AdjustWork, MaskArea, SnapWork, SoftenWork
from app.document.uniform_tiles import MaskSnapshot
from app.services.jobs import JobQueue
from app.session.session import Session, put_points_away
from engine.geometry import Mask, Rect
from engine.jobs.requests import Priority
from engine.selection.adjust import Adjustments, adjust

PREVIEW_SIDE_PX = 1024
NEUTRAL = Adjustments()


class MaskAdjuster(QObject):
    """Every setting counts from the mask as it was when the sliders left their rest."""

    values_changed = Signal()
    previewed = Signal(object, object)  # Mask reduced, Rect it covers; (None, None): no more

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._base: MaskSnapshot | None = None
        self._small: tuple[Rect, Mask] | None = None
        self._writing = False
        self.values = NEUTRAL
        session.opened.connect(self._on_mask_changed)
        session.mask_changed.connect(self._on_mask_changed)

    def preview(self, values: Adjustments) -> None:
        """Show what the sliders say, at the screen's resolution; the document stays."""
        base = self._begin()
        if base is None:
            return
        self.values = values
        rect, small = self._reduced(base)
        scale = small.shape[1] / rect.width
        self.previewed.emit(adjust(small, values, scale), rect)

    def commit(self, values: Adjustments) -> None:
        """Write what the sliders say, as one step."""
        base = self._begin()
        if base is None:
            return
        self.values = values
        self.values_changed.emit()
        self._ask(AdjustWork(base=base, values=values), "Adjust mask")

    def nudge(self, *, grow_px: float = 0, feather_px: float = 0, smooth_px: float = 0) -> None:
        """A step more of one setting, for the keyboard."""
        values = self.values
        self.commit(
            replace(
                values,
                grow_px=values.grow_px + grow_px,
                feather_px=values.feather_px + feather_px,
                smooth_px=values.smooth_px + smooth_px,
            )
        )

    def toggle_fill_holes(self) -> None:
        self.commit(replace(self.values, fill_holes=not self.values.fill_holes))

    def drop_islands(self) -> None:
        """Drop areas below a thousandth of what is marked; again: ten times that."""
        base = self._begin()
        area_px = cv2.countNonZero(base.part(base.area)) if base is not None else 0
        wanted_px = max(self.values.min_island_px * 10, area_px // 1000, 16)
        self.commit(replace(self.values, min_island_px=min(wanted_px, 10_000_000)))

    def snap(self) -> None:
        """Draw the outline to the edges in the picture."""
        document = self._session.document
        if document is None or self._session.is_editing or not self._session.has_mask:
            return
        lease = document.lease()
        radius_px = max(3, round(max(document.size) / 500))
        work = SnapWork(view=lease.view, mask=lease.mask, radius_px=radius_px)
        self._ask(work, "Snap to edges", keep=lease)

    def soften(self) -> None:
        """Give the selection a soft edge along hair and fur."""
        document = self._session.document
        if document is None or self._session.is_editing or not self._session.has_mask:
            return
        lease = document.lease()
        self._ask(SoftenWork(view=lease.view, mask=lease.mask), "Soft edge", keep=lease)

    def _begin(self) -> MaskSnapshot | None:
        document = self._session.document
        if document is None or self._session.is_editing or not self._session.has_mask:
            return None
        if self._base is None:
            self._base = document.mask_snapshot()
            self._small = None
        return self._base

    def _reduced(self, base: MaskSnapshot) -> tuple[Rect, Mask]:
        """The marked area and some room around it, no larger than a screen."""
        if self._small is None:
            rect = base.area.pad(max(base.area.size) // 8 + 64).clamp(base.size)
            step = 1
            while step < 64 and max(rect.size) > 4 * PREVIEW_SIDE_PX * step:
                step *= 2
            mask = base.part(rect, step)
            scale = min(1.0, PREVIEW_SIDE_PX / max(rect.size))
            size = (max(1, round(rect.width * scale)), max(1, round(rect.height * scale)))
            small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
            self._small = rect, np.asarray(small, np.uint8)
        return self._small

    def _ask(
        self, work: AdjustWork | SnapWork | SoftenWork, label: str, keep: object = None
    ) -> None:
        self._session.jobs.ask(
            "adjust",
            work,
            partial(self._on_done, self._session.serial, label),
            queue=JobQueue.MASKS,
            priority=Priority.CLICK,
            replaces="adjust",
            keep=keep,
        )
        self._session.changed.emit()  # a verb may wait for the selection

    def _on_done(self, serial: int, label: str, area: MaskArea) -> None:
        document = self._session.document
        if document is None or serial != self._session.serial or self._session.is_editing:
            return
        whole = area.rect.union(self._session.bounds())
        mask = np.zeros((whole.height, whole.width), np.uint8)
        mask[area.rect.moved(-whole.x, -whole.y).slices] = area.mask
        self._writing = label == "Adjust mask"
        if (edit := self._session.edit(label)) is not None:
            with edit:
                edit.touch("mask", whole)
                edit.mask[whole.slices] = mask
                put_points_away(edit)
        self._writing = False
        self.previewed.emit(None, None)

    @Slot()
    @Slot(object)
    def _on_mask_changed(self, _: object = None) -> None:
        """Somebody else wrote: the sliders count from there."""
        if self._writing:
            return
        self._base = self._small = None
        if self.values != NEUTRAL:
            self.values = NEUTRAL
            self.values_changed.emit()
        self.previewed.emit(None, None)
