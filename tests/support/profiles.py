"""Small ICC profiles, computed here: the repository carries nobody's files."""

import struct

ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
D50 = (0.9642, 1.0, 0.8249)


def adobe_rgb() -> bytes:
    """A matrix profile with the colorants and the gamma of Adobe RGB (1998)."""
    tags = {b"desc": _text(b"desc"), b"cprt": _text(b"text"), b"wtpt": _xyz(D50)}
    for name, colorant in zip((b"r", b"g", b"b"), ADOBE_RGB):
        tags[name + b"XYZ"] = _xyz(colorant)
        tags[name + b"TRC"] = _gamma(563 / 256)
    return _profile(b"RGB ", tags)


def gray_gamma(gamma: float) -> bytes:
    """A gray profile with one power curve."""
    tags = {b"desc": _text(b"desc"), b"cprt": _text(b"text"), b"wtpt": _xyz(D50)}
    return _profile(b"GRAY", tags | {b"kTRC": _gamma(gamma)})


def _profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(content))
        body += content + b"\0" * (-len(content) % 4)
    header = struct.pack(
        ">I4sI4s4s4s12s4s4sI4s4sQI12s48x",
        start + len(body), b"\0" * 4, 0x02400000, b"mntr", space, b"XYZ ", b"\0" * 12,
        b"acsp", b"\0" * 4, 0, b"\0" * 4, b"\0" * 4, 0, 0, struct.pack(">iii", *map(_fixed, D50)),
    )  # fmt: skip
    return header + table + body


def _fixed(value: float) -> int:
    return round(value * 65536)


def _xyz(value: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">iii", *map(_fixed, value))


def _gamma(value: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256))


def _text(kind: bytes) -> bytes:
    words = b"test\0"
    if kind == b"text":
        return b"text\0\0\0\0" + words
    return b"desc\0\0\0\0" + struct.pack(">I", len(words)) + words + b"\0" * 78
