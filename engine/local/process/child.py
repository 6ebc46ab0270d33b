"""The engine process as the window's side sees it: started, written to, ended."""

import contextlib
import logging
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.local.process import shared_memory
from engine.local.process.messages import BlockTaken, Down, Heartbeat, ProcessGone, Up
from engine.local.process.shared_memory import Blocks, Frame

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[3]
LAST_LINES = 40
END_TIMEOUT_S = 5.0
KILLED = -9  # exit code; nobody but the kernel does that, when memory runs out

SETTINGS = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TORCHDYNAMO_DISABLE": "1",
    "PYTORCH_ENABLE_MPS_FALLBACK": "1",
    "PYTHONUNBUFFERED": "1",
}
"""Nothing there may reach a network or compile anything."""

FOREIGN = ("_PYI", "QT_", "PYTHONHOME", "QML")  # of a frozen window; they confuse another Python
SECRET = {"TOKEN", "TOKENS", "SECRET", "KEY", "PASSWORD", "PASSWD", "CREDENTIALS", "PROXY"}
"""Words in the names of variables that let somebody in somewhere; nothing there goes anywhere."""
NOISE = ("resource_tracker", "warnings.warn")  # Python's own last words after a violent end


class Child:
    """One process, from start to end. Messages that arrive wait in `inbox`."""

    def __init__(self, command: Sequence[str]) -> None:
        """Raises OSError when there is no such program."""
        self.inbox: queue.Queue[Up] = queue.Queue()
        self.silent_s = 0.0  # added up by who waits, set back by every sign of life
        self.last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self._ended_by = ""
        self._sending = threading.Lock()
        self._process = subprocess.Popen(
            list(command),
            cwd=ROOT, env=environment(),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
        self._made = Blocks(f"{os.getpid()}w{self._process.pid}")
        self._theirs = 0  # so many blocks of theirs are known
        self._threads = [
            threading.Thread(target=each, name=f"engine {each.__name__}", daemon=True)
            for each in (self._read, self._log)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def send(self, message: Down) -> str:
        """Returns the block the message lies in, or ""; a dead process takes nothing."""
        frame = self._made.pack(message)
        stream: Any = self._process.stdin
        with self._sending, contextlib.suppress(OSError, ValueError):
            shared_memory.write_frame(stream, frame)
        return frame.block

    def let_go(self, block: str) -> None:
        self._made.drop(block)

    def end(self, why: str = "") -> None:
        """Stop the process, however stuck it is, and remove what it left; again does nothing."""
        if self.is_alive:
            self._ended_by = self._ended_by or why
        self._process.kill()
        self._process.wait(END_TIMEOUT_S)
        for thread in self._threads:
            thread.join(END_TIMEOUT_S)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        self._made.drop_all()
        shared_memory.sweep(str(self._process.pid), self._theirs)

    def why_ended(self) -> str:
        """A code (killed, deaf, freed), a signal's words, or its last line; it is gone."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        self.end("deaf")  # when it lives on and only its pipe is closed
        code = self._process.returncode
        if self._ended_by:
            return self._ended_by
        if code < 0:
            return "killed" if code == KILLED else signal.strsignal(-code) or f"signal {-code}"
        said = [line for line in self.last_lines if line and not any(n in line for n in NOISE)]
        return said[-1] if said else f"exit code {code}"

    def _read(self) -> None:
        stream: Any = self._process.stdout
        try:
            for frame in shared_memory.frames(stream):
                self.silent_s = 0.0
                self._take(frame)
        except pickle.UnpicklingError:
            logger.exception("the engine's process sends what it must not")
        finally:
            self.inbox.put(ProcessGone())

    def _take(self, frame: Frame) -> None:
        try:
            message: Up = shared_memory.unpack(frame)
        except FileNotFoundError:
            return  # it died, and its tracker was quicker
        if frame.block:
            self._theirs = max(self._theirs, int(frame.block.rsplit("-", 1)[-1]))
            self.send(BlockTaken(frame.block))
        if isinstance(message, BlockTaken):
            self.let_go(message.block)
        elif not isinstance(message, Heartbeat):
            self.inbox.put(message)

    def _log(self) -> None:
        for line in self._process.stderr or ():
            text = line.decode(errors="replace").rstrip()
            self.last_lines.append(text)
            logger.info("engine: %s", text)


def environment() -> dict[str, str]:
    """What the process may know of ours: also started from a frozen window it finds its own."""
    known = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(FOREIGN) and SECRET.isdisjoint(name.upper().split("_"))
    }
    original = known.pop("LD_LIBRARY_PATH_ORIG", None)
    if original is not None:
        known["LD_LIBRARY_PATH"] = original
    elif getattr(sys, "frozen", False):
        known.pop("LD_LIBRARY_PATH", None)
    return known | SETTINGS | {"PYTHONPATH": str(ROOT)}
