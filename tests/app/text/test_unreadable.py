"""Every refusal of a picture names what was found, and none of a whole file says "damaged"."""

from pathlib import Path

import pytest

from app.text.errors.explain import explain
from engine.errors import ImageTooLarge, ImageUnreadable
from engine.image_io.headers.kinds import format_of
from engine.image_io.reader import read

FOUND = {
    b"": "an empty file",
    bytes(500): "a file of zeros",
    b"<!doctype html><html><body>404 not found</body></html>": "a web page",
    b"\xef\xbb\xbf  <HTML>": "a web page",
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>': "an SVG drawing",
    b'<?xml version="1.0"?><plist/>': "an XML file",
    b"hello world, no picture here": "a text",
    "слова замість картинки".encode(): "a text",
    "слова".encode() * 1_000: "a text",
    "words".encode("utf-16"): "a text",
    b"8BPS\0\1": "a Photoshop file",
    b"gimp xcf v011\0": "a GIMP file",
    b"PK\3\4" + bytes(26) + b"mimetypeapplication/x-krita": "a Krita file",
    b"PK\3\4" + bytes(26) + b"mimetypeimage/openraster": "an OpenRaster file",
    b"PK\3\4" + bytes(26): "an archive",
    b"%PDF-1.4\n": "a PDF document",
    b"\xff\x0a\xfa": "a JPEG XL picture",
    b"\0\0\0\x0cjP  \r\n\x87\n": "a JPEG 2000 picture",
    b"\0\0\0\x18ftypisom": "a video",
    b"P6\n1 1\n255\n": "a PNM picture",
    b"\0\0\1\0\1\0": "an icon",
    b"FUJIFILMCCD-RAW 0201FF": "a camera raw file (RAF)",
    b"IIU\0\x18\0\0\0": "a camera raw file (RW2)",
    b"IIRO\x08\0\0\0": "a camera raw file (ORF)",
    b"II*\0\x10\0\0\0CR\2\0": "a camera raw file (CR2)",
    b"\0\0\0\x18ftypcrx \0\0\0\1": "a camera raw file (CR3)",
    b"\x93\x12\x80\xff" * 20: "not a picture of a format",
}


@pytest.mark.parametrize(("content", "words"), FOUND.items(), ids=FOUND.values())
def test_what_was_found_is_named(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(ImageUnreadable) as caught:
        read(path)
    message = explain(caught.value)
    assert words in message.text
    assert message.next_step.endswith(".")


@pytest.mark.parametrize(
    ("reason", "detail", "words"),
    [
        ("kind", "tiff-float 32", "a 32-bit floating point TIFF"),
        ("kind", "tiff-compression 34712", "a TIFF of compression 34712"),
        ("kind", "tiff-cmyk 32", "a CMYK TIFF with 32 bits"),
        ("kind", "jpeg-bits 12", "a 12-bit JPEG"),
        ("kind", "jpeg-lossless", "a lossless JPEG"),
        ("kind", "something new", "a picture of an unusual kind"),
        ("reduced", "", "only a small version"),
        ("no-file", "", "no file"),
        ("needs-formats", "heic", "the library for HEIC"),
    ],
)
def test_words_of_codes(reason: str, detail: str, words: str) -> None:
    message = explain(ImageUnreadable(Path("a.tif"), reason, detail))
    assert words in message.text
    assert "{" not in message.sentence
    assert "damaged" not in message.sentence


def test_a_picture_that_is_too_large_names_its_setting() -> None:
    message = explain(ImageTooLarge(Path("a.png"), "pixels", 200_000_000, 120_000_000))
    assert "Largest picture" in message.next_step
    assert "Largest picture" not in explain(ImageTooLarge(None, "frames", 2, 1)).next_step


def test_formats_that_are_read_are_no_refusals() -> None:
    assert format_of(b"BM" + b"\1\2\3\4\5\6\7\0" + bytes(4) + b"\x28\0\0\0") == "bmp"
    assert format_of(b"MM\0+\0\x08\0\0") == "tiff"
    assert format_of(b"\0\0\0\x18ftypmif1\0\0\0\0mif1miaf") == "heic"
    assert format_of(b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif") == "avif"
