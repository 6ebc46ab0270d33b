"""The header of a GGUF file (version 2 and 3): quantised weights, as llama.cpp writes them.

Layout after https://github.com/ggml-org/ggml/blob/master/docs/gguf.md; bounded in every respect.
"""

import struct
from pathlib import Path
from typing import BinaryIO

from engine.errors import ModelUnreadable, ModelUnsafe
from engine.models.weights import MAX_DIMENSIONS, MAX_TENSORS, Tensor, WeightHeader
from engine.storage.foreign_file import open_file

MAGIC = b"GGUF"
MAX_ENTRIES = 2_000
MAX_TEXT = 1 << 20
MAX_ARRAY = 1 << 20  # bytes read over; vocabularies do not belong into an image model
TEXT, ARRAY = 8, 9
_FIXED = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q",
          11: "<q", 12: "<d"}  # fmt: skip
TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 8: "Q8_0", 10: "Q2_K",
    11: "Q3_K", 12: "Q4_K", 13: "Q5_K", 14: "Q6_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS",
    18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS",
    29: "IQ1_M", 30: "BF16", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4",
}  # fmt: skip


def read_gguf(path: Path) -> WeightHeader:
    """Names, types and shapes of the tensors, in the order (out, in) that torch has.

    Raises ModelUnsafe (header, limit), ModelUnreadable (format, damaged, missing).
    """
    try:
        with open_file(path) as file:
            if file.read(4) != MAGIC:
                raise ModelUnreadable(path, "format")
            return _Reader(path, file).header()
    except OSError as error:
        raise ModelUnreadable(path, "missing", error.strerror or "") from error
    except (struct.error, UnicodeDecodeError) as error:
        raise ModelUnreadable(path, "damaged", str(error)) from error


class _Reader:
    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._file = path, file

    def header(self) -> WeightHeader:
        version, tensors, entries = self._number("<I"), self._number("<Q"), self._number("<Q")
        if version not in (2, 3):
            raise ModelUnreadable(self._path, "format", f"GGUF version {version}")
        self._check("tensors", tensors, MAX_TENSORS)
        self._check("entries", entries, MAX_ENTRIES)
        metadata = {self._text(): self._value() for _ in range(entries)}
        return WeightHeader(
            tensors=dict(self._tensor() for _ in range(tensors)), metadata=metadata, layout="gguf"
        )

    def _tensor(self) -> tuple[str, Tensor]:
        name, count = self._text(), self._number("<I")
        self._check("dimensions", count, MAX_DIMENSIONS)
        shape = tuple(self._number("<Q") for _ in range(count))[::-1]
        kind = TYPES.get(self._number("<I"), "?")
        self._number("<Q")
        return name, Tensor(kind, shape)

    def _value(self) -> str:
        kind = self._number("<I")
        return self._array() if kind == ARRAY else self._single(kind)

    def _single(self, kind: int) -> str:
        if kind == TEXT:
            return self._text()
        if kind not in _FIXED:
            raise ModelUnsafe(self._path, "header", f"a value of type {kind}")
        return str(self._number(_FIXED[kind]))

    def _array(self) -> str:
        kind, count = self._number("<I"), self._number("<Q")
        self._check("array", count, MAX_ARRAY)
        if kind in _FIXED:
            self._file.seek(count * struct.calcsize(_FIXED[kind]), 1)
        else:
            for _ in range(count):
                self._single(kind)
        return ""

    def _text(self) -> str:
        length = self._number("<Q")
        self._check("text", length, MAX_TEXT)
        return self._file.read(length).decode()

    def _number(self, form: str) -> int:
        return struct.unpack(form, self._file.read(struct.calcsize(form)))[0]

    def _check(self, what: str, found: int, limit: int) -> None:
        if found > limit:
            raise ModelUnsafe(self._path, "limit", f"{found} {what}")
