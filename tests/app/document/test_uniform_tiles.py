"""What the document knows of its mask's tiles is always true."""

import numpy as np
import pytest

from app.document.history import History
from app.document.tiles import cells, single_value
from engine.geometry import Rect, Size
from engine.selection import masks
from tests.support.documents import document, random_edit


@pytest.mark.parametrize("seed", range(4))
def test_known_values_bounds_and_snapshots_are_those_of_the_mask(seed: int):
    random, ours = np.random.default_rng(seed), document(size=Size(1300, 300))
    history = History(ours)
    for _ in range(30):
        match int(random.integers(6)):
            case 0:
                history.undo()
            case 1:
                history.redo()
            case 2:
                with history.edit("Invert") as edit:
                    edit.invert()
            case 3:
                x, y, width, height = random.integers(0, 600, 4).tolist()
                with history.edit("Fill") as edit:
                    rect = Rect(x, y, width, height).clamp(ours.size)
                    edit.fill(rect, int(random.choice([0, 255])))
            case _:
                random_edit(ours, history, random)
        assert ours.mask_bounds() == masks.bounds(ours.mask)
        assert (ours.mask_snapshot().part(Rect.whole(ours.size)) == ours.mask).all()
        for cell in cells(Rect.whole(ours.size)):
            assert ours.mask_tiles[cell] == single_value(ours.mask[cell.rect(ours.size).slices])
        with ours.lease() as lease:
            copied = ours.writable_touched_mask()
            assert (copied == lease.mask).all()
    history.close()
