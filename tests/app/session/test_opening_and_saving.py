"""Opening and saving do not wait for each other, and odd text stops neither of them."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.document.document import Document
from app.document.generation_text import with_text
from app.project import project
from app.window.editor import Editor
from engine.image_io.limits import Limits
from engine.image_io.reader import read
from engine.image_io.writer import ExportOptions, write
from engine.storage.text import mended
from tests.app.support.stories import WAIT_MS, editor, opened, photo_file, settled
from tests.support.documents import picture


@pytest.fixture
def w(qtbot: QtBot) -> Iterator[Editor]:
    with editor(qtbot) as workspace:
        yield workspace


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Opening a project takes until it is set or cancelled; it reports all the while."""
    done, real = threading.Event(), project.load

    def load(path: Path, limits: Limits, report: Callable[[float, str], None]) -> Document:
        while not done.wait(0.01):
            report(0.5, "read")
        return real(path, limits, report)

    monkeypatch.setattr(project, "load", load)
    yield done
    done.set()


def test_a_save_does_not_wait_for_a_project_that_is_slow_to_open(
    qtbot: QtBot, w: Editor, tmp_path: Path, slow: threading.Event
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    with qtbot.waitSignal(w.files.saved, timeout=WAIT_MS):
        w.files.save(tmp_path / "slow.lacuna")
    w.files.open(tmp_path / "slow.lacuna")
    w.mask_editor.select_all()
    with qtbot.waitSignal(w.files.saved, timeout=WAIT_MS):
        w.files.save(tmp_path / "mine.lacuna")
    with qtbot.waitSignal(w.files.wrote, timeout=WAIT_MS):
        w.files.export(tmp_path / "mine.png", ExportOptions())
    assert w.files.is_opening
    w.jobs.cancel_all()
    settled(qtbot, w)
    assert not w.files.is_opening
    assert not slow.is_set()


def test_half_of_a_pair_in_a_name_or_prompt_stops_no_save(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    w.mask_editor.select_all()
    said = replace(w.painter.choices.settings, prompt="a \ud83d", negative_prompt="\ude00")
    w.painter.set_choices(replace(w.painter.choices, settings=said))
    assert w.painter.choices.settings.prompt == "a \ufffd"
    assert w.painter.choices.settings.negative_prompt == "\ufffd"
    w.objects.store("half \ud83d pair")
    assert w.objects.named[0].name == "half \ufffd pair"
    w.objects.rename(0, "\ude00 the other")
    assert w.objects.named[0].name == "\ufffd the other"
    with qtbot.waitSignal(w.files.saved, timeout=WAIT_MS):
        w.files.save(tmp_path / "odd.lacuna")
    assert project.load(tmp_path / "odd.lacuna").named[0].name == "\ufffd the other"


def test_parameters_with_half_of_a_pair_are_exported_mended(tmp_path: Path) -> None:
    source = with_text(picture(), "☃ \ud83d")
    write(source, tmp_path / "odd.png", ExportOptions(format="png"))
    assert read(tmp_path / "odd.png").metadata.text == (("parameters", "☃ \ufffd"),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("\ud83d\ude00 ☃", "😀 ☃"),
        ("\ud83d", "\ufffd"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ("😀", "😀"),
    ],
)
def test_text_is_mended(text: str, expected: str) -> None:
    assert mended(text) == expected
    assert mended(expected) == expected
