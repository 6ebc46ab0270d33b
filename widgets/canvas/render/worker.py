"""One piece of work at a time in a thread beside the window."""

from collections.abc import Callable
from threading import Thread

from PySide6.QtCore import QObject, Signal


class RenderWorker(QObject):
    """Runs a function elsewhere and announces its result in the thread of the receiver.

    A bug in the function reaches `threading.excepthook`.
    """

    finished = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._thread: Thread | None = None

    @property
    def is_busy(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self, work: Callable[[], object]) -> None:
        """Begin; the caller sees to it that nothing is under way, or that it may overlap."""
        self._thread = Thread(target=self._run, args=(work,), name=self._name)
        self._thread.start()

    def wait(self) -> None:
        if self._thread is not None:
            self._thread.join()

    def _run(self, work: Callable[[], object]) -> None:
        self.finished.emit(work())
