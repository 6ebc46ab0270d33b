"""The engine's process as seen from the window: started, spoken to, ended."""

import contextlib
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.local import blocks
from engine.local.blocks import Blocks, Frame
from engine.local.wire import Down, Gone, Taken, Up

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
LAST_LINES = 20
END_TIMEOUT_S = 5.0

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


class Child:
    """One process, from start to end. Messages that arrive wait in `inbox`."""

    def __init__(self, python: str, arguments: Sequence[str]) -> None:
        self.inbox: queue.Queue[Up] = queue.Queue()
        self.heard_at_s = time.monotonic()
        self.last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self._sending = threading.Lock()
        self._process = subprocess.Popen(
            [python, "-m", "engine.local.host", *arguments],
            cwd=ROOT, env=environment(),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self._made = Blocks(f"{os.getpid()}w{self._process.pid}", tracked=True)
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
            blocks.write_frame(stream, frame)
        return frame.block

    def let_go(self, block: str) -> None:
        self._made.drop(block)

    def end(self) -> int:
        """Stop the process, however stuck it is, and remove what it left. The exit code."""
        self._process.kill()
        code = self._process.wait(END_TIMEOUT_S)
        for thread in self._threads:
            thread.join(END_TIMEOUT_S)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        self._made.drop_all()
        blocks.sweep(str(self._process.pid), self._theirs)
        return code

    def exit_code(self) -> int:
        """Of a process whose pipe is closed: it ends at once."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(1.0)
        return self.end()

    def _read(self) -> None:
        stream: Any = self._process.stdout
        for frame in blocks.frames(stream):
            self.heard_at_s = time.monotonic()
            message = self._opened(frame)
            if isinstance(message, Taken):
                self.let_go(message.block)
            elif message is not None:
                self.inbox.put(message)
        self.inbox.put(Gone())

    def _opened(self, frame: Frame) -> Up | None:
        try:
            message: Up = blocks.unpack(frame)
        except FileNotFoundError:
            return None  # it died, and the tracker was quicker
        if frame.block:
            self._theirs = max(self._theirs, int(frame.block.rsplit("-", 1)[-1]))
            self.send(Taken(frame.block))
        return message

    def _log(self) -> None:
        for line in self._process.stderr or ():
            text = line.decode(errors="replace").rstrip()
            self.last_lines.append(text)
            logger.info("engine: %s", text)


def environment() -> dict[str, str]:
    """What the process may know of ours: also started from a frozen window it finds its own."""
    known = {k: v for k, v in os.environ.items() if not k.startswith(FOREIGN)}
    original = known.pop("LD_LIBRARY_PATH_ORIG", None)
    if original is not None:
        known["LD_LIBRARY_PATH"] = original
    elif getattr(sys, "frozen", False):
        known.pop("LD_LIBRARY_PATH", None)
    return known | SETTINGS | {"PYTHONPATH": str(ROOT)}
