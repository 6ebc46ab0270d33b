"""A journal holds all that the next save and the next click need to know."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.document.document import Document
from app.document.file_stamp import FileStamp
from app.document.history import History
from app.document.named_masks import NamedMask
from app.document.tiles import PackedMask
from app.journal.folder import LOG
from app.journal.journal import Journal, pending, recover
from app.journal.reader import compact, merge
from app.project import project
from engine.errors import Cancelled
from engine.geometry import Rect, Size
from engine.image_io.writer import ExportOptions, write
from tests.support.documents import document, fingerprint, picture
from tests.support.recording import RecordedDocument, after_a_crash, recovered


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def edit(history: History) -> None:
    with history.edit("Brush") as stroke:
        stroke.touch("mask", Rect(0, 0, 5, 5))
        stroke.mask[:5, :5] ^= 255


def project_file(tmp_path: Path) -> Path:
    path = tmp_path / "p.lacuna"
    project.save(document().lease(), path)
    return path


def test_the_stamp_of_the_project_that_was_saved_to_comes_back(
    folder: Path, tmp_path: Path
) -> None:
    source = tmp_path / "photo.png"
    write(picture(), source, ExportOptions())
    path = project_file(tmp_path)
    with closing(RecordedDocument(folder, document(), source)) as recorded:
        edit(recorded.history)
        recorded.document.path, recorded.document.stamp = path, FileStamp.of(path)
        recorded.history.mark_clean()
        recorded.journal.mark_saved(path)
        edit(recorded.history)
        recorded.journal.settle()
        back = recovered(after_a_crash(folder, tmp_path))
        assert (back.path, back.stamp) == (path, FileStamp.of(path))
        path.write_bytes(b"newer, by another program")
        back = recovered(after_a_crash(folder, tmp_path))
        assert back.stamp is not None
        assert back.stamp != FileStamp.of(path)


@pytest.mark.parametrize("is_changed", [False, True])
def test_the_stamp_of_the_project_that_was_opened_comes_back(
    is_changed: bool, folder: Path, tmp_path: Path
) -> None:
    """It is that of the file itself, not of the copy that the journal has."""
    path = project_file(tmp_path)
    stamp = FileStamp.of(path)
    with closing(RecordedDocument(folder, project.load(path), path)) as recorded:
        edit(recorded.history)
        recorded.journal.settle()
        if is_changed:
            path.write_bytes(b"newer, by another program")
        back = recovered(after_a_crash(folder, tmp_path))
        assert (back.path, back.stamp) == (path, stamp)
        assert (back.stamp == FileStamp.of(path)) is not is_changed


def test_the_stamp_outlives_a_journal_that_was_taken_away(folder: Path, tmp_path: Path) -> None:
    path = project_file(tmp_path)
    with closing(RecordedDocument(folder, project.load(path), path)) as recorded:
        edit(recorded.history)
        recorded.journal.settle()
        (recorded.journal.folder / LOG).unlink()
        edit(recorded.history)
        recorded.journal.settle()
        back = recovered(after_a_crash(folder, tmp_path))
        assert (back.path, back.stamp) == (path, FileStamp.of(path))


def many_objects(recorded: RecordedDocument, count: int) -> None:
    with recorded.history.edit("Store") as stored:
        size, random = recorded.document.size, np.random.default_rng(1)
        masks = [
            PackedMask.placed(
                random.integers(0, 256, (40, 40), np.uint8), Rect(40 * n, 7, 40, 40), size
            )
            for n in range(count)
        ]
        stored.set("named", tuple(NamedMask(f"{n}", mask) for n, mask in enumerate(masks)))


def log_bytes(recorded: RecordedDocument) -> int:
    recorded.journal.settle()
    return (recorded.journal.folder / LOG).stat().st_size


def test_a_click_does_not_write_all_objects_again(folder: Path, tmp_path: Path) -> None:
    with closing(RecordedDocument(folder, document(size=Size(900, 300)), None)) as recorded:
        many_objects(recorded, 20)
        first = log_bytes(recorded)
        for _ in range(10):
            with recorded.history.edit("Click") as click:
                named = recorded.document.named
                click.set("named", (replace(named[0], visible=not named[0].visible), *named[1:]))
                click.set("origin", "click")
        assert log_bytes(recorded) - first < 10 * 3_000
        recorded.history.undo()
        with recorded.history.edit("Delete") as deleted:
            deleted.set("named", recorded.document.named[5:])
        recorded.history.undo()
        recorded.journal.settle()
        back = recovered(after_a_crash(folder, tmp_path))
        assert fingerprint(back) == fingerprint(recorded.document)


def test_a_compacted_log_has_the_objects_that_later_records_name(
    folder: Path, tmp_path: Path
) -> None:
    with closing(RecordedDocument(folder, document(size=Size(900, 300)), None)) as recorded:
        many_objects(recorded, 6)
        for _ in range(3):
            with recorded.history.edit("Click") as click:
                click.set("options", {"feather": float(np.random.default_rng().random())})
        recorded.journal.settle()
        left = after_a_crash(folder, tmp_path)
        (log,) = left.glob(f"*/{LOG}")
        with log.open("rb") as file:
            short = log.with_name("short")
            with short.open("wb") as into:
                compact(file, merge(file), into)
        short.replace(log)
        assert fingerprint(recovered(left)) == fingerprint(recorded.document)


def test_a_journal_that_is_gone_on_with_keeps_what_it_had(folder: Path, tmp_path: Path) -> None:
    with closing(RecordedDocument(folder, document(size=Size(900, 300)), None)) as recorded:
        many_objects(recorded, 6)
        recorded.journal.settle()
        left = after_a_crash(folder, tmp_path)
    (recovery,) = pending(left)
    back: Document = recover(recovery)
    with closing(History(back)) as history:
        journal = Journal.resume(recovery, back, history, print)
        with history.edit("Delete") as deleted:
            deleted.set("named", back.named[2:])
        journal.settle()
        again = tmp_path / "again"
        crashed = after_a_crash(left, again)
        assert fingerprint(recovered(crashed)) == fingerprint(back)
        journal.close()


def test_numbers_of_numpy_do_not_stop_a_journal(folder: Path, tmp_path: Path) -> None:
    with closing(RecordedDocument(folder, document(), None)) as recorded:
        with recorded.history.edit("Box") as box:
            box.set("box", Rect(*np.array([1, 2, 3, 4])))
            box.set("options", {"feather": np.float32(0.5)})
        recorded.journal.settle()
        assert recorded.reported == []
        back = recovered(after_a_crash(folder, tmp_path))
        assert back.box == Rect(1, 2, 3, 4)
        assert back.marks.options == {"feather": 0.5}


def test_a_recovery_can_be_cancelled_and_is_there_again(folder: Path, tmp_path: Path) -> None:
    with closing(RecordedDocument(folder, document(size=Size(900, 300)), None)) as recorded:
        recorded.edits(12, seed=3)
        edit(recorded.history)
        recorded.journal.settle()
        left = after_a_crash(folder, tmp_path)

        def cancel(_fraction: float, _note: str) -> None:
            raise Cancelled

        (recovery,) = pending(left)
        with pytest.raises(Cancelled):
            recover(recovery, report=cancel)
        assert fingerprint(recovered(left)) == fingerprint(recorded.document)
