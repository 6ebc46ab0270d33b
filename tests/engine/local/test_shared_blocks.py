"""Blocks of shared memory and the last report of a job: parts of the link to the engine."""

from typing import Any

import numpy as np
import pytest

from engine.local.process import shared_memory
from engine.local.process.client import (
    _Last,
)
from engine.local.process.messages import ProgressReport
from engine.local.process.shared_memory import Blocks
from tests.engine.local.test_process import SHM, leftovers


@pytest.mark.skipif(not SHM.is_dir(), reason="Linux only")
def test_a_block_of_a_process_long_gone_is_in_nobodys_way() -> None:
    made = Blocks("test-old")
    (SHM / "lacuna-test-old-1").write_bytes(b"x")
    frame = made.pack(np.zeros(1 << 20, np.uint8))
    assert frame.block == "lacuna-test-old-2"
    made.drop_all()
    assert shared_memory.sweep("test-old", 2) == 1
    assert not leftovers() & {"lacuna-test-old-1", "lacuna-test-old-2"}


def test_memory_is_used_again_and_given_back() -> None:
    before = leftovers()
    made = Blocks("test-spare")
    image = np.random.default_rng(1).integers(0, 256, (1 << 20)).astype(np.uint8)
    first = made.pack(image)
    made.drop(first.block)
    second, third = made.pack(image[: 1 << 19]), made.pack(image[::-1].copy())
    assert second.block == first.block != third.block
    made.drop(third.block)
    made.drop(second.block)
    made.drop(second.block)
    made.drop_all()
    assert leftovers() <= before


def test_a_preview_is_shown_also_to_who_was_too_busy() -> None:
    shown: list[Any] = []

    class Busy:
        def report(self, fraction: float, note: str = "", preview: Any = None) -> None:
            shown.append(preview)

    last = _Last("")
    preview = np.zeros((2, 2, 3), np.uint8)
    for report in (ProgressReport(1, 0.1, "sample", preview), ProgressReport(1, 0.2, "sample")):
        last.take(report)
        last.say(Busy())
    last.say(Busy())
    assert [each is preview for each in shown] == [True, True, False]
