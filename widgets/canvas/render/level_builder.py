"""Builds the levels of a large picture in a thread, while its user goes on."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from widgets.canvas.render import mipmap as pyramids
from widgets.canvas.render.mipmap import Mipmap, Pixels
from widgets.canvas.render.worker import RenderWorker
from widgets.canvas.view import Box

AT_ONCE_PIXELS = 6_000_000
Make = Callable[[Pixels], Mipmap]


class LevelBuilder(QObject):
    """Emits `built` for the newest picture only; what changed meanwhile is refreshed first.

    `make` gives all levels, `soon` what can be shown until then.
    """

    built = Signal(object)

    def __init__(
        self,
        parent: QObject,
        name: str,
        *,
        make: Make = pyramids.of_picture,
        soon: Make = pyramids.coarse,
    ) -> None:
        super().__init__(parent)
        self._make, self._soon = make, soon
        self._waiting: Pixels | None = None
        self._missed: list[Box] = []
        self._worker = RenderWorker(self, name)
        self._worker.finished.connect(self._on_finished)

    @property
    def is_busy(self) -> bool:
        return self._waiting is not None

    def build(self, view: Pixels, known: Mipmap | None = None) -> Mipmap:
        """What can be shown at once: all, when it is small. `known` are the levels of before."""
        self._waiting, self._missed = None, []
        height, width = view.shape[:2]
        if width * height <= AT_ONCE_PIXELS:
            return self._make(view)
        self._waiting = view
        self._worker.start(lambda: self._make(view))
        if known is not None:
            return Mipmap([view, *known.levels[1:]], width, height)
        return self._soon(view)

    def forget(self) -> None:
        """The result is not wanted any more."""
        self._waiting = None

    def note(self, box: Box) -> None:
        """The picture changed in place there; levels under way may have missed it."""
        if self._waiting is not None:
            self._missed.append(box)

    @Slot(object)
    def _on_finished(self, built: Mipmap) -> None:
        if built.levels[0] is not self._waiting:
            return
        self._waiting = None
        for box in self._missed:
            built.refresh(box)
        self.built.emit(built)
