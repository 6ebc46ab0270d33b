"""Tasks on disk: whole or not at all, whose they are, and what comes of hostile ones."""

import json
import os
import random
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.journal import pending_tasks
from app.journal.pending_files import PART_S, TaskFiles
from app.journal.pending_tasks import FindTasks, PendingTask
from app.serialization import exact_png as png
from engine import tasks
from engine.geometry import Image, Size
from engine.inpaint.crops import RemoveOptions
from engine.jobs.fake import FakeBackend
from engine.jobs.paint_settings import Lora, PaintSettings
from engine.jobs.requests import InpaintRequest
from tests.support.scripted import Quiet

VIEW = np.random.default_rng(1).integers(0, 255, (60, 80, 3), np.uint8)
SIZE = Size(80, 60)
PRIVATE = 0o700


def request(seed: int = 1) -> InpaintRequest:
    mask = np.zeros(VIEW.shape[:2], np.uint8)
    mask[20:30, 30:40] = 255
    wanted = PaintSettings(prompt="a stone", steps=2, loras=(Lora("fur", 0.5),))
    options = RemoveOptions(grow_px=2, feather_px=1)
    return tasks.plan_inpaint(VIEW, mask, options, wanted, seed=seed)


@pytest.fixture
def files(tmp_path: Path) -> Iterator[TaskFiles]:
    made = TaskFiles(tmp_path / "tasks")
    yield made
    made.close()


def written(files: TaskFiles, seed: int = 1) -> PendingTask:
    task = files.keep(request(seed), SIZE)
    assert task.written is not None
    task.written.result(5)
    return task


def found(files: TaskFiles, view: Image = VIEW) -> list[PendingTask]:
    return FindTasks(folder=files.folder, view=view, revision=9, claims=files).run(Quiet())


def test_what_was_asked_is_found_by_the_next_window(files: TaskFiles, tmp_path: Path) -> None:
    one = written(files)
    assert found(files) == []  # it is under way here
    other = TaskFiles(tmp_path / "tasks")
    assert found(other) == []
    files.close()
    [again] = found(other)
    assert isinstance(again.request, InpaintRequest)
    assert again.path == one.path
    assert (again.request.settings, again.request.seed) == (request().settings, 1)
    assert again.request.revision == 9
    other.forget(again)
    other.close()
    assert list(other.folder.iterdir()) == []


def test_closing_waits_for_what_is_not_written_yet(files: TaskFiles) -> None:
    asked = [files.keep(request(seed), SIZE) for seed in range(20)]
    files.close()
    assert all(each.path.exists() for each in asked)
    assert not list(files.folder.glob("*.lock"))


def test_variants_asked_for_together_are_packed_once(
    files: TaskFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole photograph takes a second."""
    packed: list[int] = []
    encode = png.encode
    monkeypatch.setattr(png, "encode", lambda pixels: (packed.append(1), encode(pixels))[1])
    first = request()
    for seed in range(4):
        files.keep(replace(first, seed=seed), SIZE)
    files.close()
    assert len(packed) == 3 * len(first.holes)
    other = TaskFiles(tmp_path / "tasks")
    assert sorted(each.request.seed for each in found(other)) == [0, 1, 2, 3]
    other.close()


def test_what_is_asked_again_is_written_again(files: TaskFiles) -> None:
    one = written(files)
    files.forget(one)
    files.keep_again(one)
    files.close()
    assert one.path.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no such bits")
def test_nobody_else_may_look(files: TaskFiles) -> None:
    written(files)
    assert files.folder.stat().st_mode & 0o777 == PRIVATE


def test_a_folder_that_cannot_be_made_stops_no_task(tmp_path: Path) -> None:
    (tmp_path / "tasks").write_text("something else")
    files = TaskFiles(tmp_path / "tasks")
    result = pending_tasks.run(FakeBackend(), files.keep(request(), SIZE), Quiet())
    assert result is not None
    files.close()


def test_a_full_disk_stops_no_task(files: TaskFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(os, "fsync", full)
    task = files.keep(request(), SIZE)
    assert pending_tasks.run(FakeBackend(), task, Quiet()) is not None
    files.close()
    assert list(files.folder.iterdir()) == []


def test_it_is_on_disk_before_anything_is_asked(files: TaskFiles) -> None:
    seen: list[bool] = []

    class Looking(FakeBackend):
        def inpaint(self, *args, **named):  # type: ignore[no-untyped-def]
            seen.append(task.path.exists())
            return super().inpaint(*args, **named)

    task = files.keep(request(), SIZE)
    pending_tasks.run(Looking(), task, Quiet())
    assert seen
    assert all(seen)


def test_damaged_and_hostile_files_are_passed_over(files: TaskFiles) -> None:
    good = written(files).path
    content, chance = good.read_bytes(), random.Random(1)
    for _ in range(300):
        damaged = bytearray(content)
        for _ in range(chance.choice([1, 2, 8, 40])):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        good.write_bytes(damaged[: chance.choice([len(damaged), chance.randrange(len(damaged))])])
        pending_tasks.read(good, SIZE)
    for form in ("[" * 100_000, "[]", "null", '{"size": [80, 60, 1]}', json.dumps(_huge())):
        with zipfile.ZipFile(good, "w") as archive:
            archive.writestr("lacuna.json", form)
        assert pending_tasks.read(good, SIZE) is None


def _huge() -> object:
    hole = {"rect": [0, 0, 80, 60], "image": "data/0.png", "mask": "", "blend": ""}
    return {"size": [80, 60], "kind": "paint", "request": {"holes": [hole] * 1000}}


def test_a_small_file_does_not_unpack_to_everything(
    files: TaskFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(files).path
    assert pending_tasks.read(path, SIZE) is not None
    monkeypatch.setattr(pending_tasks, "MAX_PIXELS", 100)
    assert pending_tasks.read(path, SIZE) is None


def test_another_picture_does_not_get_it(files: TaskFiles, tmp_path: Path) -> None:
    written(files)
    files.close()
    other, changed = TaskFiles(tmp_path / "tasks"), VIEW.copy()
    changed[25, 35] ^= 255
    assert found(other, changed) == []
    assert found(other, VIEW[:, :-1]) == []
    assert len(found(other)) == 1  # it was left to others
    other.close()


def test_what_is_old_is_thrown_away(files: TaskFiles, tmp_path: Path) -> None:
    task = written(files).path
    files.close()
    other = TaskFiles(tmp_path / "tasks")
    part, lock = task.with_name(".a.task.1234.part"), task.with_name("gone.lock")
    fresh = task.with_name(".b.task.1234.part")
    for path in (part, lock, fresh):
        path.write_bytes(b"")
    for path, age_s in ((task, pending_tasks.MAX_AGE_S), (part, PART_S), (lock, PART_S)):
        os.utime(path, (time.time() - age_s - 60,) * 2)
    other.tidy()
    assert found(other) == []
    assert list(other.folder.iterdir()) == [fresh]
    other.close()
