import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backends import fail
from pytestqt.qtbot import QtBot

from app import paths
from app.engines.model_jobs import TokenAccess
from app.services.jobs import Job, JobQueue, Jobs
from app.services.model_library import ModelLibrary
from app.services.preferences import Preferences
from engine.errors import Gated, ModelCorrupt
from engine.models import catalog
from engine.models.catalog import Catalog, CatalogEntry, RemoteFile
from engine.models.families import Family, Kind
from engine.models.model_file import Installed
from tests.engine.models.test_scan import LORA, SAM2, SD15, weights
from tests.support.hub import Hub, running

REPO = "maker/sam"
WAIT_MS = 20_000


def entry(**changes: Any) -> CatalogEntry:
    base = catalog.load().get("sam2.1-hiera-tiny")
    assert base is not None
    file = RemoteFile(path="m.safetensors", save_as="segment/m.safetensors", size=None, sha256=None)
    return replace(base, repo=REPO, commit=None, files=(file,), **changes)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    weights(tmp_path / "hub" / REPO / "m.safetensors", SAM2 | {"pad": (300_000,)})
    with running(tmp_path / "hub") as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        monkeypatch.delenv("HF_TOKEN", raising=False)
        yield server


@pytest.fixture(autouse=True)
def no_keyring() -> Iterator[None]:
    """Nothing of a test gets into the keyring of who runs it."""
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[Jobs]:
    ours = Jobs(lambda *_: None, {})
    yield ours
    ours.close()


@pytest.fixture
def preferences() -> Preferences:
    return Preferences(paths.config_dir() / "settings.json")


@pytest.fixture
def library(qtbot: QtBot, jobs: Jobs, preferences: Preferences) -> ModelLibrary:
    ours = ModelLibrary(preferences)
    ours.catalog = Catalog([entry()])
    return ours


def started(qtbot: QtBot, library: ModelLibrary, jobs: Jobs) -> None:
    library.start(jobs)
    quiet(qtbot, jobs)


def quiet(qtbot: QtBot, jobs: Jobs) -> None:
    qtbot.waitUntil(lambda: not jobs.is_busy, timeout=WAIT_MS)


def test_nothing_is_there_at_first(qtbot: QtBot, library: ModelLibrary, jobs: Jobs) -> None:
    started(qtbot, library, jobs)
    assert library.installed == Installed()
    assert library.model(entry()) is None
    assert not paths.models_dir().exists()


def test_a_download_is_a_task_and_then_a_model(
    qtbot: QtBot, library: ModelLibrary, jobs: Jobs, hub: Hub
) -> None:
    started(qtbot, library, jobs)
    told: list[Job] = []
    jobs.changed.connect(lambda job: told.append(job) if job.is_shown else None)
    with qtbot.waitSignals([library.obtained, library.changed], timeout=WAIT_MS):
        job = library.download(entry())
        assert job is not None
        assert job.queue is JobQueue.DOWNLOADS
        assert library.download(entry()) is job
        assert library.job(entry()) is job
    quiet(qtbot, jobs)
    assert job in told
    assert job.label == "Downloading SAM 2.1 tiny"
    assert library.job(entry()) is None
    model = library.model(entry())
    assert model is not None
    assert library.is_own(model)
    assert library.installed.selector == model
    assert library.stock.own == {entry().id}


def test_cancelled_it_is_unfinished_and_goes_on(
    qtbot: QtBot, library: ModelLibrary, jobs: Jobs, hub: Hub
) -> None:
    started(qtbot, library, jobs)
    hub.faults.drip_s = 0.02
    job = library.download(entry())
    assert job is not None
    qtbot.waitUntil(lambda: job.fraction > 0.2, timeout=WAIT_MS)
    library.cancel(entry())
    quiet(qtbot, jobs)
    assert library.job(entry()) is None
    library.rescan()
    quiet(qtbot, jobs)
    assert library.stock.begun[entry().id] > 0
    hub.faults.drip_s = 0
    with qtbot.waitSignal(library.obtained, timeout=WAIT_MS):
        library.download(entry())
    quiet(qtbot, jobs)
    assert library.stock.begun == {}


def test_a_failure_comes_with_what_tries_it_again(
    qtbot: QtBot, library: ModelLibrary, jobs: Jobs, hub: Hub
) -> None:
    started(qtbot, library, jobs)
    hub.gated[REPO] = {"hf_good"}
    with qtbot.waitSignal(library.failed, timeout=WAIT_MS) as failed:
        library.download(entry())
    assert failed.args is not None
    assert isinstance(failed.args[0], Gated)
    hub.gated.clear()
    with qtbot.waitSignal(library.obtained, timeout=WAIT_MS):
        failed.args[1]()
    quiet(qtbot, jobs)


def test_check_and_delete(qtbot: QtBot, library: ModelLibrary, jobs: Jobs, hub: Hub) -> None:
    started(qtbot, library, jobs)
    with qtbot.waitSignal(library.obtained, timeout=WAIT_MS):
        library.download(entry())
    quiet(qtbot, jobs)
    answers: list[bool] = []
    library.verify(entry(), answers.append)
    quiet(qtbot, jobs)
    assert answers == [True]
    path = paths.models_dir() / "segment" / "m.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with qtbot.waitSignal(library.failed, timeout=WAIT_MS) as failed:
        library.verify(entry(), answers.append)
    assert failed.args is not None
    assert isinstance(failed.args[0], ModelCorrupt)
    quiet(qtbot, jobs)
    library.delete(entry())
    quiet(qtbot, jobs)
    assert not path.exists()
    assert library.model(entry()) is None


def test_what_is_put_into_a_watched_folder_is_found(
    qtbot: QtBot, library: ModelLibrary, jobs: Jobs, preferences: Preferences, tmp_path: Path
) -> None:
    folder = tmp_path / "ComfyUI"
    (folder / "models" / "loras").mkdir(parents=True)
    started(qtbot, library, jobs)
    with qtbot.waitSignal(preferences.changed):
        preferences.change("model_folders", (str(folder),))
    quiet(qtbot, jobs)
    with qtbot.waitSignal(library.changed, timeout=WAIT_MS):
        weights(folder / "models" / "loras" / "new.safetensors", LORA)
    quiet(qtbot, jobs)
    (lora,) = library.installed.of(Kind.LORA)
    assert lora.name == "new.safetensors"
    assert not library.is_own(lora)
    with qtbot.waitSignal(library.changed, timeout=WAIT_MS):
        lora.path.unlink()
    quiet(qtbot, jobs)
    assert library.installed == Installed()


def test_what_is_used_in_place_is_checked_in_place(
    qtbot: QtBot, library: ModelLibrary, jobs: Jobs, preferences: Preferences, tmp_path: Path
) -> None:
    folder = tmp_path / "ComfyUI" / "models" / "checkpoints"
    path = weights(folder / "dream.safetensors", SD15)
    file = RemoteFile(
        path="dream.safetensors", save_as="checkpoints/d.safetensors", size=None, sha256="a" * 64
    )
    dream = replace(entry(), kind=Kind.CHECKPOINT, family=Family.SD15, files=(file,))
    library.catalog = Catalog([dream])
    preferences.change("model_folders", (str(tmp_path / "ComfyUI"),))
    started(qtbot, library, jobs)
    model = library.model(dream)
    assert model is not None
    assert model.path == path
    with qtbot.waitSignal(library.failed, timeout=WAIT_MS) as failed:
        library.verify(dream, lambda _: None)
    assert failed.args is not None
    assert failed.args[0].path == path


def test_parts_that_are_missing(qtbot: QtBot, library: ModelLibrary) -> None:
    library.catalog = catalog.load()
    fill = library.catalog.get("flux-fill-q4")
    assert fill is not None
    missing = [part.id for part in library.missing_parts(fill)]
    assert missing == ["flux-ae", "clip-l", "t5-xxl-q5", "t5-tokenizer"]


def test_tokens_and_what_they_open(
    qtbot: QtBot, library: ModelLibrary, jobs: Jobs, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.catalog = Catalog([entry(gated=True)])
    started(qtbot, library, jobs)
    hub.gated[REPO] = {"hf_good"}
    answers: list[TokenAccess] = []
    library.ask_access(answers.append)
    library.ask_access(answers.append, test=True)
    quiet(qtbot, jobs)
    assert answers == [TokenAccess(where=""), TokenAccess(where="", repos={REPO: 401})]
    kept: list[str] = []
    library.keep_token("hf_good", kept.append)
    library.ask_access(answers.append, test=True)
    quiet(qtbot, jobs)
    assert kept == ["session"]
    assert answers[-1] == TokenAccess(where="session", user="tester", repos={REPO: 200})
    library.keep_token("", kept.append)
    quiet(qtbot, jobs)
    assert kept[-1] == ""


def test_the_folder_of_downloads_can_be_another(
    qtbot: QtBot,
    library: ModelLibrary,
    jobs: Jobs,
    preferences: Preferences,
    hub: Hub,
    tmp_path: Path,
) -> None:
    preferences.change("models_dir", str(tmp_path / "big disk"))
    started(qtbot, library, jobs)
    with qtbot.waitSignal(library.obtained, timeout=WAIT_MS):
        library.download(entry())
    quiet(qtbot, jobs)
    assert (tmp_path / "big disk" / "segment" / "m.safetensors").is_file()
    assert os.listdir(paths.models_dir().parent) == []


def test_cancel_task_leaves_a_download_alone_while_something_else_runs(
    qtbot: QtBot, library: ModelLibrary, jobs: Jobs, hub: Hub
) -> None:
    started(qtbot, library, jobs)
    hub.faults.drip_s = 0.05
    job = library.download(entry())
    assert job is not None

    class Slow:
        def run(self, job: Any) -> None:
            while True:
                job.report(0.5)

    other = jobs.ask("export", Slow(), lambda _: None)
    jobs.cancel_current()
    qtbot.waitUntil(lambda: other.is_over, timeout=WAIT_MS)
    assert not job.is_over
    jobs.cancel_current()
    qtbot.waitUntil(lambda: job.is_over, timeout=WAIT_MS)
    quiet(qtbot, jobs)
