"""Whatever moment the program ends at, the document comes back as of the last whole edit."""

from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from app.document.document import Document
from app.document.history import History
from app.journal import writer as journal_writer
from app.journal.journal import Journal, discard, pending, recover
from app.project import project
from engine.errors import ProjectUnreadable
from engine.geometry import Size
from engine.image_io.reader import read
from engine.image_io.writer import ExportOptions, write
from tests.support.documents import KINDS, document, fingerprint, picture, random_edit
from tests.support.recording import RecordedDocument, after_a_crash, recovered


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
    with closing(
        RecordedDocument(folder, Document.from_picture(read(source), source), source)
    ) as recorded:
        yield recorded


def test_edits_come_back_byte_for_byte(recorded: RecordedDocument, folder: Path, tmp_path: Path):
    for seed in range(6):
        recorded.edits(15, seed)
        recorded.journal.settle()
        back = recovered(after_a_crash(folder, tmp_path))
        assert fingerprint(back) == fingerprint(recorded.document)
        assert back.revision == recorded.document.revision
        assert back.path == recorded.document.path
    assert not recorded.reported


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_without_a_file_comes_back(kind: str, folder: Path, tmp_path: Path):
    with closing(RecordedDocument(folder, document(kind, Size(300, 200)), None)) as recorded:
        recorded.journal.settle()
        assert fingerprint(recovered(after_a_crash(folder, tmp_path))) == fingerprint(
            recorded.document
        )
        recorded.edits(10, 3)
        recorded.journal.settle()
        assert fingerprint(recovered(after_a_crash(folder, tmp_path))) == fingerprint(
            recorded.document
        )


def test_the_source_may_be_gone_or_written_over(
    recorded: RecordedDocument, folder: Path, source: Path, tmp_path: Path
):
    recorded.edits(8, 1)
    recorded.journal.settle()
    write(picture(seed=99), source, ExportOptions(format="png"))
    assert fingerprint(recovered(after_a_crash(folder, tmp_path))) == fingerprint(recorded.document)
    source.unlink()
    assert fingerprint(recovered(after_a_crash(folder, tmp_path))) == fingerprint(recorded.document)


def test_before_the_copy_is_there_the_source_serves(
    recorded: RecordedDocument, folder: Path, source: Path, tmp_path: Path
):
    recorded.edits(8, 1)
    recorded.journal.settle()
    crashed = after_a_crash(folder, tmp_path)
    (recovery,) = pending(crashed)
    (recovery.folder / "source.bin").write_bytes(b"damaged")
    assert fingerprint(recover(recovery)) == fingerprint(recorded.document)
    (recovery.folder / "source.bin").unlink()
    assert fingerprint(recover(recovery)) == fingerprint(recorded.document)
    source.write_bytes(source.read_bytes() + b"!")
    with pytest.raises(ProjectUnreadable) as caught:
        recover(recovery)
    assert caught.value.reason == "changed"


def test_a_torn_last_record_is_ignored(recorded: RecordedDocument, folder: Path, tmp_path: Path):
    states: list[tuple[int, str]] = []
    log = recorded.journal.folder / "log"
    for seed in range(5):
        random_edit(recorded.document, recorded.history, np.random.default_rng(seed))
        recorded.journal.settle()
        states.append((log.stat().st_size, fingerprint(recorded.document)))
    crashed = after_a_crash(folder, tmp_path) / recorded.journal.folder.name / "log"
    whole = crashed.read_bytes()
    random = np.random.default_rng(1)
    for (at, state), (end, _) in pairwise(states):
        for cut in (at, at + 1, end - 1, int(random.integers(at, end)) if end > at else at):
            crashed.write_bytes(whole[:cut])
            if cut < end:
                assert fingerprint(recovered(crashed.parent.parent)) == state
        if end > at:
            spoilt = bytearray(whole[:end])
            spoilt[int(random.integers(at, end))] ^= 0x40
            crashed.write_bytes(spoilt)
            assert fingerprint(recovered(crashed.parent.parent)) == state


def test_a_recovered_document_goes_on_in_the_same_journal(
    recorded: RecordedDocument, folder: Path, tmp_path: Path
):
    recorded.edits(10, 1)
    recorded.journal.settle()
    crashed = after_a_crash(folder, tmp_path)
    log = crashed / recorded.journal.folder.name / "log"
    log.write_bytes(log.read_bytes() + b"LCJ1 torn")
    (recovery,) = pending(crashed)
    assert (recovery.name, recovery.saved) == ("cat.png", None)
    back = recover(recovery)
    with closing(History(back)) as history:
        journal = Journal.resume(recovery, back, history, recorded.reported.append)
        assert not history.is_clean
        assert pending(crashed) == []
        with pytest.raises(ProjectUnreadable):
            Journal.resume(recovery, back, history, recorded.reported.append)
        random_edit(back, history, np.random.default_rng(7))
        journal.settle()
        again = after_a_crash(crashed, tmp_path / "2")
        assert fingerprint(recovered(again)) == fingerprint(back)
        journal.close()
    assert list(crashed.iterdir()) == []


def test_open_journals_are_left_alone_and_closed_ones_are_gone(
    recorded: RecordedDocument, folder: Path
):
    recorded.edits(3, 1)
    recorded.journal.flush()
    assert pending(folder) == []
    assert recorded.journal.folder.exists()
    recorded.journal.close()
    assert list(folder.iterdir()) == []
    recorded.journal = Journal.start(
        folder, recorded.document, recorded.history, recorded.reported.append
    )


def test_what_is_saved_needs_no_recovery(recorded: RecordedDocument, folder: Path, tmp_path: Path):
    recorded.edits(5, 1)
    recorded.history.mark_clean()
    recorded.journal.mark_saved(tmp_path / "cat.lacuna")
    recorded.journal.settle()
    crashed = after_a_crash(folder, tmp_path)
    assert pending(crashed) == []
    assert list(crashed.iterdir()) == []
    recorded.edits(3, 2)
    recorded.journal.settle()
    (recovery,) = pending(after_a_crash(folder, tmp_path))
    assert recovery.saved == tmp_path / "cat.lacuna"
    assert recover(recovery).path == tmp_path / "cat.lacuna"


def test_a_project_is_a_base_too(recorded: RecordedDocument, folder: Path, tmp_path: Path):
    recorded.edits(6, 1)
    path = tmp_path / "cat.lacuna"
    project.save(recorded.document.lease(), path)
    with closing(RecordedDocument(tmp_path / "other", project.load(path), path)) as other:
        other.edits(6, 2)
        other.journal.settle()
        path.unlink()
        back = recovered(after_a_crash(tmp_path / "other", tmp_path))
        assert fingerprint(back) == fingerprint(other.document)
        assert back.path == path


def test_discarded_journals_are_gone(recorded: RecordedDocument, folder: Path, tmp_path: Path):
    recorded.edits(3, 1)
    recorded.journal.settle()
    crashed = after_a_crash(folder, tmp_path)
    for recovery in pending(crashed):
        discard(recovery)
    assert pending(crashed) == []
    assert list(crashed.iterdir()) == []


def test_a_long_log_is_shortened_while_edits_go_on(
    recorded: RecordedDocument, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    recorded.journal._writer._compact_at = 60_000
    monkeypatch.setattr(journal_writer, "COMPACT_FROM", 60_000)
    sizes: list[int] = []
    for seed in range(20):  # when it is shortened hangs on the threads: each time it has doubled
        recorded.edits(15, seed)
        recorded.journal.flush()
        recorded.edits(5, seed + 100)
        recorded.journal.settle()
        sizes.append((recorded.journal.folder / "log").stat().st_size)
        assert fingerprint(recovered(after_a_crash(folder, tmp_path))) == fingerprint(
            recorded.document
        )
        if any(later < sooner for sooner, later in pairwise(sizes)):
            break
    else:
        pytest.fail(f"the log was never shortened: {sizes}")


def test_leftovers_and_damage_are_no_trouble(folder: Path):
    assert pending(folder) == []
    for name, content in (("half", None), ("other", b"{}"), ("bad", b"\xff"), ("new", b"[]")):
        (folder / name).mkdir(parents=True)
        if content is not None:
            (folder / name / "head.json").write_bytes(content)
    (folder / "a file").write_bytes(b"")
    assert pending(folder) == []
    assert not (folder / "half").exists()
    assert (folder / "other").exists()
