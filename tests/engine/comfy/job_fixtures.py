"""Small plans, a job that records its reports, and connections with short timeouts."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from engine.comfy.jobs.connection import Connection
from engine.comfy.jobs.job_store import KeptJobs
from engine.comfy.jobs.remote_job import JobSite
from engine.comfy.prompt_plan import Graph, Plan, PlanOutputs, Upload
from engine.comfy.protocol.probe import probe
from engine.comfy.server.address import Server
from engine.comfy.server.timeouts import JobTimeouts
from engine.comfy.server.transport import Transport
from engine.errors import Cancelled
from engine.net import http as web
from tests.engine.comfy.stand_in.server import StandIn

QUICK = JobTimeouts(
    tick_s=0.02,
    poll_s=0.1,
    longest_poll_s=0.3,
    lost_s=0.2,
    gone_s=5.0,
    gone_elsewhere_s=0.3,
    again_s=0.05,
    longest_again_s=0.1,
    stop_again_s=0.2,
    stop_s=3.0,
    stop_poll_s=0.03,
    socket_s=1.0,
    close_s=0.2,
)
WAIT_S = 8.0


def picture(seed: int = 0) -> bytes:
    """A PNG of 32 x 24."""
    noise = np.random.default_rng(seed).integers(0, 255, (24, 32, 3), np.uint8)
    return cv2.imencode(".png", noise)[1].tobytes()


def removal(seed: int = 0) -> Plan:
    """Load, remove, show: the shortest job with pictures both ways."""
    image, mask = Upload(content=picture(seed)), Upload(content=picture(seed + 1000))
    remover = {
        "images": ["image", 0],
        "masks": ["mask", 0],
        "mask_threshold": 250,
        "gaussblur_radius": 0,
        "invert_mask": False,
    }
    graph: Graph = {
        "image": node("LoadImage", image=image.name),
        "mask": node("LoadImageMask", image=mask.name, channel="red"),
        "lama": node("LamaRemover", **remover),
        "out": node("PreviewImage", images=["lama", 0]),
    }
    return Plan(graph=graph, wanted=("out",), uploads=(image, mask))


def painting(steps: int = 4, seed: int = 0) -> Plan:
    """A sampler that can be watched and stopped between its steps."""
    checkpoint = "v1-5-pruned-emaonly-fp16.safetensors"
    sampler = {
        "model": ["model", 0],
        "positive": ["text", 0],
        "negative": ["text", 0],
        "latent_image": ["latent", 0],
        "seed": seed,
        "steps": steps,
        "cfg": 7.0,
        "sampler_name": "euler",
        "scheduler": "normal",
        "denoise": 1.0,
    }
    image = Upload(content=picture(seed))
    graph: Graph = {
        "model": node("CheckpointLoaderSimple", ckpt_name=checkpoint),
        "text": node("CLIPTextEncode", text="a dog", clip=["model", 1]),
        "image": node("LoadImage", image=image.name),
        "latent": node("VAEEncode", pixels=["image", 0], vae=["model", 2]),
        "sampler": node("KSampler", **sampler),
        "decode": node("VAEDecode", samples=["sampler", 0], vae=["model", 2]),
        "out": node("PreviewImage", images=["decode", 0]),
    }
    needs = (("checkpoints", checkpoint),)
    return Plan(graph=graph, wanted=("out",), uploads=(image,), needs=needs)


def node(class_type: str, **inputs: object) -> dict[str, object]:
    return {"class_type": class_type, "inputs": inputs}


@dataclass(slots=True, eq=False)
class RecordingJob:
    """A job that remembers what it was told, and can be stopped at a note."""

    fractions: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # each once, until it changes
    previews: list[np.ndarray] = field(default_factory=list)
    is_stopped: threading.Event = field(default_factory=threading.Event)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def report(self, fraction: float, note: str = "", preview: np.ndarray | None = None) -> None:
        with self.changed:
            self.fractions.append(fraction)
            if note and (not self.notes or self.notes[-1] != note):
                self.notes.append(note)
            if preview is not None:
                self.previews.append(preview)
            self.changed.notify_all()
        if self.is_stopped.is_set():
            raise Cancelled

    def wait_for(self, note: str) -> None:
        with self.changed:
            if not self.changed.wait_for(lambda: note in self.notes, WAIT_S):
                raise TimeoutError(f"{note} was not told, but {self.notes}")

    def cancel(self) -> None:
        self.is_stopped.set()


@dataclass(slots=True, eq=False)
class JobThread:
    """A job in a thread of its own; `end` gives what came of it."""

    work: Callable[[], PlanOutputs]
    outputs: PlanOutputs | None = None
    error: BaseException | None = None
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._run, name="job")
        self.thread.start()

    def _run(self) -> None:
        try:
            self.outputs = self.work()
        except BaseException as error:  # noqa: BLE001 what the test asks for
            self.error = error

    def end(self) -> PlanOutputs | BaseException:
        self.thread.join(WAIT_S)
        assert not self.thread.is_alive(), "the job hangs"
        return self.outputs if self.outputs is not None else self.error or AssertionError()


@contextmanager
def connected(
    server: StandIn, folder: Path, timeouts: JobTimeouts = QUICK, name: str = "lab"
) -> Iterator[Connection]:
    """A connection that has met its server."""
    connection = connect(Server(name=name, url=server.url), folder, timeouts)
    try:
        connection.probe(lambda: None)
        yield connection
    finally:
        connection.close()


def connect(
    server: Server,
    folder: Path,
    timeouts: JobTimeouts = QUICK,
    changed: Callable[[], object] = lambda: None,
) -> Connection:
    return Connection(server, transport_to, KeptJobs(folder), changed=changed, timeouts=timeouts)


def transport_to(server: Server) -> Transport:
    """One that soon notices when nobody speaks any more."""
    return Transport(server, timeouts=web.HttpTimeouts(connect_s=2.0, stall_s=1.5))


@contextmanager
def site_of(server: StandIn, folder: Path, timeouts: JobTimeouts = QUICK) -> Iterator[JobSite]:
    """A server that was met."""
    transport = transport_to(Server(name="lab", url=server.url))
    try:
        yield JobSite(
            name="lab",
            transport=transport,
            snapshot=probe(transport, lambda: None),
            kept=KeptJobs(folder),
            timeouts=timeouts,
        )
    finally:
        transport.close()


def prompts(server: StandIn) -> list[str]:
    """Ids of what was posted."""
    return [seen.json["prompt_id"] for seen in server.calls("POST", "/prompt")]


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))
