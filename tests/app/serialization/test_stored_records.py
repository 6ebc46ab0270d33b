"""JSON of strangers: what does not fit is a ValueError that says where."""

import json
import os
from pathlib import Path

import pytest

from app.journal.log import LogFacts
from app.serialization.blobs import MAX_ITEMS
from app.serialization.document import StoredMarks
from app.serialization.painting import StoredRemoval
from engine.storage.json_records import decode, decode_with_paths, encode

MARKS = {
    "clicks": [[1, 2.5, True]],
    "box": [0, 0, 5, 5],
    "origin": "click",
    "named": [],
    "options": {"grow": 5, "soft": 0.5, "on": True, "mode": "add", "none": None},
    "applied": [1],
}


def spoilt(**changes: object) -> bytes:
    return json.dumps({**MARKS, **changes}).encode()


def test_what_is_right_comes_back() -> None:
    found = decode(spoilt(), StoredMarks)
    assert json.loads(encode(found)) == MARKS
    assert [type(value) for value in found.options.values()] == [int, float, bool, str, type(None)]


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"clicks": [[1, "2", True]]}, "$.clicks[0][1]"),
        ({"clicks": [[1, float("nan"), True]]}, ""),
        ({"clicks": [[1, float("inf"), True]]}, ""),
        ({"clicks": [[1, 10**400, True]]}, "$.clicks[0][1]"),
        ({"clicks": [[1, 2, 1]]}, "$.clicks[0][2]"),
        ({"clicks": [[1, 2, True, 4]]}, "$.clicks[0]"),
        ({"clicks": {}}, "$.clicks"),
        ({"applied": [1] * (MAX_ITEMS + 1)}, "$.applied"),
        ({"applied": [True]}, "$.applied[0]"),
        ({"applied": [1.0]}, "$.applied[0]"),
        ({"box": [0, 0, 5]}, "$.box"),
        ({"box": [0, 0, 5, 5.5]}, "$.box[3]"),
        ({"origin": None}, "$.origin"),
        ({"origin": "\ud800"}, ""),
        ({"options": {"a": []}}, "$.options[...]"),
        ({"named": [{"name": "a", "visible": True}]}, "$.named[0]"),
        ({"named": [[["[" * 90]]]}, "$.named[0]"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_path(changes: dict[str, object], where: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        decode(spoilt(**changes), StoredMarks)
    assert where in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"null", b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe", b"{} {}"]
)
def test_bytes_that_are_no_record_are_refused(content: bytes) -> None:
    for read in (decode, decode_with_paths):
        with pytest.raises(ValueError, match=r"."):
            read(content, StoredMarks)


@pytest.mark.parametrize("seed", [-1, 1.5, True, "1"])
def test_no_other_seed_is_taken(seed: object) -> None:
    content = {"seed": seed, "match": 1, "revision": 0, "holes": []}
    with pytest.raises(ValueError, match="seed"):
        decode(json.dumps(content).encode(), StoredRemoval)


def test_paths_that_are_no_utf_8_come_back() -> None:
    path = Path(os.fsdecode(b"/photos/caf\xe9.png"))
    facts = LogFacts(saved=str(path))
    assert decode_with_paths(encode(facts), LogFacts) == facts
    for number in ("NaN", "1e999", "-Infinity"):
        with pytest.raises(ValueError, match=r"number|convert"):
            decode_with_paths(b'{"edits": ' + number.encode() + b"}", LogFacts)
