"""The faults of a stand-in server: each once, some times, or until it is taken back.

    server.faults.on("/view", cut_in_body())            the next request of /view
    server.faults.on("/prompt", lost_answer(), times=2, method="POST")
    server.faults.on("/", denied(), times=None)         every request, until .clear()
    server.faults.on_node("KSampler", OUT_OF_MEMORY)    the next run of a KSampler
    server.faults.on_node("KSampler", server.die)       any callable
    server.faults.late_history_s = 0.3                  execution_success comes earlier than history
    server.faults.truncates_uploads = True              stores half of what is sent, and says yes

Paths are those without the server's prefix and without /api; a path means all that begin with it.
`on` gives the Fault back; its `hits` say how often it struck.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.engine.comfy.stand_in.queue import Interrupted, Queue

Answer = Callable[[], Awaitable[web.StreamResponse]]
Action = Callable[[web.Request, Answer], Awaitable[web.StreamResponse]]

STARTING = "<!DOCTYPE html><title>Starting</title><p>The instance is starting."
TOO_LARGE = "<html><head><title>413 Request Entity Too Large</title></head></html>"


class File(web.FileResponse):
    """A file as it lies there; its path is kept for those who tamper with it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path


class NodeFailure(Exception):
    """What a node raises, under the name that the real one has."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(kind, message)
        self.kind, self.message = kind, message

    def __str__(self) -> str:
        return self.message


class Severed(Exception):
    """The connection was cut; nobody is there to be answered."""


@dataclass(slots=True, kw_only=True)
class Fault:
    path: str
    method: str  # "" = any
    action: Any
    times: int | None
    hits: int = 0

    def strikes(self, method: str, path: str) -> bool:
        is_below = f"{path}/".startswith(f"{self.path.rstrip('/')}/")  # /view is no /view_metadata
        is_meant = is_below and self.method in ("", method)
        return is_meant and self.take()

    def take(self) -> bool:
        if self.times is not None and self.hits >= self.times:
            return False
        self.hits += 1
        return True


@dataclass(slots=True)
class Faults:
    requests: list[Fault] = field(default_factory=list)
    nodes: list[Fault] = field(default_factory=list)
    late_history_s: float = 0.0
    truncates_uploads: bool = False

    def on(self, path: str, action: Action, *, times: int | None = 1, method: str = "") -> Fault:
        fault = Fault(path=path, method=method, action=action, times=times)
        self.requests.append(fault)
        return fault

    def on_node(
        self, kind: str, action: Exception | Callable[[], object], *, times: int | None = 1
    ) -> Fault:
        """An exception that the class raises, or what is called as it starts to run."""
        fault = Fault(path=kind, method="", action=action, times=times)
        self.nodes.append(fault)
        return fault

    def clear(self) -> None:
        self.requests.clear()
        self.nodes.clear()
        self.late_history_s, self.truncates_uploads = 0.0, False

    def of_request(self, method: str, path: str) -> Action | None:
        return next((f.action for f in list(self.requests) if f.strikes(method, path)), None)

    def at_node(self, kind: str) -> None:
        for fault in list(self.nodes):
            if fault.path == kind and fault.take():
                if isinstance(fault.action, Exception):
                    raise copy(fault.action)
                fault.action()

    def wait_for_history(self, queue: Queue) -> None:
        if self.late_history_s:
            with queue.lock:
                queue.lock.wait_for(lambda: queue.is_dead, self.late_history_s)


ORDINARY = NodeFailure(
    "RuntimeError", "mat1 and mat2 shapes cannot be multiplied (154x1024 and 768x320)"
)
OUT_OF_MEMORY = NodeFailure(
    "torch.OutOfMemoryError",
    "Allocation on device 0 would exceed allowed memory. (out of memory)\n"
    "This error means you ran out of memory on your GPU.\n\nTIPS: If the workflow worked before "
    "you might have accidentally set the batch_size to a large number.",
)
UNIDENTIFIED = NodeFailure("PIL.UnidentifiedImageError", "cannot identify image file 'x.png'")
BAD_MODEL = NodeFailure(
    "safetensors_rust.SafetensorError", "Error while deserializing header: header too small"
)
INTERRUPTED = Interrupted()  # by somebody else


def answered(
    status: int, body: str = "", kind: str = "text/html", headers: dict[str, str] | None = None
) -> Action:
    """This, whatever was asked; nothing else happens."""

    async def act(request: web.Request, answer: Answer) -> web.StreamResponse:
        return web.Response(status=status, text=body, content_type=kind, headers=headers)

    return act


def denied(status: int = 401) -> Action:
    headers = {"WWW-Authenticate": 'Basic realm="restricted"'} if status == 401 else {}
    return answered(status, headers=headers)


def starting(status: int = 502) -> Action:
    """What stands before a machine that is up while ComfyUI is not; 200 through some tunnels."""
    return answered(status, STARTING, headers={"X-Portal-Placeholder": "true"})


def too_large() -> Action:
    """A proxy's limit, in HTML."""
    return answered(413, TOO_LARGE)


def redirected(url: str, status: int = 302) -> Action:
    return answered(status, headers={"Location": url})


def not_comfy() -> Action:
    return answered(200, "<html><body><h1>It works!</h1></body></html>")


def wants_https() -> Action:
    return answered(400, "Client sent an HTTP request to an HTTPS server.\n", "text/plain")


def dropped() -> Action:
    """The line is cut before anything is done."""

    async def act(request: web.Request, answer: Answer) -> web.StreamResponse:
        sever(request)
        raise Severed

    return act


def lost_answer() -> Action:
    """It is done, and the line is cut before the answer."""

    async def act(request: web.Request, answer: Answer) -> web.StreamResponse:
        await answer()
        sever(request)
        raise Severed

    return act


def dropped_when_reused() -> Action:
    """Cuts a connection at its second request, as proxies do with idle ones. For times=None."""
    known: set[Any] = set()

    async def act(request: web.Request, answer: Answer) -> web.StreamResponse:
        line = request.transport.get_extra_info("peername") if request.transport else None
        if line in known:
            sever(request)
            raise Severed
        known.add(line)
        return await answer()

    return act


def sever(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def cut_in_body(share: float = 0.5) -> Action:
    """Announces the whole length, sends a part of it, and hangs up."""

    async def act(request: web.Request, answer: Answer) -> web.StreamResponse:
        body, kind = await content(await answer())
        response = web.StreamResponse(headers={"Content-Length": str(len(body))})
        response.content_type = kind
        await response.prepare(request)
        await response.write(body[: int(len(body) * share)])
        if request.transport is not None:
            request.transport.close()
        raise Severed

    return act


def shortened(share: float = 0.5) -> Action:
    """A whole answer with a part of the file: as if it had been written only so far."""

    async def act(request: web.Request, answer: Answer) -> web.StreamResponse:
        body, kind = await content(await answer())
        return web.Response(body=body[: int(len(body) * share)], content_type=kind)

    return act


def replaced(body: bytes, kind: str = "image/png") -> Action:
    """Another file than the one that was asked for."""

    async def act(request: web.Request, answer: Answer) -> web.StreamResponse:
        return web.Response(body=body, content_type=kind)

    return act


async def content(response: web.StreamResponse) -> tuple[bytes, str]:
    if isinstance(response, web.Response):
        return bytes(response.body or b""), response.content_type
    if isinstance(response, File):
        return response.path.read_bytes(), "image/png"
    raise TypeError(response)


def slow(seconds: float) -> Action:
    async def act(request: web.Request, answer: Answer) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await answer()

    return act


def node_errors(errors: dict[str, Any]) -> Action:
    """The prompt is taken, and its answer says 200 and that a part of it is wrong."""

    async def act(request: web.Request, answer: Answer) -> web.StreamResponse:
        response = await answer()
        body, _ = await content(response)
        return web.json_response({**json.loads(body), "node_errors": errors})

    return act
