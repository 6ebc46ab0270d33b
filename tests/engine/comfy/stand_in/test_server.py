"""The stand-in speaks as the measured servers do: HTTP and events, in their order."""

import io

import numpy as np
import pytest
from PIL import Image
from websockets.sync.client import connect

from tests.engine.comfy.raw_client import (
    RawClient,
    kinds,
    next_message,
    node,
    png,
    raw_client,
    said,
    sampling,
    shown,
    until_end,
)

GREY = np.full((24, 32, 3), 128, np.uint8)


@pytest.fixture
def talk():
    with raw_client() as talk:
        talk.upload("a.png", GREY)
        yield talk


def test_an_upload_takes_another_name_where_its_own_is_taken(talk: RawClient) -> None:
    white = png(GREY + 100)
    assert talk.upload("a.png", GREY).json()["name"] == "a.png"
    assert talk.upload("a.png", white).json()["name"] == "a (1).png"
    assert talk.upload("a.png", white).json()["name"] == "a (1).png"
    assert talk.upload("a.png", png(GREY + 50), overwrite="True").json()["name"] == "a (2).png"
    answer = talk.upload("a.png", white, overwrite="true", subfolder="lacuna").json()
    assert answer == {"name": "a.png", "subfolder": "lacuna", "type": "input"}
    assert (talk.server.folders["input"] / "lacuna" / "a.png").read_bytes() == white
    assert talk.server.calls("POST", "/upload/image")[-1].form["overwrite"] == "true"


@pytest.mark.parametrize(
    ("name", "fields", "status"),
    [
        ("../a.png", {}, 400),
        ("a.png", {"subfolder": "../.."}, 400),
        ("a.png", {"type": "nowhere"}, 500),
        ("no/such/a.png", {}, 500),
    ],
)
def test_an_upload_stays_in_its_folder(
    talk: RawClient, name: str, fields: dict[str, str], status: int
) -> None:
    assert talk.upload(name, GREY, **fields).status_code == status


def test_a_body_over_the_limit_is_refused() -> None:
    with raw_client(limit_bytes=2000) as talk:
        answer = talk.upload("a.png", bytes(5000))
        assert answer.status_code == 413
        assert "Maximum request body size 2000 exceeded" in answer.text
        assert talk.post(said("x" * 5000)).status_code == 413


def test_a_file_is_looked_at_whole_in_part_and_by_its_size(talk: RawClient) -> None:
    file, content = {"filename": "a.png", "type": "input", "subfolder": ""}, png(GREY)
    assert talk.http.get("/view", params=file).content == content
    head = talk.http.head("/view", params=file)
    assert head.headers["content-length"] == str(len(content))
    part = talk.http.get("/view", params=file, headers={"Range": "bytes=1-3"})
    assert (part.status_code, part.content) == (206, b"PNG")
    assert talk.http.get("/view", params={**file, "filename": "b.png"}).status_code == 404
    assert talk.http.get("/view", params={**file, "subfolder": "../.."}).status_code == 403
    assert talk.http.get("/view", params={**file, "filename": "../a.png"}).status_code == 400


def test_every_route_is_under_api_too(talk: RawClient) -> None:
    for path in ("/system_stats", "/object_info", "/queue", "/models", "/features"):
        assert talk.http.get(f"/api{path}").json() == talk.http.get(path).json()
    with connect(talk.server.url.replace("http", "ws") + "/api/ws") as socket:
        assert next_message(socket)["data"]["sid"]


def test_a_job_tells_its_story_in_order(talk: RawClient) -> None:
    with talk.listening() as socket:
        job = talk.posted(shown(last=node("LoadImage", image="a.png")))
        story = until_end(socket)
    assert kinds(story) == [
        "status 1",
        "status 1",
        "execution_start",
        "execution_cached",
        "progress_state",
        "executing last",
        "progress_state",
        "progress_state",
        "executing out",
        "executed out",
        "progress_state",
        "execution_success",
        "status 0",
        "executing None",
    ]
    others = [each["data"] for each in story if each["type"] != "status"]
    assert all(facts["prompt_id"] == job for facts in others)
    states = [each["data"]["nodes"] for each in story if each["type"] == "progress_state"]
    assert [(len(nodes), nodes[list(nodes)[-1]]["state"]) for nodes in states] == [
        (1, "running"),
        (1, "finished"),
        (2, "running"),
        (2, "finished"),
    ]


def test_a_second_time_everything_is_remembered(talk: RawClient) -> None:
    first = talk.done(shown(last=node("LoadImage", image="a.png")))
    with talk.listening() as socket:
        talk.posted(shown(last=node("LoadImage", image="a.png")))
        story = until_end(socket)
    assert kinds(story)[2:] == [
        "execution_start",
        "execution_cached",
        "executed out",
        "progress_state",
        "execution_success",
        "status 0",
        "executing None",
    ]
    assert set(story[3]["data"]["nodes"]) == {"last", "out"}
    assert story[4]["data"]["output"] == first["outputs"]["out"]


def test_old_versions_forget_what_the_next_job_does_not_need() -> None:
    with raw_client(version="0.3.64") as talk:
        first = talk.done(said("one"))
        talk.done(said("two"))
        again = talk.done(said("one"))
    assert first["status"]["messages"][1][1]["nodes"] == []
    assert again["status"]["messages"][1][1]["nodes"] == []


@pytest.mark.parametrize("flags", [False, True])
def test_steps_are_counted_and_shown(talk: RawClient, flags: bool) -> None:
    with talk.listening(flags=flags) as socket:
        talk.posted(sampling(), extra_data={"preview_method": "latent2rgb"})
        story = until_end(socket)
    at = kinds(story).index("executing k")
    assert kinds(story)[at : at + 5] == [
        "executing k",
        "progress_state",
        "progress",
        "preview",
        "progress_state",
    ]
    steps = [each["data"] for each in story if each["type"] == "progress"]
    assert [(each["value"], each["max"], each["node"]) for each in steps] == [
        (1, 3, "k"),
        (2, 3, "k"),
        (3, 3, "k"),
    ]
    shots = [each for each in story if each["type"] == "preview"]
    assert [each["number"] for each in shots] == [4 if flags else 1] * 3
    assert shots[0]["data"].get("node_id") == ("k" if flags else None)
    assert Image.open(io.BytesIO(shots[0]["image"])).size == (512, 384)


def test_without_a_client_only_progress_is_told_and_to_all(talk: RawClient) -> None:
    with talk.listening() as socket:
        talk.post(said(), client_id=None)
        talk.server.wait_idle()
        told = [next_message(socket)["type"] for _ in range(5)]
    assert told == ["status", "status", "progress_state", "progress_state", "status"]


def test_a_client_that_comes_back_hears_where_it_is(talk: RawClient) -> None:
    talk.server.pause("LoadImage")
    with talk.listening():
        talk.posted(shown(last=node("LoadImage", image="a.png")))
        talk.server.wait_held()
    with talk.listening() as socket:
        assert next_message(socket) == {"type": "executing", "data": {"node": "last"}}
        talk.server.resume()
        assert kinds(until_end(socket))[-1] == "executing None"


@pytest.mark.parametrize("is_forgetful", [True, False])
def test_an_old_connection_takes_the_new_one_with_it(is_forgetful: bool) -> None:
    with (
        raw_client(is_forgetful=is_forgetful) as talk,
        talk.listening() as old,
        talk.listening() as new,
    ):
        old.close()
        talk.server.wait_for("GET", "/ws")
        talk.done(said())
        if is_forgetful:
            with pytest.raises(TimeoutError):
                new.recv(timeout=0.1)
        else:
            assert kinds(until_end(new))[-1] == "executing None"
