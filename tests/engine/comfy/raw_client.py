"""A client of a stand-in server by httpx2 and websockets alone, without any code under test."""

import io
import json
import struct
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import numpy as np
from PIL import Image
from websockets.sync.client import ClientConnection, connect

from tests.engine.comfy.stand_in.server import StandIn

Node = dict[str, Any]
Message = dict[str, Any]
TIMEOUT_S = 5.0


def png(pixels: np.ndarray) -> bytes:
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "PNG")
    return packed.getvalue()


def pixels_of(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)))


def node(kind: str, **inputs: Any) -> Node:
    return {"class_type": kind, "inputs": inputs}


def said(text: str = "hello") -> dict[str, Node]:
    """The smallest graph that does something."""
    return {"say": node("PreviewAny", source=text)}


def shown(**graph: Node) -> dict[str, Node]:
    """A graph whose node `last` gives a picture."""
    return {**graph, "out": node("PreviewImage", images=["last", 0])}


def found(image: str, threshold: float = 0.2, link: str = "sam3_model_config") -> Node:
    values = {link: ["sam", 0], "image": [image, 0], "confidence_threshold": threshold}
    return node("SAM3Grounding", **values, text_prompt="thing", max_detections=-1)


def blobs() -> np.ndarray:
    """A larger and a smaller bright thing on black, 60 x 80."""
    image = np.zeros((60, 80, 3), np.uint8)
    image[10:30, 10:40] = 255
    image[40:50, 60:70] = 255
    return image


def sampling(steps: int = 3, seed: int = 1) -> dict[str, Node]:
    """A graph that paints over `a.png`: loaders, `k` with its steps, `out`."""
    return shown(
        i=node("LoadImage", image="a.png"),
        ck=node("CheckpointLoaderSimple", ckpt_name="sd-v1-5-inpainting.safetensors"),
        p=node("CLIPTextEncode", text="a dog", clip=["ck", 1]),
        e=node("VAEEncode", pixels=["i", 0], vae=["ck", 2]),
        k=node(
            "KSampler",
            model=["ck", 0],
            seed=seed,
            steps=steps,
            cfg=8.0,
            sampler_name="euler",
            scheduler="normal",
            positive=["p", 0],
            negative=["p", 0],
            latent_image=["e", 0],
            denoise=1.0,
        ),
        last=node("VAEDecode", samples=["k", 0], vae=["ck", 2]),
    )


class RawClient:
    """One person at a server: requests, one socket, and jobs from post to picture."""

    def __init__(self, server: StandIn) -> None:
        self.server, self.id = server, str(uuid.uuid4())
        self.http = httpx2.Client(base_url=server.url, trust_env=False, timeout=TIMEOUT_S)

    def upload(self, name: str, content: bytes | np.ndarray, **fields: str) -> httpx2.Response:
        body = content if isinstance(content, bytes) else png(content)
        return self.http.post(
            "/upload/image", data=fields, files={"image": (name, body, "image/png")}
        )

    def post(self, graph: dict[str, Node], **more: Any) -> httpx2.Response:
        body = {"prompt": graph, "client_id": self.id, "prompt_id": str(uuid.uuid4()), **more}
        return self.http.post("/prompt", json=body)

    def posted(self, graph: dict[str, Node], **more: Any) -> str:
        answer = self.post(graph, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()["prompt_id"]

    def history(self, job: str) -> dict[str, Any]:
        return self.http.get(f"/history/{job}").json().get(job, {})

    def done(self, graph: dict[str, Node], **more: Any) -> dict[str, Any]:
        """Its entry in the history, once it is there."""
        job = self.posted(graph, **more)
        self.server.wait_idle()
        return self.history(job)

    def pictures(self, graph: dict[str, Node], name: str = "out") -> list[np.ndarray]:
        entry = self.done(graph)
        assert entry["status"]["status_str"] == "success", entry["status"]
        return [pixels_of(self.fetched(each)) for each in entry["outputs"][name]["images"]]

    def fetched(self, file: dict[str, str]) -> bytes:
        return self.http.get("/view", params=file).raise_for_status().content

    @contextmanager
    def listening(self, *, flags: bool = False) -> Iterator[ClientConnection]:
        url = f"{self.server.ws_url}?clientId={self.id}"
        with connect(url, max_size=None, close_timeout=1.0) as socket:
            assert next_message(socket)["type"] == "status"
            if flags:
                wish = {"supports_preview_metadata": True}
                socket.send(json.dumps({"type": "feature_flags", "data": wish}))
                assert next_message(socket)["type"] == "feature_flags"
            yield socket


@contextmanager
def raw_client(**how: Any) -> Iterator[RawClient]:
    with StandIn(**how) as server:
        talk = RawClient(server)
        with talk.http:
            yield talk


def next_message(socket: ClientConnection) -> Message:
    """The next message; a preview as one of type `preview` with its number and its content."""
    message = socket.recv(timeout=TIMEOUT_S)
    if isinstance(message, str):
        return json.loads(message)
    number, of = struct.unpack_from(">II", message)
    facts = json.loads(message[8 : 8 + of]) if number == 4 else {"format": of}
    image = message[8 + of if number == 4 else 8 :]
    return {"type": "preview", "number": number, "data": facts, "image": image}


def until_end(socket: ClientConnection) -> list[Message]:
    """All up to `executing` of no node, without what went to everybody."""
    messages: list[Message] = []
    while True:
        message = next_message(socket)
        messages.append(message)
        if message["type"] == "executing" and message["data"]["node"] is None:
            return messages


def kinds(messages: list[Message]) -> list[str]:
    """Their types; `executing` and `executed` with the node, `status` with what is left."""
    return [kind_of(message["type"], message["data"]) for message in messages]


def kind_of(kind: str, facts: dict[str, Any]) -> str:
    match kind:
        case "executing" | "executed":
            return f"{kind} {facts['node']}"
        case "status":
            return f"status {facts['status']['exec_info']['queue_remaining']}"
        case _:
            return kind
