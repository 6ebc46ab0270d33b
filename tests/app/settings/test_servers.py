"""Servers in the settings, and what is said of them: no Qt, nobody is asked."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.engines.server_report import ServerHealth, ServerReport, ServerState, report_on
from app.settings import file as settings_file
from app.settings import servers as server_records
from app.settings.schema import Settings
from app.text import servers as server_words
from engine.comfy import errors
from engine.comfy.protocol.object_info import Nodes
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.comfy.server.address import Login, Server
from engine.jobs.backend import Capability
from engine.jobs.operations import Device
from engine.models.families import Family
from tests.engine.comfy.stand_in.build import MODELS, Build
from tests.engine.comfy.stand_in.object_info import described
from widgets.lists.diagnostics import Diagnostic

FINGERPRINT = ":".join(["0a"] * 32)
FULL = Server(
    name="пошта & Co",
    url="https://box.example:8443/x",
    login=Login.HEADER,
    user="me",
    headers=("X-Key", "X-Other"),
    fingerprint=FINGERPRINT,
    ca_file="/etc/ca.pem",
    allows_plain=True,
    is_on=False,
)
PLAIN = Server(name="box", url="http://192.168.1.20:8188")


def record(**changes: Any) -> dict[str, Any]:
    return {"name": "box", "url": "http://box:8188", **changes}


def test_servers_come_back_from_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    chosen = Settings(servers=(FULL, PLAIN))
    settings_file.save(chosen, path)
    assert settings_file.load(path) == (chosen, ())
    assert json.loads(path.read_text())["servers"][1] == {
        "name": "box",
        "url": "http://192.168.1.20:8188",
    }


@pytest.mark.parametrize(
    "bad",
    [
        5,
        {},
        {"name": "x"},
        record(name=""),
        record(name=" x"),
        record(name="a\nb"),
        record(name="x" * 81),
        record(name=3),
        record(url="ftp://box"),
        record(url="http://me:secret@box"),
        record(url="http://box/?token=secret"),
        record(url="http://"),
        record(url=None),
        record(login="magic"),
        record(login=["none"]),
        record(user=3),
        record(headers="X-Key"),
        record(headers=["X Key"]),
        record(headers=["X-Key: value"]),
        record(fingerprint="aa:bb"),
        record(fingerprint=7),
        record(is_on="yes"),
        record(allows_plain=1),
        record(token="secret"),
    ],
    ids=lambda bad: json.dumps(bad)[:60],
)
def test_a_damaged_server_costs_only_itself(tmp_path: Path, bad: object) -> None:
    path = tmp_path / "settings.json"
    good = record(name="good")
    path.write_text(json.dumps({"theme": "dark", "servers": [bad, good]}))
    loaded = settings_file.load(path)
    assert loaded.settings == Settings(
        theme="dark", servers=(Server(name="good", url="http://box:8188"),)
    )
    assert loaded.problems == ("servers",)


@pytest.mark.parametrize("value", [None, {}, "box", 3])
def test_what_is_no_list_holds_no_servers(value: object) -> None:
    assert server_records.read(value) == ((), False)


def test_of_two_with_one_name_the_first_stays() -> None:
    found, is_whole = server_records.read([record(), record(name="BOX", url="http://other")])
    assert [server.url for server in found] == ["http://box:8188"]
    assert not is_whole


def test_no_secret_can_get_into_the_file(tmp_path: Path) -> None:
    """The record itself has no field for one; see engine/comfy/server/address.py."""
    path = tmp_path / "settings.json"
    settings_file.save(Settings(servers=(FULL,)), path)
    (entry,) = json.loads(path.read_text())["servers"]
    assert set(entry) == {
        "name", "url", "login", "user", "headers", "fingerprint", "ca_file", "allows_plain",
        "is_on",
    }  # fmt: skip


def test_one_field_is_saved_without_the_others(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    settings_file.save(Settings(servers=(PLAIN,)), path)  # by a command, while a window is open
    settings_file.save(Settings(theme="dark"), path, only="theme")
    assert settings_file.load(path).settings == Settings(theme="dark", servers=(PLAIN,))
    path.write_text("{")
    settings_file.save(Settings(theme="dark", undo_mb=99), path, only="theme")
    assert settings_file.load(path).settings == Settings(theme="dark", undo_mb=99)


# what is found


def report(kind: str = "cuda", models: Any = MODELS, **build: Any) -> ServerReport:
    usual = {"version": "0.11.1", "pack": "mar", "models": models}
    made = Build(**{**usual, **build})
    name = "cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync" if kind == "cuda" else "cpu"
    device = Device(kind=kind, name=name, total_mb=24_576, free_mb=20_480, torch="2.8")
    snapshot = ServerSnapshot(
        version=made.version,
        device=device,
        nodes=Nodes.read(described(made)),
        server="box",
        models={folder: tuple(files) for folder, files in models.items()},
    )
    return report_on(snapshot)


def told(found: ServerReport) -> dict[str, Diagnostic]:
    return {finding.title.partition(":")[0]: finding for finding in server_words.findings(found)}


def test_a_server_that_has_everything() -> None:
    found = report()
    assert found.is_whole
    words = told(found)
    assert {finding.kind for finding in words.values()} == {"success", "info"}
    assert "ComfyUI 0.11.1 answers." in words
    assert "NVIDIA GeForce RTX 4090. 20.0 of 24.0 GB" in " ".join(words)
    assert Family.SD15 in found.families
    assert "Stable Diffusion 1.5" in words["Paint"].title
    assert all(finding.title.endswith(".") for finding in words.values())


def test_a_processor_is_warned_of() -> None:
    found = report("cpu")
    assert not found.is_whole
    words = told(found)
    (warning,) = (f for f in words.values() if "painting takes minutes" in f.title)
    assert warning.kind == "warning"
    assert words["Select by text"].kind == "warning"
    assert words["Remove"].kind == "success"


def test_what_is_missing_is_named_with_where_to_get_it() -> None:
    found = report(packs=(), pack="none", core_sam3=False, models={})
    assert found.families == ()
    words = told(found)
    for name in ("Select by text", "Remove", "Paint"):
        assert words[name].kind == "error"
        assert words[name].text.startswith("It lacks ")
        assert words[name].text.endswith("try again.")
    assert any("lama" in link for link in words["Remove"].links)
    assert all(link.startswith("https://") for f in words.values() for link in f.links)
    assert found.lacks[Capability.REMOVE][0].kind == "pack"


def test_every_state_has_a_word_and_a_symbol_of_its_own() -> None:
    cases = [
        ServerHealth(state=ServerState.OFF),
        ServerHealth(),
        ServerHealth(state=ServerState.ASKING),
        ServerHealth(state=ServerState.READY, report=report()),
        ServerHealth(state=ServerState.READY, report=report("cpu")),
        ServerHealth(state=ServerState.DOWN, error=errors.ServerUnreachable("box", "refused")),
        ServerHealth(state=ServerState.DOWN, error=errors.ServerUnreachable("box", "starting")),
        ServerHealth(state=ServerState.DOWN, error=errors.ServerUnreachable("box", "not_comfy")),
        ServerHealth(state=ServerState.DOWN, error=errors.ServerUnreachable("box", "old")),
        ServerHealth(state=ServerState.DOWN, error=errors.ServerDenied("box", 401)),
        ServerHealth(state=ServerState.DOWN, error=errors.ServerCertificate("box", "unknown")),
        ServerHealth(state=ServerState.DOWN, error=errors.ServerAddress("http://box", "plain")),
    ]
    words = [server_words.state(health) for health in cases]
    assert len(set(words)) == len(cases)
    kinds = [server_words.kind(health) for health in cases]
    assert kinds == [None, "info", "info", "success", "warning", *["error"] * 7]
    assert server_words.device(cases[3]) == "NVIDIA GeForce RTX 4090"
    assert server_words.device(cases[4]) == "Processor"
    assert server_words.device(cases[5]) == ""
    for health in cases:
        assert server_words.about(PLAIN, health)[0].title == PLAIN.url
        assert len(server_words.about(PLAIN, health)) >= 2


def test_a_risk_that_was_taken_stays_in_sight() -> None:
    risky = Server(name="x", url="http://8.8.8.8:8188", allows_plain=True)
    kinds = [finding.kind for finding in server_words.about(risky, ServerHealth())]
    assert "warning" in kinds


def test_what_a_server_calls_itself_is_made_fit_to_show() -> None:
    made = report()
    device = Device(kind="cuda", name="a\u202eb", total_mb=0, free_mb=0, torch="")
    snapshot = ServerSnapshot(version="1\n2", device=device, nodes=made.snapshot.nodes)
    words = server_words.findings(report_on(snapshot))
    assert words[0].title == "ComfyUI 1 2 answers."
    assert words[1].title == "It runs on a\ufffdb."
