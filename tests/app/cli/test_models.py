"""`lacuna models` as whole stories, against a hub of our own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backends import fail

from app import paths
from app.cli import main as cli
from app.cli import models as cli_models
from app.cli.report import Console
from app.settings import file as settings_file
from app.settings.schema import Settings
from engine.dispatch.choice import NO_LIGHT, EngineState
from engine.models import catalog
from engine.models.catalog import Catalog
from engine.models.families import Kind
from engine.models.model_file import ModelFile
from engine.models.verdicts import Verdict
from tests.app.services.test_model_library import REPO, entry
from tests.engine.models.test_scan import SAM2, SD15, weights
from tests.support.hub import Hub, running

ID = "sam2.1-hiera-tiny"
WHOLE = catalog.load


@pytest.fixture(autouse=True)
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    weights(tmp_path / "hub" / REPO / "m.safetensors", SAM2 | {"pad": (300_000,)})
    ours = Catalog([entry()], {"light": (ID,)})
    monkeypatch.setattr(cli_models, "light_state", lambda: NO_LIGHT)
    monkeypatch.setattr(catalog, "load", lambda: ours)
    with running(tmp_path / "hub") as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        monkeypatch.delenv("HF_TOKEN", raising=False)
        yield server
    keyring.set_keyring(before)


def models(*words: str) -> int:
    return cli.run(["models", *words])


def answer(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def listed(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    assert models("list", "--json") == 0
    return answer(capsys)["models"]


def test_from_nothing_to_a_checked_model(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = listed(capsys)
    assert (line["id"], line["state"], line["kind"]) == (ID, "absent", "segmenter")
    assert models("fetch", ID) == 0
    assert "is here" in capsys.readouterr().err
    (line,) = listed(capsys)
    assert line["state"] == "own"
    assert Path(line["path"]) == paths.models_dir() / "segment" / "m.safetensors"
    assert models("verify", "--json") == 0
    assert answer(capsys)["models"] == [
        {"id": ID, "status": "done", "message": "SAM 2.1 tiny is what it should be.", "error": None}
    ]
    assert models("path", ID) == 0
    assert capsys.readouterr().out.strip() == line["path"]


def test_a_changed_file_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert models("fetch", ID) == 0
    path = paths.models_dir() / "segment" / "m.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    capsys.readouterr()
    assert models("verify", ID, "--json") == 1
    (outcome,) = answer(capsys)["models"]
    assert (outcome["status"], outcome["error"]) == ("failed", "ModelCorrupt")


def test_what_is_gated_says_what_to_do(capsys: pytest.CaptureFixture[str], hub: Hub) -> None:
    hub.gated[REPO] = {"hf_good"}
    assert models("fetch", ID) == 1
    assert "Accept the licence" in capsys.readouterr().err


def test_the_token_of_the_environment_is_used_and_not_shown(
    capsys: pytest.CaptureFixture[str], hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.gated[REPO] = {"hf_good_token"}
    monkeypatch.setenv("HF_TOKEN", "hf_good_token")
    assert models("fetch", ID, "--json") == 0
    said = capsys.readouterr()
    assert "hf_good_token" not in said.out + said.err


def test_what_is_used_in_place_is_listed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = tmp_path / "ComfyUI"
    path = weights(folder / "models" / "checkpoints" / "dream.safetensors", SD15)
    (folder / "models" / "checkpoints" / "bad.safetensors").write_bytes(b"no")
    chosen = Settings(model_folders=(str(folder),))
    settings_file.save(chosen, paths.config_dir() / "settings.json")
    lines = listed(capsys)
    assert [line["state"] for line in lines] == ["absent", "elsewhere", "unusable"]
    assert Path(lines[1]["path"]) == path
    assert lines[1]["kind"] == Kind.CHECKPOINT.value
    assert models("list") == 0
    said = capsys.readouterr().out
    assert "elsewhere" in said
    assert str(path) in said
    assert len(said.splitlines()) == 3


def test_an_interruption_keeps_what_has_arrived(
    capsys: pytest.CaptureFixture[str], hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.faults.drip_s = 0.01
    real = Console.report

    def report(self: Console, fraction: float, note: str = "", preview: object = None) -> None:
        if fraction > 0.5:
            raise KeyboardInterrupt
        real(self, fraction, note, preview)

    monkeypatch.setattr(Console, "report", report)
    assert models("fetch", ID) == 130
    assert "goes on next time" in capsys.readouterr().err
    assert listed(capsys)[0]["state"] == "unfinished"
    monkeypatch.setattr(Console, "report", real)
    hub.faults.drip_s = 0
    hub.forget()
    assert models("fetch", ID) == 0
    assert hub.bodies[0].range


def test_parts_come_along(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "load", WHOLE)
    fetched: list[str] = []
    monkeypatch.setattr(cli_models.fetch_model, "obtain", lambda e, *_: fetched.append(e.id))
    assert models("fetch", "flux-fill-q4") == 0
    assert fetched == ["flux-fill-q4", "flux-ae", "clip-l", "t5-xxl-q5", "t5-tokenizer"]
    fetched.clear()
    assert models("fetch", "flux-fill-q4", "--no-parts") == 0
    assert fetched == ["flux-fill-q4"]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("fly",),
        ("fetch",),
        ("fetch", "nothing-like-this"),
        ("path", "nothing-like-this"),
        ("fetch", ID, "--mirror", "http://plain.example"),
    ],
)
def test_wrong_words(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    assert models(*words) == 2
    assert capsys.readouterr().err


def test_where_downloads_go(capsys: pytest.CaptureFixture[str]) -> None:
    assert models("path") == 0
    assert capsys.readouterr().out.strip() == str(paths.models_dir())
    assert models("path", ID) == 1
    assert "is not here" in capsys.readouterr().err


def test_the_command_itself_needs_no_qt() -> None:
    program = (
        "import sys; from app.__main__ import main; code = main(['models', 'list']);"
        "assert not [n for n in sys.modules if n.startswith(('PySide6', 'torch', 'httpx2'))];"
        "raise SystemExit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False,
        cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "sam3 " in done.stdout


class Checks:
    """A light backend whose self-checks end as they are told."""

    def __init__(self, why: str) -> None:
        self.why, self.asked, self.closed = why, list[ModelFile](), 0

    def check(self, model: ModelFile, job: object) -> Verdict:
        self.asked.append(model)
        return Verdict(runtime="r", why=self.why)

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize(("why", "code"), [("", 0), ("shift", 1)])
def test_a_set_is_fetched_and_its_models_are_checked(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    why: str,
    code: int,
) -> None:
    checks = Checks(why)
    monkeypatch.setattr(cli_models, "light_state", EngineState)
    monkeypatch.setattr(cli_models.factories, "light", lambda *_: checks)
    assert models("fetch", "light", "--json") == code
    said = capsys.readouterr()
    assert "Apache-2.0. Code and weights are free to use" in said.err
    (outcome,) = json.loads(said.out)["models"]
    assert outcome["id"] == ID
    assert outcome["error"] == ("ModelWrong" if why else None)
    assert ("computes wrongly on this computer" in said.err) == bool(why)
    assert [model.catalog_id for model in checks.asked] == [ID]
    assert checks.closed == 1
    assert models("path", "light") == 0
    assert models("verify", "light") == 0


def test_what_is_no_set_and_no_model_is_a_wrong_argument() -> None:
    assert models("fetch", "heavy") == 2
