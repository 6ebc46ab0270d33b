"""The HTTP side of a stand-in server: every route, with and without /api."""

import itertools
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.engine.comfy.stand_in.build import Build
from tests.engine.comfy.stand_in.faults import Faults, File
from tests.engine.comfy.stand_in.files import Folders, Outside
from tests.engine.comfy.stand_in.graph import Validation, trouble
from tests.engine.comfy.stand_in.jobs import job_record, job_records
from tests.engine.comfy.stand_in.object_info import described
from tests.engine.comfy.stand_in.queue import Job, Queue
from tests.engine.comfy.stand_in.seen import Diary
from tests.engine.comfy.stand_in.sockets import Sockets

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True, kw_only=True)
class Routes:
    build: Build
    folders: Folders
    queue: Queue
    sockets: Sockets
    faults: Faults
    diary: Diary
    device: dict[str, Any]
    forget: Callable[[], None]  # what /free asks for
    number: itertools.count = field(default_factory=itertools.count)

    def table(self) -> list[tuple[str, str, Handler]]:
        return [
            ("GET", "/", self.page),
            ("GET", "/ws", self.socket),
            ("GET", "/system_stats", self.system_stats),
            ("GET", "/features", self.features),
            ("GET", "/object_info", self.object_info),
            ("GET", "/object_info/{name}", self.object_info),
            ("GET", "/models", self.models),
            ("GET", "/models/{folder}", self.model_files),
            ("GET", "/view_metadata/{folder}", self.model_header),
            ("POST", "/upload/image", self.upload),
            ("GET", "/view", self.view),
            ("GET", "/prompt", self.remaining),
            ("POST", "/prompt", self.prompt),
            ("GET", "/queue", self.rows),
            ("POST", "/queue", self.change_queue),
            ("POST", "/interrupt", self.interrupt),
            ("GET", "/history", self.all_history),
            ("GET", "/history/{id}", self.history),
            ("POST", "/history", self.change_history),
            ("POST", "/free", self.free),
        ]

    def job_table(self) -> list[tuple[str, str, Handler]]:
        """Those that are there under /api alone."""
        listing = [("GET", "/jobs", self.jobs), ("GET", "/jobs/{id}", self.job)]
        cancelling = [
            ("POST", "/jobs/{id}/cancel", self.cancel),
            ("POST", "/jobs/cancel", self.cancel_many),
        ]
        listed = listing if self.build.lists_jobs else []
        return listed + (cancelling if self.build.cancels_jobs else [])

    def nodes(self) -> dict[str, dict[str, Any]]:
        return described(self.build, self.folders.inputs())

    async def page(self, request: web.Request) -> web.Response:
        return web.Response(text="<!DOCTYPE html><title>ComfyUI</title>", content_type="text/html")

    async def socket(self, request: web.Request) -> web.StreamResponse:
        client = request.query.get("clientId") or uuid.uuid4().hex
        return await self.sockets.serve(request, client, self.queue.remaining())

    async def system_stats(self, request: web.Request) -> web.Response:
        system = {
            "os": "posix" if not self.build.since(0, 4, 0) else "linux",
            "ram_total": 67_000_000_000,
            "ram_free": 40_000_000_000,
            "comfyui_version": self.build.version,
            "required_frontend_version": "1.49.6",
            "python_version": "3.12.3 (main)",
            "pytorch_version": "2.8.0+cu128",
            "embedded_python": False,
            "argv": ["main.py", "--listen"],
        }
        return web.json_response({"system": system, "devices": [self.device]})

    async def features(self, request: web.Request) -> web.Response:
        return web.json_response(self.sockets.features)

    async def object_info(self, request: web.Request) -> web.Response:
        nodes, name = self.nodes(), request.match_info.get("name")
        if name is None:
            return web.json_response(nodes)
        return web.json_response({name: nodes[name]} if name in nodes else {})

    async def models(self, request: web.Request) -> web.Response:
        return web.json_response(list(self.build.models))

    async def model_files(self, request: web.Request) -> web.Response:
        folder = request.match_info["folder"]
        if folder not in self.build.models:
            return web.Response(status=404)
        return web.json_response(self.build.files(folder))

    async def model_header(self, request: web.Request) -> web.Response:
        files = self.build.models.get(request.match_info["folder"], {})
        header = files.get(request.query.get("filename", ""))
        return web.Response(status=404) if header is None else web.json_response(header)

    async def upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        image, kind = form.get("image"), str(form.get("type") or "input")
        if not isinstance(image, web.FileField) or not image.filename:
            return web.Response(status=400)
        subfolder, content = str(form.get("subfolder", "")), image.file.read()
        fields = {name: of for name, of in form.items() if isinstance(of, str)}
        seen = self.diary.entry(request)
        seen.body, seen.form = content, {**fields, "filename": image.filename}
        if self.faults.truncates_uploads:
            content = content[: len(content) // 2]
        overwrite = str(form.get("overwrite", ""))
        try:
            name = self.folders.store(kind, subfolder, image.filename, content, overwrite)
        except Outside:
            return web.Response(status=400)
        return web.json_response({"name": name, "subfolder": subfolder, "type": kind})

    async def view(self, request: web.Request) -> web.StreamResponse:
        name, kind = request.query.get("filename", ""), request.query.get("type", "output")
        if not name or name.startswith("/") or ".." in name:
            return web.Response(status=400)
        try:
            path = self.folders.inside(
                kind, request.query.get("subfolder", ""), name.split("/")[-1]
            )
        except KeyError:
            return web.Response(status=400)
        except Outside:
            return web.Response(status=403)
        if not path.is_file():
            return web.Response(status=404)
        response = File(path)
        response.headers["Content-Disposition"] = f'filename="{path.name}"'
        return response

    async def remaining(self, request: web.Request) -> web.Response:
        return web.json_response({"exec_info": {"queue_remaining": self.queue.remaining()}})

    async def prompt(self, request: web.Request) -> web.Response:
        body = await request.json()
        if "prompt" not in body:
            message = "No prompt provided"
            return refusal(trouble("no_prompt", message, message), {})
        job_id = self.job_id(body)
        if job_id is None:
            return refusal(trouble("invalid_prompt_id", "prompt_id must be a canonical UUID"), {})
        checked = self.validated(body["prompt"], body.get("partial_execution_targets"))
        if checked.error is not None:
            return refusal(checked.error, checked.node_errors)
        job = self.queued(body, job_id, checked.outputs)
        answer = {"prompt_id": job.id, "number": job.number, "node_errors": checked.node_errors}
        return web.json_response(answer)

    def job_id(self, body: dict[str, Any]) -> str | None:
        own = str(uuid.uuid4())
        asked = str(body.get("prompt_id", own))
        if not self.build.since(0, 3, 45):
            return own
        return asked if not self.build.since(0, 25, 0) or is_canonical(asked) else None

    def validated(self, graph: dict[str, Any], targets: list[str] | None) -> Validation:
        return Validation(
            graph,
            self.nodes(),
            has_file=self.folders.exists,
            targets=targets,
            checks_combos=self.build.since(0, 8, 0),
            names_missing=self.build.since(0, 12, 0),
            names_cycles=self.build.since(0, 20, 0),
        )

    def queued(self, body: dict[str, Any], job_id: str, outputs: list[str]) -> Job:
        number = float(body["number"]) if "number" in body else next(self.number)
        extra = dict(body.get("extra_data") or {})
        if "client_id" in body:
            extra["client_id"] = body["client_id"]
        if self.build.since(0, 4, 0):
            extra["create_time"] = int(time.time() * 1000)
        number = -number if body.get("front") else number
        job = Job(number=number, id=job_id, graph=body["prompt"], extra=extra, outputs=outputs)
        self.queue.put(job)
        return job

    async def rows(self, request: web.Request) -> web.Response:
        return web.json_response(self.queue.rows())

    async def change_queue(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body.get("clear"):
            self.queue.clear()
        self.queue.delete(body.get("delete", []))
        return web.Response()

    async def interrupt(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read() or b"{}")
        knows_ids = self.build.since(0, 3, 58)
        self.queue.interrupt(body.get("prompt_id") if knows_ids else None)
        return web.Response()

    async def all_history(self, request: web.Request) -> web.Response:
        return web.json_response(self.queue.history)

    async def history(self, request: web.Request) -> web.Response:
        name = request.match_info["id"]
        found = self.queue.history.get(name)
        return web.json_response({} if found is None else {name: found})

    async def change_history(self, request: web.Request) -> web.Response:
        body = await request.json()
        gone = list(self.queue.history) if body.get("clear") else body.get("delete", [])
        for name in gone:
            self.queue.history.pop(name, None)
        return web.Response()

    async def free(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body.get("free_memory"):
            self.forget()
        return web.Response()

    async def jobs(self, request: web.Request) -> web.Response:
        return job_records(self.queue, request.query)

    async def job(self, request: web.Request) -> web.Response:
        found = job_record(self.queue, request.match_info["id"])
        if found is None:
            return web.json_response({"error": "Job not found"}, status=404)
        return web.json_response(found)

    async def cancel(self, request: web.Request) -> web.Response:
        name = request.match_info["id"]
        if job_record(self.queue, name) is None:
            return web.json_response({"error": "Job not found"}, status=404)
        return web.json_response({"cancelled": self.queue.cancel(name)})

    async def cancel_many(self, request: web.Request) -> web.Response:
        body = await request.json()
        gone = [name for name in body.get("job_ids", []) if self.queue.cancel(name)]
        return web.json_response({"cancelled": gone})


def refusal(error: dict[str, Any], node_errors: dict[str, Any]) -> web.Response:
    return web.json_response({"error": error, "node_errors": node_errors}, status=400)


def is_canonical(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
