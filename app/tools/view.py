"""U, H, Z: wand, hand, zoom."""

from PySide6.QtCore import Qt

from app.session.mask_editor import MaskEditor
from app.tools.options import ToolOptions, mode_of
from widgets.canvas.canvas import Canvas
from widgets.canvas.pointer import PointerEvent


class _Plain:
    """A tool that has nothing under way between two events."""

    def drag(self, events: list[PointerEvent]) -> None:
        """A click is enough."""

    def release(self, event: PointerEvent) -> None:
        """The press did it."""

    def hover(self, event: PointerEvent) -> None:
        """Nothing is shown before the press."""

    def accept(self) -> bool:
        return False

    def back(self) -> bool:
        return False

    def drop(self) -> bool:
        return False

    def leave(self) -> None:
        """Nothing is half done."""


class WandTool(_Plain):
    """Click a colour."""

    def __init__(self, mask_editor: MaskEditor, options: ToolOptions) -> None:
        self._mask_editor, self._options = mask_editor, options

    def press(self, event: PointerEvent) -> None:
        if event.button == Qt.MouseButton.LeftButton:
            self._mask_editor.wand(
                event.x,
                event.y,
                mode_of(event.modifiers, self._options.mode),
                tolerance=round(self._options.tolerance),
                contiguous=self._options.contiguous,
            )


class HandTool(_Plain):
    """Drag the picture."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._grabbed: PointerEvent | None = None

    def press(self, event: PointerEvent) -> None:
        self._grabbed = event

    def drag(self, events: list[PointerEvent]) -> None:
        """The grabbed pixel stays under the pointer: the picture moves, so do its coordinates."""
        if self._grabbed is not None:
            place = self._canvas.navigator.place
            step = place(events[-1].x, events[-1].y) - place(self._grabbed.x, self._grabbed.y)
            self._canvas.navigator.pan_by(step.x(), step.y())

    def release(self, event: PointerEvent) -> None:
        self._grabbed = None


class ZoomTool(_Plain):
    """Click to see larger, with Alt or the right button smaller."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas

    def press(self, event: PointerEvent) -> None:
        smaller = event.button == Qt.MouseButton.RightButton or bool(
            event.modifiers & Qt.KeyboardModifier.AltModifier
        )
        place = self._canvas.navigator.place(event.x, event.y)
        self._canvas.navigator.zoom_at(0.5 if smaller else 2.0, place)
