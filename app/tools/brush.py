"""Brush and eraser (B, E): strokes on the mask; the other end of a pen erases."""

from PySide6.QtCore import Qt

from app.session.mask_editor import MaskEditor
from app.tools.options import ToolOptions
from engine.selection.brush import Brush
from widgets.canvas.canvas import Canvas
from widgets.canvas.pointer import PointerEvent


class BrushTool:
    """From press to release is one stroke, and one step to undo. Alt swaps painting and erasing."""

    def __init__(
        self, canvas: Canvas, mask_editor: MaskEditor, options: ToolOptions, *, erase: bool
    ) -> None:
        self._canvas, self._mask_editor, self._options = canvas, mask_editor, options
        self._erase = erase

    def press(self, event: PointerEvent) -> None:
        swapped = bool(event.modifiers & Qt.KeyboardModifier.AltModifier)
        swapped = swapped or event.button == Qt.MouseButton.RightButton
        self._mask_editor.begin_stroke(
            self._brush(),
            event.x,
            event.y,
            pressure=event.pressure,
            erase=event.eraser or self._erase != swapped,
            line=bool(event.modifiers & Qt.KeyboardModifier.ShiftModifier),
        )

    def drag(self, events: list[PointerEvent]) -> None:
        self._mask_editor.extend_stroke([(event.x, event.y, event.pressure) for event in events])

    def release(self, event: PointerEvent) -> None:
        self._mask_editor.end_stroke()

    def hover(self, event: PointerEvent) -> None:
        """The canvas draws the circle."""

    def accept(self) -> bool:
        return False

    def back(self) -> bool:
        return False

    def drop(self) -> bool:
        return self._mask_editor.cancel_stroke()

    def leave(self) -> None:
        self._mask_editor.end_stroke()

    def _brush(self) -> Brush:
        options = self._options
        scale = max(self._canvas.navigator.window_scale, 1e-3)
        return Brush(
            radius_px=options.radius_px,
            hardness=options.hardness,
            opacity=options.opacity,
            smoothing_px=options.smoothing * 100 / scale,
            pressure_size=options.pressure_size,
            pressure_opacity=options.pressure_opacity,
        )
