"""Sessions of onnxruntime: how they are made, run, cancelled and dropped again."""

import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import onnxruntime  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray

from engine.errors import Bug, Cancelled, OutOfMemory
from engine.jobs.backend import JobContext
from engine.jobs.operations import Floats
from engine.light.assembly import AssembledModel
from engine.models.safetensors_file import return_pages

IDLE_S = 300.0  # a session that was not used for so long is dropped
POLL_S = 0.1
_QUIET = 3  # errors alone: at level 2 every start warns of providers that are not there
_NO_MEMORY = ("bad allocation", "bad_alloc", "Failed to allocate memory", "allocate memory")

PROVIDERS = ("CPUExecutionProvider",)
_RUNTIME: Any = onnxruntime  # which has no types

Inputs = Mapping[str, NDArray[Any]]


class LightSession:
    """One graph with its weights, ready to run."""

    def __init__(self, model: AssembledModel, *, keeps_memory: bool = False) -> None:
        """`keeps_memory` of one run for the next: for many small ones. Raises OutOfMemory."""
        options = _RUNTIME.SessionOptions()
        options.log_severity_level = _QUIET
        options.intra_op_num_threads = threads()
        options.inter_op_num_threads = 1
        options.enable_mem_pattern = False  # it plans the second run beside what the first left
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.inter_op.allow_spinning", "0")
        make = _RUNTIME.OrtValue.ortvalue_from_numpy
        self._tensors = {name: make(values) for name, values in model.tensors.items()}
        options.add_external_initializers([*self._tensors], [*self._tensors.values()])
        self._session = _guarded(
            lambda: _RUNTIME.InferenceSession(model.model, options, providers=PROVIDERS)
        )
        self._keeps_memory = keeps_memory
        return_pages(model.tensors)  # the session made its own copies of most

    def run(self, inputs: Inputs, job: JobContext | None = None, note: str = "") -> list[Floats]:
        """All outputs, (N, C, H, W) or as the graph's table says.

        With a job, it is asked ten times a second whether it goes on.

        Raises Cancelled within a tenth of a second and one step of the graph; OutOfMemory.
        """
        options = _RUNTIME.RunOptions()
        options.log_severity_level = _QUIET
        if not self._keeps_memory:
            options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        with _Watch(options, job, note) as watch:
            try:
                return _guarded(lambda: self._session.run(None, dict(inputs), options))
            except Bug:
                if watch.is_cancelled:
                    raise Cancelled from None
                raise


class _Watch:
    """A thread that ends a run when its job is cancelled."""

    def __init__(self, options: Any, job: JobContext | None, note: str) -> None:
        self._options, self._job, self._note = options, job, note
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.is_cancelled = False

    def __enter__(self) -> "_Watch":
        if self._job is not None:
            self._job.report(0.0, self._note)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _look(self) -> None:
        assert self._job is not None
        while not self._over.wait(POLL_S):
            try:
                self._job.report(0.0, self._note)
            except Cancelled:
                self.is_cancelled = True
                self._options.terminate = True
                return


class Sessions:
    """The sessions that are in memory, by name."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._made: dict[str, tuple[object, Any, float]] = {}
        self._guard = threading.Lock()

    def get(self, name: str, key: object, make: Callable[[], Any]) -> Any:
        """What was made under this name and key; another key makes it anew."""
        with self._guard:
            known = self._made.pop(name, None)
        value = known[1] if known is not None and known[0] == key else None
        del known  # the old one goes before the new one comes
        value = make() if value is None else value
        with self._guard:
            self._made[name] = key, value, self._clock()
        return value

    def drop_idle(self) -> None:
        """Out of memory with what was not used for IDLE_S."""
        limit_s = self._clock() - IDLE_S
        with self._guard:
            for name in [n for n, (_, _, used_s) in self._made.items() if used_s < limit_s]:
                del self._made[name]

    def drop(self, *names: str) -> None:
        with self._guard:
            for name in names or list(self._made):
                self._made.pop(name, None)


def threads() -> int:
    """The cores but one, which is the window's; of many logical ones half are real."""
    count = os.cpu_count() or 2
    return max(1, count - 1 if count <= 4 else count // 2 - 1)


def _guarded(call: Callable[[], Any]) -> Any:
    """The answer; what onnxruntime raises becomes OutOfMemory or a Bug with its words."""
    try:
        return call()
    except MemoryError as error:
        raise OutOfMemory(0, 0) from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] != "onnxruntime":
            raise
        if any(words in str(error) for words in _NO_MEMORY):
            raise OutOfMemory(0, 0) from error
        raise Bug(str(error)[:500], str(error)) from error


def runtime() -> str:
    """The library and its version."""
    return f"onnxruntime {_RUNTIME.__version__}"
