"""One thread that does things in the order they were given, away from the window."""

import atexit
import logging
import queue
import threading
from collections.abc import Callable
from typing import TypeAlias

Task: TypeAlias = Callable[[], None]

logger = logging.getLogger(__name__)


class SerialExecutor:
    """Runs tasks one after the other. A task takes care of the trouble that it expects."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def submit(self, task: Task) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
            # a thread that the interpreter stops inside OpenCV takes the process down with an abort
            atexit.register(self.close)
        self._tasks.put(task)

    def flush(self) -> None:
        """Wait until everything given so far is done."""
        if self._thread is not None:
            done = threading.Event()
            self._tasks.put(done.set)
            done.wait()

    def close(self) -> None:
        """Finish what was given, then end the thread."""
        thread, self._thread = self._thread, None
        if thread is not None:
            atexit.unregister(self.close)
            self._tasks.put(None)
            thread.join()

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                task()
            except Exception:  # a bug in one must not stop the others, or whoever waits for them
                logger.exception("a task of %s failed", self._name)
