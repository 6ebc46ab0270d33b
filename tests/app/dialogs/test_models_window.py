from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keyring
import pytest
from keyring.backends import fail
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QMessageBox, QPushButton, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from app import paths
from app.dialogs.models import words as model_words
from app.dialogs.models.rows import ModelState, rows
from app.dialogs.models.window import ModelsWindow
from app.engines.model_jobs import ModelStock
from app.services.jobs import Jobs
from app.services.model_library import ModelLibrary
from app.services.preferences import Preferences
from engine.errors import Gated
from engine.models import catalog
from engine.models.catalog import Catalog
from engine.models.families import Family, Kind
from engine.models.model_file import Installed
from tests.app.services.test_model_library import REPO, WAIT_MS, entry, quiet
from tests.app.support.stories import editor
from tests.engine.models.test_scan import LORA, SAM2, SD15, weights
from tests.support.hub import Hub, running
from tests.support.models_at_hand import model

PICKLE = b"\x80\x04cos\nsystem\n."


@pytest.fixture(autouse=True)
def no_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    weights(tmp_path / "hub" / REPO / "m.safetensors", SAM2 | {"pad": (300_000,)})
    with running(tmp_path / "hub") as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        monkeypatch.delenv("HF_TOKEN", raising=False)
        yield server


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[Jobs]:
    ours = Jobs(lambda *_: None, {})
    yield ours
    ours.close()


@pytest.fixture
def preferences() -> Preferences:
    return Preferences(paths.config_dir() / "settings.json")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    urls: list[str] = []

    def note(url: QUrl) -> None:
        urls.append(url.toString())

    monkeypatch.setattr(QDesktopServices, "openUrl", note)
    return urls


def make(qtbot: QtBot, jobs: Jobs, preferences: Preferences, ours: Catalog) -> ModelsWindow:
    library = ModelLibrary(preferences)
    library.catalog = ours
    library.start(jobs)
    quiet(qtbot, jobs)
    window = ModelsWindow(library, jobs, preferences)
    library.setParent(window)
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def window(qtbot: QtBot, jobs: Jobs, preferences: Preferences, hub: Hub) -> ModelsWindow:
    return make(qtbot, jobs, preferences, Catalog([entry()]))


@pytest.fixture
def whole(qtbot: QtBot, jobs: Jobs, preferences: Preferences, tmp_path: Path) -> ModelsWindow:
    """The real catalog, and another program's folder with good and bad files."""
    folder = tmp_path / "ComfyUI" / "models"
    weights(folder / "checkpoints" / "dream.safetensors", SD15)
    weights(folder / "loras" / "dog.safetensors", LORA)
    (folder / "checkpoints" / "evil.ckpt").write_bytes(PICKLE)
    preferences.change("model_folders", (str(tmp_path / "ComfyUI"),))
    return make(qtbot, jobs, preferences, catalog.load())


def shown(window: ModelsWindow) -> list[str]:
    return [button.text() for button in window.list.buttons if not button.isHidden()]


def row(window: ModelsWindow, key: str) -> list[str]:
    item = window.list._items[key]
    return [item.text(column) for column in range(5)]


def test_every_entry_has_a_line_and_words(whole: ModelsWindow) -> None:
    for each in catalog.load().entries:
        whole.list.choose(each.id)
        chosen = whole.list.chosen
        assert chosen is not None
        assert chosen.key == each.id
        assert model_words.about(chosen).endswith("."), each.id
        assert each.title == whole.list.heading.text()
        assert each.licence in row(whole, each.id)[4]


def test_sizes_say_when_they_are_only_about_right(whole: ModelsWindow) -> None:
    assert row(whole, "sdxl")[2] == "6.9 GB"
    assert row(whole, "sdxl-inpaint")[2] == "about 6.9 GB"
    assert row(whole, "sdxl")[3] == "about 9.0 GB (fp16)"
    assert row(whole, "sam3")[4] == "To be accepted: SAM License"


def test_what_other_programs_have_is_listed_with_its_problem(
    whole: ModelsWindow, tmp_path: Path
) -> None:
    folder = tmp_path / "ComfyUI" / "models"
    evil = str(folder / "checkpoints" / "evil.ckpt")
    assert row(whole, evil)[:2] == ["evil", "Cannot be used"]
    whole.list.choose(evil)
    assert "run code" in whole.list.about.text()
    assert shown(whole) == ["Show &Folder"]
    dog = str(folder / "loras" / "dog.safetensors")
    whole.list.choose(dog)
    assert whole.list.about.text() == "Stable Diffusion 1.5, fp16, rank 4"
    dream = str(folder / "checkpoints" / "dream.safetensors")
    assert row(whole, dream)[1] == "Of another program, in use"


def test_close_looks_like_no_second_download(qtbot: QtBot, whole: ModelsWindow) -> None:
    whole.show()
    qtbot.waitExposed(whole)
    default = [each.text() for each in whole.findChildren(QPushButton) if each.isDefault()]
    assert not any("Close" in text for text in default)


def test_what_sees_the_subject_is_in_use_too() -> None:
    coarse, fine = model(Family.U2NETP), model(Family.ISNET)
    for here, used in (((coarse,), [coarse]), ((coarse, fine), [fine])):
        stock = ModelStock(installed=Installed(models=here))
        listed = rows(catalog.load(), stock, lambda _: None, lambda _: True)
        assert [each.model for each in listed if each.is_used] == used


def test_what_flux_needs_is_said(whole: ModelsWindow) -> None:
    whole.list.choose("flux-fill-q4")
    assert "FLUX.1 VAE, CLIP-L" in whole.list.facts.text()
    assert "downloaded along" in whole.list.facts.text()


def test_a_download_from_the_first_click_to_the_end(
    qtbot: QtBot, window: ModelsWindow, jobs: Jobs, hub: Hub
) -> None:
    hub.faults.drip_s = 0.01
    assert shown(window) == ["&Download", "&Licence Page"]
    QTest.keyClick(window.list.tree, Qt.Key.Key_Return)  # the keyboard is enough
    qtbot.waitUntil(lambda: "Downloading" in row(window, entry().id)[1], timeout=WAIT_MS)
    assert shown(window) == ["&Cancel", "&Licence Page"]
    with qtbot.waitSignal(window.list._library.obtained, timeout=WAIT_MS):
        pass
    quiet(qtbot, jobs)
    assert row(window, entry().id)[1] == "Here, in use"
    assert shown(window) == ["Chec&k", "D&elete…", "Show &Folder", "&Licence Page"]
    assert not window.messages.isHidden()


def test_a_download_can_be_stopped_and_go_on(
    qtbot: QtBot, window: ModelsWindow, jobs: Jobs, hub: Hub
) -> None:
    hub.faults.drip_s = 0.03
    window.list.download.click()
    qtbot.waitUntil(lambda: share(window) > 0.1, timeout=WAIT_MS)
    window.list.cancel.click()
    quiet(qtbot, jobs)
    window.list._library.rescan()
    quiet(qtbot, jobs)
    assert row(window, entry().id)[1].startswith("Unfinished")
    assert window.list.download.text() == "&Go on"
    hub.faults.drip_s = 0
    with qtbot.waitSignal(window.list._library.obtained, timeout=WAIT_MS):
        window.list.download.click()
    quiet(qtbot, jobs)


def share(window: ModelsWindow) -> float:
    return window.list.chosen.share if window.list.chosen else 0.0


def test_a_refusal_offers_the_licence_page(
    qtbot: QtBot, window: ModelsWindow, jobs: Jobs, hub: Hub, opened: list[str]
) -> None:
    hub.gated[REPO] = {"hf_good"}
    with qtbot.waitSignal(window.list._library.failed, timeout=WAIT_MS) as failed:
        window.list.download.click()
    quiet(qtbot, jobs)
    assert failed.args is not None
    assert isinstance(failed.args[0], Gated)
    buttons = {b.text(): b for b in window.messages.findChildren(QAbstractButton) if b.isVisible()}
    buttons["Open its page"].click()
    window.list.licence.click()
    assert opened == [entry().licence_page] * 2


def test_check_and_delete(
    qtbot: QtBot, window: ModelsWindow, jobs: Jobs, hub: Hub, opened: list[str]
) -> None:
    with qtbot.waitSignal(window.list._library.obtained, timeout=WAIT_MS):
        window.list.download.click()
    quiet(qtbot, jobs)
    with qtbot.waitSignal(window.list.checked, timeout=WAIT_MS) as checked:
        window.list.verify.click()
    assert checked.args == [entry().title, True]
    window.list.folder.click()
    assert opened == [QUrl.fromLocalFile(str(paths.models_dir() / "segment")).toString()]
    window.list.delete.click()
    (box,) = window.list.findChildren(QMessageBox)
    box.button(QMessageBox.StandardButton.Cancel).click()
    quiet(qtbot, jobs)
    assert (paths.models_dir() / "segment" / "m.safetensors").exists()
    qtbot.waitUntil(lambda: not window.list.findChildren(QMessageBox), timeout=WAIT_MS)
    window.list.delete.click()
    (box,) = window.list.findChildren(QMessageBox)
    box.button(QMessageBox.StandardButton.Yes).click()
    quiet(qtbot, jobs)
    assert row(window, entry().id)[1] == "Not here"


def test_folders_are_added_and_taken_off(
    qtbot: QtBot, window: ModelsWindow, jobs: Jobs, preferences: Preferences, tmp_path: Path
) -> None:
    window.tabs.setCurrentIndex(1)
    weights(tmp_path / "more" / "dog.safetensors", LORA)
    window.folders.add_places([str(tmp_path / "more"), str(tmp_path / "more"), ""])
    quiet(qtbot, jobs)
    assert [m.name for m in window.list._library.installed.of(Kind.LORA)] == ["dog.safetensors"]
    assert window.folders.listed.count() == 1
    window.folders.listed.setCurrentRow(0)
    window.folders.remove.click()
    quiet(qtbot, jobs)
    assert preferences.current.model_folders == ()
    assert window.list._library.installed.models == ()


def test_mirrors_are_checked(qtbot: QtBot, window: ModelsWindow, preferences: Preferences) -> None:
    window.tabs.setCurrentIndex(1)
    field = window.folders.mirrors
    field.setFocus()
    QTest.keyClicks(field, "https://m.example https://n.example")
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert preferences.current.mirrors == ("https://m.example", "https://n.example")
    field.clear()
    field.setFocus()
    QTest.keyClicks(field, "http://plain.example")
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert preferences.current.mirrors == ("https://m.example", "https://n.example")
    assert not window.messages.isHidden()
    assert field.text() == "https://m.example https://n.example"


def test_a_token_is_kept_tested_and_forgotten(
    qtbot: QtBot, jobs: Jobs, preferences: Preferences, hub: Hub, opened: list[str]
) -> None:
    hub.gated[REPO] = {"hf_good"}
    window = make(qtbot, jobs, preferences, Catalog([entry(gated=True)]))
    access = window.access
    window.tabs.setCurrentIndex(2)
    quiet(qtbot, jobs)
    assert access.place.text() == "There is no token."
    access.test.click()
    quiet(qtbot, jobs)
    assert access.repos.topLevelItem(0).text(1) == "A token is needed"  # pyright: ignore
    access.token.setFocus()
    QTest.keyClicks(access.token, "hf_good")
    assert access.token.displayText() != "hf_good"
    QTest.keyClick(access.token, Qt.Key.Key_Return)
    assert access.token.text() == ""
    quiet(qtbot, jobs)
    assert "until Lacuna ends" in access.place.text()
    access.test.click()
    quiet(qtbot, jobs)
    assert access.repos.topLevelItem(0).text(1) == "May be downloaded"  # pyright: ignore
    assert access.answer.text() == "The token belongs to tester."
    access.repos.setCurrentItem(access.repos.topLevelItem(0))
    access.page.click()
    assert opened == [entry().licence_page]
    access.forget.click()
    quiet(qtbot, jobs)
    assert access.place.text() == "There is no token."
    kept = [file for file in paths.config_dir().parent.rglob("*") if file.is_file()]
    assert not [file for file in kept if b"hf_good" in file.read_bytes()]


def test_whatever_takes_the_focus_has_a_name(window: ModelsWindow) -> None:
    nameless = [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not widget.accessibleName()
        and not (isinstance(widget, QAbstractButton) and widget.text())
        and not isinstance(widget, QTabBar)
        and widget is not window.tabs
    ]
    assert nameless == []


def test_the_menu_opens_it_once(qtbot: QtBot) -> None:
    with editor(qtbot) as w:
        w.actions.trigger("tool.models")
        w.actions.trigger("tool.models")
        (window,) = w.window.findChildren(ModelsWindow)
        assert window.isVisible()
        assert window.list.chosen is not None
        assert window.list.chosen.state is ModelState.ABSENT
        window.close()


def test_a_problem_of_every_kind_has_words() -> None:
    codes = (
        "format", "damaged", "keys", "partial", "missing", "schnell", "kind",
        "controlnet", "pickle", "bomb", "torchscript", "header", "limit",
    )  # fmt: skip
    assert all(model_words.problem(code).endswith(".") for code in codes)
    assert model_words.problem("new\u202ecode") == "new\ufffdcode"


def test_rows_of_a_download_that_waits(qtbot: QtBot, jobs: Jobs, window: ModelsWindow) -> None:
    chosen = window.list.chosen
    assert chosen is not None
    assert model_words.state(replace(chosen, state=ModelState.WAITING)) == "Waits for its turn"
    assert model_words.state(replace(chosen, state=ModelState.FETCHING, share=0.349)) == (
        "Downloading, 34 %"
    )


def test_the_paint_panel_leads_to_the_models_while_nothing_can_paint(qtbot: QtBot) -> None:
    with editor(qtbot) as w:
        button = w.docks.paint.trouble_button
        qtbot.waitUntil(lambda: button.isVisibleTo(w.docks.paint), timeout=WAIT_MS)
        button.clicked.emit()
        assert len(w.window.findChildren(ModelsWindow)) == 1
