"""Draws what was found, each in a colour of its own, and the boxes that were drawn for it."""

from PySide6.QtCore import QObject, Slot

from app.session.finder import Finder
from app.view.display import OBJECT_COLOURS
from widgets.canvas.canvas import Canvas
from widgets.canvas.marks import BoxMark
from widgets.canvas.render.scene import Colour

LEFT_OUT: Colour = (150, 150, 150)


def colour_of(index: int) -> Colour:
    return OBJECT_COLOURS[index % len(OBJECT_COLOURS)]


class FoundDisplay(QObject):
    """Nothing is drawn while the panel is out of sight."""

    def __init__(self, canvas: Canvas, finding: Finder) -> None:
        super().__init__(canvas)
        self._canvas, self._finding = canvas, finding
        finding.changed.connect(self._show)
        finding.exemplars_changed.connect(self._show_boxes)
        finding.open_changed.connect(self._on_open_changed)

    @Slot()
    def _show(self) -> None:
        finding = self._finding
        picked = set(finding.picked)
        outlines = []
        for index in finding.likely if finding.is_open else ():
            instance = finding.instances[index]
            colour = colour_of(index) if index in picked else LEFT_OUT
            outlines.append((instance.rect.x, instance.rect.y, instance.mask, colour))
        self._canvas.set_outlines(outlines, group="found")

    @Slot()
    def _show_boxes(self) -> None:
        finding = self._finding
        shown = finding.exemplars if finding.is_open else ()
        self._canvas.marks.set_boxes([BoxMark(*box, positive) for box, positive in shown])

    @Slot(bool)
    def _on_open_changed(self, _: bool) -> None:
        self._show()
        self._show_boxes()
