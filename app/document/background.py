"""Submits tasks whose result nobody waits for to an executor; a bug in one goes to the log."""

import logging
from collections.abc import Callable
from concurrent.futures import Executor, Future

logger = logging.getLogger(__name__)


def submit(executor: Executor, task: Callable[[], None]) -> None:
    """Run `task` in the executor. A task handles the errors that it expects itself.

    Raises RuntimeError when the executor is shut down.
    """
    executor.submit(task).add_done_callback(_log_failure)


def flush(executor: Executor) -> None:
    """Wait until an executor of one thread has done everything submitted so far."""
    executor.submit(int).result()


def _log_failure(future: Future[None]) -> None:
    if not future.cancelled() and (error := future.exception()) is not None:
        logger.error("a background task failed", exc_info=error)
