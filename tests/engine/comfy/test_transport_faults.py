"""Every way in which a server can be wrong, silent or gone, and how a wait for it ends."""

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from engine.comfy.errors import ServerAddress, ServerBroken, ServerDenied, ServerUnreachable
from engine.comfy.prompt_plan import Upload
from engine.comfy.server import transport as transport_module
from engine.comfy.server.transport import Transport
from engine.errors import Cancelled
from tests.engine.comfy.scripted_server import (
    QUICK,
    STATS,
    Reply,
    ScriptedServer,
    never_cancel,
    scripted_server,
    scripted_transport,
)

HTML = {"Content_Type": "text/html"}


def code(caught: pytest.ExceptionInfo[Any]) -> str:
    return caught.value.reason


# what is answered

MARK = {"X_Portal_Placeholder": "true", **HTML}


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (lambda r: r.say(502, b"<html>", **MARK), "starting"),
        (lambda r: r.say(200, b"<html>", **MARK), "starting"),
        (lambda r: r.say(200, b"{}", X_Portal_Placeholder="true", Content_Type="application/json"),
         "starting"),
        (lambda r: r.say(502, b"<html>", **HTML), "starting"),
        (lambda r: r.say(503), "starting"),
        (lambda r: r.say(504), "timeout"),
        (lambda r: r.say(200, b"<html>", **HTML), "not_comfy"),
        (lambda r: r.say(200, b"{}", **HTML), "not_comfy"),
        (lambda r: r.say(200, b"{]", Content_Type="application/json"), "not_comfy"),
        (lambda r: r.say(200, b"[" * 200_000, Content_Type="application/json"), "not_comfy"),
        (lambda r: r.say(200, b"\xff", Content_Type="application/json"), "not_comfy"),
        (lambda r: r.say(200), "not_comfy"),
        (lambda r: r.say(500, b"oops"), "status"),
        (lambda r: r.say(429), "status"),
        (lambda r: r.say(404), "status"),
        (lambda r: r.say(400), "status"),
        (lambda r: r.say(400, b"Client sent an HTTP request to an HTTPS server.\n"), "use_https"),
        (lambda r: r.say(302, Location="http://localhost:1/"), "redirect"),
        (lambda r: r.say(302), "redirect"),
        (lambda r: r.say(302, Location="http://[x:y/"), "redirect"),
        (lambda r: r.say(308, Location=f"https://{r.headers['Host']}/"), "use_https"),
        (lambda r: r.hang_up(), "dropped"),
        (lambda r: r.wfile.write(b"nonsense\r\n\r\n"), "dropped"),
    ],
)  # fmt: skip
def test_answers_that_are_none_of_comfyui(reply: Callable[[Reply], object], reason: str) -> None:
    with scripted_transport(reply) as (ours, _), pytest.raises(ServerUnreachable) as caught:
        ours.get_json("/system_stats", never_cancel)
    assert (caught.value.server, code(caught)) == ("mine", reason)


@pytest.mark.parametrize("status", [401, 403])
def test_who_is_refused_is_asked_for_the_login_again(status: int) -> None:
    keys = iter(["wrong-1", "right-2"])
    with scripted_server(
        lambda r: r.json(STATS) if r.headers["Authorization"] == "right-2" else r.say(status)
    ) as site:
        login = lambda: {"Authorization": next(keys)}  # noqa: E731
        with closing(Transport(site.server, login, timeouts=QUICK)) as ours:
            with pytest.raises(ServerDenied) as caught:
                ours.get_json("/system_stats", never_cancel)
            assert caught.value.status == status
            for _ in range(3):
                assert ours.get_json("/system_stats", never_cancel) == STATS


def test_a_login_that_cannot_be_sent_says_so() -> None:
    def login() -> dict[str, str]:
        raise ServerAddress("http://x", "header")

    with scripted_server(lambda r: r.json(STATS)) as site, pytest.raises(ServerAddress):
        Transport(site.server, login, timeouts=QUICK).get_json("/system_stats", never_cancel)
    assert not site.seen


def test_missing_calls_say_their_status() -> None:
    with scripted_transport(lambda r: r.say(405)) as (ours, _):
        for ask in (ours.get_json, lambda p, w: ours.post_json(p, {}, w)):
            with pytest.raises(ServerUnreachable) as caught:
                ask("/api/jobs/1", never_cancel)
            assert (code(caught), caught.value.detail) == ("status", "405")


def test_a_redirect_within_the_server_is_followed() -> None:
    def reply(r: Reply) -> None:
        if r.path == "/x/a":
            r.say(302, Location="/x/b?c=1")
        else:
            r.json(STATS)

    with scripted_transport(reply, "/x", Authorization="Bearer abc-1") as (ours, site):
        assert ours.get_json("/a", never_cancel) == STATS
        with pytest.raises(ServerUnreachable) as caught:
            ours.post_json("/a", {}, never_cancel)
    assert code(caught) == "redirect"
    assert site.paths == ["GET /x/a", "GET /x/b?c=1", "POST /x/a"]
    assert all(heard.headers["authorization"] == "Bearer abc-1" for heard in site.seen)


def test_redirects_in_a_circle_end() -> None:
    with scripted_transport(lambda r: r.say(302, Location=r.path)) as (ours, site):
        with pytest.raises(ServerUnreachable) as caught:
            ours.get_json("/a", never_cancel)
        assert code(caught) == "redirect"
        assert len(site.seen) < 10


def test_a_token_goes_to_no_other_origin() -> None:
    with scripted_server(lambda r: r.json(STATS)) as other:
        there = other.url.replace("127.0.0.1", "localhost") + "/system_stats"
        with scripted_transport(
            lambda r: r.say(307, Location=there), Authorization="Bearer t-1"
        ) as (ours, _):
            with pytest.raises(ServerUnreachable) as caught:
                ours.get_json("/system_stats", never_cancel)
            with pytest.raises(ServerUnreachable):
                ours.upload(Upload(content=b"png"), never_cancel)
    assert (code(caught), caught.value.detail) == ("redirect", there.removesuffix("/system_stats"))
    assert not other.seen


# nobody there


def test_nobody_listens() -> None:
    with scripted_server(lambda r: r.json(STATS)) as site:
        ours = Transport(site.server, timeouts=QUICK)
    with pytest.raises(ServerUnreachable) as caught:
        ours.get_json("/system_stats", never_cancel)
    assert code(caught) == "refused"


def test_no_such_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    with scripted_server(lambda r: r.json(STATS)) as site:
        server = replace(site.server, url="http://nowhere.local:8188")
        with pytest.raises(ServerUnreachable) as caught:
            Transport(server, timeouts=QUICK).get_json("/system_stats", never_cancel)
    assert code(caught) == "name"


def test_silence_is_a_timeout() -> None:
    hurry = replace(QUICK, stall_s=0.2)
    with scripted_server(lambda r: r.site.stop.wait(5)) as site:
        ours = Transport(site.server, timeouts=hurry)
        with pytest.raises(ServerUnreachable) as caught:
            ours.get_json("/system_stats", never_cancel)
        assert code(caught) == "timeout"
        assert len(site.seen) == 1
        site.stop.set()


# stopping


def stopped(
    ours: Transport, site: ScriptedServer, ask: Callable[[Callable[[], object]], object]
) -> float:
    """Seconds from the wish to stop until the call ends, once the request is at the server."""
    wished_s = 0.0

    def waiting() -> None:
        nonlocal wished_s
        if site.arrived.is_set():
            wished_s = wished_s or time.monotonic()
            raise Cancelled

    with pytest.raises(Cancelled):
        ask(waiting)
    return time.monotonic() - wished_s


def silent(r: Reply) -> None:
    r.site.stop.wait(10)


def midway(r: Reply) -> None:
    r.say(200, b"{", length=100, Content_Type="application/json")
    r.site.stop.wait(10)


@pytest.mark.parametrize("reply", [silent, midway])
def test_a_wait_ends_at_once(reply: Callable[[Reply], object]) -> None:
    with scripted_transport(reply) as (ours, site):
        assert stopped(ours, site, lambda w: ours.get_json("/object_info", w)) < 0.2
        site.arrived.clear()
        assert stopped(ours, site, lambda w: ours.post_json("/prompt", {}, w)) < 0.2
        assert len(site.seen) == 2
        end_s = time.monotonic() + 5
        while any(t.name == "http" for t in threading.enumerate()):
            assert time.monotonic() < end_s, "a thread still hangs on the line"
            time.sleep(0.01)


def test_who_stops_before_it_is_connected_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    connecting, go_on = threading.Event(), threading.Event()
    connect = socket.create_connection

    def slow(*args: Any, **kwargs: Any) -> socket.socket:
        connecting.set()
        go_on.wait(5)
        return connect(*args, **kwargs)

    def waiting() -> None:
        if connecting.is_set():
            raise Cancelled

    with scripted_transport(lambda r: r.json(STATS)) as (ours, site):
        monkeypatch.setattr(socket, "create_connection", slow)
        with pytest.raises(Cancelled):
            ours.post_json("/prompt", {}, waiting)
        threads = [t for t in threading.enumerate() if t.name == "http"]
        go_on.set()
        for thread in threads:
            thread.join(5)
        assert threads
        assert not site.seen


def test_a_job_that_is_stopped_already_asks_nothing() -> None:
    def waiting() -> None:
        raise Cancelled

    with scripted_transport(lambda r: r.json(STATS)) as (ours, site):
        with pytest.raises(Cancelled):
            ours.get_json("/system_stats", waiting)
        assert site.lines == 0


# connections that break


def fickle(r: Reply) -> None:
    """Every connection answers once, and breaks when it is used again."""
    before = [heard for heard in r.site.seen if heard.line == r.number]
    r.json(STATS) if len(before) == 1 else r.hang_up()


def test_what_can_be_repeated_is_when_an_idle_connection_broke() -> None:
    with scripted_transport(fickle) as (ours, site):
        for _ in range(3):
            assert ours.get_json("/queue", never_cancel) == STATS
        assert ours.post_json("/queue", {"delete": ["a"]}, never_cancel) == (200, STATS)
    assert len(site.seen) == 1 + 2 * 3


def test_a_prompt_goes_by_a_connection_of_its_own() -> None:
    with scripted_transport(fickle) as (ours, site):
        ours.get_json("/queue", never_cancel)
        assert ours.post_json("/prompt", {}, never_cancel) == (200, STATS)
    assert [heard.line for heard in site.seen] == [0, 1]


def test_a_prompt_is_never_sent_twice() -> None:
    with scripted_transport(lambda r: r.hang_up()) as (ours, site):
        for path in ("/prompt", "/api/prompt"):
            with pytest.raises(ServerUnreachable) as caught:
                ours.post_json(path, {}, never_cancel)
            assert code(caught) == "dropped"
    assert site.paths == ["POST /prompt", "POST /api/prompt"]


def test_a_second_break_is_told() -> None:
    def reply(r: Reply) -> None:
        r.json(STATS) if len(r.site.seen) == 1 else r.hang_up()

    with scripted_transport(reply) as (ours, site):
        ours.get_json("/queue", never_cancel)
        with pytest.raises(ServerUnreachable) as caught:
            ours.get_json("/queue", never_cancel)
        assert code(caught) == "dropped"
        assert len(site.seen) == 3


# whole or not


def cut_short(r: Reply) -> None:
    r.say(200, b'{"a":', length=1000, Content_Type="application/json")
    r.hang_up()


def cut_chunks(r: Reply) -> None:
    chunked = {"Transfer_Encoding": "chunked", "Content_Type": "application/json"}
    r.say(200, b"5\r\n[1,2,\r\n", length=-1, **chunked)
    r.hang_up()


def both(ours: Transport) -> Iterator[Callable[[], object]]:
    yield lambda: ours.get_json("/a", never_cancel)
    yield lambda: ours.view("a", "", "temp", never_cancel)


@pytest.mark.parametrize("reply", [cut_short, cut_chunks])
def test_half_an_answer_is_none(reply: Callable[[Reply], object]) -> None:
    with scripted_transport(reply) as (ours, _):
        for ask in (
            lambda: ours.get_json("/a", never_cancel),
            lambda: ours.view("a", "", "temp", never_cancel),
        ):
            with pytest.raises(ServerBroken) as caught:
                ask()
            assert code(caught) == "truncated"


def test_zipped_answers_are_understood_and_damaged_ones_refused() -> None:
    bodies = [gzip.compress(json.dumps(STATS).encode()), b"no gzip"]
    kinds = {"Content_Type": "application/json", "Content_Encoding": "gzip"}
    with scripted_transport(lambda r: r.say(200, bodies.pop(0), **kinds)) as (ours, _):
        assert ours.get_json("/object_info", never_cancel) == STATS
        with pytest.raises(ServerBroken) as caught:
            ours.get_json("/object_info", never_cancel)
        assert code(caught) == "format"


def endless(r: Reply) -> None:
    r.say(200, b" " * 5000, length=-1, Content_Type="application/json", Connection="close")
    r.close_connection = True


def bomb(r: Reply) -> None:
    kinds = {"Content_Type": "application/json", "Content_Encoding": "gzip"}
    r.say(200, gzip.compress(b" " * 500_000), **kinds)


def packed_twice(r: Reply) -> None:
    kinds = {"Content_Type": "application/json", "Content_Encoding": "gzip, gzip"}
    r.say(200, gzip.compress(gzip.compress(b" " * 500_000)), **kinds)


@pytest.mark.parametrize("reply", [endless, bomb, packed_twice, lambda r: r.say(200, b"0" * 5000)])
def test_no_answer_is_without_end(
    reply: Callable[[Reply], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport_module, "JSON_LIMIT", 2000)
    monkeypatch.setattr(transport_module, "VIEW_LIMIT", 2000)
    with scripted_transport(reply) as (ours, _):
        for ask in (
            lambda: ours.get_json("/a", never_cancel),
            lambda: ours.view("a", "", "temp", never_cancel),
        ):
            with pytest.raises(ServerBroken) as caught:
                ask()
            assert code(caught) == "large"
