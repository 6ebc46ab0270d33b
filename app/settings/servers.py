"""Servers in the file of the settings: read one by one, and written without any secret."""

import re
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, cast

import msgspec

from engine.comfy.server.address import Server
from engine.storage.json_records import builtins

LONGEST_NAME = 80
REQUIRED = ("name", "url")

_KNOWN = frozenset(known.name for known in fields(Server))

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_FINGERPRINT = re.compile(r"(?:[0-9a-f]{2}:){31}[0-9a-f]{2}")
_URL = re.compile(r"https?://[^\s/@?#]+(?:/[^\s@?#]*)?")


def written(servers: Sequence[Server]) -> list[dict[str, Any]]:
    """For JSON: of each only what differs from the defaults."""
    return [_record(server) for server in servers]


def read(value: object) -> tuple[tuple[Server, ...], bool]:
    """The usable servers of a list, and whether all of it was usable."""
    if not isinstance(value, list):
        return (), False
    found: dict[str, Server] = {}
    entries = cast("list[object]", value)
    for entry in entries:
        server = _server(entry)
        if server is not None and server.name.casefold() not in found:
            found[server.name.casefold()] = server
    return tuple(found.values()), len(found) == len(entries)


def is_name(text: str) -> bool:
    """Whether a text is valid as the name of a server."""
    return 0 < len(text) <= LONGEST_NAME and text == text.strip() and text.isprintable()


def is_header(text: str) -> bool:
    """Whether a text is valid as the name of a header."""
    return _HEADER.fullmatch(text) is not None


def is_fingerprint(text: str) -> bool:
    """Whether a text is the sha256 of a certificate, aa:bb:... in small letters."""
    return _FINGERPRINT.fullmatch(text) is not None


def _record(server: Server) -> dict[str, Any]:
    record: dict[str, Any] = builtins(server)
    return {
        known.name: record[known.name]
        for known in fields(Server)
        if known.name in REQUIRED or getattr(server, known.name) != known.default
    }


def _server(entry: object) -> Server | None:
    """The server of an entry; None when anything in it is not valid."""
    if not isinstance(entry, dict) or cast("dict[str, object]", entry).keys() - _KNOWN:
        return None
    try:
        server = msgspec.convert(entry, Server)
    except msgspec.ValidationError:
        return None
    return server if _is_right(server) else None


def _is_right(server: Server) -> bool:
    """Checks name, URL, headers and fingerprint."""
    return (
        is_name(server.name)
        and _URL.fullmatch(server.url) is not None
        and all(is_header(name) for name in server.headers)
        and (not server.fingerprint or is_fingerprint(server.fingerprint))
    )
