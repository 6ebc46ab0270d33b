"""Runs one job after the other and says so, message by message, as a real server does."""

import hashlib
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.engine.comfy.stand_in.faults import Faults, NodeFailure
from tests.engine.comfy.stand_in.files import Folders, to_bytes
from tests.engine.comfy.stand_in.graph import (
    Graph,
    ancestors,
    inputs_of,
    is_link,
    links,
    next_node,
    signatures,
)
from tests.engine.comfy.stand_in.nodes import Fill, Result, Stage, run
from tests.engine.comfy.stand_in.queue import Dead, Gate, Interrupted, Job, Queue
from tests.engine.comfy.stand_in.segmenting import Detect, Segment
from tests.engine.comfy.stand_in.sockets import Sockets


@dataclass(slots=True, kw_only=True)
class Plugs:
    """What replaces the networks."""

    fill: Fill
    detect: Detect
    segment: Segment


@dataclass(slots=True, kw_only=True)
class Worker:
    """`run` is a thread's whole life. What it remembers of earlier jobs is its `cache`."""

    queue: Queue
    sockets: Sockets
    folders: Folders
    gate: Gate
    faults: Faults
    plugs: Plugs
    nodes: Mapping[str, Mapping[str, Any]]  # what /object_info says of each class
    keeps_all: bool  # in its cache, beyond the next job
    previews: bool  # whether a job without a wish of its own shows any
    asks_previews: bool  # whether a job may wish
    cache: dict[str, Result] = field(default_factory=dict)

    def run(self) -> None:
        try:
            while True:
                self.work(self.queue.take())
        except Dead:
            return

    def work(self, job: Job) -> None:
        run = Run(job, self)
        self.gate.pass_through({"start"})
        self.queue.start()
        self.sockets.client = job.client
        entry = run.whole()
        self.gate.pass_through({"history"})
        self.faults.wait_for_history(self.queue)
        self.sockets.node = None
        self.queue.done(job, entry)
        if job.client is not None:
            self.sockets.post("executing", {"node": None, "prompt_id": job.id}, job.client)


class Run:
    """One job, from execution_start to its entry in the history."""

    def __init__(self, job: Job, worker: Worker) -> None:
        self.job, self.worker = job, worker
        self.graph: Graph = job.graph
        self.messages: list[tuple[str, dict[str, Any]]] = []
        self.progress: dict[str, dict[str, Any]] = {}
        self.results: dict[str, Result] = {}
        self.executed: list[str] = []
        self.shown: dict[str, dict[str, Any]] = {}
        self.node = ""

    def whole(self) -> dict[str, Any]:
        self.tell("execution_start")
        waiting = self.needed()
        self.signatures = signatures({name: self.graph[name] for name in waiting}, self.stamp)
        cached = [name for name in waiting if self.signatures[name] in self.worker.cache]
        self.tell("execution_cached", nodes=cached)
        self.forget()
        is_success = self.all_nodes(self.left(waiting, set(cached)))
        return {
            "outputs": self.shown,
            "status": {
                "status_str": "success" if is_success else "error",
                "completed": is_success,
                "messages": [list(message) for message in self.messages],
            },
            "meta": {name: self.naming(name) for name in self.shown},
        }

    def needed(self) -> list[str]:
        ends = self.job.outputs
        wanted = set(ends).union(*(ancestors(self.graph, end) for end in ends))
        return [name for name in self.graph if name in wanted]

    def left(self, waiting: list[str], cached: set[str]) -> set[str]:
        """What has to be run: outputs always, and of the others what nobody remembers."""
        left, open_ends = set[str](), list(self.job.outputs)
        for name in cached:
            self.results[name] = self.worker.cache[self.signatures[name]]
        while open_ends:
            name = open_ends.pop()
            left.add(name)
            if name not in cached:
                open_ends += [source for source in links(self.graph[name]) if source not in cached]
        return left

    def forget(self) -> None:
        if not self.worker.keeps_all:
            kept = set(self.signatures.values())
            old = self.worker.cache
            self.worker.cache = {name: old[name] for name in old if name in kept}

    def stamp(self, node: Mapping[str, Any]) -> str:
        """The content of a file that is loaded: another picture of that name is another node."""
        name = node["inputs"].get("image")
        if not isinstance(name, str) or not self.worker.folders.exists(name):
            return ""
        return hashlib.sha256(self.worker.folders.annotated(name).read_bytes()).hexdigest()

    def all_nodes(self, waiting: set[str]) -> bool:
        outputs = {name for name in waiting if self.spec(name)["output_node"]}
        try:
            while waiting:
                self.node = next_node(self.graph, waiting, outputs)
                self.one_node(self.node)
                waiting.remove(self.node)
        except Interrupted:
            self.tell("execution_interrupted", to_all=True, **self.place())
            return False
        except Dead:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a node raises is its answer
            self.tell("execution_error", **self.place(), **self.failure(error))
            return False
        self.tell("execution_success")
        return True

    def kind(self, name: str) -> str:
        return self.graph[name]["class_type"]

    def spec(self, name: str) -> Mapping[str, Any]:
        return self.worker.nodes[self.kind(name)]

    def one_node(self, name: str) -> None:
        known = self.results.get(name)
        if known is not None:
            self.show(name, known)
            self.finish(name)
            return
        self.begin(name)
        self.worker.gate.pass_through({"", name, self.kind(name)})
        self.worker.faults.at_node(self.kind(name))
        if self.worker.queue.is_dead:
            raise Dead
        result = run(self.stage(), self.kind(name), self.values(name))
        self.results[name] = self.worker.cache[self.signatures[name]] = result
        self.executed.append(name)
        if result.ui is not None:
            self.show(name, result)
        self.finish(name)

    def begin(self, name: str) -> None:
        self.progress[name] = self.entry(name, 0, 1, "running")
        self.tell_progress()
        if self.job.client is not None:
            self.worker.sockets.node = name
            about = {"node": name, "display_node": name, "prompt_id": self.job.id}
            self.worker.sockets.post("executing", about, self.job.client)
        self.worker.queue.check()

    def values(self, name: str) -> dict[str, Any]:
        """What the links bring and what is set; names that the class has not are left out."""
        known = {key for key, _, _ in inputs_of(self.spec(name))}
        found = {key: of for key, of in self.graph[name]["inputs"].items() if key in known}
        return {
            key: self.results[of[0]].outputs[of[1]] if is_link(of) else of
            for key, of in found.items()
        }

    def stage(self) -> Stage:
        plugs = self.worker.plugs
        pnginfo = self.job.extra.get("extra_pnginfo") or {}
        return Stage(
            folders=self.worker.folders,
            step=self.step,
            fill=plugs.fill,
            detect=plugs.detect,
            segment=plugs.segment,
            chunks={"prompt": self.graph, **pnginfo},
        )

    def step(self, done: int, high: int, image: np.ndarray | None) -> None:
        """One step of a sampler: told, shown, and the place where an interrupt is heard."""
        name = self.node
        self.progress[name] = self.entry(name, done, high, "running")
        self.tell_progress()
        about = {"value": done, "max": high, "prompt_id": self.job.id, "node": name}
        self.worker.sockets.post("progress", about, self.job.client)
        if image is not None and self.shows_previews():
            self.worker.sockets.post_preview(to_bytes(image), self.naming(name))
        places = {"", name, self.kind(name)}
        self.worker.gate.pass_through(places, done, wakes_on_stop=True)
        self.worker.queue.check()

    def shows_previews(self) -> bool:
        wish = self.job.extra.get("preview_method")
        if wish is None or wish == "default" or not self.worker.asks_previews:
            return self.worker.previews
        return wish != "none"

    def finish(self, name: str) -> None:
        high = self.progress[name]["max"] if name in self.progress else 1
        self.progress[name] = self.entry(name, high, high, "finished")
        self.tell_progress()

    def show(self, name: str, result: Result) -> None:
        if result.ui is not None:
            self.shown[name] = result.ui
        if self.job.client is not None:
            about = {"node": name, "display_node": name, "output": result.ui}
            self.worker.sockets.post(
                "executed", {**about, "prompt_id": self.job.id}, self.job.client
            )

    def entry(self, name: str, value: float, high: float, state: str) -> dict[str, Any]:
        return {"value": float(value), "max": float(high), "state": state, **self.naming(name)}

    def naming(self, name: str) -> dict[str, Any]:
        return {
            "node_id": name,
            "prompt_id": self.job.id,
            "display_node_id": name,
            "parent_node_id": None,
            "real_node_id": name,
        }

    def tell_progress(self) -> None:
        about = {"prompt_id": self.job.id, "nodes": dict(self.progress)}
        self.worker.sockets.post("progress_state", about, self.job.client)

    def tell(self, kind: str, *, to_all: bool = False, **more: Any) -> None:
        """What is also kept for the history; only whom it concerns hears it."""
        about = {**more, "prompt_id": self.job.id, "timestamp": int(time.time() * 1000)}
        self.messages.append((kind, about))
        if self.job.client is not None or to_all:
            self.worker.sockets.post(kind, about, self.job.client)

    def place(self) -> dict[str, Any]:
        return {
            "node_id": self.node,
            "node_type": self.kind(self.node),
            "executed": list(self.executed),
        }

    def failure(self, error: Exception) -> dict[str, Any]:
        name = f"{type(error).__module__}.{type(error).__name__}".removeprefix("builtins.")
        values = self.graph[self.node]["inputs"].items()
        return {
            "exception_message": str(error),
            "exception_type": error.kind if isinstance(error, NodeFailure) else name,
            "traceback": traceback.format_tb(error.__traceback__),
            "current_inputs": {key: [str(of)] for key, of in values if not is_link(of)},
            "current_outputs": list(self.executed),
        }
