"""The answers of the official network, tiny, to compare with where the package is not at hand.

python -m tests.engine.local.nets.sam3_reference

writes sam3_reference.npz (needs the `sam3` package)

Weights are not stored: they are random by their names.
"""

import json
from pathlib import Path

import numpy as np
import torch

from tests.engine.local.nets.sam3_cases import CLICKS, SEARCHES, click, picture, search
from tests.engine.local.nets.sam3_official import TINY_SIDE, Official, checkpoint, weights

FILE = Path(__file__).with_suffix(".npz")
THINNED = 4  # of the masks that are found, every fourth row and column is stored


def tensors() -> dict[str, torch.Tensor]:
    """The tiny network in the official layout."""
    with np.load(FILE) as stored:
        layout = json.loads(str(stored["layout"]))
    return {
        name: torch.zeros(shape, dtype=torch.complex64)
        if name.endswith("freqs_cis")
        else weights(name, tuple(shape))
        for name, shape in layout.items()
    }


def _write() -> None:
    official = Official(tiny=True)
    official.look(picture(TINY_SIDE))
    layout = {name: list(t.shape) for name, t in checkpoint(official.model).items()}
    answers: dict[str, np.ndarray] = {"layout": np.array(json.dumps(layout))}
    for name in CLICKS:
        previous = answers["two_points.logits"][0] if name == "corrected" else None
        logits, scores = official.click(click(name, previous))
        answers[name + ".logits"], answers[name + ".scores"] = logits, scores
    for name in SEARCHES:
        for part, values in official.search(search(name)).items():
            thin = part == "pred_masks"
            answers[f"{name}.{part}"] = values[:, ::THINNED, ::THINNED] if thin else values
    np.savez_compressed(FILE, **answers)


if __name__ == "__main__":
    _write()
