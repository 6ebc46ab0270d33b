"""A second copy of the picture in segments, chunks and fields; the list of what a file loses."""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from engine.errors import ImageUnreadable
from engine.image_io.cleaning import pictures
from engine.image_io.headers import ifd
from engine.image_io.reader import read_bytes
from engine.image_io.writer import ExportOptions, embedded, encode
from engine.picture import Metadata, Picture
from tests.engine.image_io.test_leftovers import (
    KINDS,
    MARKS,
    TAGS,
    block_of,
    is_in,
    leaves_nothing,
    packet_of,
)
from tests.support import pictures as made


def jpeg_with(*segments: tuple[int, bytes], behind: bytes = b"") -> bytes:
    whole = made.saved(Image.fromarray(made.smooth(48, 64)), "JPEG", quality=90)
    parts = b"".join(
        struct.pack(">BBH", 0xFF, kind, len(body) + 2) + body for kind, body in segments
    )
    return whole[:2] + parts + whole[2:] + behind


def jpegs(mark: bytes) -> Iterator[bytes]:
    heads = (b"", b"Adobe\0\x64\0\0\0\0\1", b"JFXX\0\x10", b"MPF\0", b"FLIR\0", b"Ducky")
    heads += (b"Photoshop 3.0\0" + b"8BIM\x04\x0c\0\0" + struct.pack(">I", len(mark)),)
    for marker in (*range(0xE0, 0xF0), 0xFE):
        yield jpeg_with(*((marker, head + mark) for head in heads if marker != 0xEE or head))
    yield jpeg_with((0xE1, b"http://ns.adobe.com/xmp/extension/\0" + mark))
    yield jpeg_with(behind=mark)


@pytest.mark.parametrize("kind", KINDS)
def test_in_every_segment_of_a_jpeg(kind: str) -> None:
    """Its blocks are kept, its segments are not."""
    for content in jpegs(MARKS[kind]):
        picture = read_bytes(content, "a")
        edited = np.array(picture.pixels)
        edited[:8, :8] = 0
        for each in (picture, replace(picture, pixels=edited)):
            assert leaves_nothing(each, MARKS[kind], "jpeg", "png")


@pytest.mark.parametrize("kind", KINDS)
def test_between_the_scans_of_a_jpeg(kind: str) -> None:
    mark = MARKS[kind]
    view = Image.fromarray(made.smooth(48, 64))
    whole = made.saved(view, "JPEG", quality=90, progressive=True)
    at = whole.rindex(b"\xff\xda")
    body = struct.pack(">BBH", 0xFF, 0xE5, len(mark) + 2) + mark
    for between in (body, b"\0junk" + mark):
        content = whole[:at] + between + whole[at:]
        try:
            picture = read_bytes(content, "a")
        except ImageUnreadable:
            continue
        pixels = np.array(picture.pixels)
        pixels[:8, :8] = 0
        written = encode(replace(picture, pixels=pixels), ExportOptions(format="jpeg"))
        assert not is_in(mark, written)
        assert Image.open(io.BytesIO(written)).convert("RGB").size == (64, 48)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))


@pytest.mark.parametrize("kind", KINDS)
def test_in_every_chunk_of_a_png(kind: str) -> None:
    mark = MARKS[kind]
    kinds = (
        b"caBX",
        b"prVt",
        b"iDOT",
        b"sPLT",
        b"hIST",
        b"tIME",
        b"iCCP",
        b"iTXt",
        b"zTXt",
        b"eXIf",
    )
    whole = made.saved(Image.fromarray(made.smooth(16, 24)), "PNG")
    for name in kinds:
        body = {b"iTXt": b"key\0\0\0\0\0", b"eXIf": made.exif_block()}.get(name, b"") + mark
        if name in (b"zTXt", b"iCCP"):
            body = b"key\0\0" + zlib.compress(mark)
        content = whole[:33] + chunk(name, body) + whole[33:]
        picture = read_bytes(content, "a")
        assert leaves_nothing(picture, mark, "png", "tiff")


@pytest.mark.parametrize("kind", KINDS)
def test_in_every_field_of_a_tiff(kind: str) -> None:
    mark = MARKS[kind]
    whole = encode(made.picture(16, 24), ExportOptions(format="tiff", compress=False))
    order, offset = ifd.start(io.BytesIO(whole))
    tree = ifd.tree(io.BytesIO(whole), order, offset)
    for tags in (TAGS[::2], TAGS[1::2]):
        extra: ifd.Tree = {
            tag: ifd.IfdValue(7, len(mark), mark)
            for tag in tags
            if tag not in tree and tag not in ifd.CHILDREN and not 250 < tag < 600
        }
        content = whole[:4] + struct.pack("<I", len(whole)) + whole[8:]
        picture = read_bytes(content + ifd.serialised(tree | extra, len(whole)), "a")
        assert leaves_nothing(picture, mark)


def test_bytes_that_only_begin_like_a_picture_stay() -> None:
    for content in (b"\xff\xd8\xff\xe0 then words", b"RIFF of another kind", b"words " * 40):
        assert pictures.blanked(content) == content


# --- what the Export dialog lists


def lost_of(picture: Picture, form: str = "jpeg") -> dict[str, str]:
    found = embedded(picture, ExportOptions(format=form))
    return {item.kind: item.why for item in found if not item.kept}


def test_each_thing_that_goes_is_listed_with_its_reason() -> None:
    mark = MARKS["jpeg"]
    note = b"MAKER\0\1\0" + mark
    fields = {37_500: ifd.IfdValue(7, len(note), note)}
    block = block_of({0x501B: ifd.IfdValue(7, len(mark), mark), ifd.EXIF: dict(fields)})
    said = 'xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" GCamera:MotionPhoto="1"'
    link = 'xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="self#jumbf=c2pa"'
    packet = packet_of(f"<rdf:Description {said} {link}/>")
    picture = made.picture(16, 24, metadata=Metadata(exif=block, xmp=packet))
    assert lost_of(picture) == {
        "thumbnail": "before",
        "maker-note": "before",
        "motion-video": "before",
        "c2pa": "untrue",
    }
    assert lost_of(made.picture(16, 24, metadata=Metadata(exif=b"x" * 40))) == {"exif": "broken"}


@pytest.mark.parametrize("note", ["first-frame", "more-pictures", "motion-video", "gain-map"])
def test_notes_of_the_reader_are_listed(note: str) -> None:
    assert len(lost_of(replace(made.picture(16, 24), notes=(note,)))) == 1


def test_a_manifest_in_a_segment_is_listed() -> None:
    content = jpeg_with((0xEB, b"JP\0\1\0\0\0\1\0\0\0\x20jumb\0\0\0\x18jumdc2pa"))
    assert lost_of(read_bytes(content, "a")) == {"c2pa": "untrue"}


def test_forms_of_a_png_are_listed_when_they_cannot_be_kept() -> None:
    image = Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).convert("P")
    picture = read_bytes(made.saved(image, "PNG"), "a")
    assert lost_of(picture, "png") == {}
    assert lost_of(picture, "webp") == {"palette": "format"}
    colours = replace(picture, pixels=made.noise(40, 40))
    assert lost_of(colours, "png") == {"palette": "colours"}
    bits = read_bytes(made.saved(Image.fromarray(np.eye(8) > 0), "PNG"), "a")
    assert lost_of(bits, "png") == {}
    gray = replace(bits, pixels=np.full((8, 8), 77, np.uint8))
    assert lost_of(gray, "png") == {"few-bits": "colours"}
