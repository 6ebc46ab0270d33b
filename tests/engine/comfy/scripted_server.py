"""An HTTP server on the loopback that answers as a test scripts it, and records its requests."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from engine.comfy.server.address import Server
from engine.comfy.server.transport import Transport
from engine.net.http import HttpTimeouts

QUICK = HttpTimeouts(connect_s=2.0, stall_s=2.0)
STATS = {"system": {"comfyui_version": "0.3.64"}}


def never_cancel() -> None:
    """Waits as long as it takes."""


class SeenRequest(NamedTuple):
    """One request, as it arrived."""

    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes
    line: int  # which connection, from 0


class ScriptedServer:
    """Running between `with answering(...)`."""

    def __init__(self, reply: "Callable[[Reply], object]") -> None:
        self.reply = reply
        self.seen: list[SeenRequest] = []
        self.lines = 0
        self.stop = threading.Event()
        self.arrived = threading.Event()
        self.url = ""

    @property
    def server(self) -> Server:
        return Server(name="mine", url=self.url)

    @property
    def paths(self) -> list[str]:
        return [f"{seen.method} {seen.path}" for seen in self.seen]


class Reply(BaseHTTPRequestHandler):
    """One request to answer: `seen` is what was asked."""

    protocol_version = "HTTP/1.1"
    heard: SeenRequest

    def __init__(self, site: ScriptedServer, *args: Any) -> None:
        self.site = site
        super().__init__(*args)

    def setup(self) -> None:
        self.number, self.site.lines = self.site.lines, self.site.lines + 1
        if isinstance(self.request, ssl.SSLSocket):
            self.request.do_handshake()
        super().setup()

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        self.seen = SeenRequest(self.command, self.path, headers, body, self.number)
        self.site.seen.append(self.seen)
        self.site.arrived.set()
        self.site.reply(self)

    do_POST = do_HEAD = do_GET  # noqa: N815 names of the base class

    def say(
        self, status: int, body: bytes = b"", length: int | None = None, **headers: str
    ) -> None:
        """`_` in names of headers is written `-`; `length` may lie, and is not told if negative."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        length = len(body) if length is None else length
        if length >= 0:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def json(self, content: object, status: int = 200, **headers: str) -> None:
        kind = "application/json; charset=utf-8"
        self.say(status, json.dumps(content).encode(), Content_Type=kind, **headers)

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Handshakes that clients break off are what some tests are about."""


@contextmanager
def scripted_server(
    reply: Callable[[Reply], object], context: ssl.SSLContext | None = None
) -> Iterator[ScriptedServer]:
    site = ScriptedServer(reply)
    server = _Quiet(("127.0.0.1", 0), partial(Reply, site))
    if context is not None:
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    site.url = f"http{'s' if context else ''}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.stop.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def scripted_transport(
    reply: Callable[[Reply], object], path: str = "", **login: str
) -> Iterator[tuple[Transport, ScriptedServer]]:
    with scripted_server(reply) as site:
        server = replace(site.server, url=site.url + path)
        with closing(Transport(server, lambda: dict(login), timeouts=QUICK)) as ours:
            yield ours, site
