"""Requests to a server, and pictures there and back."""

import json
import re
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from engine.comfy.errors import ServerBroken, ServerError, ServerTooLarge, ServerUnreachable
from engine.comfy.prompt_plan import Upload
from engine.comfy.server.transport import Transport
from tests.engine.comfy.scripted_server import (
    QUICK,
    STATS,
    Reply,
    never_cancel,
    scripted_server,
    scripted_transport,
)


def code(caught: pytest.ExceptionInfo[Any]) -> str:
    return caught.value.reason


HTML = {"Content_Type": "text/html"}


# what is sent


def test_a_request_bears_prefix_and_login_and_no_origin() -> None:
    with scripted_transport(lambda r: r.json(STATS), "/x/comfy/", Authorization="Bearer abc-1") as (
        ours,
        site,
    ):
        assert ours.get_json("/system_stats?a=1", never_cancel) == STATS
    (heard,) = site.seen
    assert (heard.method, heard.path) == ("GET", "/x/comfy/system_stats?a=1")
    assert heard.headers["authorization"] == "Bearer abc-1"
    assert heard.headers["user-agent"].startswith("lacuna/")
    assert "origin" not in heard.headers


def test_one_connection_serves_many_requests() -> None:
    with scripted_transport(lambda r: r.json(STATS)) as (ours, site):
        for _ in range(5):
            ours.get_json("/system_stats", never_cancel)
    assert site.lines == 1


def test_threads_share_a_transport() -> None:
    got: list[Any] = []
    with scripted_transport(lambda r: r.json({"path": r.path})) as (ours, _):

        def ask(number: int) -> None:
            for turn in range(5):
                path = f"/{number}/{turn}"
                got.append((path, ours.get_json(path, never_cancel)["path"]))

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(got) == 30
    assert all(path == answer for path, answer in got)


def test_the_loopback_is_asked_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with scripted_transport(lambda r: r.json(STATS)) as (ours, _):
        assert ours.get_json("/system_stats", never_cancel) == STATS
        assert ours.ws_proxy is None


def test_another_machine_is_asked_by_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_server(lambda r: r.json(STATS)) as site:
        monkeypatch.setenv("http_proxy", site.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        server = replace(site.server, url="http://box.local:8188")
        with closing(Transport(server, timeouts=QUICK)) as ours:
            assert ours.get_json("/system_stats", never_cancel) == STATS
            assert ours.ws_proxy is True
    assert site.paths == ["GET http://box.local:8188/system_stats"]


def test_posts_answer_200_and_400() -> None:
    answers = {"/prompt": (200, {"prompt_id": "a"}), "/bad": (400, {"error": {"type": "x"}})}

    def reply(r: Reply) -> None:
        status, content = answers.get(r.path, (200, None))
        r.json(content, status) if content else r.say(status)

    with scripted_transport(reply) as (ours, site):
        assert ours.post_json("/prompt", {"prompt": {}}, never_cancel) == (200, {"prompt_id": "a"})
        assert ours.post_json("/bad", {}, never_cancel) == (400, {"error": {"type": "x"}})
        assert ours.post_json("/queue", {"delete": ["a"]}, never_cancel) == (200, None)
    assert site.seen[0].headers["content-type"] == "application/json"
    assert json.loads(site.seen[2].body) == {"delete": ["a"]}


# pictures


def test_a_picture_is_fetched_whole_and_unzipped() -> None:
    with scripted_transport(lambda r: r.say(200, b"\x89PNG", Content_Type="image/png"), "/x") as (
        ours,
        site,
    ):
        assert ours.view("a b&c_.png", "sub/ü", "temp", never_cancel) == b"\x89PNG"
    assert site.paths == ["GET /x/view?filename=a+b%26c_.png&subfolder=sub%2F%C3%BC&type=temp"]
    assert site.seen[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("reply", "error", "reason"),
    [
        (lambda r: r.say(404), ServerBroken, "gone"),
        (lambda r: r.say(200, b"<html>", **HTML), ServerUnreachable, "not_comfy"),
        (lambda r: r.say(400), ServerUnreachable, "status"),
    ],
)
def test_what_is_no_picture(
    reply: Callable[[Reply], object], error: type[ServerError], reason: str
) -> None:
    with scripted_transport(reply) as (ours, _), pytest.raises(error) as caught:
        ours.view("a.png", "", "temp", never_cancel)
    assert code(caught) == reason


class Store:
    """The part of a server that keeps pictures; `cut`: bytes that get lost on arrival."""

    def __init__(self, *, limit: float | None = None, suffix: str = "", cut: int = 0) -> None:
        self.kept: dict[str, bytes] = {}
        self.forms: list[dict[str, str]] = []
        self.limit, self.suffix, self.cut = limit, suffix, cut
        self.tells_lengths, self.has_head = True, True

    def __call__(self, r: Reply) -> None:
        if r.path == "/features":
            r.say(404) if self.limit is None else r.json({"max_upload_size": self.limit})
        elif r.path == "/upload/image":
            self._keep(r)
        elif r.command == "HEAD" and not self.has_head:
            r.say(405)
        else:
            self._view(r)

    def _keep(self, r: Reply) -> None:
        boundary = r.seen.headers["content-type"].partition("boundary=")[2].encode()
        fields: dict[str, bytes] = {}
        for part in r.seen.body.split(b"--" + boundary)[1:-1]:
            head, _, body = part.partition(b"\r\n\r\n")
            named = dict(re.findall(r'(\w+)="([^"]*)"', head.decode()))
            fields[named["name"]] = body.removesuffix(b"\r\n")
            fields[f"{named['name']}-file"] = named.get("filename", "").encode()
        image, name = fields.pop("image"), fields.pop("image-file").decode() + self.suffix
        self.forms.append({key: value.decode() for key, value in fields.items() if value})
        self.kept[name] = image[: len(image) - self.cut]
        r.json({"name": name, "subfolder": "lacuna", "type": "input"})

    def _view(self, r: Reply) -> None:
        name = r.path.partition("filename=")[2].partition("&")[0]
        assert r.path.endswith("&subfolder=lacuna&type=input")
        found = self.kept.get(name)
        if found is None:
            r.say(404)
        elif r.command == "HEAD" and not self.tells_lengths:
            r.say(200, length=-1)
        else:
            r.say(200, found, Content_Type="image/png")


PICTURE = Upload(content=b"\x89PNG\r\n\r\n--x\r\n" + bytes(range(256)) * 20)


def test_an_upload_is_sent_once_and_found_again() -> None:
    store = Store(limit=1e6)
    with scripted_transport(store) as (ours, site):
        assert not ours.has(PICTURE, never_cancel)
        assert ours.upload(PICTURE, never_cancel) == PICTURE.name
        assert ours.has(PICTURE, never_cancel)
        assert ours.upload(PICTURE, never_cancel) == PICTURE.name
    assert list(store.kept.values()) == [PICTURE.content]
    assert store.forms == [{"overwrite": "true", "subfolder": "lacuna", "type": "input"}]
    assert site.paths.count("POST /upload/image") == 1
    assert PICTURE.name == f"lacuna/{next(iter(store.kept))}"


def test_the_name_that_the_server_gave_is_used() -> None:
    with scripted_transport(Store(suffix="-1")) as (ours, _):
        assert ours.upload(PICTURE, never_cancel) == PICTURE.name + "-1"


def test_an_upload_that_arrived_in_part_is_noticed_and_sent_again() -> None:
    store = Store(cut=10)
    with scripted_transport(store) as (ours, _):
        with pytest.raises(ServerBroken) as caught:
            ours.upload(PICTURE, never_cancel)
        assert code(caught) == "truncated"
        store.cut = 0
        ours.upload(PICTURE, never_cancel)
    assert list(store.kept.values()) == [PICTURE.content]


@pytest.mark.parametrize("name", ["tells_lengths", "has_head"])
def test_without_a_length_the_picture_itself_is_compared(name: str) -> None:
    store = Store()
    setattr(store, name, False)
    with scripted_transport(store) as (ours, site):
        ours.upload(PICTURE, never_cancel)
        assert ours.has(PICTURE, never_cancel)
        store.kept = {name: content[:-1] for name, content in store.kept.items()}
        assert not ours.has(PICTURE, never_cancel)
    assert site.paths.count("POST /upload/image") == 1


def test_what_is_too_large_is_not_sent() -> None:
    with scripted_transport(Store(limit=5000.0)) as (ours, site):
        for _ in range(2):
            with pytest.raises(ServerTooLarge) as caught:
                ours.upload(PICTURE, never_cancel)
    size_mb = len(PICTURE.content) / 1e6
    assert (caught.value.sent_mb, caught.value.limit_mb) == (size_mb, 0.005)
    assert site.paths.count("GET /features") == 1
    assert "POST /upload/image" not in site.paths


@pytest.mark.parametrize("told", [True, 0, -5, float("inf"), float("nan"), "much"])
def test_a_limit_that_is_none_limits_nothing(told: float) -> None:
    with scripted_transport(Store(limit=told)) as (ours, _):
        assert ours.upload(PICTURE, never_cancel) == PICTURE.name


def test_a_form_counts_with_its_file() -> None:
    size = float(len(PICTURE.content))
    with scripted_transport(Store(limit=size)) as (ours, site), pytest.raises(ServerTooLarge):
        ours.upload(PICTURE, never_cancel)
    assert "POST /upload/image" not in site.paths
    with scripted_transport(Store(limit=size + 1000)) as (ours, site):
        ours.upload(PICTURE, never_cancel)
    posted = next(heard for heard in site.seen if heard.method == "POST")
    assert len(posted.body) < size + 1000


def test_a_proxy_that_takes_less_is_told_of() -> None:
    def reply(r: Reply) -> None:
        r.say(413, b"<html>", **HTML) if r.command == "POST" else r.say(404)

    with scripted_transport(reply) as (ours, _), pytest.raises(ServerTooLarge) as caught:
        ours.upload(PICTURE, never_cancel)
    assert (caught.value.sent_mb, caught.value.limit_mb) == (len(PICTURE.content) / 1e6, 0)


def test_an_upload_is_repeated_when_an_idle_connection_broke() -> None:
    store = Store()

    def reply(r: Reply) -> None:
        posts = [heard for heard in r.site.seen if heard.method == "POST"]
        r.hang_up() if r.command == "POST" and len(posts) == 1 else store(r)

    with scripted_transport(reply) as (ours, site):
        assert ours.upload(PICTURE, never_cancel) == PICTURE.name
    assert site.paths.count("POST /upload/image") == 2


def test_an_answer_to_an_upload_that_names_nothing_is_refused() -> None:
    def reply(r: Reply) -> None:
        r.json({"name": 3}) if r.command == "POST" else r.say(404)

    with scripted_transport(reply) as (ours, _), pytest.raises(ServerUnreachable) as caught:
        ours.upload(PICTURE, never_cancel)
    assert code(caught) == "not_comfy"


def test_the_address_of_events() -> None:
    with scripted_transport(lambda r: r.json(STATS), "/x", Authorization="Bearer t-1") as (
        ours,
        site,
    ):
        assert ours.ws_url("a b/c") == site.url.replace("http", "ws") + "/x/ws?clientId=a%20b%2Fc"
        assert ours.ws_headers()["Authorization"] == "Bearer t-1"
        assert ours.ssl_context is None
