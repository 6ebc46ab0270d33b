"""Pictures that were looked at are kept: in memory, on disk, in half precision, within a budget."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.jobs.operations import Decode, Encode, NotEncoded
from engine.local.embedding_cache import VARIABLE, Embeddings
from engine.local.nets.segment.segmenter import decoded
from engine.local.segmenter import answer
from tests.engine.local.nets.sam3_cases import MODEL, Job

PIXELS = np.zeros((4, 4, 3), np.uint8)


class Kept:
    def __init__(self, values: torch.Tensor) -> None:
        self.values = values

    @property
    def nbytes(self) -> int:
        return self.values.nbytes

    def stored(self):
        return {"values": self.values.half().numpy()}


class Eyes:
    """A segmenter that counts how often it looks."""

    size_px = 4

    def __init__(self) -> None:
        self.looked = 0

    def encode(self, pixels, job) -> Kept:
        self.looked += 1
        return Kept(torch.full((1000,), 0.1 + pixels.mean()))

    def restored(self, arrays) -> Kept:
        if arrays["values"].shape != (1000,):
            raise ValueError("not mine")
        return Kept(torch.tensor(arrays["values"]).float())

    def decode(self, embedding: Kept, request):
        value = embedding.values[0]
        return decoded(value.view(1, 1, 1, 1, 1), value.view(1, 1, 1))

    def search(self, embedding, request, job):
        raise AssertionError


def encode(key: str, pixels=PIXELS, model=MODEL) -> Encode:
    return Encode(model=model, key=key, pixels=pixels)


def decode(key: str, model=MODEL) -> Decode:
    return Decode(
        model=model, key=key, points=np.zeros((1, 2), np.float32), labels=np.ones(1, np.int64)
    )


def test_a_picture_is_looked_at_once():
    eyes, kept = Eyes(), Embeddings()
    assert answer(eyes, encode("a"), kept, Job()) is None
    answer(eyes, encode("a"), kept, Job())
    answer(eyes, encode("a", None), kept, Job())
    assert answer(eyes, decode("a"), kept, Job()).scores[0] == pytest.approx(0.1)
    assert eyes.looked == 1


def test_what_was_never_seen_has_to_be_sent():
    with pytest.raises(NotEncoded):
        answer(Eyes(), encode("a", None), Embeddings(), Job())
    with pytest.raises(NotEncoded):
        answer(Eyes(), decode("a"), Embeddings(), Job())


def test_memory_is_given_back_by_what_was_unused_longest():
    eyes, kept = Eyes(), Embeddings(memory=9000)  # two of 4000 bytes
    for key in ("a", "b"):
        answer(eyes, encode(key), kept, Job())
    answer(eyes, decode("a"), kept, Job())
    answer(eyes, encode("c"), kept, Job())
    answer(eyes, decode("a"), kept, Job())
    with pytest.raises(NotEncoded):
        answer(eyes, decode("b"), kept, Job())
    kept.clear()
    with pytest.raises(NotEncoded):
        answer(eyes, decode("a"), kept, Job())


def test_the_last_one_stays_however_large():
    eyes, kept = Eyes(), Embeddings(memory=1)
    answer(eyes, encode("a"), kept, Job())
    assert answer(eyes, decode("a"), kept, Job()) is not None


def test_the_next_start_finds_it_on_disk_in_half(tmp_path: Path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    eyes = Eyes()
    answer(eyes, encode("a"), Embeddings(), Job())
    (file,) = (tmp_path / "embeddings").iterdir()
    assert file.stat().st_size < 2200
    again = answer(eyes, decode("a"), Embeddings(), Job())
    assert again.scores[0] == np.float16(0.1)
    assert eyes.looked == 1


def test_another_model_or_file_sees_for_itself(tmp_path: Path):
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"1")
    model, eyes = replace(MODEL, path=weights), Eyes()
    folder = tmp_path / "cache"
    answer(eyes, encode("a", model=model), Embeddings(folder), Job())
    answer(eyes, decode("a", model), Embeddings(folder), Job())
    answer(eyes, decode("a", replace(model, name="renamed")), Embeddings(folder), Job())
    with pytest.raises(NotEncoded):
        answer(eyes, decode("a"), Embeddings(folder), Job())
    weights.write_bytes(b"12")
    with pytest.raises(NotEncoded):
        answer(eyes, decode("a", model), Embeddings(folder), Job())


@pytest.mark.parametrize("damage", ["empty", "cut", "noise", "foreign"])
def test_a_damaged_file_is_not_there(tmp_path: Path, damage: str):
    eyes = Eyes()
    answer(eyes, encode("a"), Embeddings(tmp_path), Job())
    (file,) = tmp_path.iterdir()
    good = file.read_bytes()
    broken = {
        "empty": b"",
        "cut": good[:-10],
        "noise": bytes(range(256)) * 9,
        "foreign": good.replace(b"[1000]", b"[2,500]").replace(b"values", b"others"),
    }
    file.write_bytes(broken[damage])
    with pytest.raises(NotEncoded):
        answer(eyes, decode("a"), Embeddings(tmp_path), Job())
    answer(eyes, encode("a"), Embeddings(tmp_path), Job())
    assert eyes.looked == 2
    assert file.read_bytes() == good


def test_the_disk_budget_drops_what_was_unused_longest(tmp_path: Path):
    eyes = Eyes()
    kept = Embeddings(tmp_path, disk=4500)  # two of about 2100 bytes
    ages = {}
    for age, key in ((300, "a"), (200, "b")):
        before = set(tmp_path.iterdir())
        answer(eyes, encode(key), kept, Job())
        (ages[key],) = set(tmp_path.iterdir()) - before
        stamp = ages[key].stat().st_mtime - age
        os.utime(ages[key], (stamp, stamp))
    answer(eyes, decode("a"), Embeddings(tmp_path), Job())  # used: b is the oldest now
    answer(eyes, encode("c"), kept, Job())
    left = set(tmp_path.iterdir())
    assert ages["a"] in left
    assert ages["b"] not in left
    assert len(left) == 2


def test_a_folder_that_cannot_be_written_does_no_harm(tmp_path: Path):
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    eyes, kept = Eyes(), Embeddings(blocked / "cache")
    answer(eyes, encode("a"), kept, Job())
    assert answer(eyes, decode("a"), kept, Job()) is not None
