"""A removal from a picture with transparency, to the bytes of a project and of a written file."""

from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.commands import remove
from app.document.document import Document
from app.document.history import History
from app.project import project
from engine import tasks
from engine.builtin.backend import BuiltinBackend
from engine.geometry import Mask, Native
from engine.image_io.reader import read
from engine.image_io.writer import ExportOptions, write
from engine.inpaint.crops import RemoveOptions
from engine.picture import Picture
from tests.bench.quality_remove import NoJob
from tests.support.documents import fingerprint


def sticker(depth: type[np.unsignedinteger]) -> tuple[Picture, Mask]:
    """A disc of colour beside a blot, both on transparency; the blot is marked."""
    pixels, alpha = np.zeros((160, 200, 3), np.uint8), np.zeros((160, 200), np.uint8)
    mask = np.zeros_like(alpha)
    for array, value in ((pixels, (200, 160, 40)), (alpha, 255)):
        cv2.circle(array, (60, 80), 40, value, -1)
    for array, value in ((pixels, (20, 30, 200)), (alpha, 255), (mask, 255)):
        cv2.circle(array, (150, 80), 20, value, -1)
    scale = np.iinfo(depth).max // 255
    return Picture(pixels=pixels.astype(depth) * scale, alpha=alpha.astype(depth) * scale), mask


def removed(document: Document, history: History, mask: Mask) -> Mask:
    """The blend of the removal, as one step."""
    request = tasks.plan_remove(
        document.view, mask, RemoveOptions(grow_px=3, feather_px=3), alpha=document.alpha
    )
    result = tasks.remove(BuiltinBackend(), request, NoJob())
    with history.edit("Remove") as edit:
        assert remove.apply(edit, result, keep_mask=True).changed_outside_px == 0
    (patch,) = result.patches
    blend = np.zeros_like(mask)
    blend[patch.rect.slices] = patch.blend
    return blend


def alpha_of(document: Document) -> Native:
    assert document.alpha is not None
    return document.alpha.copy()


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_what_stood_on_transparency_is_gone_from_document_project_and_file(
    depth: type[np.unsignedinteger], tmp_path: Path
) -> None:
    picture, mask = sticker(depth)
    document = Document.from_picture(picture)
    before, opened = alpha_of(document), document.picture().pixels.copy()
    with closing(History(document)) as history:
        blend = removed(document, history, mask)
        after = alpha_of(document)
        assert (after[mask > 0] == 0).all()
        assert np.array_equal(after[blend == 0], before[blend == 0])
        assert np.array_equal(document.native[blend == 0], opened[blend == 0])
        assert history.undo()
        assert np.array_equal(alpha_of(document), before)
        assert history.redo()
        assert np.array_equal(alpha_of(document), after)
        project.save(document.lease(), tmp_path / "a.lacuna")
        assert fingerprint(project.load(tmp_path / "a.lacuna")) == fingerprint(document)
        write(document.picture(), tmp_path / "a.png", ExportOptions())
    written = read(tmp_path / "a.png")
    assert written.alpha is not None
    assert np.array_equal(written.alpha, after)


def test_an_undone_step_leaves_what_others_hold_as_it_was() -> None:
    picture, mask = sticker(np.uint8)
    document = Document.from_picture(picture)
    with closing(History(document)) as history, document.lease() as lease:
        held = lease.picture.alpha
        assert held is not None
        kept = held.copy()
        removed(document, history, mask)
        assert np.array_equal(held, kept)
