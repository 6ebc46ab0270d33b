"""SAM3 against the official package itself, where that is installed: tiny; full-size if asked for.

Nothing of ours needs the package; sam3_official.py beside this says what it takes to run it.
"""

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.local.nets.segment import sam3
from tests.engine.local.nets.sam3_cases import CLICKS, SEARCHES, Job, click, picture, search
from tests.engine.local.nets.sam3_official import Official, checkpoint

pytestmark = pytest.mark.oracle


@pytest.fixture(scope="module", params=["tiny", pytest.param("full", marks=[pytest.mark.full])])
def both(request, tmp_path_factory):
    pytest.importorskip("sam3")
    official = Official(tiny=request.param == "tiny")
    path: Path = tmp_path_factory.mktemp("sam3") / "sam3.pt"
    torch.save({name: t.clone() for name, t in checkpoint(official.model).items()}, path)
    ours = sam3.load(path, torch.device("cpu"), torch.float32)
    pixels = picture(official.side)
    official.look(pixels)
    return official, ours, ours.encode(pixels, Job())


def test_every_answer_is_the_official_one(both, capsys):
    """Shares of the range of each value; what was measured is printed."""
    official, ours, kept = both
    worst: dict[str, float] = {}
    best = None
    for name in CLICKS:
        request = click(name, best if name == "corrected" else None)
        answer = ours.decode(kept, request)
        logits, scores = official.click(request)
        best = logits[0] if name == "two_points" else best
        worst[name + " logits"] = _share(answer.logits, logits)
        worst[name + " scores"] = float(np.abs(answer.scores - scores).max())
    for name in SEARCHES:
        found = ours.instances(kept, search(name), Job())
        for part, values in official.search(search(name)).items():
            worst[f"{name} {part}"] = _share(getattr(found, part)[0].numpy(), values)
    with capsys.disabled():
        print("", *(f"{name}: {share:.1e}" for name, share in worst.items()), sep="\n")  # noqa: T201
    assert max(worst.values()) < 3e-5


def _share(found: np.ndarray, wanted: np.ndarray) -> float:
    return float(np.abs(found - wanted).max() / max(float(np.ptp(wanted)), 1.0))
