"""How a picture was painted goes into its file, and comes back out of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.window.editor import Editor
from engine.image_io.headers.a1111 import KEY, read_parameters
from engine.image_io.reader import read
from engine.image_io.writer import ExportOptions, write
from engine.picture import Metadata, Picture
from tests.app.support.painters import document_of, painted, painter
from tests.app.support.stories import WAIT_MS, opened, photo, settled


@pytest.fixture
def w(qtbot: QtBot, tmp_path: Path) -> Iterator[Editor]:
    with painter(qtbot, tmp_path) as workspace:
        yield workspace


def exported(qtbot: QtBot, w: Editor, path: Path, **how: object) -> Picture:
    options = replace(w.export_flow.last_options(), **how)  # type: ignore[arg-type]
    with qtbot.waitSignal(w.files.wrote, timeout=WAIT_MS):
        w.files.export(path, options)
    return read(path)


def texts(picture: Picture) -> dict[str, str]:
    return dict(picture.metadata.text)


def test_a_painting_that_is_shown_says_how_it_was_made(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    painted(qtbot, w)
    assert KEY not in texts(exported(qtbot, w, tmp_path / "before.png"))
    w.variants.look_at(1)
    w.actions.trigger("remove.apply")
    settled(qtbot, w)
    assert w.export_flow.last_options().source_type == "compositeWithTrainedAlgorithmicMedia"
    found = read_parameters(texts(exported(qtbot, w, tmp_path / "a.png"))[KEY])
    assert found is not None
    variant = w.variants.all[1]
    assert variant.request is not None
    assert found.settings.prompt == variant.request.settings.prompt
    assert found.seed == variant.seed
    for how in ({"private": True}, {"keep_prompts": False}):
        assert KEY not in texts(exported(qtbot, w, tmp_path / "b.png", **how))
    w.session.undo()
    assert KEY not in texts(exported(qtbot, w, tmp_path / "c.png"))


A1111 = (
    "a dragon <lora:scales:0.6>\nNegative prompt: fog\nSteps: 31, Sampler: DPM++ 2M Karras, "
    "CFG scale: 4.5, Seed: 99, Size: 512x512, Model: elsewhere"
)


def test_a_generated_picture_offers_its_settings(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    path = tmp_path / "generated.png"
    metadata = Metadata(text=((KEY, A1111),))
    write(Picture(pixels=photo(), metadata=metadata), path, ExportOptions())
    before = w.painter.choices
    w.session.mark_clean()
    opened(qtbot, w, path)
    assert "says how it was painted" in w.message_bar.text
    assert w.painter.choices == before  # offered, not done
    w.message_bar.triggered.emit("paint.use_found", None)
    choices = w.painter.choices
    found = choices.settings
    assert (found.prompt, found.negative_prompt) == ("a dragon", "fog")
    assert (found.steps, found.guidance) == (31, 4.5)
    assert (found.sampler, found.scheduler) == ("dpmpp_2m", "karras")
    assert (choices.seed, choices.is_seed_fixed) == (99, True)
    assert [(each.name, each.weight) for each in found.loras] == [("scales", 0.6)]
    assert found.checkpoint == before.settings.checkpoint  # theirs is not here
    assert document_of(w).path == path
