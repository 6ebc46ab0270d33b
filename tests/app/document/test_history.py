"""Any edits, all undone, equal the start; all redone, the end."""

from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.document.document import Document
from app.document.history import Changes, History
from engine.geometry import Rect, Size
from engine.jobs.requests import Click
from tests.support.documents import (
    KINDS,
    document,
    fingerprint,
    patch,
    random_edit,
    some_rect,
    variant,
)
from tests.support.examples import at_most


@pytest.fixture
def ours() -> Document:
    return document("rgb8", Size(1100, 530))


@pytest.fixture
def history(ours: Document) -> Iterator[History]:
    with closing(History(ours)) as history:
        yield history


def paint(history: History, rect: Rect, value: int = 255, label: str = "Brush") -> Changes | None:
    with history.edit(label) as edit:
        edit.touch("mask", rect)
        edit.mask[rect.slices] = value
    return edit.changes


@at_most(8)  # 200 edits each
@given(kind=st.sampled_from(KINDS), seed=st.integers(0, 2**32), wide=st.booleans())
def test_200_edits_undone_equal_the_start_and_redone_the_end(kind: str, seed: int, wide: bool):
    ours = document(kind, Size(530, 140) if wide else Size(37, 530), seed)
    random = np.random.default_rng(seed)
    with closing(History(ours)) as history:
        start = fingerprint(ours)
        seen: list[str] = []
        while len(seen) < 200:
            steps = len(history.labels)
            before = fingerprint(ours) if len(seen) % 20 == 0 else ""
            random_edit(ours, history, random)
            if len(history.labels) > steps:
                seen.append(before)
        end = fingerprint(ours)
        for before in reversed(seen):
            assert history.undo()
            assert not before or fingerprint(ours) == before
        assert fingerprint(ours) == start
        while history.redo():
            pass
        assert fingerprint(ours) == end


@at_most(12)  # 40 edits each, every state kept
@given(seed=st.integers(0, 2**32))
def test_undo_and_redo_in_any_order_match_a_list_of_states(seed: int):
    ours, random = document("rgb16", Size(530, 140), seed), np.random.default_rng(seed)
    with closing(History(ours)) as history:
        states, at = [fingerprint(ours)], 0
        for _ in range(40):
            match int(random.integers(3)):
                case 0 if history.undo():
                    at -= 1
                case 1 if history.redo():
                    at += 1
                case 2:
                    random_edit(ours, history, random)
                    if fingerprint(ours) != states[at]:
                        states[at + 1 :] = [fingerprint(ours)]
                        at += 1
            assert fingerprint(ours) == states[at]
        assert len(history.labels) == at


def test_a_stroke_over_many_events_is_one_step(ours: Document, history: History):
    edit = history.edit("Brush")
    for x in range(0, 1000, 7):
        edit.touch("mask", Rect(x, 100, 60, 60))
        edit.mask[100:160, x : x + 60] = 255
    assert not history.can_undo
    changes = edit.commit()
    assert changes is not None
    assert changes.mask == (Rect(0, 0, 1100, 256),)
    assert history.labels == ("Brush",)
    history.undo()
    assert not ours.mask.any()


def test_touches_that_grow_keep_the_first_pixels(ours: Document, history: History):
    start = fingerprint(ours)
    random = np.random.default_rng(4)
    with history.edit("Remove") as edit:
        for _ in range(12):
            made = patch(random, ours.size)
            edit.touch("image", made.rect)
            ours.write(made)
    history.undo()
    assert fingerprint(ours) == start


def test_an_exception_restores_everything(ours: Document, history: History):
    paint(history, Rect(0, 0, 9, 9))
    start = fingerprint(ours)
    made = patch(np.random.default_rng(1), ours.size)
    with pytest.raises(ZeroDivisionError), history.edit("Remove") as edit:  # noqa: PT012
        edit.touch("image", made.rect)
        ours.write(made)
        edit.touch("mask", Rect(0, 0, 1100, 530))
        edit.mask[...] = 7
        edit.set("clicks", (Click(1, 2),))
        raise ZeroDivisionError
    assert fingerprint(ours) == start
    assert history.labels == ("Brush",)
    assert history.edit("Brush") is not None


def test_a_cancelled_stroke_leaves_no_trace(ours: Document, history: History):
    start = fingerprint(ours)
    edit = history.edit("Brush")
    edit.touch("mask", Rect(5, 5, 50, 50))
    edit.mask[5:55, 5:55] = 200
    edit.cancel()
    assert fingerprint(ours) == start
    assert not history.can_undo
    assert history.is_clean


def test_an_edit_that_changed_nothing_leaves_no_step(ours: Document, history: History):
    paint(history, Rect(0, 0, 9, 9))
    history.undo()
    assert paint(history, Rect(50, 50, 90, 90), 0) is None
    with history.edit("Click") as edit:
        edit.set("clicks", ())
    assert edit.changes is None
    assert history.can_redo
    assert not history.can_undo


def test_edits_do_not_nest(history: History):
    edit = history.edit("Brush")
    with pytest.raises(RuntimeError, match="Brush"):
        history.edit("Fill")
    assert history.undo() is None
    edit.cancel()
    with pytest.raises(RuntimeError, match="ended"):
        edit.commit()


def test_undo_after_a_result_brings_back_mask_and_clicks(ours: Document, history: History):
    with history.edit("Select object") as edit:
        edit.touch("mask", Rect(100, 100, 80, 60))
        edit.mask[100:160, 100:180] = 255
        edit.set("clicks", (Click(120.5, 130.5),))
        edit.set("options", {"grow_px": 4})
    before = fingerprint(ours)
    made = variant(np.random.default_rng(3), ours)
    with history.edit("Remove") as edit:
        for each in made.patches:
            edit.touch("image", each.rect)
            assert ours.write(each) == 0
        edit.touch("mask", Rect.whole(ours.size))
        edit.mask[...] = 0
        edit.set("clicks", ())
        edit.set("applied", (made.number,))
    changes = history.undo()
    assert changes is not None
    assert set(changes.marks) == {"clicks", "applied"}
    assert changes.image
    assert changes.mask
    assert fingerprint(ours) == before


def test_variants_outlive_undo(ours: Document, history: History):
    random = np.random.default_rng(3)
    history.add_variant(variant(random, ours))
    paint(history, Rect(1, 1, 2, 2))
    history.add_variant(variant(random, ours))
    history.undo()
    assert [v.number for v in ours.variants] == [1, 2]
    history.discard_variant(1)
    assert [v.number for v in ours.variants] == [2]


def test_a_variant_is_worth_saving(ours: Document, history: History):
    history.add_variant(variant(np.random.default_rng(3), ours))
    assert not history.is_clean
    history.mark_clean()
    assert history.is_clean
    history.discard_variant(1)
    assert not history.is_clean


def test_clean_follows_the_saved_state(ours: Document, history: History):
    assert history.is_clean
    paint(history, Rect(0, 0, 9, 9))
    assert not history.is_clean
    history.mark_clean()
    history.undo()
    assert not history.is_clean
    history.redo()
    assert history.is_clean
    history.undo()
    paint(history, Rect(0, 0, 9, 9))  # another step in the place of the saved one
    assert not history.is_clean


def test_the_start_is_not_clean_once_its_steps_are_given_up(ours: Document):
    with closing(History(ours, budget_bytes=150_000)) as history:
        for x in range(0, 500, 100):
            paint(history, Rect(x, 0, 90, 90))
        while history.undo():
            pass
        assert ours.mask.any()
        assert not history.is_clean


def test_the_budget_is_kept_and_the_last_step_always(ours: Document):
    with closing(History(ours, budget_bytes=400_000)) as history:
        random = np.random.default_rng(0)
        for _ in range(60):
            random_edit(ours, history, random)
            assert history.nbytes <= 400_000 or len(history.labels) == 1
        assert history.can_undo


def test_old_steps_are_deflated_and_still_undo(ours: Document, history: History):
    states = [fingerprint(ours)]
    for x in range(8):
        paint(history, Rect(x * 60, 0, 50, 500), 100 + x)
        states.append(fingerprint(ours))
    history.settle()
    assert history.nbytes < 3 * 10 * 512 * 128 + 5000  # three steps of at most ten tiles are raw
    for state in reversed(states[:-1]):
        history.undo()
        assert fingerprint(ours) == state
    history.settle()
    for state in states[1:]:
        history.redo()
        assert fingerprint(ours) == state


def test_every_change_is_announced_once(ours: Document, history: History):
    told: list[Changes] = []
    history.listeners.append(told.append)
    paint(history, Rect(0, 0, 9, 9), label="Lasso")
    paint(history, Rect(0, 0, 9, 9))
    history.undo()
    history.redo()
    history.add_variant(variant(np.random.default_rng(3), ours))
    assert [(c.kind, c.label) for c in told] == [
        ("edit", "Lasso"),
        ("undo", "Lasso"),
        ("redo", "Lasso"),
        ("variants", ""),
    ]


def test_a_lease_keeps_its_moment_through_undo(ours: Document, history: History):
    rect = some_rect(np.random.default_rng(8), ours.size)
    paint(history, rect)
    with ours.lease() as lease:
        held = lease.mask.copy()
        history.undo()
        assert (lease.mask == held).all()
        assert not ours.mask.any()


def test_labels_and_redo_follow_the_steps(ours: Document, history: History):
    paint(history, Rect(0, 0, 9, 9), label="Lasso")
    paint(history, Rect(20, 0, 9, 9), label="Wand")
    history.undo()
    assert (history.undo_label, history.redo_label) == ("Lasso", "Wand")
    paint(history, Rect(40, 0, 9, 9), label="Box")
    assert not history.can_redo
    assert history.labels == ("Lasso", "Box")
