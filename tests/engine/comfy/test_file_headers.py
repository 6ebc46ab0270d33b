"""Headers of files on a server are asked for once, and never trusted."""

from collections.abc import Iterator

import pytest

from engine.comfy.protocol.file_headers import MAX_FILES, MAX_TEXT, headers
from engine.comfy.protocol.probe import probe
from engine.comfy.server.address import Server
from engine.comfy.server.transport import Transport
from engine.comfy.server_models import models_of
from engine.models.families import Family, Kind
from tests.engine.comfy.stand_in.faults import answered
from tests.engine.comfy.stand_in.server import StandIn

LONG = "0" * (MAX_TEXT + 1)


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn() as standing:
        yield standing


def test_a_lora_brings_its_words_and_its_base(server: StandIn) -> None:
    transport = Transport(Server(name="desk", url=server.url))
    snapshot = probe(transport, lambda: None)
    found = models_of(snapshot)
    tom = found.named(Kind.LORA, "tom.safetensors")
    assert tom is not None
    assert tom.family is Family.SD15
    assert tom.trigger_words
    asked = len(server.calls("GET", "/view_metadata/loras"))
    assert asked == len(snapshot.folder("loras"))
    probe(transport, lambda: None, snapshot)
    again = [each for each in server.seen if each.path.startswith("/view_metadata/loras")]
    known = {name for folder, name in snapshot.metadata if folder == "loras"}
    assert len(again) == 2 * asked - len(known)
    transport.close()


def test_odd_answers_are_left_out() -> None:
    models = {"loras": ("a.safetensors", "b.safetensors", "c.safetensors", "d.pt")}
    answers = {
        "/view_metadata/loras?filename=a.safetensors": {
            "x": "1",
            "y": 5,
            "z": "0" * (MAX_TEXT + 1),
        },
        "/view_metadata/loras?filename=b.safetensors": ["no"],
    }
    asked: list[str] = []

    def ask(path: str) -> object:
        asked.append(path)
        return answers.get(path)

    assert headers(ask, models) == {("loras", "a.safetensors"): {"x": "1"}}
    assert len(asked) == 3


def test_a_folder_of_thousands_does_not_hold_up_the_probe() -> None:
    models = {"loras": tuple(f"{n}.safetensors" for n in range(5000))}
    asked: list[str] = []
    headers(asked.append, models)
    assert len(asked) == MAX_FILES


def test_names_are_quoted() -> None:
    asked: list[str] = []
    headers(asked.append, {"loras": ("xl\\a b&c#.safetensors",)})
    assert asked == ["/view_metadata/loras?filename=xl%5Ca%20b%26c%23.safetensors"]


def test_a_file_that_the_server_stumbles_over_is_left_out(server: StandIn) -> None:
    server.faults.on("/view_metadata/loras", answered(500), times=99)
    transport = Transport(Server(name="desk", url=server.url))
    assert not [key for key in probe(transport, lambda: None).metadata if key[0] == "loras"]
    transport.close()
