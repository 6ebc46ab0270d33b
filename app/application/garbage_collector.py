"""Collects reference cycles on the window's thread only.

Python collects wherever an allocation happens to tip the scale. In a worker that destroys whatever
widgets hang in a cycle on the wrong thread, and Qt aborts; so does one that is being painted.
"""

import gc

from PySide6.QtCore import QObject, QTimer, Slot

INTERVAL_MS = 2_000


class GarbageCollector(QObject):
    """Replaces the automatic collection for as long as it lives."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.collect)
        self._timer.start(INTERVAL_MS)

    @Slot()
    def collect(self) -> None:
        """The oldest generation that is due, by Python's own thresholds."""
        due = [
            generation
            for generation, (count, limit) in enumerate(
                zip(gc.get_count(), gc.get_threshold(), strict=True)
            )
            if limit and count > limit
        ]
        if due:
            gc.collect(max(due))

    def close(self) -> None:
        """Give the collection back to Python."""
        self._timer.stop()
        gc.enable()
