"""Servers that are not there are asked again by themselves; those that refuse are not."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app import paths
from app.engines.server_report import ServerState
from app.services.jobs import Jobs
from app.services.preferences import Preferences
from app.services.servers import ServerRetries, Servers
from engine.comfy.errors import ServerDenied, ServerError, ServerUnreachable
from engine.comfy.protocol.object_info import Nodes
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.comfy.server.address import Server
from engine.comfy.server.logins import server_tokens
from engine.jobs.operations import Device
from tests.app.support.serving import WAIT_MS, quiet


class Look:
    """Answers with an error, until there is none left."""

    def __init__(self) -> None:
        self.errors: list[ServerError] = []
        self.asked = 0

    def __call__(
        self, server: Server, _login: object, waiting: Callable[[], object]
    ) -> ServerSnapshot:
        self.asked += 1
        waiting()
        if self.errors:
            raise self.errors.pop()
        return ServerSnapshot(
            server=server.name,
            version="0.33.0",
            device=Device(kind="cuda", name="", total_mb=0, free_mb=0, torch=""),
            nodes=Nodes.read({}),
            models={},
            has_jobs=True,
            max_upload_bytes=0,
        )


@pytest.fixture
def look() -> Look:
    return Look()


@pytest.fixture
def servers(qtbot: QtBot, look: Look) -> Iterator[Servers]:
    jobs, owner = Jobs(lambda *_: None, {}), QObject()
    preferences = Preferences(paths.config_dir() / "settings.json")
    ours = Servers(preferences, server_tokens("lacuna-test"), look=look)
    ours.start(jobs)
    ServerRetries(ours, owner, first_ms=20)
    yield ours
    ours.stop()
    quiet(qtbot, jobs)
    jobs.close()


def put(servers: Servers) -> None:
    servers.put(Server(name="desk", url="http://127.0.0.1:1"), {})


def test_one_that_is_away_is_asked_until_it_is_there(
    qtbot: QtBot, servers: Servers, look: Look
) -> None:
    look.errors = [ServerUnreachable("desk", "refused") for _ in range(3)]
    put(servers)
    qtbot.waitUntil(lambda: servers.health("desk").state is ServerState.READY, timeout=WAIT_MS)
    assert look.asked == 4
    qtbot.wait(400)  # more than the next pause would be
    assert look.asked == 4


def test_one_that_refuses_is_left_alone(qtbot: QtBot, servers: Servers, look: Look) -> None:
    look.errors = [ServerDenied("desk", 401) for _ in range(9)]
    put(servers)
    qtbot.waitUntil(lambda: servers.health("desk").state is ServerState.DOWN, timeout=WAIT_MS)
    qtbot.wait(200)
    assert look.asked == 1


def test_one_that_is_switched_off_is_left_alone(qtbot: QtBot, servers: Servers, look: Look) -> None:
    look.errors = [ServerUnreachable("desk", "refused") for _ in range(9)]
    put(servers)
    qtbot.waitUntil(lambda: servers.health("desk").state is ServerState.DOWN, timeout=WAIT_MS)
    servers.switch("desk", is_on=False)
    asked = look.asked
    qtbot.wait(300)
    assert look.asked == asked
