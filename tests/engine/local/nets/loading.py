"""What the tests of checkpoints share: loading one, and comparing two."""

import dataclasses
from pathlib import Path
from typing import Any

import torch

from engine.errors import Cancelled
from engine.local.nets.components import PipelineComponents
from engine.local.nets.loading import checkpoints
from engine.models.identify import identify


class Job:
    """Goes on, or stops at a report."""

    def __init__(self, stop_at: float = 2.0) -> None:
        self._stop_at = stop_at

    def report(self, fraction: float, note: str = "", preview: Any = None) -> None:
        if fraction >= self._stop_at:
            raise Cancelled


def load(
    path: Path, *given: Path, dtype: torch.dtype = torch.float32, **changes: Any
) -> PipelineComponents:
    model = dataclasses.replace(identify(path), **changes)
    parts = [identify(each) for each in given]
    return checkpoints.load(model, parts, None, Job(), device=torch.device("cpu"), dtype=dtype)


def networks(parts: PipelineComponents) -> list[torch.nn.Module]:
    return [parts.backbone, parts.vae, *parts.text_encoders]


def difference(left: PipelineComponents, right: PipelineComponents) -> float:
    """The largest between two tensors of the same name; the names are the same."""
    worst = 0.0
    for a, b in zip(networks(left), networks(right), strict=True):
        ours, theirs = a.state_dict(), b.state_dict()
        assert ours.keys() == theirs.keys()
        worst = max(worst, *((ours[n].float() - theirs[n].float()).abs().max() for n in ours))
    return float(worst)
