"""Random verbs give the same bytes with and without saving, opening and recovering in between."""

import secrets
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.jobs.fake import FakeBackend
from tests.app.support.painters import engines_with
from tests.app.support.random_verbs import VERBS, Step, picture_files, play, script
from tests.app.support.stories import editor
from tests.app.support.verb_player import (
    INTERRUPTIONS,
    MODELS_AT_HAND,
    session_player,
    window_player,
)


@pytest.fixture(autouse=True)
def equal_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "randbelow", lambda _: 5)


@pytest.fixture
def owner(qapp: QApplication) -> QObject:
    """The parent of sessions without a window."""
    return QObject()


@pytest.mark.parametrize("how", INTERRUPTIONS)
def test_each_verb_gives_the_same_bytes_after_an_interruption(
    how: str, owner: QObject, tmp_path: Path
) -> None:
    """Each verb once, with an interruption before it."""
    pictures = picture_files(tmp_path)
    steps = [Step(each, seed) for seed, verb in enumerate(VERBS) for each in (how, verb)]
    with (
        closing(session_player(owner, "one", tmp_path, pictures)) as one,
        closing(session_player(owner, "other", tmp_path, pictures)) as other,
    ):
        other.is_interrupted = True
        play([one, other], [Step("rectangle", 1), Step("paint", 2), *steps])


def test_a_window_and_a_session_without_one_do_the_same(
    qtbot: QtBot, owner: QObject, tmp_path: Path
) -> None:
    """60 random verbs; the window saves, opens and recovers in between."""
    pictures = picture_files(tmp_path)
    with (
        editor(qtbot, engines=engines_with(MODELS_AT_HAND), local=FakeBackend) as w,
        closing(session_player(owner, "session", tmp_path, pictures)) as session,
    ):
        window = window_player(w, "window", tmp_path, pictures)
        window.is_interrupted = True
        play([session, window], script(1, 60))
