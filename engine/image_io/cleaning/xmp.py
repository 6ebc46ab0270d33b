"""XMP packets without pictures and without claims on what an export leaves out.

Properties are found by their namespaces, whatever their prefixes, and cut out of the text; the rest
stays as its writer left it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from engine.geometry import Size
from engine.image_io.cleaning import pictures
from engine.image_io.headers import xmp

_GOOGLE = "http://ns.google.com/photos/"
_XAP = "http://ns.adobe.com/xap/1.0/"
_SPACES = {
    f"{_XAP}g/img/": "thumbnail",
    f"{_GOOGLE}1.0/image/": "original",
    f"{_GOOGLE}1.0/depthmap/": "depth-map",
    f"{_GOOGLE}1.0/focus/": "depth-map",
    f"{_GOOGLE}1.0/audio/": "audio",
    f"{_GOOGLE}1.0/container/": "container",
    f"{_GOOGLE}1.0/container/item/": "container",
    "http://ns.adobe.com/hdr-gain-map/1.0/": "gain-map",
    "http://ns.apple.com/HDRGainMap/1.0/": "gain-map",
    "http://ns.apple.com/pixeldatainfo/1.0/": "depth-map",
    "http://ns.apple.com/depthData/1.0/": "depth-map",
    "http://ns.apple.com/portraitEffectsMatte/1.0/": "depth-map",
    "http://ns.apple.com/semanticSegmentationMatte/1.0/": "depth-map",
}
_DYNAMIC_DEPTH = f"{_GOOGLE}dd/"
_NAMES = {
    (_XAP, "Thumbnails"): "thumbnail",
    ("http://ns.adobe.com/xmp/note/", "HasExtendedXMP"): "extended-xmp",
    ("http://purl.org/dc/terms/", "provenance"): "c2pa",
    ("http://ns.xiaomi.com/photos/1.0/camera/", "XMPMeta"): "depth-map",
}
_VIDEO = re.compile(r"Motion_?Photo|MicroVideo|OLivePhoto|VideoLength")
_PLACES = re.compile(r"GPS\w+|Location\w*")
_PLACE_SPACES = (
    "http://ns.adobe.com/exif/1.0/",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
)
_QUOTED_OR_END = re.compile(rb"\"[^\"]*\"|'[^']*'|>")
_MOST_NAME, _MOST_VALUE = 200, 64_000


@dataclass(slots=True)
class _Element:
    """An element that is open: its place, the namespaces known in it, and its own text."""

    start: int
    spaces: dict[str, str]
    cut: bool
    text: list[str] = field(default_factory=list[str])


def cleaned(
    packet: bytes, *, keep_gps: bool = True, size: Size | None = None
) -> tuple[bytes | None, frozenset[str]]:
    """The packet without pictures, claims and, by choice, places; and what went.

    Codes: thumbnail, original, depth-map, audio, container, gain-map, video, extended-xmp, c2pa,
    text (something coded in a value). None when it is no XMP. `size` becomes the size it names.
    """
    text = xmp.text_of(packet)
    if text is None:
        return None, frozenset()
    search = _Search(text.encode(), keep_gps=keep_gps)
    search.run()
    left = _without(search.packet, search.spans)
    text = xmp.text_of(left)
    if text is None or search.is_broken or pictures.without_coded(text) != text:
        return None, frozenset({*search.lost, "text"})
    return xmp.sized(left, size) if size else left, frozenset(search.lost)


def _without(packet: bytes, spans: list[tuple[int, int]]) -> bytes:
    out, at = bytearray(), 0
    for start, end in sorted(spans):
        out += packet[at : max(at, start)]
        at = max(at, end)
    return bytes(out + packet[at:])


class _Search:
    """Looks a packet through for what goes: `spans` in bytes, and `lost`, the reasons."""

    def __init__(self, packet: bytes, *, keep_gps: bool) -> None:
        self.packet, self.keep_gps = packet, keep_gps
        self.spans: list[tuple[int, int]] = []
        self.lost: set[str] = set()
        self.is_broken = False
        self._open: list[_Element] = []
        self._parser = expat.ParserCreate()
        self._parser.ordered_attributes = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = lambda words: self._open[-1].text.append(words)
        self._parser.CommentHandler = self._comment
        self._parser.ProcessingInstructionHandler = self._instruction

    def run(self) -> None:
        """Fill `spans` and `lost`."""
        try:
            self._parser.Parse(self.packet, True)
        except (expat.ExpatError, ValueError):
            self.is_broken = True

    def _start(self, name: str, attributes: list[str]) -> None:
        pairs = list(zip(attributes[::2], attributes[1::2]))
        spaces = dict(self._open[-1].spaces) if self._open else {}
        spaces |= {key[6:]: value for key, value in pairs if key.startswith("xmlns")}
        names = (each for pair in pairs if pair[0].startswith("xmlns") for each in pair)
        self.is_broken = self.is_broken or any(len(each) > _MOST_NAME for each in names)
        why = self._reason(name, "", spaces)
        element = _Element(self._parser.CurrentByteIndex, spaces, why is not None)
        self._open.append(element)
        if why is None:
            self._cut_attributes(element, pairs)

    def _end(self, name: str) -> None:
        element = self._open.pop()
        is_plain = _is_plain("".join(element.text))
        if not is_plain:
            self.lost.add("text")
        if element.cut or not is_plain:
            end = _end_of(self.packet, element.start)
            if self.packet[end - 2 : end] != b"/>":
                end = _end_of(self.packet, self._parser.CurrentByteIndex)
            self.spans.append((element.start, end))

    def _comment(self, _: str) -> None:
        start = self._parser.CurrentByteIndex
        self.spans.append((start, self.packet.index(b"-->", start) + 3))

    def _instruction(self, target: str, content: str) -> None:
        start = self._parser.CurrentByteIndex
        if target != "xpacket" or len(content) > _MOST_NAME:
            self.spans.append((start, self.packet.index(b"?>", start) + 2))

    def _cut_attributes(self, element: _Element, pairs: list[tuple[str, str]]) -> None:
        tag = self.packet[element.start : _end_of(self.packet, element.start)]
        for name, value in pairs:
            if name.startswith("xmlns"):
                goes = _known(value, "") is not None  # nothing of it is left
            else:
                goes = self._reason(name, value, element.spaces) is not None
            if goes:
                self.spans.extend(
                    (element.start + start, element.start + end)
                    for start, end in _attribute_spans(tag, name)
                )

    def _reason(self, name: str, value: str, spaces: dict[str, str]) -> str | None:
        """Why a property goes; "" for a place that goes by choice; None when it stays."""
        prefix, _, local = name.rpartition(":")
        space = spaces.get(prefix, "")
        if not self.keep_gps and _is_place(space, local):
            return ""
        why = _known(space, local)
        if why is None and (len(name) > _MOST_NAME or not _is_plain(value)):
            why = "text"
        self.lost |= {why} if why else set()
        return why


def _known(space: str, local: str) -> str | None:
    """What a property stands for that is left out of every export."""
    if space.startswith(_DYNAMIC_DEPTH):
        return "depth-map"
    return (
        _SPACES.get(space)
        or _NAMES.get((space, local))
        or ("video" if _VIDEO.search(local) else None)
    )


def _end_of(packet: bytes, at: int) -> int:
    """Behind the tag that begins here."""
    for found in _QUOTED_OR_END.finditer(packet, at):
        if found[0] == b">":
            return found.end()
    return len(packet)


def _attribute_spans(tag: bytes, name: str) -> Iterator[tuple[int, int]]:
    pattern = rb"\s+" + re.escape(name.encode()) + rb"\s*=\s*(?:\"[^\"]*\"|'[^']*')"
    for found in re.finditer(pattern, tag):
        yield found.span()


def _is_place(space: str, local: str) -> bool:
    return local.startswith("GPS") or (space in _PLACE_SPACES and bool(_PLACES.fullmatch(local)))


def _is_plain(value: str) -> bool:
    if len(value) <= 64:
        return True
    fits = len(value) <= _MOST_VALUE
    return fits and pictures.is_text(value) and pictures.without_coded(value) == value
