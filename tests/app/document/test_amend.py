"""A step that is amended is one step, whatever it did before."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.document.history import History
from engine.geometry import Rect, Size
from engine.jobs.requests import Click
from tests.support.documents import KINDS, document, fingerprint, random_edit, some_rect
from tests.support.examples import at_most
from tests.support.recording import RecordedDocument, after_a_crash, recovered

SIZE = Size(1100, 530)


def amend(history: History, rect: Rect, value: int) -> None:
    with history.amend() as edit:
        edit.touch("mask", rect)
        edit.mask[rect.slices] = value
        edit.set("clicks", (Click(float(value), 0.5),))


@at_most(30)  # some 20 edits of whole pictures each
@given(kind=st.sampled_from(KINDS), seed=st.integers(0, 2**32), count=st.integers(1, 4))
def test_undo_goes_before_the_step_and_redo_after_the_amendments(
    kind: str, seed: int, count: int
) -> None:
    ours, random = document(kind, SIZE, seed), np.random.default_rng(seed)
    with closing(History(ours)) as history:
        random_edit(ours, history, random)
        before, steps = fingerprint(ours), len(history.labels)
        random_edit(ours, history, random)
        if len(history.labels) == steps:
            return
        for number in range(count):
            amend(history, some_rect(random, ours.size), number * 60)
        end = fingerprint(ours)
        assert len(history.labels) == steps + 1
        assert history.undo()
        assert fingerprint(ours) == before
        assert history.redo()
        assert fingerprint(ours) == end
        while history.undo():
            pass
        assert fingerprint(ours) == fingerprint(document(kind, SIZE, seed))


def test_an_amended_step_is_another_moment() -> None:
    ours = document("rgb8", SIZE)
    with closing(History(ours)) as history:
        with history.edit("Select object") as edit:
            edit.set("origin", "click")
        history.mark_clean()
        amend(history, Rect(0, 0, 20, 20), 255)
        assert not history.is_clean
        assert history.labels == ("Select object",)
        history.undo()
        assert not history.is_clean


def test_an_amendment_taken_back_leaves_the_step_as_it_was() -> None:
    ours = document("rgb8", SIZE)
    with closing(History(ours)) as history:
        amended = Rect(0, 0, 600, 200)
        with history.edit("Brush") as edit:
            edit.touch("mask", Rect(10, 10, 30, 30))
            edit.mask[10:40, 10:40] = 255
        before = fingerprint(ours)
        edit = history.amend()
        edit.touch("mask", amended)
        edit.mask[amended.slices] = 9
        edit.cancel()
        assert fingerprint(ours) == before
        with history.edit("Brush") as edit:  # the next edit is a step of its own
            edit.set("origin", "brush")
        assert len(history.labels) == 2


def test_without_a_step_there_is_nothing_to_amend() -> None:
    with closing(History(document())) as history:
        with pytest.raises(RuntimeError):
            history.amend()
        assert not history.is_editing


def test_an_amendment_clears_what_could_be_done_again() -> None:
    ours = document("rgb8", SIZE)
    with closing(History(ours)) as history:
        for origin in ("one", "two"):
            with history.edit(origin) as edit:
                edit.set("origin", origin)
        history.undo()
        amend(history, Rect(0, 0, 9, 9), 255)
        assert not history.can_redo


def test_the_journal_has_what_was_amended(tmp_path: Path) -> None:
    folder = tmp_path / "journals"
    recorded = RecordedDocument(folder, document("rgb8", SIZE), None)
    recorded.edits(5, seed=3)
    with recorded.history.edit("Select object") as edit:
        edit.touch("mask", Rect(5, 5, 40, 40))
        edit.mask[5:45, 5:45] = 200
    amend(recorded.history, Rect(30, 30, 700, 300), 90)
    recorded.journal.settle()
    assert fingerprint(recovered(after_a_crash(folder, tmp_path))) == fingerprint(recorded.document)
    recorded.close()
