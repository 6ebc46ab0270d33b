"""A ComfyUI of the reader's own, and jobs for it that are small enough for a processor.

What the tests are told, all in the environment:
    LACUNA_COMFY_URL         its address; without it nothing of this runs
    LACUNA_COMFY_CHECKPOINT  what paints there, if not the one that Lacuna would take
    LACUNA_COMFY_RESTART     a command that kills it, starts it again and waits until it answers
    LACUNA_COMFY_LAMA        weights, here, of the very LaMa that it fills with
    LACUNA_COMFY_SAME        checkpoints, here, that it has under the same names: paths, with commas
It should be idle: that nothing is left in its queue is part of what is tested.
"""

import os
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.comfy import server_models as stock
from engine.comfy.jobs.connection import Connection
from engine.comfy.jobs.job_store import KeptJobs
from engine.comfy.prompt_plan import Graph, Node, Plan, Upload
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.comfy.server.address import Server
from engine.comfy.server.transport import Transport
from engine.errors import Cancelled
from engine.geometry import Image, Mask, Size
from engine.image_io.encoding.png_writer import encode_png
from engine.jobs.operations import Fill, Paint
from engine.jobs.paint_settings import PaintSettings
from engine.models.families import Family, Kind
from engine.models.model_file import ModelFile

URL = os.environ.get("LACUNA_COMFY_URL", "")
GONE_S = 120.0
LONG = 2000  # steps: of a job that does not come to its end
SIZE = Size(128, 96)

Weighted = tuple[ModelFile, float]


def told(name: str) -> str:
    """What the environment says, or the test is skipped."""
    value = os.environ.get(name, "")
    if not value:
        pytest.skip(f"{name} is not set: see tests/engine/comfy/real.py")
    return value


@contextmanager
def met(kept: Path) -> Iterator[tuple[Connection, ServerSnapshot]]:
    """The server, after it was asked what it is."""
    server = Server(name="yours", url=URL)
    connection = Connection(server, Transport, KeptJobs(kept), changed=lambda: None)
    yield connection, connection.probe(lambda: None)
    connection.close()


def queued() -> int:
    """How many prompts run or wait there, of anybody."""
    said = asked("/queue")
    return len(said["queue_running"]) + len(said["queue_pending"])


def asked(path: str) -> dict[str, list[object]]:
    transport = Transport(Server(name="yours", url=URL))
    said = transport.get_json(path, lambda: None)
    transport.close()
    return said


class Job:
    """Keeps what was reported.

    `on_note` is called with every note, `on_step` once, when the first step of sampling is done.
    """

    def __init__(
        self,
        on_step: Callable[[], object] = lambda: None,
        on_note: Callable[[str], object] = lambda note: None,
    ) -> None:
        self.fractions: list[float] = []
        self.notes: list[str] = []
        self.is_stopped = threading.Event()
        self._on_step, self._on_note = on_step, on_note
        self._sampled: list[float] = []

    def report(self, fraction: float, note: str = "", preview: Image | None = None) -> None:
        self.fractions.append(fraction)
        self.notes.append(note)
        self._on_note(note)
        if note == "sampling":
            self._sample(fraction)
        if self.is_stopped.is_set():
            raise Cancelled

    def _sample(self, fraction: float) -> None:
        if self._sampled[-1:] != [fraction]:
            self._sampled.append(fraction)
            if len(self._sampled) == 2:
                self._on_step()


def fresh() -> int:
    """A seed that the server has not seen: what it has kept it does not do again."""
    return uuid.uuid4().int >> 96


def picture(size: Size = SIZE, seed: int = 0) -> Image:
    """Soft patches of colour: something that a network can go on with."""
    patches = np.random.default_rng(seed).integers(0, 256, (6, 8, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(patches, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def spot(size: Size = SIZE) -> Mask:
    """A disc in the middle."""
    mask = np.zeros((size.height, size.width), np.uint8)
    cv2.circle(mask, (size.width // 2, size.height // 2), min(size) // 4, 255, -1)
    return mask


def checkpoint(snapshot: ServerSnapshot) -> ModelFile:
    found = stock.models_of(snapshot)
    name = os.environ.get("LACUNA_COMFY_CHECKPOINT", "")
    model = found.named(Kind.CHECKPOINT, name) if name else stock.painter(found)
    return model or pytest.skip(f"the server has no checkpoint {name}")


def two_loras(snapshot: ServerSnapshot) -> tuple[Weighted, Weighted]:
    """That fit the checkpoint, as far as they say what they fit."""
    family = checkpoint(snapshot).family
    base = family.base if family else ""
    found = stock.models_of(snapshot).of(Kind.LORA)
    fitting = [lora for lora in found if lora.family is None or lora.family.base == base]
    if len(fitting) < 2:
        pytest.skip("the server has fewer than two LoRAs for its checkpoint")
    return (fitting[0], 1.0), (fitting[1], 0.7)


def removal(size: Size = SIZE, seed: int = 0, path: Path = Path("big-lama.pt")) -> Fill:
    model = ModelFile(
        path=path, kind=Kind.REMOVER, family=Family.LAMA, name=path.name, title="LaMa"
    )
    return Fill(model=model, image=picture(size, seed), mask=spot(size))


def painting(
    model: ModelFile,
    *,
    steps: int = 3,
    loras: tuple[Weighted, ...] = (),
    settings: PaintSettings | None = None,
) -> Paint:
    return Paint(
        model=model,
        parts=(),
        loras=loras,
        image=picture(),
        start=picture(seed=1),
        mask=spot(),
        settings=settings or PaintSettings(prompt="a red lantern", steps=steps),
        seed=fresh(),
    )


def lab(snapshot: ServerSnapshot) -> Plan:
    """LaMa, then a checkpoint with two LoRAs paints on what LaMa made: as labs draw it."""
    image, mask = (
        Upload(content=encode_png(picture(seed=fresh()))),
        Upload(content=encode_png(spot())),
    )
    model, ((first, _), (second, _)) = checkpoint(snapshot), two_loras(snapshot)
    graph: Graph = {
        "1": _node("LoadImage", image=image.name),
        "2": _node("LoadImageMask", image=mask.name, channel="red"),
        "4": _node(
            "LamaRemover", images=["1", 0], masks=["2", 0],
            mask_threshold=250, gaussblur_radius=8, invert_mask=False,
        ),
        "5": _node("PreviewImage", images=["4", 0]),
        "17": _node("CheckpointLoaderSimple", ckpt_name=model.name),
        "46": _lora("17", first.name),
        "47": _lora("46", second.name),
        "15": _node("CLIPTextEncode", text="a face with a smile", clip=["47", 1]),
        "13": _node("CLIPTextEncode", text="watermark, text\n", clip=["47", 1]),
        "14": _node(
            "VAEEncodeForInpaint", pixels=["4", 0], vae=["17", 2], mask=["2", 0], grow_mask_by=6
        ),
        "18": _node(
            "KSampler", model=["47", 0], positive=["15", 0], negative=["13", 0],
            latent_image=["14", 0], seed=fresh(), steps=3, cfg=8.0,
            sampler_name="uni_pc_bh2", scheduler="normal", denoise=1.0,
        ),
        "10": _node("VAEDecode", samples=["18", 0], vae=["17", 2]),
        "11": _node("PreviewImage", images=["10", 0]),
    }  # fmt: skip
    return Plan(graph=graph, wanted=("5", "11"), uploads=(image, mask))


def _lora(before: str, name: str) -> Node:
    return _node(
        "LoraLoader", model=[before, 0], clip=[before, 1],
        lora_name=name, strength_model=1.0, strength_clip=1.0,
    )  # fmt: skip


def _node(class_type: str, **inputs: object) -> Node:
    return {"class_type": class_type, "inputs": inputs}
