"""Random verbs give the same bytes with and without saving, opening and recovering in between."""

import secrets
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.geometry import Rect
from engine.jobs.fake import FakeBackend
from engine.selection.brush import Brush
from engine.selection.masks import CombineMode
from tests.app.support.painters import engines_with
from tests.app.support.random_verbs import VERBS, Step, picture_files, play, script
from tests.app.support.stories import editor
from tests.app.support.verb_player import (
    INTERRUPTIONS,
    MODELS_AT_HAND,
    Player,
    session_player,
    window_player,
)
from tests.support.documents import fingerprint

Verb: TypeAlias = Callable[[Player], object]


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


def _click_beside(player: Player) -> None:
    player.verbs.mask_editor.rectangle(Rect(10, 10, 40, 30), CombineMode.REPLACE)
    player.verbs.click_selector.click(110.0, 60.0, mode=CombineMode.ADD)


def _click_and_paint(player: Player) -> None:
    _click_beside(player)
    player.settle()
    editor = player.verbs.mask_editor
    editor.begin_stroke(Brush(radius_px=9), 30.0, 100.0, pressure=1.0, erase=False)
    editor.end_stroke()


def _box_taken_away(player: Player) -> None:
    player.verbs.mask_editor.select_all()
    player.verbs.click_selector.choose_box(Rect(20, 30, 50, 40), mode=CombineMode.SUBTRACT)


def _nothing_selected(player: Player) -> None:
    _click_beside(player)
    player.settle()
    player.verbs.mask_editor.select_none()


def _removed(player: Player) -> None:
    player.verbs.mask_editor.rectangle(Rect(60, 40, 20, 20), CombineMode.REPLACE)
    player.verbs.remover.remove()


@pytest.mark.parametrize("how", INTERRUPTIONS)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (_click_beside, lambda p: p.verbs.click_selector.click(120.0, 70.0)),
        (_click_beside, lambda p: p.verbs.click_selector.click(115.0, 55.0, positive=False)),
        (_click_beside, lambda p: p.verbs.click_selector.drop()),
        (_click_beside, lambda p: p.verbs.click_selector.move_point(0, 80.0, 90.0)),
        (_click_and_paint, lambda p: p.verbs.click_selector.click(120.0, 70.0)),
        (_click_and_paint, lambda p: p.verbs.click_selector.drop()),
        (_box_taken_away, lambda p: p.verbs.click_selector.click(40.0, 50.0)),
        (_box_taken_away, lambda p: p.verbs.click_selector.drop()),
        (_nothing_selected, lambda p: p.verbs.mask_editor.reselect()),
        (_removed, lambda p: p.verbs.remover.another()),
    ],
)
def test_what_was_begun_goes_on_after_an_interruption(
    how: str, before: Verb, after: Verb, owner: QObject, tmp_path: Path
) -> None:
    """Points and their selection, Reselect and another removal, without anything put away."""
    pictures, told = picture_files(tmp_path), list[str]()
    for name in ("one", "interrupted"):
        with closing(session_player(owner, name, tmp_path, pictures)) as player:
            player.is_interrupted = name == "interrupted"
            player.open(pictures[0])
            before(player)
            player.settle()
            player.break_off(how)
            settled = fingerprint(player.document)
            after(player)
            player.settle()
            assert fingerprint(player.document) != settled
            assert player.failures == []
            told.append(fingerprint(player.document))
    assert told[0] == told[1]
