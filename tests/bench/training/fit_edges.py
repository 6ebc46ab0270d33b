"""Fits the weights of engine.builtin.select.edges to outlined objects.

    python -m tests.bench.training.fit_edges FOLDER

FOLDER is what tests.bench.training.training_pictures writes. An edge is the strongest pixel within
2 px of an outline; no edge is what lies further off than 6 px, though a photo has edges there, too.
Prints the bias and, for each radius, the four weights.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pillow
from scipy.optimize import minimize

from engine.builtin.select import edges
from engine.builtin.select.edges import Floats
from engine.builtin.select.proposals import Bools
from engine.geometry import Image

PIXELS = 4000  # of each picture, at most, on and off outlines each
SHARE = 0.06  # of the pixels of a photo that are taken to be edges


def answers(image: Image) -> Floats:
    """(H, W, 12) the answers of all radii in the direction where they are strongest together."""
    lab = edges.lab_of(image)
    found = np.concatenate([_unweighted(lab, radius) for radius in edges.RADII], axis=-1)
    strongest = found.sum(-1).argmax(0)
    return np.take_along_axis(found, strongest[None, ..., None], 0)[0]


def _unweighted(lab: Floats, radius: float) -> Floats:
    """(directions, H, W, 4)"""
    units = np.eye(4, dtype=np.float32)
    parts = [np.stack(edges.half_disc_answers(lab, radius, unit)) for unit in units]
    return np.stack(parts, axis=-1)


def samples(file: Path, random: np.random.Generator) -> tuple[Floats, Floats]:
    """(n, 12) answers on outlines and (m, 12) answers far from them."""
    found = answers(edges.working_copy(np.asarray(Pillow.open(file).convert("RGB"))))
    height, width = found.shape[:2]
    png = Pillow.open(file.with_suffix(".png")).convert("L").resize((width, height))
    border = _border(np.asarray(png) > 127)
    away = cv2.distanceTransform((~border).astype(np.uint8), cv2.DIST_L2, 5)
    rows = found.reshape(-1, 12)
    on = _strongest_near(found.sum(-1), border)
    off = np.flatnonzero((away > 6).ravel())
    return rows[_drawn(on, random)], rows[_drawn(off, random)]


def _border(mask: Bools) -> Bools:
    """(H, W) pixels of a mask that touch what is outside; the frame of the picture does not."""
    inside = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return mask & ~inside


def _strongest_near(strength: Floats, border: Bools, reach: int = 2) -> np.ndarray:
    """(n,) flat index of the strongest pixel within `reach` of each border pixel."""
    padded = np.pad(strength, reach, constant_values=-1)
    span = 2 * reach + 1
    around = np.lib.stride_tricks.sliding_window_view(padded, (span, span))[border]
    best = around.reshape(len(around), -1).argmax(1)
    y, x = np.nonzero(border)
    return (y + best // span - reach) * strength.shape[1] + x + best % span - reach


def _drawn(rows: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return random.choice(rows, min(PIXELS, len(rows)), replace=False)


def fit(on: Floats, off: Floats) -> Floats:
    """(13,) bias and weights, none below 0, of the likeliest logistic model."""
    rows = np.concatenate([on, off])
    columns = np.c_[np.ones(len(rows)), rows].astype(np.float64)
    sign = np.r_[np.ones(len(on)), -np.ones(len(off))]
    share = np.r_[np.full(len(on), SHARE / len(on)), np.full(len(off), (1 - SHARE) / len(off))]

    def loss(weights: Floats) -> tuple[float, Floats]:
        margin = sign * (columns @ weights)
        slope = -sign * share / (1 + np.exp(np.clip(margin, -30, 30)))
        cost = share @ np.logaddexp(0, -margin) + 1e-4 * float(weights[1:] @ weights[1:])
        return float(cost), columns.T @ slope + 2e-4 * np.r_[0, weights[1:]]

    bounds = [(None, None)] + [(0, None)] * rows.shape[1]
    start = np.r_[-6, np.ones(rows.shape[1])]
    return np.asarray(minimize(loss, start, jac=True, bounds=bounds).x)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    random = np.random.default_rng(3)
    files = sorted(parser.parse_args().folder.glob("*.jpg"))
    both = [samples(file, random) for file in files]
    weights = fit(np.concatenate([on for on, _ in both]), np.concatenate([off for _, off in both]))
    print("bias", weights[0].round(2))
    for radius, four in zip(edges.RADII, weights[1:].reshape(3, 4)):
        print(radius, four.round(2).tolist())


if __name__ == "__main__":
    main()
