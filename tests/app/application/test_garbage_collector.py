"""Cycles are collected on the window's thread, whichever thread made them."""

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.application.garbage_collector import GarbageCollector


class Knot:
    """A cycle that says where it was untied."""

    def __init__(self, seen: list[int]) -> None:
        self.seen, self.itself = seen, self

    def __del__(self) -> None:
        self.seen.append(threading.get_ident())


@pytest.fixture
def collector(qtbot: QtBot) -> Iterator[GarbageCollector]:
    was_enabled, parent = gc.isenabled(), QObject()
    made = GarbageCollector(parent)
    yield made
    made.close()
    (gc.enable if was_enabled else gc.disable)()


def make_knots(seen: list[int]) -> None:
    for _ in range(5_000):
        Knot(seen)


def test_a_worker_never_collects(collector: GarbageCollector) -> None:
    seen: list[int] = []
    worker = threading.Thread(target=make_knots, args=(seen,))
    worker.start()
    worker.join()
    assert seen == []
    collector.collect()
    assert set(seen) == {threading.get_ident()}


def test_closing_gives_it_back(qtbot: QtBot) -> None:
    was_enabled, parent = gc.isenabled(), QObject()
    GarbageCollector(parent).close()
    assert gc.isenabled()
    (gc.enable if was_enabled else gc.disable)()
