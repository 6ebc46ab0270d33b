"""Makes the backends of window and command line.

Each is imported where it is made, in its own thread, because that takes a while.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app import paths
from app.engines import model_places
from engine.dispatch.choice import libraries
from engine.jobs.backend import Backend
from engine.jobs.operations import Device
from engine.models.families import TORCH
from engine.models.model_file import Installed

if TYPE_CHECKING:
    from engine.local.checks.sample import CheckSample
    from engine.local.light_backend import LightBackend


def builtin() -> Backend:
    """What needs no download."""
    from engine.builtin import backend

    return backend.BuiltinBackend()


def local(installed: Callable[[], Installed], tell: Callable[[Device], None]) -> Backend:
    """Models on this computer; their process starts when it is first asked.

    `tell` hears where it computes, in the thread that asks.
    """
    from engine.builtin.fill.fill import fill
    from engine.local.backend import LocalBackend

    backend = LocalBackend(
        lambda: installed().on(TORCH),
        fill_else=lambda hole, seed, job: fill(hole.image, hole.mask, seed, job.report),
    )
    backend.client.on_device = tell
    return backend


def light(installed: Callable[[], Installed], answers: Path | None = None) -> "LightBackend":
    """Small models on this computer, without torch; their process starts when it is first asked.

    `answers` is a folder of recorded answers beside those that are shipped.
    """
    from engine.local.checks.answers import shipped
    from engine.local.light_backend import CheckMeans, LightBackend
    from engine.local.process.client import ProcessClient, light_client
    from engine.models.verdicts import Verdicts, light_runtime

    folders = (shipped(),) if answers is None else (shipped(), answers)
    means = CheckMeans(
        sample=sample,
        verdicts=Verdicts(model_places.verdicts_file()),
        runtime=light_runtime(),
        answers=folders,
        torch=None if libraries() else ProcessClient,
    )
    return LightBackend(installed, light_client(), means)


def sample() -> "CheckSample":
    """What self-checks ask: the picture that ships with the program, and the flower in it."""
    from engine.colour.convert import view_of
    from engine.image_io.reader import read
    from engine.local.checks.sample import sample_of

    return sample_of(view_of(read(paths.resource("sample.jpg"))), 0.295, 0.317)
