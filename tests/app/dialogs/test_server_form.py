"""The form of a server, as whole stories against a stand-in for ComfyUI."""

from collections.abc import Callable, Iterator

import keyring
import pytest
from keyring.backends import fail
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app import paths
from app.dialogs.servers.form import ServerForm
from app.dialogs.servers.window import ServersWindow
from app.engines.server_report import ServerState
from app.services.jobs import Jobs
from app.services.servers import Servers
from engine.comfy.server.address import Login, Server
from tests.app.support.serving import (
    SECRET,
    Memory,
    Show,
    found_by_test,
    listed,
    nameless,
    quiet,
    ring_of_ones_own,
    silent,
    text,
    windows,
)
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


def test_a_server_is_added_tested_and_kept(
    qtbot: QtBot, servers: Servers, jobs: Jobs, shown: Show, whole: StandIn, ring: Memory
) -> None:
    form = shown(ServerForm)
    assert not form.save.isEnabled()
    QTest.keyClicks(form.name, "lab")
    QTest.keyClicks(form.address, whole.url)
    assert "wants another login" in found_by_test(qtbot, form, jobs)
    form.login.kind.setCurrentIndex(form.login.kind.findData(Login.BEARER))
    QTest.keyClicks(form.login.token, SECRET)
    found = found_by_test(qtbot, form, jobs)
    assert "ComfyUI 0.11.1 answers." in found
    assert "Select by text: ready." in found
    assert "Remove: ready." in found
    assert "Paint: with Stable Diffusion 1.5" in found
    assert servers.all == ()
    assert ring.kept == {}  # a test keeps nothing
    form.save.click()
    quiet(qtbot, jobs)
    assert servers.all == (Server(name="lab", url=whole.url, login=Login.BEARER),)
    assert list(ring.kept.values()) == [SECRET]
    assert SECRET not in (paths.config_dir() / "settings.json").read_text()
    assert servers.health("lab").state is ServerState.READY
    assert servers.ready["lab"].version == "0.11.1"


def test_a_pasted_address_is_taken_apart(shown: Show) -> None:
    form = shown(ServerForm)
    form.address.setText("HTTP://Box:8188/comfy/?token=abc-def-99")
    form.address.editingFinished.emit()
    assert form.address.text() == "http://box:8188/comfy"
    assert form.login.login is Login.BEARER
    assert form.login.secrets == {"": "abc-def-99"}
    form.address.setText("http://me:pass%20word@box")
    form.address.editingFinished.emit()
    assert form.address.text() == "http://box"
    assert form.login.login is Login.BASIC
    assert form.login.user_name == "me"
    assert form.login.secrets == {"": "pass word"}
    for field in (form.login.token, form.login.password):
        assert field.echoMode() is QLineEdit.EchoMode.Password


def test_only_the_fields_of_the_login_are_seen(shown: Show) -> None:
    form = shown(ServerForm)
    seen = {
        Login.NONE: set(),
        Login.BEARER: {form.login.token},
        Login.BASIC: {form.login.user, form.login.password},
        Login.HEADER: {form.login.headers},
    }
    every = set().union(*seen.values())
    for login, fields in seen.items():
        form.login.show_login(login)
        assert {field for field in every if field.isVisible()} == fields
        assert form.login.place.isVisible() is (login is not Login.NONE)


def test_a_certificate_is_shown_and_trusted_by_a_button(
    qtbot: QtBot, servers: Servers, jobs: Jobs, shown: Show
) -> None:
    with StandIn(tls="self_signed", pack="none") as pod:
        form = shown(ServerForm)
        form.name.setText("pod")
        form.address.setText(pod.url)
        assert "not trusted" in found_by_test(qtbot, form, jobs)
        assert form.trust.trust.isVisible()
        half = len(pod.fingerprint) // 2
        assert pod.fingerprint[:half] in form.trust.offer_text.text()
        assert not form.trust.trust.hasFocus()  # Enter must not trust it by the way
        form.trust.trust.click()
        quiet(qtbot, jobs)
        assert "answers." in text(form)
        assert not form.trust.trust.isVisible()
        form.save.click()
        quiet(qtbot, jobs)
        assert servers.all[0].fingerprint == pod.fingerprint
        assert servers.health("pod").state is ServerState.READY
    form = shown(ServerForm, servers.all[0])
    assert form.trust.forget.isVisible()
    assert not form.trust.authority.isVisible()
    form.trust.forget.click()
    assert form.trust.authority.isVisible()
    form.save.click()
    assert servers.all[0].fingerprint == ""


def test_plain_http_to_the_world_has_to_be_allowed(
    qtbot: QtBot, servers: Servers, jobs: Jobs, shown: Show
) -> None:
    form = shown(ServerForm)
    form.address.setText("http://127.0.0.1:8188")
    assert not form.trust.allow.isVisible()
    form.address.setText("http://8.8.8.8:8188")
    assert form.trust.allow.isVisible()
    assert "strangers" in form.trust.allow.accessibleDescription()
    form.save.click()
    assert "public address without encryption" in text(form)
    assert servers.all == ()
    form.trust.allow.setChecked(True)
    server = form._checked()
    assert server is not None
    assert server.allows_plain
    form.address.setText("https://8.8.8.8:8188")
    server = form._checked()
    assert server is not None
    assert not server.allows_plain  # it says nothing about https, and is not kept for later


@pytest.mark.parametrize(
    ("address", "told"),
    [("ftp://box", "neither http"), ("http://", "names no computer"), ("http://a b", "looks like")],
)
def test_an_address_that_is_none_is_told(
    servers: Servers, shown: Show, address: str, told: str
) -> None:
    form = shown(ServerForm)
    form.address.setText(address)
    form.test.click()
    assert told in text(form)
    form.save.click()
    assert servers.all == ()
    assert form.isVisible()


def test_names_and_headers_are_checked(servers: Servers, shown: Show, bare: StandIn) -> None:
    servers.put(Server(name="lab", url=bare.url), {})
    form = shown(ServerForm)
    form.name.setText("LAB")
    form.address.setText("http://other")
    form.save.click()
    assert "Another server has this name" in text(form)
    form.name.setText("")
    form.login.show_login(Login.HEADER)
    form.login.headers.set_value("X Key", "one")
    form.save.click()
    assert "cannot be a header" in text(form)
    form.login.headers.rows[0].name.setText("X-Key")
    server = form._checked()
    assert server is not None
    assert (server.name, server.headers) == ("other", ("X-Key",))


def test_an_edit_keeps_the_secret_that_is_not_typed_anew(
    qtbot: QtBot, servers: Servers, jobs: Jobs, shown: Show, whole: StandIn, ring: Memory
) -> None:
    servers.put(Server(name="lab", url=whole.url, login=Login.BEARER), {"": SECRET})
    quiet(qtbot, jobs)
    form = shown(ServerForm, servers.all[0])
    assert form.login.token.text() == ""
    assert form.login.token.placeholderText().startswith("Kept")
    assert "keyring" in form.login.place.text()
    assert "answers." in found_by_test(qtbot, form, jobs)
    form.name.setText("laboratory")
    form.save.click()
    quiet(qtbot, jobs)
    assert [server.name for server in servers.all] == ["laboratory"]
    assert servers.health("laboratory").state is ServerState.READY
    assert list(ring.kept.values()) == [SECRET]


def test_one_header_of_two_is_replaced(
    qtbot: QtBot, servers: Servers, jobs: Jobs, shown: Show
) -> None:
    with StandIn(needs_headers={"X-One": "first", "X-Two": "other"}, pack="none") as comfy:
        names = ("X-One", "X-Two")
        server = Server(name="lab", url=comfy.url, login=Login.HEADER, headers=names)
        servers.put(server, {"X-One": "first", "X-Two": "wrong"})
        quiet(qtbot, jobs)
        assert servers.health("lab").state is ServerState.DOWN
        form = shown(ServerForm, server)
        assert form.login.headers.names == names
        form.login.headers.rows[1].value.setText("other")
        assert "answers." in found_by_test(qtbot, form, jobs)
        form.save.click()
        quiet(qtbot, jobs)
        assert servers.health("lab").state is ServerState.READY


def test_no_login_any_more_means_that_it_is_forgotten(
    qtbot: QtBot, servers: Servers, jobs: Jobs, shown: Show, whole: StandIn, ring: Memory
) -> None:
    servers.put(Server(name="lab", url=whole.url, login=Login.BEARER), {"": SECRET})
    quiet(qtbot, jobs)
    form = shown(ServerForm, servers.all[0])
    form.login.show_login(Login.NONE)
    form.save.click()
    quiet(qtbot, jobs)
    assert ring.kept == {}
    assert servers.health("lab").state is ServerState.DOWN


def test_without_a_keyring_that_is_said(
    qtbot: QtBot, servers: Servers, jobs: Jobs, shown: Show, whole: StandIn
) -> None:
    keyring.set_keyring(fail.Keyring())
    servers.put(Server(name="lab", url=whole.url, login=Login.BEARER), {"": SECRET})
    quiet(qtbot, jobs)
    assert servers.health("lab").state is ServerState.READY
    form = shown(ServerForm, servers.all[0])
    assert "for this session only" in form.login.place.text()


def test_a_secret_that_cannot_be_sent_is_told(
    qtbot: QtBot, servers: Servers, jobs: Jobs, shown: Show, whole: StandIn, ring: Memory
) -> None:
    window = shown(ServersWindow)
    servers.put(Server(name="lab", url=whole.url, login=Login.BEARER), {"": "so\nnot"})
    quiet(qtbot, jobs)
    assert "login" in window.messages.text
    assert ring.kept == {}


def test_a_silent_server_blocks_nothing_and_a_closed_form_stops_asking(
    qtbot: QtBot, jobs: Jobs, shown: Show, bare: StandIn
) -> None:
    form = shown(ServerForm)
    form.address.setText(bare.url)
    with silent(bare):
        form.test.click()  # returns at once: the window goes on
        assert "Asking" in text(form)
        assert not form.test.isEnabled()
        form.reject()
        quiet(qtbot, jobs)
    assert "Asking" in text(form)


def test_whatever_takes_the_focus_has_a_name(shown: Show) -> None:
    form = shown(ServerForm, Server(name="lab", url="https://8.8.8.8"))
    for login in Login:
        form.login.show_login(login)
        assert nameless(form) == []


def test_every_field_of_the_form_can_be_reached_by_its_letter(shown: Show) -> None:
    form = shown(ServerForm)
    form.login.show_login(Login.BASIC)
    buddies = {label.buddy() for label in form.findChildren(QLabel) if label.buddy()}
    assert {form.name, form.address, form.login.kind, form.login.user} <= buddies
    texts = [label.text() for label in form.findChildren(QLabel)]
    texts += [button.text() for button in (form.test, form.trust.trust, form.trust.forget)]
    texts += [form.trust.choose.text(), form.trust.allow.text(), form.login.headers.add.text()]
    letters = [part[0].casefold() for each in texts for part in each.split("&")[1:]]
    assert len(letters) == len(set(letters)), letters


def test_a_form_that_is_gone_is_told_nothing(
    qtbot: QtBot, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(name="desk", url="http://127.0.0.1:1", login=Login.BEARER)
    tell: list[Callable[[str], None]] = []
    monkeypatch.setattr(servers, "look_for_secret", lambda _, on_done: tell.append(on_done))
    delete(ServerForm(servers, server))
    tell[0]("keyring")
