"""Runs functions in a thread of its own and announces each result in the receiver's thread."""

import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from PySide6.QtCore import QObject, Signal, Slot


class RenderWorker(QObject):
    """One function at a time: a newer one takes the place of one that still waits.

    Its thread ends with `owner`. A bug in a function reaches `threading.excepthook`.
    """

    finished = Signal(object)

    def __init__(self, owner: QObject, name: str) -> None:
        super().__init__()
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._newest: Future[None] | None = None
        owner.destroyed.connect(self._on_owner_destroyed)

    def start(self, work: Callable[[], object]) -> None:
        if self._newest is not None:
            self._newest.cancel()
        self._newest = self._executor.submit(self._run, work)

    def wait(self) -> None:
        if self._newest is not None:
            wait([self._newest])

    def _run(self, work: Callable[[], object]) -> None:
        try:
            self.finished.emit(work())
        except Exception:  # noqa: BLE001 what a thread of its own would do
            caught = (*sys.exc_info(), threading.current_thread())
            threading.excepthook(threading.ExceptHookArgs(caught))

    @Slot()
    def _on_owner_destroyed(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)
