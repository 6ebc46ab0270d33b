"""AVIF files of early writers: what other readers open, opens here with a note."""

import struct

import numpy as np
import pytest
from PIL import Image

from engine.image_io.headers.avif_boxes import with_one_association
from engine.image_io.reader import read_bytes
from tests.support import pictures
from tests.support.pictures import saved

PIXELS = pictures.noise(32, 48)
ALPHA = np.linspace(0, 255, 32 * 48).reshape(32, 48).astype(np.uint8)
WHOLE = saved(Image.fromarray(np.dstack([PIXELS, ALPHA])), "AVIF", quality=90, subsampling="4:4:4")


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def of_early_writer(content: bytes) -> bytes:
    """The same file with an ipma box for each item, as those of 2019 have; offsets moved along."""
    at = content.index(b"ipma") - 4
    length, _, head, count = struct.unpack_from(">I4sII", content, at)
    body, boxes = content[at + 16 : at + length], []
    for _ in range(count):
        end = 3 + body[2]
        boxes.append(box(b"ipma", struct.pack(">II", head, 1) + body[:end]))
        body = body[end:]
    apart = b"".join(reversed(boxes))
    out = bytearray(content[:at] + apart + content[at + length :])
    more = len(apart) - length
    for kind in (b"meta", b"iprp"):
        place = out.index(kind) - 4
        struct.pack_into(">I", out, place, struct.unpack_from(">I", out, place)[0] + more)
    _move_items(out, more)
    return bytes(out)


def _move_items(out: bytearray, more: int) -> None:
    """iloc, version 0, offsets and lengths of 4 bytes: as libavif writes it."""
    at = out.index(b"iloc") + 4
    (items,) = struct.unpack_from(">H", out, at + 6)
    at += 8
    for _ in range(items):
        _, _, extents = struct.unpack_from(">HHH", out, at)
        assert extents == 1
        struct.pack_into(">I", out, at + 6, struct.unpack_from(">I", out, at + 6)[0] + more)
        at += 14


def test_an_association_box_for_each_item_opens_with_a_note() -> None:
    whole, early = read_bytes(WHOLE, "a.avif"), read_bytes(of_early_writer(WHOLE), "a.avif")
    np.testing.assert_array_equal(early.pixels, whole.pixels)
    assert early.alpha is not None
    assert whole.alpha is not None
    np.testing.assert_array_equal(early.alpha, whole.alpha)
    assert early.notes == ("irregular",)
    assert whole.notes == ()


def test_a_repair_keeps_every_offset() -> None:
    early = of_early_writer(WHOLE)
    repaired = with_one_association(early)
    assert repaired is not None
    assert len(repaired) == len(early)
    assert repaired[repaired.index(b"mdat") :] == early[early.index(b"mdat") :]
    assert repaired.count(b"ipma") == 1


def test_a_file_as_it_should_be_needs_no_repair() -> None:
    assert with_one_association(WHOLE) is None


@pytest.mark.parametrize(("at", "value"), [(11, 200), (14, 200), (0, 1)])
def test_associations_that_do_not_fit_raise(at: int, value: int) -> None:
    """A count, a length or a size that runs out of its box."""
    content = bytearray(of_early_writer(WHOLE))
    content[content.index(b"ipma") + (at if at else -4)] = value
    with pytest.raises((ValueError, IndexError, struct.error)):
        with_one_association(bytes(content))
