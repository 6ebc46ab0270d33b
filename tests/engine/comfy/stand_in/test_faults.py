"""The stand-in fails as servers were seen to fail, and only when it is told to."""

import asyncio
import json
import ssl
import threading
import time

import httpx2
import numpy as np
import pytest
from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import ConnectionClosedError, InvalidStatus
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
from tests.engine.comfy.stand_in import faults
from tests.engine.comfy.stand_in.server import StandIn

GREY = np.full((24, 32, 3), 128, np.uint8)
FILE = {"filename": "a.png", "type": "input"}


@pytest.fixture
def talk():
    with raw_client() as talk:
        talk.upload("a.png", GREY)
        yield talk


@pytest.mark.parametrize(
    ("action", "status", "start", "kind"),
    [
        (faults.starting(), 502, "<!DOCTYPE html>", "text/html"),
        (faults.starting(200), 200, "<!DOCTYPE html>", "text/html"),
        (faults.too_large(), 413, "<html>", "text/html"),
        (faults.not_comfy(), 200, "<html>", "text/html"),
        (faults.denied(403), 403, "", "text/html"),
        (faults.wants_https(), 400, "Client sent an HTTP request to an HTTPS", "text/plain"),
        (faults.redirected("http://elsewhere.example/"), 302, "", "text/html"),
    ],
)
def test_something_else_answers_once(
    talk: RawClient, action: faults.Action, status: int, start: str, kind: str
) -> None:
    fault = talk.server.faults.on("/system_stats", action)
    answer = talk.http.get("/system_stats")
    assert answer.status_code == status
    assert answer.text.startswith(start)
    assert answer.headers["content-type"].startswith(kind)
    assert ("x-portal-placeholder" in answer.headers) == ("instance" in answer.text)
    assert talk.http.get("/system_stats").json()["system"]
    assert fault.hits == 1


def test_a_fault_stays_until_it_is_taken_back(talk: RawClient) -> None:
    talk.server.faults.on("/", faults.denied(), times=None)
    for path in ("/queue", "/api/queue", "/models"):
        answer = talk.http.get(path)
        assert (answer.status_code, answer.content) == (401, b"")
        assert answer.headers["www-authenticate"].startswith("Basic")
    talk.server.faults.clear()
    assert talk.http.get("/queue").status_code == 200


def test_the_line_is_cut_before_anything_is_done(talk: RawClient) -> None:
    talk.server.faults.on("/prompt", faults.dropped(), method="POST")
    with pytest.raises(httpx2.TransportError):
        talk.post(said())
    assert talk.server.queue.history == {}
    assert talk.server.wait_for("POST", "/prompt")[0].status == 0
    assert talk.done(said())["status"]["completed"]


def test_the_answer_is_lost_and_the_job_is_not(talk: RawClient) -> None:
    job = "6a4ed0e0-6f3f-4a4e-9d54-0f8a4c3d2b10"
    talk.server.faults.on("/prompt", faults.lost_answer())
    with pytest.raises(httpx2.TransportError):
        talk.post(said(), prompt_id=job)
    talk.server.wait_idle()
    assert talk.history(job)["status"]["completed"]


def test_a_connection_is_cut_as_it_is_used_again(talk: RawClient) -> None:
    talk.server.faults.on("/", faults.dropped_when_reused(), times=None)
    with httpx2.Client(base_url=talk.server.url, trust_env=False) as http:
        assert http.get("/queue").status_code == 200
        with pytest.raises(httpx2.TransportError):
            http.get("/queue")
        assert http.get("/queue").status_code == 200


def test_a_body_is_cut_in_the_middle(talk: RawClient) -> None:
    talk.server.faults.on("/view", faults.cut_in_body())
    with pytest.raises(httpx2.RemoteProtocolError):
        talk.http.get("/view", params=FILE)
    assert talk.http.get("/view", params=FILE).content == png(GREY)


def test_a_body_is_shorter_or_another_one(talk: RawClient) -> None:
    whole = png(GREY)
    talk.server.faults.on("/view", faults.shortened())
    talk.server.faults.on("/view", faults.replaced(b"other"))
    assert talk.http.get("/view", params=FILE).content == whole[: len(whole) // 2]
    assert talk.http.get("/view", params=FILE).content == b"other"


def test_an_upload_is_stored_in_half(talk: RawClient) -> None:
    talk.server.faults.truncates_uploads = True
    assert talk.upload("b.png", GREY).json()["name"] == "b.png"
    head = talk.http.head("/view", params={**FILE, "filename": "b.png"})
    assert int(head.headers["content-length"]) == len(png(GREY)) // 2


def test_a_slow_answer_comes_late(talk: RawClient) -> None:
    talk.server.faults.on("/object_info", faults.slow(0.2))
    with pytest.raises(httpx2.ReadTimeout):
        talk.http.get("/object_info", timeout=0.05)


def test_a_part_of_the_graph_is_called_wrong_and_the_job_runs(talk: RawClient) -> None:
    talk.server.faults.on("/prompt", faults.node_errors({"say": {"errors": []}}))
    answer = talk.post(said())
    assert answer.status_code == 200
    assert answer.json()["node_errors"] == {"say": {"errors": []}}
    talk.server.wait_idle()
    assert talk.history(answer.json()["prompt_id"])


def test_the_socket_is_refused_while_requests_work(talk: RawClient) -> None:
    talk.server.faults.on("/ws", faults.denied(403), times=None)
    with pytest.raises(InvalidStatus), talk.listening():
        pass
    assert talk.done(said())["status"]["completed"]


def test_a_socket_goes_deaf_and_stays_open(talk: RawClient) -> None:
    with talk.listening() as socket:
        talk.server.deafen()
        assert talk.done(said())["status"]["completed"]
        with pytest.raises(TimeoutError):
            socket.recv(timeout=0.1)
        assert socket.ping().wait(5.0)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (faults.ORDINARY, "RuntimeError"),
        (faults.OUT_OF_MEMORY, "torch.OutOfMemoryError"),
        (faults.UNIDENTIFIED, "PIL.UnidentifiedImageError"),
        (faults.BAD_MODEL, "safetensors_rust.SafetensorError"),
    ],
)
def test_a_node_fails_as_it_runs(talk: RawClient, error: Exception, kind: str) -> None:
    talk.server.faults.on_node("VAEEncode", error)
    with talk.listening() as socket:
        job = talk.posted(sampling())
        story = until_end(socket)
    told = story[-3]["data"]
    assert kinds(story)[-3:] == ["execution_error", "status 0", "executing None"]
    assert told["exception_type"] == kind
    assert told["exception_message"] == str(error)
    assert (told["node_id"], told["node_type"]) == ("e", "VAEEncode")
    assert {"ck", "i"} <= set(told["executed"])
    assert talk.history(job)["status"]["messages"][-1] == ["execution_error", told]
    assert talk.http.get(f"/api/jobs/{job}").json()["status"] == "failed"
    assert talk.done(sampling())["status"]["completed"]


def test_somebody_else_stops_the_job(talk: RawClient) -> None:
    talk.server.faults.on_node("KSampler", faults.INTERRUPTED)
    with talk.listening() as socket:
        talk.posted(sampling())
        assert kinds(until_end(socket))[-3] == "execution_interrupted"
    talk.server.pause("KSampler", step=1)
    job = talk.posted(sampling(seed=2))
    talk.server.wait_held()
    talk.server.interrupt()
    talk.server.wait_idle()
    assert talk.history(job)["status"]["status_str"] == "error"


def test_history_comes_later_than_success(talk: RawClient) -> None:
    talk.server.pause("history")
    with talk.listening() as socket:
        job = talk.posted(said())
        while next_message(socket)["type"] != "execution_success":
            pass
        talk.server.wait_held()
        assert talk.history(job) == {}
        assert talk.http.get("/queue").json()["queue_running"][0][1] == job
        talk.server.resume()
        until_end(socket)
    assert talk.history(job)["status"]["completed"]


def test_history_comes_later_by_itself(talk: RawClient) -> None:
    talk.server.faults.late_history_s = 0.15
    start = time.monotonic()
    assert talk.done(said())["status"]["completed"]
    assert time.monotonic() - start >= 0.15


def test_result_files_are_gone_and_nodes_are_remembered(talk: RawClient) -> None:
    graph = shown(last=node("LoadImage", image="a.png"))
    file = talk.done(graph)["outputs"]["out"]["images"][0]
    talk.server.wipe_temp()
    assert talk.http.get("/view", params=file).status_code == 404
    assert talk.done(graph)["outputs"]["out"]["images"][0] == file
    talk.server.forget()
    assert talk.http.get("/view", params=talk.done(graph)["outputs"]["out"]["images"][0])


def test_a_server_dies_in_the_middle_of_a_job(talk: RawClient) -> None:
    talk.server.faults.on_node("KSampler", talk.server.die)
    with talk.listening() as socket:
        job = talk.posted(sampling())
        with pytest.raises(ConnectionClosedError):
            until_end(socket)
    with pytest.raises(httpx2.TransportError):
        talk.http.get("/queue")
    talk.server.start()
    assert talk.history(job) == {}
    assert talk.done(sampling())["status"]["completed"]


def test_a_server_comes_back_without_the_job(talk: RawClient) -> None:
    talk.server.faults.on_node("KSampler", talk.server.restart_soon)
    with talk.listening() as socket:
        job = talk.posted(sampling())
        with pytest.raises(ConnectionClosedError):
            until_end(socket)
    talk.server.wait_back()
    queue = talk.http.get("/queue").json()
    assert queue == {"queue_running": [], "queue_pending": []}
    assert talk.history(job) == {}


def test_others_wait_in_front(talk: RawClient) -> None:
    talk.server.pause("start")
    theirs = talk.server.queue_foreign(2)
    talk.server.wait_held()
    with talk.listening() as socket:
        job = talk.posted(said())
        assert kinds([next_message(socket)]) == ["status 3"]
        queue = talk.http.get("/queue").json()
        assert [row[1] for row in queue["queue_pending"]] == [theirs[1], job]
        talk.server.resume()
        story = until_end(socket)
    assert not {each["data"].get("prompt_id") for each in story} & set(theirs)


def test_a_prefix_is_a_part_of_every_path() -> None:
    with raw_client(prefix="/x") as talk:
        assert talk.server.url.endswith("/x")
        assert talk.done(said())["status"]["completed"]
        assert talk.server.calls("POST", "/prompt")
        bare = httpx2.get(talk.server.url.removesuffix("/x") + "/queue", trust_env=False)
        assert bare.status_code == 404
        with talk.listening() as socket:
            talk.posted(said("again"))
            until_end(socket)


@pytest.mark.parametrize(
    "headers",
    [{"Authorization": "Bearer secret"}, {"Authorization": "Basic dmFzdGFpOnNlY3JldA=="}],
)
def test_a_token_is_asked_for(headers: dict[str, str]) -> None:
    with raw_client(token="secret") as talk:
        assert talk.http.get("/queue").status_code == 401
        assert talk.http.get("/queue", headers={"Authorization": "Bearer x"}).status_code == 401
        assert talk.http.get("/queue", headers=headers).status_code == 200
        with pytest.raises(InvalidStatus) as refused:
            connect(talk.server.ws_url)
        assert refused.value.response.status_code == 401
        with connect(talk.server.ws_url, additional_headers=headers) as socket:
            assert next_message(socket)["type"] == "status"


def test_headers_of_ones_own_are_asked_for() -> None:
    with raw_client(needs_headers={"X-Key": "v"}) as talk:
        assert talk.http.get("/queue").status_code == 401
        assert talk.http.get("/queue", headers={"x-key": "v"}).status_code == 200


def test_pages_of_other_hosts_are_refused(talk: RawClient) -> None:
    assert talk.http.get("/queue", headers={"Origin": "http://else.example"}).status_code == 403
    own = talk.server.url
    assert talk.http.get("/queue", headers={"Origin": own}).status_code == 200


@pytest.mark.parametrize(
    ("kind", "trusts", "words"),
    [
        ("signed", True, ""),
        ("signed", False, "unable to get local issuer"),
        ("self_signed", True, ""),
        ("self_signed", False, "self-signed"),
        ("wrong_name", True, "IP address mismatch"),
    ],
)
def test_certificates_are_right_or_wrong(kind: str, trusts: bool, words: str) -> None:
    with StandIn(tls=kind) as server:
        context = ssl.create_default_context(cafile=str(server.ca_file) if trusts else None)
        with httpx2.Client(base_url=server.url, verify=context, trust_env=False) as http:
            if words:
                with pytest.raises(httpx2.ConnectError, match=words):
                    http.get("/queue")
            else:
                assert http.get("/queue").status_code == 200
                first = asyncio.run(first_heard(f"{server.ws_url}?clientId=a", context))
                assert json.loads(first)["data"]["sid"] == "a"
        assert len(server.fingerprint.split(":")) == 32


async def first_heard(url: str, context: ssl.SSLContext) -> str | bytes:
    """On one thread: before Python 3.13 two that read and write by TLS may lose what is written."""
    async with connect_async(url, ssl=context) as socket:
        return await socket.recv()


def test_nothing_is_left_behind() -> None:
    before = set(threading.enumerate())
    with raw_client() as talk, talk.listening():
        root = talk.server.root
        talk.server.pause("PreviewAny")
        talk.posted(said())
        talk.server.wait_held()
    assert set(threading.enumerate()) == before
    assert not root.exists()
