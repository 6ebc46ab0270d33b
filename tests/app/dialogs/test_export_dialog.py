from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.commands import export_estimate
from app.commands.export_estimate import EstimateWork, sample_of
from app.dialogs.export.dialog import ExportDialog
from app.services.preferences import Preferences
from app.settings import export_options
from app.settings.export_options import DEFAULT, restored, saved
from app.text import embedded as words
from app.text.embedded import embedded_words, size_words, source_type_words
from engine.image_io import embedded as embedded_module
from engine.image_io.writer import Embedded, ExportOptions, encode
from engine.picture import Metadata, Picture


class NoJob:
    def report(self, fraction: float, note: str = "", preview: object = None) -> None: ...


def picture(
    height: int = 40, width: int = 60, *, deep: bool = False, alpha: bool = False
) -> Picture:
    kind = np.uint16 if deep else np.uint8
    pixels = np.random.default_rng(1).integers(0, 255, (height, width, 3)).astype(kind)
    return Picture(
        pixels=pixels,
        alpha=np.full((height, width), 200, kind) if alpha else None,
        metadata=Metadata(text=(("Title", "A lamp"),)),
    )


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    return Preferences(tmp_path / "settings.json")


@pytest.fixture
def make(preferences: Preferences, tmp_path: Path, qtbot: QtBot) -> Callable[..., ExportDialog]:
    def build(shown: Picture, **more: object) -> ExportDialog:
        dialog = ExportDialog(
            shown,
            tmp_path / "out.png",
            preferences,
            **({"estimate": lambda work, done: done(work.run(NoJob()))} | more),
        )
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return build


def rows(dialog: ExportDialog) -> list[str]:
    return [dialog.list.item(i).text() for i in range(dialog.list.count())]


CHOICES = [
    DEFAULT,
    ExportOptions(),
    ExportOptions(format="jpeg", quality=71, subsampling="4:2:0", keep_exif=False),
    ExportOptions(format="tiff", depth=8, compress=False, keep_gps=False, private=True),
    ExportOptions(format="png", depth=16, source_type="algorithmicallyEnhanced"),
]


@pytest.mark.parametrize("options", CHOICES)
def test_options_are_kept_as_plain_values(options: ExportOptions, tmp_path: Path) -> None:
    assert restored(saved(options), source_format="png") == options
    first = Preferences(tmp_path / "s.json")
    first.change("export", saved(options))
    again = Preferences(tmp_path / "s.json").current.export
    assert restored(again, source_format="png") == options


def test_the_first_export_keeps_the_format() -> None:
    assert restored({}, source_format="tiff").format == "tiff"
    assert restored({}, source_format="heic").format == "png"
    assert restored({"format": "webp"}, source_format="tiff").format == "webp"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", "gif"),
        ("quality", 0),
        ("quality", True),
        ("depth", 12),
        ("private", 1),
        ("subsampling", 4),
        ("source_type", "x"),
        ("no_such", 1),
        ("keep_exif", "yes"),
    ],
)
def test_foreign_values_are_left_out(name: str, value: str | int | bool) -> None:
    assert restored({name: value}, source_format="png") == DEFAULT


def test_every_option_has_a_check() -> None:
    for known in fields(ExportOptions):
        value = getattr(DEFAULT, known.name)
        plain = ("" if known.name == "source_type" else 0) if value is None else value
        assert export_options._checked(known.name, plain) is not None


@pytest.mark.parametrize("format", export_options.WRITABLE)
def test_the_estimate_is_near(format: str) -> None:
    y, x = np.mgrid[:1250, :500]
    base = (np.sin(x / 40) * 60 + np.cos(y / 30) * 60 + 128)[..., None]
    noise = np.random.default_rng(2).normal(0, 6, (1250, 500, 3))
    whole = Picture(pixels=np.clip(base + noise, 0, 255).astype(np.uint8))
    options = ExportOptions(format=format, quality=80)
    found = EstimateWork(sample=sample_of(whole), whole=whole, options=options).run(NoJob()).size
    assert found == pytest.approx(len(encode(whole, options)), rel=0.2)


@pytest.mark.parametrize("size", [(1, 1), (383, 2), (385, 1153), (1152, 1152), (1153, 2000)])
def test_a_sample_is_never_larger_than_the_picture(size: tuple[int, int]) -> None:
    pixels = np.arange(size[0] * size[1], dtype=np.uint32).astype(np.uint8).reshape(size)
    sample = sample_of(Picture(pixels=pixels)).pixels
    assert sample.shape[0] <= min(size[0], 1152)
    assert sample.shape[1] <= min(size[1], 1152)
    if max(size) <= 1152:
        assert np.array_equal(sample, pixels)


def test_it_shows_what_is_embedded_and_what_private_leaves_out(make, qtbot: QtBot) -> None:
    dialog = make(picture(alpha=True))
    qtbot.waitUntil(lambda: any("Text" in row for row in rows(dialog)))
    assert any("Transparency" in row for row in rows(dialog))
    dialog.form.private.click()
    qtbot.waitUntil(lambda: any("private" in row for row in rows(dialog)))
    assert not dialog.form.keep_gps.isEnabled()
    dialog.form.private.click()
    dialog.form.keep_exif.click()
    qtbot.waitUntil(lambda: any("as you chose" in row for row in rows(dialog)))


def test_fields_come_with_their_format(make, qtbot: QtBot) -> None:
    dialog = make(picture(deep=True))
    form = dialog.form
    assert form.depth_choice.isVisible()
    assert not form.quality.isVisible()
    form.format.set_value("jpeg")
    form.format.changed.emit("jpeg")
    assert dialog.path.text().endswith("out.jpg")
    assert form.quality.isVisible()
    assert not form.depth_choice.isVisible()
    qtbot.waitUntil(lambda: any("8 bits" in r or "left out" in r for r in rows(dialog)))


def test_what_needs_every_pixel_is_found_by_the_worker(
    make, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    asked: list[EstimateWork] = []
    monkeypatch.setattr(export_estimate, "embedded", lambda *_: pytest.fail("in the window"))
    dialog = make(picture(), estimate=lambda work, _: asked.append(work))
    qtbot.waitUntil(lambda: bool(asked))
    assert asked[0].whole.size == (60, 40)
    assert rows(dialog) == []


def test_the_size_is_told_later(make, qtbot: QtBot) -> None:
    dialog = make(picture())
    assert "…" in dialog.size_label.text()
    qtbot.waitUntil(lambda: "about" in dialog.size_label.text())


def test_a_cut_out_needs_transparency_and_a_mask_no_options(make) -> None:
    dialog = make(picture(), has_mask=True)
    dialog.form.format.set_value("jpeg")
    dialog.form.format.changed.emit("jpeg")
    dialog.what.set_value("cutout")
    dialog.what.changed.emit("cutout")
    assert dialog.form.options.format == "png"
    assert dialog.path.text().endswith(".png")
    dialog.what.set_value("mask")
    dialog.what.changed.emit("mask")
    assert not dialog.form.isEnabled()
    assert dialog.choice.what == "mask"


def test_tab_goes_from_top_to_bottom(make, qtbot: QtBot) -> None:
    dialog = make(picture(deep=True), has_mask=True)
    with qtbot.waitActive(dialog):
        dialog.activateWindow()
    places = []
    dialog.what.combo.setFocus()
    while dialog.focusWidget() is not dialog.export_button:
        here = dialog.focusWidget()
        places.append(here.mapTo(dialog, here.rect().center()))
        QTest.keyClick(here, Qt.Key.Key_Tab)
    assert [place.y() for place in places] == sorted(place.y() for place in places)
    assert len(places) > 7


def test_mask_and_cut_out_have_names_of_their_own(make, tmp_path: Path) -> None:
    dialog = make(picture(), has_mask=True)

    def name_for(what: str) -> str:
        dialog.what.set_value(what)
        dialog.what.changed.emit(what)
        return Path(dialog.path.text()).name

    assert name_for("mask") == "out.png"  # the user's own name stays
    dialog.path.setText(str(tmp_path / "photo-lacuna.png"))
    assert name_for("mask") == "photo-mask.png"
    assert name_for("cutout") == "photo-cutout.png"
    assert name_for("picture") == "photo-lacuna.png"


def test_without_a_selection_there_is_no_mask_to_export(make) -> None:
    assert make(picture()).what.combo.count() == 1


def test_the_source_is_not_overwritten_and_other_files_not_silently(make, tmp_path: Path) -> None:
    source = tmp_path / "source.png"
    source.write_bytes(b"x")
    (tmp_path / "link.png").symlink_to(source)
    dialog = make(picture(), source=source)
    for name in ("source.png", "link.png"):
        dialog.path.setText(str(tmp_path / name))
        assert not dialog.export_button.isEnabled()
    other = tmp_path / "other.png"
    other.write_bytes(b"x")
    dialog.path.setText(str(other))
    assert dialog.export_button.isEnabled()
    assert "other.png" in dialog.warning.text()
    dialog.path.setText(str(tmp_path / "new.png"))
    assert dialog.warning.text() == ""
    dialog.path.setText("  ")
    assert not dialog.export_button.isEnabled()


def test_export_keeps_the_choice_for_the_next_time(
    make, preferences: Preferences, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = make(picture())
    dialog.form.private.click()
    with qtbot.waitSignal(dialog.chosen) as said:
        dialog.export_button.click()
    choice = said.args[0]
    assert choice.path == tmp_path / "out.png"
    assert choice.options.private is True
    assert make(picture()).form.options.private is True


def test_browsing_takes_the_format_of_the_name(
    make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dialog = make(picture())
    answer = str(tmp_path / "a.webp"), ""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: answer)
    dialog.browse_button.click()
    assert dialog.form.options.format == "webp"
    assert dialog.path.text() == answer[0]


def typed(dialog: ExportDialog, name: str) -> None:
    dialog.path.selectAll()
    QTest.keyClicks(dialog.path, name)


def test_a_typed_name_says_the_format(make, tmp_path: Path) -> None:
    dialog = make(picture())
    typed(dialog, str(tmp_path / "other.jpg"))
    assert dialog.choice.options.format == "jpeg"
    typed(dialog, str(tmp_path / "other.png"))
    assert dialog.choice.options.format == "png"
    assert dialog.choice.path == tmp_path / "other.png"


def test_a_name_without_an_ending_gets_one_and_replaces_nothing_unseen(
    make, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "taken.png").write_bytes(b"mine")
    dialog = make(picture())
    typed(dialog, str(tmp_path / "taken"))
    chosen: list[object] = []
    dialog.chosen.connect(chosen.append)
    dialog.export_button.click()
    assert chosen == []
    assert dialog.warning.isVisible()
    with qtbot.waitSignal(dialog.chosen):
        dialog.export_button.click()
    assert dialog.choice.path == tmp_path / "taken.png"


def test_words() -> None:
    assert size_words(999) == "999 bytes"
    assert size_words(12_345) == "12 kB"
    assert size_words(3_210_000) == "3.2 MB"
    lost = embedded_words(Embedded(kind="gps", kept=False, why="choice"))
    assert lost == "Place (GPS): left out, as you chose"
    assert all(source_type_words(term) != term for term in export_options.SOURCE_TYPES)


def test_every_kind_and_reason_has_words() -> None:
    record = Embedded.__doc__ or ""
    kinds = {kind for kind in words._kinds() if kind not in ("profile", "exif", "xmp", "iptc")}
    assert {"gain-map", "palette", "thumbnail", "c2pa", "frames", "pictures"} <= kinds
    for kind in kinds:
        assert kind in record
    for code in (*embedded_module._CLEANED.values(), *embedded_module._NOTES.values()):
        kind, why = code
        line = embedded_words(Embedded(kind=kind, kept=False, why=why))
        assert not line.startswith(f"{kind}:")
        assert not line.endswith(f", {why}")
