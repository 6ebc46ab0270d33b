"""What the stories of painting share: models at hand, and engines that wait or fail."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from pytestqt.qtbot import QtBot

from app.document.document import Document
from app.services.engines import Engines
from app.window.editor import Editor
from engine.dispatch.choice import EngineState
from engine.errors import OutOfMemory
from engine.geometry import Mask
from engine.jobs.backend import Backend, JobContext
from engine.jobs.fake import FakeBackend
from engine.jobs.paint_settings import Painted, PaintSettings
from engine.jobs.requests import Hole
from engine.models.families import Family, Kind
from engine.models.model_file import Installed, ModelFile
from tests.app.support.stories import WAIT_MS, editor, opened, photo_file, selected
from tests.support.models_at_hand import FakeLibrary, device


def checkpoint(name: str, family: Family, problem: str = "") -> ModelFile:
    return ModelFile(
        path=Path("/models") / name,
        kind=Kind.CHECKPOINT,
        family=family,
        name=name,
        title=name.partition(".")[0],
        problem=problem,
    )


def lora(name: str, family: Family | None, *words: str) -> ModelFile:
    return ModelFile(
        path=Path("/models") / name,
        kind=Kind.LORA,
        family=family,
        name=name,
        title=name.partition(".")[0],
        trigger_words=words,
    )


MODELS = Installed(
    models=(
        checkpoint("inpaint.safetensors", Family.SD15_INPAINT),
        checkpoint("dream.safetensors", Family.SD15),
        checkpoint("big.safetensors", Family.SDXL),
        checkpoint("fill.safetensors", Family.FLUX_FILL),
        checkpoint("bad.ckpt", Family.SD15, problem="pickle"),
        lora("tom.safetensors", Family.SD15, "tom the cat", "cat"),
        lora("style.safetensors", Family.SDXL, "ink drawing"),
        lora("flux.safetensors", Family.FLUX_DEV),
    )
)


class Paced(FakeBackend):
    """Paints when it is told to, and can be told to fail."""

    def __init__(self) -> None:
        self.go_on = threading.Semaphore(0)
        self.failing: set[int] = set()
        self.asked: list[tuple[PaintSettings, int]] = []

    def inpaint(self, hole: Hole, settings: PaintSettings, seed: int, job: JobContext) -> Painted:
        self.asked.append((settings, seed))
        while not self.go_on.acquire(timeout=0.06):  # longer than the pause between two reports
            job.report(0.3, "paint", np.full((8, 8, 3), 250, np.uint8))
        if len(self.asked) in self.failing:
            raise OutOfMemory(9000, 100)
        return super().inpaint(hole, settings, seed, job)

    def close(self) -> None:
        for _ in range(20):
            self.go_on.release()


def engines_with(models: Installed, trouble: str = "") -> Engines:
    """On a card, unless there is trouble with the libraries."""
    library = FakeLibrary()
    library.installed = models
    return Engines(library, EngineState(trouble=trouble, device=None if trouble else device()))


@contextmanager
def painter(
    qtbot: QtBot, tmp_path: Path, make_backend: Callable[[], Backend] = FakeBackend
) -> Iterator[Editor]:
    """A window with models, a picture, and its red disc selected by a click."""
    with editor(qtbot, engines=engines_with(MODELS), local=make_backend) as w:
        opened(qtbot, w, photo_file(tmp_path))
        selected(qtbot, w, 120, 80)
        w.painter.set_choices(
            w.painter.choices.changed(prompt="a dog", seed=7, is_seed_fixed=True, variants=4)
        )
        yield w


def painted(qtbot: QtBot, w: Editor, count: int = 4) -> None:
    """Ask by the key, and wait for all variants."""
    before = len(w.variants.all)
    w.actions.trigger("paint.paint")
    arrived(qtbot, w, before + count)


def arrived(qtbot: QtBot, w: Editor, count: int) -> None:
    qtbot.waitUntil(lambda: len(w.variants.all) >= count, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not w.jobs.is_busy, timeout=WAIT_MS)


def document_of(w: Editor) -> Document:
    document = w.session.document
    assert document is not None
    return document


def ring_of(w: Editor, index: int) -> Mask:
    """Where a variant may change the picture, 1 inside."""
    size = document_of(w).size
    ring = np.zeros((size.height, size.width), np.uint8)
    for patch in w.variants.all[index].patches:
        ring[patch.rect.slices] |= (patch.blend > 0).astype(np.uint8)
    return ring
