"""Paintings in projects: with what they were made of, which variants share."""

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.project import project
from tests.support.documents import document, fingerprint, painting


def test_variants_of_one_painting_share_what_they_were_painted_from(tmp_path: Path):
    ours, random = document(), np.random.default_rng(3)
    first = painting(random, ours)
    assert first.request is not None
    second = replace(first, number=2, request=replace(first.request, seed=7), seed=7)
    ours.variants = (first, second)
    path = tmp_path / "a.lacuna"
    project.save(ours.lease(), path)
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith("data/variant")]
    assert len(names) == 4  # pixels, and the hole's image, mask and blend; the patch's blend is it
    back = project.load(path)
    assert fingerprint(back) == fingerprint(ours)
    one, two = (each.request for each in back.variants)
    assert one is not None
    assert two is not None
    assert one.holes[0].image is two.holes[0].image
