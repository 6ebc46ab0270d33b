"""EXIF, XMP, IPTC, resolution and text: carried, cleaned, stripped, marked."""

import io
from pathlib import Path

import pytest
import tifffile
from PIL import Image, ImageOps, PngImagePlugin

from engine.image_io.cleaning import exif as clean_exif
from engine.image_io.cleaning import xmp as clean_xmp
from engine.image_io.headers import exif, ifd, xmp
from engine.image_io.reader import read_bytes
from engine.image_io.writer import Embedded, ExportOptions, embedded, encode
from engine.picture import Metadata, Picture
from tests.support import pictures

FORMS = ["png", "jpeg", "webp", "tiff", "avif"]
THUMBNAIL = b"\xff\xd8\xff\xe0" + b"thumbnail" * 30 + b"\xff\xd9"
CARRIED = Metadata(
    exif=pictures.exif_block(6, thumbnail=THUMBNAIL),
    xmp=pictures.XMP,
    iptc=pictures.IPTC,
    dpi=(240.0, 240.0),
    text=(("Title", "Лакуна"), ("Comment", "plain")),
)
SECRETS = (b"Lacuna Camera", b"2026:01:02", b"GPSL", b"Anna", "лакуна".encode(), b"thumbnail")


def source(metadata: Metadata = CARRIED) -> Picture:
    icc = pictures.rgb_profile(*pictures.ADOBE_RGB)
    return pictures.picture(24, 32, icc=icc, metadata=metadata)


def told(block: bytes | None) -> Image.Exif:
    found = Image.Exif()
    found.load(block or b"")
    return found


@pytest.mark.parametrize("form", FORMS)
def test_kept_by_default(form: str) -> None:
    content = encode(source(), ExportOptions(format=form))
    found = read_bytes(content, "a")
    block = told(found.metadata.exif)
    assert block[0x010F] == "Lacuna Camera Works"
    assert block.get_ifd(0x8769)[0x9003] == "2026:01:02 03:04:05"
    assert block.get_ifd(0x8825)[2] == (50.0, 27.0, pytest.approx(12.3456))
    assert "лакуна".encode() in (found.metadata.xmp or b"")
    assert found.icc == source().icc
    assert b"thumbnail" not in content


@pytest.mark.parametrize("form", FORMS)
def test_the_orientation_is_1_in_every_block(form: str) -> None:
    content = encode(source(), ExportOptions(format=form))
    with Image.open(io.BytesIO(content)) as image:
        assert image.getexif().get(0x0112, 1) == 1
    packet = read_bytes(content, "a").metadata.xmp or b""
    assert b'tiff:Orientation="1"' in packet


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
def test_an_orientation_that_xmp_alone_names_is_neither_applied_nor_reset(form: str) -> None:
    """Browsers and editors do not apply it either; programs that do show both files alike."""
    content = as_stored(form)
    found = read_bytes(content, "a")
    assert found.pixels.shape[:2] == (24, 32)
    written = encode(found, ExportOptions(format=form))
    sizes = []
    for each in (content, written):
        assert b'tiff:Orientation="6"' in (read_bytes(each, "b").metadata.xmp or b"")
        with Image.open(io.BytesIO(each)) as image:
            sizes.append(ImageOps.exif_transpose(image).size)
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
def test_an_orientation_that_exif_names_goes_before_that_of_xmp(form: str) -> None:
    content = as_stored(form, exif=pictures.exif_block(1))
    packet = read_bytes(content, "a").metadata.xmp or b""
    assert b'tiff:Orientation="1"' in packet
    again = encode(read_bytes(content, "a"), ExportOptions(format=form))
    assert b'tiff:Orientation="1"' in (read_bytes(again, "b").metadata.xmp or b"")


@pytest.mark.parametrize("form", ["tiff", "avif"])
def test_containers_have_an_orientation_of_their_own(form: str) -> None:
    """Theirs was applied: none of XMP's may turn the picture again in the next file."""
    found = read_bytes(as_stored(form), "a")
    assert found.pixels.shape[:2] == (24, 32)
    assert b'tiff:Orientation="1"' in (found.metadata.xmp or b"")


def as_stored(form: str, exif: bytes = b"") -> bytes:
    """A file of Pillow's with the XMP packet as it is, and an EXIF block."""
    content = io.BytesIO()
    text = PngImagePlugin.PngInfo()
    text.add_itxt("XML:com.adobe.xmp", pictures.XMP.decode())
    start = b"Exif\0\0" if exif and form == "jpeg" else b""
    tags = {"tiffinfo": {700: pictures.XMP}} if form == "tiff" else {"exif": start + exif}
    image = Image.fromarray(pictures.noise(24, 32))
    image.save(content, form.upper(), xmp=pictures.XMP, pnginfo=text, **tags)
    return content.getvalue()


@pytest.mark.parametrize("form", FORMS)
def test_places_are_left_out_by_choice(form: str) -> None:
    options = ExportOptions(format=form, keep_gps=False)
    content = encode(source(), options)
    found = read_bytes(content, "a").metadata
    assert told(found.exif)[0x010F] == "Lacuna Camera Works"
    assert told(found.exif).get_ifd(0x8825) == {}
    assert b"GPSL" not in content
    assert "лакуна".encode() in (found.xmp or b"")
    assert Embedded(kind="gps", kept=False, why="choice") in embedded(source(), options)


@pytest.mark.parametrize("form", FORMS)
def test_private_leaves_nothing_but_the_profile(form: str) -> None:
    options = ExportOptions(format=form, private=True, source_type="algorithmicallyEnhanced")
    content = encode(source(), options)
    found = read_bytes(content, "a")
    assert found.icc == source().icc
    assert found.metadata == Metadata()
    assert not any(secret in content for secret in SECRETS)
    kept = [item.kind for item in embedded(source(), options) if item.kept]
    assert kept == ["profile"]


@pytest.mark.parametrize("form", FORMS)
def test_exif_is_left_out_by_choice(form: str) -> None:
    options = ExportOptions(format=form, keep_exif=False)
    content = encode(source(), options)
    assert not any(secret in content for secret in SECRETS)
    assert read_bytes(content, "a").metadata == Metadata()


@pytest.mark.parametrize("with_packet", [True, False])
@pytest.mark.parametrize("form", FORMS)
def test_source_type_is_marked(form: str, with_packet: bool) -> None:
    term = "compositeWithTrainedAlgorithmicMedia"
    picture = source(CARRIED if with_packet else Metadata())
    options = ExportOptions(format=form, source_type=term)
    packet = read_bytes(encode(picture, options), "a").metadata.xmp
    assert xmp.source_type(packet) == term
    assert ("лакуна".encode() in (packet or b"")) == with_packet
    assert Embedded(kind="source-type", kept=True) in embedded(picture, options)


def test_source_type_replaces_the_one_before() -> None:
    once = xmp.marked(pictures.XMP, "digitalCapture")
    twice = xmp.marked(once, "algorithmicallyEnhanced")
    assert twice.count(b"digitalsourcetype/") == 1
    assert xmp.source_type(twice) == "algorithmicallyEnhanced"
    assert twice == xmp.marked(twice, "algorithmicallyEnhanced")


@pytest.mark.parametrize(
    "packet",
    [
        b"not xml",
        b"\xff\xfe",
        b"<x/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><rdf:RDF xmlns:rdf="r">&b;</rdf:RDF>',
        b"<rdf:RDF>",
    ],
)
def test_broken_packets_are_not_carried(packet: bytes) -> None:
    assert clean_xmp.cleaned(packet, keep_gps=True)[0] is None
    assert xmp.source_type(xmp.marked(packet, "digitalCapture")) == "digitalCapture"
    assert b"not xml" not in xmp.marked(packet, "digitalCapture")


def test_thumbnails_of_a_packet_are_dropped() -> None:
    inner = b"<xmp:Thumbnails><rdf:Alt><rdf:li>SECRET</rdf:li></rdf:Alt></xmp:Thumbnails>"
    packet = pictures.XMP.replace(b"<dc:subject>", inner + b"<dc:subject>")
    packet = packet.replace(b"<x:xmpmeta ", b'<x:xmpmeta xmlns:xmp="http://ns.adobe.com/xap/1.0/" ')
    found = clean_xmp.cleaned(packet, keep_gps=True)[0]
    assert found is not None
    assert b"SECRET" not in found
    assert b"<dc:subject>" in found


@pytest.mark.parametrize("form", ["jpeg", "tiff"])
def test_iptc_is_carried_by_the_formats_that_have_a_place(form: str) -> None:
    found = read_bytes(encode(source(), ExportOptions(format=form)), "a")
    assert found.metadata.iptc == pictures.IPTC


def test_what_a_format_cannot_hold_is_said() -> None:
    lost = {item.kind for item in embedded(source(), ExportOptions(format="webp")) if not item.kept}
    assert lost == {"iptc", "dpi", "text", "thumbnail"}
    lost = {item.kind for item in embedded(source(), ExportOptions(format="png")) if not item.kept}
    assert lost == {"iptc", "thumbnail"}
    lost = {item.kind for item in embedded(source(), ExportOptions(format="jpeg")) if not item.kept}
    assert lost == {"text", "thumbnail"}


def test_text_of_png_is_kept() -> None:
    found = read_bytes(encode(source(), ExportOptions()), "a")
    assert found.metadata.text == CARRIED.text


def test_raw_profiles_in_png_text_do_not_slip_through() -> None:
    picture = source(Metadata(text=(("Raw profile type exif", "GPSLatitude"), ("a", "b"))))
    found = read_bytes(encode(picture, ExportOptions()), "a")
    assert found.metadata.text == (("a", "b"),)


@pytest.mark.parametrize("form", ["png", "jpeg", "tiff"])
def test_resolution(form: str) -> None:
    found = read_bytes(encode(source(), ExportOptions(format=form)), "a")
    assert found.metadata.dpi == pytest.approx((240, 240), abs=0.01)


def test_blocks_too_long_for_a_jpeg_are_left_out_and_said() -> None:
    words = b"words of a person " * 1_700
    said = b"".join(b"<rdf:li>" + words + b"</rdf:li>" for _ in range(3))
    long = pictures.XMP.replace(b"<dc:subject>", said + b"<dc:subject>")
    fields = {tag: ifd.IfdValue(2, len(words), words) for tag in (270, 305, 315)}
    block = b"II*\0\x08\0\0\0" + ifd.serialised(dict(fields), 8)
    picture = source(Metadata(xmp=long, exif=block))
    options = ExportOptions(format="jpeg", source_type="algorithmicallyEnhanced")
    found = read_bytes(encode(picture, options), "a").metadata
    assert found.exif is None
    assert xmp.source_type(found.xmp) == "algorithmicallyEnhanced"
    assert ("exif", False, "too-long") in [
        (item.kind, item.kept, item.why) for item in embedded(picture, options)
    ]


# --- EXIF in place


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_orientation_both_ways(turn: int, order: str) -> None:
    block = pictures.exif_block(turn, order=order)
    assert exif.orientation(block) == turn
    upright = exif.upright(block)
    assert exif.orientation(upright) == 1
    assert upright is not None
    assert len(upright) == len(block)


@pytest.mark.parametrize("order", ["<", ">"])
def test_cleaning_moves_nothing_else(order: str) -> None:
    block = pictures.exif_block(3, order=order, thumbnail=THUMBNAIL)
    kept = clean_exif.cleaned(block, keep_gps=True)[0]
    assert kept is not None
    assert exif.thumbnail(block) == THUMBNAIL
    assert exif.thumbnail(kept) is None
    assert b"thumbnail" not in kept
    changed = [at for at in range(len(kept)) if kept[at] != block[at]]
    assert len(changed) <= 5  # orientation, link to the second directory
    assert exif.has_gps(kept)
    assert told(kept).get_ifd(0x8769) == told(block).get_ifd(0x8769)


@pytest.mark.parametrize("order", ["<", ">"])
def test_places_are_wiped_and_not_only_unlinked(order: str) -> None:
    block = pictures.exif_block(3, order=order, thumbnail=THUMBNAIL)
    found = clean_exif.cleaned(block, keep_gps=False)[0]
    assert found is not None
    assert not exif.has_gps(found)
    number = (123_456).to_bytes(4, "little" if order == "<" else "big")
    assert number in block
    assert number not in found
    assert told(found)[0x010F] == "Lacuna Camera Works"
    assert told(found).get_ifd(0x8769) == told(block).get_ifd(0x8769)


def test_broken_blocks_are_left_out() -> None:
    for block in (b"", b"x" * 40, pictures.exif_block()[:20], b"II*\0\xff\xff\xff\xff"):
        assert clean_exif.cleaned(block, keep_gps=True)[0] is None
        assert exif.orientation(block) == 1
        assert exif.thumbnail(block) is None


def test_a_directory_that_holds_itself_ends() -> None:
    block = bytearray(pictures.exif_block(gps=False))
    at = bytes(block).find(b"\x69\x87\x04\x00")
    block[at + 8 : at + 12] = (8).to_bytes(4, "little")
    assert exif.for_tiff(bytes(block))[0x010F] == ifd.IfdValue(2, 20, b"Lacuna Camera Works\0")


def test_big_endian_blocks_are_turned_for_tiff() -> None:
    picture = source(Metadata(exif=pictures.exif_block(order=">")))
    content = encode(picture, ExportOptions(format="tiff"))
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        tags = file.pages[0].tags
        assert tags[0x010F].value == "Lacuna Camera Works"
        assert tags[34_665].value["DateTimeOriginal"] == "2026:01:02 03:04:05"
        assert tags[34_853].value["GPSLatitude"] == (50, 1, 27, 1, 123_456, 10_000)


def test_exif_goes_from_jpeg_to_tiff_to_jpeg(tmp_path: Path) -> None:
    first = read_bytes(encode(source(), ExportOptions(format="jpeg")), "a")
    second = read_bytes(encode(first, ExportOptions(format="tiff")), "b")
    third = read_bytes(encode(second, ExportOptions(format="jpeg")), "c")
    a, c = told(first.metadata.exif), told(third.metadata.exif)
    assert a[0x010F] == c[0x010F]
    assert a.get_ifd(0x8825) == c.get_ifd(0x8825)
    assert third.metadata.iptc == pictures.IPTC
