"""The report on an export of the window: of the file as it is, with the variants that it shows."""

import json
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.window.editor import Editor
from engine.geometry import Rect
from engine.image_io.writer import ExportOptions
from engine.selection.masks import CombineMode
from tests.app.support.stories import WAIT_MS, editor, opened, photo_file, removed, settled


def edited(qtbot: QtBot, w: Editor, folder: Path) -> None:
    opened(qtbot, w, photo_file(folder))
    w.mask_editor.rectangle(Rect(60, 40, 60, 60), CombineMode.REPLACE)
    removed(qtbot, w)
    settled(qtbot, w)


def exported(qtbot: QtBot, w: Editor, path: Path) -> None:
    with qtbot.waitSignal(w.files.wrote, timeout=WAIT_MS):
        w.files.export(path, ExportOptions())


def reported(qtbot: QtBot, w: Editor, path: Path) -> str:
    w.report_export.write(path)
    settled(qtbot, w)
    return path.read_text(encoding="utf-8")


def test_a_report_tells_of_the_removal_and_of_the_file(qtbot: QtBot, tmp_path: Path) -> None:
    with editor(qtbot) as w:
        edited(qtbot, w, tmp_path)
        exported(qtbot, w, tmp_path / "o.png")
        (found,) = json.loads(reported(qtbot, w, tmp_path / "r.json"))["pictures"]
        (step,) = found["steps"]
        (variant,) = w.variants.all
        assert (step["step"], step["facts"]["seed"]) == ("remove", variant.seed)
        assert step["facts"]["engine"] == variant.engine
        assert found["outside_sha256_before"] == found["outside_sha256_after"]
        assert found["proof"]["outside_px"] == 0
        assert found["ring_px"] >= 60 * 60
        assert set(found["thumbnails"]) == {"before", "after", "blend", "ring"}
        page = reported(qtbot, w, tmp_path / "r.html")
        assert "0 px changed outside the ring in o.png." in page


def test_a_report_needs_a_file_of_the_picture_as_it_is(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    with editor(qtbot) as w:
        monkeypatch.setattr(w.export_flow, "ask", lambda *_: asked.append("export"))
        monkeypatch.setattr(w.file_dialogs, "path", lambda *_: asked.append("report"))
        edited(qtbot, w, tmp_path)
        w.actions.trigger("file.export_report")
        exported(qtbot, w, tmp_path / "o.png")
        w.mask_editor.select_all()  # the pixels are as they were written
        w.actions.trigger("file.export_report")
        w.session.undo()
        w.session.undo()
        w.actions.trigger("file.export_report")
        assert asked == ["export", "report", "export"]


def test_a_file_that_was_changed_since_is_said_to_differ(qtbot: QtBot, tmp_path: Path) -> None:
    with editor(qtbot) as w:
        edited(qtbot, w, tmp_path)
        exported(qtbot, w, tmp_path / "o.png")
        (tmp_path / "o.png").unlink()
        (found,) = json.loads(reported(qtbot, w, tmp_path / "r.json"))["pictures"]
        assert found["outside_sha256_after"] == ""
        assert "could not be read again" in found["sentence"]
