"""The list of servers, as whole stories against a stand-in for ComfyUI."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.dialogs.servers.form import ServerForm
from app.dialogs.servers.window import ServersWindow
from app.engines.server_report import ServerState
from app.services.jobs import Jobs
from app.services.servers import Servers
from engine.comfy.errors import ServerDenied
from engine.comfy.server.address import Login, Server
from tests.app.support.serving import (
    SECRET,
    WAIT_MS,
    Memory,
    Show,
    listed,
    nameless,
    quiet,
    ring_of_ones_own,
    silent,
    windows,
)
from tests.app.support.stories import editor
from tests.engine.comfy.stand_in.faults import denied
from tests.engine.comfy.stand_in.server import StandIn


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    with ring_of_ones_own(monkeypatch) as ours:
        yield ours


@pytest.fixture(scope="module")
def whole() -> Iterator[StandIn]:
    with StandIn(version="0.11.1", token=SECRET) as server:
        yield server


@pytest.fixture(scope="module")
def bare() -> Iterator[StandIn]:
    """Without a card, without packs, without a login."""
    with StandIn(version="0.11.1", device="cpu", pack="none", packs=()) as server:
        yield server


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[Jobs]:
    ours = Jobs(lambda *_: None, {})
    yield ours
    ours.close()


@pytest.fixture
def servers(qtbot: QtBot, jobs: Jobs) -> Servers:
    return listed(jobs)


@pytest.fixture
def shown(qtbot: QtBot, servers: Servers, jobs: Jobs) -> Iterator[Show]:
    with windows(qtbot, servers, jobs) as show:
        yield show


def rows(window: ServersWindow) -> list[list[str]]:
    tree = window.list.tree
    items = [tree.topLevelItem(index) for index in range(tree.topLevelItemCount())]
    return [[item.text(0), item.text(1)] for item in items if item is not None]


def test_what_is_missing_is_told_with_links(
    qtbot: QtBot, servers: Servers, shown: Show, bare: StandIn
) -> None:
    servers.put(Server(name="bare", url=bare.url), {})
    window = shown(ServersWindow)
    assert rows(window) == [["bare", "Ready, with gaps"]]
    told = window.list.details.toPlainText()
    assert "It runs on the processor: painting takes minutes" in told
    assert "It lacks the nodes ComfyUI-SAM3." in told
    assert "comfyui-lama-remover" in told
    assert 'href="https://' in window.list.details.toHtml()


def test_each_server_has_its_own_health(
    qtbot: QtBot, servers: Servers, jobs: Jobs, shown: Show, whole: StandIn, bare: StandIn
) -> None:
    servers.put(Server(name="whole", url=whole.url, login=Login.BEARER), {"": SECRET})
    servers.put(Server(name="wrong", url=f"{whole.url}/x", login=Login.BASIC, user="nobody"), {})
    servers.put(Server(name="off", url=bare.url), {})
    servers.put(Server(name="gone", url="http://127.0.0.1:9"), {})
    quiet(qtbot, jobs)
    servers.switch("off", is_on=False)
    window = shown(ServersWindow)
    assert rows(window) == [
        ["whole", "Ready"],
        ["wrong", "Login refused"],
        ["off", "Off"],
        ["gone", "Not reached"],
    ]
    assert set(servers.ready) == {"whole"}
    assert set(servers.troubles) == {"wrong", "gone"}
    assert isinstance(servers.troubles["wrong"], ServerDenied)
    window.list.choose("gone")
    assert "Nobody listens at its address" in window.list.details.toPlainText()
    window.list.choose("off")
    assert "switched off" in window.list.details.toPlainText()
    assert not window.list.test.isEnabled()


def test_the_keyboard_orders_ticks_and_edits(
    qtbot: QtBot, servers: Servers, jobs: Jobs, shown: Show, bare: StandIn
) -> None:
    for name in ("one", "two", "three"):
        servers.put(Server(name=name, url=bare.url), {})
    quiet(qtbot, jobs)
    window = shown(ServersWindow)
    window.list.choose("three")
    QTest.keyClick(window.list.up, Qt.Key.Key_Space)
    assert [server.name for server in servers.all] == ["one", "three", "two"]
    chosen = window.list.chosen
    assert chosen is not None
    assert chosen.name == "three"
    window.list.down.click()
    assert not window.list.down.isEnabled()
    window.list.tree.setFocus()
    QTest.keyClick(window.list.tree, Qt.Key.Key_Space)
    assert not servers.all[2].is_on
    assert rows(window)[2] == ["three", "Off"]
    QTest.keyClick(window.list.tree, Qt.Key.Key_Space)
    quiet(qtbot, jobs)
    assert rows(window)[2] == ["three", "Ready, with gaps"]
    QTest.keyClick(window.list.tree, Qt.Key.Key_Return)
    (form,) = window.findChildren(ServerForm)
    assert form.name.text() == "three"
    form.reject()
    servers.move("nobody", 1)
    servers.ask("nobody")
    servers.remove("nobody")
    assert len(servers.all) == 3


def test_removing_asks_and_forgets_the_login(
    qtbot: QtBot, servers: Servers, jobs: Jobs, shown: Show, whole: StandIn, ring: Memory
) -> None:
    servers.put(Server(name="lab", url=whole.url, login=Login.BEARER), {"": SECRET})
    window = shown(ServersWindow)
    window.list.remove.click()
    (box,) = window.list.findChildren(QMessageBox)
    box.button(QMessageBox.StandardButton.Cancel).click()
    qtbot.waitUntil(lambda: not window.list.findChildren(QMessageBox), timeout=WAIT_MS)
    assert len(servers.all) == 1
    window.list.remove.click()
    (box,) = window.list.findChildren(QMessageBox)
    box.button(QMessageBox.StandardButton.Yes).click()
    quiet(qtbot, jobs)
    assert servers.all == ()
    assert ring.kept == {}
    assert not window.list.edit.isEnabled()
    assert "no server yet" in window.list.details.toPlainText()


def test_a_login_that_another_server_needs_is_not_forgotten(
    qtbot: QtBot, servers: Servers, jobs: Jobs, whole: StandIn, ring: Memory
) -> None:
    for name in ("one", "two"):
        servers.put(Server(name=name, url=whole.url, login=Login.BEARER), {"": SECRET})
        quiet(qtbot, jobs)
    servers.remove("one")
    quiet(qtbot, jobs)
    assert list(ring.kept.values()) == [SECRET]


def test_a_server_that_comes_back_is_seen_when_it_is_asked(
    qtbot: QtBot, servers: Servers, jobs: Jobs, shown: Show, bare: StandIn
) -> None:
    fault = bare.faults.on("/", denied(), times=None)
    servers.put(Server(name="lab", url=bare.url), {})
    window = shown(ServersWindow)
    assert rows(window) == [["lab", "Login refused"]]
    bare.faults.requests.remove(fault)
    window.list.test.click()
    assert rows(window) == [["lab", "Asking…"]]
    quiet(qtbot, jobs)
    assert rows(window) == [["lab", "Ready, with gaps"]]


def test_what_is_stopped_leaves_nobody_asking(
    qtbot: QtBot, servers: Servers, jobs: Jobs, bare: StandIn
) -> None:
    with silent(bare):
        servers.put(Server(name="lab", url=bare.url), {})
        assert servers.health("lab").state is ServerState.ASKING
        jobs.cancel(servers._asking["lab"])
        quiet(qtbot, jobs)
    assert servers.health("lab").state is ServerState.UNKNOWN


def test_a_change_elsewhere_is_seen(servers: Servers, shown: Show, bare: StandIn) -> None:
    """Windows share the settings: what one adds, the other shows."""
    window = shown(ServersWindow)
    servers._preferences.change("servers", (Server(name="new", url=bare.url),))
    assert rows(window) == [["new", "Not asked yet"]]


def test_whatever_takes_the_focus_has_a_name(shown: Show) -> None:
    assert nameless(shown(ServersWindow)) == []


def test_the_menu_opens_it_once(qtbot: QtBot) -> None:
    with editor(qtbot) as w:
        w.actions.trigger("tool.servers")
        w.actions.trigger("tool.servers")
        (window,) = w.window.findChildren(ServersWindow)
        assert window.isVisible()
        window.close()
