"""Arrays come out read-only, leases hold, a patch changes its ring only."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from app.document.document import Document
from app.document.named_masks import NamedMask, moved, renamed, union, with_visibility, without
from app.document.tiles import PackedMask, StoredBytes, TileCell, cells, runs
from engine.geometry import Rect, Size
from engine.jobs.requests import Patch
from tests.support.documents import KINDS, document, patch, picture


def test_a_document_of_8_bit_srgb_is_its_own_view():
    ours = document("rgb8")
    assert np.shares_memory(ours.view, ours.native)
    assert not np.shares_memory(document("rgb16").view, document("rgb16").native)


@pytest.mark.parametrize("kind", KINDS)
def test_arrays_come_out_read_only(kind: str):
    ours = document(kind)
    for array in (ours.native, ours.view, ours.mask, ours.alpha):
        if array is not None:
            with pytest.raises(ValueError, match="read-only"):
                array[0, 0] = 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_patch_changes_nothing_outside_its_ring(kind: str):
    ours = document(kind)
    random = np.random.default_rng(5)
    for _ in range(20):
        before, made = ours.native.copy(), patch(random, ours.size)
        inside = np.zeros(before.shape[:2], bool)
        inside[made.rect.slices] = made.blend > 0
        assert ours.write(made) == 0
        assert (ours.native[~inside] == before[~inside]).all()
        fresh = Document.from_picture(ours.picture())
        assert (fresh.view == ours.view).all()


def test_a_change_outside_the_ring_is_counted(monkeypatch: pytest.MonkeyPatch):
    ours = document()
    made = Patch(
        rect=Rect(3, 3, 9, 9),
        pixels=np.zeros((9, 9, 3), np.uint8),
        blend=np.zeros((9, 9), np.uint8),
    )
    monkeypatch.setattr(
        "app.document.document.patch_pixels", lambda native, icc, patch: ~native[patch.rect.slices]
    )
    assert ours.write(made) == 81


@pytest.mark.parametrize("kind", ["rgb8", "gray16"])
def test_a_lease_keeps_its_moment(kind: str):
    ours = document(kind)
    with ours.lease() as lease:
        pixels, view = lease.picture.pixels.copy(), lease.view.copy()
        ours.write(patch(np.random.default_rng(1), ours.size))
        ours.writable_mask()[...] = 255
        assert (lease.picture.pixels == pixels).all()
        assert (lease.view == view).all()
        assert not lease.mask.any()
        assert not np.array_equal(ours.native, pixels)


def test_a_write_is_in_place_without_a_lease_and_after_its_release():
    ours = document()
    lease = ours.lease()
    lease.release()
    held = ours.view
    ours.write(patch(np.random.default_rng(1), ours.size))
    assert np.shares_memory(held, ours.view)


def test_a_forgotten_lease_costs_nothing():
    ours = document()
    ours.lease()
    held = ours.native
    ours.write(patch(np.random.default_rng(1), ours.size))
    assert np.shares_memory(held, ours.native)


def test_a_lease_may_be_released_by_another_thread():
    ours = document()
    lease = ours.lease()
    thread = threading.Thread(target=lease.release)
    thread.start()
    thread.join()
    held = ours.native
    ours.write(patch(np.random.default_rng(1), ours.size))
    assert np.shares_memory(held, ours.native)


@pytest.mark.parametrize("kind", ["rgb8", "rgb16"])
def test_the_original_can_be_seen_after_edits(kind: str):
    ours = document(kind, Size(1100, 530))
    at_first = ours.view.copy()
    random = np.random.default_rng(2)
    for _ in range(4):
        made = patch(random, ours.size)
        ours.keep_original(made.rect)
        ours.write(made)
    rect = Rect(100, 50, 500, 400)
    assert not np.array_equal(ours.view, at_first)
    assert (ours.original_view(rect) == at_first[rect.slices]).all()
    assert ours.edited_rects


def test_pixels_that_belong_to_something_else_are_copied():
    source = picture()
    borrowed = np.frombuffer(source.pixels.tobytes(), np.uint8).reshape(source.pixels.shape)
    ours = Document.from_picture(replace(source, pixels=borrowed))
    ours.write(patch(np.random.default_rng(1), ours.size))
    assert (borrowed == source.pixels).all()
    assert np.shares_memory(ours.view, ours.native)


def test_packed_masks_come_back_and_cost_their_outline():
    random = np.random.default_rng(3)
    mask = np.zeros((900, 1300), np.uint8)
    mask[300:800, 200:1100] = 255
    mask[10:40, 10:40] = random.integers(0, 256, (30, 30), np.uint8)
    packed = PackedMask.of(mask)
    assert (packed.unpack() == mask).all()
    assert packed.nbytes < 8000
    assert packed.area.intersect(Rect(10, 10, 1090, 790)) == Rect(10, 10, 1090, 790)
    assert (PackedMask.of(mask, area=Rect(10, 10, 1090, 790)).unpack() == mask).all()


def test_named_masks_are_renamed_moved_hidden_and_joined():
    masks = [np.zeros((300, 300), np.uint8) for _ in range(3)]
    for index, mask in enumerate(masks):
        mask[index * 90 : index * 90 + 50, 5:290] = 100 + index
    named = tuple(NamedMask(n, PackedMask.of(m)) for n, m in zip("abc", masks, strict=True))
    assert [n.name for n in moved(named, 0, 2)] == ["b", "c", "a"]
    assert [n.name for n in renamed(named, 1, "x")] == ["a", "x", "c"]
    assert [n.name for n in without(named, 0)] == ["b", "c"]
    assert not with_visibility(named, 2, False)[2].visible
    assert (union(named, Size(300, 300)) == np.maximum.reduce(masks)).all()


def test_squeezed_pixels_are_the_same():
    pixels = np.tile(np.arange(256, dtype=np.uint16), (256, 1))
    stored = StoredBytes(pixels.copy())
    stored.deflate()
    assert stored.nbytes < pixels.nbytes / 10
    assert (stored.pixels() == pixels).all()
    assert stored.pixels().dtype == np.uint16


def test_tiles_cover_a_rectangle_and_neighbours_join():
    found = list(cells(Rect(500, 120, 600, 10)))
    assert found == [TileCell(x, y) for y in (0, 1) for x in (0, 1, 2)]
    assert list(cells(Rect(5, 5, 0, 9))) == []
    joined = runs([cell.rect(Size(1200, 200)) for cell in found])
    assert joined == (Rect(0, 0, 1200, 200),)
