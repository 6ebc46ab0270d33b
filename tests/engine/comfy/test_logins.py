"""Logins reach their server, and nobody else."""

import base64
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial

import keyring
import pytest
from keyring.backends import fail
from websockets.sync.client import connect
from websockets.sync.server import ServerConnection, serve

from app import paths
from app.services import diagnostics
from app.services import logging_setup as logs
from engine.comfy.errors import ServerAddress, ServerError
from engine.comfy.server.address import Login, Server, parse_address
from engine.comfy.server.logins import keep_login, login_headers, server_tokens
from engine.comfy.server.transport import Transport
from engine.net.tokens import Tokens
from tests.engine.comfy.scripted_server import QUICK, scripted_server
from tests.engine.net.test_tokens import Memory

URL = "https://host.example:8443/x"
SERVER = Server(name="mine", url=URL)
BEARER = replace(SERVER, login=Login.BEARER)
BASIC = replace(SERVER, login=Login.BASIC, user="vastai")
HEADER = replace(SERVER, login=Login.HEADER, headers=("X-Api-Key", "CF-Access"))


@pytest.fixture
def memory() -> Iterator[Memory]:
    before, ours = keyring.get_keyring(), Memory()
    keyring.set_keyring(ours)
    yield ours
    keyring.set_keyring(before)


@pytest.fixture
def tokens(memory: Memory) -> Tokens:
    return server_tokens("test", {})


def test_each_login_has_its_headers(tokens: Tokens) -> None:
    assert login_headers(SERVER, tokens) == {}
    assert keep_login(BEARER, tokens, {"": " abc-1\n"}) == "keyring"
    assert login_headers(BEARER, tokens) == {"Authorization": "Bearer abc-1"}
    keep_login(BASIC, tokens, "pässwort")
    both = base64.b64encode("vastai:pässwort".encode()).decode()
    assert login_headers(BASIC, tokens) == {"Authorization": f"Basic {both}"}
    keep_login(HEADER, tokens, {"X-Api-Key": "key-1", "CF-Access": "key-2"})
    assert login_headers(HEADER, tokens) == {"X-Api-Key": "key-1", "CF-Access": "key-2"}


def test_a_secret_lies_under_its_origin_and_serves_no_other(tokens: Tokens, memory: Memory) -> None:
    keep_login(HEADER, tokens, {"X-Api-Key": "key-1"})
    (kept,) = memory.kept.items()
    assert kept[0] == ("test", "comfyui:https://host.example:8443")
    assert json.loads(kept[1]) == {"X-Api-Key": "key-1"}
    for url in ("http://host.example:8443/x", "https://host.example", "https://other.example:8443"):
        assert login_headers(replace(HEADER, url=url), tokens) == {}
    assert login_headers(replace(HEADER, url="https://host.example:8443/y"), tokens)


def test_without_a_secret_nothing_is_sent(tokens: Tokens) -> None:
    for server in (BEARER, BASIC, HEADER):
        assert login_headers(server, tokens) == {}


def test_what_is_typed_can_be_tried_before_it_is_kept(tokens: Tokens, memory: Memory) -> None:
    keep_login(HEADER, tokens, {"X-Api-Key": "old-1", "CF-Access": "old-2"})
    typed = {"X-Api-Key": "new-1"}
    assert login_headers(HEADER, tokens, typed) == {"X-Api-Key": "new-1", "CF-Access": "old-2"}
    assert login_headers(HEADER, tokens)["X-Api-Key"] == "old-1"
    assert login_headers(BEARER, tokens, {"": "new-3"}) == {"Authorization": "Bearer new-3"}
    keep_login(HEADER, tokens, typed)
    assert login_headers(HEADER, tokens) == {"X-Api-Key": "new-1", "CF-Access": "old-2"}


def test_headers_that_are_not_asked_for_stay_at_home(tokens: Tokens, memory: Memory) -> None:
    keep_login(HEADER, tokens, {"X-Api-Key": "key-1", "CF-Access": "key-2"})
    fewer = replace(HEADER, headers=("CF-Access",))
    assert login_headers(fewer, tokens) == {"CF-Access": "key-2"}


@pytest.mark.parametrize("kept", ["no json", "[1]", '{"X-Api-Key": 3}', "null"])
def test_a_damaged_secret_is_none(kept: str, tokens: Tokens) -> None:
    tokens.keep(URL, kept)
    assert login_headers(HEADER, tokens) == {}


@pytest.mark.parametrize(
    ("server", "typed"),
    [
        (BEARER, {"": "abc\r\nX-Evil: 1"}),
        (BEARER, {"": "abc\ndef"}),
        (BEARER, {"": "abc\0def"}),
        (BEARER, {"": "zürich"}),
        (BASIC, {"": "abc\ndef"}),
        (replace(BASIC, user="a:b"), {"": "abcdef"}),
        (replace(BASIC, user="a\nb"), {"": "abcdef"}),
        (HEADER, {"X-Api-Key": "abc\r\nX-Evil: 1"}),
        (HEADER, {"X-Api-Key": "abc def", "CF-Access": "a\rb"}),
        *(
            (replace(HEADER, headers=(name,)), {name: "abcdef"})
            for name in ("Host", "content-length", "Transfer-Encoding", "Origin", "A B", "A:", "",
                         "Connection", "Upgrade", "Sec-WebSocket-Key", "X\r\nY", "Größe")
        ),
    ],
)  # fmt: skip
def test_what_no_header_can_carry_is_refused(
    server: Server, typed: dict[str, str], tokens: Tokens, memory: Memory
) -> None:
    for attempt in (login_headers, keep_login):
        with pytest.raises(ServerAddress) as caught:
            attempt(server, tokens, typed)
        assert caught.value.reason == "header"
        assert "abc" not in str(caught.value)
    assert not memory.kept


def test_what_is_kept_is_made_sure_of_as_well(tokens: Tokens) -> None:
    """Another program may have written it."""
    tokens.keep(URL, "abc\r\nX-Evil: 1")
    with pytest.raises(ServerAddress):
        login_headers(BEARER, tokens)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("localhost:8188", "http://localhost:8188"),
        ("http://localhost:8188/x/?token=other", "http://localhost:8188/y"),
        ("host.example:8443", URL),
    ],
)
def test_the_environment_lets_into_its_server_alone(address: str, url: str, memory: Memory) -> None:
    environ = {"LACUNA_COMFY_TOKEN": "outside-1", "LACUNA_COMFY_URL": address}
    ours = server_tokens("test", environ)
    server = replace(BEARER, url=url)
    assert login_headers(server, ours) == {"Authorization": "Bearer outside-1"}
    assert login_headers(replace(server, url="http://localhost:8189"), ours) == {}
    for other in (replace(BASIC, url=url), replace(HEADER, url=url), replace(SERVER, url=url)):
        assert login_headers(other, ours) == {}


@pytest.mark.parametrize("address", ["", "http://host:x", "two words", "ftp://host"])
def test_an_address_of_the_environment_that_is_none(address: str, memory: Memory) -> None:
    environ = {"LACUNA_COMFY_TOKEN": "outside-1", "LACUNA_COMFY_URL": address}
    assert login_headers(BEARER, server_tokens("test", environ)) == {}


def test_without_a_keyring_a_login_lasts_for_the_session() -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    try:
        ours = server_tokens("test", {})
        assert keep_login(BASIC, ours, {"": "pass-word"}) == "session"
        assert login_headers(BASIC, ours)
        assert login_headers(BASIC, server_tokens("test", {})) == {}
    finally:
        keyring.set_keyring(before)


# the log

PLANTED = ["outside-4721", "basic-4722", "header-4723", "query-4724"]


@pytest.fixture
def log() -> Iterator[None]:
    """Everything is logged, as a developer would: the libraries' own details as well."""
    handler = logs.start(paths.log_dir(), logging.DEBUG)
    names = ("httpx2", "httpcore2", "websockets")
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)
    logging.getLogger().removeHandler(handler)
    logging.getLogger().setLevel(logging.WARNING)
    handler.close()


def test_no_login_gets_into_the_log(memory: Memory, log: None) -> None:
    """Four tokens, given in every way, sent by requests and sockets, refused and let in."""
    with scripted_server(lambda r: r.say(401, Set_Cookie=f"C_auth_token={PLANTED[0]}")) as site:
        for server, tokens in _logins(site.url):
            _knock(server, tokens)
        sent = json.dumps([heard.headers for heard in site.seen])
    both = base64.b64encode(f"vastai:{PLANTED[1]}".encode()).decode()
    hidden = [*PLANTED, both]
    assert not [value for value in (PLANTED[0], both, *PLANTED[2:]) if value not in sent]
    written = "".join(f.read_text() for f in paths.log_dir().iterdir()) + diagnostics.text()
    for said in ("send_request_headers", "> Authorization: Bearer ***", "> X-Api-Key: ***", "401"):
        assert said in written
    assert not [value for value in hidden if value in written]


def _logins(url: str) -> Iterator[tuple[Server, Tokens]]:
    environ = {"LACUNA_COMFY_TOKEN": PLANTED[0], "LACUNA_COMFY_URL": url}
    ours = server_tokens("test", environ)
    yield replace(BEARER, url=url), ours
    for like, typed in ((BASIC, {"": PLANTED[1]}), (HEADER, {"X-Api-Key": PLANTED[2]})):
        server = replace(like, url=url)
        keep_login(server, ours, typed)
        yield server, ours
    found = parse_address(f"{url}/?token={PLANTED[3]}")
    logging.getLogger("somewhere").info("opened %s/?token=%s: %r", url, PLANTED[3], found)
    assert found.secret is not None
    others = server_tokens("test", {})
    others.keep(found.url, found.secret.reveal())
    yield Server(name="mine", url=found.url, login=found.login), others


def _knock(server: Server, tokens: Tokens) -> None:
    """By a request, which is refused, and a socket, which is let in."""
    login = partial(login_headers, server, tokens)
    with closing(Transport(server, login, timeouts=QUICK)) as ours:
        try:
            ours.get_json("/system_stats", lambda: None)
        except ServerError:
            logging.getLogger("somewhere").exception("refused with %s", login())
        else:
            pytest.fail("it was let in")
    with serve(_greet, "127.0.0.1", 0) as house:
        thread = threading.Thread(target=house.serve_forever)
        thread.start()
        url = f"ws://127.0.0.1:{house.socket.getsockname()[1]}/ws"
        with connect(url, additional_headers=login(), proxy=None) as line:
            assert line.recv(timeout=5) == "hello"
        house.shutdown()
        thread.join()


def _greet(line: ServerConnection) -> None:
    line.send("hello")
