import contextlib
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.comfy.errors import WorkflowError, WorkflowUnreadable
from engine.workflow.format.bounded_json import MAX_BYTES, MAX_NODES
from engine.workflow.format.reader import read_workflow
from engine.workflow.format.to_api import to_api
from engine.workflow.format.ui_graph import Workflow
from tests.engine.workflow.sheets import box, loads, nodes, scales, sheet, shows

GRAPH: dict[str, Any] = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "é.png"}, "_meta": {"title": "Photo"}},
    "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
}
SHEET = sheet(
    loads(1),
    scales(2, 1),
    shows(3, 2),
    links=[[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"]],
)


def reason(source: Any) -> str:
    content = source if isinstance(source, bytes | Path) else json.dumps(source).encode()
    with pytest.raises(WorkflowUnreadable) as caught:
        read_workflow(content)
    return caught.value.reason


def test_the_two_forms_are_told_apart(tmp_path: Path):
    (tmp_path / "graph.json").write_text(json.dumps(GRAPH))
    assert read_workflow(tmp_path / "graph.json") == GRAPH
    assert isinstance(read_workflow(json.dumps(SHEET).encode()), Workflow)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_of_windows_are_read(encoding: str):
    assert read_workflow(json.dumps(GRAPH, ensure_ascii=False).encode(encoding)) == GRAPH


def test_what_else_a_node_holds_is_left_out():
    node = {"class_type": "X", "inputs": {}, "is_changed": [float("nan")], "extra": 1}
    assert read_workflow(json.dumps({"1": node}).encode()) == {
        "1": {"class_type": "X", "inputs": {}}
    }


def test_seeds_stay_exact_and_numbers_that_are_none_become_null():
    inputs = '{"seed": 18446744073709551615, "a": NaN, "b": -Infinity}'
    found = read_workflow(f'{{"1": {{"class_type": "X", "inputs": {inputs}}}}}'.encode())
    assert isinstance(found, dict)
    assert found["1"]["inputs"] == {"seed": 18446744073709551615, "a": None, "b": None}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"", "format"),
        (b"hello", "format"),
        (b"\x00\x01\x02\x03" * 9, "format"),
        (b'{"nodes": [', "damaged"),
        ([], "format"),
        (5, "format"),
        ({"a": 1}, "format"),
        ({}, "empty"),
        ({"nodes": []}, "empty"),
        ({"nodes": [], "links": "x"}, "empty"),
        ({"nodes": [5]}, "damaged"),
        ({"nodes": [{"id": 1}]}, "damaged"),
        ({"nodes": [{"id": True, "type": "X"}]}, "damaged"),
        ({"nodes": [{"id": 1, "type": 5}]}, "damaged"),
        ({"nodes": [box(1, "X"), box(1, "X")]}, "damaged"),
        ({"nodes": [box(1, "X"), box("1", "X")]}, "damaged"),
        ({"nodes": [box(1, "X")], "links": [[1, 2]]}, "damaged"),
        ({"nodes": [box(1, "X")], "links": [["a", 1, 0, 2, 0]]}, "damaged"),
        ({"nodes": [box(1, "X")], "links": [[1, 1, -1, 2, 0]]}, "damaged"),
        ({"nodes": [box(1, "X")], "links": [{"id": 1}]}, "damaged"),
        ({"1": {"class_type": 5}}, "damaged"),
        ({"1": {"class_type": "X", "inputs": []}}, "damaged"),
        ({"1": {"class_type": "X"}, "2": 5}, "damaged"),
        ({"1": {"class_type": "X", "inputs": {"a": ["9", 0]}}}, "link"),
        ({"1": {"class_type": "X", "inputs": {"a": ["1", 0]}}}, "cycle"),
        ({"nodes": [box(n, "X") for n in range(MAX_NODES + 1)]}, "large"),
        ({str(n): {"class_type": "X"} for n in range(MAX_NODES + 1)}, "large"),
        (b'{"nodes": ' + b"[" * 100_000, "damaged"),
        (b'{"a": ' * 70 + b"1" + b"}" * 70, "damaged"),
        (b'{"1": {"class_type": "X", "inputs": {"a": ' + b"9" * 5000 + b"}}}", "damaged"),
        (b'{"1": {"class_type": "X", "inputs": {"a": 1e999}}}', "damaged"),
        (b'{"1": {"class_type": "X", "inputs": {"a": "\\ud800"}}}', "damaged"),
    ],
)
def test_every_broken_file_has_its_reason(source: Any, expected: str):
    assert reason(source) == expected


def test_a_file_that_is_too_large_is_not_loaded(tmp_path: Path):
    with (tmp_path / "huge.json").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert reason(tmp_path / "huge.json") == "large"


def test_a_file_that_is_not_there_is_told_with_the_systems_words(tmp_path: Path):
    with pytest.raises(WorkflowUnreadable) as caught:
        read_workflow(tmp_path / "none.json")
    assert (caught.value.reason, caught.value.path) == ("file", tmp_path / "none.json")
    assert caught.value.detail


# --- pictures


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*texts: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(texts) + chunk(b"IEND", b"")


def plain(key: str, content: Any) -> bytes:
    return chunk(b"tEXt", key.encode() + b"\0" + json.dumps(content).encode())


def test_a_picture_gives_what_really_ran():
    assert read_workflow(png(plain("workflow", SHEET), plain("prompt", GRAPH))) == GRAPH


def test_a_picture_with_the_windows_form_alone_gives_that():
    assert isinstance(read_workflow(png(plain("workflow", SHEET))), Workflow)


@pytest.mark.parametrize("other", ["a photo of a dog", {}, {"1": {"class_type": 5}}])
def test_a_prompt_that_is_something_else_is_passed_over(other: Any):
    assert isinstance(
        read_workflow(png(plain("prompt", other), plain("workflow", SHEET))), Workflow
    )


def test_packed_and_international_text_is_read():
    words = json.dumps(GRAPH, ensure_ascii=False).encode()
    packed = chunk(b"zTXt", b"prompt\0\0" + zlib.compress(words))
    international = chunk(b"iTXt", b"prompt\0\0\0\0\0" + words)
    as_utf8 = chunk(b"tEXt", b"prompt\0" + words)
    assert (
        read_workflow(png(packed))
        == read_workflow(png(international))
        == read_workflow(png(as_utf8))
        == GRAPH
    )


def exif(*texts: str) -> bytes:
    """ASCII fields 0x010f, 0x0110... after each other."""
    at, table, tail = 8 + 2 + 12 * len(texts) + 4, b"", b""
    for tag, text in enumerate(texts, 0x010F):
        body = text.encode() + b"\0"
        table += struct.pack("<HHII", tag, 2, len(body), at + len(tail))
        tail += body + bytes(len(body) % 2)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(texts)) + table + bytes(4) + tail


def webp(block: bytes) -> bytes:
    parts = b"VP8X" + struct.pack("<I", 10) + b"\x08" + bytes(9)
    parts += b"EXIF" + struct.pack("<I", len(block)) + block + bytes(len(block) % 2)
    return b"RIFF" + struct.pack("<I", len(parts) + 4) + b"WEBP" + parts


def jpeg(block: bytes) -> bytes:
    body = b"Exif\0\0" + block
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, 6, 8, 1) + b"\1\x11\0"
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(body) + 2) + body + frame + b"\xff\xda\0\x02"


@pytest.mark.parametrize("picture", [webp, jpeg])
def test_exif_holds_both_forms(picture: Any):
    both = [f"Workflow:{json.dumps(SHEET)}", f"Prompt:{json.dumps(GRAPH, ensure_ascii=False)}"]
    assert read_workflow(picture(exif(*both))) == GRAPH
    assert isinstance(read_workflow(picture(exif(both[0]))), Workflow)


@pytest.mark.parametrize(
    "picture", [png(), png(plain("parameters", "x")), webp(exif("a:b")), jpeg(exif())]
)
def test_a_picture_without_one_says_so(picture: bytes):
    assert reason(picture) == "none"


@pytest.mark.parametrize(
    "picture",
    [
        png(plain("prompt", GRAPH))[:-20],
        png(chunk(b"zTXt", b"prompt\0\0abcdef")),
        png(chunk(b"tEXt", b"prompt\0{")),
        webp(b"II*\0\x99\0\0\0"),
        jpeg(b"XX"),
        b"\xff\xd8\xff",
        b"RIFF\0\0\0\0WEBP",
    ],
)
def test_a_broken_picture_says_so(picture: bytes):
    assert reason(picture) in ("damaged", "none")


# --- strangers

_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 9),
    st.floats(),
    st.sampled_from(["", "1", "LoadImage"]),
)
_KEYS = st.sampled_from([
    "id", "type", "nodes", "links", "inputs", "outputs", "widgets_values", "name", "link", "widget",
    "mode", "properties", "class_type", "definitions", "subgraphs", "proxyWidgets", "_meta",
    "title", "1", "2",
])  # fmt: skip
_JSON = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=6)
)


@given(st.data())
def test_nothing_but_our_errors_comes_out_of_a_stranger_file(data: st.DataObject):
    file = json.loads(json.dumps(data.draw(st.sampled_from([SHEET, GRAPH]))))
    _disturb(file, data)
    with contextlib.suppress(WorkflowError):
        to_api(read_workflow(json.dumps(file).encode()), nodes())


def _disturb(file: Any, data: st.DataObject) -> None:
    """Replace something, somewhere below."""
    while True:
        keys = list(file) if isinstance(file, dict) else list(range(len(file)))
        key = data.draw(st.sampled_from(keys))
        is_leaf = not isinstance(file[key], dict | list) or not file[key]
        if is_leaf or data.draw(st.booleans()):
            file[key] = data.draw(_JSON)
            return
        file = file[key]
