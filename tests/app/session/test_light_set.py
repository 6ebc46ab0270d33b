"""One button from basic mode to light models: fetched, checked, announced, and in use."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keyring
import pytest
from keyring.backends import fail
from pytestqt.qtbot import QtBot

from app import paths
from app.dialogs.light import LightDialog
from app.engines import model_places
from app.panels.light_offer import LightOffer
from app.services import engines as services_engines
from app.services.light_models import FOR_SUBJECTS, LARGE, SMALL, SetState
from app.window.editor import Editor
from engine.dispatch.choice import BUILTIN, LIGHT, NO_LIGHT, EngineState
from engine.errors import BackendStopped, EngineError, EngineMissing
from engine.jobs.backend import Capability, JobContext
from engine.models import catalog
from engine.models.catalog import Catalog, CatalogEntry, RemoteFile
from engine.models.model_file import ModelFile
from engine.models.verdicts import Verdict, Verdicts, light_runtime
from tests.app.support.slow_engine import SlowEngine
from tests.app.support.stories import (
    WAIT_MS,
    editor,
    is_enabled,
    opened,
    photo,
    photo_file,
    settled,
)
from tests.support.hub import Hub, running
from tests.support.model_files import SAM2, weights
from widgets.plain_widgets import PlainLabel

LAMA = {"generator.model.1.ffc.convl2l.weight": (8, 8), "generator.model.5.ffc.convg2g": (8, 8)}
REPO = "maker/light"
WHOLE = catalog.load()


class Checking(SlowEngine):
    """A light engine whose self-checks end as the test says, and are kept as the real ones."""

    def __init__(self) -> None:
        super().__init__()
        self.prepares.set()
        self.answers.set()
        self.wrong: dict[str, str] = {}  # by file name
        self.trouble: EngineError | None = None
        self.checked: list[str] = []

    def check(self, model: ModelFile, job: JobContext) -> Verdict:
        self.checked.append(model.name)
        if self.trouble is not None:
            raise self.trouble
        verdict = Verdict(runtime=light_runtime(), why=self.wrong.get(model.name, ""))
        Verdicts(model_places.verdicts_file()).note(model, verdict)
        return verdict


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    weights(tmp_path / "hub" / REPO / "click.safetensors", SAM2 | {"pad": (300_000,)})
    weights(tmp_path / "hub" / REPO / "fill.safetensors", LAMA | {"pad": (400_000,)})
    monkeypatch.setattr(catalog, "load", ours)
    with running(tmp_path / "hub") as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        yield server
    keyring.set_keyring(before)


def ours() -> Catalog:
    """Two small models of the families that the real sets are made of."""
    click = entry("sam2.1-hiera-tiny", "segment/click.safetensors")
    fill = entry("big-lama", "remove/fill.safetensors")
    subject = entry("u2netp", "subject/u2netp.pth")
    sets = {LARGE: (click.id, fill.id), SMALL: (click.id,), FOR_SUBJECTS: (subject.id,)}
    return Catalog([click, fill, subject], sets)


def entry(id: str, save_as: str) -> CatalogEntry:
    known = WHOLE.get(id)
    assert known is not None
    name = Path(save_as).name
    file = RemoteFile(path=name, save_as=save_as, size=None, sha256=None)
    return replace(known, repo=REPO, commit=None, files=(file,), about_mb=1)


@pytest.fixture
def light() -> Checking:
    return Checking()


@pytest.fixture
def w(qtbot: QtBot, hub: Hub, light: Checking, monkeypatch: pytest.MonkeyPatch) -> Iterator[Editor]:
    monkeypatch.setattr(
        services_engines.choice, "engine_state", lambda: EngineState(trouble="absent")
    )
    monkeypatch.setattr(
        services_engines.choice, "light_state", lambda: EngineState(expects_card=False)
    )
    with editor(qtbot, light=lambda: light) as workspace:
        settled(qtbot, workspace)
        yield workspace


def fetched(qtbot: QtBot, w: Editor, count: int = 2) -> list[str]:
    """Press the button of the start page and wait until all is announced."""
    announced: list[str] = []
    w.model_library.obtained.connect(lambda entry: announced.append(entry.id))
    get(w)
    qtbot.waitUntil(lambda: len(announced) == count, timeout=WAIT_MS)
    settled(qtbot, w)
    return announced


def details(w: Editor, offer: LightOffer) -> LightDialog:
    """The window that the line of an offer leads to."""
    assert not offer.details.isHidden()
    offer.details.click()
    (dialog,) = (each for each in w.window.findChildren(LightDialog) if each.isVisible())
    return dialog


def get(w: Editor, id: str = LARGE) -> None:
    """Fetch a set as a user does; the window about it closes."""
    dialog = details(w, w.start_page.offer)
    dialog.fetch[id].click()
    assert not dialog.isVisible()


def words(dialog: LightDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(PlainLabel))


def test_one_button_leads_from_basic_mode_to_models(
    qtbot: QtBot, w: Editor, light: Checking, tmp_path: Path
) -> None:
    offer = w.start_page.offer
    assert offer.isVisible()
    assert offer.details.text() == "Better selecting and removing (2 MB)…"
    assert w.docks.remove.offer.isHidden()  # without a picture one line is enough
    dialog = details(w, offer)
    assert dialog.fetch[LARGE].text() == "Download 2 MB"
    assert dialog.fetch[SMALL].text() == "Download 1 MB"
    assert words(dialog).count("Apache-2.0") == 2  # of each model once
    assert "SA-1B, SA-V, Places365" in words(dialog)
    dialog.close()
    opened(qtbot, w, photo_file(tmp_path))
    panels = w.docks.remove.offer, w.docks.selection.offer
    assert [each.details.text() for each in panels] == [
        "Better removing (2 MB)…",
        "Better selecting (2 MB)…",
    ]
    assert not any(each.isHidden() for each in panels)
    assert w.docks.selection.subject_offer.isHidden()
    assert is_enabled(w, "tool.light")
    assert sorted(fetched(qtbot, w)) == ["big-lama", "sam2.1-hiera-tiny"]
    assert sorted(light.checked) == ["click.safetensors", "fill.safetensors"]
    assert w.light_models.progress(LARGE).state is SetState.HERE
    for part in (offer, w.docks.remove.offer, w.docks.selection.offer):
        assert part.isHidden()
    subjects = w.docks.selection.subject_offer
    assert not subjects.isHidden()
    assert subjects.details.text() == "Better Select Subject (1 MB)…"
    dialog = details(w, subjects)
    assert list(dialog.fetch) == [FOR_SUBJECTS]
    assert "U-2-Net small (Apache-2.0)" in words(dialog)
    assert "copy of the authors' on the hub" in words(dialog)
    dialog.close()
    assert not is_enabled(w, "tool.light")
    assert w.click_selector.engines.choice.backend == LIGHT
    assert w.docks.remove.engine.text().startswith("LaMa")
    qtbot.waitUntil(lambda: bool(light.looked_at), timeout=WAIT_MS)


def test_progress_is_shown_and_a_download_that_was_stopped_goes_on(
    qtbot: QtBot, w: Editor, hub: Hub
) -> None:
    hub.faults.drip_s = 0.02
    offer = w.start_page.offer
    get(w)
    qtbot.waitUntil(lambda: offer.progress.text().startswith("Downloading"), timeout=WAIT_MS)
    assert offer.details.isHidden()
    assert not offer.stop.isHidden()
    qtbot.waitUntil(lambda: w.light_models.progress(LARGE).share > 0.1, timeout=WAIT_MS)
    offer.stop.click()
    settled(qtbot, w)
    assert offer.progress.isHidden()
    assert offer.stop.isHidden()
    assert not offer.details.isHidden()
    hub.forget()
    hub.faults.drip_s = 0.0
    fetched(qtbot, w)
    assert any(asked.range for asked in hub.bodies)


def test_the_lines_of_others_say_nothing_of_a_download(qtbot: QtBot, w: Editor, hub: Hub) -> None:
    (Path(hub.root) / REPO / "u2netp.pth").write_bytes(bytes(300_000))
    fetched(qtbot, w)
    hub.faults.drip_s = 0.02
    w.files.adopt_pixels(photo())
    subjects = w.docks.selection.subject_offer
    details(w, subjects).fetch[FOR_SUBJECTS].click()
    qtbot.waitUntil(lambda: subjects.progress.text().startswith("Downloading"), timeout=WAIT_MS)
    assert not subjects.isHidden()
    for other in (w.start_page.offer, w.docks.remove.offer, w.docks.selection.offer):
        assert other.isHidden()
    w.light_models.cancel()
    settled(qtbot, w)
    assert not subjects.details.isHidden()


def test_what_is_here_is_not_counted_again(
    qtbot: QtBot, w: Editor, light: Checking, tmp_path: Path
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    click = w.model_library.catalog.get("sam2.1-hiera-tiny")
    assert click is not None
    w.model_library.download(click)
    settled(qtbot, w)
    assert w.docks.selection.offer.isHidden()  # a removal would be better, not a click
    assert w.docks.remove.offer.details.text() == "Better removing (1 MB)…"
    assert details(w, w.docks.remove.offer).fetch[LARGE].text() == "Download 1 MB"


def test_a_download_that_is_cut_goes_on_by_itself(qtbot: QtBot, w: Editor, hub: Hub) -> None:
    hub.faults.cut_at = [200_000]
    fetched(qtbot, w)
    assert w.light_models.progress(LARGE).state is SetState.HERE


def test_a_wrong_checksum_is_told_and_basic_mode_goes_on(qtbot: QtBot, w: Editor, hub: Hub) -> None:
    hub.faults.corrupt = True
    with qtbot.waitSignal(w.session.failed, timeout=WAIT_MS):
        get(w)
    settled(qtbot, w)
    assert w.click_selector.engines.choice.backend == BUILTIN
    assert not w.start_page.offer.details.isHidden()
    assert w.message_bar.text


def test_a_model_that_computes_wrongly_is_named_and_the_other_is_used(
    qtbot: QtBot, w: Editor, light: Checking
) -> None:
    light.wrong["click.safetensors"] = "click"
    assert fetched(qtbot, w, count=1) == ["big-lama"]
    assert "computes wrongly on this computer" in w.message_bar.text
    qtbot.waitUntil(lambda: w.engines.choice(Capability.CLICK).backend == BUILTIN, timeout=WAIT_MS)
    assert w.engines.choice(Capability.CLICK).reason == "unusable"
    assert w.engines.choice(Capability.REMOVE).backend == LIGHT


def test_a_file_of_another_kind_is_refused_by_its_header(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    (tmp_path / "hub" / REPO / "click.safetensors").write_bytes(b"no weights at all" * 9)
    fetched(qtbot, w, count=1)
    assert w.engines.choice(Capability.CLICK).backend == BUILTIN


@pytest.mark.parametrize(
    ("trouble", "count"), [(EngineMissing("broken"), 2), (BackendStopped("light", "killed"), 0)]
)
def test_a_check_that_cannot_be_made_is_no_verdict(
    qtbot: QtBot, w: Editor, light: Checking, trouble: EngineError, count: int
) -> None:
    light.trouble = trouble
    told: list[EngineError] = []
    w.session.failed.connect(lambda error, _: told.append(error))
    if count:
        fetched(qtbot, w, count)
    else:
        get(w)
        qtbot.waitUntil(lambda: len(told) == 2, timeout=WAIT_MS)
        settled(qtbot, w)
    assert all(not m.wrong_on for m in w.model_library.installed.models)
    assert len(w.model_library.installed.models) == 2


def test_nothing_is_offered_where_it_could_not_run(qtbot: QtBot, w: Editor) -> None:
    w.engines.light = NO_LIGHT
    w.engines.changed.emit()
    assert w.start_page.offer.isHidden()
    assert not is_enabled(w, "tool.light")


def test_two_windows_fetch_one_file(qtbot: QtBot, w: Editor, hub: Hub, light: Checking) -> None:
    hub.faults.drip_s = 0.002
    with editor(qtbot, light=lambda: light) as other:
        settled(qtbot, other)
        get(other)
        fetched(qtbot, w)
        settled(qtbot, other)
        assert other.light_models.progress(LARGE).state is SetState.HERE
    whole = [asked for asked in hub.bodies if not asked.range]
    assert len(whole) == 2


def test_what_the_button_says_is_what_the_menu_says() -> None:
    from app.actions.tools import TOOL

    action = next(each for each in TOOL if each.id == "tool.light")
    assert f"{round(WHOLE.sets[LARGE].size_bytes / 1e6)} MB" in action.tip
    assert not paths.models_dir().exists()
