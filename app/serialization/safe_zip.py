"""Reads zip files that may be damaged or hostile: known names only, and never beyond limits."""

import io
import re
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from engine.errors import ProjectTooLarge
from engine.storage.foreign_file import open_file

MAX_RATIO = 200
RATIO_FROM = 1_000_000  # bytes; below, a flat member may shrink as it likes
_NAME = re.compile(
    r"mimetype|stack\.xml|lacuna\.json|mergedimage\.png|Thumbnails/thumbnail\.png"
    r"|data/[A-Za-z0-9_-]{1,60}\.png|lacuna/[a-z]{1,20}\.bin"
)
_END, _LOCATOR, _END64 = b"PK\5\6", b"PK\6\7", b"PK\6\6"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLimits:
    """Upper bounds of a zip file."""

    members: int
    directory: int  # bytes of the list of members
    total: int  # bytes of all members that are read


def directory_bytes(name: str) -> int:
    """What a member takes in the directory at most, with its sizes and place in 64 bits."""
    return 46 + len(name.encode()) + 32


class Archive:
    """A zip file open for reading. Damage raises ValueError or an error of `zipfile`."""

    def __init__(self, path: Path, limits: ArchiveLimits) -> None:
        """Raises ProjectTooLarge for a directory over the limits."""
        self._left = limits.total
        self._path = path
        self._file = open_file(path)
        try:
            _check_directory(self._file, path, limits)
            self._zip = zipfile.ZipFile(self._file)
            self._members = _known(self._zip.infolist())
        except BaseException:
            self._file.close()
            raise

    @property
    def names(self) -> frozenset[str]:
        """The known members; others are ignored."""
        return frozenset(self._members)

    def read(self, name: str, limit: int) -> bytes:
        """A member of at most `limit` bytes. KeyError when absent."""
        member = self._members[name]
        _check_member(member)
        if member.file_size > self._left:
            raise ProjectTooLarge(self._path, "total", member.file_size, self._left)
        if member.file_size > limit:
            raise ProjectTooLarge(self._path, "member", member.file_size, limit)
        with self._zip.open(member) as file:
            data = file.read(limit + 1)
        if len(data) != member.file_size:
            raise ValueError("a member of another size than announced")
        self._left -= len(data)
        return data

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()
        self._file.close()


def _known(members: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    known: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        if member.orig_filename in known:
            raise ValueError("two members of one name")
        if _NAME.fullmatch(member.orig_filename):
            known[member.orig_filename] = member
    return known


def _check_member(member: zipfile.ZipInfo) -> None:
    if member.flag_bits & 1 or member.compress_type not in (
        zipfile.ZIP_STORED,
        zipfile.ZIP_DEFLATED,
    ):
        raise ValueError("encrypted or of an unusual method")
    if member.file_size > max(RATIO_FROM, member.compress_size * MAX_RATIO):
        raise ValueError("unpacks to far more than it holds")


def _check_directory(file: BinaryIO, path: Path, limits: ArchiveLimits) -> None:
    """Checks count and size of the directory before `zipfile` builds an object for each member.

    Its record for large files must lie where both look for it: at the place that the locator
    names, and just before the locator.
    """
    length = file.seek(0, io.SEEK_END)
    start = max(0, length - 65_558)  # the longest comment and the record before it
    file.seek(start)
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise ValueError("no zip file")
    count, directory = struct.unpack_from("<HI", tail, at + 10)
    if at >= 20 and tail[at - 20 : at - 16] == _LOCATOR:
        before = start + at - 20 - 56
        if struct.unpack_from("<Q", tail, at - 12)[0] != before:
            raise ValueError("two directories")
        file.seek(before)
        record = file.read(56)
        if record[:4] != _END64:
            raise ValueError("no zip file")
        count, directory = struct.unpack_from("<QQ", record, 32)
    for what, found in (("members", count), ("directory", directory)):
        limit: int = getattr(limits, what)
        if found > limit:
            raise ProjectTooLarge(path, what, found, limit)
    file.seek(0)
