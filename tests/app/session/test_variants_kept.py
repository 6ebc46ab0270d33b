"""Variants give the same bytes whether the document was closed in between or not."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest

from app.commands import variants
from app.document.document import Document, Variant
from app.document.history import History
from app.journal import journal
from app.journal.journal import Journal
from app.project import project
from engine.geometry import Rect, Size
from engine.jobs.requests import Patch, RemoveResult
from tests.support.documents import document, fingerprint
from tests.support.recording import after_a_crash

SIZE = Size(300, 160)
ONE, TWO = Rect(20, 10, 60, 50), Rect(50, 30, 70, 60)
Verb: TypeAlias = Callable[["Story"], object]


class Story:
    """A document that is edited, and may be closed and opened at any time."""

    def __init__(self, ours: Document, folder: Path) -> None:
        self.document, self.history = ours, History(ours)
        self.journal = Journal.start(folder, ours, self.history, self._on_trouble)

    def add(self, rect: Rect, seed: int) -> None:
        """A variant of what is there now; or of the last one's place and revision."""
        revision = self.document.revision
        if self.document.variants and self.document.variants[-1].patches[0].rect == rect:
            revision = self.document.variants[-1].revision
        result = RemoveResult(
            patches=(soft_patch(rect, seed),), engine="x", seed=seed, revision=revision
        )
        self.history.add_variant(variants.record(self.document, result))

    def variant(self, number: int) -> Variant:
        return next(v for v in self.document.variants if v.number == number)

    def apply(self, number: int) -> None:
        with self.history.edit("Apply variant") as edit:
            assert variants.put(edit, self.variant(number)).changed_outside_px == 0

    def close(self) -> None:
        self.journal.close()
        self.history.close()

    def _on_trouble(self, error: Exception) -> None:
        raise AssertionError(error)


def soft_patch(rect: Rect, seed: int) -> Patch:
    """New pixels with a soft edge, of another width for each seed."""
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, (rect.height, rect.width, 3), np.uint8)
    y, x = np.mgrid[: rect.height, : rect.width]
    edge = np.minimum.reduce([x, y, rect.width - 1 - x, rect.height - 1 - y])
    blend = np.clip((edge - 5 - seed % 4) * 25, 0, 255).astype(np.uint8)
    alpha = pixels[..., 0].copy() if seed % 2 else None
    return Patch(rect=rect, pixels=pixels, blend=blend, alpha=alpha)


VERBS: dict[str, Verb] = {
    "first": lambda story: story.apply(1),
    "second": lambda story: story.apply(2),
    "first again": lambda story: story.apply(1),
    "new place": lambda story: (story.add(TWO, 3), story.add(TWO, 4)),
    "there": lambda story: story.apply(3),
    "second again": lambda story: story.apply(2),
    "discard": lambda story: story.history.discard_variant(1),
    "undo": lambda story: story.history.undo(),
    "another": lambda story: story.add(TWO, 5),
    "apply it": lambda story: story.apply(5),
}
NAMES = tuple(VERBS)


def begun(tmp_path: Path, kind: str) -> Story:
    story = Story(document(kind, SIZE), tmp_path / "journals")
    story.add(ONE, 1)
    story.add(ONE, 2)
    return story


def saved_and_opened(story: Story, tmp_path: Path) -> Story:
    project.save(story.document.lease(), tmp_path / "between.lacuna")
    story.close()
    back = project.load(tmp_path / "between.lacuna")
    return Story(back, tmp_path / "journals")


def recovered(story: Story, tmp_path: Path) -> Story:
    story.journal.settle()
    (left,) = journal.pending(after_a_crash(tmp_path / "journals", tmp_path))
    back = journal.recover(left)
    story.close()
    return Story(back, tmp_path / "journals")


@pytest.mark.parametrize("kind", ["rgba8", "graya16"])
@pytest.mark.parametrize("between", [saved_and_opened, recovered])
@pytest.mark.parametrize("stop", range(1, len(NAMES)))
def test_each_verb_gives_the_same_bytes_with_a_save_or_a_crash_before_it(
    stop: int, between: Callable[[Story, Path], Story], kind: str, tmp_path: Path
) -> None:
    if NAMES[stop] == "undo":
        pytest.skip("what was undone is not stored")
    with closing(begun(tmp_path, kind)) as plain:
        for name in NAMES[: stop + 1]:
            VERBS[name](plain)
        expected = fingerprint(plain.document)
    story = begun(tmp_path, kind)
    for name in NAMES[:stop]:
        VERBS[name](story)
    story = between(story, tmp_path)
    with closing(story):
        VERBS[NAMES[stop]](story)
        assert fingerprint(story.document) == expected


@pytest.mark.parametrize("between", [saved_and_opened, recovered])
def test_another_removal_takes_the_place_of_one_that_was_discarded(
    between: Callable[[Story, Path], Story], tmp_path: Path
) -> None:
    """Nothing of the discarded one is seen through the soft edge, as nothing is without a save."""

    def another(story: Story) -> None:
        patch = soft_patch(ONE, 6)
        result = RemoveResult(patches=(patch,), engine="x", seed=6, revision=0)
        story.history.add_variant(variants.record(story.document, result))
        story.apply(3)

    def first_alone(story: Story) -> None:
        story.apply(1)
        story.history.discard_variant(2)
        story.history.discard_variant(1)

    with closing(begun(tmp_path, "rgba8")) as plain:
        first_alone(plain)
        another(plain)
        expected = fingerprint(plain.document)
    story = begun(tmp_path, "rgba8")
    assert story.document.variants[0].origin.revision == 0
    first_alone(story)
    story = between(story, tmp_path)
    with closing(story):
        another(story)
        assert fingerprint(story.document) == expected


@pytest.mark.parametrize("kind", ["rgb8", "rgb16", "gray8"])
def test_a_preview_is_what_apply_gives(kind: str, tmp_path: Path) -> None:
    with closing(begun(tmp_path, kind)) as story:
        for name in ("first", "new place", "there"):
            VERBS[name](story)
        for number in (2, 4, 1, 3):
            shown = story.document.view.copy()
            for patch in variants.preview(story.document, story.variant(number)):
                assert (patch.blend == 255).all()
                shown[patch.rect.slices] = patch.pixels
            story.apply(number)
            assert (shown == story.document.view).all()


def test_a_variant_in_the_place_of_another_shows_nothing_of_it(tmp_path: Path) -> None:
    """Also where the second was wider than the first, and after both were exchanged often."""
    with closing(begun(tmp_path, "rgb8")) as alone:
        alone.apply(1)
        expected = alone.document.native.copy()
    with closing(begun(tmp_path, "rgb8")) as story:
        for number in (1, 2, 1, 2, 1):
            story.apply(number)
        assert (story.document.native == expected).all()
        for _ in range(5):
            story.history.undo()
        assert story.document.marks.underlays == {}
