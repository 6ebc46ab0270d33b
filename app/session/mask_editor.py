"""Verbs that mark by hand: shapes, wand, strokes, all, none, invert."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.commands.files import MaskOfPixelsWork, OpenMaskWork
from app.document.history import Edit
from app.services.jobs import JobQueue
from app.session.session import MessageLevel, Session, is_marked, put_points_away
from app.text.notes import note
from engine.geometry import Image, Mask, Rect, Size
from engine.image_io.limits import Limits
from engine.image_io.mask_file import MaskFile, transparency_of
from engine.jobs.backend import JobContext
from engine.jobs.requests import Priority
from engine.picture import Picture
from engine.selection import masks
from engine.selection.brush import Brush, Stroke
from engine.selection.magic_wand import wand
from engine.selection.masks import CombineMode, combine


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WandWork:
    """Find what is coloured like one pixel."""

    view: Image
    x: float
    y: float
    tolerance: int
    contiguous: bool

    def run(self, job: JobContext) -> tuple[Rect, Mask]:
        job.report(0.0)
        return wand(self.view, self.x, self.y, self.tolerance, contiguous=self.contiguous)


class MaskEditor(QObject):
    """Writes what a gesture marks. A stroke is an edit that stays open while the button is down."""

    painted = Signal()  # a stroke of the brush is part of the selection now

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._edit: Edit | None = None
        self._stroke: Stroke | None = None
        self._erases = False
        self._stroke_end: tuple[float, float] | None = None
        session.opened.connect(self._on_opened)

    @property
    def can_reselect(self) -> bool:
        document = self._session.document
        is_known = document is not None and document.marks.deselected is not None
        return is_known and not self._session.has_mask

    def select_all(self) -> None:
        document, edit = self._session.document, self._session.edit("Select all")
        if document is None or edit is None:
            return
        with edit:
            edit.fill(Rect.whole(document.size), 255)
            put_points_away(edit)
            edit.set("origin", "all")

    def select_none(self) -> None:
        document = self._session.document
        area = self._session.bounds()
        if document is None or area.is_empty or (edit := self._session.edit("Select none")) is None:
            return
        with edit:
            edit.set("deselected", document.mask_snapshot().packed())
            edit.fill(area, 0)
            put_points_away(edit)
            edit.set("origin", "")

    def reselect(self) -> None:
        """Bring back what Select None took away."""
        document = self._session.document
        if document is not None and (mask := document.marks.deselected) is not None:
            self._session.write_mask("Reselect", mask.area, mask.unpack_part(mask.area), "reselect")

    def invert(self) -> None:
        if (edit := self._session.edit("Invert")) is None:
            return
        with edit:
            edit.invert()
            put_points_away(edit)
            edit.set("origin", "invert")

    def select_transparency(self) -> None:
        """Select what is transparent in the picture."""
        document = self._session.document
        if document is None or self._session.is_editing:
            return
        if document.alpha is None or not (mask := transparency_of(document.alpha)).any():
            text = self.tr("Nothing in this picture is transparent.")
            self._session.say(text, MessageLevel.WARNING)
            return
        self._put_whole("Transparency", mask, "transparency")

    def open_file(self, path: Path) -> None:
        """Make a mask file the selection; it is read by a worker."""
        if (document := self._session.document) is not None:
            limits = Limits(pixels=max(Limits().pixels, document.size.pixels))
            self._open(OpenMaskWork(path=path, size=document.size, limits=limits))

    def open_pixels(self, name: str, image: Image, alpha: Mask | None) -> None:
        """Make (H, W, 3) pixels the selection as if they were a file of that name."""
        if (document := self._session.document) is not None:
            picture = Picture(pixels=image, alpha=alpha)
            self._open(MaskOfPixelsWork(picture=picture, name=name, size=document.size))

    def _open(self, work: OpenMaskWork | MaskOfPixelsWork) -> None:
        if self._session.is_editing:
            return
        self._session.jobs.ask(
            "open",
            work,
            partial(self._on_mask_file, self._session.serial),
            queue=JobQueue.MASKS,
            priority=Priority.CLICK,
            replaces="mask file",
        )

    def _on_mask_file(self, serial: int, found: MaskFile) -> None:
        if serial != self._session.serial or self._session.is_editing:
            return
        self._put_whole("Open mask", found.mask, "file")
        for code in found.notes:
            self._session.say(note(code))

    def _put_whole(self, label: str, mask: Mask, origin: str) -> None:
        self._session.write_mask(label, Rect.whole(Size.of(mask)), mask, origin)

    def rectangle(self, box: Rect, mode: CombineMode) -> None:
        if (document := self._session.document) is not None:
            rect, mask = masks.rectangle(box, document.size)
            self.put("Rectangle", rect, mask, mode, "rectangle")

    def polygon(
        self, points: Sequence[tuple[float, float]], mode: CombineMode, *, label: str = "Polygon"
    ) -> None:
        document = self._session.document
        if document is not None and len(points) > 2:
            rect, mask = masks.polygon(points, document.size)
            self.put(label, rect, mask, mode, label.lower())

    def wand(
        self, x: float, y: float, mode: CombineMode, *, tolerance: int, contiguous: bool
    ) -> None:
        """Select by colour; the answer comes from a worker."""
        document = self._session.document
        if document is None or self._session.is_editing:
            return
        lease = document.lease(mask=False)
        work = WandWork(view=lease.view, x=x, y=y, tolerance=tolerance, contiguous=contiguous)
        self._session.jobs.ask(
            "wand",
            work,
            partial(self._on_wand, self._session.key, mode),
            queue=JobQueue.MASKS,
            priority=Priority.CLICK,
            replaces="wand",
            keep=lease,
        )
        self._session.changed.emit()  # a verb may wait for the selection

    def put(self, label: str, rect: Rect, part: Mask, mode: CombineMode, origin: str) -> None:
        """Combine a part with the selection, as one step."""
        document = self._session.document
        if document is None or self._session.is_editing:
            return
        if rect.is_empty or not is_marked(part):
            self._session.say(self.tr("That lies outside the picture."), MessageLevel.WARNING)
            return
        area, mask = combine(document.mask, rect, part, mode)
        self._session.write_mask(label, area, mask, origin)

    def begin_stroke(
        self, brush: Brush, x: float, y: float, *, pressure: float, erase: bool, line: bool = False
    ) -> None:
        """Start to paint or wipe; `line` draws a straight one from the end of the last stroke."""
        document = self._session.document
        edit = self._session.edit("Erase" if erase else "Brush")
        if document is None or edit is None:
            return
        self._edit = edit
        self._erases = erase
        start = self._stroke_end if line else None
        self._stroke = Stroke(document.size, brush, self._touch, erase=erase, start=start)
        self.extend_stroke([(x, y, pressure)])

    def extend_stroke(self, points: Sequence[tuple[float, float, float]]) -> None:
        """More positions (x, y, pressure) of the stroke."""
        if self._stroke is not None:
            self._announce(self._stroke.add(points))

    def end_stroke(self) -> bool:
        """One stroke is one undo step; False when there was none."""
        edit, stroke = self._edit, self._stroke
        if edit is None or stroke is None:
            return False
        self._announce(stroke.finish())
        self._stroke_end = stroke.end
        self._edit = self._stroke = None
        edit.set("origin", "brush")
        edit.commit()
        if not self._erases:
            self.painted.emit()
        return True

    def _touch(self, rect: Rect) -> Mask:
        """The mask to write to, with what is there kept for undo."""
        if self._edit is None:
            raise RuntimeError("a stroke without an edit")
        self._edit.touch("mask", rect)
        return self._edit.mask

    def _announce(self, rects: Sequence[Rect]) -> None:
        for rect in rects:
            self._session.mask_painted.emit(rect)

    def cancel_stroke(self) -> bool:
        """Take the stroke back; False when there is none."""
        edit = self._edit
        self._edit = self._stroke = None
        if edit is None:
            return False
        edit.cancel()
        document = self._session.document
        if document is not None:
            self._session.mask_changed.emit((Rect.whole(document.size),))
        return True

    def _on_wand(self, key: str, mode: CombineMode, found: tuple[Rect, Mask]) -> None:
        if key == self._session.key:
            self.put("Wand", *found, mode, "wand")

    @Slot()
    def _on_opened(self) -> None:
        self._edit = self._stroke = self._stroke_end = None
