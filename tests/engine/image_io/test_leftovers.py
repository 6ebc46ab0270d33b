"""A second copy of the picture, wherever a file can hold one: it is nowhere in what is written."""

import base64
import struct
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import ExifTags, Image

from engine.image_io.cleaning import exif as clean_exif
from engine.image_io.cleaning import exif_fields
from engine.image_io.cleaning import iptc as clean_iptc
from engine.image_io.cleaning import xmp as clean_xmp
from engine.image_io.headers import ifd
from engine.image_io.reader import read_bytes
from engine.image_io.writer import ExportOptions, encode
from engine.picture import Metadata, Picture
from tests.support import pictures as made

FORMS = ["png", "jpeg", "webp", "tiff", "avif"]
KINDS = ["jpeg", "png", "raw"]


def small_view() -> np.ndarray:
    """(40, 56, 3) uint8: a red figure on a smooth ground, with a little noise."""
    y, x = np.mgrid[:40, :56]
    view = np.stack([90 + 2 * y, 130 + x, 160 - 2 * y], axis=2).astype(float)
    view[8:36, 20:36] = (200, 30, 40)
    return np.clip(view + np.random.default_rng(3).normal(0, 2, view.shape), 0, 255).astype(
        np.uint8
    )


MARKS = {
    "jpeg": made.saved(Image.fromarray(small_view()), "JPEG", quality=80),
    "png": made.saved(Image.fromarray(small_view()), "PNG"),
    "raw": small_view().tobytes(),
}


def is_in(mark: bytes, content: bytes) -> bool:
    """Whether pieces of the mark are there, as they are or coded."""
    start = mark.find(b"\xff\xda") + 20 if mark.startswith(b"\xff\xd8") else len(mark) // 3
    pieces = [mark[at : at + 24] for at in range(start, len(mark) - 48, 97)]
    coded = [base64.b64encode(mark[start + skip :])[80:120] for skip in range(3)]
    words = [*pieces, *coded, mark[start:].hex().encode()[80:120]]
    return any(word in content for word in words)


def leaves_nothing(picture: Picture, mark: bytes, *forms: str) -> bool:
    return not any(
        is_in(mark, encode(picture, ExportOptions(format=form))) for form in forms or FORMS
    )


def block_of(fields: ifd.Tree) -> bytes:
    return b"II*\0\x08\0\0\0" + ifd.serialised(fields, 8)


def with_exif(block: bytes) -> Picture:
    return made.picture(16, 24, metadata=Metadata(exif=block))


# --- EXIF

TAGS = sorted(
    {*map(int, ExifTags.Base), *exif_fields.MAIN, *exif_fields.PICTURES, 0xCD41, 42_112, 50_838}
    | set(np.random.default_rng(1).integers(1, 65_536, 250).tolist()) - set(ifd.CHILDREN)
)


@pytest.mark.parametrize("field_kind", [ifd.BYTE, ifd.ASCII, ifd.SHORT, ifd.LONG, ifd.UNDEFINED])
@pytest.mark.parametrize("place", [None, ifd.EXIF, ifd.GPS, ifd.INTEROP])
@pytest.mark.parametrize("kind", KINDS)
def test_in_every_exif_field(kind: str, place: int | None, field_kind: int) -> None:
    mark = MARKS[kind] + bytes(-len(MARKS[kind]) % 4)
    count = len(mark) // ifd.WIDTHS[field_kind]
    tags = range(32) if place == ifd.GPS else [tag for tag in TAGS if tag not in ifd.CHILDREN]
    fields: ifd.Tree = {tag: ifd.IfdValue(field_kind, count, mark) for tag in tags}
    fields[0x010F] = ifd.IfdValue(ifd.ASCII, 6, b"Maker\0")
    tree: ifd.Tree = {
        None: fields,
        ifd.INTEROP: {ifd.EXIF: {ifd.INTEROP: fields}},
    }.get(place, {place or 0: fields})
    found, lost = clean_exif.cleaned(block_of(tree))
    assert found is not None
    assert not is_in(mark, found)
    assert lost


@pytest.mark.parametrize("prefix", [b"ASCII\0\0\0", b"UNICODE\0", b"JIS\0\0\0\0\0", bytes(8)])
@pytest.mark.parametrize("coding", ["plain", "base64", "hex"])
@pytest.mark.parametrize("kind", KINDS)
def test_in_a_comment(kind: str, coding: str, prefix: bytes) -> None:
    mark = MARKS[kind]
    body = {"plain": mark, "base64": base64.b64encode(mark), "hex": mark.hex().encode()}[coding]
    comment = ifd.IfdValue(7, 8 + len(body), prefix + body)
    picture = with_exif(block_of({ifd.EXIF: {exif_fields.USER_COMMENT: comment}}))
    assert leaves_nothing(picture, mark)


@pytest.mark.parametrize("form", FORMS)
def test_in_a_comment_words_stay(form: str) -> None:
    for words in (b"ASCII\0\0\0a walk by the sea", b"UNICODE\0" + "прогулянка".encode("utf-16-le")):
        comment = ifd.IfdValue(7, len(words), words)
        picture = with_exif(block_of({ifd.EXIF: {exif_fields.USER_COMMENT: comment}}))
        assert words in encode(picture, ExportOptions(format=form))


@pytest.mark.parametrize("kind", KINDS)
def test_in_a_maker_note_the_rest_stays_where_it_lay(kind: str) -> None:
    mark = MARKS[kind]
    before = b"MAKER\0\1\0" + ifd.serialised({1: ifd.IfdValue(3, 1, b"\7\0")}, 8).ljust(600, b"\0")
    note = before + mark + bytes(600) + b"lens 50 mm".ljust(500, b"\0")
    picture = with_exif(block_of({ifd.EXIF: {37_500: ifd.IfdValue(7, len(note), note)}}))
    assert leaves_nothing(picture, mark)
    found, lost = clean_exif.cleaned(picture.metadata.exif or b"")
    source = picture.metadata.exif or b""
    assert found is not None
    assert "maker-note" in lost
    assert found.index(b"MAKER") == source.index(b"MAKER")
    assert found.index(b"lens 50 mm") == source.index(b"lens 50 mm")


def test_a_maker_note_without_pictures_stays_as_it_is() -> None:
    numbers = (np.arange(900, dtype="<u2") % 200).tobytes()
    note = b"MAKER\0\1\0" + numbers + b"firmware 1.0 of the camera\0"
    found, lost = clean_exif.cleaned(
        block_of({ifd.EXIF: {37_500: ifd.IfdValue(7, len(note), note)}})
    )
    assert found is not None
    assert note in found
    assert not lost


def test_a_large_maker_note_costs_milliseconds() -> None:
    note = np.random.default_rng(0).integers(0, 256, 50_000, np.uint8).tobytes()
    block = block_of({ifd.EXIF: {37_500: ifd.IfdValue(7, len(note), note)}})
    took = []
    for _ in range(3):
        start = time.process_time()
        clean_exif.cleaned(block)
        took.append(time.process_time() - start)
    assert min(took) < 0.1


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", KINDS)
def test_in_a_second_directory(kind: str, order: str) -> None:
    """As a JPEG, and as strips of samples."""
    mark = MARKS[kind]
    block = made.exif_block(3, order=order, thumbnail=mark)
    strips = bytearray(block)
    strips[strips.find(struct.pack(order + "H", 0x0201)) :][:2] = struct.pack(order + "H", 273)
    for found in (block, bytes(strips)):
        assert leaves_nothing(with_exif(found), mark)


def test_behind_the_block_and_between_its_parts() -> None:
    mark = MARKS["raw"]
    block = made.exif_block(1) + bytes(8) + mark
    assert leaves_nothing(with_exif(block), mark)


def test_the_size_that_a_block_names_is_that_of_the_picture() -> None:
    sides = {0xA002: ifd.value(ifd.SHORT, 24), 0xA003: ifd.value(ifd.LONG, 16)}
    block = block_of({0x0112: ifd.value(ifd.SHORT, 6), ifd.EXIF: dict(sides)})
    picture = with_exif(block)
    turned = replace(picture, pixels=np.ascontiguousarray(picture.pixels.transpose(1, 0, 2)))
    for form in FORMS:
        content = encode(turned, ExportOptions(format=form))
        found = Image.Exif()
        found.load(read_bytes(content, "a").metadata.exif or b"")
        inner = found.get_ifd(0x8769)
        assert (inner[0xA002], inner[0xA003]) == (16, 24), form


# --- XMP

CODED: dict[str, Callable[[str], str]] = {
    "element": lambda code: f"<a:b>{code}</a:b>",
    "attribute": lambda code: f'<rdf:Description rdf:about="" a:b="{code}"/>',
    "list": lambda code: f"<a:b><rdf:Bag><rdf:li>{code}</rdf:li></rdf:Bag></a:b>",
    "cdata": lambda code: f"<a:b><![CDATA[{code}]]></a:b>",
    "lines": lambda code: (
        "<a:b>" + "&#xA;".join(code[i : i + 76] for i in range(0, len(code), 76)) + "</a:b>"
    ),
    "comment": lambda code: f"<!-- {code} -->",
    "instruction": lambda code: f"<?other {code}?>",
    "name": lambda code: f"<a:{code.replace('+', '_').replace('/', '_').replace('=', '')}/>",
    "space": lambda code: f'<rdf:Description xmlns:q="{code}"/>',
    "apple": lambda code: f"<a:b>&lt;data&gt;{code}&lt;/data&gt;</a:b>",
    "json": lambda code: '<a:b>{"c": "' + code.replace("/", "\\/") + '"}</a:b>',
}


def packet_of(inner: str) -> bytes:
    spaces = 'xmlns:a="https://example.org/a/"'
    return made.XMP.replace(
        b"</rdf:RDF>", f"<rdf:Description {spaces}>{inner}</rdf:Description></rdf:RDF>".encode()
    )


@pytest.mark.parametrize("way", CODED)
@pytest.mark.parametrize("kind", KINDS)
def test_in_every_part_of_a_packet(kind: str, way: str) -> None:
    mark = MARKS[kind]
    for code in (base64.b64encode(mark).decode(), mark.hex()):
        picture = made.picture(16, 24, metadata=Metadata(xmp=packet_of(CODED[way](code))))
        assert leaves_nothing(picture, mark, "jpeg", "png")
        assert leaves_nothing(picture, mark, "webp", "tiff")


CLAIMS = {
    "http://ns.adobe.com/hdr-gain-map/1.0/": ("Version", "gain-map"),
    "http://ns.google.com/photos/1.0/container/": ("Directory", "container"),
    "http://ns.google.com/photos/1.0/camera/": ("MotionPhoto", "video"),
    "http://ns.google.com/photos/1.0/camera/#": ("MicroVideoOffset", "video"),
    "http://ns.adobe.com/xmp/note/": ("HasExtendedXMP", "extended-xmp"),
    "http://purl.org/dc/terms/": ("provenance", "c2pa"),
    "http://ns.google.com/photos/1.0/depthmap/": ("Data", "depth-map"),
    "http://ns.google.com/photos/1.0/image/": ("Data", "original"),
    "http://ns.adobe.com/xap/1.0/": ("Thumbnails", "thumbnail"),
    "http://ns.adobe.com/xap/1.0/g/img/": ("image", "thumbnail"),
}


@pytest.mark.parametrize("space", CLAIMS)
@pytest.mark.parametrize("prefix", ["hdrgm", "ns1"])
def test_claims_on_what_is_gone_are_gone(space: str, prefix: str) -> None:
    name, code = CLAIMS[space]
    said = f'xmlns:{prefix}="{space}"'
    for inner in (
        f"<rdf:Description {said}><{prefix}:{name}><rdf:Seq/></{prefix}:{name}></rdf:Description>",
        f'<rdf:Description {said} {prefix}:{name}="1" a:c="kept"/>',
        f"<rdf:Description {said}><{prefix}:{name}/><a:c>kept</a:c></rdf:Description>",
    ):
        found, lost = clean_xmp.cleaned(packet_of(inner))
        assert found is not None
        assert lost == {code}
        assert f"{prefix}:{name}".encode() not in found
        assert (b"kept" in found) == ("kept" in inner)
        assert "лакуна".encode() in found


def test_a_packet_without_pictures_stays_byte_for_byte() -> None:
    packet = packet_of("<a:b>some words</a:b><!-- -->").replace(
        b'Orientation="6"', b'Orientation="1"'
    )
    assert clean_xmp.cleaned(packet) == (packet.replace(b"<!-- -->", b""), frozenset())


# --- IPTC, text, profile


@pytest.mark.parametrize("kind", KINDS)
def test_in_every_iptc_dataset(kind: str) -> None:
    mark = MARKS[kind]
    head = struct.pack(">H", len(mark))
    sets = [bytes((0x1C, record, number)) for record in range(1, 10) for number in range(256)]
    records = b"".join(each + head + mark for each in sets)
    found, dropped = clean_iptc.cleaned(made.IPTC + records)
    assert found == made.IPTC
    assert dropped
    picture = made.picture(16, 24, metadata=Metadata(iptc=made.IPTC + sets[457] + head + mark))
    assert leaves_nothing(picture, mark)


@pytest.mark.parametrize("kind", KINDS)
def test_in_a_text_of_png(kind: str) -> None:
    mark = MARKS[kind]
    code = base64.b64encode(mark).decode()
    texts = (
        code,
        f'{{"nodes": [{{"image": "data:image/png;base64,{code}"}}]}}',
        mark.hex(),
        mark.decode("latin-1"),
        " ".join(map(str, mark)),
    )
    for text in texts:
        picture = made.picture(16, 24, metadata=Metadata(text=(("prompt", text),)))
        content = encode(picture, ExportOptions())
        assert not is_in(mark, content)
        assert mark.decode("latin-1")[400:420].encode() not in content
        assert text[500:540].encode() not in content


def test_prompts_of_other_programs_stay() -> None:
    graph = '{"3": {"class_type": "KSampler", "inputs": {"seed": 156680208700286, "cfg": 8}}}' * 40
    parameters = (
        "a lake, trees\nNegative prompt: fog\nSteps: 20, Sampler: Euler, Model hash: 6ce0161689"
    )
    text = (("prompt", graph), ("parameters", parameters), ("Title", "озеро, 湖, 호수"))
    picture = made.picture(metadata=Metadata(text=text))
    assert read_bytes(encode(picture, ExportOptions()), "a").metadata.text == text


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_in_a_profile(kind: str) -> None:
    mark = MARKS[kind]
    tags = [(b"priv", b"priv" + bytes(4) + mark + bytes(-len(mark) % 4))]
    columns = [
        (n, made.xyz_tag(c)) for n, c in zip((b"rXYZ", b"gXYZ", b"bXYZ"), zip(*made.SRGB[0]))
    ]
    curves = [(name, made.curve_tag(2.2)) for name in (b"rTRC", b"gTRC", b"bTRC")]
    icc = made.assembled(b"RGB ", [*tags, *columns, *curves])
    for form in FORMS:
        content = encode(made.picture(16, 24, icc=icc), ExportOptions(format=form))
        found = read_bytes(content, "a").icc
        assert found is not None
        assert not is_in(mark, found)
        assert not is_in(mark, content)


# --- whole files
