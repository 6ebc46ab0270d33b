"""Whatever happens to disk, folder and file: it is said once, and nothing is lost."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from io import FileIO
from pathlib import Path

import numpy as np
import pytest

from app.document.document import Document
from app.document.file_stamp import FileStamp
from app.document.history import History
from app.journal import log as journal_log
from app.journal import writer as journal_writer
from app.journal.journal import Journal, discard, pending, recover
from engine.errors import JournalUnwritable, ProjectUnreadable
from engine.geometry import Rect, Size
from engine.image_io.reader import read
from engine.image_io.writer import ExportOptions, write
from tests.support.documents import document, fingerprint, picture, random_edit
from tests.support.recording import RecordedDocument, after_a_crash, full_disk, recovered


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "cat.png"
    write(picture(size=Size(700, 300)), path, ExportOptions(format="png"))
    return path


@pytest.fixture
def recorded(folder: Path, source: Path) -> Iterator[RecordedDocument]:
    with closing(RecordedDocument(folder, opened(source), source)) as recorded:
        recorded.journal.settle()
        yield recorded


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_writer, "RETRY_S", 0.01)


def opened(path: Path) -> Document:
    stamp = FileStamp.of(path)
    ours = Document.from_picture(read(path), path)
    ours.stamp = stamp
    return ours


@contextmanager
def no_memory() -> Iterator[None]:
    def refuse(_record: object, file: FileIO, _header: object) -> None:
        file.write(b"LCJ1 half of a record")
        raise MemoryError

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(journal_log.LogRecord, "write", refuse)
        yield


@contextmanager
def a_bug() -> Iterator[None]:
    def fail(*_: object) -> None:
        raise TypeError("nobody thought of that")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(journal_log, "store_variant", fail)
        patched.setattr(journal_log, "store_marks", fail)
        yield


def scribble(recorded: RecordedDocument) -> None:
    """An edit that takes little room."""
    with recorded.history.edit("Brush") as edit:
        edit.touch("mask", Rect(0, 0, 5, 5))
        edit.mask[:5, :5] ^= 255


def comes_back(recorded: RecordedDocument, folder: Path, tmp_path: Path) -> bool:
    recorded.journal.settle()
    back = recovered(after_a_crash(folder, tmp_path))
    return fingerprint(back) == fingerprint(recorded.document)


def reasons(recorded: RecordedDocument) -> list[str]:
    assert all(isinstance(error, JournalUnwritable) for error in recorded.reported)
    return [error.args[1] for error in recorded.reported]


@pytest.mark.parametrize(
    ("trouble", "reason"), [(full_disk, "full"), (no_memory, "memory"), (a_bug, "other")]
)
def test_what_does_not_fit_is_said_once_and_caught_up_with(
    recorded: RecordedDocument,
    folder: Path,
    tmp_path: Path,
    trouble: Callable[[], AbstractContextManager[None]],
    reason: str,
):
    recorded.edits(4, 1)
    recorded.journal.flush()
    with trouble():
        recorded.edits(12, 2)
        recorded.journal.flush()
        assert reasons(recorded) == [reason]
    assert comes_back(recorded, folder, tmp_path)  # without another edit
    with trouble():
        recorded.edits(12, 3)
        recorded.journal.flush()
    assert reasons(recorded) == [reason, reason]
    scribble(recorded)
    assert comes_back(recorded, folder, tmp_path)


def test_what_was_whole_before_the_disk_was_full_comes_back(
    recorded: RecordedDocument, folder: Path, tmp_path: Path
):
    scribble(recorded)
    recorded.journal.flush()
    states = [fingerprint(recorded.document)]
    with full_disk():
        for seed in range(20):  # the first may still fit
            recorded.edits(1, seed)
            states.append(fingerprint(recorded.document))
        recorded.journal.flush()
        assert reasons(recorded) == ["full"]
        (recorded.journal.folder / "log").rename(tmp_path / "torn")
    crashed = after_a_crash(folder, tmp_path)
    shutil.copy(tmp_path / "torn", crashed / recorded.journal.folder.name / "log")
    assert fingerprint(recovered(crashed)) in states


def test_a_base_without_room_is_said_once_and_written_later(folder: Path, tmp_path: Path):
    with full_disk():
        recorded = RecordedDocument(folder, document(size=Size(300, 200)), None)
        for _ in range(3):
            scribble(recorded)
            recorded.journal.settle()
        assert reasons(recorded) == ["full"]
        assert pending(after_a_crash(folder, tmp_path)) == []
    with closing(recorded):
        assert comes_back(recorded, folder, tmp_path)
        assert reasons(recorded) == ["full"]


def test_a_log_that_cannot_be_shortened_stays_long(
    recorded: RecordedDocument, folder: Path, tmp_path: Path
):
    recorded.edits(4, 1)
    recorded.journal.flush()
    recorded.journal._writer._compact_at = 1
    (recorded.journal.folder / "log.short").mkdir()
    scribble(recorded)
    assert comes_back(recorded, folder, tmp_path)
    assert reasons(recorded) == ["folder"]


@pytest.mark.parametrize("what", ["log", ""])
def test_a_journal_that_was_taken_away_begins_anew(
    recorded: RecordedDocument, folder: Path, tmp_path: Path, what: str
):
    recorded.edits(6, 1)
    recorded.journal.settle()
    lost = recorded.journal.folder
    shutil.rmtree(lost) if not what else (lost / what).unlink()
    scribble(recorded)
    assert comes_back(recorded, folder, tmp_path)
    recorded.edits(6, 2)
    assert comes_back(recorded, folder, tmp_path)
    assert not lost.exists()
    assert not recorded.reported


def test_no_place_for_a_new_journal_is_said_once(
    recorded: RecordedDocument, folder: Path, tmp_path: Path
):
    shutil.rmtree(folder)
    folder.write_bytes(b"in the way")
    for _ in range(3):
        scribble(recorded)
    assert reasons(recorded) == ["folder"]
    folder.unlink()
    scribble(recorded)
    assert comes_back(recorded, folder, tmp_path)


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    ours = document()
    with closing(History(ours)) as history, pytest.raises(JournalUnwritable):
        Journal.start(tmp_path / "file", ours, history, print)
    assert pending(tmp_path / "file") == []


def test_a_journal_without_room_leaves_nothing_behind(folder: Path):
    ours = document()
    no_room = pytest.raises(JournalUnwritable)
    with closing(History(ours)) as history, full_disk(10), no_room as caught:
        Journal.start(folder, ours, history, print)
    assert caught.value.reason == "full"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("when", ["before the journal", "before the copy"])
@pytest.mark.parametrize("how", ["changed", "gone"])
def test_a_source_that_is_not_what_was_opened_is_replaced_by_the_document(
    folder: Path, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str, how: str
):
    ours, gate = opened(source), threading.Event()
    real = journal_writer.write_base

    def late(*args: object) -> None:
        gate.wait()
        real(*args)  # pyright: ignore

    def spoil() -> None:
        if how == "gone":
            source.unlink()
        else:  # a picture of the same size, which the log would fit
            write(picture(size=Size(700, 300), seed=5), source, ExportOptions(format="png"))

    monkeypatch.setattr(journal_writer, "write_base", late)
    if when == "before the journal":
        spoil()
    with closing(RecordedDocument(folder, ours, source)) as recorded:
        if when == "before the copy":
            spoil()
        gate.set()
        scribble(recorded)
        assert comes_back(recorded, folder, tmp_path)
        recorded.edits(5, 1)
        assert comes_back(recorded, folder, tmp_path)
        assert not recorded.reported


def test_two_at_once_take_no_journal_twice(
    recorded: RecordedDocument, folder: Path, tmp_path: Path
):
    recorded.edits(5, 1)
    recorded.journal.settle()
    crashed = after_a_crash(folder, tmp_path)
    (one,), (other,) = pending(crashed), pending(crashed)
    back, again = recover(one), recover(other)
    with closing(History(back)) as mine, closing(History(again)) as theirs:
        resumed = Journal.resume(one, back, mine, print)
        with pytest.raises(ProjectUnreadable) as caught:
            Journal.resume(other, again, theirs, print)
        assert caught.value.reason == "busy"
        assert not theirs.is_clean  # so that closing it asks
        discard(other)
        assert one.folder.exists()
        resumed.close()
    discard(other)
    with pytest.raises(ProjectUnreadable) as caught:
        recover(other)
    assert caught.value.reason == "missing"
    with pytest.raises(JournalUnwritable), closing(History(again)) as theirs:
        Journal.resume(other, again, theirs, print)


def test_a_damaged_base_is_told_of_the_file_that_the_user_knows(
    recorded: RecordedDocument, folder: Path, source: Path, tmp_path: Path
):
    scribble(recorded)
    recorded.journal.settle()
    (recovery,) = pending(after_a_crash(folder, tmp_path))
    (recovery.folder / "source.bin").unlink()
    source.write_bytes(b"x")
    with pytest.raises(ProjectUnreadable) as caught:
        recover(recovery)
    assert (caught.value.path, caught.value.reason) == (source, "changed")


@pytest.mark.parametrize("spoil", [lambda data: data[:-1], lambda data: data[:-9] + b"damaged!!"])
def test_a_raw_base_that_is_not_whole_is_damaged(
    folder: Path, tmp_path: Path, spoil: Callable[[bytes], bytes]
):
    with closing(RecordedDocument(folder, document(), None)) as recorded:
        recorded.journal.settle()
        (recovery,) = pending(after_a_crash(folder, tmp_path))
    base = recovery.folder / "base.raw"
    base.write_bytes(spoil(base.read_bytes()))
    with pytest.raises(ProjectUnreadable) as caught:
        recover(recovery)
    assert caught.value.reason == "damaged"


def test_what_is_told_of_a_recovery(
    recorded: RecordedDocument, folder: Path, source: Path, tmp_path: Path
):
    recorded.edits(3, 1)
    scribble(recorded)
    count = recorded.journal._edits
    recorded.journal.settle()
    (recovery,) = pending(after_a_crash(folder, tmp_path))
    assert (recovery.name, recovery.source, recovery.saved) == ("cat.png", source, None)
    assert recovery.edits == count >= 1
    assert recovery.thumbnail is not None
    assert recovery.thumbnail.shape == (55, 128, 3)
    recorded.history.mark_clean()
    recorded.journal.mark_saved(tmp_path / "dog.lacuna")
    scribble(recorded)
    recorded.journal.settle()
    crashed = after_a_crash(folder, tmp_path)
    (recovery,) = pending(crashed)
    assert (recovery.name, recovery.edits) == ("dog.lacuna", 1)
    back = recover(recovery)
    with closing(History(back)) as history:
        resumed = Journal.resume(recovery, back, history, print)
        random_edit(back, history, np.random.default_rng(1))
        resumed.settle()
        (again,) = pending(after_a_crash(crashed, tmp_path / "2"))
        assert again.edits == 2
        resumed.close()
