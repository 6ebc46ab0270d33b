"""Receives the events of one job over a websocket, in a thread of its own; they may stop any time.

A server sends what a prompt does to the socket that bears the client id it was posted with. Each
job has an id of its own: a server that still holds a dead socket of the same id takes the new one
down with it, and one bad connection should spoil one job.
"""

import contextlib
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from engine.comfy.errors import ServerError
from engine.comfy.protocol.events import HELLO, Message, SocketClosed, SocketOpened, read
from engine.comfy.server.timeouts import JobTimeouts
from engine.comfy.server.transport import Transport

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

logger = logging.getLogger(__name__)

MAX_MESSAGE = 256 << 20  # some nodes send whole pictures
_POLL_S = 0.2  # how soon a silent socket notices that it is to end


def _quiet_logger() -> logging.Logger:
    """The library logs headers when it is asked for details, and a login is among them."""
    quiet = logging.getLogger(f"{__name__}.line")
    quiet.setLevel(logging.WARNING)
    return quiet


class EventSocket:
    """Listens until it is closed, and opens again whenever it breaks.

    `on_message` is called from its thread: SocketOpened after each opening,
    SocketClosed after each break.
    """

    def __init__(
        self,
        transport: Transport,
        client_id: str,
        on_message: Callable[[Message], None],
        timeouts: JobTimeouts,
    ) -> None:
        self._transport, self._client_id = transport, client_id
        self._on_message, self._timeouts = on_message, timeouts
        self._stop = threading.Event()
        self._is_settled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="comfyui-socket", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def wait(self, waiting: Callable[[], object]) -> None:
        """Until it hears or was refused, or `socket_s` is over: then the job goes without."""
        ticks = max(1, round(self._timeouts.socket_s / self._timeouts.tick_s))
        for _ in range(ticks):
            waiting()
            if self._is_settled.wait(self._timeouts.tick_s):
                return

    def close(self) -> None:
        """Its thread ends by itself: a server that is gone is no reason to wait."""
        self._stop.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread of a closed one; False when it still runs."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        pauses = self._timeouts.pauses()
        while not self._stop.is_set():
            if self._listen():
                pauses = self._timeouts.pauses()
            self._emit(SocketClosed())
            self._stop.wait(next(pauses))

    def _emit(self, message: Message) -> None:
        self._on_message(message)
        self._is_settled.set()

    def _listen(self) -> bool:
        """Whether it was open; returns when it is not any more."""
        from websockets.exceptions import WebSocketException

        is_open = False
        try:
            with self._opened() as socket:
                is_open = True
                socket.send(HELLO)
                self._emit(SocketOpened())
                self._receive(socket)
        except (OSError, EOFError, WebSocketException, ServerError) as error:
            logger.info("no events: %s", error)
        return is_open

    def _opened(self) -> "ClientConnection":
        from websockets.sync.client import connect

        timeouts = self._timeouts
        return connect(
            self._transport.ws_url(self._client_id),
            ssl=self._transport.ssl_context,
            proxy=True if self._transport.ws_proxy else None,
            additional_headers=self._transport.ws_headers(),
            compression=None,  # pictures do not get smaller
            logger=_quiet_logger(),
            open_timeout=timeouts.open_s,
            ping_interval=timeouts.ping_s,
            ping_timeout=timeouts.pong_s,
            close_timeout=timeouts.close_s,
            max_size=MAX_MESSAGE,
        )

    def _receive(self, socket: "ClientConnection") -> None:
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                message = read(socket.recv(timeout=_POLL_S))
                if message is not None:
                    self._on_message(message)
