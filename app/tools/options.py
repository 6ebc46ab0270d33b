"""The options of the tools, and the mode that modifier keys choose."""

from PySide6.QtCore import QObject, Qt, Signal

from engine.selection.masks import CombineMode

LIMITS: dict[str, tuple[float, float]] = {
    "radius_px": (0.5, 2000.0),
    "hardness": (0.0, 1.0),
    "opacity": (0.01, 1.0),
    "tolerance": (0, 255),
}


class ToolOptions(QObject):
    """The settings of all tools; they stay when another tool is taken."""

    changed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.radius_px = 25.0
        self.hardness = 0.8
        self.opacity = 1.0
        self.smoothing = 0.2
        self.pressure_size = True
        self.pressure_opacity = False
        self.tolerance = 24.0
        self.contiguous = True
        self.ctrl_subtracts = False  # as in GIMP, beside Alt
        self.mode = CombineMode.REPLACE

    def set(self, name: str, value: object) -> None:
        """Change one of them; numbers are kept within their limits."""
        if name in LIMITS and isinstance(value, int | float):
            low, high = LIMITS[name]
            value = min(max(float(value), low), high)
        if getattr(self, name) != value:
            setattr(self, name, value)
            self.changed.emit(name)


def mode_of(modifiers: Qt.KeyboardModifier, default: CombineMode) -> CombineMode:
    """Shift adds, Alt subtracts, both keep what is common."""
    adds = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
    subtracts = bool(modifiers & Qt.KeyboardModifier.AltModifier)
    if adds and subtracts:
        return CombineMode.INTERSECT
    if adds or subtracts:
        return CombineMode.ADD if adds else CombineMode.SUBTRACT
    return default
