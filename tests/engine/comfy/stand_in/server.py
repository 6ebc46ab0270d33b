"""A stand-in for a ComfyUI server: its protocol to the letter, real pixels, no networks.

    with StandIn() as server:                        # ComfyUI 0.33.0 with today's packs
        Server(name="x", url=server.url)             # http://127.0.0.1:PORT, with the prefix
        server.ws_url                                # ws://127.0.0.1:PORT/ws, without clientId

What it is (all keyword arguments of StandIn):
    version="0.33.0"     or 0.3.64, 0.11.1, ...: what it can, and how it answers, follow from it
    pack="mar"           generation of the SAM3 pack: "none", "lab", "feb", "mar"
    packs=("lama", "was", "rgthree")                 other packs that are installed
    core_sam3=None, has_jobs=None                    SAM3_Detect, /api/jobs: None = by version
    models=MODELS        folder -> file -> metadata or None (see stand_in_build.MODELS)
    device="cuda"        or "cpu"; vram_mb=24576, free_mb=20000
    limit_bytes=104857600                            of a request's body: 413 above it
    previews=False       started with --preview-method (a job may ask by itself since 0.5)
    is_forgetful=True    the bug with two connections of one clientId (deaf socket)
    fill, detect, segment                            what replaces LaMa and SAM3, see
                         stand_in_nodes.Fill, stand_in_segmenting.Detect and .Segment
How it is reached:
    prefix="/x"; token="secret" (bearer, or basic with user="vastai"); needs_headers={"X-Key": "v"}
    tls="" or "signed", "wrong_name", "self_signed": then server.ca_file, server.fingerprint
What it saw:
    server.seen          list of Seen(method, path, query, headers, body, form, .json, status)
    server.calls("POST", "/prompt")                  those of one path
    server.wait_for("POST", "/prompt", times=1)      until as many were answered
    server.folders["input"], ["temp"], ["output"]    its folders
    server.queue.history, server.queue.rows()        what it would answer
Where it waits: one place at a time; `wait_held()` returns when the worker stands there.
    server.pause("KSampler")          as that class (or node id, or "" for any) starts to run
    server.pause("KSampler", step=2)  after a sampler's second step; an interrupt ends it as well
    server.pause("start")             a job was taken, its interrupt flag is not yet cleared
    server.pause("history")           execution_success is sent, the history does not have it yet
    server.resume()
What happens to it:
    server.kill(), .start()           gone: connections cut, port refused; back on the same port,
                                      queue, history and temp empty, input and output kept
    server.restart()                  both; empty_queue=False: only the lines were cut
    server.die(), .restart_soon()     kill and restart for node faults: they do not wait;
                                      .wait_back() does
    server.wipe_temp(), .forget()     result files, cached nodes are gone
    server.deafen()                   open sockets stay open and hear nothing any more
    server.interrupt()                somebody else stops what runs
    server.queue_foreign(2)           somebody else's jobs; with pause("start"), in front of ours
    server.wait_idle()                until nothing waits or runs
    server.faults.on(...), .on_node(...), .late_history_s, .truncates_uploads: see stand_in_faults
"""

import asyncio
import itertools
import shutil
import socket
import tempfile
import threading
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from aiohttp import web

from tests.engine.comfy.stand_in.build import MODELS, PACKS, Build, Models
from tests.engine.comfy.stand_in.faults import Faults, Severed, denied
from tests.engine.comfy.stand_in.files import Folders
from tests.engine.comfy.stand_in.nodes import Fill, telea
from tests.engine.comfy.stand_in.queue import Gate, Job, Queue
from tests.engine.comfy.stand_in.routes import Handler, Routes
from tests.engine.comfy.stand_in.seen import Diary, Seen, is_foreign_page, is_let_in
from tests.engine.comfy.stand_in.segmenting import Detect, Segment, bright_thing_at, bright_things
from tests.engine.comfy.stand_in.sockets import Sockets
from tests.engine.comfy.stand_in.tls import certificate
from tests.engine.comfy.stand_in.worker import Plugs, Worker

HOST = "127.0.0.1"
TIMEOUT_S = 10.0


class StandIn:
    """See the module. `with` starts it and takes it down again, threads and files included."""

    def __init__(
        self,
        *,
        version: str = "0.33.0",
        pack: str = "mar",
        packs: Sequence[str] = PACKS,
        core_sam3: bool | None = None,
        has_jobs: bool | None = None,
        models: Models | None = None,
        device: str = "cuda",
        vram_mb: int = 24_576,
        free_mb: int = 20_000,
        limit_bytes: int = 104_857_600,
        previews: bool = False,
        is_forgetful: bool = True,
        fill: Fill = telea,
        detect: Detect = bright_things,
        segment: Segment = bright_thing_at,
        prefix: str = "",
        token: str = "",
        user: str = "vastai",
        needs_headers: Mapping[str, str] | None = None,
        tls: str = "",
    ) -> None:
        self.build = Build(
            version=version,
            pack=pack,
            packs=tuple(packs),
            core_sam3=core_sam3,
            has_jobs=has_jobs,
            models=MODELS if models is None else models,
        )
        self.device = described_device(device, vram_mb, free_mb)
        self.limit_bytes, self.previews, self.is_forgetful = limit_bytes, previews, is_forgetful
        self.plugs = Plugs(fill=fill, detect=detect, segment=segment)
        self.prefix, self.token, self.user = prefix, token, user
        self.needs_headers = dict(needs_headers or {})
        self.faults, self.diary = Faults(), Diary()
        self.root = Path(tempfile.mkdtemp(prefix="stand-in-"))
        self.tls = certificate(tls, self.root / "tls") if tls else None
        self.ca_file = self.tls.ca_file if self.tls else None
        self.fingerprint = self.tls.fingerprint if self.tls else ""
        self.port = 0
        self._threads: list[threading.Thread] = []
        self._restarts: list[threading.Thread] = []

    def __enter__(self) -> "StandIn":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.wait_back()
        self.kill()
        shutil.rmtree(self.root)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{HOST}:{self.port}{self.prefix}"

    @property
    def ws_url(self) -> str:
        return f"{'wss' if self.tls else 'ws'}://{HOST}:{self.port}{self.prefix}/ws"

    @property
    def seen(self) -> list[Seen]:
        return self.diary.seen

    def calls(self, method: str, path: str) -> list[Seen]:
        return self.diary.of(method, path)

    def wait_for(
        self, method: str, path: str, times: int = 1, timeout_s: float = TIMEOUT_S
    ) -> list[Seen]:
        return self.diary.wait(method, path, times, timeout_s)

    def pause(self, place: str = "", step: int = 0) -> None:
        self.gate.close(place, step)

    def resume(self) -> None:
        self.gate.open()

    def wait_held(self, timeout_s: float = TIMEOUT_S) -> None:
        self.gate.wait_held(timeout_s)

    def wait_idle(self, timeout_s: float = TIMEOUT_S) -> None:
        lock = self.queue.lock
        with lock:
            if not lock.wait_for(lambda: self.queue.remaining() == 0, timeout_s):
                raise TimeoutError("still at work")

    def start(self) -> None:
        self._join()
        self.folders = Folders(self.root)
        self.queue = Queue(changed=self._tell_status)
        self.gate = Gate(queue=self.queue)
        self._open()
        self.worker = Worker(
            queue=self.queue,
            sockets=self.sockets,
            folders=self.folders,
            gate=self.gate,
            faults=self.faults,
            plugs=self.plugs,
            nodes=self.routes.nodes(),
            keeps_all=self.build.since(0, 3, 68),
            previews=self.previews,
            asks_previews=self.build.since(0, 5, 0),
        )
        self._run(self.worker.run)

    def kill(self) -> None:
        self.die()
        self._join()

    def die(self) -> None:
        """As kill, without waiting: for the worker's own thread."""
        self.queue.die()
        self._close()

    def restart(self, *, empty_queue: bool = True) -> None:
        if empty_queue:
            self.kill()
            self.start()
            return
        self._close()
        self._threads[0].join()
        self._open()
        self.sockets.client, self.sockets.node = (
            self.worker.sockets.client,
            self.worker.sockets.node,
        )
        self.worker.sockets = self.sockets

    def restart_soon(self) -> None:
        is_dead = threading.Event()

        def restart() -> None:
            is_dead.wait()
            self.restart()

        thread = threading.Thread(target=restart, name="stand-in restart")
        thread.start()
        self._restarts.append(thread)  # before anybody can notice
        self.die()
        is_dead.set()

    def wait_back(self) -> None:
        while self._restarts:
            self._restarts.pop().join()

    def wipe_temp(self) -> None:
        self.folders.wipe_temp()

    def forget(self) -> None:
        self.worker.cache.clear()

    def deafen(self) -> None:
        self.sockets.deafen()

    def interrupt(self) -> None:
        self.queue.interrupt()

    def queue_foreign(self, count: int = 1) -> list[str]:
        """Their ids."""
        graph = {"1": {"class_type": "PreviewAny", "inputs": {"source": "theirs"}}}
        names = [str(uuid.uuid4()) for _ in range(count)]
        for name in names:
            number, extra = next(self.routes.number), {"client_id": "somebody-else"}
            job = Job(number=number, id=name, graph=graph, extra=extra, outputs=["1"])
            self.queue.put(job)
        return names

    def _tell_status(self) -> None:
        status = {"exec_info": {"queue_remaining": self.queue.remaining()}}
        self.sockets.post("status", {"status": status})

    def _run(self, target: Any) -> None:
        thread = threading.Thread(target=target, name="stand-in")
        self._threads.append(thread)
        thread.start()

    def _join(self) -> None:
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _close(self) -> None:
        loop = self.sockets.loop
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._stop.set)

    def _open(self) -> None:
        """Listens when it returns; its thread is the first of all."""
        loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self.sockets = Sockets(loop, is_forgetful=self.is_forgetful, limit=self.limit_bytes)
        self.routes = Routes(
            build=self.build,
            folders=self.folders,
            queue=self.queue,
            sockets=self.sockets,
            faults=self.faults,
            diary=self.diary,
            device=self.device,
            forget=self.forget,
        )
        listens = threading.Event()
        line = bound(self.port)
        self.port = line.getsockname()[1]
        thread = threading.Thread(
            target=self._serve, args=(loop, line, listens), name="stand-in network"
        )
        self._threads.insert(0, thread)
        thread.start()
        if not listens.wait(TIMEOUT_S):
            raise TimeoutError("the stand-in does not listen")

    def _serve(
        self, loop: asyncio.AbstractEventLoop, line: socket.socket, listens: threading.Event
    ) -> None:
        try:
            loop.run_until_complete(self._serve_until_stopped(line, listens))
            loop.run_until_complete(loop.shutdown_default_executor())
        finally:
            loop.close()

    async def _serve_until_stopped(self, line: socket.socket, listens: threading.Event) -> None:
        runner = web.AppRunner(
            self._app(), access_log=None, shutdown_timeout=0.01
        )  # 0 waits for ever
        await runner.setup()
        site = web.SockSite(runner, line, ssl_context=self.tls.context if self.tls else None)
        await site.start()
        publishing = asyncio.ensure_future(self.sockets.publish())
        listens.set()
        await self._stop.wait()
        publishing.cancel()
        asyncio.get_running_loop().remove_reader(line)
        for _ in range(3):  # asyncio loses, open, who was let in just before a server is closed
            await asyncio.sleep(0)
        await site.stop()
        for connection in runner.server.connections if runner.server else ():
            if connection.transport is not None:
                connection.transport.abort()
        await runner.cleanup()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=self.limit_bytes, middlewares=[self._answer])
        for (method, path, handler), api in itertools.product(self.routes.table(), ("", "/api")):
            add = app.router.add_get if method == "GET" else app.router.add_post
            add(f"{self.prefix}{api}{path}", handler)  # GET answers HEAD as well
        for method, path, handler in self.routes.job_table():
            app.router.add_route(method, f"{self.prefix}/api{path}", handler)
        return app

    @web.middleware
    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        path = request.path.removeprefix(self.prefix)
        self.diary.add(request, path)
        status = 0
        try:
            response = await self._through_faults(request, handler, path)
            status = response.status
        except web.HTTPException as error:
            status = error.status
            raise
        except Severed:
            return web.Response()
        finally:
            self.diary.close(request, status)
        return response

    async def _through_faults(
        self, request: web.Request, handler: Handler, path: str
    ) -> web.StreamResponse:
        action = self.faults.of_request(request.method, path.removeprefix("/api"))
        if action is None:
            return await self._checked(request, handler)
        return await action(request, lambda: self._checked(request, handler))

    async def _checked(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not is_let_in(request, self.token, self.user, self.needs_headers):
            return await denied()(request, lambda: handler(request))
        if is_foreign_page(request):
            return web.Response(status=403)
        if not request.content_type.startswith("multipart/"):
            self.diary.entry(request).body = await request.read()
        return await handler(request)


def described_device(kind: str, vram_mb: int, free_mb: int) -> dict[str, Any]:
    is_cpu = kind == "cpu"
    return {
        "name": "cpu" if is_cpu else "cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync",
        "type": kind,
        "index": None if is_cpu else 0,
        "vram_total": vram_mb * 2**20,
        "vram_free": free_mb * 2**20,
        "torch_vram_total": 0 if is_cpu else 33_554_432,
        "torch_vram_free": 0 if is_cpu else 25_165_824,
    }


def bound(port: int) -> socket.socket:
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    line.bind((HOST, port))
    return line
