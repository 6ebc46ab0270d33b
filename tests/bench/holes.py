"""The cost of a hole in a large picture, against the same hole in a small one, with local models.

    python -m tests.bench.holes [--lama]

CPU time of one thread, this side of the process alone: planning, laying onto canvases, tiles,
matching, writing to the document and the check of the ring. The model answers at once; what it
would take is the number and size of its canvases, which are printed. With --lama it is the real
network with random weights, in this process, and its time counts.
"""

import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import cv2
import numpy as np

from app.document.document import Document
from engine import tasks
from engine.geometry import Image, Mask, Size
from engine.inpaint import crops
from engine.inpaint.crops import RemoveOptions
from engine.inpaint.fill_large import fill
from engine.inpaint.paint import inpaint
from engine.jobs.backend import JobContext
from engine.jobs.fake import FakeBackend
from engine.jobs.operations import Fill, Operation, PaintedCanvas
from engine.jobs.paint_settings import Painted, PaintSettings
from engine.jobs.requests import Hole, InpaintResult, RemoveResult
from engine.models.families import PROFILES, Family, Kind
from engine.picture import Picture
from tests.bench.jobs import NoJob, photo
from tests.support.scripted import model

SMALL, LARGE = Size(1632, 1224), Size(6000, 4000)  # 2 and 24 megapixels
HOLE = (1000, 1000)
OPTIONS = RemoveOptions(grow_px=6, feather_px=4)
BAR, ROUNDS = 1.1, 5


class Counting:
    """Answers with what it was asked, a little darker, and counts canvases."""

    def __init__(self, network: Any = None) -> None:
        self.pixels: list[int] = []
        self._network = network

    def __call__(self, operation: Operation, job: JobContext) -> Any:
        assert not isinstance(operation, type(None))
        self.pixels.append(operation.mask.size)  # type: ignore[union-attr]
        if self._network is not None:
            return self._network.fill(operation.image, operation.mask, job)  # type: ignore[union-attr]
        pixels = (operation.image * np.float32(0.97)).astype(np.uint8)  # type: ignore[union-attr]
        if isinstance(operation, Fill):
            return np.where(operation.mask[..., None] > 0, pixels, operation.image)
        return PaintedCanvas(image=pixels, sigmas=(), device="", precision="", versions=())


class Local(FakeBackend):
    """The way of local models, without their process."""

    def __init__(self, ask: Counting) -> None:
        self.ask = ask

    def fill(self, hole: Hole, seed: int, job: JobContext) -> Image:
        return fill(self.ask, model(Family.LAMA, Kind.REMOVER), hole, job)

    def inpaint(self, hole: Hole, settings: PaintSettings, seed: int, job: JobContext) -> Painted:
        return inpaint(
            self.ask, model(Family.SDXL_INPAINT), (), (), hole, settings, seed, job,
            prefill=lambda small, part: self.fill(small, seed, part),
        )  # fmt: skip


def opened(size: Size) -> Document:
    """A document with a hole of a megapixel marked in its middle."""
    tiled = np.tile(photo(), (4, 4, 1))[: size.height, : size.width]
    document = Document.from_picture(Picture(pixels=np.ascontiguousarray(tiled)))
    mask: Mask = document.writable_mask()
    middle = (size.width // 2, size.height // 2)
    cv2.ellipse(mask, middle, (HOLE[0] * 564 // 1000, HOLE[1] * 564 // 1000), 0, 0, 360, 255, -1)
    return document


def removed(document: Document, backend: Local) -> float:
    """Share of the work that matching and stitching take."""
    profile = PROFILES[Family.LAMA]
    start_s = time.process_time()
    request = tasks.plan_remove(document.view, document.mask, OPTIONS, profile=profile, seed=1)
    result = tasks.run(backend, request, NoJob())
    assert isinstance(result, RemoveResult)
    assert sum(document.write(patch) for patch in result.patches) == 0
    whole_s = time.process_time() - start_s
    start_s = time.process_time()
    for hole in request.holes:
        crops.stitch(hole, hole.image)
    return (time.process_time() - start_s) / whole_s


def painted(document: Document, backend: Local) -> float:
    profile, settings = PROFILES[Family.SDXL_INPAINT], PaintSettings(prompt="meat")
    start_s = time.process_time()
    request = tasks.plan_inpaint(
        document.view, document.mask, OPTIONS, settings, profile=profile, seed=1
    )
    result = tasks.run(backend, request, NoJob())
    assert isinstance(result, InpaintResult)
    assert sum(document.write(patch) for patch in result.patches) == 0
    whole_s = time.process_time() - start_s
    start_s = time.process_time()
    for hole, patch in zip(request.holes, result.patches, strict=True):
        drawn = (hole.image * np.float32(0.97)).astype(np.uint8)
        assert crops.stitch(hole, drawn).rect == patch.rect
    return (time.process_time() - start_s) / whole_s


def compared(name: str, act: Callable[[Document, Local], float], rounds: int, network: Any) -> None:
    taken: dict[Size, list[float]] = {SMALL: [], LARGE: []}
    shares: list[float] = []
    canvases: dict[Size, list[int]] = {}
    for _ in range(rounds):
        for size, seconds in taken.items():
            document, backend = opened(size), Local(Counting(network))
            start_s = time.process_time()
            share = act(document, backend)
            whole_s = time.process_time() - start_s
            seconds.append(whole_s / (1 + share))
            shares.append(share)
            canvases[size] = backend.ask.pixels
    small, large = median(taken[SMALL]), median(taken[LARGE])
    for size in (SMALL, LARGE):
        print(
            f"{name} {size.pixels / 1e6:4.0f} MP: {median(taken[size]):6.2f} s,"
            f" {len(canvases[size])} canvases, {sum(canvases[size]) / 1e6:.2f} MP"
        )
    print(f"{name} 24 MP over 2 MP: {large / small:.3f} (bar {BAR})")
    print(f"{name} matching and stitching: {median(shares):.0%} of this side's work\n")


def main() -> None:
    cv2.setNumThreads(1)
    network, rounds = None, ROUNDS
    if "--lama" in sys.argv:
        import torch

        from engine.local.nets.remove.lama import LamaRemover
        from tests.engine.local.nets.lama_nets import network as made

        torch.set_num_threads(1)
        network, rounds = LamaRemover(made(), torch.device("cpu")), 1
    compared("remove", removed, rounds, network)
    if network is None:
        compared("paint", painted, rounds, None)


if __name__ == "__main__":
    main()
