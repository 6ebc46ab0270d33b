"""Gain maps of JPEG files: a second picture that tells how much brighter the first may shine.

Two forms, often both in one file: Ultra HDR (Adobe's `hdrgm` XMP with a directory in Google's
Container) and ISO 21496-1 (an APP2 segment). Either way the map lies behind the first picture.
"""

import io
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

from engine.errors import ImageTooLarge
from engine.image_io.headers import jpeg, mpf, xmp
from engine.image_io.limits import Limits

ISO = b"urn:iso:std:iso:ts:21496:-1\0"
_SPACE = "http://ns.adobe.com/hdr-gain-map/1.0/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_GOOGLE = "http://ns.google.com/photos/1.0/container/"
_NAMES = (
    *("Version", "BaseRenditionIsHDR", "GainMapMin", "GainMapMax", "Gamma"),
    *("OffsetSDR", "OffsetHDR", "HDRCapacityMin", "HDRCapacityMax"),
)
_VALUE = re.compile(r"[-+]?\d{1,12}(?:\.\d{0,20})?(?:[eE][-+]?\d{1,3})?|True|False")
_MOST_TRIES, _MOST_ISO_BYTES = 8, 256


@dataclass(frozen=True, slots=True, kw_only=True)
class GainMap:
    """The map of a file: a JPEG of its own, as its source has it."""

    content: bytes
    parameters: dict[str, tuple[str, ...]]  # of hdrgm, one or three values each; empty: ISO alone
    iso_first: bytes  # body of the ISO segment in the first picture, or nothing
    iso: bytes  # in the map


def find(content: bytes) -> GainMap | None:
    """The gain map of a JPEG file."""
    if ISO not in content and _SPACE.encode() not in content:
        return None
    try:
        head = jpeg.examine(io.BytesIO(content), Limits())
    except (ValueError, struct.error, ImageTooLarge):
        return None
    for start in _starts(content, head):
        found = _map_in(content[start : start + jpeg.end_of(content[start:])])
        if found is not None:
            return GainMap(
                content=found.content,
                parameters=found.parameters,
                iso_first=_iso(jpeg.applications(content)),
                iso=found.iso,
            )
    return None


def _starts(content: bytes, head: jpeg.JpegHeader) -> Iterator[int]:
    """Where pictures behind the first one may begin."""
    for _, at, _ in mpf.pictures(head)[:_MOST_TRIES]:
        if content[at : at + 3] == b"\xff\xd8\xff":
            yield at
    at = content.find(b"\xff\xd8\xff", jpeg.end_of(content))
    for _ in range(_MOST_TRIES):
        if at < 0:
            return
        yield at
        at = content.find(b"\xff\xd8\xff", at + max(2, jpeg.end_of(content[at:])))


def _map_in(content: bytes) -> GainMap | None:
    try:
        head = jpeg.examine(io.BytesIO(content), Limits())
    except (ValueError, struct.error, ImageTooLarge):
        return None
    iso = _iso(jpeg.applications(content))
    parameters = _parameters(head.xmp or b"")
    is_map = bool(iso or parameters) and head.channels in (1, 3) and head.precision == 8
    if not is_map:
        return None
    return GainMap(content=content, parameters=parameters, iso_first=b"", iso=iso)


def _iso(applications: list[tuple[int, bytes]]) -> bytes:
    return next(
        (
            body
            for marker, body in applications
            if marker == 0xE2 and body.startswith(ISO) and len(body) <= _MOST_ISO_BYTES
        ),
        b"",
    )


def _parameters(packet: bytes) -> dict[str, tuple[str, ...]]:
    """Numbers and flags of the hdrgm namespace."""
    text = xmp.text_of(packet)
    if text is None or _SPACE not in text:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for element in ElementTree.fromstring(text.encode(), forbid_dtd=True).iter():
        for name in _NAMES:
            values = _values(element, f"{{{_SPACE}}}{name}")
            if values and all(map(_VALUE.fullmatch, values)):
                found[name] = values
    return found if len(found) > 1 else {}


def _values(element: Element, name: str) -> tuple[str, ...]:
    if name in element.attrib:
        return (element.attrib[name].strip(),)
    if element.tag != name:
        return ()
    items = [item.text or "" for item in element.iter(f"{{{_RDF}}}li")]
    return tuple(item.strip() for item in items or [element.text or ""])


def described(parameters: dict[str, tuple[str, ...]]) -> bytes:
    """A packet for the map itself."""
    single = "".join(
        f' hdrgm:{name}="{values[0]}"' for name, values in parameters.items() if len(values) == 1
    )
    lists = "".join(
        f"<hdrgm:{name}><rdf:Seq>"
        + "".join(f"<rdf:li>{value}</rdf:li>" for value in values)
        + f"</rdf:Seq></hdrgm:{name}>"
        for name, values in parameters.items()
        if len(values) > 1
    )
    return xmp.with_description(None, f'xmlns:hdrgm="{_SPACE}"{single}', lists)


def announced(packet: bytes | None, found: GainMap, map_bytes: int) -> bytes | None:
    """The first picture's packet, with the directory that names a map of this length."""
    if not found.parameters:
        return packet
    version = found.parameters.get("Version", ("1.0",))[0]
    attributes = (
        f'xmlns:Container="{_GOOGLE}" xmlns:Item="{_GOOGLE}item/" xmlns:hdrgm="{_SPACE}" '
        f'hdrgm:Version="{version}"'
    )
    items = (
        'Item:Semantic="Primary" Item:Mime="image/jpeg"',
        f'Item:Semantic="GainMap" Item:Mime="image/jpeg" Item:Length="{map_bytes}"',
    )
    entries = "".join(
        f'<rdf:li rdf:parseType="Resource"><Container:Item {item}/></rdf:li>' for item in items
    )
    directory = f"<Container:Directory><rdf:Seq>{entries}</rdf:Seq></Container:Directory>"
    return xmp.with_description(packet, attributes, directory)
