"""`lacuna server` as whole stories, against a stand-in for ComfyUI."""

import io
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
from app.cli import servers as cli_servers
from app.settings import file as settings_file
from app.settings.schema import Settings
from engine.comfy.server.address import Login, Server
from tests.app.support.serving import SECRET, Memory, ring_of_ones_own
from tests.engine.comfy.stand_in.server import StandIn


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    with ring_of_ones_own(monkeypatch) as ours:
        yield ours


@pytest.fixture(scope="module")
def comfy() -> Iterator[StandIn]:
    with StandIn(token=SECRET, pack="none", core_sam3=False) as server:
        yield server


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Any:
    def say(*lines: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))

    say()
    return say


def server(*words: str) -> int:
    return cli.run(["server", *words])


def kept() -> tuple[Server, ...]:
    return settings_file.load(paths.config_dir() / "settings.json").settings.servers


def test_from_nothing_to_a_server_that_answers(
    capsys: pytest.CaptureFixture[str], comfy: StandIn, typed: Any, ring: Memory
) -> None:
    assert server("list") == 0
    assert "no server yet" in capsys.readouterr().err
    typed(SECRET)
    assert server("add", "lab", comfy.url, "--login", "bearer") == 0
    assert kept() == (Server(name="lab", url=comfy.url, login=Login.BEARER),)
    assert list(ring.kept.values()) == [SECRET]
    assert SECRET not in (paths.config_dir() / "settings.json").read_text()
    capsys.readouterr()
    assert server("test", "lab") == 0
    said = capsys.readouterr().out
    assert "+ ComfyUI 0.33.0 answers." in said
    assert "x Select by text: not possible there. It lacks the nodes ComfyUI-SAM3." in said
    assert "https://" in said
    assert server("list") == 0
    assert "lab" in capsys.readouterr().out
    assert server("remove", "lab") == 0
    assert kept() == ()
    assert ring.kept == {}


def test_the_report_of_a_test_is_json(
    capsys: pytest.CaptureFixture[str], comfy: StandIn, typed: Any
) -> None:
    typed(SECRET)
    assert server("add", "lab", comfy.url, "--user", "vastai") == 0
    assert kept()[0].login is Login.BASIC
    capsys.readouterr()
    assert server("test", "lab", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["server"], report["status"], report["error"]) == ("lab", "ready", None)
    assert {finding["kind"] for finding in report["findings"]} >= {"success", "error"}
    assert server("list", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "servers": [{"name": "lab", "url": comfy.url, "login": "basic", "user": "vastai"}]
    }


def test_a_wrong_token_is_told_and_shown_nowhere(
    capsys: pytest.CaptureFixture[str], comfy: StandIn, typed: Any
) -> None:
    typed("wrong-token-77")
    server("add", "lab", comfy.url, "--login", "bearer")
    assert server("test", "lab") == 1
    assert server("test", "lab", "--json") == 1
    said = capsys.readouterr()
    assert "wants another login" in said.out
    assert "ServerDenied" in said.out
    assert "wrong-token-77" not in said.out + said.err


def test_the_token_of_the_environment_is_kept(
    comfy: StandIn, typed: Any, ring: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LACUNA_COMFY_TOKEN", SECRET)
    assert server("add", "lab", comfy.url, "--login", "bearer") == 0
    assert list(ring.kept.values()) == [SECRET]


def test_headers_are_asked_for_one_by_one(ring: Memory, typed: Any) -> None:
    typed("one", "two")
    assert server("add", "x", "http://box", "--header", "X-One", "--header", "X-Two") == 0
    assert kept()[0].headers == ("X-One", "X-Two")
    (value,) = ring.kept.values()
    assert json.loads(value) == {"X-One": "one", "X-Two": "two"}


def test_without_a_keyring_it_is_said_that_the_login_is_not_kept(
    capsys: pytest.CaptureFixture[str], typed: Any
) -> None:
    keyring.set_keyring(fail.Keyring())
    typed(SECRET)
    assert server("add", "x", "http://box", "--login", "bearer") == 1
    assert "LACUNA_COMFY_TOKEN" in capsys.readouterr().err
    assert len(kept()) == 1


def test_a_certificate_is_looked_at_before_it_is_trusted(
    capsys: pytest.CaptureFixture[str], typed: Any
) -> None:
    with StandIn(tls="self_signed", pack="none") as comfy:
        assert server("add", "pod", comfy.url) == 0
        assert server("test", "pod") == 1
        assert "not trusted" in capsys.readouterr().out
        typed("n")
        assert server("trust", "pod") == 1
        assert kept()[0].fingerprint == ""
        typed("y")
        assert server("trust", "pod") == 0
        assert f"sha256 {comfy.fingerprint}" in capsys.readouterr().out
        assert kept()[0].fingerprint == comfy.fingerprint
        assert server("trust", "pod") == 0
        assert server("test", "pod") == 0


def test_another_certificate_than_before_is_said_to_be_one(
    capsys: pytest.CaptureFixture[str], typed: Any
) -> None:
    pinned = ":".join(["aa"] * 32)
    with StandIn(tls="self_signed") as comfy:
        assert server("add", "pod", comfy.url, "--pin", pinned.upper()) == 0
        assert server("test", "pod") == 1
        assert "another certificate than before" in capsys.readouterr().out
        assert server("trust", "pod") == 1
        assert "another certificate than before" in capsys.readouterr().err
    assert kept()[0].fingerprint == pinned


def test_an_authority_of_ones_own(typed: Any) -> None:
    with StandIn(tls="signed", pack="none") as comfy:
        assert server("add", "pod", comfy.url, "--ca", str(comfy.ca_file)) == 0
        assert server("test", "pod") == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "usage"),
        (("fly",), "invalid choice"),
        (("add", "x"), "required"),
        (("add", "x", "ftp://box"), "neither http"),
        (("add", "x", "http://"), "names no computer"),
        (("add", "x", "http://me:secret99@box"), "as the login of the server"),
        (("add", "x", "http://box?token=secret99"), "as the login of the server"),
        (("add", "x", "http://8.8.8.8:8188"), "public address"),
        (("add", "", "http://box"), "a name has"),
        (("add", "x", "http://box", "--pin", "aa:bb"), "--pin"),
        (("add", "x", "http://box", "--header", "X: y"), "--header is a name"),
        (("add", "x", "http://box", "--login", "basic"), "--user"),
        (("add", "x", "http://box", "--login", "header"), "--header"),
        (("add", "x", "http://box", "--login", "bearer"), "no login was given"),
        (("test", "nobody"), "no server 'nobody'"),
        (("trust", "nobody"), "no server 'nobody'"),
        (("remove", "nobody"), "no server 'nobody'"),
    ],
)
def test_wrong_words(
    capsys: pytest.CaptureFixture[str], typed: Any, words: tuple[str, ...], told: str
) -> None:
    assert server(*words) == 2
    said = capsys.readouterr().err
    assert told in said
    assert "secret99" not in said
    assert kept() == ()


def test_plain_http_to_the_world_has_to_be_allowed(typed: Any) -> None:
    assert server("add", "x", "http://8.8.8.8:8188", "--allow-plain") == 0
    assert kept()[0].allows_plain


def test_names_are_unique(capsys: pytest.CaptureFixture[str], typed: Any) -> None:
    assert server("add", "x", "http://box") == 0
    assert server("add", "X", "http://other") == 2
    assert "already" in capsys.readouterr().err
    assert server("trust", "x") == 2  # http shows none
    assert len(kept()) == 1


def test_other_settings_stay(typed: Any) -> None:
    path = paths.config_dir() / "settings.json"
    settings_file.save(Settings(theme="dark"), path)
    assert server("add", "x", "http://box") == 0
    assert settings_file.load(path).settings.theme == "dark"


def test_an_interruption_changes_nothing(
    capsys: pytest.CaptureFixture[str], typed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli_servers, "_ask_secret", stop)
    assert server("add", "x", "http://box", "--login", "bearer") == 130
    assert kept() == ()


def test_the_command_needs_no_qt() -> None:
    program = (
        "import sys; from app.__main__ import main; code = main(['server', 'list']);"
        "assert not [n for n in sys.modules if n.startswith(('PySide6', 'torch', 'httpx2'))];"
        "raise SystemExit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False,
        cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
