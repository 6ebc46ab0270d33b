"""A machine without a network: whoever tries is counted and stopped."""

import socket
from collections.abc import Iterator

import pytest


class Attempts(list):
    """What was asked of the network."""


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Attempts]:
    tried = Attempts()

    def stop(*asked, **_more):
        tried.append(asked[1:] or asked)
        raise OSError("no network in tests")

    monkeypatch.setattr(socket.socket, "connect", stop)
    monkeypatch.setattr(socket, "getaddrinfo", stop)
    yield tried
    assert not tried
