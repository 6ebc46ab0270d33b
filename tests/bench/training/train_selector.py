"""Makes resources/selector.npz from a folder of photos (NAME.jpg) and masks (NAME.png).

    python -m tests.bench.training.train_selector FOLDER [--out resources/selector.npz] [--photos N]

Mask: 255 object, 0 not, 128 ignored. The photos are split into five parts; for each part nets are
fitted on the four others, and everything that a later net learns from an earlier one comes from
the part that the earlier one has not seen. The file holds all of them, averaged at run time. What
is printed is measured on the part left out. Takes some eight minutes of one core; needs numpy,
scipy, opencv, scikit-image and pillow, as the editor does.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pillow

from engine.builtin.select.box import box_patch_columns, box_region_columns, regions_in
from engine.builtin.select.click_features import ClickSpot, context_columns, patch_columns
from engine.builtin.select.decide import decide, decide_box, option_columns
from engine.builtin.select.edges import Floats
from engine.builtin.select.outline import mask_bounds
from engine.builtin.select.prepared import PreparedPicture, prepare_picture
from engine.builtin.select.proposals import Bools, options_for
from engine.builtin.select.scorer import PARTS, Net, ScorerNets, chance
from engine.geometry import Rect, Size
from tests.bench.training.fit_nets import fit_patches, fit_regions

PARTS_OF_SET = 5
CLICKS = 5
STARTS = 4
MEMBERS = 2
ROUNDS = 1


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    prepared: PreparedPicture
    truth: Bools  # on the working copy
    valid: Bools
    inside: Floats  # (n,) object pixels of each patch
    known: Floats  # (n,) pixels that are not ignored
    part: int

    def overlap(self, masks: Bools) -> Floats:
        """IoU of regions over patches with the object."""
        common = masks @ self.inside
        return common / np.maximum(masks @ self.known + self.inside.sum() - common, 1)


@dataclass(slots=True, eq=False)
class Case:
    """One moment: clicks so far, the answer to all but the last, and what nets said of it."""

    photo: Photo
    spots: tuple[ClickSpot, ...]
    before: Bools | None = None
    box: Rect | None = None  # in place of clicks
    opinion: Floats = field(default_factory=lambda: np.zeros(0, np.float32))


def load(folder: Path, limit: int) -> list[Photo]:
    files = sorted(folder.glob("*.jpg"))[:limit]
    parts = parts_of([file.stem for file in files])
    return [_photo(file, parts[file.stem]) for file in files]


def parts_of(names: Sequence[str]) -> dict[str, int]:
    """The part of each picture; OBJECT-NUMBER goes with OBJECT, so that no part sees another's."""
    objects = sorted({name.partition("-")[0] for name in names})
    parts = np.random.default_rng(0).permutation(len(objects)) % PARTS_OF_SET
    own = dict(zip(objects, parts.tolist()))
    return {name: own[name.partition("-")[0]] for name in names}


def _photo(file: Path, part: int) -> Photo:
    prepared = prepare_picture(np.asarray(Pillow.open(file).convert("RGB")))
    png = np.asarray(Pillow.open(file.with_suffix(".png")).convert("L"))
    truth, valid = _shrunk(png > 192, prepared), _shrunk((png < 64) | (png > 192), prepared)
    labels, n = prepared.patches.labels.ravel(), prepared.patches.count
    inside = np.bincount(labels, (truth & valid).ravel(), n).astype(np.float32)
    known = np.bincount(labels, valid.ravel(), n).astype(np.float32)
    return Photo(prepared, truth, valid, inside, known, part)


def _shrunk(mask: Bools, prepared: PreparedPicture) -> Bools:
    height, width = prepared.image.shape[:2]
    soft = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    return soft >= 0.5


def first_cases(photos: Sequence[Photo]) -> list[Case]:
    """The deepest point of each object, and some others not too near its edge."""
    random = np.random.default_rng(1)
    cases: list[Case] = []
    for photo in photos:
        depth = _depth(photo.truth & photo.valid)
        weight = np.where(depth < 0.35 * depth.max(), 0, depth**2).ravel()
        points = random.choice(weight.size, STARTS - 1, p=weight / weight.sum())
        for point in (int(depth.argmax()), *points):
            y, x = divmod(int(point), depth.shape[1])
            cases.append(Case(photo, (ClickSpot(x, y, True),)))
    return cases


def _depth(region: Bools) -> Floats:
    padded = np.pad(region, 1).astype(np.uint8)
    return cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1].astype(np.float64)


def next_case(case: Case, answer: Bools) -> Case | None:
    """The click that a user would make next: in the middle of the largest mistake."""
    shown = answer[case.photo.prepared.patches.labels]
    missed = _depth(case.photo.truth & case.photo.valid & ~shown)
    wrong = _depth(~case.photo.truth & case.photo.valid & shown)
    if max(missed.max(), wrong.max()) < 2:
        return None
    positive = bool(missed.max() >= wrong.max())
    y, x = np.unravel_index(int((missed if positive else wrong).argmax()), missed.shape)
    return Case(case.photo, (*case.spots, ClickSpot(int(x), int(y), positive)), answer)


def fit(cases: Sequence[Case]) -> list[ScorerNets]:
    """For each part of the set, nets that have not seen it."""
    columns = [_patch_columns(case) for case in cases]
    patch = _fit_parts(cases, columns)
    for case, own in zip(cases, columns):
        opinion = chance(patch[case.photo.part], own)
        case.opinion = opinion
    wider = [
        np.c_[own, context_columns(c.photo.prepared, c.opinion)] for c, own in zip(cases, columns)
    ]
    context = _fit_parts(cases, wider)
    for case, own in zip(cases, wider):
        case.opinion = chance(context[case.photo.part], own)
    region = _fit_region_parts(cases)
    return [ScorerNets(patch=a, context=b, region=c) for a, b, c in zip(patch, context, region)]


def box_cases(photos: Sequence[Photo]) -> list[Case]:
    """The tight box of each object, and some drawn less well."""
    random = np.random.default_rng(2)
    cases: list[Case] = []
    for photo in photos:
        tight = mask_bounds(photo.truth)
        for number in range(STARTS):
            noise = random.normal(0, 0.035, 4) * (number > 0)
            cases.append(Case(photo, (), box=_shaken(tight, noise, Size.of(photo.truth))))
    return cases


def _shaken(box: Rect, noise: Floats, size: Size) -> Rect:
    left, top, right, bottom = np.round(
        np.array([box.x, box.y, box.right, box.bottom])
        + noise * np.array([box.width, box.height] * 2)
    ).astype(int)
    left, top = min(max(left, 0), size.width - 2), min(max(top, 0), size.height - 2)
    right, bottom = max(right, left + 2), max(bottom, top + 2)
    return Rect.between(int(left), int(top), int(right), int(bottom)).clamp(size)


def _patch_columns(case: Case) -> Floats:
    if case.box is not None:
        return box_patch_columns(case.photo.prepared, case.box)
    before = None if case.before is None else case.before.astype(np.float32)
    return patch_columns(case.photo.prepared, case.spots, before)


def _fit_parts(cases: Sequence[Case], columns: Sequence[Floats]) -> list[Net]:
    shares = [case.photo.inside / np.maximum(case.photo.known, 1) for case in cases]
    weights = [
        case.photo.known / (case.photo.inside.sum() + 0.03 * case.photo.prepared.pixels)
        for case in cases
    ]
    nets: list[Net] = []
    for part in range(PARTS_OF_SET):
        rows = [row for row, case in enumerate(cases) if case.photo.part != part]
        x, y, w = (np.concatenate([of[row] for row in rows]) for of in (columns, shares, weights))
        nets.append(tuple(fit_patches(x, y, w, seed=seed) for seed in range(MEMBERS)))
    return nets


def _fit_region_parts(cases: Sequence[Case]) -> list[Net]:
    lists = [_region_list(case) for case in cases]
    nets: list[Net] = []
    for part in range(PARTS_OF_SET):
        seen = [of for of, case in zip(lists, cases) if case.photo.part != part]
        nets.append(tuple(fit_regions(seen, seed=seed) for seed in range(MEMBERS)))
    return nets


def _region_list(case: Case) -> tuple[Floats, Floats]:
    prepared = case.photo.prepared
    if case.box is not None:
        options = regions_in(prepared, case.box, case.opinion)
        columns = box_region_columns(prepared, options, case.box, case.opinion)
        return columns, case.photo.overlap(options.masks)
    options = options_for(prepared, case.spots, case.opinion, case.before)
    columns = option_columns(prepared, options, case.spots, case.opinion, case.before)
    return columns, case.photo.overlap(options.masks)


def follow(
    cases: Sequence[Case],
    first: Sequence[ScorerNets],
    later: Sequence[ScorerNets] | None,
    clicks: int,
) -> tuple[list[Case], Floats]:
    """Plays the clicks on with nets that have not seen the photo: later cases, and IoU by click."""
    found: list[Case] = []
    table = np.zeros((len(cases), clicks))
    for row, start in enumerate(cases):
        case: Case | None = start
        for click in range(clicks):
            nets = first if click == 0 else later
            if nets is None or case is None:
                break
            part = case.photo.part
            prepared = case.photo.prepared
            decision = decide(prepared, case.spots, case.before, nets[part], number=click + 1)
            table[row, click:] = case.photo.overlap(decision.best[None])[0]
            case = next_case(case, decision.best)
            if case is not None and click + 1 < CLICKS:
                found.append(case)
    return found, table


def pack(kind: str, nets: Sequence[ScorerNets]) -> dict[str, Floats]:
    """All members of all parts, by the names that engine.builtin.select.scorer reads."""
    arrays: dict[str, Floats] = {}
    for name in ("patch", "context", "region"):
        members = [member for part in nets for member in getattr(part, name)]
        for field_name in PARTS:
            stacked = np.stack([getattr(member, field_name) for member in members])
            arrays[f"{kind}/{name}/{field_name}"] = stacked.astype(np.float32)
    return arrays


def fit_clicks(photos: Sequence[Photo]) -> dict[str, Floats]:
    """Nets for the first and for later clicks; the latter learn from answers of their own kind."""
    starts = first_cases(photos)
    first = fit(starts)
    cases, table = follow(starts[:: STARTS // 2], first, None, 1)
    print("first click, left out", table[::2].mean().round(3), flush=True)
    later = fit(cases)
    for _ in range(ROUNDS):
        played, table = follow(starts[:: STARTS // 2], first, later, CLICKS)
        print("clicks 1..5, left out", table[::2].mean(0).round(3), flush=True)
        later = fit([*cases, *played])
    _, table = follow(starts[::STARTS], first, later, CLICKS)
    print("clicks 1..5, left out", table.mean(0).round(3), flush=True)
    return pack("first", first) | pack("later", later)


def fit_boxes(photos: Sequence[Photo]) -> dict[str, Floats]:
    cases = box_cases(photos)
    nets = fit(cases)
    overlaps: list[float] = []
    for case in cases[::STARTS]:
        assert case.box is not None
        best = decide_box(case.photo.prepared, case.box, nets[case.photo.part]).best
        overlaps.append(float(case.photo.overlap(best[None])[0]))
    print("box, left out", np.mean(overlaps).round(3), flush=True)
    return pack("box", nets)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=Path("resources/selector.npz"))
    parser.add_argument("--photos", type=int, default=10**6, help="take the first so many only")
    given = parser.parse_args()
    photos = load(given.folder, given.photos)
    arrays = fit_boxes(photos) | fit_clicks(photos)
    np.savez_compressed(given.out, **arrays)


if __name__ == "__main__":
    main()
