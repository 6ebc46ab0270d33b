"""Foreign bytes: bombs, other formats under our names, and thousands of damaged files.

Tests 1 to 3 of the security rules: only the declared errors leave, quickly and in little memory.
"""

import contextlib
import io
import json
import os
import random
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from engine.errors import ImageTooLarge, ImageUnreadable
from engine.image_io.encoding import png_writer
from engine.image_io.first_view import first_view
from engine.image_io.reader import read, read_bytes
from tests.support import pictures
from tests.support.pictures import saved

MEMORY_MB = 200


# --- 1: bombs


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of(side: int, extra: bytes = b"", pixels: bytes = b"") -> bytes:
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    body = png_chunk(b"IDAT", pixels or zlib.compress(bytes(side * (side * 3 + 1))))
    return b"\x89PNG\r\n\x1a\n" + head + extra + body + png_chunk(b"IEND", b"")


def packed_zeros(megabytes: int) -> bytes:
    """A zlib stream of zeros: one megabyte is packed and stands in it again and again."""
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    megabyte = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    head, last_block, adler32 = b"\x78\xda", b"\x03\x00", ((megabytes << 20) % 65521 << 16) + 1
    return head + megabyte * megabytes + last_block + struct.pack(">I", adler32)


def gif_of(frames: int) -> bytes:
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x4c\x01\x00"
    return b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6) + frame * frames + b";"


def tiff_of_strips(count: int) -> bytes:
    fields = [
        (256, 4, 1, 1_000),
        (257, 4, 1, 1_000),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, count, 200),
        (277, 3, 1, 1),
        (278, 4, 1, 1),
        (279, 4, count, 200),
    ]
    table = b"".join(struct.pack("<HHII", *field) for field in fields)
    head = b"II*\0\x08\0\0\0" + struct.pack("<H", len(fields)) + table + bytes(4)
    return head.ljust(200, b"\0") + bytes(4 * count)


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "png-13000": (lambda: png_of(13_000, pixels=packed_zeros(484)), "pixels"),
    "png-60000": (lambda: png_of(60_000, pixels=packed_zeros(1)), "side"),
    "ztxt": (lambda: png_of(8, png_chunk(b"zTXt", b"a\0\0" + packed_zeros(200))), "metadata"),
    "iccp": (lambda: png_of(8, png_chunk(b"iCCP", b"a\0\0" + packed_zeros(60))), "profile"),
    "gif": (lambda: gif_of(2_000), "frames"),
    "tiff": (lambda: tiff_of_strips(20_000_000), "strips"),
}


CHILD = """
import json, sys, time
from pathlib import Path
from engine.errors import ImageTooLarge
from engine.image_io.reader import read
from PIL import AvifImagePlugin  # counted before, not as a bomb's

def peak_mb():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024

before, start, told = peak_mb(), time.process_time(), []
try:
    if sys.argv[1] == "take":
        taken = bytearray(b"x") * (100 << 20)
    else:
        read(Path(sys.argv[1]))
except ImageTooLarge as error:
    told = [error.what, error.found, error.limit, str(error.path)]
print(json.dumps([peak_mb() - before, time.process_time() - start, told]))
"""


def in_a_child(argument: str) -> tuple[float, float, list]:
    """Memory in MB and CPU seconds that reading takes, and what the error tells."""
    command = [sys.executable, "-c", CHILD, argument]
    root = Path(__file__).parents[3]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return tuple(json.loads(done.stdout))


needs_proc = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the peak of a process is read from /proc"
)


@needs_proc
@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_at_once(name: str, tmp_path: Path) -> None:
    make, limit = BOMBS[name]
    path = tmp_path / "bomb.png"
    path.write_bytes(make())
    memory_mb, seconds, told = in_a_child(str(path))
    assert memory_mb < MEMORY_MB
    assert seconds < 1
    what, found, most, where = told
    assert (what, where) == (limit, str(path))
    assert found > most > 0


@needs_proc
def test_memory_taken_is_seen() -> None:
    assert in_a_child("take")[0] > 90


# --- 2: other formats


MAGICS: dict[str, bytes] = {
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
    "eps-binary": b"\xc5\xd0\xd3\xc6\x20\0\0\0\xff\0\0\0",
    "ps": b"%!PS\n",
    "pdf": b"%PDF-1.7\n",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "xml": b'<?xml version="1.0"?><svg/>',
    "wmf": b"\xd7\xcd\xc6\x9a\0\0",
    "emf": b"\x01\0\0\0\x6c\0\0\0",
    "psd": b"8BPS\0\x01",
    "fits": b"SIMPLE  =                    T",
    "hdf5": b"\x89HDF\r\n\x1a\n",
    "grib": b"GRIB\0\0\0\x01",
    "bufr": b"BUFR\0\0\0\x01",
    "ico": b"\0\0\x01\0\x01\0",
    "cur": b"\0\0\x02\0\x01\0",
    "icns": b"icns\0\0\0\x08",
    "pcx": b"\x0a\x05\x01\x08",
    "dcx": b"\xb1\x68\xde\x3a",
    "ppm": b"P6\n1 1\n255\n\0\0\0",
    "pgm": b"P5\n1 1\n255\n\0",
    "pfm": b"PF\n1 1\n-1.0\n" + bytes(12),
    "xbm": b"#define im_width 8\n#define im_height 1\n",
    "xpm": b"/* XPM */",
    "sgi": b"\x01\xda\x01\x01\0\x03",
    "sun": b"\x59\xa6\x6a\x95",
    "dds": b"DDS \x7c\0\0\0",
    "blp": b"BLP2\x01\0\0\0",
    "ftex": b"FTEX\0\0\0\0",
    "jpeg2000": b"\0\0\0\x0cjP  \x0d\x0a\x87\x0a",
    "j2k": b"\xff\x4f\xff\x51\0\x2f",
    "jxl": b"\xff\x0a\xfa\x1f",
    "jxl-box": b"\0\0\0\x0cJXL \x0d\x0a\x87\x0a",
    "raf": b"FUJIFILMCCD-RAW 0201",
    "exr": b"\x76\x2f\x31\x01\x02\0\0\0",
    "hdr": b"#?RADIANCE\n",
    "qoi": b"qoif\0\0\0\x01\0\0\0\x01\x03\0",
    "mpeg": b"\0\0\x01\xb3\0\x10\x01\x13",
    "mp4": b"\0\0\0\x18ftypisom\0\0\0\0",
    "fli": b"\x80\0\0\0\x11\xaf\x01\0",
    "zip": b"PK\x03\x04\x14\0\0\0",
    "gzip": b"\x1f\x8b\x08\0\0\0\0\0",
    "elf": b"\x7fELF\x02\x01\x01\0",
    "empty": b"",
}


@pytest.fixture
def no_children(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise AssertionError(f"a child process was started: {args}")

    for name in ("Popen", "run", "call", "check_call", "check_output"):
        monkeypatch.setattr(subprocess, name, refuse)
    for name in ("system", "popen", "fork", "posix_spawn", "posix_spawnp", "execv", "execve"):
        monkeypatch.setattr(os, name, refuse)


@pytest.mark.usefixtures("no_children")
@pytest.mark.parametrize("name", MAGICS)
def test_other_formats_do_not_open(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    for content in (MAGICS[name], MAGICS[name] + bytes(4_096)):
        path.write_bytes(content)
        with pytest.raises(ImageUnreadable) as caught:
            read(path)
        assert caught.value.reason in ("format", "kind", "raw", "empty")
        assert caught.value.path == path
        assert first_view(path) is None


def test_there_are_forty_of_them() -> None:
    assert len(MAGICS) >= 40


# --- 3: mutations


def corpus() -> Iterator[bytes]:
    """Thirty files of every format, mode, depth and kind of metadata."""
    whole = Image.fromarray(pictures.noise(24, 31))
    block = b"Exif\0\0" + pictures.exif_block(6, thumbnail=saved(whole.resize((8, 6)), "JPEG"))
    icc = pictures.rgb_profile(*pictures.ADOBE_RGB)
    carried = {"exif": block, "xmp": pictures.XMP, "icc_profile": icc}
    for form in ("JPEG", "WEBP", "AVIF"):
        yield saved(whole, form, **carried)
        yield saved(whole.convert("L" if form == "JPEG" else "RGBA"), form)
    yield saved(whole, "JPEG", progressive=True)
    yield saved(whole.convert("CMYK"), "JPEG")
    yield saved(whole, "MPO", save_all=True, append_images=[whole])
    yield saved(whole, "WEBP", save_all=True, append_images=[whole.rotate(9)])
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA"):
        yield saved(whole.convert(mode), "PNG", icc_profile=None if mode in ("L", "LA") else icc)
    for channels in (1, 2, 4):
        deep = np.random.default_rng(channels).integers(0, 65_536, (19, 14, channels))
        yield png_writer.encode_png(deep.astype(np.uint16), chunks=[(b"eXIf", block[6:])])
    for mode in ("L", "P", "RGBA", "CMYK"):
        yield saved(whole.convert(mode), "TIFF")
    yield saved(whole, "TIFF", compression="tiff_lzw", icc_profile=icc)
    yield saved(whole, "TIFF", compression="jpeg")
    for options in ({}, {"compression": "zlib", "predictor": True}, {"tile": (16, 16)}):
        out = io.BytesIO()
        tifffile.imwrite(out, pictures.noise(24, 31, depth=16), photometric="rgb", **options)
        yield out.getvalue()
    yield saved(whole, "BMP")
    yield saved(whole, "GIF", save_all=True, append_images=[whole.rotate(9)])


def mutated(content: bytes, dice: random.Random) -> bytes:
    """One to eight changes: bytes, whole numbers, pieces lost, doubled, or cut off."""
    found = bytearray(content)
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(max(1, len(found) if dice.random() < 0.5 else min(200, len(found))))
        kind = dice.randrange(6)
        if kind == 0:
            found[at : at + 1] = bytes([dice.randrange(256)])
        elif kind == 1:
            found[at : at + 4] = dice.choice([bytes(4), b"\xff" * 4, b"\x7f\xff\xff\xff"])
        elif kind == 2:
            del found[at : at + dice.randint(1, 40)]
        elif kind == 3:
            found[at:at] = found[at : at + dice.randint(1, 400)]
        elif kind == 4:
            found[at:at] = dice.randbytes(dice.randint(1, 16))
        elif dice.random() < 0.2:
            del found[max(1, at) :]
    return bytes(found)


def with_true_checksums(content: bytes) -> bytes:
    """A damaged PNG whose checksums hold, so that the decoders behind them are reached."""
    out, at = bytearray(content), 8
    while at + 12 <= len(out):
        length = int.from_bytes(out[at : at + 4], "big")
        end = at + 8 + length
        if end + 4 > len(out):
            break
        struct.pack_into(">I", out, end, zlib.crc32(out[at + 4 : end]))
        at = end + 4
    return bytes(out)


def test_only_declared_errors_leave_for_two_thousand_damaged_files() -> None:
    files = list(corpus())
    assert len(files) >= 30
    dice = random.Random(20_260)
    opened, start = 0, time.process_time()
    for index in range(2_000):
        content = mutated(files[index % len(files)], dice)
        if content.startswith(b"\x89PNG") and dice.random() < 0.7:
            content = with_true_checksums(content)
        began = time.process_time()
        try:
            found = read_bytes(content, f"{index}.png")
        except (ImageUnreadable, ImageTooLarge):
            pass
        else:
            opened += 1
            assert found.pixels.dtype in (np.uint8, np.uint16)
            assert found.pixels.shape[:2] == (found.size.height, found.size.width)
        assert time.process_time() - began < 2, index
    assert time.process_time() - start < 60
    assert 100 < opened < 1_900  # some are still whole, some are not


def test_first_views_of_damaged_files(tmp_path: Path) -> None:
    files = list(corpus())
    dice = random.Random(7)
    path = tmp_path / "a.png"
    for index in range(300):
        path.write_bytes(mutated(files[index % len(files)], dice))
        with contextlib.suppress(ImageUnreadable, ImageTooLarge):
            first_view(path)


def test_the_whole_corpus_opens() -> None:
    for content in corpus():
        found = read_bytes(content, "a")
        assert found.size.pixels > 0
        assert "profile-broken" not in found.notes
