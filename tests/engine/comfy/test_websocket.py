"""The messages of a server's websocket, and the socket itself."""

import json
import queue
import struct
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from engine.comfy.protocol.events import (
    Message,
    NodeExecuted,
    NodeProgress,
    NodesDone,
    NodeStarted,
    PreviewImage,
    PromptEnded,
    PromptFailed,
    PromptSucceeded,
    SocketClosed,
    SocketOpened,
    read,
)
from engine.comfy.protocol.history import Failure, Interrupted, NodeAnswer, ServerImage
from engine.comfy.protocol.images import decode_preview
from engine.comfy.protocol.websocket import EventSocket
from engine.comfy.server.address import Server
from engine.comfy.server.transport import Transport
from tests.engine.comfy.job_fixtures import QUICK, WAIT_S, picture
from tests.engine.comfy.stand_in.faults import answered, denied
from tests.engine.comfy.stand_in.server import StandIn

ID = "0b0ce4a4-6a0f-4a53-8ab6-27bd3cdee0a3"


def said(kind: str, **facts: object) -> str:
    return json.dumps({"type": kind, "data": facts})


EVENTS = [
    (said("execution_cached", nodes=["a", "b"], prompt_id=ID), NodesDone(ID, ("a", "b"))),
    (said("execution_cached", nodes=[], prompt_id=ID), NodesDone(ID, ())),
    (said("executing", node="7", display_node="7", prompt_id=ID), NodeStarted(ID, "7")),
    (said("executing", node="7"), NodeStarted("", "7")),  # after a reconnection
    (said("executing", node=None, prompt_id=ID), PromptEnded(ID)),
    (said("progress", value=3, max=4, prompt_id=ID, node="7"), NodeProgress(ID, "7", 0.75)),
    (said("execution_success", prompt_id=ID, timestamp=1), PromptSucceeded(ID)),
    (said("execution_interrupted", prompt_id=ID, node_id="7"), PromptFailed(ID, Interrupted())),
    (said("status", status={"exec_info": {"queue_remaining": 1}}), None),
    (said("crystools.monitor", cpu_utilization=3), None),
    (said("progress", value=3, max=0, prompt_id=ID, node="7"), None),
    (said("progress", value="3", max=4, prompt_id=ID, node="7"), None),
    ("{", None),
    ("[]", None),
    ("[" * 100_000, None),
    (json.dumps({"type": "executing", "data": []}), PromptEnded("")),
    (b"", None),
    (struct.pack(">II", 3, 1) + b"7text", None),
    (struct.pack(">II", 4, 999) + b"{}", None),
    (struct.pack(">II", 4, 2) + b"{]image", None),
]


@pytest.mark.parametrize(("frame", "message"), EVENTS)
def test_frames_are_read(frame: str | bytes, message: Message | None) -> None:
    assert read(frame) == message


def test_finished_nodes_are_read() -> None:
    nodes = {"a": {"state": "finished"}, "b": {"state": "running"}, "c": 3}
    assert read(said("progress_state", prompt_id=ID, nodes=nodes)) == NodesDone(ID, ("a",))
    nodes["b"] = {"state": "running", "activity": "loading"}
    nodes["c"] = {"state": "running", "activity": {"kind": 5}}
    assert read(said("progress_state", prompt_id=ID, nodes=nodes)) == NodesDone(ID, ("a",), ("b",))


def test_answers_are_read_and_what_is_odd_is_left_out() -> None:
    image = {"filename": "x.png", "subfolder": "s", "type": "temp"}
    output = {"images": [image, 3, {"subfolder": "s"}], "text": ["[1]", 2]}
    message = read(said("executed", node="out", output=output, prompt_id=ID))
    assert message == NodeExecuted(
        ID, "out", NodeAnswer((ServerImage("x.png", "s", "temp"),), ("[1]",))
    )


@pytest.mark.parametrize(
    ("exception", "message", "kind"),
    [
        ("torch.OutOfMemoryError", "Allocation on device", "memory"),
        ("RuntimeError", "CUDA error: out of memory", "memory"),
        ("PIL.UnidentifiedImageError", "cannot identify image file", "upload"),
        ("safetensors_rust.SafetensorError", "header too small", "model"),
        ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied", ""),
    ],
)
def test_failures_have_kinds(exception: str, message: str, kind: str) -> None:
    facts = {"exception_type": exception, "exception_message": message, "node_type": "KSampler"}
    broke = read(said("execution_error", prompt_id=ID, **facts))
    assert isinstance(broke, PromptFailed)
    assert isinstance(broke.how, Failure)
    error = broke.how.error("lab")
    assert error.args == ("lab", "KSampler", message, kind)


def test_previews_come_with_and_without_facts() -> None:
    facts = json.dumps({"prompt_id": ID, "image_type": "image/png"}).encode()
    frames = [
        (struct.pack(">II", 1, 2) + picture(), ""),
        (struct.pack(">II", 4, len(facts)) + facts + picture(), ID),
    ]
    for frame, prompt_id in frames:
        preview = read(frame)
        assert isinstance(preview, PreviewImage)
        assert preview.prompt_id == prompt_id
        pixels = decode_preview(preview.content)
        assert pixels is not None
        assert (pixels.shape, pixels.dtype) == ((24, 32, 3), np.uint8)


def test_a_preview_that_is_broken_or_too_large_is_none() -> None:
    bomb = bytearray(picture())
    bomb[16:24] = struct.pack(">II", 60_000, 60_000)
    assert decode_preview(picture()[:60]) is None
    assert decode_preview(b"GIF89a" + bytes(20)) is None
    assert decode_preview(bytes(bomb)) is None


class Ear:
    """Takes what a socket hears."""

    def __init__(self, server: StandIn, client_id: str = "ours") -> None:
        transport = Transport(
            Server(name="lab", url=server.url), lambda: {"Authorization": "Bearer secret"}
        )
        self.messages: queue.Queue[Message] = queue.Queue()
        self.socket = EventSocket(transport, client_id, self.messages.put, QUICK)

    def next(self) -> Message:
        return self.messages.get(timeout=WAIT_S)


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn() as server:
        yield server


def test_a_socket_hears_and_ends(server: StandIn) -> None:
    ear = Ear(server)
    assert ear.next() == SocketOpened()
    server.sockets.post("executing", {"node": "7", "prompt_id": ID}, "ours")
    assert ear.next() == NodeStarted(ID, "7")
    ear.socket.close()
    assert ear.socket.join(WAIT_S)


def test_a_socket_shows_its_login() -> None:
    with StandIn(token="secret") as server:
        ear = Ear(server)
        assert ear.next() == SocketOpened()
        ear.socket.close()
        assert ear.socket.join(WAIT_S)


def test_a_socket_is_opened_again(server: StandIn) -> None:
    ear = Ear(server)
    assert ear.next() == SocketOpened()
    server.restart(empty_queue=False)
    assert ear.next() == SocketClosed()
    while (message := ear.next()) == SocketClosed():
        pass
    assert message == SocketOpened()
    ear.socket.close()
    assert ear.socket.join(WAIT_S)


@pytest.mark.parametrize("action", [denied(), answered(404), answered(200, "no socket here")])
def test_a_refused_socket_is_deaf_until_it_is_let_in(server: StandIn, action: object) -> None:
    server.faults.on("/ws", action, times=2)
    ear = Ear(server)
    assert [ear.next() for _ in range(3)] == [SocketClosed(), SocketClosed(), SocketOpened()]
    ear.socket.close()
    assert ear.socket.join(WAIT_S)


def test_waiting_for_a_socket_ends_with_the_first_word(server: StandIn) -> None:
    server.faults.on("/ws", denied(), times=None)
    ear = Ear(server)
    ear.socket.wait(lambda: None)
    assert ear.messages.get_nowait() == SocketClosed()
    ear.socket.close()
    assert ear.socket.join(WAIT_S)


def test_waiting_for_a_socket_can_be_stopped(server: StandIn) -> None:
    asked = threading.Event()

    def stop() -> None:
        asked.set()
        raise InterruptedError

    ear = Ear(server)
    with pytest.raises(InterruptedError):
        ear.socket.wait(stop)
    ear.socket.close()
    assert ear.socket.join(WAIT_S)
