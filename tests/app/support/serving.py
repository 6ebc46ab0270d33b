"""What the stories of servers share: a keyring, windows, and short words for what a user does."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import keyring
import pytest
from aiohttp import web
from keyring.backend import KeyringBackend
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from app import paths
from app.dialogs.servers.form import ServerForm
from app.services.jobs import Jobs
from app.services.preferences import Preferences
from app.services.servers import Servers
from engine.comfy.server.logins import server_tokens
from tests.engine.comfy.stand_in.server import StandIn

SECRET = "sesame-open-42"
WAIT_MS = 10_000

Show: TypeAlias = Callable[..., Any]


class Memory(KeyringBackend):
    """A keyring that lasts for a test."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@contextmanager
def ring_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    """Nothing of a test gets into the keyring of who runs it, nor out of his environment."""
    before, ours = keyring.get_keyring(), Memory()
    keyring.set_keyring(ours)
    for name in ("LACUNA_COMFY_TOKEN", "LACUNA_COMFY_URL"):
        monkeypatch.delenv(name, raising=False)
    yield ours
    keyring.set_keyring(before)


def listed(jobs: Jobs) -> Servers:
    """The servers of the settings, none as yet."""
    preferences = Preferences(paths.config_dir() / "settings.json")
    ours = Servers(preferences, server_tokens("lacuna-test"))
    ours.start(jobs)
    return ours


@contextmanager
def windows(qtbot: QtBot, servers: Servers, jobs: Jobs) -> Iterator[Show]:
    """Shows windows of servers, and closes them before the threads end."""
    made: list[QWidget] = []

    def show(kind: Callable[..., QWidget], *arguments: object) -> QWidget:
        window = kind(servers, *arguments)
        made.append(window)
        window.show()
        quiet(qtbot, jobs)
        return window

    yield show
    for window in made:
        window.close()
        window.deleteLater()


def quiet(qtbot: QtBot, jobs: Jobs) -> None:
    qtbot.waitUntil(lambda: not jobs.is_busy, timeout=WAIT_MS)


def text(form: ServerForm) -> str:
    """What the form found."""
    return form.found.toPlainText()


def found_by_test(qtbot: QtBot, form: ServerForm, jobs: Jobs) -> str:
    form.test.click()
    quiet(qtbot, jobs)
    return text(form)


@contextmanager
def silent(server: StandIn) -> Iterator[None]:
    """It takes requests, and answers none of them before the test is over."""
    over = threading.Event()

    async def wait(_request: object, _answer: object) -> web.Response:
        await asyncio.to_thread(over.wait, WAIT_MS / 1000)
        return web.Response(status=503)

    fault = server.faults.on("/", wait, times=None)
    try:
        yield
    finally:
        over.set()
        server.faults.requests.remove(fault)


def nameless(window: QWidget) -> list[QWidget]:
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and widget.window() is window
        and not isinstance(widget, QScrollArea)
        and not QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name).strip()
    ]
