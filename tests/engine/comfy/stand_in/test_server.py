"""The stand-in speaks as the measured servers do: HTTP and events, in their order."""

import io
import uuid

import httpx2
import numpy as np
import pytest
from PIL import Image
from websockets.exceptions import ConnectionClosedError
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


def test_it_says_what_it_is(talk: RawClient) -> None:
    stats = talk.http.get("/system_stats").json()
    assert stats["system"]["comfyui_version"] == "0.33.0"
    assert stats["devices"][0]["type"] == "cuda"
    assert talk.http.get("/features").json()["max_upload_size"] == 104_857_600
    assert (
        "a.png"
        in talk.http.get("/object_info").json()["LoadImage"]["input"]["required"]["image"][0]
    )
    assert list(talk.http.get("/object_info/KSampler").json()) == ["KSampler"]
    assert talk.http.get("/object_info/Nothing").json() == {}


def test_it_lists_its_models_and_what_their_headers_say(talk: RawClient) -> None:
    assert "loras" in talk.http.get("/models").json()
    assert talk.http.get("/models/vae").json() == ["ae.safetensors"]
    assert talk.http.get("/models/nothing").status_code == 404
    header = talk.http.get("/view_metadata/loras", params={"filename": "tom.safetensors"}).json()
    assert header["ss_base_model_version"] == "sd_v1"
    assert talk.http.get("/view_metadata/vae?filename=ae.safetensors").status_code == 404


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


def test_another_file_of_that_name_is_another_picture(talk: RawClient) -> None:
    graph = shown(last=node("LoadImage", image="a.png"))
    assert np.array_equal(talk.pictures(graph)[0], GREY)
    talk.upload("a.png", GREY + 9, overwrite="1")
    assert np.array_equal(talk.pictures(graph)[0], GREY + 9)


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


def test_a_job_is_not_shown_unless_it_asks(talk: RawClient) -> None:
    with talk.listening() as socket:
        talk.posted(sampling())
        assert "preview" not in kinds(until_end(socket))


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


def test_history_and_temp_are_gone_after_a_restart_and_uploads_are_not(talk: RawClient) -> None:
    port = talk.server.port
    entry = talk.done(shown(last=node("LoadImage", image="a.png")))
    job = entry["prompt"][1]
    with talk.listening() as socket:
        talk.server.kill()
        with pytest.raises(ConnectionClosedError) as closed:
            next_message(socket)
    assert closed.value.rcvd is None
    with pytest.raises(httpx2.ConnectError):
        talk.http.get("/queue")
    talk.server.start()
    assert talk.server.port == port
    assert talk.history(job) == {}
    assert talk.http.get("/view", params=entry["outputs"]["out"]["images"][0]).status_code == 404
    assert talk.done(shown(last=node("LoadImage", image="a.png")))["status"]["completed"]


def test_cut_lines_leave_the_queue_alone(talk: RawClient) -> None:
    talk.server.pause("PreviewAny")
    with talk.listening() as socket:
        job = talk.posted(said())
        talk.server.wait_held()
        talk.server.restart(empty_queue=False)
        with pytest.raises(ConnectionClosedError):
            until_end(socket)
    with talk.listening() as socket:
        talk.server.resume()
        assert kinds(until_end(socket))[-1] == "executing None"
    assert talk.history(job)["status"]["completed"]


def test_memory_is_freed_on_request(talk: RawClient) -> None:
    talk.done(said())
    assert talk.http.post("/free", json={"free_memory": True}).status_code == 200
    assert talk.done(said())["status"]["messages"][1][1]["nodes"] == []
    assert talk.http.post("/free").status_code == 500


def test_an_id_may_be_used_twice(talk: RawClient) -> None:
    job = str(uuid.uuid4())
    talk.done(said("one"), prompt_id=job)
    entry = talk.done(said("two"), prompt_id=job)
    assert entry["outputs"]["say"]["text"] == ["two"]
