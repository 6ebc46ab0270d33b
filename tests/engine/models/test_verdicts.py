"""Verdicts of self-checks: kept by file and runtime, and seen by the scan."""

import os
from dataclasses import replace
from pathlib import Path

from engine.models.families import LIGHT, TORCH, Family
from engine.models.model_file import Installed, ModelFile
from engine.models.verdicts import PROBLEM, Verdict, Verdicts
from tests.support.models_at_hand import model

NOW, LATER = "onnxruntime 1.32.0", "onnxruntime 1.33.0"


def on_disk(folder: Path, family: Family) -> ModelFile:
    path = folder / f"{family.value}.bin"
    path.write_bytes(b"weights")
    return replace(model(family), path=path)


def test_a_verdict_counts_for_one_file_and_one_runtime(tmp_path: Path) -> None:
    verdicts, edge = Verdicts(tmp_path / "v.json"), on_disk(tmp_path, Family.EDGETAM)
    assert verdicts.find(edge, NOW) is None
    verdicts.note(edge, Verdict(runtime=NOW, figures={"size": 0.2}))
    found = Verdicts(tmp_path / "v.json").find(edge, NOW)
    assert found == Verdict(runtime=NOW, figures={"size": 0.2})
    assert verdicts.find(edge, LATER) is None
    edge.path.write_bytes(b"other weights")
    assert verdicts.find(edge, NOW) is None


def test_what_computes_wrongly_is_marked_and_the_rest_is_left(tmp_path: Path) -> None:
    verdicts = Verdicts(tmp_path / "v.json")
    edge, lama = on_disk(tmp_path, Family.EDGETAM), on_disk(tmp_path, Family.LAMA)
    sam3 = on_disk(tmp_path, Family.SAM3)
    for each in (edge, lama):
        verdicts.note(each, Verdict(runtime=NOW, why="click"))
    marked = verdicts.applied(Installed(models=(edge, lama, sam3)), NOW).models
    assert [each.problem for each in marked] == [PROBLEM, "", ""]
    assert [each.wrong_on for each in marked] == [(LIGHT,), (LIGHT,), ()]
    assert marked[1].runs_on == {TORCH}
    assert verdicts.find(marked[0], NOW) == Verdict(runtime=NOW, why="click")
    assert verdicts.applied(Installed(models=(edge, lama)), LATER).models == (edge, lama)


def test_a_damaged_store_counts_as_empty(tmp_path: Path) -> None:
    path = tmp_path / "v.json"
    edge = on_disk(tmp_path, Family.EDGETAM)
    for content in (b"", b"[]", b'{"verdicts": {"x": {"why": 1}}}'):
        path.write_bytes(content)
        assert Verdicts(path).find(edge, NOW) is None
        Verdicts(path).note(edge, Verdict(runtime=NOW))
        assert Verdicts(path).find(edge, NOW) is not None


def test_a_store_that_cannot_be_written_keeps_nobody(tmp_path: Path) -> None:
    edge = on_disk(tmp_path, Family.EDGETAM)
    verdicts = Verdicts(tmp_path / "no" / "folder" / "v.json")
    verdicts.note(edge, Verdict(runtime=NOW))
    assert verdicts.find(edge, NOW) is None


def test_of_two_windows_the_last_word_counts(tmp_path: Path) -> None:
    path, edge = tmp_path / "v.json", on_disk(tmp_path, Family.EDGETAM)
    one, other = Verdicts(path), Verdicts(path)
    one.note(edge, Verdict(runtime=NOW, why="size"))
    os.utime(edge.path, ns=(1, 1))
    other.note(edge, Verdict(runtime=NOW))
    assert one.find(edge, NOW) == Verdict(runtime=NOW)
