"""Makes the backends of window and command line.

Each is imported where it is made, in its own thread, because that takes a while.
"""

from collections.abc import Callable

from engine.jobs.backend import Backend
from engine.jobs.operations import Device
from engine.models.model_file import Installed


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
        installed,
        fill_else=lambda hole, seed, job: fill(hole.image, hole.mask, seed, job.report),
    )
    backend.client.on_device = tell
    return backend
