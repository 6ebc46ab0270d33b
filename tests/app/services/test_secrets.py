"""Four planted tokens: used for real, and found in nothing that is written."""

import base64
import json
import logging
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import paths
from app.services import diagnostics
from app.services import logging_setup as logs
from app.services.engines import Engines
from app.window.editor import Editor
from engine.comfy.server.address import Login, Server, parse_address
from engine.image_io.writer import ExportOptions
from tests.app.support.stories import WAIT_MS, editor, opened, photo_file, selected
from tests.engine.comfy.stand_in.server import StandIn
from tests.support.models_at_hand import FakeLibrary

BEARER, PASSWORD = "planted-bearer-4711", "planted-password-4712"
HEADER, QUERY = "planted-header-4713", "planted-query-4714"
PLANTED = (BEARER, PASSWORD, HEADER, QUERY, base64.b64encode(f"me:{PASSWORD}".encode()).decode())


@pytest.fixture
def log() -> Iterator[None]:
    """Everything is logged, as by somebody who hunts a fault."""
    root = logging.getLogger()
    level = root.level
    handler = logs.start(paths.log_dir(), logging.DEBUG)
    logging.getLogger("httpx2").setLevel(logging.DEBUG)
    yield
    root.removeHandler(handler)
    handler.close()
    root.setLevel(level)


@pytest.fixture
def fleet() -> Iterator[dict[str, StandIn]]:
    with ExitStack() as stack:
        yield {
            "bearer": stack.enter_context(StandIn(token=BEARER)),
            "basic": stack.enter_context(StandIn(token=PASSWORD, user="me")),
            "header": stack.enter_context(StandIn(needs_headers={"X-Key": HEADER})),
            "query": stack.enter_context(StandIn(token=QUERY)),
        }


def test_no_token_is_written_anywhere(
    qtbot: QtBot, tmp_path: Path, log: None, fleet: dict[str, StandIn]
) -> None:
    with editor(qtbot, engines=Engines(FakeLibrary())) as w:
        for name, server in fleet.items():
            added(w, name, server)
            qtbot.waitUntil(lambda name=name: name in w.servers.ready, timeout=WAIT_MS)
        opened(qtbot, w, photo_file(tmp_path))
        selected(qtbot, w, 120, 80)
        for number, name in enumerate(fleet, 1):
            only(qtbot, w, name)
            painted(qtbot, w, number)
        project = tmp_path / "p.lacuna"
        w.files.save(project)
        w.files.export(tmp_path / "out.png", ExportOptions())
        w.workflow_export.write(w.variants.all[0].request, tmp_path / "flow.json")
        qtbot.waitUntil(lambda: not w.jobs.is_busy, timeout=WAIT_MS)
        fleet["query"].kill()
        w.servers.ask("query")
        qtbot.waitUntil(lambda: "query" in w.servers.troubles, timeout=WAIT_MS)
        fleet["query"].start()
        report = diagnostics.text()
    assert all(used(fleet[name]) for name in fleet)  # or nothing could have leaked
    everything = {**contents(paths.config_dir().parent), **contents(tmp_path), "report": report}
    everything["arguments"] = Path("/proc/self/cmdline").read_text(errors="replace")
    assert (project.is_file(), (tmp_path / "flow.api.json").is_file()) == (True, True)
    logged = everything[str(paths.log_dir() / logs.LOG)]
    assert "httpx2" in logged  # requests were logged, headers and all where a library does so
    leaks = [(name, each) for name, text in everything.items() for each in PLANTED if each in text]
    assert leaks == []


def added(w: Editor, name: str, server: StandIn) -> None:
    """As the form does; of the last one the address is pasted with its token."""
    login = {"bearer": Login.BEARER, "basic": Login.BASIC, "header": Login.HEADER}.get(name)
    if login is None:
        found = parse_address(f"{server.url}?token={QUERY}")
        record = Server(name=name, url=found.url, login=found.login)
        w.servers.put(record, {"": found.secret.reveal()})
        return
    record = Server(
        name=name, url=server.url, login=login, user="me" if name == "basic" else "",
        headers=("X-Key",) if name == "header" else (),
    )  # fmt: skip
    typed = {"bearer": {"": BEARER}, "basic": {"": PASSWORD}, "header": {"X-Key": HEADER}}
    w.servers.put(record, typed[name])


def only(qtbot: QtBot, w: Editor, name: str) -> None:
    for each in w.servers.all:
        w.servers.switch(each.name, is_on=each.name == name)
    qtbot.waitUntil(lambda: list(w.servers.ready) == [name], timeout=WAIT_MS)
    qtbot.waitUntil(
        lambda: not w.jobs.is_busy and bool(w.engines.server_offer.capabilities), timeout=WAIT_MS
    )


def painted(qtbot: QtBot, w: Editor, count: int) -> None:
    wanted = {"prompt": "a stone", "steps": 1, "variants": 1}
    w.painter.set_choices(w.painter.choices.changed(**wanted))
    w.painter.paint()
    qtbot.waitUntil(lambda: len(w.variants.all) == count, timeout=WAIT_MS)


def used(server: StandIn) -> bool:
    return any(each.status == 200 for each in server.calls("POST", "/prompt"))


def contents(folder: Path) -> dict[str, str]:
    """All files below, those inside project files too, as text."""
    found: dict[str, str] = {}
    for file in folder.rglob("*"):
        if file.is_file():
            found[str(file)] = file.read_bytes().decode("latin-1")
            if zipfile.is_zipfile(file):
                with zipfile.ZipFile(file) as archive:
                    for name in archive.namelist():
                        found[f"{file}/{name}"] = archive.read(name).decode("latin-1")
    return found


def test_the_settings_hold_the_servers_and_no_secret(
    qtbot: QtBot, fleet: dict[str, StandIn]
) -> None:
    with editor(qtbot, engines=Engines(FakeLibrary())) as w:
        added(w, "bearer", fleet["bearer"])
        qtbot.waitUntil(lambda: "bearer" in w.servers.ready, timeout=WAIT_MS)
    saved = json.loads((paths.config_dir() / "settings.json").read_text())
    assert [each["name"] for each in saved["servers"]] == ["bearer"]
    assert BEARER not in json.dumps(saved)
