"""The outline of the object under the pointer, before it is clicked."""

from functools import partial

from PySide6.QtCore import QObject, QTimer, Slot

from app.services.jobs import Job
from app.session.click_selector import ClickSelector
from app.session.session import Session
from app.tools.tools import Tools
from engine.jobs.requests import Candidate, Click, Priority, SegmentRequest, SegmentResult
from widgets.canvas.canvas import Canvas
from widgets.canvas.pointer import PointerEvent

REST_MS = 90  # so long the pointer must stand still


class HoverPreview(QObject):
    """Asks only while the quickest engine has nothing else to do, and only once for each object."""

    def __init__(
        self, canvas: Canvas, session: Session, selecting: ClickSelector, tools: Tools
    ) -> None:
        super().__init__(canvas)
        self._canvas, self._session = canvas, session
        self._selecting, self._tools = selecting, tools
        self._is_wanted = True
        self._place: PointerEvent | None = None
        self._shown: Candidate | None = None
        self._job: Job | None = None
        self._timer = QTimer(self, singleShot=True, interval=REST_MS)
        self._timer.timeout.connect(self._ask)
        canvas.hovered.connect(self._on_hovered)
        canvas.left.connect(self._clear)
        canvas.pressed.connect(self._clear)
        session.opened.connect(self._clear)
        session.image_changed.connect(self._clear)
        tools.chosen.connect(self._clear)

    def set_wanted(self, wanted: bool) -> None:
        """Whether outlines are shown at all."""
        self._is_wanted = wanted
        if not wanted:
            self._clear()

    @Slot(object)
    def _on_hovered(self, event: PointerEvent) -> None:
        self._place = event
        if self._shown is not None and not holds(self._shown, event):
            self._hide()
        if self._shown is None:
            self._timer.start()

    @Slot()
    @Slot(object)
    @Slot(str)
    def _clear(self, _: object = None) -> None:
        self._place = None
        self._timer.stop()
        if self._job is not None:
            self._session.jobs.cancel(self._job)  # what comes next shall not wait for it
            self._job = None
        self._hide()

    def _hide(self) -> None:
        if self._shown is not None:
            self._shown = None
            self._canvas.set_hover(None)

    @Slot()
    def _ask(self) -> None:
        document, place = self._session.document, self._place
        if document is None or place is None or not self._is_useful(place):
            return
        queue = self._selecting.engines.quickest
        if self._session.jobs.is_busy_at(queue):
            self._timer.start()  # later, if the pointer is still there
            return
        lease = document.lease(mask=False)
        request = SegmentRequest(
            image=lease.view,
            key=self._session.key,
            clicks=(Click(place.x, place.y),),
            revision=document.revision,
            draft=True,
        )
        self._job = self._session.jobs.ask(
            "hover",
            request,
            partial(self._on_found, place),
            queue=queue,
            priority=Priority.PREPARE,
            replaces="hover",
            keep=lease,
            on_failed=lambda _: None,  # nothing there, nothing shown
        )

    def _is_useful(self, place: PointerEvent) -> bool:
        """A click here would be the first of an object, and its answer would come at once."""
        document = self._session.document
        return (
            document is not None
            and self._is_wanted
            and self._tools.name == "object"
            and not self._selecting.points
            and self._selecting.is_prepared
            and 0 <= place.x < document.size.width
            and 0 <= place.y < document.size.height
        )

    def _on_found(self, place: PointerEvent, result: SegmentResult) -> None:
        if place is self._place and self._is_useful(place):
            self._shown = best = result.candidates[0]
            rect = best.rect
            self._canvas.set_hover((rect.x, rect.y, rect.width, rect.height, best.mask))


def holds(candidate: Candidate, event: PointerEvent) -> bool:
    """Whether the pointer is still on the object."""
    rect, (height, width) = candidate.rect, candidate.mask.shape
    x = int((event.x - rect.x) * width // rect.width)
    y = int((event.y - rect.y) * height // rect.height)
    return 0 <= x < width and 0 <= y < height and bool(candidate.mask[y, x] >= 128)
