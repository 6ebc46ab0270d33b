"""Checks on a small hole that a device computes what the processor does, before it is used."""

from typing import Protocol

import numpy as np

from engine.geometry import Image, Mask
from engine.jobs.backend import JobContext

SIDE_PX = 64
NEAR = 2  # levels of 255


class HoleFiller(Protocol):
    """A network that fills holes."""

    def fill(self, image: Image, mask: Mask, job: JobContext) -> Image:
        """(h, w, 3) new pixels where the (h, w) mask is above 0; elsewhere the image."""
        ...


def agree(trusted: HoleFiller, other: HoleFiller, job: JobContext) -> bool:
    """Both fill the same small hole alike; what the other cannot do at all counts as no."""
    image, mask = _sample()
    wanted = trusted.fill(image, mask, job).astype(np.int16)
    try:
        found = other.fill(image, mask, job)
    except (RuntimeError, NotImplementedError):
        return False
    return bool(np.abs(wanted - found).max() <= NEAR)


def _sample() -> tuple[Image, Mask]:
    ramp = np.linspace(0, 255, SIDE_PX).astype(np.uint8)
    image = np.stack(np.broadcast_arrays(ramp[None], ramp[:, None], ramp[None, ::-1]), -1)
    mask = np.zeros((SIDE_PX, SIDE_PX), np.uint8)
    mask[20:44, 20:44] = 255
    return np.ascontiguousarray(image), mask
