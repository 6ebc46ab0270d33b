"""A gain map is edited along with its picture, and written back where readers look for it."""

import io
import re
import struct
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from engine.geometry import Size
from engine.image_io.encoding import gain_map as gain_map_file
from engine.image_io.headers import gain_map
from engine.image_io.reader import read_bytes
from engine.image_io.writer import ExportOptions, embedded, encode
from engine.picture import Picture
from tests.support import pictures as made

HDRGM = 'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"'
XMP = b"http://ns.adobe.com/xap/1.0/\0"
ISO = b"urn:iso:std:iso:ts:21496:-1\0"
WIDTH, HEIGHT, SCALE = 320, 240, 4


def packet(attributes: str, inner: str = "") -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {attributes}>{inner}</rdf:Description>'
        "</rdf:RDF></x:xmpmeta>"
    ).encode()


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def with_segments(content: bytes, *segments: bytes) -> bytes:
    return content[:2] + b"".join(segments) + content[2:]


def map_pixels(gray: bool) -> np.ndarray:
    """Smooth, with a bright object at the middle."""
    y, x = np.mgrid[: HEIGHT // SCALE, : WIDTH // SCALE]
    found = (60 + x + y / 2).astype(np.uint8)
    found[24:40, 32:48] = 250
    return found if gray else np.stack([found, found // 2, 255 - found], axis=2)


def ultra_hdr(
    *, gray: bool = True, form: str = "both", index: bool = True, orientation: int = 1
) -> bytes:
    """A file with a gain map: `form` hdrgm, iso or both; `index`: MPF names it."""
    has_xmp, has_iso = form in ("hdrgm", "both"), form in ("iso", "both")
    said = packet(
        HDRGM + ' hdrgm:GainMapMin="0.0" hdrgm:Gamma="1.0"',
        "<hdrgm:GainMapMax><rdf:Seq><rdf:li>2.5</rdf:li><rdf:li>2.4</rdf:li><rdf:li>2.3</rdf:li>"
        "</rdf:Seq></hdrgm:GainMapMax>",
    )
    second = with_segments(
        made.saved(Image.fromarray(map_pixels(gray)), "JPEG", quality=92),
        *([segment(0xE1, XMP + said)] if has_xmp else []),
        *([segment(0xE2, ISO + bytes(61))] if has_iso else []),
    )
    directory = (
        "<Container:Directory><rdf:Seq><rdf:li rdf:parseType='Resource'><Container:Item "
        f'Item:Semantic="GainMap" Item:Mime="image/jpeg" Item:Length="{len(second)}"/></rdf:li>'
        "</rdf:Seq></Container:Directory>"
    )
    spaces = (
        'xmlns:Container="http://ns.google.com/photos/1.0/container/" '
        'xmlns:Item="http://ns.google.com/photos/1.0/container/item/" '
    )
    main = made.saved(Image.fromarray(made.smooth(HEIGHT, WIDTH)), "JPEG", quality=90)
    first = with_segments(
        main,
        segment(0xE1, b"Exif\0\0" + made.exif_block(orientation)),
        *([segment(0xE1, XMP + packet(spaces + HDRGM, directory))] if has_xmp else []),
        *([segment(0xE2, ISO + bytes(4))] if has_iso else []),
    )
    if index:
        table = struct.pack(">HHHI4s", 2, 0xB000, 7, 4, b"0100")
        table += struct.pack(">HHII", 0xB002, 7, 32, 8 + 2 + 24 + 4) + bytes(4)
        body = b"MPF\0MM\0*" + struct.pack(">I", 8) + table
        whole = len(first) + 4 + len(body) + 32
        body += struct.pack(">IIIHH", 0x030000, whole, 0, 0, 0)
        body += struct.pack(">IIIHH", 0, len(second), whole - 10, 0, 0)
        first = with_segments(first, segment(0xE2, body))
    return first + second


def edited(picture: Picture, box: tuple[slice, slice]) -> Picture:
    pixels = np.array(picture.pixels)
    pixels[box] = 255 - pixels[box]
    return replace(picture, pixels=pixels)


BOX = (slice(90, 166), slice(120, 198))  # holds the object of the map, by itself


def parts_of(content: bytes) -> list[bytes]:
    """The pictures of a file by its multi-picture index, read here and not by the engine."""
    at = content.index(b"MPF\0") + 4
    order = {b"II": "<", b"MM": ">"}[content[at : at + 2]]
    (offset,) = struct.unpack_from(order + "I", content, at + 4)
    (count,) = struct.unpack_from(order + "H", content, at + offset)
    for index in range(count):
        tag, _, length, value = struct.unpack_from(
            order + "HHII", content, at + offset + 2 + 12 * index
        )
        if tag == 0xB002:
            table = content[at + value : at + value + length]
    found = []
    for _, length, start, _, _ in struct.iter_unpack(order + "IIIHH", table):
        start = at + start if start else 0
        found.append(content[start : start + length])
    assert sum(map(len, found)) == len(content)
    return found


@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize("form", ["hdrgm", "iso", "both"])
@pytest.mark.parametrize("gray", [True, False])
def test_the_map_is_edited_and_the_index_agrees(gray: bool, form: str, index: bool) -> None:
    source = ultra_hdr(gray=gray, form=form, index=index)
    content = encode(edited(read_bytes(source, "a"), BOX), ExportOptions(format="jpeg"))
    first, second = parts_of(content)
    for part in (first, second):
        assert part.startswith(b"\xff\xd8")
        assert part.endswith(b"\xff\xd9")
        Image.open(io.BytesIO(part)).load()
    found, was = (np.asarray(Image.open(io.BytesIO(each))) for each in (second, map_of(source)))
    assert found.shape == was.shape
    outside = np.ones(found.shape[:2], bool)
    outside[88 // SCALE - 16 : 168 // SCALE + 16, 116 // SCALE - 16 : 200 // SCALE + 16] = False
    np.testing.assert_array_equal(found[outside], was[outside])
    object_ = found[24:40, 32:48].reshape(256, -1).astype(int)
    ground = map_pixels(gray).astype(int)[[20, 44]][:, 30:50].reshape(40, -1).mean(axis=0)
    assert np.abs(object_.mean(axis=0) - ground).max() < 12
    assert (ISO in first, ISO in second) == (("iso" in form or form == "both",) * 2)


def map_of(source: bytes) -> bytes:
    found = gain_map.find(source)
    assert found is not None
    return found.content


@pytest.mark.parametrize("options", [{}, {"quality": 80}, {"keep_exif": False}])
def test_the_directory_names_the_length_that_is_there(options: dict[str, int]) -> None:
    source = edited(read_bytes(ultra_hdr(), "a"), BOX)
    content = encode(source, ExportOptions(format="jpeg", **options))
    first, second = parts_of(content)
    (length,) = re.findall(rb'Item:Semantic="GainMap"[^>]*Item:Length="(\d+)"', first)
    assert int(length) == len(second)
    assert first.count(b"Container:Directory>") == 2
    found = gain_map.find(content)
    assert found is not None
    assert found.parameters["GainMapMax"] == ("2.5", "2.4", "2.3")
    assert found.parameters["GainMapMin"] == ("0.0",)


def test_a_map_of_a_turned_picture_stays_turned() -> None:
    picture = read_bytes(ultra_hdr(orientation=6), "a")
    box = (slice(120, 198), slice(HEIGHT - 166, HEIGHT - 90))
    _, second = parts_of(encode(edited(picture, box), ExportOptions(format="jpeg")))
    found = np.asarray(Image.open(io.BytesIO(second)))
    assert found.shape == (HEIGHT // SCALE, WIDTH // SCALE)
    assert found[24:40, 32:48].max() < 190


def test_edits_of_edits_change_the_map_nowhere_else() -> None:
    content = ultra_hdr()
    for _ in range(3):
        content = encode(edited(read_bytes(content, "a"), BOX), ExportOptions(format="jpeg"))
    found, was = (np.asarray(Image.open(io.BytesIO(map_of(e)))) for e in (content, ultra_hdr()))
    np.testing.assert_array_equal(found[:, 64:], was[:, 64:])


@pytest.mark.parametrize("form", ["png", "webp", "tiff", "avif"])
def test_other_formats_leave_it_out_with_its_claims(form: str) -> None:
    content = encode(read_bytes(ultra_hdr(), "a"), ExportOptions(format=form))
    for word in (b"hdrgm", b"GainMap", b"Container", ISO):
        assert word not in content


def test_private_leaves_it_out() -> None:
    content = encode(read_bytes(ultra_hdr(), "a"), ExportOptions(format="jpeg", private=True))
    assert b"MPF\0" not in content
    assert ISO not in content
    assert gain_map.find(content) is None


def test_another_size_leaves_it_out() -> None:
    picture = read_bytes(ultra_hdr(), "a")
    smaller = replace(picture, pixels=np.ascontiguousarray(picture.pixels[:100]))
    content = encode(smaller, ExportOptions(format="jpeg"))
    assert gain_map.find(content) is None
    assert b"hdrgm" not in content


def test_a_footprint_covers_every_sample_that_stands_for_a_changed_pixel() -> None:
    changed = np.zeros((60, 80), bool)
    changed[30, 40] = True
    found = gain_map_file.footprint(changed, Size(20, 15))
    assert found[7, 10]
    assert found.sum() <= 16
    whole = gain_map_file.footprint(np.ones((60, 80), bool), Size(20, 15))
    assert whole.all()
    assert (
        not gain_map_file.filled(np.eye(16, dtype=np.uint8) * 99, np.ones((16, 16), bool)).max() > 7
    )


def fate(content: bytes, **options: object) -> list[tuple[bool, str]]:
    found = embedded(read_bytes(content, "a"), ExportOptions(**options))
    return [(item.kept, item.why) for item in found if item.kind == "gain-map"]


def test_its_fate_is_listed_and_true() -> None:
    for orientation, options, expected in (
        (1, {"format": "jpeg"}, (True, "")),
        (6, {"format": "jpeg"}, (True, "")),
        (1, {"format": "jpeg", "quality": 80}, (True, "")),
        (6, {"format": "jpeg", "quality": 80}, (False, "not-kept")),
        (1, {"format": "jpeg", "private": True}, (False, "private")),
        (1, {"format": "avif"}, (False, "format")),
    ):
        source = ultra_hdr(orientation=orientation)
        assert fate(source, **options) == [expected]
        content = encode(read_bytes(source, "a"), ExportOptions(**options))
        kept = options["format"] == "jpeg" and gain_map.find(content) is not None
        assert kept == expected[0]
