"""Servers as they stand in the file of the settings. What is secret is never among it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, cast

from engine.comfy.server.address import Login, Server

LONGEST_NAME = 80

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
    """Whether a server may be called so."""
    return 0 < len(text) <= LONGEST_NAME and text == text.strip() and text.isprintable()


def is_header(text: str) -> bool:
    """Whether a header may have this name."""
    return _HEADER.fullmatch(text) is not None


def is_fingerprint(text: str) -> bool:
    """Whether it is the sha256 of a certificate, aa:bb:... in small letters."""
    return _FINGERPRINT.fullmatch(text) is not None


def _record(server: Server) -> dict[str, Any]:
    record: dict[str, Any] = {"name": server.name, "url": server.url}
    for known in fields(Server):
        value = getattr(server, known.name)
        if known.name not in record and value != known.default:
            record[known.name] = value.value if isinstance(value, Login) else value
    return record


def _server(entry: object) -> Server | None:
    """One server, None when anything about it is not what it should be."""
    if not isinstance(entry, dict):
        return None
    record = cast("dict[str, object]", entry)
    known = {field.name for field in fields(Server)}
    if not set(record) <= known or not _is_right(record):
        return None
    values: dict[str, Any] = {**record, "login": Login(record.get("login", "none"))}
    values["headers"] = tuple(values.get("headers", ()))
    return Server(**values)


def _is_right(record: Mapping[str, object]) -> bool:
    logins = [login.value for login in Login]
    return (
        _is_text(record.get("name"), is_name)
        and _is_text(record.get("url"), lambda text: _URL.fullmatch(text) is not None)
        and record.get("login", "none") in logins
        and all(isinstance(record.get(name, ""), str) for name in ("user", "ca_file"))
        and all(isinstance(record.get(name, True), bool) for name in ("allows_plain", "is_on"))
        and (not record.get("fingerprint") or _is_text(record["fingerprint"], is_fingerprint))
        and _are_headers(record.get("headers", []))
    )


def _is_text(value: object, fits: Any) -> bool:
    return isinstance(value, str) and bool(fits(value))


def _are_headers(value: object) -> bool:
    return isinstance(value, list) and all(
        _is_text(name, is_header) for name in cast("list[object]", value)
    )
